-- The owner needs the conversation for another lease.
-- KEYS record due  ARGV id owner fence lease_ms
-- → OK | FENCED
if not holds(KEYS[1], ARGV[2], ARGV[3]) then
  return 'FENCED'
end
extend(KEYS[1], KEYS[2], ARGV[1], clock() + tonumber(ARGV[4]))
return 'OK'

-- The owner lets go without having finished; the conversation comes up again after `delay_ms`.
-- With `hold` 1 nothing is sent to the chat before that either.
-- With `failed` 0 the letting go was wished for, and does not count as a try.
-- KEYS record inbox outbox due  ARGV id owner fence delay_ms hold(0/1) failed(0/1)
-- → OK | FENCED
if not holds(KEYS[1], ARGV[2], ARGV[3]) then
  return 'FENCED'
end
local again = clock() + tonumber(ARGV[4])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'nb', again, 'fl', 0)
end
if ARGV[6] == '0' then
  redis.call('HSET', KEYS[1], 'tr', 0)
end
settle(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], again)
return 'OK'

-- A message has left. Pops exactly that one; a repeat finds it gone and changes nothing.
-- KEYS record inbox outbox due  ARGV id owner fence sequence lease_ms release(0/1) prompt pace_ms burst
-- → {OK, wait_ms, events} | {RELEASED} | {FENCED}
local now = clock()
if not holds(KEYS[1], ARGV[2], ARGV[3]) then
  return { 'FENCED' }
end
local head = redis.call('LINDEX', KEYS[3], 0)
if head and string.match(head, '^%d+') == ARGV[4] then
  redis.call('LPOP', KEYS[3])
  if ARGV[7] ~= '' then
    redis.call('HSET', KEYS[1], 'pm', ARGV[7])
  end
  redis.call('HSET', KEYS[1], 'tr', 0, 'dd', 0)
end
local wait = mark_next(KEYS[1], KEYS[3], now, tonumber(ARGV[8]), tonumber(ARGV[9]))
local events = redis.call('LRANGE', KEYS[2], 0, 15)
if ARGV[6] == '1' and wait < 0 and #events == 0 then
  settle(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], now)
  return { 'RELEASED' }
end
extend(KEYS[1], KEYS[4], ARGV[1], now + tonumber(ARGV[5]))
return { 'OK', wait, events }

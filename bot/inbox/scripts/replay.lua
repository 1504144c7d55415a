-- A dead letter goes back to where it came from, at the end of what waits there, and is a letter no more: once.
-- KEYS dead seen record inbox outbox due  ARGV id digest letter
-- → REPLAYED | AGAIN (it was replayed before) | GONE | KEPT (a kind that cannot be put back)
local now = clock()
local rows = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])
if #rows == 0 then
  return redis.call('ZSCORE', KEYS[2], ARGV[2]) and 'AGAIN' or 'GONE'
end
local letter = {}
for i = 1, #rows[1][2], 2 do
  letter[rows[1][2][i]] = rows[1][2][i + 1]
end
if letter['kind'] == 'event' then
  redis.call('RPUSH', KEYS[4], letter['body'])
elseif letter['kind'] == 'message' then
  local sequence = redis.call('HINCRBY', KEYS[3], 'os', 1)
  redis.call('RPUSH', KEYS[5], string.format('%d %s', sequence, letter['body']))
else
  return 'KEPT'
end
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], now, ARGV[2])
if tonumber(redis.call('HGET', KEYS[3], 'lu') or '0') <= now then
  redis.call('ZADD', KEYS[6], now, ARGV[1])
end
return 'REPLAYED'

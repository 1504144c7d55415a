-- An event arrives. Safe to repeat: the digest makes it once.
-- KEYS seen record inbox due ready  ARGV id digest event cap hint(0/1)
-- → NEW | DUP | FULL
local KEEP_MS, FLOOR, TRIM = 9 * 86400000, 5000, 8
local GRACE_MS = 500 -- how long the one who was told directly has before sweepers look
local now = clock()
if redis.call('ZSCORE', KEYS[1], ARGV[2]) then
  return 'DUP'
end
if redis.call('LLEN', KEYS[3]) >= tonumber(ARGV[4]) then
  return 'FULL'
end
redis.call('RPUSH', KEYS[3], ARGV[3])
redis.call('ZADD', KEYS[1], now, ARGV[2])
if redis.call('ZCARD', KEYS[1]) > FLOOR then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, TRIM - 1, 'WITHSCORES')
  for i = 1, #oldest, 2 do
    if tonumber(oldest[i + 1]) < now - KEEP_MS then
      redis.call('ZREM', KEYS[1], oldest[i])
    end
  end
end
if tonumber(redis.call('HGET', KEYS[2], 'lu') or '0') <= now then
  redis.call('ZADD', KEYS[4], now + GRACE_MS, ARGV[1])
  if ARGV[5] == '1' then
    redis.call('RPUSH', KEYS[5], ARGV[1])
  end
end
return 'NEW'

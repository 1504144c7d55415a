-- What has come due in one partition. Entries stay in `due` (a claim moves them), pushed back a second so that not
-- every sweeper offers them at once.
-- KEYS due clock timers timer_events  ARGV lease_ms most
-- → {conversation ids, {timer, due_ms, "<conversation id> <event>", …}}
local GAP_MS, BACK_MS, AGAIN_MS = 2500, 500, 1000
local now = clock()
local last = tonumber(redis.call('HGET', KEYS[2], 'last') or '0')
if last > 0 and (now - last > GAP_MS or last - now > BACK_MS) then
  -- The clock jumped, or everything stood still: owners may be alive though their leases look over.
  redis.call('HSET', KEYS[2], 'hold', now + tonumber(ARGV[1]))
end
redis.call('HSET', KEYS[2], 'last', now)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))
for _, id in ipairs(due) do
  redis.call('ZADD', KEYS[1], now + AGAIN_MS, id)
end
local timers = {}
local fired = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[2]))
for i = 1, #fired, 2 do
  timers[#timers + 1] = fired[i]
  timers[#timers + 1] = fired[i + 1]
  timers[#timers + 1] = redis.call('HGET', KEYS[4], fired[i]) or ''
end
return { due, timers }

-- One step of a conversation, whole or not at all. The same commit id again gets the same answer.
-- KEYS record inbox outbox due timers timer_events dead
-- ARGV id owner fence version commit lease_ms eaten session intent_mode(keep/set) intent look_after_ms release(0/1)
--      pace_ms burst dead_reason n_messages message… n_timers (timer due_ms event)… n_cancelled timer…
-- → {OK, version, first_sequence, wait_ms, events} | {RELEASED, version, first_sequence} | {FENCED}
-- dead_reason: why the eaten events are dead letters, a space, and the class of the error; empty: they are done.
-- wait_ms: how long to wait before sending the head of the outbox, -1 when nothing is to be sent.
local now = clock()
local id, lease_ms, eaten, count = ARGV[1], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[16])
local h = redis.call('HMGET', KEYS[1], 'own', 'fn', 'v', 'lc', 'os')
local version, sequence = tonumber(h[3] or '0'), tonumber(h[5] or '0')
local done = h[4] == ARGV[5]
if not done and (h[1] ~= ARGV[2] or h[2] ~= ARGV[3] or version ~= tonumber(ARGV[4])) then
  return { 'FENCED' }
end
if done and h[1] ~= ARGV[2] then
  return { 'RELEASED', version, sequence - count + 1 }
end
if not done then
  if ARGV[15] ~= '' then
    local reason, failed_with = string.match(ARGV[15], '^(%S+) ?(.*)$')
    for _, event in ipairs(redis.call('LRANGE', KEYS[2], 0, eaten - 1)) do
      redis.call('XADD', KEYS[7], 'MAXLEN', '~', 10000, '*',
        'conversation', id, 'kind', 'event', 'reason', reason, 'error', failed_with, 'body', event)
    end
  end
  if eaten > 0 then
    redis.call('LTRIM', KEYS[2], eaten, -1)
  end
  version = version + 1
  redis.call('HSET', KEYS[1], 'v', version, 'lc', ARGV[5], 'tr', 0, 'dd', 0)
  if ARGV[8] ~= '' then
    redis.call('HSET', KEYS[1], 's', ARGV[8])
  end
  if ARGV[9] == 'set' then
    redis.call('HSET', KEYS[1], 'i', ARGV[10], 'ia', now + tonumber(ARGV[11]))
  end
  local at = 17
  for i = 1, count do
    redis.call('RPUSH', KEYS[3], string.format('%d %s', sequence + i, ARGV[at]))
    at = at + 1
  end
  sequence = sequence + count
  redis.call('HSET', KEYS[1], 'os', sequence)
  local timers = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, timers do
    redis.call('ZADD', KEYS[5], tonumber(ARGV[at + 1]), ARGV[at])
    redis.call('HSET', KEYS[6], ARGV[at], id .. ' ' .. ARGV[at + 2])
    at = at + 3
  end
  local cancelled = tonumber(ARGV[at])
  for i = 1, cancelled do
    redis.call('ZREM', KEYS[5], ARGV[at + i])
    redis.call('HDEL', KEYS[6], ARGV[at + i])
  end
end
local wait = -1
if done then
  wait = redis.call('LLEN', KEYS[3]) > 0 and 0 or -1
else
  wait = mark_next(KEYS[1], KEYS[3], now, tonumber(ARGV[13]), tonumber(ARGV[14]))
end
local events = redis.call('LRANGE', KEYS[2], 0, 15)
if ARGV[12] == '1' and wait < 0 and #events == 0 then
  settle(KEYS[1], KEYS[2], KEYS[3], KEYS[4], id, now)
  return { 'RELEASED', version, sequence - count + 1 }
end
extend(KEYS[1], KEYS[4], id, now + lease_ms)
return { 'OK', version, sequence - count + 1, wait, events }

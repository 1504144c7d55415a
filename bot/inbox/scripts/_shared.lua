-- Prepended to every script. A script reads and checks everything first and writes last: Lua has no rollback.
local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Whether `owner` with `fence` holds the conversation.
local function holds(record, owner, fence)
  local h = redis.call('HMGET', record, 'own', 'fn')
  return h[1] == owner and h[2] == fence
end

-- Let go: whoever is interested finds the conversation in `due` again, if anything waits.
local function settle(record, inbox, outbox, due, id, now)
  local h = redis.call('HMGET', record, 'nb', 'i', 'ia')
  redis.call('HSET', record, 'own', '', 'lu', 0)
  if redis.call('LLEN', inbox) > 0 or redis.call('LLEN', outbox) > 0 then
    redis.call('ZADD', due, math.max(now, tonumber(h[1] or '0')), id)
  elseif h[2] and h[2] ~= '' then
    redis.call('ZADD', due, tonumber(h[3] or '0'), id)
  else
    redis.call('ZREM', due, id)
  end
end

local function extend(record, due, id, until_ms)
  redis.call('HSET', record, 'lu', until_ms)
  redis.call('ZADD', due, until_ms, id)
end

-- Mark the head of the outbox as being sent and reserve its place in the chat's pace (GCRA).
-- Returns how many milliseconds to wait before sending; -1 when nothing waits.
local function mark_next(record, outbox, now, interval, burst)
  local head = redis.call('LINDEX', outbox, 0)
  if not head then
    redis.call('HSET', record, 'fl', 0)
    return -1
  end
  local tat = math.max(tonumber(redis.call('HGET', record, 'pt') or '0'), now)
  local wait = math.max(0, tat - now - (burst - 1) * interval)
  redis.call('HSET', record, 'fl', string.match(head, '^%d+'), 'pt', tat + interval)
  return wait
end

-- A worker takes a conversation for one lease. The same nonce again gets the same answer.
-- KEYS record inbox outbox due clock  ARGV id owner lease_ms most
-- → {OK, fence, version, session, intent, intent_due, tries, prompt, events, messages, error, unread_ms, deaths}
--   | {BUSY} | {IDLE} | {WAIT, ms}
-- intent_due: 1 when the intent is to be looked at now. error: what the last failed try failed with.
-- unread_ms: for how long workers have let go because only a newer version can read on.
local now = clock()
local h = redis.call('HMGET', KEYS[1], 'own', 'lu', 'fn', 'v', 's', 'i', 'ia', 'nb', 'tr', 'pm', 'er', 'tn', 'dd')
local owner, lease, fence = h[1] or '', tonumber(h[2] or '0'), tonumber(h[3] or '0')
local intent, look_at = h[6] or '', tonumber(h[7] or '0')
local tries, deaths = tonumber(h[9] or '0'), tonumber(h[13] or '0')
if owner ~= ARGV[2] then
  if owner ~= '' and (lease > now or tonumber(redis.call('HGET', KEYS[5], 'hold') or '0') > now) then
    return { 'BUSY' }
  end
  local events, messages = redis.call('LLEN', KEYS[2]), redis.call('LLEN', KEYS[3])
  if events == 0 and messages == 0 and intent == '' then
    if owner ~= '' then
      redis.call('HSET', KEYS[1], 'own', '', 'lu', 0)
    end
    redis.call('ZREM', KEYS[4], ARGV[1])
    return { 'IDLE' }
  end
  local not_before = tonumber(h[8] or '0')
  if events == 0 and messages == 0 then
    not_before = look_at
  end
  if not_before > now then
    redis.call('HSET', KEYS[1], 'own', '', 'lu', 0)
    redis.call('ZADD', KEYS[4], not_before, ARGV[1])
    return { 'WAIT', not_before - now }
  end
  if owner ~= '' then
    tries, deaths = math.max(0, tries - 1), deaths + 1 -- nothing failed there: whoever held it is gone
  end
  fence, tries = fence + 1, tries + 1
  redis.call('HSET', KEYS[1], 'own', ARGV[2], 'fn', fence, 'tr', tries, 'dd', deaths)
end
local failed_with, unread = '', 0
if tries > 1 then
  failed_with = h[11] or ''
end
local unread_version, unread_since = string.match(h[12] or '', '^(%d+) (%d+)$')
if unread_version == (h[4] or '0') then
  unread = now - tonumber(unread_since)
end
extend(KEYS[1], KEYS[4], ARGV[1], now + tonumber(ARGV[3]))
local most = tonumber(ARGV[4]) - 1
return {
  'OK', fence, tonumber(h[4] or '0'), h[5] or '', intent, (intent ~= '' and look_at <= now) and 1 or 0, tries, h[10] or '',
  redis.call('LRANGE', KEYS[2], 0, most), redis.call('LRANGE', KEYS[3], 0, most), failed_with, unread, deaths,
}

-- The owner lets go without having finished; the conversation comes up again after `delay_ms`.
-- With `hold` 1 nothing is sent to the chat before that either.
-- With `failed` 0 the letting go was wished for, and does not count as a try; with 1, `error` says what went wrong.
-- With `too_new` 1 only a newer worker can read on: since when is kept until the next commit.
-- KEYS record inbox outbox due  ARGV id owner fence delay_ms hold(0/1) failed(0/1) error too_new(0/1)
-- → OK | FENCED
if not holds(KEYS[1], ARGV[2], ARGV[3]) then
  return 'FENCED'
end
local again = clock() + tonumber(ARGV[4])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[1], 'nb', again, 'fl', 0)
end
if ARGV[6] == '0' then
  redis.call('HSET', KEYS[1], 'tr', 0, 'dd', 0)
else
  redis.call('HSET', KEYS[1], 'er', ARGV[7])
end
if ARGV[8] == '1' then
  local h = redis.call('HMGET', KEYS[1], 'v', 'tn')
  local version = h[1] or '0'
  if string.match(h[2] or '', '^%d+') ~= version then
    redis.call('HSET', KEYS[1], 'tn', version .. ' ' .. clock())
  end
end
settle(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], again)
return 'OK'

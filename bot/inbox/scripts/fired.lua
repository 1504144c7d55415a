-- A timer's event is in its inbox: forget the timer, unless it was set anew meanwhile.
-- KEYS timers timer_events  ARGV timer due_ms
-- → OK
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return 'OK'

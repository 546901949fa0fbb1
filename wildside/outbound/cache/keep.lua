-- Remembers an answer for some seconds, unless one is pinned: that one has no end.
-- KEYS: the answer
-- ARGV: the route, for how many seconds
if redis.call('TTL', KEYS[1]) == -1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1

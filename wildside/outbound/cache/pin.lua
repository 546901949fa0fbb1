-- Makes this route the answer, without an end.
-- KEYS: the answer
-- ARGV: the route
redis.call('SET', KEYS[1], ARGV[1])
return 1

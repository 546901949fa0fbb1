-- Lets the answer end in its time if it is (still) the route that was pinned.
-- KEYS: the answer
-- ARGV: the route, in how many seconds it ends
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[1], ARGV[2])

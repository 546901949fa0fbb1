-- Counts one more in a window of a minute that begins with its first: {allowed, taken, ms until it ends}.
-- KEYS: the window
-- ARGV: limit, the window's length in ms
local taken = tonumber(redis.call('GET', KEYS[1]) or 0)
if taken >= tonumber(ARGV[1]) then return { 0, taken, redis.call('PTTL', KEYS[1]) } end
taken = redis.call('INCR', KEYS[1])
if taken == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return { 1, taken, redis.call('PTTL', KEYS[1]) }

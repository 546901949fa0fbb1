-- Whether a key's job waits or runs; a record whose entry is lost is forgotten.
-- KEYS: the key's record
local at = redis.call('HGET', KEYS[1], 'at')
if not at then return 0 end
if at == 'later' then return 1 end
local place, entry = string.match(at, '^(.*) (%S+)$')
if redis.call('XRANGE', place, entry, entry)[1] then return 1 end
redis.call('DEL', KEYS[1])
return 0

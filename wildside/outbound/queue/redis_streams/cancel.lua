-- Takes a waiting job away; of a running one it makes a note and tells the workers: "none", "gone" or "told".
-- KEYS: the key's record
-- ARGV: key, prefix, channel
local record, key, prefix = KEYS[1], ARGV[1], ARGV[2]
local at = redis.call('HMGET', record, 'at', 't')
if not at[1] then return 'none' end
if at[1] == 'later' then
  redis.call('ZREM', prefix .. 'later:' .. at[2], key)
  redis.call('DEL', record)
  return 'gone'
end
local place, entry = string.match(at[1], '^(.*) (%S+)$')
local claims = redis.pcall('XPENDING', place, 'g', entry, entry, 1)
if claims[1] then
  redis.call('HDEL', record, 'again', 'again_kind')
  redis.call('HSET', record, 'stop', 1)
  redis.call('PUBLISH', ARGV[3], at[1])
  return 'told'
end
redis.call('XDEL', place, entry)
redis.call('DEL', record)
return 'gone'

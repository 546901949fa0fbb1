-- Puts a job unless its key waits already; one that runs will run once more: "put", "waits", "runs" or "full".
-- KEYS: the key's record, the kind's stream, the kind's delayed jobs
-- ARGV: key, kind, envelope, room, delay in ms, the time's shift in ms, since in ms
local record, stream, later = KEYS[1], KEYS[2], KEYS[3]
local key, kind, envelope, room = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local delay, shift, since = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

local at = redis.call('HGET', record, 'at')
if at == 'later' then return 'waits' end
if at then
  local place, entry = string.match(at, '^(.*) (%S+)$')
  local claims = redis.pcall('XPENDING', place, 'g', entry, entry, 1)
  if claims[1] then
    redis.call('HSET', record, 'again', envelope, 'again_kind', kind)
    return 'runs'
  end
  if redis.call('XRANGE', place, entry, entry)[1] then return 'waits' end
  -- A record without its entry: Redis lost the other half. It counts for nothing.
  redis.call('DEL', record)
end

if delay > 0 then
  if redis.call('ZCARD', later) >= room then return 'full' end
  local now = redis.call('TIME')
  local due = now[1] * 1000 + math.floor(now[2] / 1000) + shift + delay
  redis.call('ZADD', later, due, key)
  redis.call('HSET', record, 'at', 'later', 't', kind, 'a', 1, 'b', envelope, 'h', '', 's', since)
  return 'put'
end

-- Entries that run are in the stream too: they are looked for only where they make a difference.
if redis.call('XLEN', stream) >= room then
  local claims = redis.pcall('XPENDING', stream, 'g')
  if redis.call('XLEN', stream) - (tonumber(claims[1]) or 0) >= room then return 'full' end
end
local entry = redis.call('XADD', stream, '*', 'k', key, 't', kind, 'a', 1, 'b', envelope, 'h', '', 's', since)
redis.call('HSET', record, 'at', stream .. ' ' .. entry)
return 'put'

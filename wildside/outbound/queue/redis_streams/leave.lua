-- Said by a worker that stops in order: what it still holds goes back as it was, and its name is forgotten.
-- KEYS: workers by the end of their lease, then the streams
-- ARGV: worker, prefix
local worker, prefix = ARGV[1], ARGV[2]
for i = 2, #KEYS do
  local claims = redis.pcall('XPENDING', KEYS[i], 'g', '-', '+', 1000, worker)
  for _, claim in ipairs(claims.err and {} or claims) do
    local found = redis.call('XRANGE', KEYS[i], claim[1], claim[1])[1]
    redis.call('XACK', KEYS[i], 'g', claim[1])
    redis.call('XDEL', KEYS[i], claim[1])
    if found then
      local new = redis.call('XADD', KEYS[i], '*', unpack(found[2]))
      redis.call('HSET', prefix .. 'job:' .. found[2][2], 'at', KEYS[i] .. ' ' .. new)
    end
  end
  redis.pcall('XGROUP', 'DELCONSUMER', KEYS[i], 'g', worker)
end
redis.call('ZREM', KEYS[1], worker)
return 1

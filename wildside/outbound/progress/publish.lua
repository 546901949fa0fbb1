-- Tells walkers something: each word goes into its walker's recent news and to whoever listens just now.
-- KEYS: the walker's recent news, one for each word
-- ARGV: how many are kept for a walker, for how many seconds, then the words
-- An id is the clock's microseconds, raised where two words or a clock that jumped back would make them equal.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
for i, recent in ipairs(KEYS) do
  local last = redis.call('XREVRANGE', recent, '+', '-', 'COUNT', 1)[1]
  local id = now
  if last then id = math.max(now, tonumber(string.match(last[1], '^%d+')) + 1) end
  local text = string.format('%.0f', id)
  redis.call('XADD', recent, 'MAXLEN', ARGV[1], text .. '-0', 'w', ARGV[2 + i])
  redis.call('EXPIRE', recent, ARGV[2])
  redis.call('PUBLISH', recent, text .. ' ' .. ARGV[2 + i])
end
return #KEYS

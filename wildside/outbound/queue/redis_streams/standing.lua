-- How much there is to do: for each stream waiting, delayed, running, and since when (ms) the oldest waits ('': none).
-- KEYS: the streams
-- ARGV: prefix
local standing = {}
for i, stream in ipairs(KEYS) do
  local last, running = '0-0', 0
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if not groups.err and groups[1] then
    for j = 1, #groups[1], 2 do
      if groups[1][j] == 'last-delivered-id' then last = groups[1][j + 1] end
      if groups[1][j] == 'pending' then running = groups[1][j + 1] end
    end
  end
  local oldest = redis.call('XRANGE', stream, '(' .. last, '+', 'COUNT', 1)[1]
  local delayed = redis.call('ZCARD', ARGV[1] .. 'later:' .. string.sub(stream, #ARGV[1] + 1))
  standing[i] = { redis.call('XLEN', stream) - running, delayed, running, oldest and oldest[2][12] or '' }
end
return standing

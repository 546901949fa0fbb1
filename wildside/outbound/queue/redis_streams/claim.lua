-- Claims up to so many jobs for a worker, from the best stream first: {stream's number, entry, fields} each.
-- KEYS: the streams, best first
-- ARGV: worker, count, for each stream how many of it may run at once anywhere (-1: any number)
local worker, left = ARGV[1], tonumber(ARGV[2])
local claimed = {}
for number, stream in ipairs(KEYS) do
  local most, take = tonumber(ARGV[2 + number]), left
  if most >= 0 then
    take = math.min(take, most - redis.call('XPENDING', stream, 'g')[1])
  end
  if take > 0 then
    local found = redis.call('XREADGROUP', 'GROUP', 'g', worker, 'COUNT', take, 'STREAMS', stream, '>')
    for _, entry in ipairs(found and found[1][2] or {}) do
      claimed[#claimed + 1] = { number, entry[1], entry[2] }
      left = left - 1
    end
  end
  if left == 0 then break end
end
return claimed

-- Forgets a job that is done, if it is still the worker's; puts it anew where somebody asked for it meanwhile.
-- KEYS: the stream it was claimed from, the key's record
-- ARGV: worker, entry, key, prefix of streams, since in ms for a new one
local stream, record, worker, entry = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
-- XACK alone would let a worker that was thought dead finish what another one runs now.
local claim = redis.call('XPENDING', stream, 'g', entry, entry, 1)[1]
if not claim or claim[2] ~= worker then return 0 end
redis.call('XACK', stream, 'g', entry)
redis.call('XDEL', stream, entry)
local again = redis.call('HMGET', record, 'again', 'again_kind')
redis.call('DEL', record)
if again[1] then
  local place = ARGV[4] .. again[2]
  local new = redis.call('XADD', place, '*', 'k', ARGV[3], 't', again[2], 'a', 1, 'b', again[1], 'h', '', 's', ARGV[5])
  redis.call('HSET', record, 'at', place .. ' ' .. new)
end
return 1

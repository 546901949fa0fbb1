-- Takes a claimed job out of its worker's hands: to be tried again ("retry"), as it was ("back") or never ("bury").
-- KEYS: the stream it was claimed from, the key's record, dead letters by age, the letter
-- ARGV: verb, worker, entry, key, prefix, the time's shift in ms, since in ms, delay in ms, line of history,
--       letter's name, most letters
local stream, record, letters, letter = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local verb, worker, entry, key, prefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local shift, since, delay, line = tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8]), ARGV[9]

local claim = redis.call('XPENDING', stream, 'g', entry, entry, 1)[1]
if not claim or claim[2] ~= worker then return 0 end
local found = redis.call('XRANGE', stream, entry, entry)[1]
redis.call('XACK', stream, 'g', entry)
redis.call('XDEL', stream, entry)
local notes = redis.call('HMGET', record, 'again', 'again_kind', 'stop')
redis.call('DEL', record)
if not found then return 0 end

local fields = {}
for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end

local function add(kind, attempt, envelope, history, waits_since)
  local place = prefix .. kind
  local new = redis.call('XADD', place, '*', 'k', key, 't', kind, 'a', attempt, 'b', envelope, 'h', history, 's', waits_since)
  redis.call('HSET', record, 'at', place .. ' ' .. new)
end

if verb == 'bury' then
  redis.call('HSET', letter, 'k', key, 't', fields.t, 'a', fields.a, 'b', fields.b, 'h', fields.h .. line, 's', since)
  redis.call('ZADD', letters, since, ARGV[10])
  while redis.call('ZCARD', letters) > tonumber(ARGV[11]) do
    redis.call('DEL', prefix .. 'letter:' .. redis.call('ZPOPMIN', letters)[1])
  end
elseif verb == 'back' and not notes[3] then
  add(fields.t, fields.a, fields.b, fields.h, fields.s)
  if notes[1] then redis.call('HSET', record, 'again', notes[1], 'again_kind', notes[2]) end
  return 1
elseif not notes[3] then
  -- Whoever asked meanwhile is served by the next attempt: it looks at who waits when it begins.
  if delay > 0 then
    local now = redis.call('TIME')
    local due = now[1] * 1000 + math.floor(now[2] / 1000) + shift + delay
    redis.call('ZADD', prefix .. 'later:' .. fields.t, due, key)
    redis.call('HSET', record, 'at', 'later', 't', fields.t, 'a', fields.a + 1, 'b', fields.b, 'h', fields.h .. line, 's', since)
  else
    add(fields.t, fields.a + 1, fields.b, fields.h .. line, since)
  end
  return 1
end
-- Buried or cancelled, and then somebody else asked for the same.
if notes[1] then add(notes[2], 1, notes[1], '', since) end
return 1

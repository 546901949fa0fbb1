-- Done by every worker now and then: its lease, what is due, what has waited long, what the dead have left behind.
-- KEYS: workers by the end of their lease, then the streams, best first
-- ARGV: worker, lease in ms, the time's shift in ms, prefix, line of history for the dead, number of streams,
--       for each stream after how many ms its jobs move up (-1: never), then place (stream and entry) and key of each job in hand
-- Returns the places in hand that are to be stopped.
local workers, streams = KEYS[1], {}
for i = 2, #KEYS do streams[i - 1] = KEYS[i] end
local worker, lease, shift, prefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local MOST_AT_ONCE = 100

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + shift

local function fields_of(entry)
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  return fields
end

local function add(place, fields, attempt, history, since)
  local record = prefix .. 'job:' .. fields.k
  local new = redis.call('XADD', place, '*', 'k', fields.k, 't', fields.t, 'a', attempt, 'b', fields.b, 'h', history, 's', since)
  redis.call('HSET', record, 'at', place .. ' ' .. new)
end

for _, stream in ipairs(streams) do
  -- From 0: with $ the group would never see what was put before its first worker came.
  redis.pcall('XGROUP', 'CREATE', stream, 'g', '0', 'MKSTREAM')
end

-- A clock that was set back would keep what is due, and the leases of the dead, waiting for as long.
local last = tonumber(redis.call('GET', prefix .. 'clock') or now)
if now < last then
  local timetables = { workers }
  for _, stream in ipairs(streams) do
    timetables[#timetables + 1] = prefix .. 'later:' .. string.sub(stream, #prefix + 1)
  end
  for _, timetable in ipairs(timetables) do
    local rows = redis.call('ZRANGE', timetable, 0, -1, 'WITHSCORES')
    for i = 1, #rows, 2 do redis.call('ZINCRBY', timetable, now - last, rows[i]) end
  end
end
redis.call('SET', prefix .. 'clock', string.format('%.0f', now))
redis.call('ZADD', workers, now + lease, worker)

-- What is due.
for _, stream in ipairs(streams) do
  local kind = string.sub(stream, #prefix + 1)
  local later = prefix .. 'later:' .. kind
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now, 'LIMIT', 0, MOST_AT_ONCE)) do
    local due = redis.call('ZSCORE', later, key)
    redis.call('ZREM', later, key)
    local record = prefix .. 'job:' .. key
    local found = redis.call('HMGET', record, 't', 'a', 'b', 'h')
    if found[1] then
      redis.call('DEL', record)
      add(prefix .. found[1], { k = key, t = found[1], b = found[3] }, found[2], found[4], due)
    end
  end
end

-- What has waited long moves to the end of the next better stream.
for i = 2, #streams do
  local age = tonumber(ARGV[6 + i])
  local group = redis.call('XINFO', 'GROUPS', streams[i])[1]
  local last = '0-0'
  for j = 1, #group, 2 do if group[j] == 'last-delivered-id' then last = group[j + 1] end end
  for _, entry in ipairs(redis.call('XRANGE', streams[i], '(' .. last, '+', 'COUNT', MOST_AT_ONCE)) do
    local fields = fields_of(entry)
    local since = tonumber(fields.s) + age
    if age < 0 or since > now then break end
    redis.call('XDEL', streams[i], entry[1])
    add(streams[i - 1], fields, fields.a, fields.h, since)
  end
end

-- What the dead have left behind: a worker without a lease is dead, whether it ever had one or not.
for _, stream in ipairs(streams) do
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', stream, 'g')) do
    local name, pending = info[2], info[4]
    local until_ms = tonumber(redis.call('ZSCORE', workers, name) or 0)
    if until_ms <= now then
      local left = redis.call('XPENDING', stream, 'g', '-', '+', MOST_AT_ONCE, name)
      for _, claim in ipairs(left) do
        local found = redis.call('XRANGE', stream, claim[1], claim[1])[1]
        redis.call('XACK', stream, 'g', claim[1])
        redis.call('XDEL', stream, claim[1])
        if found then
          local fields = fields_of(found)
          local record = prefix .. 'job:' .. fields.k
          local notes = redis.call('HMGET', record, 'stop', 'again', 'again_kind')
          redis.call('DEL', record)
          if not notes[1] then
            local line = string.gsub(string.gsub(ARGV[5], '<attempt>', fields.a), '<worker>', name)
            add(stream, fields, fields.a + 1, fields.h .. string.gsub(line, '<at>', string.format('%.0f', now)), fields.s)
          elseif notes[2] then
            add(prefix .. notes[3], { k = fields.k, t = notes[3], b = notes[2] }, 1, '', now)
          end
        end
      end
      -- Deleting a consumer discards what it holds: only an empty one may go.
      if pending <= #left then redis.call('XGROUP', 'DELCONSUMER', stream, 'g', name) end
    end
  end
end
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now - 60 * lease)

-- What I hold and should not go on with.
local stops = {}
for i = 7 + #streams, #ARGV, 2 do
  local at, key = ARGV[i], ARGV[i + 1]
  local notes = redis.call('HMGET', prefix .. 'job:' .. key, 'at', 'stop')
  if notes[2] or notes[1] ~= at then
    stops[#stops + 1] = at
  end
end
return stops

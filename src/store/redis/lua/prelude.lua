-- Shared head of every script: names, the showtime's epoch, what is true of a seat, and the one way to change it.
--
-- KEYS[1..9]  meta, map, locks, deadlines, holders, bookings, blocks, ledger, log (see keys.rs)
-- KEYS[10..]  seat_lock keys of the seats that the script is about, each seat once; in a cluster at last a key that is never
--             there, so that no script begins while the showtime moves to another server (see keys.rs)
-- PUBLISH     in a cluster SPUBLISH, otherwise PUBLISH (see keys.rs)
-- ARGV[1]     channel of the showtime's diffs
-- ARGV[2]     the epoch that the caller believes in; "" accepts any
-- ARGV[3]     the seats' indexes, separated by commas, in the order of KEYS[10..]
-- ARGV[4]     the instant up to which the script may begin, in ms of this server's clock; "" for any time
-- ARGV[5..]   the script's own arguments
--
-- Time is this server's own: TIME is read once. Every reply begins with a word: "ok", "refused", "gone" (no such showtime),
-- "epoch" (the caller believes in another), "late" and the clock (it came too late to begin), and after "ok" and "refused" come epoch, seq and now.
--
-- The invariant that `settle` keeps: before a script decides about a seat, what was announced of it (map, locks) equals what
-- is true of it (the lock key, unless the seat is occupied or blocked). What differs is announced first, as a change of its own.

local META, MAP, LOCKS, DEADLINES, HOLDERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local BOOKINGS, BLOCKS, LEDGER, LOG = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local CHANNEL = ARGV[1]
local FIRST_SEAT_KEY = 10
local LOG_LENGTH = 1000
local NO_DEADLINE = -1
-- The latest deadline that is announced (the year 5138): cjson writes no more digits. Whoever gives EXAT milliseconds ends here.
local LAST_DEADLINE = 99999999999999
local WRITE_BATCH = 1000
-- Between holder and seat in `holders`, whose members sort by it; no holder that the API accepts has it.
local HOLDER_END = '\0'

local clock = redis.call('TIME')
local NOW = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local epoch

local function publish(text)
  redis.call(PUBLISH, CHANNEL, text)
end

-- Opens the showtime: nil when all is well, otherwise the reply to give. A restarted or promoted server may have lost the
-- newest changes, so its sequence numbers say something else: it begins a new epoch. Every server calls its history by
-- another replication id, which the new epoch is derived from, so that it is the same whichever script comes first. A script
-- that only reads leaves the writing of it to the next one that writes.
local function open(reads)
  if ARGV[4] ~= '' and NOW > tonumber(ARGV[4]) then return { 'late', NOW } end
  local meta = redis.call('HMGET', META, 'epoch', 'run')
  if not meta[1] then return { 'gone' } end
  epoch = meta[1]
  local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  if run ~= meta[2] then
    epoch = string.sub(redis.sha1hex(epoch .. run), 1, 12)
    if not reads then
      redis.call('HSET', META, 'epoch', epoch, 'run', run)
      publish(cjson.encode({ v = 1, e = epoch, reset = true }))
    end
  end
  if ARGV[2] ~= '' and ARGV[2] ~= epoch then return { 'epoch', epoch } end
  return nil
end

-- Where the showtime stands, as a caller saw it who read it; after `open`.
local function position()
  return epoch .. '-' .. redis.call('HGET', META, 'seq')
end

local function reply(word, ...)
  return { word, epoch, redis.call('HGET', META, 'seq'), NOW, ... }
end

-- A lock's value is the holder, and after the last `|` the lock's id.
local function holder_of(value)
  return string.match(value, '^(.*)|[^|]*$') or value
end

-- Calls `command key ...` with the arguments in batches that the Lua stack can carry; batches hold whole tuples.
local function call_many(command, key, arguments)
  for first = 1, #arguments, WRITE_BATCH do
    redis.call(command, key, unpack(arguments, first, math.min(first + WRITE_BATCH - 1, #arguments)))
  end
end

-- The one way to change what is announced. `changes` lists {index, before, after}; a state is {letter, value, locked_at,
-- deadline, holder}, the last four for locks only. `own` says that the script goes on to write the lock keys itself.
local function commit(changes, own)
  if #changes == 0 then return end
  local seq = redis.call('HINCRBY', META, 'seq', 1)
  local wire, locks, deadlines, unlocked, undated = {}, {}, {}, {}, {}
  for n, change in ipairs(changes) do
    local index, before, after = change[1], change[2], change[3]
    if after.letter == 'l' then
      wire[n] = { index, 'l', after.locked_at, after.deadline, after.value }
      locks[#locks + 1] = index
      -- Not by %s, which ends at a zero byte.
      locks[#locks + 1] = string.format('%.0f|%.0f|', after.locked_at, after.deadline) .. after.value
      if after.deadline == NO_DEADLINE then
        undated[#undated + 1] = index
      else
        deadlines[#deadlines + 1] = string.format('%.0f', after.deadline)
        deadlines[#deadlines + 1] = index
      end
    else
      wire[n] = { index, after.letter }
      if before.letter == 'l' then
        unlocked[#unlocked + 1] = index
        undated[#undated + 1] = index
      end
    end
  end
  local entry = cjson.encode({ v = 1, e = epoch, s = seq, t = NOW, o = own or nil, c = wire })
  redis.call('XADD', LOG, 'MAXLEN', '~', LOG_LENGTH, seq .. '-0', 'd', entry)
  publish(entry)
  call_many('HSET', LOCKS, locks)
  call_many('HDEL', LOCKS, unlocked)
  call_many('ZADD', DEADLINES, deadlines)
  call_many('ZREM', DEADLINES, undated)
  local held, left = {}, {}
  for _, change in ipairs(changes) do
    local index, before, after = change[1], change[2], change[3]
    if before.letter ~= after.letter then redis.call('SETRANGE', MAP, index, after.letter) end
    if before.holder ~= after.holder then
      if before.holder then left[#left + 1] = before.holder .. HOLDER_END .. index end
      if after.holder then
        held[#held + 1] = 0
        held[#held + 1] = after.holder .. HOLDER_END .. index
      end
    end
  end
  call_many('ZREM', HOLDERS, left)
  call_many('ZADD', HOLDERS, held)
end

-- What was announced of a lock, as commit wrote it.
local function announced_lock(text)
  local locked_at, deadline, value = string.match(text, '^(-?%d+)|(-?%d+)|(.*)$')
  return {
    letter = 'l', value = value, locked_at = tonumber(locked_at), deadline = tonumber(deadline), holder = holder_of(value),
  }
end

local indexes = {}
for index in string.gmatch(ARGV[3], '%d+') do indexes[#indexes + 1] = tonumber(index) end

local function lock_key(n)
  return KEYS[FIRST_SEAT_KEY + n - 1]
end

local function announced()
  local first, last = indexes[1], indexes[1]
  for _, index in ipairs(indexes) do
    first, last = math.min(first, index), math.max(last, index)
  end
  local letters = redis.call('GETRANGE', MAP, first, last)
  local states, locked = {}, {}
  for n, index in ipairs(indexes) do
    local at = index - first + 1
    states[n] = { letter = string.sub(letters, at, at) }
    if states[n].letter == 'l' then locked[#locked + 1] = n end
  end
  if #locked > 0 then
    local fields = {}
    for k, n in ipairs(locked) do fields[k] = indexes[n] end
    local texts = redis.call('HMGET', LOCKS, unpack(fields))
    for k, n in ipairs(locked) do states[n] = texts[k] and announced_lock(texts[k]) or states[n] end
  end
  return states
end

-- Whether the lock that is announced is the one that is true.
local function same_lock(state, value, deadline)
  return state.letter == 'l' and state.value == value and state.deadline == deadline
end

-- What is true of the named seats, and the changes that announce it where it differs from what was announced. Writes nothing.
-- Returns their states, the changes, and how many locks ended and how many were found.
local function look()
  if #indexes == 0 then return {}, {}, 0, 0 end
  local values = redis.call('MGET', unpack(KEYS, FIRST_SEAT_KEY, FIRST_SEAT_KEY + #indexes - 1))
  local states, changes, ended, found = announced(), {}, 0, 0
  for n, state in ipairs(states) do
    local value, after = values[n], nil
    if state.letter == 'a' or state.letter == 'l' then
      local deadline = value and math.min(redis.call('PEXPIRETIME', lock_key(n)), LAST_DEADLINE)
      -- Keys expire by the time at which the script began, which may be a millisecond before TIME's.
      if value and deadline ~= NO_DEADLINE and NOW > deadline then value = false end
      if value then
        if not same_lock(state, value, deadline) then
          local holder = holder_of(value)
          local since = state.holder == holder and state.locked_at or NOW
          after = { letter = 'l', value = value, locked_at = since, deadline = deadline, holder = holder }
          found = found + 1
        end
      elseif state.letter == 'l' then
        after = { letter = 'a' }
        ended = ended + 1
      end
    end
    if after then
      changes[#changes + 1] = { indexes[n], state, after }
      states[n] = after
    end
  end
  return states, changes, ended, found
end

-- The idempotent step that lock keys, timers, sweeps and key events share: announces what is true of the named seats where
-- it differs from what was announced. Returns their states, and how many locks ended and how many were found.
local function settle()
  local states, changes, ended, found = look()
  commit(changes)
  return states, ended, found
end

-- The reply that refuses, with the state of each seat that is in the way: {n, letter, deadline}, n from 1.
local function refuse(states, in_the_way)
  local seats = {}
  for n, state in ipairs(states) do
    if in_the_way(state, n) then seats[#seats + 1] = { n, state.letter, state.deadline or NO_DEADLINE } end
  end
  if #seats == 0 then return nil end
  return reply('refused', seats)
end

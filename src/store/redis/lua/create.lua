-- create or replace: writes a showtime's description and its whole map, if nothing changed since the caller looked.
-- ARGV[5] the position that the caller saw, "" when there was no showtime
-- ARGV[6] new epoch, ARGV[7] map, ARGV[8] JSON {meta = {name: value}, locks = {index: text}, deadlines = {index: ms},
--         bookings = {index: id}, blocks = {index: reason}, ledger = {id: entry}}
-- KEYS[10..] lock keys to write, of seats that are in `locks`
-- ok: written. moved: somebody was faster; look again. taken: one of the lock keys is there already.
-- Lock keys and ledger are named by seat and by id, not by index: those that are not named here stay.

local closed = open()
if closed and closed[1] ~= 'gone' then return closed end
local found = closed and '' or position()
if found ~= ARGV[5] then return { 'moved' } end
for n in ipairs(indexes) do
  if redis.call('EXISTS', lock_key(n)) == 1 then return { 'taken' } end
end

local content = cjson.decode(ARGV[8])
local run = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
epoch = ARGV[6]
local fields = { 'epoch', epoch, 'seq', 0, 'run', run }
for name, value in pairs(content.meta) do
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end
local function rewrite(key, command, values, value_first)
  local arguments = {}
  for index, value in pairs(values) do
    arguments[#arguments + 1] = value_first and value or index
    arguments[#arguments + 1] = value_first and index or value
  end
  redis.call('DEL', key)
  call_many(command, key, arguments)
end
redis.call('DEL', LOG)
redis.call('HSET', META, unpack(fields))
redis.call('SET', MAP, ARGV[7])
rewrite(LOCKS, 'HSET', content.locks)
rewrite(DEADLINES, 'ZADD', content.deadlines, true)
rewrite(BOOKINGS, 'HSET', content.bookings)
rewrite(BLOCKS, 'HSET', content.blocks)
local entries = {}
for id, entry in pairs(content.ledger) do
  entries[#entries + 1] = id
  entries[#entries + 1] = entry
end
call_many('HSET', LEDGER, entries)
for n, index in ipairs(indexes) do
  local lock = announced_lock(content.locks[string.format('%.0f', index)])
  if lock.deadline == NO_DEADLINE then
    redis.call('SET', lock_key(n), lock.value)
  else
    redis.call('SET', lock_key(n), lock.value, 'PXAT', string.format('%.0f', lock.deadline))
  end
end
local held = {}
for index, text in pairs(content.locks) do
  held[#held + 1] = 0
  held[#held + 1] = announced_lock(text).holder .. HOLDER_END .. index
end
redis.call('DEL', HOLDERS)
call_many('ZADD', HOLDERS, held)
publish(cjson.encode({ v = 1, e = epoch, reset = true }))
return reply('ok')

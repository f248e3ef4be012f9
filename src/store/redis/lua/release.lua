-- release: a refund; frees every named seat that the booking owns, or none.
-- ARGV[5] booking id, ARGV[6...] the seats' ids in the order of the indexes
-- ok: positions (from 1) of the seats that were released. refused: seats that the booking never owned.
-- unrecorded: there is no such booking.
-- A seat of the booking that was released before is fine and stays as it is.

local closed = open()
if closed then return closed end

local id = ARGV[5]
local recorded = redis.call('HGET', LEDGER, id)
if not recorded then return reply('unrecorded') end
local entry = cjson.decode(recorded)

local owned, released_before = {}, {}
for _, seat in ipairs(entry.seats) do owned[seat] = true end
for _, seat in ipairs(entry.released or {}) do released_before[seat] = true end

local states = settle()
local refused = refuse(states, function(_, n)
  return not owned[ARGV[5 + n]]
end)
if refused then return refused end

local released, changes, freed = {}, {}, {}
entry.released = entry.released or {}
for n, state in ipairs(states) do
  local seat = ARGV[5 + n]
  if not released_before[seat] then
    released[#released + 1] = n
    freed[#freed + 1] = indexes[n]
    changes[#changes + 1] = { indexes[n], state, { letter = 'a' } }
    entry.released[#entry.released + 1] = seat
  end
end
if #released > 0 then
  redis.call('HSET', LEDGER, id, cjson.encode(entry))
  call_many('HDEL', BOOKINGS, freed)
  commit(changes, true)
  settle()
end
return reply('ok', released)

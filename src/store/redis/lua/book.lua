-- book: turns the holder's locks on every named seat into one booking, or none.
-- ARGV[5] holder, ARGV[6] booking id, ARGV[7] the ledger's entry as JSON, without its time
-- ok: the entry as it was written. refused: seats that the holder does not hold.
-- recorded: the entry that has this booking id already; nothing was changed.

local closed = open()
if closed then return closed end

local holder, id = ARGV[5], ARGV[6]
local recorded = redis.call('HGET', LEDGER, id)
if recorded then return reply('recorded', recorded) end

local states = settle()
local refused = refuse(states, function(state)
  return state.letter ~= 'l' or state.holder ~= holder
end)
if refused then return refused end

local entry = cjson.decode(ARGV[7])
entry.at = NOW
local text = cjson.encode(entry)
redis.call('HSET', LEDGER, id, text)
local changes, owners = {}, {}
for n, state in ipairs(states) do
  changes[n] = { indexes[n], state, { letter = 'o' } }
  owners[#owners + 1] = indexes[n]
  owners[#owners + 1] = id
end
call_many('HSET', BOOKINGS, owners)
commit(changes, true)
for n in ipairs(states) do redis.call('DEL', lock_key(n)) end
return reply('ok', text)

-- facts: what is true of the named seats, announced or not, and what they were sold or blocked with.
-- ARGV[5] the epoch as it is written at which the caller read the plan
-- ok: {{letter, deadline, text}, ...} in the order of the seats: in ms, -1 for none; the reason of a blocked seat, the booking id
--     of one that is sold, "" where there is none; and the ledger's entries of those bookings, each once.
-- epoch: the plan may be another.
-- Nothing is written: what has ended or was found stays to be announced by whoever writes next.

local closed = open('reads')
if closed then return closed end
if redis.call('HGET', META, 'epoch') ~= ARGV[5] then return { 'epoch', epoch } end

local states = look()
local texts = { b = BLOCKS, o = BOOKINGS }
local seats, entries, told = {}, {}, {}
for n, state in ipairs(states) do
  local text = texts[state.letter] and redis.call('HGET', texts[state.letter], indexes[n]) or ''
  seats[n] = { state.letter, state.deadline or NO_DEADLINE, text }
  if state.letter == 'o' and text ~= '' and not told[text] then
    told[text] = true
    entries[#entries + 1] = redis.call('HGET', LEDGER, text) or nil
  end
end
return reply('ok', seats, entries)

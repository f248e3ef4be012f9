-- block: takes every named seat off sale with a reason, or none if one is locked or occupied.
-- ARGV[5] reason
-- ok: positions (from 1) of the seats that were not blocked before. refused: seats that are locked or occupied.
-- A seat that is blocked already takes the new reason.

local closed = open()
if closed then return closed end

local states = settle()
local refused = refuse(states, function(state)
  return state.letter ~= 'a' and state.letter ~= 'b'
end)
if refused then return refused end

local blocked, changes, reasons = {}, {}, {}
for n, state in ipairs(states) do
  reasons[#reasons + 1] = indexes[n]
  reasons[#reasons + 1] = ARGV[5]
  if state.letter == 'a' then
    blocked[#blocked + 1] = n
    changes[#changes + 1] = { indexes[n], state, { letter = 'b' } }
  end
end
call_many('HSET', BLOCKS, reasons)
commit(changes, true)
return reply('ok', blocked)

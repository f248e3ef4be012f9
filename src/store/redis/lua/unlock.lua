-- unlock: gives back every named seat that the holder has locked, or none if one is another's.
-- ARGV[5] holder
-- ok: positions (from 1) of the seats that were released. refused: seats that are another's.
-- A seat that nobody holds is fine and stays as it is.

local closed = open()
if closed then return closed end

local holder = ARGV[5]
local states = settle()
local refused = refuse(states, function(state)
  return state.letter == 'o' or (state.letter == 'l' and state.holder ~= holder)
end)
if refused then return refused end

local released, changes = {}, {}
for n, state in ipairs(states) do
  if state.letter == 'l' then
    released[#released + 1] = n
    changes[#changes + 1] = { indexes[n], state, { letter = 'a' } }
  end
end
commit(changes, true)
for _, n in ipairs(released) do redis.call('DEL', lock_key(n)) end
return reply('ok', released)

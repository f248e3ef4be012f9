-- extend: moves the deadline of every named seat that the holder has locked, or of none if one is not the holder's.
-- ARGV[5] holder, ARGV[6] time to live in ms, ARGV[7] the longest that a lock may live from its placing, in ms
-- ok: {{locked_at, deadline, value}, ...} in the order of the seats. refused: seats that the holder does not hold.
-- A deadline never moves backwards; a lock without one keeps none.

local closed = open()
if closed then return closed end

local holder, ttl, cap = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local states = settle()
local refused = refuse(states, function(state)
  return state.letter ~= 'l' or state.holder ~= holder
end)
if refused then return refused end

local moved, changes = {}, {}
for n, state in ipairs(states) do
  local deadline = math.min(NOW + ttl, state.locked_at + cap)
  if state.deadline ~= NO_DEADLINE and deadline > state.deadline then
    local after = {
      letter = 'l', value = state.value, locked_at = state.locked_at, deadline = deadline, holder = holder,
    }
    moved[#moved + 1] = n
    changes[#changes + 1] = { indexes[n], state, after }
    states[n] = after
  end
end
commit(changes, true)
for _, n in ipairs(moved) do
  redis.call('SET', lock_key(n), states[n].value, 'PXAT', string.format('%.0f', states[n].deadline))
end

local locks = {}
for n, state in ipairs(states) do locks[n] = { state.locked_at, state.deadline, state.value } end
return reply('ok', locks)

-- lock: claims every named seat for a holder, or none.
-- ARGV[5] holder, ARGV[6] the new locks' id, ARGV[7] time to live in ms, ARGV[8] seats a holder may have locked at once
-- ok: {{locked_at, deadline, value}, ...} in the order of the seats. refused: seats in the way.
-- too_many: the indexes of the seats that the holder has locked as far as was announced; some of the locks may have ended.
-- A seat that the holder has stays as it is, deadline included.

local closed = open()
if closed then return closed end

local holder, id, ttl, limit = ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])

local states = settle()
local refused = refuse(states, function(state)
  return state.letter ~= 'a' and not (state.letter == 'l' and state.holder == holder)
end)
if refused then return refused end

local fresh = {}
for n, state in ipairs(states) do
  if state.letter == 'a' then fresh[#fresh + 1] = n end
end
local from, to = '[' .. holder .. HOLDER_END, '(' .. holder .. '\1'
if #fresh > 0 and redis.call('ZLEXCOUNT', HOLDERS, from, to) + #fresh > limit then
  local held = {}
  for k, member in ipairs(redis.call('ZRANGEBYLEX', HOLDERS, from, to, 'LIMIT', 0, WRITE_BATCH)) do
    held[k] = tonumber(string.sub(member, #holder + 2))
  end
  return reply('too_many', held)
end

local deadline, value = NOW + ttl, holder .. '|' .. id
local changes = {}
for k, n in ipairs(fresh) do
  local after = { letter = 'l', value = value, locked_at = NOW, deadline = deadline, holder = holder }
  changes[k] = { indexes[n], states[n], after }
  states[n] = after
end
commit(changes, true)
for _, n in ipairs(fresh) do redis.call('SET', lock_key(n), value, 'PXAT', string.format('%.0f', deadline)) end

local locks = {}
for n, state in ipairs(states) do locks[n] = { state.locked_at, state.deadline, state.value } end
return reply('ok', locks)

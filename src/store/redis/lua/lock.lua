-- lock: claims every named seat for a holder, or none.
-- ARGV[4] holder, ARGV[5] the new locks' id, ARGV[6] time to live in ms, ARGV[7] seats a holder may have locked at once
-- ok: {{locked_at, deadline, value}, ...} in the order of the seats. refused: seats in the way.
-- too_many: how many seats the holder has locked already.
-- A seat that the holder has stays as it is, deadline included.

local closed = open()
if closed then return closed end

local holder, id, ttl, limit = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

local states = settle()
local refused = refuse(states, function(state)
  return state.letter ~= 'a' and not (state.letter == 'l' and state.holder == holder)
end)
if refused then return refused end

-- Locks of the holder whose deadline has passed but whose end was not announced yet do not count.
local function held()
  local count = tonumber(redis.call('HGET', HOLDERS, holder) or 0)
  if count == 0 then return 0 end
  local due = redis.call('ZRANGEBYSCORE', DEADLINES, '-inf', '(' .. string.format('%.0f', NOW), 'LIMIT', 0, WRITE_BATCH)
  if #due > 0 then
    for _, text in ipairs(redis.call('HMGET', LOCKS, unpack(due))) do
      if text and announced_lock(text).holder == holder then count = count - 1 end
    end
  end
  return count
end

local fresh = {}
for n, state in ipairs(states) do
  if state.letter == 'a' then fresh[#fresh + 1] = n end
end
if #fresh > 0 then
  local count = held()
  if count + #fresh > limit then return reply('too_many', count) end
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

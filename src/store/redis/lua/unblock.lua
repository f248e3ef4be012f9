-- unblock: puts every named seat that is blocked back on sale; the others stay as they are.
-- ok: positions (from 1) of the seats that were blocked.

local closed = open()
if closed then return closed end

local unblocked, changes, fields = {}, {}, {}
for n, state in ipairs((settle())) do
  if state.letter == 'b' then
    unblocked[#unblocked + 1] = n
    fields[#fields + 1] = indexes[n]
    changes[#changes + 1] = { indexes[n], state, { letter = 'a' } }
  end
end
call_many('HDEL', BLOCKS, fields)
commit(changes, true)
if #unblocked > 0 then settle() end
return reply('ok', unblocked)

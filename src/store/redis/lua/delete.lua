-- delete: removes a showtime with all that belongs to it, if nothing changed since the caller looked.
-- ARGV[5] the position that the caller saw; KEYS[10..] the keys of the locks that the caller saw
-- ok: removed. moved: somebody was faster; look again. gone: there is no such showtime.

local closed = open()
if closed then return closed end
if position() ~= ARGV[5] then return { 'moved' } end
local ended = reply('ok')
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
publish(cjson.encode({ v = 1, gone = true }))
return ended

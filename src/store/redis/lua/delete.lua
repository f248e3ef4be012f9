-- delete: removes a showtime with all that belongs to it, if nothing changed since the caller looked.
-- ARGV[4] the position that the caller saw; KEYS[10..] the keys of the locks that the caller saw
-- ok: removed. moved: somebody was faster; look again. gone: there is no such showtime.

local was = redis.call('HMGET', META, 'epoch', 'seq')
if not was[1] then return { 'gone' } end
if was[1] .. '-' .. was[2] ~= ARGV[4] then return { 'moved' } end
epoch = was[1]
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
redis.call('PUBLISH', CHANNEL, cjson.encode({ v = 1, gone = true }))
return { 'ok', epoch, was[2], NOW }

-- position: where the showtime stands.
-- ARGV[5] the epoch and ARGV[6] the sequence number at which the caller saw it
-- ok: nothing more than every reply has.
-- A showtime that stands before what was seen of its epoch has lost changes, with no restart that would show in `run` (a
-- backup was loaded, keys were restored). Its next numbers would mean something else than they did: it begins a new epoch.

local closed = open()
if closed then return closed end

local seq = redis.call('HGET', META, 'seq')
if epoch == ARGV[5] and tonumber(seq) < tonumber(ARGV[6]) then
  epoch = string.sub(redis.sha1hex(epoch .. seq .. ':' .. clock[1] .. ':' .. clock[2]), 1, 12)
  redis.call('HSET', META, 'epoch', epoch)
  publish(cjson.encode({ v = 1, e = epoch, reset = true }))
end
return reply('ok')

-- export: everything that is kept of a showtime, but for its history.
-- ok: the plan's hash and the epoch as they are written, the announced locks {index, text, ...}, reasons {index, text, ...},
--     ledger {id, entry, ...}.

local closed = open('reads')
if closed then return closed end

local meta = redis.call('HMGET', META, 'plan', 'epoch')
return reply('ok', meta[1], meta[2], redis.call('HGETALL', LOCKS), redis.call('HGETALL', BLOCKS), redis.call('HGETALL', LEDGER))

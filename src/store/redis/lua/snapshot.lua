-- snapshot: the whole map at one position, with the history that leads to it.
-- ok: the plan's hash and the epoch as they are written, the letters, the announced locks {index, text, ...}, the log's newest
--     entries (oldest first).

local closed = open('reads')
if closed then return closed end

local log = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', LOG_LENGTH)
local entries = {}
for k = #log, 1, -1 do entries[#entries + 1] = log[k][2][2] end
local meta = redis.call('HMGET', META, 'plan', 'epoch')
return reply('ok', meta[1], meta[2], redis.call('GET', MAP), redis.call('HGETALL', LOCKS), entries)

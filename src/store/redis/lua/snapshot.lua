-- snapshot: the whole map at one position, with the history that leads to it.
-- ok: the letters, the announced locks {index, text, ...}, the log's newest entries (oldest first).

local closed = open()
if closed then return closed end

local log = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', LOG_LENGTH)
local entries = {}
for k = #log, 1, -1 do entries[#entries + 1] = log[k][2][2] end
return reply('ok', redis.call('GET', MAP), redis.call('HGETALL', LOCKS), entries)

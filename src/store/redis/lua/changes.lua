-- changes since a sequence number of the epoch that the caller believes in.
-- ARGV[5] the sequence number
-- ok: the log's entries after it, oldest first. cut: the log does not reach back that far, or not forward to it.

local closed = open('reads')
if closed then return closed end

local since, seq = tonumber(ARGV[5]), tonumber(redis.call('HGET', META, 'seq'))
if since > seq then return reply('cut') end
local entries = {}
for _, item in ipairs(redis.call('XRANGE', LOG, string.format('%.0f-0', since + 1), '+')) do
  entries[#entries + 1] = item[2][2]
end
if #entries ~= seq - since then return reply('cut') end
return reply('ok', entries)

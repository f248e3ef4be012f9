-- expire: the step that key events, deadline timers and sweeps share. Ends what has ended and announces what was found
-- among the named seats; running it again changes nothing.
-- ok: how many locks ended, how many were found or changed, and for each seat its deadline in ms:
--     0 for a seat that is not locked, -1 for a lock without a deadline.

local closed = open()
if closed then return closed end

local states, ended, found = settle()
local deadlines = {}
for n, state in ipairs(states) do deadlines[n] = state.letter == 'l' and state.deadline or 0 end
return reply('ok', ended, found, deadlines)

-- probe: a message to the node that sends it, so that it knows that what it does arrives.
-- PUBLISH is SPUBLISH in a cluster, PUBLISH otherwise.
-- KEYS[1] in a cluster a key of this server's: one that is cut off from its cluster refuses what has a key.
-- ARGV[1] the node's own channel. Replies with the server's clock, seconds and microseconds, and how many listen on it here.
-- It is a script like those that change something, and writes nothing: a server that refuses those (no disk, a replica, too few
-- replicas) refuses this one too, and a map that can no longer change is not shown as live.

local listeners = redis.call(PUBLISH, ARGV[1], 'probe')
local clock = redis.call('TIME')
return { tonumber(clock[1]), tonumber(clock[2]), listeners }

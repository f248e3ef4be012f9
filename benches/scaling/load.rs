//! What happens in the minute that is simulated, and on what.

/// Cores of a node that Seatcast has for itself; TLS is counted apart.
pub const CORES: u32 = 4;

/// Who is there, and what they do.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub rooms: u32,
    /// In all rooms together.
    pub viewers: u32,
    /// Others, who poll.
    pub pollers: u32,
    /// Seats of each showtime.
    pub seats: u32,
    /// Changes of seats in a second, in all rooms together.
    pub changes: u32,
    /// Attempts in a second that are refused, which change nothing.
    pub refused: u32,
    /// Which part of the viewers comes in the first seconds.
    pub newcomers: f64,
    /// How long they take to come.
    pub coming: u32,
    /// How long is simulated.
    pub seconds: u32,
}

/// What carries the load.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub nodes: u32,
    /// Workers of each node, each on a core.
    pub workers: u32,
    /// At how many nodes a room's viewers are, at most.
    pub spread: u32,
    /// Primaries of Redis, among which showtimes are spread.
    pub shards: u32,
    /// The least time between two frames to the same viewer, in ms.
    pub window: f64,
}

impl Setup {
    /// So many nodes on one Redis, with every room at all of them.
    pub fn of(nodes: u32, window: f64) -> Self {
        Self { nodes, workers: CORES, spread: nodes, shards: 1, window }
    }

    pub fn total_workers(&self) -> u32 {
        self.nodes * self.workers
    }

    /// At how many nodes a room of this load is open.
    pub fn open_at(&self, load: &Load) -> u32 {
        self.spread.min(self.nodes).min(load.viewers / load.rooms).max(1)
    }
}

impl Load {
    /// One room in a steady state.
    pub fn steady(viewers: u32, changes: u32) -> Self {
        Self {
            rooms: 1,
            viewers,
            pollers: 0,
            seats: 1_000,
            changes,
            refused: 0,
            newcomers: 0.0,
            coming: 0,
            seconds: 20,
        }
    }
}

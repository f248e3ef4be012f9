//! Who serves the viewers of a run: Seatcast, or the limit loop.

use std::time::Duration;

use super::contest::Side;
use super::ground::Ground;
use super::hall::Hall;
use super::limit_loop::{LimitLoop, Sizes};
use super::stage::Stage;
use super::support::ServerProcess;
use super::usage;
use super::viewer::Door;

/// Between two looks at whether a process rests.
const PAUSE: Duration = Duration::from_millis(20);

pub enum Host {
    Seatcast(Vec<ServerProcess>),
    Loop(LimitLoop),
}

impl Host {
    /// Seatcast on so many nodes.
    pub fn seatcast(ground: &Ground, stage: &Stage<'_>, nodes: usize) -> Self {
        Self::Seatcast((0..nodes).map(|_| ground.server(&stage.address())).collect())
    }

    /// The side's server for the viewers of the first showtime.
    pub fn of(side: Side, ground: &Ground, stage: &Stage<'_>, hall: Hall, viewers: usize) -> Self {
        match side {
            Side::Seatcast => Self::seatcast(ground, stage, 1),
            Side::Reference => {
                let show = stage.shows[0].as_str();
                Self::Loop(LimitLoop::start(ground, &stage.address(), show, viewers, Sizes::of(hall, ground)))
            }
        }
    }

    /// A door for each showtime at each node.
    pub fn doors(&self, stage: &Stage<'_>) -> Vec<Door> {
        let addresses = match self {
            Self::Seatcast(servers) => {
                servers.iter().map(|server| server.address.parse().expect("an address")).collect()
            }
            Self::Loop(host) => vec![host.address],
        };
        let shows = |address| stage.shows.iter().map(move |show| Door { address, show: show.to_string() });
        addresses.into_iter().flat_map(shows).collect()
    }

    fn ids(&self) -> Vec<u32> {
        match self {
            Self::Seatcast(servers) => servers.iter().map(ServerProcess::id).collect(),
            Self::Loop(host) => vec![host.id()],
        }
    }

    /// The processor time that was used so far, once it does not grow any more.
    pub fn cpu(&self) -> Duration {
        const NOTHING: Duration = Duration::from_micros(300);
        let now = || self.ids().into_iter().map(usage::cpu).sum::<Duration>();
        let mut before = now();
        // A server that always does something is not waited for.
        for _ in 0..50 {
            std::thread::sleep(PAUSE);
            let after = now();
            if after.saturating_sub(before) < NOTHING {
                return after;
            }
            before = after;
        }
        before
    }

    /// The memory that it has now, in bytes.
    pub fn memory(&self) -> u64 {
        self.ids().into_iter().map(usage::memory).sum()
    }

    /// The most memory that it has ever had, in bytes.
    pub fn memory_peak(&self) -> u64 {
        self.ids().into_iter().map(usage::memory_peak).sum()
    }
}

//! Viewers who come in: handshake, room, first map.

use std::time::{Duration, Instant};

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::crowd::Crowd;
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::stage::Stage;

const REFERENCE: &str = "limit loop";
/// How long a server is given to let go of what it needed for a rush.
const SETTLE: Duration = Duration::from_secs(1);
const MIB: f64 = 1_048_576.0;

/// Many viewers come in as fast as they are served, a bounded number at a time.
struct Rush {
    hall: Hall,
    viewers: usize,
    at_a_time: usize,
}

/// What a rush came to. Time is in seconds, memory in bytes.
struct Came {
    cpu: f64,
    wall: f64,
    empty: f64,
    peak: f64,
    steady: f64,
}

impl Rush {
    /// The room is open, and one viewer there, before the others come.
    fn measure(&self, side: Side, ground: &Ground) -> Came {
        let stage = Stage::new(ground, self.hall, 1);
        let host = Host::of(side, ground, &stage, self.hall, self.viewers + 1);
        let mut crowd = Crowd::new(host.doors(&stage));
        crowd.join(1, 1);
        let (before, empty) = (host.cpu(), host.memory() as f64);
        let began = Instant::now();
        crowd.join(self.viewers + 1, self.at_a_time);
        let wall = began.elapsed().as_secs_f64();
        let cpu = host.cpu().saturating_sub(before).as_secs_f64();
        crowd.rest(ground.scale.pick(SETTLE, Duration::ZERO));
        Came { cpu, wall, empty, peak: host.memory_peak() as f64, steady: host.memory() as f64 }
    }
}

/// How many viewers of a hall with 1,000 seats can come in each second.
pub struct Joins(Rush);

impl Joins {
    pub fn new(viewers: usize, at_a_time: usize) -> Self {
        Self(Rush { hall: Hall::Thousand, viewers, at_a_time })
    }
}

impl Contest for Joins {
    fn rows(&self) -> Vec<Row> {
        vec![
            Row {
                name: "join-rate".into(),
                what: format!("{} viewers come in, in each second", self.0.viewers),
                unit: "1/s",
                reference: REFERENCE,
                goal: Goal::ratio(Bound::AtLeast(0.7)),
            },
            Row {
                name: "join-cpu".into(),
                what: "CPU for each of them".into(),
                unit: "µs",
                reference: REFERENCE,
                goal: Goal::default(),
            },
        ]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let Came { cpu, wall, .. } = self.0.measure(side, ground);
        eprintln!("  {side}: the server's core was busy for {:.0} % of the time", cpu / wall * 100.0);
        let viewers = self.0.viewers as f64;
        vec![viewers / wall, cpu * 1e6 / viewers]
    }
}

/// A rush to a hall with 20,000 seats: what it needs of memory, and what each viewer costs.
pub struct ArenaRush(Rush);

impl ArenaRush {
    pub fn new(viewers: usize, at_a_time: usize) -> Self {
        Self(Rush { hall: Hall::Arena, viewers, at_a_time })
    }
}

impl Contest for ArenaRush {
    fn rows(&self) -> Vec<Row> {
        let viewers = self.0.viewers;
        vec![
            Row {
                name: "arena-peak".into(),
                what: format!("memory while {viewers} viewers come into an arena of 20,000 seats, to that afterwards"),
                unit: "x",
                reference: REFERENCE,
                goal: Goal::figure(Bound::AtMost(2.0)),
            },
            Row {
                name: "arena-memory".into(),
                what: "resident memory at the peak for each of them".into(),
                unit: "KiB",
                reference: REFERENCE,
                goal: Goal::default(),
            },
            Row {
                name: "arena-cpu".into(),
                what: "CPU for each of them".into(),
                unit: "µs",
                reference: REFERENCE,
                goal: Goal::default(),
            },
        ]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let Came { cpu, wall, empty, peak, steady } = self.0.measure(side, ground);
        eprintln!("  {side}: {:.1} MiB, {:.1} MiB afterwards, in {wall:.1} s", peak / MIB, steady / MIB);
        let viewers = self.0.viewers as f64;
        vec![peak / steady, (peak - empty) / 1_024.0 / viewers, cpu * 1e6 / viewers]
    }
}

//! Diffs to many viewers, one at a time or many at once.

use std::time::{Duration, Instant};

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::crowd::Crowd;
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::series::Series;
use super::stage::Stage;

/// Handshakes under way at once while viewers come in.
pub const AT_A_TIME: usize = 64;
/// Diffs that are written in one way or another in a run, about.
const DELIVERIES: usize = 240_000;
const REFERENCE: &str = "limit loop";

/// What a run came to.
pub struct Toll {
    /// The server's processor time.
    pub cpu: Duration,
    /// How long each change, or burst, took until the last viewer had it.
    pub last: Series,
}

/// Has so many changes made at once, each time when all viewers have the former ones, and counts after a few to warm up.
pub fn rounds(host: &Host, stage: &mut Stage<'_>, crowd: &mut Crowd, rounds: usize, changes: usize) -> Toll {
    let doors = host.doors(stage).len();
    let mut round = || {
        let began = Instant::now();
        let seqs: Vec<u64> = stage.change(changes).into_iter().cycle().take(doors).collect();
        crowd.until(&seqs).duration_since(began).as_secs_f64() * 1e3
    };
    for _ in 0..rounds.min(2) {
        round();
    }
    let before = host.cpu();
    let last = (0..rounds).map(|_| round()).collect();
    Toll { cpu: host.cpu().saturating_sub(before), last }
}

/// One change at a time in one room: what a delivered diff costs, and when the last viewer has it.
pub struct Single {
    pub viewers: usize,
    pub rounds: usize,
    pub with_last: bool,
}

impl Single {
    /// With as many changes as give a steady figure.
    pub fn new(viewers: usize, with_last: bool) -> Self {
        Self { viewers, rounds: (DELIVERIES / viewers).min(200), with_last }
    }

    fn measure(&self, side: Side, ground: &Ground) -> Toll {
        let mut stage = Stage::new(ground, Hall::Thousand, 1);
        let host = Host::of(side, ground, &stage, Hall::Thousand, self.viewers);
        let mut crowd = Crowd::new(host.doors(&stage));
        crowd.join(self.viewers, AT_A_TIME);
        let toll = rounds(&host, &mut stage, &mut crowd, self.rounds, 1);
        note_size(side, &crowd);
        toll
    }

    /// µs for each diff of each viewer.
    fn cost(&self, toll: &Toll) -> f64 {
        toll.cpu.as_secs_f64() * 1e6 / (self.rounds * self.viewers) as f64
    }
}

impl Contest for Single {
    fn rows(&self) -> Vec<Row> {
        let viewers = self.viewers;
        let mut rows = vec![Row {
            name: format!("single-{viewers}"),
            what: format!("CPU per delivered diff, one at a time, {viewers} viewers"),
            unit: "µs",
            reference: REFERENCE,
            goal: Goal::ratio(Bound::AtMost(1.2)),
        }];
        if self.with_last {
            rows.push(Row {
                name: format!("last-{viewers}"),
                what: format!("the slowest of {viewers} viewers has a diff"),
                unit: "ms",
                reference: REFERENCE,
                goal: Goal::ratio(Bound::AtMost(1.25)),
            });
        }
        rows
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let toll = self.measure(side, ground);
        let last = self.with_last.then(|| toll.last.median());
        std::iter::once(self.cost(&toll)).chain(last).collect()
    }
}

/// Many changes at once in one room: what each costs for each viewer. The reference is what the limit loop pays for one change.
pub struct Burst {
    pub viewers: usize,
    pub changes: usize,
    pub rounds: usize,
}

impl Contest for Burst {
    fn rows(&self) -> Vec<Row> {
        let Self { viewers, changes, .. } = self;
        vec![Row {
            name: format!("burst-{viewers}"),
            what: format!("CPU per change and viewer, {changes} changes at once, {viewers} viewers"),
            unit: "µs",
            reference: "limit loop, one change",
            goal: Goal { ratio: Some(Bound::AtMost(0.05)), figure: Some(Bound::AtMost(0.3)) },
        }]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        if side == Side::Reference {
            let single = Single { rounds: ground.scale.pick(40, 2), ..Single::new(self.viewers, false) };
            return vec![single.cost(&single.measure(side, ground))];
        }
        let mut stage = Stage::new(ground, Hall::Thousand, 1);
        let host = Host::seatcast(ground, &stage, 1);
        let mut crowd = Crowd::new(host.doors(&stage));
        crowd.join(self.viewers, AT_A_TIME);
        let toll = rounds(&host, &mut stage, &mut crowd, self.rounds, self.changes);
        note_size(side, &crowd);
        vec![toll.cpu.as_secs_f64() * 1e6 / (self.rounds * self.changes * self.viewers) as f64]
    }
}

/// Says how large the frames were, so that it can be seen that both sides say as much.
fn note_size(side: Side, crowd: &Crowd) {
    let received = crowd.received;
    eprintln!(
        "  {side}: {} frames of {:.1} bytes for each viewer",
        received.diffs / crowd.len(),
        received.diff_bytes as f64 / received.diffs as f64
    );
}

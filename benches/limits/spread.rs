//! The same number of viewers in one room of one node, or spread over more of them: what that adds to a delivered diff.

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::crowd::Crowd;
use super::fan_out::{AT_A_TIME, rounds};
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::stage::Stage;

/// Viewers in so many rooms of each of so many nodes. All nodes share the server's core. In each round there is one change in each
/// room.
pub struct Spread {
    pub name: &'static str,
    pub rooms: usize,
    pub nodes: usize,
    pub viewers: usize,
    pub rounds: usize,
}

impl Contest for Spread {
    fn rows(&self) -> Vec<Row> {
        let Self { name, rooms, nodes, viewers, .. } = self;
        let some =
            |count: usize, noun: &str| if count == 1 { format!("one {noun}") } else { format!("{count} {noun}s") };
        vec![Row {
            name: (*name).into(),
            what: format!(
                "CPU per delivered diff, {viewers} viewers in {} on {}",
                some(*rooms, "room"),
                some(*nodes, "node")
            ),
            unit: "µs",
            reference: "one room, one node",
            goal: Goal::ratio(Bound::AtMost(1.15)),
        }]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let (rooms, nodes) = match side {
            Side::Seatcast => (self.rooms, self.nodes),
            Side::Reference => (1, 1),
        };
        let mut stage = Stage::new(ground, Hall::Thousand, rooms);
        let host = Host::seatcast(ground, &stage, nodes);
        let mut crowd = Crowd::new(host.doors(&stage));
        crowd.join(self.viewers, AT_A_TIME);
        let toll = rounds(&host, &mut stage, &mut crowd, self.rounds, 1);
        vec![toll.cpu.as_secs_f64() * 1e6 / (self.rounds * self.viewers) as f64]
    }
}

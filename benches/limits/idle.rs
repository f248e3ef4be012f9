//! Viewers in whose room nothing happens: the memory that each needs.

use std::time::Duration;

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::crowd::Crowd;
use super::fan_out::AT_A_TIME;
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::stage::Stage;

/// How long a server is given to let go of what it needed for those who came in.
const SETTLE: Duration = Duration::from_secs(2);

/// How much memory grows from few viewers to many.
pub struct Idle {
    pub few: usize,
    pub many: usize,
}

impl Contest for Idle {
    fn rows(&self) -> Vec<Row> {
        vec![Row {
            name: "idle-memory".into(),
            what: format!("resident memory per idle viewer, {} to {} viewers", self.few, self.many),
            unit: "KiB",
            reference: "limit loop",
            goal: Goal::figure(Bound::AtMost(6.0)),
        }]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let stage = Stage::new(ground, Hall::Thousand, 1);
        let host = Host::of(side, ground, &stage, Hall::Thousand, self.many);
        let mut crowd = Crowd::new(host.doors(&stage));
        let [few, many] = [self.few, self.many].map(|viewers| {
            crowd.join(viewers, AT_A_TIME);
            crowd.rest(ground.scale.pick(SETTLE, Duration::ZERO));
            host.memory() as f64
        });
        vec![(many - few) / 1_024.0 / (self.many - self.few) as f64]
    }
}

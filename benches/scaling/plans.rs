//! How many nodes a load needs: the fewest with which every promise holds, and one more, so that one may fail.

use super::costs::Costs;
use super::load::{Load, Setup};
use super::outcome::Outcome;
use super::simulation::simulate;

/// Viewers that one node may have: when it fails they all come to the others.
pub const VIEWERS_PER_NODE: u32 = 50_000;
/// What must hold, in ms (99 of 100).
pub const LAST_SCREEN: f64 = 1_000.0;
pub const ANSWER: f64 = 250.0;
pub const JOIN: f64 = 5_000.0;
/// How much of a Redis may be used.
pub const REDIS: f64 = 0.7;
/// What may leave a node, in Mbit/s: half of a line with 10 Gbit/s.
pub const MEGABITS: f64 = 5_000.0;
const REDIS_BREAKS: &str = "Redis";

/// A load with a name, and how it is spread.
pub struct Case {
    pub name: &'static str,
    pub load: Load,
    /// At how many nodes a room is open; `None` for all.
    pub spread: Option<u32>,
    pub shards: u32,
}

/// A case with as many nodes as it needs, one of which has failed.
pub struct Plan {
    pub setup: Setup,
    pub outcome: Outcome,
    /// What kept fewer nodes from carrying it.
    pub decided_by: &'static str,
}

/// The loads that `docs/scaling.md` works out.
pub fn cases() -> Vec<Case> {
    let onsale = Load {
        rooms: 1,
        viewers: 100_000,
        pollers: 5_000,
        seats: 60_000,
        changes: 250,
        refused: 150,
        newcomers: 0.5,
        coming: 20,
        seconds: 60,
    };
    let chain = Load { rooms: 200, viewers: 10_000, pollers: 2_000, seats: 300, changes: 170, refused: 20, ..onsale };
    let million = Load { viewers: 1_000_000, seconds: 30, ..onsale };
    let spread = Load { rooms: 4_000, seats: 1_000, changes: 4_000, refused: 400, seconds: 20, ..million };
    vec![
        Case { name: "cinema chain", load: chain, spread: None, shards: 1 },
        Case { name: "arena on-sale", load: onsale, spread: None, shards: 1 },
        Case { name: "a million, one room", load: million, spread: None, shards: 1 },
        Case { name: "a million, 4,000 rooms", load: spread, spread: None, shards: 1 },
        Case { name: "the same, each room at 2 nodes", load: spread, spread: Some(2), shards: 1 },
        Case { name: "the same, and a cluster of 3", load: spread, spread: Some(2), shards: 3 },
    ]
}

/// The fewest nodes with which everything holds. Where there is none, the last setup that was tried.
pub fn plan(costs: &Costs, case: &Case) -> Plan {
    let least = case.load.viewers.div_ceil(VIEWERS_PER_NODE);
    let (mut nodes, mut decided_by) = (least, "viewers at a node");
    loop {
        let spread = case.spread.unwrap_or(nodes).min(nodes);
        let setup = Setup { spread, shards: case.shards, ..Setup::of(nodes, costs.get("merge.window")) };
        let outcome = simulate(costs, case.load, setup);
        match outcome.breaks() {
            None => return Plan { setup, outcome, decided_by },
            // No node helps with what Redis cannot do.
            Some(what) if what == REDIS_BREAKS || nodes > least * 8 => {
                return Plan { setup, outcome, decided_by: what };
            }
            Some(what) => decided_by = what,
        }
        nodes += nodes.div_ceil(4);
    }
}

impl Outcome {
    /// What does not hold.
    pub fn breaks(&self) -> Option<&'static str> {
        let limits = [
            (self.redis > REDIS, REDIS_BREAKS),
            (self.megabits > MEGABITS, "the line"),
            (self.unseen > self.latest || self.last_screen.millis(99.0) > LAST_SCREEN, "the last screen"),
            (self.answers.millis(99.0) > ANSWER, "answers"),
            (self.joins.millis(99.0) > JOIN, "joining"),
        ];
        limits.into_iter().find(|(broken, _)| *broken).map(|(_, what)| what)
    }
}

//! The costs that the simulation spends, in µs and bytes, looked up once.

use super::costs::Costs;

/// Changes in a frame where `deliver.burst` was measured.
const BURST: f64 = 100.0;

/// What everything costs.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// A frame with one change, and each further change in it.
    pub deliver: [f64; 2],
    pub slice: f64,
    pub join: f64,
    pub join_kib: f64,
    pub change: f64,
    pub watching: f64,
    pub foreign: f64,
    /// Redis: a change, each node that has the room open, each that has not; many at once, and one at a time.
    pub redis: [[f64; 3]; 2],
    /// A frame's bytes with one change, and those of each further change.
    pub frame: [f64; 2],
    pub record: f64,
    pub packet: f64,
    /// A snapshot's bytes: without seats, for each seat, for each lock.
    pub snapshot: [f64; 3],
    /// A proxy with TLS: a frame, a join.
    pub proxy: [f64; 2],
}

impl Rates {
    pub fn of(costs: &Costs) -> Self {
        let cost = |name: &str| costs.get(name);
        let all = |names: [&str; 3]| names.map(|name| costs.get(name));
        let single = cost("deliver.single");
        let more = (BURST * cost("deliver.burst") - single) / (BURST - 1.0);
        Self {
            deliver: [single, more.max(0.0)],
            slice: cost("slice") * 1_000.0,
            join: cost("join"),
            join_kib: cost("join.kib"),
            change: cost("node.change"),
            watching: cost("node.watching"),
            foreign: cost("node.foreign"),
            redis: [
                all(["redis.change", "redis.watching", "redis.foreign"]),
                all(["redis.change.idle", "redis.watching.idle", "redis.foreign.idle"]),
            ],
            frame: [cost("frame.single"), cost("frame.change")],
            record: cost("frame.record"),
            packet: cost("frame.packet"),
            snapshot: all(["snapshot.base", "snapshot.seat", "snapshot.lock"]),
            proxy: [cost("proxy.frame"), cost("proxy.join")],
        }
    }
}

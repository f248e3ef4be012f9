//! How long requests take, and how long until a change is on everybody's map: 50 and 500 users in one showtime, each with a
//! connection of its own. `cargo bench --bench latency`.
//!
//! The server is the release program in a process of its own, with default settings; Redis is a process too, once without any
//! file and once with an append-only file that is on disk before a change is answered. The users live in this process, on the
//! same machine: what they cost is in the figures. Success is the status that was expected.

mod buyers;
mod change;
mod contest;
mod outcomes;
mod pollers;
mod viewers;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use self::buyers::Pace;
use self::outcomes::Outcomes;
use self::pollers::Poll;
use self::support::plan::SeatIds;
use self::support::{RedisServer, Scale, ServerProcess, Table};
use self::viewers::Viewers;

const PLAN: &str = "theatre";
/// Longer than any run: no lock ends by itself.
const LOCK_SECONDS: u32 = 900;
/// Between two requests of a user who takes time.
const UNHURRIED: Duration = Duration::from_secs(1);

/// A showtime on a running server, and who is in it.
pub struct Stage {
    address: String,
    showtime: String,
    seats: Arc<SeatIds>,
    users: usize,
    scale: Scale,
}

impl Stage {
    /// How long a part is measured.
    fn lasts(&self, full: Duration) -> Duration {
        self.scale.pick(full, Duration::from_millis(300))
    }

    /// Adds a row about what was measured. A smoke run measures nothing worth knowing, but everything must succeed.
    fn note(&self, times: &mut Table, what: &str, outcomes: &Outcomes) {
        assert!(self.scale == Scale::Full || outcomes.all_expected(), "{what}: not everything succeeded");
        times.row(outcomes.row(what, self.users));
    }

    fn path(&self, verb: &str) -> String {
        format!("/api/v1/showtimes/{}/seats/{verb}", self.showtime)
    }
}

#[tokio::main]
async fn main() {
    let scale = Scale::wanted();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{PLAN} plan, {cores} cores for server, Redis and users together");
    for (title, redis) in
        [("without any file", RedisServer::start()), ("appendonly yes, appendfsync always", RedisServer::durable())]
    {
        let version: String = redis.command(&["INFO", "server"]).await;
        let version =
            version.lines().find_map(|line| line.strip_prefix("redis_version:")).unwrap_or("of unknown version");
        println!("\n## Redis {version}, {title}\n");
        measure(&redis, scale).await;
    }
}

async fn measure(redis: &RedisServer, scale: Scale) {
    let server = ServerProcess::start(&redis.url()).await;
    let mut times = Table::new(&["operation", "users", "per second", "p50 ms", "p99 ms", "max ms", "success"]);
    let mut contested =
        Table::new(&["fight for seats", "users", "locks/s", "p50 ms", "p99 ms", "max ms", "200", "409", "other"]);
    for users in scale.pick([50, 500], [3, 8]) {
        let showtime = format!("bench-{users}");
        server.api.create(&showtime, PLAN, LOCK_SECONDS).await;
        let stage =
            Arc::new(Stage { address: server.address.clone(), showtime, seats: SeatIds::shipped(PLAN), users, scale });
        buy(&stage, "one request a second each", Pace::Every(scale.pick(UNHURRIED, UNHURRIED / 20)), &mut times).await;
        buy(&stage, "full speed", Pace::FullSpeed, &mut times).await;
        poll(&stage, &mut times).await;
        viewers::watch_a_sale(&stage, &mut times).await;
        contest::fight(&stage, &mut contested).await;
    }
    println!("{times}\n{contested}");
}

/// Locks, extends and unlocks, with one viewer in the room.
async fn buy(stage: &Arc<Stage>, how: &str, pace: Pace, times: &mut Table) {
    let viewers = Viewers::join(stage, 1).await;
    let sale = buyers::buy(stage, pace).await;
    for (verb, outcomes) in ["lock", "extend", "unlock"].iter().zip(&sale.verbs) {
        stage.note(times, &format!("{verb}, {how}"), outcomes);
    }
    let frames = viewers.until(&sale.changes).await;
    let reached = viewers::reached(&sale.changes, &frames).since(sale.began);
    stage.note(times, &format!("change sent -> one viewer, {how}"), &reached);
}

async fn poll(stage: &Arc<Stage>, times: &mut Table) {
    for (what, poll) in
        [("status, 200", Poll::Whole), ("status, 200 compressed", Poll::Compressed), ("status, 304", Poll::Unchanged)]
    {
        let outcomes = pollers::poll(stage, poll).await;
        stage.note(times, &format!("{what}, full speed"), &outcomes);
    }
}

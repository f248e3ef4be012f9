//! How late the end of a lock is shown, with 100,000 other keys in the same Redis that expire over the next hours.
//! `cargo bench --bench expiry`.
//!
//! A viewer on a WebSocket notes when each seat is free again. Beside it, keys that Seatcast knows nothing of have the same
//! deadlines, and a subscriber notes when Redis itself says that they expired. Lateness is the time of arrival less the
//! deadline: Redis, the server (the release program, a process of its own) and this process share the machine and its clock.
//! Redis has its default settings, but for saving, which would only disturb.

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use rand::RngExt;
use redis::aio::MultiplexedConnection;
use seatcast::domain::time::Timestamp;
use tokio::sync::mpsc;

use self::support::http_connection::request;
use self::support::plan::SeatIds;
use self::support::{HttpConnection, RedisServer, Scale, ServerProcess, Table, Timings, Viewer};

const PLAN: &str = "arena";
/// Keys of somebody else with a time to live: from ten minutes to six hours, at random.
const OTHERS_LIVE: std::ops::Range<u64> = 600..6 * 3_600;
const BATCH: usize = 10_000;
/// Connections that place locks side by side.
const PLACERS: usize = 8;

/// One kind of locks and how they end.
struct Case {
    showtime: &'static str,
    locks: usize,
    lock_seconds: u32,
    /// Locks are placed evenly over this time, so their deadlines are as far apart.
    spread: Duration,
    /// The run is over so long after the last deadline.
    patience: Duration,
}

/// A lock that was placed: a seat by its index, or the key beside it; and when it ends.
type Deadlines = HashMap<usize, Timestamp>;
/// Something ended, seen at this time since the Unix epoch.
type Ended = (usize, Duration);

impl Case {
    /// The name of the key beside a seat begins with this. Every case has its own: to overwrite a key that has expired
    /// would cause its event.
    fn beside(&self) -> String {
        format!("other_lock:{}:", self.showtime)
    }
}

struct Stage {
    // Stopped first, so that it does not complain of a Redis that went.
    server: ServerProcess,
    redis: RedisServer,
    seats: Arc<SeatIds>,
}

#[tokio::main]
async fn main() {
    let scale = Scale::wanted();
    let stage = Stage::new(scale.pick(100_000, 1_000)).await;
    let patience = scale.pick(Duration::from_secs(20), Duration::from_secs(1));
    let cases = [
        Case {
            showtime: "spread",
            locks: scale.pick(200, 10),
            lock_seconds: scale.pick(22, 1),
            spread: scale.pick(Duration::from_secs(20), Duration::from_millis(500)),
            patience,
        },
        Case {
            showtime: "mass",
            locks: scale.pick(2_000, 50),
            lock_seconds: scale.pick(10, 1),
            spread: Duration::ZERO,
            patience,
        },
    ];
    let mut table = Table::new(&["lateness in ms", "who tells", "arrived", "of", "p50", "p90", "p99", "max"]);
    for case in cases {
        let all_shown = stage.run(&case, &mut table).await;
        assert!(scale == Scale::Full || all_shown, "a seat was not shown as free");
    }
    println!("{table}");
    println!("A dash: more of them than that had not arrived {patience:?} after the last deadline.");
}

impl Stage {
    async fn new(others: usize) -> Self {
        let redis = RedisServer::start();
        let server = ServerProcess::start(&redis.url()).await;
        let mut connection = redis.connection().await;
        fill(&mut connection, others).await;
        let size: usize = redis.command(&["DBSIZE"]).await;
        let hz: (String, String) = redis.command(&["CONFIG", "GET", "hz"]).await;
        println!("Redis with hz {} and {size} keys", hz.1);
        Self { server, redis, seats: SeatIds::shipped(PLAN) }
    }

    /// Places the locks, waits for their ends, and adds what Seatcast and Redis said of them. Whether every end was shown.
    async fn run(&self, case: &Case, table: &mut Table) -> bool {
        self.server.api.create(case.showtime, PLAN, case.lock_seconds).await;
        let shown = self.watch_seats(case).await;
        let told = self.watch_keys(case).await;
        let deadlines = self.place(case).await;
        assert_eq!(deadlines.len(), case.locks, "every lock was placed");
        let first = deadlines.values().min().expect("there are locks");
        let last = deadlines.values().max().expect("there are locks");
        let what = format!("{} locks, deadlines within {} ms", case.locks, last.since(*first).as_millis());
        let rest = last.plus(case.patience).since(now());
        let (shown, told) = tokio::join!(gather(shown, case.locks, rest), gather(told, case.locks, rest));
        for (who, ended) in [("map of a viewer", &shown), ("Redis's expired event", &told)] {
            table.row(row(&what, who, &lateness(&deadlines, ended)));
        }
        shown.len() == case.locks
    }

    /// Tells of every seat that is free again.
    async fn watch_seats(&self, case: &Case) -> mpsc::UnboundedReceiver<Ended> {
        let mut viewer = Viewer::join(&self.server.api.base, case.showtime, &self.seats).await;
        let (ended, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut before = viewer.replica.clone();
            while !ended.is_closed() {
                viewer.step().await;
                let at = since_epoch();
                // What a viewer who was cut off did not see counts as never shown.
                if viewer.closed.is_some() {
                    break;
                }
                if viewer.replica.position == before.position {
                    continue;
                }
                for index in before.locks.keys().filter(|index| !viewer.replica.locks.contains_key(index)) {
                    let _ = ended.send((*index, at));
                }
                before.clone_from(&viewer.replica);
            }
        });
        receiver
    }

    /// Tells of every expired event for a key beside a seat.
    async fn watch_keys(&self, case: &Case) -> mpsc::UnboundedReceiver<Ended> {
        let (ended, receiver) = mpsc::unbounded_channel();
        let prefix = case.beside();
        let mut events = self.redis.client().get_async_pubsub().await.expect("redis answers");
        events.subscribe("__keyevent@0__:expired").await.expect("redis accepts the subscription");
        tokio::spawn(async move {
            let mut messages = events.into_on_message();
            while let Some(message) = messages.next().await {
                let at = since_epoch();
                let key = String::from_utf8_lossy(message.get_payload_bytes()).into_owned();
                let Some(index) = key.strip_prefix(&prefix).and_then(|index| index.parse().ok()) else { continue };
                if ended.send((index, at)).is_err() {
                    break;
                }
            }
        });
        receiver
    }

    /// Places all locks, and the keys beside them; their deadlines.
    async fn place(&self, case: &Case) -> Deadlines {
        if case.spread.is_zero() {
            // From the beginning of a second there is a whole second to place locks that end in the same one.
            let into_second = Duration::from_nanos(since_epoch().subsec_nanos().into());
            tokio::time::sleep(Duration::from_secs(1).saturating_sub(into_second)).await;
        }
        let began = Instant::now();
        let placing: Vec<_> = (0..PLACERS).map(|placer| self.place_some(case, placer, began)).collect();
        futures_util::future::join_all(placing).await.into_iter().flatten().collect()
    }

    async fn place_some(&self, case: &Case, first: usize, began: Instant) -> Vec<(usize, Timestamp)> {
        let mut connection = HttpConnection::open(&self.server.address).await;
        let mut beside = self.redis.connection().await;
        let path = format!("/api/v1/showtimes/{}/seats/lock", case.showtime);
        let step = case.spread / u32::try_from(case.locks).expect("few locks");
        let mut placed = Vec::new();
        for (number, index) in (0..).zip(0..case.locks).skip(first).step_by(PLACERS) {
            tokio::time::sleep_until((began + step * number).into()).await;
            let body = format!(r#"{{"seats":["{}"],"userId":"user-{index}"}}"#, self.seats.id(index));
            let answer = connection.ask(&request("POST", &path, &[], &body)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer: serde_json::Value = serde_json::from_slice(answer.body).expect("JSON");
            let deadline = answer["seats"][0]["expiresAt"].as_str().expect("a deadline");
            let deadline = Timestamp::parse(deadline).expect("a time");
            set(&mut beside, &format!("{}{index}", case.beside()), deadline).await;
            placed.push((index, deadline));
        }
        placed
    }
}

/// Fills Redis with keys of somebody else.
async fn fill(connection: &mut MultiplexedConnection, count: usize) {
    for first in (0..count).step_by(BATCH) {
        let mut pipeline = redis::pipe();
        for key in first..count.min(first + BATCH) {
            let seconds = rand::rng().random_range(OTHERS_LIVE);
            pipeline.cmd("SET").arg(format!("somebody_else:{key}")).arg("x").arg("EX").arg(seconds).ignore();
        }
        pipeline.query_async::<()>(connection).await.expect("redis takes the keys");
    }
}

/// Sets the key beside a seat, with the same deadline.
async fn set(connection: &mut MultiplexedConnection, key: &str, deadline: Timestamp) {
    let mut command = redis::cmd("SET");
    command.arg(key).arg("x").arg("PXAT").arg(deadline.as_millis());
    command.query_async::<()>(connection).await.expect("redis takes the key");
}

/// Takes what is told until everything was, or the time is over.
async fn gather(mut ended: mpsc::UnboundedReceiver<Ended>, count: usize, lasts: Duration) -> HashMap<usize, Duration> {
    let mut gathered = HashMap::new();
    let gathering = async {
        while gathered.len() < count {
            let Some((index, at)) = ended.recv().await else { break };
            gathered.insert(index, at);
        }
    };
    let _ = tokio::time::timeout(lasts, gathering).await;
    gathered
}

/// How late each end was told; nothing may end early.
fn lateness(deadlines: &Deadlines, ended: &HashMap<usize, Duration>) -> Timings {
    let mut timings = Timings::new();
    for (index, deadline) in deadlines {
        let Some(at) = ended.get(index) else {
            timings.miss();
            continue;
        };
        let deadline = Duration::from_millis(u64::try_from(deadline.as_millis()).expect("after 1970"));
        timings.record(at.checked_sub(deadline).expect("nothing ends before its deadline"));
    }
    timings
}

fn row(what: &str, who: &str, timings: &Timings) -> [String; 8] {
    let [p50, p90, p99] = [50, 90, 99].map(|percent| timings.percentile(percent));
    let (arrived, all) = (timings.count().to_string(), timings.total().to_string());
    [what.to_owned(), who.to_owned(), arrived, all, p50, p90, p99, timings.max()]
}

fn now() -> Timestamp {
    Timestamp::from_millis(i64::try_from(since_epoch().as_millis()).expect("before the year 292 million"))
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970")
}

//! How fast seats are locked on each store, side by side: 1, 50 and 500 users at once. `cargo bench --bench stores`.
//!
//! Each store has a server of its own (the release program with default settings, a process of its own) and all of them stand the
//! whole time; the one that is measured works alone. Each user has a seat and a connection, and locks and unlocks the seat as
//! fast as answers come. Every figure is the median of the repetitions, in which the stores take turns; beside it is how far
//! they lie apart. The users live in this process, on the same machine: what they cost is in the figures.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::support::http_connection::request;
use self::support::plan::SeatIds;
use self::support::{HttpConnection, RedisServer, Scale, ServerProcess, Table, Timings};

const PLAN: &str = "theatre";
const SHOWTIME: &str = "bench";
/// Longer than any run: no lock ends by itself.
const LOCK_SECONDS: u32 = 900;

/// A server on one kind of store.
struct Contender {
    name: &'static str,
    server: ServerProcess,
}

/// One run: locks a second, and how long the locks took.
struct Run {
    per_second: u64,
    timings: Timings,
}

#[tokio::main]
async fn main() {
    let scale = Scale::wanted();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let directory = TempDir::new().expect("a directory for the store");
    let (volatile, durable) = (RedisServer::start(), RedisServer::durable());
    let contenders = [
        ("embedded", format!("embedded:{}", directory.path().display())),
        ("Redis, appendfsync always", durable.url()),
        ("Redis, nothing on disk", volatile.url()),
    ];
    let mut stores = Vec::new();
    for (name, address) in contenders {
        let server = ServerProcess::start(&address).await;
        server.api.create(SHOWTIME, PLAN, LOCK_SECONDS).await;
        stores.push(Contender { name, server });
    }
    println!(
        "{PLAN} plan, {cores} cores for server, Redis and users together; one sync of this disk: {}\n",
        one_sync()
    );
    let mut table = Table::new(&["lock one seat", "users", "locks/s", "spread", "p50 ms", "p99 ms", "max ms"]);
    for users in scale.pick([1, 50, 500], [1, 2, 3]) {
        let mut runs: Vec<Vec<Run>> = stores.iter().map(|_| Vec::new()).collect();
        for _ in 0..scale.pick(5, 1) {
            for (store, runs) in stores.iter().zip(&mut runs) {
                runs.push(run(store, users, scale).await);
            }
        }
        for (store, runs) in stores.iter().zip(runs) {
            table.row(row(store.name, users, runs));
        }
    }
    println!("{table}");
}

async fn run(store: &Contender, users: usize, scale: Scale) -> Run {
    let seats = SeatIds::shipped(PLAN);
    let path = |verb| format!("/api/v1/showtimes/{SHOWTIME}/seats/{verb}");
    let mut ready = Vec::new();
    for number in 0..users {
        let body = format!(r#"{{"seats":["{}"],"userId":"user-{number}"}}"#, seats.id(number));
        let lock = request("POST", &path("lock"), &[], &body);
        let unlock = request("DELETE", &path("unlock"), &[], &body);
        ready.push((HttpConnection::open(&store.server.address).await, lock, unlock));
    }
    let began = Instant::now();
    let until = began + scale.pick(Duration::from_secs(4), Duration::from_millis(200));
    let working: Vec<_> = ready
        .into_iter()
        .map(|(connection, lock, unlock)| tokio::spawn(lock_and_unlock(connection, lock, unlock, until)))
        .collect();
    let mut timings = Timings::new();
    for user in working {
        timings.add(&user.await.expect("a user ends well"));
    }
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    Run { per_second: timings.count() * 1_000 / millis, timings }
}

async fn lock_and_unlock(mut connection: HttpConnection, lock: Vec<u8>, unlock: Vec<u8>, until: Instant) -> Timings {
    let mut timings = Timings::new();
    while Instant::now() < until {
        let sent = Instant::now();
        let status = connection.ask(&lock).await.status;
        timings.record(sent.elapsed());
        assert_eq!(status, 200, "nobody else wants the seat");
        assert_eq!(connection.ask(&unlock).await.status, 200, "a holder may give a seat back");
    }
    timings
}

/// The run in the middle, and how far the others lie from it.
fn row(name: &str, users: usize, mut runs: Vec<Run>) -> [String; 7] {
    runs.sort_by_key(|run| run.per_second);
    let (least, most) = (runs[0].per_second, runs[runs.len() - 1].per_second);
    let middle = &runs[runs.len() / 2];
    let [p50, p99] = [50, 99].map(|percent| middle.timings.percentile(percent));
    [
        name.to_owned(),
        users.to_string(),
        middle.per_second.to_string(),
        format!("{least}-{most}"),
        p50,
        p99,
        middle.timings.max(),
    ]
}

/// What it costs here to have 4 KiB on the disk: the median of some, in ms.
fn one_sync() -> String {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().expect("a file");
    let mut timings = Timings::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.rewind().and_then(|()| file.write_all(&[1; 4_096])).and_then(|()| file.sync_data()).expect("a write");
        timings.record(began.elapsed());
    }
    format!("{} ms", timings.percentile(50))
}

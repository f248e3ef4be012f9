//! Whether memory stays level while viewers come and go: 100,000 joins over all transports, 10,000 rooms opened and closed.
//! `cargo bench --bench churn`; `-- WAVES` for more waves than 50, where a rise is in doubt.
//!
//! The server is the release program in a process of its own, once on each store. Visitors come in waves. After each wave, when
//! everybody has left and all rooms are closed, nothing may be held open any more, and the server's memory is noted. In the later
//! half of the waves it must be level: what it rises by, as far as chance does not explain it, may not add up to more than
//! [`TOLERATED`] of it over as many joins again. Otherwise the exit code is 1.

mod visitor;
mod wave;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;
use std::time::Instant;

use tempfile::TempDir;

use self::support::trend::median;
use self::support::{RedisServer, Scale, ServerProcess, Table, Trend};
use self::wave::{Size, Stage};

/// The part of its memory that a server may rise by in a whole run after the warm-up.
const TOLERATED: f64 = 0.02;

/// A server after all waves.
struct Outcome {
    store: &'static str,
    waves: usize,
    size: Size,
    seconds: u64,
    /// Bytes at the end of each wave.
    memory: Vec<f64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let scale = Scale::wanted();
    let wanted = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let waves = scale.pick(wanted.unwrap_or(50), 2);
    let (redis, directory) = (RedisServer::start(), TempDir::new().expect("a directory for the store"));
    let mut outcomes = Vec::new();
    outcomes.push(churn("Redis", &redis.url(), Some(&redis), waves, scale).await);
    outcomes.push(churn("embedded", &format!("embedded:{}", directory.path().display()), None, waves, scale).await);
    let head =
        ["store", "joins", "rooms", "s", "first wave MiB", "half way", "end", "rise per run", "at least", "level"];
    let mut table = Table::new(&head);
    for outcome in &outcomes {
        table.row(outcome.row());
    }
    println!("\n{table}");
    let level = outcomes.iter().all(Outcome::is_level);
    // A moment says nothing about memory.
    if level || scale == Scale::Smoke { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn churn(name: &'static str, store: &str, redis: Option<&RedisServer>, waves: usize, scale: Scale) -> Outcome {
    let size = scale.pick(Size { rooms: 200, visitors: 10 }, Size { rooms: 6, visitors: 16 });
    let server = ServerProcess::begin_with(store, &[("SEATCAST_ROOM_LINGER_SECONDS", "1")]);
    server.ready().await;
    let began = Instant::now();
    let mut stage = Stage::new(&server, redis).await;
    let mut memory = Vec::new();
    for number in 0..waves {
        stage.wave(number, size).await;
        let bytes = server.memory();
        println!("{name}: wave {number:>2}, {:>6} KiB, {} files, {}", bytes / 1_024, server.open_files(), stage.left());
        memory.push(f64::from(u32::try_from(bytes).expect("less than 4 GiB")));
    }
    Outcome { store: name, waves, size, seconds: began.elapsed().as_secs(), memory }
}

impl Outcome {
    fn later_half(&self) -> &[f64] {
        &self.memory[self.memory.len() / 2..]
    }

    /// What a server's memory rises by in a whole run, as parts of it: most likely, and at least.
    fn rise(&self) -> [f64; 2] {
        let mut ascending = self.later_half().to_vec();
        ascending.sort_by(f64::total_cmp);
        let trend = Trend::of(self.later_half());
        let waves = f64::from(u32::try_from(self.waves).expect("waves are few"));
        [trend.slope, trend.at_least].map(|slope| slope * waves / median(&ascending))
    }

    fn is_level(&self) -> bool {
        self.rise()[1] <= TOLERATED
    }

    fn row(&self) -> [String; 10] {
        let mebibytes = |bytes: f64| format!("{:.1}", bytes / 1_048_576.0);
        let [likely, least] = self.rise().map(|part| format!("{:+.2} %", part * 100.0));
        [
            self.store.into(),
            (self.waves * self.size.rooms * self.size.visitors).to_string(),
            (self.waves * self.size.rooms).to_string(),
            self.seconds.to_string(),
            mebibytes(self.memory[0]),
            mebibytes(self.later_half()[0]),
            mebibytes(self.memory[self.memory.len() - 1]),
            likely,
            least,
            if self.is_level() { "yes" } else { "no" }.into(),
        ]
    }
}

//! What it costs to bring a change to a viewer, alone and among a hundred, and to answer a poll. One room; the requests that make
//! the changes are in the figures, but there are thousands of frames for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::Figure;
use super::support::cpu_time::cpu_time;
use super::support::frame_reader::position;
use super::support::http_connection::request;
use super::support::plan::SeatIds;
use super::support::{FrameReader, HttpConnection, RedisServer, Scale, ServerProcess, Table, eventually};

const SHOW: &str = "deliver";
const PLAN: &str = "theatre";
/// Changes at once.
const BURST: usize = 100;

/// A room with viewers.
struct Stage {
    server: ServerProcess,
    /// The newest sequence number that each viewer has seen.
    seen: Arc<Vec<AtomicU64>>,
    seats: Arc<SeatIds>,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let redis = RedisServer::start();
    let stage = Stage::new(&redis, scale.pick(3_000, 5)).await;
    let (rounds, polls) = scale.pick((50, 5_000), (1, 5));
    let single = stage.deliver(1, rounds).await;
    let burst = stage.deliver(BURST, rounds.div_ceil(10)).await;
    let [whole, unchanged] = stage.polls(polls).await;
    let mut table = Table::new(&["viewers", "one change µs", "of 100 at once, each", "poll 200", "poll 304"]);
    let figures = [single, burst, whole, unchanged];
    let cells = figures.map(|micros| format!("{micros:.2}"));
    table.row([stage.seen.len().to_string()].into_iter().chain(cells));
    println!("\ndelivery, CPU µs of the node\n\n{table}");
    let names = ["deliver.single", "deliver.burst", "poll.200", "poll.304"];
    names.into_iter().zip(figures).map(|(name, micros)| Figure::new(name, micros)).collect()
}

impl Stage {
    async fn new(redis: &RedisServer, viewers: usize) -> Self {
        let server = ServerProcess::start(&redis.url()).await;
        server.api.create(SHOW, PLAN, 900).await;
        let seen: Arc<Vec<AtomicU64>> = Arc::new((0..viewers).map(|_| AtomicU64::new(0)).collect());
        let joining = (0..viewers).map(async |_| FrameReader::join(&server.address, SHOW, None).await.0);
        let joined: Vec<FrameReader> = stream::iter(joining).buffer_unordered(100).collect().await;
        for (number, mut viewer) in joined.into_iter().enumerate() {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                while let Ok(frame) = viewer.next().await {
                    seen[number].store(seq(&frame.text), Ordering::Relaxed);
                }
            });
        }
        Self { server, seen, seats: SeatIds::shipped(PLAN) }
    }

    /// CPU time in µs for a change and viewer, when so many changes are asked for at once.
    async fn deliver(&self, at_once: usize, rounds: u32) -> f64 {
        let mut buyers = Vec::new();
        for _ in 0..at_once {
            buyers.push(HttpConnection::open(&self.server.address).await);
        }
        let before = cpu_time(self.server.id());
        for _ in 0..rounds {
            for (method, verb) in [("POST", "lock"), ("DELETE", "unlock")] {
                let path = format!("/api/v1/showtimes/{SHOW}/seats/{verb}");
                let asking = buyers.iter_mut().enumerate().map(async |(number, buyer)| {
                    let body = format!(r#"{{"seats":["{}"],"userId":"buyer-{number}"}}"#, self.seats.id(number));
                    let answer = buyer.ask(&request(method, &path, &[], &body)).await;
                    assert_eq!(answer.status, 200, "nobody else wants the seat");
                    seq(answer.text())
                });
                let last = join_all(asking).await.into_iter().max().expect("there are changes");
                self.everybody_has(last).await;
            }
        }
        let changes = f64::from(rounds) * 2.0 * float(at_once);
        cpu_time(self.server.id()).saturating_sub(before).as_secs_f64() * 1e6 / changes / float(self.seen.len())
    }

    async fn everybody_has(&self, seq: u64) {
        eventually("every viewer has the change", async || {
            self.seen.iter().all(|seen| seen.load(Ordering::Relaxed) >= seq).then_some(())
        })
        .await;
    }

    /// CPU time in µs for a poll that is answered whole and compressed, and for one that finds nothing new.
    async fn polls(&self, count: u32) -> [f64; 2] {
        let mut poller = HttpConnection::open(&self.server.address).await;
        let path = format!("/api/v1/showtimes/{SHOW}/seats/status");
        let whole = request("GET", &path, &["accept-encoding: gzip"], "");
        let tag = poller.ask(&whole).await.header("etag").expect("an entity tag").to_owned();
        let unchanged = request("GET", &path, &["accept-encoding: gzip", &format!("if-none-match: {tag}")], "");
        let mut micros = [0.0; 2];
        for (micros, (asked, status)) in micros.iter_mut().zip([(whole, 200), (unchanged, 304)]) {
            let before = cpu_time(self.server.id());
            for _ in 0..count {
                assert_eq!(poller.ask(&asked).await.status, status);
            }
            *micros = cpu_time(self.server.id()).saturating_sub(before).as_secs_f64() * 1e6 / f64::from(count);
        }
        micros
    }
}

fn seq(text: &str) -> u64 {
    position(text).rsplit_once('-').and_then(|(_, seq)| seq.parse().ok()).expect("a sequence number")
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a count is small"))
}

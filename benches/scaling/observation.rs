//! A real server with one worker under a small load: viewers in one room, and changes at a steady pace. They live in this process,
//! on the same machine: when the last of many has read its frame says as much of them as of the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::model::observed::Observed;
use crate::support::cpu_time::cpu_time;
use crate::support::frame_reader::position;
use crate::support::http_connection::request;
use crate::support::plan::SeatIds;
use crate::support::wait::PATIENCE;
use crate::support::{FrameReader, HttpConnection, RedisServer, Scale, ServerProcess};

const SHOW: &str = "observed";
const PLAN: &str = "theatre";
/// Connections over which changes are asked for.
const BUYERS: usize = 16;

/// A sequence number, and when it was there.
type Seen = (u64, Instant);

/// Puts one load after another on servers of their own.
pub fn observe(scale: Scale) -> Vec<Observed> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let loads = [(500, 20), (1_000, 20), (1_000, 100), (2_000, 50), (2_000, 200)];
    let smoke = [(5, 20)];
    let loads = scale.pick(&loads[..], &smoke[..]);
    let lasts = scale.pick(Duration::from_secs(10), Duration::from_millis(500));
    loads.iter().map(|(viewers, changes)| runtime.block_on(observe_one(*viewers, *changes, lasts))).collect()
}

async fn observe_one(viewers: u32, changes: u32, lasts: Duration) -> Observed {
    let redis = RedisServer::start();
    let server = ServerProcess::begin_with(&redis.url(), &[("SEATCAST_WORKERS", "1")]);
    server.ready().await;
    server.api.create(SHOW, PLAN, 900).await;
    let last = watch::Sender::new(u64::MAX);
    let joining = (0..viewers).map(async |_| FrameReader::join(&server.address, SHOW, None).await.0);
    let joined = stream::iter(joining).buffer_unordered(50);
    let watching: Vec<_> = joined.map(|viewer| tokio::spawn(watch_until(viewer, last.subscribe()))).collect().await;
    let before = cpu_time(server.id());
    let asked = change(&server, changes, lasts).await;
    last.send_replace(asked.iter().map(|(seq, _)| *seq).max().expect("there are changes"));
    let frames = all_seen(watching).await;
    let used = cpu_time(server.id()).saturating_sub(before).as_secs_f64() * 1e6;
    let mut latest: Vec<Duration> = asked.iter().map(|change| last_screen(*change, &frames)).collect();
    latest.sort_unstable();
    let percentile = |percent: usize| latest[(latest.len() * percent / 100).min(latest.len() - 1)].as_secs_f64() * 1e3;
    let count: usize = frames.iter().map(Vec::len).sum();
    let numbers: u64 = frames.iter().filter_map(|seen| seen.last()).map(|(seq, _)| *seq).sum();
    Observed {
        viewers,
        changes,
        micros: used / float(asked.len() as u64) / f64::from(viewers),
        last_screen: [50, 99].map(percentile),
        merged: float(numbers) / float(count as u64),
    }
}

/// Asks for changes at a steady pace, whether the ones before are answered or not. Which they were, and when they were asked for.
async fn change(server: &ServerProcess, changes: u32, lasts: Duration) -> Vec<Seen> {
    let seats = SeatIds::shipped(PLAN);
    let mut buyers = Vec::new();
    for buyer in 0..BUYERS {
        let body = format!(r#"{{"seats":["{}"],"userId":"buyer-{buyer}"}}"#, seats.id(buyer));
        let path = |verb| format!("/api/v1/showtimes/{SHOW}/seats/{verb}");
        let requests =
            [("POST", "lock"), ("DELETE", "unlock")].map(|(method, verb)| request(method, &path(verb), &[], &body));
        buyers.push(Arc::new((Mutex::new(HttpConnection::open(&server.address).await), requests)));
    }
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / changes);
    let (began, mut asked) = (Instant::now(), Vec::new());
    let mut turn = 0;
    while began.elapsed() < lasts {
        ticks.tick().await;
        let (buyer, which) = (Arc::clone(&buyers[turn % BUYERS]), turn / BUYERS % 2);
        turn += 1;
        asked.push(tokio::spawn(async move {
            let sent = Instant::now();
            let mut connection = buyer.0.lock().await;
            let answer = connection.ask(&buyer.1[which]).await;
            assert_eq!(answer.status, 200, "nobody else wants the seat");
            (seq(answer.text()), sent)
        }));
    }
    let mut answered = Vec::new();
    for change in asked {
        answered.push(change.await.expect("a buyer is answered"));
    }
    answered
}

/// Notes when each frame came, until the last change is there.
async fn watch_until(mut viewer: FrameReader, mut last: watch::Receiver<u64>) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    loop {
        if seen.last().is_some_and(|(seq, _)| *seq >= *last.borrow_and_update()) {
            return seen;
        }
        tokio::select! {
            frame = viewer.next() => seen.push((seq(&frame.expect("the connection stands").text), Instant::now())),
            told = last.changed() => told.expect("viewers are told when to stop"),
        }
    }
}

async fn all_seen(watching: Vec<JoinHandle<Vec<Seen>>>) -> Vec<Vec<Seen>> {
    let mut frames = Vec::new();
    for viewer in watching {
        let seen = tokio::time::timeout(PATIENCE, viewer).await.expect("a viewer sees the last change");
        frames.push(seen.expect("a viewer ends well"));
    }
    frames
}

/// How long after it was asked for a change was on the last screen.
fn last_screen((seq, asked): Seen, frames: &[Vec<Seen>]) -> Duration {
    let at = |seen: &Vec<Seen>| seen[seen.partition_point(|(shown, _)| *shown < seq)].1;
    frames.iter().map(at).max().expect("there are viewers").saturating_duration_since(asked)
}

fn seq(text: &str) -> u64 {
    position(text).rsplit_once('-').and_then(|(_, seq)| seq.parse().ok()).expect("a sequence number")
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("a count is small"))
}

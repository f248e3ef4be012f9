//! Clients that stop reading, among many that do. Invariants: those who read get every change, none of them late because of the
//! others; those who do not cost a bounded amount of memory, and are given up.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::scene::SHOW;
use crate::support::plan::SeatIds;
use crate::support::{Follower, RedisServer, ServerProcess, Viewer};

const HEALTHY: usize = 1_000;
const STALLED: usize = 200;
/// Changes of the whole hall in each half of the test; together much more than the buffers between server and client hold.
const CHANGES: u64 = 100;
/// What a client that does not read may cost the server, in bytes, with changes of the size that they have here.
const COST: u64 = 512 * 1024;
/// What a server's memory may grow besides: answers under way, what allocators keep.
const SLACK: u64 = 32 * 1024 * 1024;
/// How long a test waits. The server gives clients up that take nothing for 10 s, and the kernel lets go of their
/// connections about a minute later.
const LONG: Duration = Duration::from_secs(120);

/// Changes these seats again and again; the times after which the last of the healthy viewers had each change, sorted.
async fn changes(server: &ServerProcess, viewers: &mut [Follower], seats: &[&str]) -> Vec<Duration> {
    let mut sent = Vec::new();
    for n in 0..CHANGES {
        let now = Instant::now();
        let reply =
            if n % 2 == 0 { server.api.block(SHOW, seats).await } else { server.api.unblock(SHOW, seats).await };
        let position = reply.expect(200)["position"].as_str().unwrap().to_owned();
        let seq: u64 = position.rsplit_once('-').unwrap().1.parse().unwrap();
        sent.push((seq, now));
        let there = join_all(viewers.iter_mut().map(|viewer| viewer.until(seq)));
        assert!(tokio::time::timeout(LONG, there).await.is_ok(), "a healthy viewer waits for change {n}");
    }
    let last = |(seq, sent): &(u64, Instant)| {
        let arrivals = viewers.iter().map(|viewer| viewer.arrival(*seq).expect("it has arrived"));
        arrivals.max().expect("there are viewers").duration_since(*sent)
    };
    let mut times: Vec<Duration> = sent.iter().map(last).collect();
    times.sort();
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_viewers_do_not_notice_two_hundred_that_stop_reading() {
    let redis = RedisServer::start();
    let server = ServerProcess::start(&redis.url()).await;
    server.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let all: Vec<&str> = (0..seats.len()).map(|seat| seats.id(seat)).collect();
    let base = &server.api.base;
    let mut viewers = join_all((0..HEALTHY).map(|_| Follower::join(base, SHOW))).await;
    let without = changes(&server, &mut viewers, &all).await;

    let (memory, files) = (server.memory(), server.open_files());
    let stalled = join_all((0..STALLED).map(|_| Viewer::with_small_buffer(base, SHOW, &seats))).await;
    assert!(server.open_files() >= files + STALLED);
    let with = changes(&server, &mut viewers, &all).await;
    let cost = server.memory().saturating_sub(memory);
    let middle = |times: &[Duration]| times[times.len() / 2];
    let (before, beside, each) = (middle(&without), middle(&with), cost / STALLED as u64 / 1_024);
    eprintln!(
        "the last viewer had a change after {before:?}, with stalled ones {beside:?}; {each} KiB for each of those"
    );
    assert!(cost <= STALLED as u64 * COST + SLACK, "{cost} bytes for {STALLED} clients that do not read");
    // One that waited for a client that does not read would wait for 10 s.
    assert!(beside < before * 5, "{without:?} {with:?}");

    // That they did not read is sure: the server gives them up, and the kernel lets go of their connections.
    let began = Instant::now();
    while server.open_files() > files {
        assert!(began.elapsed() < LONG, "clients that do not read are given up");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    eprintln!("given up after {:?}; memory {} -> {}", began.elapsed(), memory, server.memory());
    assert!(server.memory() <= memory + SLACK, "what they cost comes back");
    drop(stalled);
    assert!(!changes(&server, &mut viewers, &all[..1]).await.is_empty(), "the others are all still there");
}

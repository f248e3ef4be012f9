//! What the feed loses without saying so is found and mended, and finding it costs the store little.

use std::time::Duration;

use serde_json::json;

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, Viewer, eventually};

const SHOW: &str = "42";

async fn gaps(node: &Node) -> u64 {
    let ready = node.api.get("/health/ready").await;
    ready.body["checks"]["feed"]["gaps"].as_u64().expect("a number of gaps")
}

/// Sells a seat as a script does whose publication nobody hears.
async fn sell_in_silence(redis: &RedisServer, seat: u64) {
    let epoch: String = redis.command(&["HGET", "showtime:{42}:meta", "epoch"]).await;
    let _: () = redis.command(&["SETRANGE", "showtime:{42}:map", &seat.to_string(), "o"]).await;
    let seq: u64 = redis.command(&["HINCRBY", "showtime:{42}:meta", "seq", "1"]).await;
    let entry = json!({ "v": 1, "e": epoch, "s": seq, "t": 0, "c": [[seat, "o"]] }).to_string();
    let _: String = redis.command(&["XADD", "showtime:{42}:log", &format!("{seq}-0"), "d", &entry]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_was_lost_is_found_although_nothing_follows_it() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
    assert_eq!(gaps(&node).await, 0);
    sell_in_silence(&redis, 0).await;
    viewer.until_seat("A-1", 'o').await;
    assert_eq!((viewer.snapshots, viewer.stale), (1, false), "history filled the gap");
    assert_eq!(gaps(&node).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_was_lost_is_found_by_the_next_one() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    sell_in_silence(&redis, 0).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
    assert!(viewer.replica.states.starts_with("ol"), "{}", viewer.replica.states);
    assert_eq!((viewer.snapshots, viewer.seen, gaps(&node).await), (1, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_emptied_in_silence_ends_the_room() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let _: () = redis.command(&["FLUSHALL"]).await;
    assert_eq!(viewer.until_closed().await, 4404);
}

/// How often Redis has read a showtime's history, or its whole map.
async fn reads(redis: &RedisServer) -> u64 {
    let stats: String = redis.command(&["INFO", "commandstats"]).await;
    let calls = |command: &str| {
        let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")))?;
        line.split(',').next()?.parse::<u64>().ok()
    };
    calls("xrange").unwrap_or(0) + calls("xrevrange").unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rooms_recover_with_a_few_reads_each() {
    const ROOMS: u64 = 1_000;
    let redis = RedisServer::start();
    let patient = seatcast::config::Config { room_linger: Duration::from_secs(600), ..redis_config(&redis.url()) };
    let node = Node::with(patient).await;
    let names: Vec<String> = (0..ROOMS).map(|n| format!("s{n}")).collect();
    for name in &names {
        node.api.create(name, "cinema", 900).await;
        // A poll opens a room, and several at once read it once.
        tokio::join!(node.api.status(name), node.api.status(name), node.api.status(name));
    }
    assert_eq!(node.room_count() as u64, ROOMS);
    assert!(reads(&redis).await <= ROOMS * 2, "three polls at once open a room with one read");
    let before = reads(&redis).await;
    for kind in ["normal", "pubsub"] {
        let _: i64 = redis.command(&["CLIENT", "KILL", "TYPE", kind]).await;
    }
    for name in &names {
        eventually("the room is live again", async || {
            let answer = node.api.status(name).await.expect(200);
            (answer["stale"] == false).then_some(())
        })
        .await;
    }
    node.api.lock(&names[999], &["A-1"], 7).await.expect(200);
    eventually("the last room follows", async || {
        (node.api.seat(&names[999], "A-1").await["status"] == "locked").then_some(())
    })
    .await;
    let read = reads(&redis).await - before;
    assert!((ROOMS..ROOMS * 3).contains(&read), "{read} reads for {ROOMS} rooms");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_whose_connection_breaks_are_answered_with_what_became_of_them() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for (seat, is_done) in [("A-1", true), ("A-2", false)] {
        // Redis has the change and carries it out later, or never, and the connection is gone before it answers.
        let _: () = redis.command(&["CLIENT", "PAUSE", "60000", "WRITE"]).await;
        let (api, name) = (node.api.clone(), seat.to_owned());
        let locking = tokio::spawn(async move { api.lock(SHOW, &[&name], 7).await });
        eventually("the change waits in Redis", async || {
            let clients: String = redis.command(&["INFO", "clients"]).await;
            (!clients.contains("blocked_clients:0")).then_some(())
        })
        .await;
        if is_done {
            let _: () = redis.command(&["CLIENT", "UNPAUSE"]).await;
        }
        let _: i64 = redis.command(&["CLIENT", "KILL", "TYPE", "normal"]).await;
        let _: () = redis.command(&["CLIENT", "UNPAUSE"]).await;
        let reply = locking.await.unwrap().expect(200);
        assert_eq!(reply["seats"][0]["seatId"], seat);
        viewer.until_seat(seat, 'l').await;
    }
    assert_eq!((viewer.snapshots, viewer.seen), (1, 2), "each was made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_given_up_does_not_happen_when_redis_wakes() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    redis.signal("STOP");
    assert_eq!(node.api.lock(SHOW, &["A-1"], 7).await.problem(503), "outcome_unknown");
    redis.signal("CONT");
    node.ready().await;
    let locked = node.api.lock(SHOW, &["A-2"], 8).await.expect(200);
    viewer.until_position(locked["position"].as_str().unwrap()).await;
    assert!(viewer.replica.states.starts_with("al"), "{}", viewer.replica.states);
    assert_eq!(viewer.seen, 1);
}

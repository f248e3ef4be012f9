//! Redis goes away and comes back: maps stay readable and say that they are stale, changes are refused, and nothing needs a
//! restart afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, Viewer, eventually};

const SHOW: &str = "42";

async fn heals(node: &Node, redis: &RedisServer, viewer: &mut Viewer) {
    node.ready().await;
    viewer.until("the viewer is told that the map is live", |viewer| !viewer.stale).await;
    let locked = eventually("a lock succeeds", async || {
        let reply = node.api.lock(SHOW, &["B-1"], 7).await;
        (reply.status == 200).then_some(reply.body)
    })
    .await;
    viewer.until_position(locked["position"].as_str().unwrap()).await;
    let states: String = redis.command(&["GET", "showtime:{42}:map"]).await;
    assert_eq!(viewer.replica.states, states);
}

async fn is_stale(node: &Node, viewer: &mut Viewer) {
    viewer.until("the viewer is told that the map is stale", |viewer| viewer.stale).await;
    let status = node.api.status(SHOW).await;
    assert_eq!(status.header("cache-control"), "no-store");
    let status = status.expect(200);
    assert!(status["stale"] == true && status["staleSince"].is_string(), "the map stays readable");
    node.api.get(&format!("/api/v1/showtimes/{SHOW}")).await.expect(200);
    let refused = node.api.lock(SHOW, &["A-2"], 7).await;
    assert!(matches!(refused.problem(503), "store_unavailable" | "outcome_unknown"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(node.api.get("/health/ready").await.status, 503);
    assert_eq!(node.api.get("/health/live").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_redis_starts_serves_health_and_waits() {
    let mut redis = RedisServer::start();
    redis.kill();
    let node = Node::starting(&redis_config(&redis.url()));
    eventually("the server answers", async || {
        let reply = node.api.try_send(node.api.request("GET", "/health/live")).await;
        reply.is_ok_and(|reply| reply.status == 200).then_some(())
    })
    .await;
    assert_eq!(node.api.get("/health/ready").await.status, 503);
    assert_eq!(node.api.get("/health/redis").await.status, 503);
    assert_eq!(node.api.get("/api/v1/showtimes").await.problem(503), "store_unavailable");
    assert_eq!(node.api.status(SHOW).await.problem(503), "store_unavailable");
    redis.run();
    node.ready().await;
    node.api.create(SHOW, "cinema", 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_was_asked_for_before_its_showtime_was_there_follows_it() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    for n in 0..20 {
        let show = format!("s{n}");
        let polls: Vec<_> = (0..3)
            .map(|_| {
                let (api, show) = (node.api.clone(), show.clone());
                tokio::spawn(async move { while api.status(&show).await.status != 200 {} })
            })
            .collect();
        node.api.create(&show, "cinema", 900).await;
        for poll in polls {
            poll.await.unwrap();
        }
        let mut viewer = Viewer::join(&node.api.base, &show, &SeatIds::shipped("cinema")).await;
        node.api.lock(&show, &["A-1"], 7).await.expect(200);
        viewer.until_seat("A-1", 'l').await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_that_were_opened_in_an_outage_leave_nothing_behind() {
    let mut redis = RedisServer::durable();
    let quick = seatcast::config::Config { room_linger: Duration::from_millis(50), ..redis_config(&redis.url()) };
    let node = Node::with(quick).await;
    node.api.create(SHOW, "cinema", 900).await;
    node.api.status(SHOW).await.expect(200);
    eventually("the room is closed", async || (node.room_count() == 0).then_some(())).await;
    redis.kill();
    for _ in 0..20 {
        node.api.status(SHOW).await.problem(503);
    }
    redis.run();
    node.ready().await;
    eventually("the showtime can be read", async || (node.api.status(SHOW).await.status == 200).then_some(())).await;
    eventually("nothing is watched any more", async || {
        let subscribers: Vec<(String, i64)> = redis.command(&["PUBSUB", "NUMSUB", "showtime:{42}:diffs"]).await;
        (node.room_count() == 0 && subscribers[0].1 == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_refuses_new_locks_and_goes_on_with_what_gives_back() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 2).await;
    node.api.create("later", "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    node.api.lock("later", &["A-1"], 7).await.expect(200);
    let _: () = redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let refused = node.api.lock(SHOW, &["A-2"], 7).await;
    assert_eq!(refused.problem(503), "store_unavailable");
    let body = serde_json::json!({
        "title": "T", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": "theatre",
    });
    assert_eq!(node.api.put_showtime("new", &body).await.problem(503), "store_unavailable");
    viewer.until_seat("A-1", 'a').await;
    assert_eq!(node.api.seat("later", "A-1").await["status"], "locked", "a map can be opened");
    node.api.unlock("later", &["A-1"], 7).await.expect(200);
    let _: () = redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pollers_keep_their_map_through_an_outage() {
    let mut redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let status = node.api.status(SHOW).await.expect(200);
    redis.kill();
    eventually("the map is stale", async || (node.api.status(SHOW).await.expect(200)["stale"] == true).then_some(()))
        .await;
    // A position that the room has not reached makes it read, in vain.
    let ahead = status["position"].as_str().unwrap().replace("-0", "-99");
    for _ in 0..3 {
        node.api.get(&format!("/api/v1/showtimes/{SHOW}/seats/changes?since={ahead}")).await;
        assert_eq!(node.api.status(SHOW).await.expect(200)["stale"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_can_no_longer_save_makes_maps_stale_until_it_can() {
    let redis = RedisServer::with(&["--save", "", "--enable-protected-configs", "yes"]);
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 2).await;
    node.api.create("later", "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    // A file name that cannot be written: the next save fails, and Redis refuses all that writes.
    let _: () = redis.command(&["CONFIG", "SET", "dbfilename", "."]).await;
    let _: () = redis.command(&["CONFIG", "SET", "save", "3600 1"]).await;
    let _: Result<String, _> = redis::cmd("BGSAVE").query_async(&mut redis.connection().await).await;
    is_stale(&node, &mut viewer).await;
    node.api.status("later").await.expect(200);
    let _: () = redis.command(&["CONFIG", "SET", "save", ""]).await;
    viewer.until_seat("A-1", 'a').await;
    heals(&node, &redis, &mut viewer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_of_redis_showtimes_can_be_replaced_and_removed_at_once() {
    let mut redis = RedisServer::durable();
    let node = Node::start(&redis).await;
    for show in ["replaced", "removed"] {
        node.api.create(show, "cinema", 900).await;
    }
    redis.kill();
    redis.run();
    // Nothing has written to these showtimes since: the new epoch is not noted yet.
    let body = serde_json::json!({
        "title": "Second night", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": "cinema",
    });
    node.ready().await;
    node.api.put_showtime("replaced", &body).await.expect(200);
    let removed = node.api.send(node.api.request("DELETE", "/api/v1/showtimes/removed")).await;
    assert_eq!(removed.status, 204, "{}", removed.body);
}

/// The ids of the connections that carry commands, this question's own left out.
async fn command_connections(redis: &RedisServer) -> BTreeSet<u64> {
    let clients: String = redis.command(&["CLIENT", "LIST", "TYPE", "normal"]).await;
    let others = clients.lines().filter(|line| !line.contains(" cmd=client|list "));
    let id = |line: &str| line.strip_prefix("id=")?.split(' ').next()?.parse().ok();
    others.filter_map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_has_a_connection_of_its_own_and_all_are_replaced_when_it_breaks() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    // The shared one is the oldest.
    let own = async || command_connections(&redis).await.into_iter().nth(1);
    let own = eventually("a worker has opened one of its own", own).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let before = command_connections(&redis).await;
    let _: i64 = redis.command(&["CLIENT", "KILL", "ID", &own.to_string()]).await;
    eventually("others have taken their place", async || {
        // Its loss is noticed by whoever asks something over it, or when it is to show that it is alive.
        let locked = node.api.lock(SHOW, &["A-2"], 7).await.status;
        let now = command_connections(&redis).await;
        (locked == 200 && now.len() > 1 && now.is_disjoint(&before)).then_some(())
    })
    .await;
}

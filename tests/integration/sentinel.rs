//! A primary that moves: sentinels promote a replica, and servers of ours follow by themselves.

use std::collections::HashMap;

use redis::aio::MultiplexedConnection;

use crate::support::plan::SeatIds;
use crate::support::proxy::Proxy;
use crate::support::sentinel_set::Sentinel;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, SentinelSet, ServerProcess, Viewer, eventually};

const SHOW: &str = "42";

/// A viewer with a lock on its map that every replica has.
async fn begin(set: &SentinelSet, node: &Node) -> Viewer {
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    set.replicate().await;
    viewer
}

/// The epoch of the viewer's map.
fn epoch(viewer: &Viewer) -> String {
    viewer.replica.position.split('-').next().expect("an epoch").to_owned()
}

/// Commands work again, the feed carries what other programs do to this server, and the viewer has what it has, in a new epoch.
async fn follows(node: &Node, primary: &RedisServer, viewer: &mut Viewer, before: &str) {
    // What the old one answered until it was left is lost: locks are best effort across a failover.
    eventually("a lock is answered by the new primary", async || {
        let answer = node.api.lock(SHOW, &["B-1"], 7).await;
        let here: Option<String> = primary.command(&["GET", "seat_lock:{42}:B-1"]).await;
        (answer.status == 200 && here.is_some_and(|value| value.starts_with("7|"))).then_some(())
    })
    .await;
    viewer.until_seat("B-1", 'l').await;
    let _: () = primary.command(&["SET", "seat_lock:{42}:C-1", "9", "EX", "60"]).await;
    viewer.until_seat("C-1", 'l').await;
    viewer.until("the map is live", |viewer| !viewer.stale).await;
    assert_ne!(epoch(viewer), before, "a new epoch");
    let late = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    assert_eq!(late.replica, viewer.replica);
    let map: String = primary.command(&["GET", "showtime:{42}:map"]).await;
    assert_eq!(viewer.replica.states, map);
}

async fn listeners(server: &RedisServer) -> i64 {
    let listeners: Vec<(String, i64)> = server.command(&["PUBSUB", "NUMSUB", "showtime:{42}:diffs"]).await;
    listeners[0].1
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_primary_dies_viewers_and_lockers_go_on_with_the_one_that_is_promoted() {
    let mut set = SentinelSet::start().await;
    let node = Node::with(redis_config(&set.url())).await;
    let mut viewer = begin(&set, &node).await;
    let before = epoch(&viewer);
    let api = node.api.clone();
    let (over, is_over) = tokio::sync::watch::channel(false);
    let locker = tokio::spawn(async move {
        let mut answers = Vec::new();
        for n in 0.. {
            // Asked after the failover, so what is answered now is the promoted one's.
            let last = *is_over.borrow();
            answers.push(api.lock(SHOW, &[&format!("D-{}", 1 + n % 8)], 8).await.status);
            if last {
                break;
            }
        }
        answers
    });
    set.servers[0].kill();
    let place = set.promoted().await;
    follows(&node, &set.servers[place], &mut viewer, &before).await;
    over.send_replace(true);
    let answers = locker.await.unwrap();
    assert_eq!(answers.last(), Some(&200), "{answers:?}");
    assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
    assert_eq!(node.api.seat(SHOW, "A-1").await["status"], "locked", "what had been replicated is there");
    // The old primary comes back as a replica, and nobody minds.
    set.servers[0].run();
    node.api.lock(SHOW, &["B-2"], 7).await.expect(200);
    viewer.until_seat("B-2", 'l').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_demoted_while_it_answers_is_left_by_commands_and_feed() {
    let set = SentinelSet::start().await;
    let node = Node::with(redis_config(&set.url())).await;
    let mut viewer = begin(&set, &node).await;
    let before = epoch(&viewer);
    let _: () = set.sentinels[0].try_command(&["SENTINEL", "FAILOVER", "seats"]).await.expect("a failover begins");
    let place = set.promoted().await;
    follows(&node, &set.servers[place], &mut viewer, &before).await;
    assert_eq!((listeners(&set.servers[0]).await, listeners(&set.servers[place]).await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposed_primary_that_the_sentinels_cannot_reach_is_left_all_the_same() {
    let set = SentinelSet::start().await;
    let node = Node::with(redis_config(&set.url())).await;
    let mut viewer = begin(&set, &node).await;
    let before = epoch(&viewer);
    let mut inside = cut_off(&set.servers[0]).await;
    let place = set.promoted().await;
    follows(&node, &set.servers[place], &mut viewer, &before).await;
    assert_eq!(role(&mut inside).await.as_deref(), Some("master"), "it still takes itself for the primary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_is_left_although_the_failover_goes_on_and_the_sentinel_that_leads_it_describes_the_old_one() {
    let set = SentinelSet::start().await;
    let node = Node::with(redis_config(&set.url())).await;
    let mut viewer = begin(&set, &node).await;
    let before = epoch(&viewer);
    // A replica that may not be promoted and does not answer keeps the failover going: it is waited for.
    let _: () = set.servers[2].command(&["CONFIG", "SET", "replica-priority", "0"]).await;
    for sentinel in &set.sentinels {
        for (setting, value) in [("down-after-milliseconds", "60000"), ("failover-timeout", "180000")] {
            let _: () = sentinel.try_command(&["SENTINEL", "SET", "seats", setting, value]).await.expect("it obeys");
        }
        eventually("the sentinel knows who may be promoted", async || {
            let replicas: Vec<HashMap<String, String>> =
                sentinel.try_command(&["SENTINEL", "REPLICAS", "seats"]).await.ok()?;
            replicas.iter().any(|replica| replica["slave-priority"] == "0").then_some(())
        })
        .await;
    }
    set.servers[2].signal("STOP");
    let mut inside = cut_off(&set.servers[0]).await;
    let _: () = set.sentinels[0].try_command(&["SENTINEL", "FAILOVER", "seats"]).await.expect("a failover begins");
    eventually("the replica is promoted", async || {
        let mut promoted = set.servers[1].client().get_multiplexed_async_connection().await.ok()?;
        (role(&mut promoted).await? == "master").then_some(())
    })
    .await;
    follows(&node, &set.servers[1], &mut viewer, &before).await;
    assert_eq!(role(&mut inside).await.as_deref(), Some("master"), "it still takes itself for the primary");
    let leader = set.sentinels[0].master().await.expect("it answers");
    assert_eq!(leader["port"], set.servers[0].port().to_string(), "the failover goes on");
}

/// From now on nobody gets in, and of those who are in the sentinels are thrown out: they cannot tell the server anything.
async fn cut_off(server: &RedisServer) -> MultiplexedConnection {
    let mut inside = server.connection().await;
    let _: () = redis::cmd("CONFIG").arg("SET").arg("requirepass").arg("x").query_async(&mut inside).await.unwrap();
    let clients: String = redis::cmd("CLIENT").arg("LIST").query_async(&mut inside).await.unwrap();
    for client in clients.lines().filter(|client| client.contains("name=sentinel-")) {
        let id = client.split_whitespace().find_map(|field| field.strip_prefix("id=")).expect("an id");
        let _: redis::RedisResult<i64> =
            redis::cmd("CLIENT").arg("KILL").arg("ID").arg(id).query_async(&mut inside).await;
    }
    inside
}

/// What a server takes itself for.
async fn role(inside: &mut MultiplexedConnection) -> Option<String> {
    let role: Vec<redis::Value> = redis::cmd("ROLE").query_async(inside).await.ok()?;
    redis::from_redis_value(role.into_iter().next()?).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_that_are_dead_or_wrong_do_not_matter_while_another_knows() {
    let mut set = SentinelSet::start().await;
    // It takes a server for the primary that is a replica of nobody who can be reached.
    let stray = RedisServer::with(&["--save", "", "--replicaof", "127.0.0.1", "1"]);
    let wrong = Sentinel::start(stray.port(), 9);
    eventually("the wrong one answers", async || wrong.master().await).await;
    set.sentinels[0].kill();
    let url = set.url().replace("redis+sentinel://", &format!("redis+sentinel://{},", wrong.address()));
    let node = Node::with(redis_config(&url)).await;
    let mut viewer = begin(&set, &node).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_that_are_all_out_of_reach_or_do_not_know_the_name_are_said_so() {
    let redis = RedisServer::start();
    let sentinel = Sentinel::start(redis.port(), 1);
    eventually("the sentinel answers", async || sentinel.master().await).await;
    let nobody = "redis+sentinel://:hunter2@127.0.0.1:1,127.0.0.1:2/seats".to_owned();
    let misnamed = format!("redis+sentinel://{}/chairs", sentinel.address());
    for (url, words) in [(nobody, ["127.0.0.1:1: ", "127.0.0.1:2: "]), (misnamed, ["No such master", "chairs"])] {
        let server = ServerProcess::begin(&url);
        let said = eventually("the server says why", async || {
            let log = server.log();
            log.contains("no sentinel says where the primary is").then_some(log)
        })
        .await;
        assert!(words.iter().all(|word| said.contains(word)) && !said.contains("hunter2"), "{said}");
        let reply = eventually("the server answers", async || {
            server.api.try_send(server.api.request("GET", "/api/v1/showtimes")).await.ok()
        })
        .await;
        assert_eq!(reply.problem(503), "store_unavailable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_to_another_primary_takes_the_feed_along() {
    let old = RedisServer::with(&["--save", "", "--repl-diskless-sync-delay", "0"]);
    let new = old.replica();
    let proxy = Proxy::start(format!("127.0.0.1:{}", old.port())).await;
    let node = Node::with(redis_config(&format!("redis://{}", proxy.address))).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let before = epoch(&viewer);
    old.is_followed_by(&new).await;
    // No connection is cut: the old primary passes on what the new one publishes, as a replica.
    proxy.lead_to(format!("127.0.0.1:{}", new.port()));
    let _: () = new.command(&["REPLICAOF", "NO", "ONE"]).await;
    let _: () = old.command(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]).await;
    follows(&node, &new, &mut viewer, &before).await;
    eventually("the feed has moved", async || ((listeners(&old).await, listeners(&new).await) == (0, 1)).then_some(()))
        .await;
}

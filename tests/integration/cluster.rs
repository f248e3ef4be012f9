//! A Redis Cluster: the store's work on it, slots that move and primaries that die under it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::conformance;
use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisCluster, TestStore, Viewer, eventually};

async fn node(cluster: &RedisCluster) -> Node {
    Node::with(redis_config(&cluster.url())).await
}

fn body(title: &str) -> serde_json::Value {
    json!({ "title": title, "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": "cinema" })
}

/// Where a showtime stands by the answer of a node.
async fn position(node: &Node, show: &str) -> String {
    let answer = node.api.get(&format!("/api/v1/showtimes/{show}")).await.expect(200);
    answer["position"].as_str().expect("a position").to_owned()
}

/// How often a room lacked what the feed should have brought.
async fn gaps(node: &Node) -> u64 {
    let ready = node.api.get("/health/ready").await;
    ready.body["checks"]["feed"]["gaps"].as_u64().expect("a number of gaps")
}

/// Has a viewer follow to where the showtime is in the store.
async fn catches_up(node: &Node, show: &str, viewer: &mut Viewer) {
    viewer.until("the map is fresh", |viewer| !viewer.stale).await;
    viewer.until_position(&position(node, show).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn showtimes_in_all_parts_of_a_cluster_work_as_on_one_server() {
    let cluster = RedisCluster::start().await;
    let (one, two) = (node(&cluster).await, node(&cluster).await);
    let seats = SeatIds::shipped("cinema");
    let shows = cluster.one_showtime_each().await;
    for (n, show) in shows.iter().enumerate() {
        one.api.create(show, "cinema", 900).await;
        let mut viewer = Viewer::join(&one.api.base, show, &seats).await;
        let mut other = Viewer::join(&two.api.base, show, &seats).await;
        two.api.lock(show, &["A-1", "A-2"], 7).await.expect(200);
        assert_eq!(one.api.lock(show, &["A-1"], 8).await.problem(409), "seats_unavailable");
        one.api.extend(show, &["A-1", "A-2"], 7).await.expect(200);
        one.api.book(show, &["A-1"], 7, "b-1").await.expect(200);
        two.api.release(show, &["A-1"], "b-1").await.expect(200);
        two.api.unlock(show, &["A-2"], 7).await.expect(200);
        one.api.block(show, &["A-3"]).await.expect(200);
        for viewer in [&mut viewer, &mut other] {
            viewer.until_seat("A-3", 'b').await;
            assert_eq!((viewer.snapshots, viewer.replica.states.matches('l').count()), (1, 0));
        }
        // Another program's lock shows by the key events of its own server.
        let key = format!("seat_lock:{{{show}}}:A-4");
        let _: () = cluster.servers[n].command(&["SET", &key, "9", "EX", "60"]).await;
        viewer.until_seat("A-4", 'l').await;
        other.until_seat("A-4", 'l').await;
        let _: i64 = cluster.servers[n].command(&["DEL", &key]).await;
        viewer.until_seat("A-4", 'a').await;
        other.until_seat("A-4", 'a').await;
        assert_eq!(viewer.replica, other.replica);
    }
    let list = two.api.get("/api/v1/showtimes").await.expect(200);
    assert_eq!(list["showtimes"].as_array().map(Vec::len), Some(shows.len()));
    for show in &shows {
        assert_eq!(two.api.put_showtime(show, &body("Second night")).await.status, 200);
        assert_eq!(one.api.send(one.api.request("DELETE", &format!("/api/v1/showtimes/{show}"))).await.status, 204);
    }
    for keys in cluster.everywhere::<Vec<String>>(&["KEYS", "*show*"]).await {
        assert!(keys.is_empty(), "{keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_keeps_what_every_store_promises() {
    let cluster = RedisCluster::start().await.shared();
    let parts = AtomicUsize::new(0);
    conformance::on_others(|| {
        TestStore::Cluster(Arc::clone(&cluster), format!("part-{}:", parts.fetch_add(1, Ordering::Relaxed)))
    })
    .await;
}

/// Locks and books one seat after another until each is sold, and returns the seats that it sold. What is not answered, or
/// refused for the time being, is repeated.
async fn sell_out(node: Arc<Node>, show: String, user: u32, seats: Arc<SeatIds>) -> Vec<usize> {
    let mut sold = Vec::new();
    for index in 0..seats.len() {
        let (seat, booking) = (seats.id(index), format!("b-{user}-{index}"));
        let locked = eventually("the lock is answered", async || {
            let reply = node.api.lock(&show, &[seat], user).await;
            (reply.status != 503).then_some(reply.status)
        })
        .await;
        if locked == 409 {
            continue;
        }
        let booked = eventually("the booking is answered", async || {
            let reply = node.api.book(&show, &[seat], user, &booking).await;
            (reply.status != 503).then_some(reply)
        })
        .await;
        booked.expect(200);
        sold.push(index);
    }
    sold
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slot_that_moves_under_load_loses_nothing_and_its_viewers_follow() {
    let cluster = RedisCluster::start().await;
    let nodes = [Arc::new(node(&cluster).await), Arc::new(node(&cluster).await)];
    let seats = SeatIds::shipped("cinema");
    let [show, still, _] = cluster.one_showtime_each().await;
    for name in [&show, &still] {
        nodes[0].api.create(name, "cinema", 900).await;
    }
    let mut viewers = Vec::new();
    for node in &nodes {
        viewers.push(Viewer::join(&node.api.base, &show, &seats).await);
    }
    let (stop, stopped) = tokio::sync::watch::channel(String::new());
    let watching: Vec<_> = viewers.into_iter().map(|viewer| tokio::spawn(viewer.read_until(stopped.clone()))).collect();
    let selling: Vec<_> = (0..4)
        .map(|user| {
            let node = Arc::clone(&nodes[user as usize % 2]);
            tokio::spawn(sell_out(node, show.clone(), user, Arc::clone(&seats)))
        })
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let (done, bystander, other) = (Arc::clone(&over), Arc::clone(&nodes[1]), still.clone());
    let undisturbed = tokio::spawn(async move {
        while !done.load(Ordering::Relaxed) {
            bystander.api.lock(&other, &["A-1"], 7).await.expect(200);
            bystander.api.unlock(&other, &["A-1"], 7).await.expect(200);
        }
    });
    let slot = cluster.slot(&show).await;
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        cluster.move_slot(slot, from, to).await;
        // The next move comes when the showtime is in use where it is now.
        let before = position(&nodes[0], &show).await;
        eventually("the sale goes on, or is over", async || {
            let sold_out = !nodes[0].api.status(&show).await.body.to_string().contains("available");
            (sold_out || position(&nodes[0], &show).await != before).then_some(())
        })
        .await;
    }
    let mut sold = Vec::new();
    for task in selling {
        sold.extend(task.await.expect("nobody was told anything wrong"));
    }
    sold.sort_unstable();
    assert_eq!(sold, (0..seats.len()).collect::<Vec<_>>(), "each seat was sold once");
    over.store(true, Ordering::Relaxed);
    undisturbed.await.expect("another showtime is not disturbed");
    stop.send_replace(position(&nodes[0], &show).await);
    for task in watching {
        let viewer = task.await.expect("the viewer followed");
        assert_eq!(viewer.replica.states, "o".repeat(seats.len()));
        assert!(viewer.snapshots > 1, "a slot on another server begins a new history");
    }
    for node in &nodes {
        node.ready().await;
    }
    // Key events are heard where the showtime has come to.
    let mut viewer = Viewer::join(&nodes[1].api.base, &still, &seats).await;
    cluster.move_slot(cluster.slot(&still).await, 1, 2).await;
    let key = format!("seat_lock:{{{still}}}:A-4");
    let _: () = cluster.servers[2].command(&["SET", &key, "9", "EX", "60"]).await;
    viewer.until_seat("A-4", 'l').await;
    catches_up(&nodes[1], &still, &mut viewer).await;
    for node in &nodes {
        assert_eq!(
            gaps(node).await,
            0,
            "channels are joined where their showtimes are, before anybody misses a change"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_slot_is_between_two_servers_no_script_is_stopped_half_way() {
    let cluster = RedisCluster::start().await;
    let node = node(&cluster).await;
    let [show, ..] = cluster.one_showtime_each().await;
    node.api.create(&show, "cinema", 900).await;
    // Now each of the showtime's keys is there: a server of the cluster does not see that one will be missing.
    node.api.lock(&show, &["A-1", "A-2"], 7).await.expect(200);
    node.api.book(&show, &["A-1"], 7, "b-1").await.expect(200);
    node.api.block(&show, &["A-3"]).await.expect(200);
    let before = node.api.get(&format!("/api/v1/showtimes/{show}")).await.expect(200);
    let slot = cluster.slot(&show).await;
    cluster.open_slot(slot, 0, 1).await;
    let second = body("Second night");
    let (renamed, locked, unlocked) = tokio::join!(
        node.api.put_showtime(&show, &second),
        node.api.lock(&show, &["A-4"], 7),
        node.api.unlock(&show, &["A-2"], 7),
    );
    for refused in [renamed, locked, unlocked] {
        assert_eq!(refused.problem(503), "store_unavailable");
    }
    cluster.close_slot(slot, 0, 1).await;
    assert_eq!(node.api.get(&format!("/api/v1/showtimes/{show}")).await.expect(200), before, "nothing was changed");
    let map = node.api.status(&show).await.expect(200);
    let seats: Vec<_> = (0..4).map(|n| map["seats"][n]["status"].as_str().unwrap()).collect();
    assert_eq!(seats, ["occupied", "locked", "blocked", "available"]);
    node.api.put_showtime(&show, &second).await.expect(200);
    node.api.unlock(&show, &["A-2"], 7).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_dies_is_replaced_by_its_replica_and_the_others_do_not_notice() {
    let mut cluster = RedisCluster::with_replicas().await;
    let node = node(&cluster).await;
    let seats = SeatIds::shipped("cinema");
    let [show, other, _] = cluster.one_showtime_each().await;
    let mut viewers = Vec::new();
    for name in [&show, &other] {
        node.api.create(name, "cinema", 900).await;
        viewers.push(Viewer::join(&node.api.base, name, &seats).await);
        node.api.lock(name, &["A-1"], 7).await.expect(200);
    }
    // What is not replicated yet is lost with the primary. A connection waits for what it has written, and what was before.
    eventually("the replica has everything", async || {
        let mut pipeline = redis::pipe();
        pipeline.cmd("SET").arg(format!("{{{show}}}")).arg("").ignore().cmd("WAIT").arg(1).arg(100);
        let (replicas,): (i64,) = pipeline.query_async(&mut cluster.servers[0].connection().await).await.unwrap();
        (replicas == 1).then_some(())
    })
    .await;
    cluster.servers[0].kill();
    viewers[0].until("the map is stale", |viewer| viewer.stale).await;
    assert_eq!(node.api.lock(&show, &["A-2"], 7).await.status, 503);
    node.api.lock(&other, &["A-2"], 7).await.expect(200);
    viewers[1].until_seat("A-2", 'l').await;
    assert_eq!(viewers[1].snapshots, 1, "the other showtime's history goes on");
    cluster.promote_replica_of(0).await;
    eventually("the showtime can be sold again", async || {
        (node.api.lock(&show, &["A-2"], 7).await.status == 200).then_some(())
    })
    .await;
    node.ready().await;
    for (name, viewer) in [&show, &other].into_iter().zip(&mut viewers) {
        catches_up(&node, name, viewer).await;
        assert_eq!(&viewer.replica.states[..3], "lla");
    }
    assert!(viewers[0].snapshots > 1, "a promoted replica begins a new history");
    node.api.book(&show, &["A-1", "A-2"], 7, "b-1").await.expect(200);
    viewers[0].until_seat("A-2", 'o').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_is_gone_leaves_its_showtimes_refused_and_every_map_marked_stale() {
    let mut cluster = RedisCluster::durable().await;
    let node = node(&cluster).await;
    let seats = SeatIds::shipped("cinema");
    let [show, other, _] = cluster.one_showtime_each().await;
    let mut viewers = Vec::new();
    for name in [&show, &other] {
        node.api.create(name, "cinema", 900).await;
        viewers.push(Viewer::join(&node.api.base, name, &seats).await);
    }
    cluster.servers[0].kill();
    for viewer in &mut viewers {
        viewer.until("the map is stale", |viewer| viewer.stale).await;
    }
    // A request that was under way when the server died may have been carried out.
    eventually("changes are refused", async || {
        (node.api.lock(&show, &["A-1"], 7).await.problem(503) == "store_unavailable").then_some(())
    })
    .await;
    assert_eq!(node.api.status(&show).await.expect(200)["stale"], true);
    assert_eq!(node.api.get("/health/ready").await.status, 503);
    node.api.lock(&other, &["A-1"], 7).await.expect(200);
    viewers[1].until_seat("A-1", 'l').await;
    assert!(viewers[1].stale, "marked stale, and yet it moves");
    let health = node.api.get("/health/store").await.expect(200);
    assert!(health["warnings"].to_string().contains("does not answer"), "{health}");
    cluster.servers[0].run();
    node.ready().await;
    for (name, viewer) in [&show, &other].into_iter().zip(&mut viewers) {
        eventually("the showtime can be sold again", async || {
            (node.api.lock(name, &["A-2"], 7).await.status == 200).then_some(())
        })
        .await;
        catches_up(&node, name, viewer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_primary_makes_maps_stale_and_heals_by_itself() {
    let cluster = RedisCluster::start().await;
    let node = node(&cluster).await;
    let [show, other, _] = cluster.one_showtime_each().await;
    node.api.create(&show, "cinema", 900).await;
    node.api.create(&other, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, &show, &SeatIds::shipped("cinema")).await;
    cluster.servers[0].signal("STOP");
    viewer.until("the map is stale", |viewer| viewer.stale).await;
    node.api.lock(&other, &["A-1"], 7).await.expect(200);
    cluster.servers[0].signal("CONT");
    node.ready().await;
    catches_up(&node, &show, &mut viewer).await;
    node.api.lock(&show, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_are_enough_in_a_cluster() {
    let cluster = RedisCluster::start().await;
    let operations = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let rules = operations.split("```").filter(|block| block.trim_start().starts_with("ACL SETUSER"));
    let words = |rule: &str| rule.split_whitespace().map(String::from).collect::<Vec<_>>();
    let rules: Vec<Vec<String>> = rules.map(words).collect();
    let with = |right: &str| {
        rules.iter().find(|rule| rule.iter().any(|word| word == right)).unwrap_or_else(|| panic!("no rule has {right}"))
    };
    let basis = with("+evalsha");
    let secret = basis.iter().find_map(|word| word.strip_prefix('>')).expect("a password");
    for rule in [basis, with("+ssubscribe")] {
        let rule: Vec<&str> = rule.iter().map(String::as_str).collect();
        let _: Vec<()> = cluster.everywhere(&rule).await;
    }
    let user = &basis[2];
    let node = Node::with(redis_config(&cluster.url_as(&format!("{user}:{secret}@")))).await;
    let [show, ..] = cluster.one_showtime_each().await;
    node.api.create(&show, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, &show, &SeatIds::shipped("cinema")).await;
    node.api.lock(&show, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    cluster.move_slot(cluster.slot(&show).await, 0, 1).await;
    eventually("the showtime goes on elsewhere", async || {
        (node.api.unlock(&show, &["A-1"], 7).await.status == 200).then_some(())
    })
    .await;
    viewer.until_seat("A-1", 'a').await;
    node.api.get("/health/store").await.expect(200);
    for denied in cluster.everywhere::<Vec<redis::Value>>(&["ACL", "LOG"]).await {
        assert!(denied.is_empty(), "{denied:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_speaks_of_the_whole_cluster_and_warns_of_each_server() {
    let cluster = RedisCluster::durable().await;
    let node = node(&cluster).await;
    let health = node.api.get("/health/store").await.expect(200);
    assert_eq!((&health["store"], &health["status"]), (&json!("redis cluster"), &json!("ok")), "{health}");
    let facts = &health["facts"];
    assert_eq!(
        (&facts["cluster_primaries"], &facts["cluster_slots"]),
        (&json!("3"), &json!("16384 of 16384")),
        "{facts}"
    );
    let _: () = cluster.servers[2].command(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let _: () = cluster.servers[1].command(&["CONFIG", "SET", "notify-keyspace-events", ""]).await;
    let health = node.api.get("/health/store").await.expect(200);
    let warnings = health["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 2, "{health}");
    for (server, setting) in [(1, "notify-keyspace-events"), (2, "maxmemory-policy")] {
        let name = format!("127.0.0.1:{}", cluster.servers[server].port());
        let named = |warning: &serde_json::Value| {
            warning.as_str().is_some_and(|warning| warning.starts_with(&name) && warning.contains(setting))
        };
        assert!(warnings.iter().any(named), "{health}");
    }
}

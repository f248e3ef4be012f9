//! Redis dies, freezes, forgets, or drops its connections.

use std::time::Duration;

use super::scene::{HEALS_WITHIN, Level, SHOW, Scene, maps_stay_readable_and_changes_are_refused, two_servers};
use crate::support::plan::SeatIds;
use crate::support::{Node, RedisServer, TestStore, Viewer};

/// How long Redis is frozen. Longer than any patience of the server.
const FROZEN: Duration = Duration::from_secs(10);

fn redis(store: &mut TestStore) -> &mut RedisServer {
    let TestStore::Redis(redis) = store else { panic!("a store on redis") };
    redis
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_restarted_with_its_data_loses_nothing() {
    let mut store = TestStore::redis().durable();
    let [one, two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    let level = Level::of(&one);
    redis(&mut store).kill();
    scene.is_stale().await;
    for server in [&one, &two] {
        maps_stay_readable_and_changes_are_refused(&server.api).await;
    }
    redis(&mut store).run();
    scene.heals().await;
    let outcome = scene.ends().await;
    level.is_back(&one).await;
    assert_eq!(outcome.epochs, 2, "a restarted Redis begins a new epoch");
    assert!(outcome.snapshots >= 2, "with a new epoch comes the whole map");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_lost_everything_ends_the_room() {
    let mut redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    redis.kill();
    redis.run();
    assert_eq!(viewer.until_closed().await, 4404);
    node.ready().await;
    assert_eq!(node.api.status(SHOW).await.problem(404), "unknown_showtime");
    node.api.create(SHOW, "cinema", 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_frozen_for_10_s_makes_maps_stale_and_everything_heals_by_itself() {
    let store = TestStore::redis();
    let TestStore::Redis(redis) = &store else { unreachable!() };
    let [one, two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    let level = Level::of(&one);
    let frozen = tokio::time::Instant::now();
    redis.signal("STOP");
    scene.is_stale().await;
    eprintln!("every viewer knew after {:?}", frozen.elapsed());
    maps_stay_readable_and_changes_are_refused(&one.api).await;
    tokio::time::sleep_until(frozen + FROZEN).await;
    redis.signal("CONT");
    scene.heals().await;
    let outcome = scene.ends().await;
    level.is_back(&one).await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1), "history filled the gap");
    assert!(outcome.unanswered > 0, "what was under way was not answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_pub_sub_connection_loses_nothing() {
    let store = TestStore::redis();
    let TestStore::Redis(redis) = &store else { unreachable!() };
    let [one, two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    let level = Level::of(&one);
    for seat in ["H-1", "H-2", "H-3"] {
        let killed: i64 = redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        assert!(killed >= 2, "{killed}");
        // Another program's lock in the gap is found too.
        let _: () = redis.command(&["SET", &format!("seat_lock:{{42}}:{seat}"), "other", "EX", "60"]).await;
        let index = scene.seats.index(seat);
        scene.somebody_else_unlocks("other", index);
        let seen = scene.watchers.until(|sight| sight.replica.states.as_bytes()[index] == b'l');
        tokio::time::timeout(HEALS_WITHIN, seen).await.expect("every viewer sees the other program's lock");
        scene.heals().await;
        let _: () = redis.command(&["DEL", &format!("seat_lock:{{42}}:{seat}")]).await;
    }
    let outcome = scene.ends().await;
    level.is_back(&one).await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1), "history filled the gaps");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_command_connection_leaves_nothing_half_done() {
    let store = TestStore::redis();
    let TestStore::Redis(redis) = &store else { unreachable!() };
    let [one, two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    let level = Level::of(&one);
    for _ in 0..5 {
        let killed: i64 = redis.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
        assert!(killed >= 2, "{killed}");
        scene.heals().await;
    }
    let outcome = scene.ends().await;
    level.is_back(&one).await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_becomes_a_replica_is_not_written_to_and_comes_back_with_a_new_epoch() {
    let store = TestStore::redis();
    let TestStore::Redis(redis) = &store else { unreachable!() };
    let [one, two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    // Of a primary that is not there: it keeps what it has, and refuses to be written to.
    let _: () = redis.command(&["REPLICAOF", "127.0.0.1", "1"]).await;
    scene.is_stale().await;
    maps_stay_readable_and_changes_are_refused(&one.api).await;
    let _: () = redis.command(&["REPLICAOF", "NO", "ONE"]).await;
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!(outcome.epochs, 2, "a promoted Redis begins a new epoch");
}

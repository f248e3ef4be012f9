//! A server that goes hurts nobody: traffic is sent elsewhere before it closes its door, connections are ended one after
//! another with a word about when to come back, and what was missed meanwhile is made up for.

use std::sync::Arc;
use std::time::Duration;

use crate::faults::scene::{Scene, two_servers};
use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{EventStream, LongPoll, Node, RedisServer, TestStore, Viewer, eventually};

const SHOW: &str = "42";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_says_so_while_it_still_serves() {
    let redis = RedisServer::start();
    let mut config = redis_config(&redis.url());
    (config.drain_notice, config.grace) = (Duration::from_secs(3_600), Duration::from_secs(3_602));
    let node = Arc::new(Node::with(config).await);
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let going = Arc::clone(&node);
    let announced = tokio::spawn(async move { going.announce_stop().await });
    eventually("it is not ready any more", async || {
        let ready = node.api.get("/health/ready").await;
        (ready.status == 503 && ready.body["checks"]["draining"]["ok"] == false).then_some(())
    })
    .await;
    // A new connection, and a change that everybody sees.
    let mut late = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    late.until_seat("A-1", 'l').await;
    announced.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_goodbye_on_every_transport() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let mut stream = EventStream::join(&node.api.base, SHOW, &seats).await;
    let mut poll = LongPoll::new(&node.api, SHOW, &seats);
    poll.ask(0).await.unwrap();
    let waiting = tokio::spawn(async move { poll.ask(25).await.unwrap() });
    eventually("the poll waits", async || {
        let ready = node.api.get("/health/ready").await;
        (ready.body["connections"] == 3).then_some(())
    })
    .await;
    let stopped = tokio::spawn(node.stop());
    assert_eq!(viewer.until_closed().await, 1012);
    let bye = viewer.asides.iter().find(|aside| aside["type"] == "bye").expect("a goodbye");
    assert!(bye["reconnectAfterMs"].as_u64().is_some_and(|wait| wait <= 2_000), "{bye}");
    stream.until("the goodbye", |stream| stream.asides.iter().any(|event| event.name == "bye")).await;
    assert!(stream.retry <= Duration::from_secs(2), "a browser waits as long as it is told to");
    stream.step().await;
    assert!(stream.has_ended());
    let reply = waiting.await.unwrap();
    assert_eq!((reply.status, reply.header("connection")), (204, "close"));
    stopped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_loses_nothing_and_needs_no_snapshot() {
    let store = TestStore::redis();
    let [mut one, mut two] = two_servers(&store.address()).await;
    let mut scene = Scene::begin(&store, &[&one, &two]).await;
    for server in [&mut one, &mut two] {
        let ended = server.restart().await;
        assert_eq!(ended.code(), Some(0), "the server ended by itself");
        // Its viewers and buyers are at the other server meanwhile.
        scene.heals().await;
    }
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1), "viewers continue at their position");
    assert!(outcome.connections >= 3, "each viewer was sent away by both servers: {outcome:?}");
}

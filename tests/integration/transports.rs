//! One subscription, four ways to have it: sockets, event streams, polls that wait, polls. Who changes from one to another
//! with the position loses nothing.

use std::time::Duration;

use seatcast::domain::ids::ShowtimeId;

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Api, EventStream, LongPoll, Node, RedisServer, TestStore, Viewer, eventually, on_each_store};

const SHOW: &str = "42";

on_each_store!(
    an_event_stream_says_what_a_socket_says,
    an_event_stream_is_resumed_where_it_broke_off,
    a_long_poll_is_answered_by_the_next_change,
    a_viewer_changes_from_transport_to_transport_and_loses_nothing,
    a_showtime_that_goes_ends_every_transport,
    bad_positions_are_refused_by_every_transport,
    an_event_stream_that_is_read_too_slowly_gets_what_it_missed_in_few_messages,
);

async fn an_event_stream_says_what_a_socket_says(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut stream = EventStream::join(&node.api.base, SHOW, &seats).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    assert!(stream.header("cache-control").contains("no-store"));
    assert_eq!(stream.asides[0].name, "welcome");
    assert!((500..=3_000).contains(&stream.asides[0].retry.unwrap()), "{:?}", stream.asides[0]);
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    node.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    node.api.book(SHOW, &["A-1"], 7, "b-1").await.expect(200);
    stream.until_seat("A-1", 'o').await;
    viewer.until_seat("A-1", 'o').await;
    assert_eq!(stream.replica, viewer.replica);
    assert_eq!((stream.snapshots, stream.seen), (1, 2));
    let head = node.api.send(node.api.request("HEAD", &format!("/api/v1/showtimes/{SHOW}/events"))).await;
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
}

async fn an_event_stream_is_resumed_where_it_broke_off(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut stream = EventStream::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for seat in ["A-1", "A-2", "A-3"] {
        stream.move_to(&node.api.base);
        node.api.lock(SHOW, &[seat], 7).await.expect(200);
        assert_eq!(stream.connect().await.unwrap(), 200);
        stream.until_seat(seat, 'l').await;
    }
    assert_eq!((stream.snapshots, stream.seen), (1, 3), "history went on where the stream broke off");
}

async fn a_long_poll_is_answered_by_the_next_change(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut poll = LongPoll::new(&node.api, SHOW, &SeatIds::shipped("cinema"));
    assert_eq!(poll.ask(25).await.unwrap().status, 200, "who has nothing is not kept waiting");
    assert_eq!(poll.ask(0).await.unwrap().status, 204);
    assert_eq!(poll.ask(1).await.unwrap().status, 204, "nothing has changed meanwhile");
    let waiting = tokio::spawn(async move {
        let reply = poll.ask(25).await.unwrap();
        (poll, reply)
    });
    eventually("the poll waits", async || (connections(&node.api).await == 1).then_some(())).await;
    let locked = node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let (poll, reply) = waiting.await.unwrap();
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"));
    assert_eq!(reply.body["position"], locked["position"]);
    assert_eq!((poll.snapshots, poll.seen), (1, 1));
    assert_eq!(connections(&node.api).await, 0);
}

async fn a_viewer_changes_from_transport_to_transport_and_loses_nothing(store: TestStore) {
    let [one, two] = store.two_nodes().await;
    one.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&one.api.base, SHOW, &seats).await;
    let mut poll = LongPoll::new(&two.api, SHOW, &seats);
    let mut stream = EventStream::new(&two.api.base, SHOW, &seats);
    let mut replica = viewer.replica.clone();
    // Each leg is missed by whoever is about to take over.
    for (leg, letter) in ["A", "B", "C", "D"].into_iter().zip(["1", "2", "3", "4"]) {
        let first = format!("{leg}-{letter}");
        one.api.lock(SHOW, &[&first], 7).await.expect(200);
        poll.replica = replica;
        poll.until_seat(&first, 'l').await;
        one.api.unlock(SHOW, &[&first], 7).await.expect(200);
        stream.replica = poll.replica.clone();
        stream.last_id = Some(stream.replica.position.clone());
        assert_eq!(stream.connect().await.unwrap(), 200);
        stream.until_seat(&first, 'a').await;
        stream.move_to(&two.api.base);
        one.api.lock(SHOW, &[&first], 8).await.expect(200);
        let since = &stream.replica.position;
        let address = format!("{}/api/v1/showtimes/{SHOW}/live?since={since}", two.api.base);
        viewer = Viewer::connect(&address, &seats).await;
        viewer.remember(stream.replica.clone());
        viewer.until_seat(&first, 'l').await;
        assert_eq!(viewer.snapshots, 0);
        replica = viewer.replica.clone();
    }
    assert_eq!((poll.snapshots, stream.snapshots), (0, 0), "every change of transport was bridged by history");
    let fresh = Viewer::join(&one.api.base, SHOW, &seats).await;
    assert_eq!(viewer.replica, fresh.replica);
}

async fn a_showtime_that_goes_ends_every_transport(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut stream = EventStream::join(&node.api.base, SHOW, &seats).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let mut poll = LongPoll::new(&node.api, SHOW, &seats);
    poll.ask(0).await.unwrap();
    let waiting = tokio::spawn(async move { poll.ask(25).await.unwrap() });
    eventually("the poll waits", async || (connections(&node.api).await == 3).then_some(())).await;
    node.api.json("DELETE", &format!("/api/v1/showtimes/{SHOW}"), &serde_json::Value::Null).await;
    assert_eq!(viewer.until_closed().await, 4404);
    stream.until("the error", |stream| stream.asides.iter().any(|event| event.name == "error")).await;
    stream.step().await;
    assert!(stream.has_ended());
    assert_eq!(waiting.await.unwrap().problem(404), "unknown_showtime");
    // A browser's EventSource comes back, and 404 makes it stay away.
    assert_eq!(stream.connect().await.unwrap(), 404);
}

async fn bad_positions_are_refused_by_every_transport(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    for path in ["events?since=soon", "seats/changes?since=soon&wait=9"] {
        let reply = node.api.get(&format!("/api/v1/showtimes/{SHOW}/{path}")).await;
        assert_eq!(reply.problem(400), "invalid_position", "{path}");
    }
    for path in ["events?wait=9", "seats/changes?wait=-1", "seats/changes?wait=soon"] {
        assert_eq!(node.api.get(&format!("/api/v1/showtimes/{SHOW}/{path}")).await.problem(400), "invalid_query");
    }
    let mut stream = EventStream::new(&node.api.base, SHOW, &SeatIds::shipped("cinema"));
    stream.last_id = Some("soon".into());
    assert_eq!(stream.connect().await.unwrap(), 400);
}

async fn an_event_stream_that_is_read_too_slowly_gets_what_it_missed_in_few_messages(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut slow = EventStream::join(&node.api.base, SHOW, &seats).await;
    let all: Vec<String> = (0..seats.len()).map(|seat| seats.id(seat).to_owned()).collect();
    let id = ShowtimeId::parse(SHOW).unwrap();
    // About 7 kB each: more than all buffers on the way hold.
    for _ in 0..150 {
        node.store().block(&id, &all, "").await.unwrap().unwrap();
        node.store().unblock(&id, &all).await.unwrap().unwrap();
    }
    let last = node.store().block(&id, &all[..1], "").await.unwrap().unwrap().done.position.to_string();
    slow.until("the last change", |slow| slow.replica.position == last).await;
    assert_eq!(slow.replica, Viewer::join(&node.api.base, SHOW, &seats).await.replica);
    assert_eq!((slow.snapshots, slow.seen), (1, 301), "each sequence number once");
    assert!(slow.diffs * 2 < slow.seen, "{} messages for {} changes", slow.diffs, slow.seen);
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    slow.until_seat("A-2", 'l').await;
}

/// How many connections are held open.
async fn connections(api: &Api) -> u64 {
    api.get("/health/ready").await.body["connections"].as_u64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn staleness_is_told_by_every_transport() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut stream = EventStream::join(&node.api.base, SHOW, &seats).await;
    let mut poll = LongPoll::new(&node.api, SHOW, &seats);
    poll.ask(0).await.unwrap();
    let waiting = tokio::spawn(async move {
        poll.ask(25).await.unwrap();
        poll
    });
    eventually("the poll waits", async || (connections(&node.api).await == 2).then_some(())).await;
    redis.signal("STOP");
    stream.until("the stream is told", |stream| stream.stale).await;
    let mut poll = waiting.await.unwrap();
    assert!(poll.stale, "the poll that waited was answered at once");
    assert_eq!(poll.ask(1).await.unwrap().body["stale"], true, "who asks while it lasts is told too");
    let status = node.api.status(SHOW).await.expect(200);
    assert!(status["stale"] == true && status["staleSeconds"].is_u64(), "{status}");
    redis.signal("CONT");
    stream.until("the stream is told that it is over", |stream| !stream.stale).await;
    while poll.stale {
        poll.ask(5).await.unwrap();
    }
    assert_eq!((stream.snapshots, poll.snapshots), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_a_client_that_has_gone_is_free_at_once() {
    let redis = RedisServer::start();
    let mut config = redis_config(&redis.url());
    config.heartbeat.comment = Duration::from_secs(3_600);
    let node = Node::with(config).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let stream = EventStream::join(&node.api.base, SHOW, &seats).await;
    let mut poll = LongPoll::new(&Api::new(node.api.base.clone()), SHOW, &seats);
    poll.ask(0).await.unwrap();
    let waiting = tokio::spawn(async move { poll.ask(25).await });
    eventually("both hold a place", async || (connections(&node.api).await == 2).then_some(())).await;
    waiting.abort();
    drop(stream);
    eventually("the places are given back", async || (connections(&node.api).await == 0).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_stream_is_kept_awake_by_comments() {
    let redis = RedisServer::start();
    let mut config = redis_config(&redis.url());
    config.heartbeat.comment = Duration::from_millis(200);
    let node = Node::with(config).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut stream = EventStream::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    stream.until("a comment", |stream| stream.comments > 1).await;
}

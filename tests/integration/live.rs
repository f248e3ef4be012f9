//! Rooms over WebSocket: joining, resuming, several rooms, commands, closing.

use std::sync::Arc;
use std::time::Duration;

use seatcast::domain::ids::ShowtimeId;
use seatcast::live::HeartbeatOptions;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::plan::SeatIds;
use crate::support::{Node, TestStore, Viewer, eventually, on_each_store};

const SHOW: &str = "42";

on_each_store!(
    a_change_on_one_node_reaches_viewers_of_all_nodes_and_pollers,
    a_viewer_who_returns_gets_what_it_missed_and_no_more,
    one_socket_carries_several_rooms_and_commands,
    unknown_messages_are_answered_and_the_connection_stays,
    every_reason_to_close_has_its_code,
    a_page_of_another_site_cannot_connect,
    whoever_asks_for_an_upgrade_where_there_is_none_is_answered_like_others,
    a_request_before_a_handshake_is_answered_before_it,
    a_room_opens_for_the_first_viewer_and_closes_after_the_last,
    a_viewer_that_does_not_read_delays_nobody_and_gets_what_it_missed_in_few_messages,
    a_viewer_that_missed_more_than_a_map_gets_a_map,
);

async fn cinema(store: &TestStore) -> Node {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    node
}

async fn a_change_on_one_node_reaches_viewers_of_all_nodes_and_pollers(store: TestStore) {
    let [one, two] = store.two_nodes().await;
    one.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut near = Viewer::join(&one.api.base, SHOW, &seats).await;
    let mut far = Viewer::join(&two.api.base, SHOW, &seats).await;
    assert_eq!((&near.welcome["heartbeatSeconds"], &near.welcome["protocol"]), (&json!(25), &json!("seatmap.v1")));
    let locked = one.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    let position = locked["position"].as_str().unwrap();
    near.until_position(position).await;
    far.until_position(position).await;
    assert_eq!(near.replica, far.replica);
    assert_eq!(near.replica.locks[&seats.index("A-1")], locked["seats"][0]["expiresAt"]);
    eventually("the poller sees it", async || {
        let body = two.api.status(SHOW).await.expect(200);
        (body["position"] == locked["position"]).then_some(())
    })
    .await;
}

async fn a_viewer_who_returns_gets_what_it_missed_and_no_more(store: TestStore) {
    let [node, other] = store.two_nodes().await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let known = viewer.replica.clone();
    drop(viewer);
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let last = node.api.unlock(SHOW, &["A-1"], 7).await.expect(200);
    let last = last["position"].as_str().unwrap();
    // Another node has never seen the room, and resumes from the store's history.
    for base in [&node.api.base, &other.api.base] {
        let url = format!("{base}/api/v1/showtimes/{SHOW}/live?since={}", known.position);
        let mut viewer = Viewer::connect(&url, &seats).await;
        viewer.remember(known.clone());
        viewer.until_position(last).await;
        assert_eq!((viewer.snapshots, viewer.seen), (0, 2), "a diff was enough");
    }
    // Nothing was missed: an empty diff says so. Another epoch: a snapshot.
    let url = format!("{}/api/v1/showtimes/{SHOW}/live?since={last}", node.api.base);
    let mut viewer = Viewer::connect(&url, &seats).await;
    viewer.remember(crate::support::Replica { position: last.into(), ..known });
    viewer.send(&json!({ "type": "subscribe", "showtimeId": SHOW, "since": "another-7" })).await;
    viewer.until("a snapshot", |viewer| viewer.snapshots == 1).await;
    assert_eq!(viewer.replica.position, last);
}

async fn one_socket_carries_several_rooms_and_commands(store: TestStore) {
    let node = cinema(&store).await;
    node.api.create("43", "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut kiosk = Viewer::connect(&format!("{}/api/v1/live?userId=kiosk", node.api.base), &seats).await;
    kiosk.send(&json!({ "type": "subscribe", "showtimeId": 42 })).await;
    kiosk.until("the first room's map", |kiosk| kiosk.snapshots == 1).await;
    let answer = kiosk.ask(json!({ "type": "lock", "showtimeId": "43", "seats": ["A-1"] })).await;
    assert_eq!((&answer["type"], &answer["ok"]), (&json!("result"), &json!(true)));
    assert_eq!(answer["seats"][0]["lockedBy"], "kiosk");
    let answer = kiosk.ask(json!({ "type": "lock", "showtimeId": 43, "seats": ["A-1", "A-2"], "userId": 9 })).await;
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("seats_unavailable")));
    assert_eq!(answer["seats"][0]["seatId"], "A-1");
    let answer = kiosk.ask(json!({ "type": "extend", "showtimeId": "43", "seats": ["A-1"] })).await;
    assert_eq!(answer["type"], "result");
    let answer = kiosk.ask(json!({ "type": "unlock", "showtimeId": "43", "seats": ["A-1"] })).await;
    assert_eq!(answer["released"], json!(["A-1"]));
    let answer = kiosk.ask(json!({ "type": "ping" })).await;
    assert_eq!(answer["type"], "pong");
    let answer = kiosk.ask(json!({ "type": "unsubscribe", "showtimeId": "42" })).await;
    assert_eq!(answer["unsubscribed"], true);
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let before = kiosk.replica.clone();
    kiosk.ask(json!({ "type": "ping" })).await;
    assert_eq!(kiosk.replica, before, "the room was left");
}

async fn unknown_messages_are_answered_and_the_connection_stays(store: TestStore) {
    let node = cinema(&store).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    for (message, code) in [
        (json!({ "type": "dance" }), "unknown_message"),
        (json!({ "type": "subscribe" }), "invalid_request"),
        (json!({ "type": "subscribe", "showtimeId": "nowhere" }), "unknown_showtime"),
        (json!({ "type": "subscribe", "showtimeId": "42", "since": "soon" }), "invalid_position"),
        (json!({ "type": "lock", "showtimeId": "42", "seats": ["A-1"] }), "user_id_missing"),
        (json!({ "type": "lock", "showtimeId": "42", "seats": [], "userId": 7 }), "no_seats"),
        (json!({ "type": "lock", "showtimeId": "42", "seats": ["Z-1"], "userId": 7 }), "unknown_seats"),
    ] {
        let answer = viewer.ask(message).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{answer}");
    }
    viewer.send_raw(Message::text("{\"type\":")).await;
    viewer.until("an error", |viewer| viewer.asides.iter().any(|aside| aside["code"] == "malformed_json")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
}

async fn every_reason_to_close_has_its_code(store: TestStore) {
    let heartbeat = HeartbeatOptions {
        interval: Duration::from_millis(200),
        patience: Duration::from_millis(200),
        ..HeartbeatOptions::default()
    };
    let quick = seatcast::config::Config { heartbeat, ..store.config() };
    let node = Node::with(quick).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let url = format!("{}/api/v1/showtimes/{SHOW}/live", node.api.base);

    let mut viewer = Viewer::connect(&url, &seats).await;
    viewer.send_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(viewer.until_closed().await, 1003);
    let mut viewer = Viewer::connect(&url, &seats).await;
    viewer.send_raw(Message::text("x".repeat(70_000))).await;
    assert_eq!(viewer.until_closed().await, 1009);
    let mut viewer = Viewer::connect(&format!("{}/api/v1/showtimes/none/live", node.api.base), &seats).await;
    assert_eq!(viewer.until_closed().await, 4404);
    assert_eq!(viewer.asides[0]["code"], "unknown_showtime");

    // A client that answers pings stays; one that says nothing is closed.
    let mut awake = Viewer::connect(&url, &seats).await;
    let awake = tokio::spawn(async move {
        let code = awake.until_closed().await;
        (code, awake)
    });
    assert_eq!(close_code_of_a_silent_client(&node.api.base).await, 4408);
    assert!(!awake.is_finished());

    let stopping = tokio::spawn(node.stop());
    let (code, awake) = awake.await.unwrap();
    assert_eq!(code, 1012);
    let bye = awake.asides.iter().find(|aside| aside["type"] == "bye").expect("a goodbye first");
    assert!(bye["reconnectAfterMs"].as_u64().unwrap() <= 5_000);
    stopping.await.unwrap();
}

/// The code with which the server closes a client that answers no ping: the last frame that it sends.
async fn close_code_of_a_silent_client(base: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = base.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let handshake = format!(
        "GET /api/v1/showtimes/{SHOW}/live HTTP/1.1\r\nHost: {host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(handshake.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let closing = |bytes: &[u8]| bytes.windows(2).rposition(|pair| pair[0] == 0x88 && pair[1] >= 2);
    while closing(&bytes).is_none_or(|at| bytes.len() < at + 4) {
        assert!(socket.read_buf(&mut bytes).await.unwrap() > 0, "closed without a close frame");
    }
    let at = closing(&bytes).unwrap();
    u16::from_be_bytes([bytes[at + 2], bytes[at + 3]])
}

async fn a_page_of_another_site_cannot_connect(store: TestStore) {
    let node = cinema(&store).await;
    let url = format!("/api/v1/showtimes/{SHOW}/live");
    let handshake = |origin: &str| {
        node.api
            .request("GET", &url)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("origin", origin.to_owned())
    };
    let refused = node.api.send(handshake("https://evil.example")).await;
    assert_eq!(refused.problem(403), "origin_refused");
    let own = node.api.base.clone();
    let answer = handshake(&own).header("sec-websocket-protocol", "other.v9, seatmap.v1").send().await.unwrap();
    assert_eq!(answer.status(), 101);
    assert_eq!(answer.headers()["sec-websocket-protocol"], "seatmap.v1");
    assert_eq!(node.api.get(&url).await.problem(426), "upgrade_required");
}

const UPGRADE: &str = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Sends bytes, and reads what comes back until it has been read.
async fn answered(base: &str, sent: &str, enough: impl Fn(&str) -> bool) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    socket.write_all(sent.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let reading =
        async { while !enough(&String::from_utf8_lossy(&bytes)) && socket.read_buf(&mut bytes).await.unwrap() > 0 {} };
    tokio::time::timeout(crate::support::wait::PATIENCE, reading).await.expect("an answer");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn whoever_asks_for_an_upgrade_where_there_is_none_is_answered_like_others(store: TestStore) {
    let node = cinema(&store).await;
    let closed = |_: &str| false;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: seats\r\n{UPGRADE}");
    let answer = answered(&node.api.base, &get("/health/live"), closed).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(body.starts_with('{') && body.ends_with('}'), "the body is whole, and nothing else: {body:?}");
    let head = get("/health/live").replacen("GET", "HEAD", 1);
    let answer = answered(&node.api.base, &head, closed).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"), "no body: {answer}");
    // A body without an end.
    let events = format!("/api/v1/showtimes/{SHOW}/events");
    let answer = answered(&node.api.base, &get(&events), |read| read.contains("event: snapshot")).await;
    assert!(!answer.contains("transfer-encoding"), "{answer}");
}

async fn a_request_before_a_handshake_is_answered_before_it(store: TestStore) {
    let node = cinema(&store).await;
    let both = format!(
        "GET /health/live HTTP/1.1\r\nHost: seats\r\n\r\nGET /api/v1/showtimes/{SHOW}/live HTTP/1.1\r\nHost: seats\r\n{UPGRADE}"
    );
    let answer = answered(&node.api.base, &both, |read| read.contains("snapshot")).await;
    let place = |text: &str| answer.find(text).unwrap_or_else(|| panic!("no {text} in {answer}"));
    assert!(place("HTTP/1.1 200") < place("HTTP/1.1 101") && place("HTTP/1.1 101") < place("welcome"));
}

async fn a_room_opens_for_the_first_viewer_and_closes_after_the_last(store: TestStore) {
    let quick = seatcast::config::Config { room_linger: Duration::from_millis(50), ..store.config() };
    let node = Node::with(quick).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    assert_eq!(node.room_count(), 0);
    let viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    assert_eq!(node.room_count(), 1);
    drop(viewer);
    eventually("the room is closed", async || (node.room_count() == 0).then_some(())).await;
    node.api.status("nowhere").await.problem(404);
    eventually("nothing is left of an unknown showtime", async || (node.room_count() == 0).then_some(())).await;
}

async fn a_viewer_that_does_not_read_delays_nobody_and_gets_what_it_missed_in_few_messages(store: TestStore) {
    let node = cinema(&store).await;
    let seats = SeatIds::shipped("cinema");
    let (slow, quick) = while_one_does_not_read(&node, &seats).await;
    assert_eq!((slow.snapshots, quick.snapshots), (1, 1));
    assert_eq!(slow.seen, quick.seen, "each sequence number once");
    assert!(slow.diffs * 2 < slow.seen, "{} messages for {} changes", slow.diffs, slow.seen);
    assert_eq!(slow.replica, quick.replica);
}

async fn a_viewer_that_missed_more_than_a_map_gets_a_map(store: TestStore) {
    let node = store.node().await;
    node.api.create(SHOW, "arena", 900).await;
    let seats = SeatIds::shipped("arena");
    let (slow, quick) = while_one_does_not_read(&node, &seats).await;
    assert!(slow.snapshots > 1, "a diff would be larger");
    assert_eq!(slow.replica, quick.replica);
}

/// Blocks and unblocks many seats in turn, while one viewer reads nothing and another reads. Returns both when they have seen all.
async fn while_one_does_not_read(node: &Node, seats: &Arc<SeatIds>) -> (Viewer, Viewer) {
    let mut slow = Viewer::with_small_buffer(&node.api.base, SHOW, seats).await;
    let (stop, stopped) = tokio::sync::watch::channel(String::new());
    let quick = tokio::spawn(Viewer::join(&node.api.base, SHOW, seats).await.read_until(stopped));
    let all: Vec<String> = (0..seats.len()).map(|seat| seats.id(seat).to_owned()).collect();
    let id = ShowtimeId::parse(SHOW).unwrap();
    // Far more than the buffers between server and client hold; without HTTP, so that it is done before the server gives up somebody
    // who does not read at all.
    for some in all.chunks(120).cycle().take(100) {
        node.store().block(&id, some, "test").await.unwrap().unwrap();
        node.store().unblock(&id, some).await.unwrap().unwrap();
    }
    let last = node.api.block(SHOW, &[seats.id(0)]).await.expect(200);
    let last = last["position"].as_str().unwrap();
    stop.send_replace(last.to_owned());
    let quick = quick.await.unwrap();
    slow.until_position(last).await;
    (slow, quick)
}

//! Other programs that place, move and remove lock keys themselves.

use serde_json::json;

use crate::support::plan::SeatIds;
use crate::support::{Node, RedisServer, Viewer, eventually};

const SHOW: &str = "42";

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_program_shows_on_every_map_and_holds_against_the_api() {
    let redis = RedisServer::start();
    let (one, two) = (Node::start(&redis).await, Node::start(&redis).await);
    one.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&one.api.base, SHOW, &seats).await;
    let mut other = Viewer::join(&two.api.base, SHOW, &seats).await;

    let set: String = redis.command(&["SET", "seat_lock:{42}:A-1", "7", "NX", "EX", "60"]).await;
    assert_eq!(set, "OK");
    viewer.until_seat("A-1", 'l').await;
    other.until_seat("A-1", 'l').await;
    assert_eq!(viewer.replica, other.replica);
    let refused = two.api.lock(SHOW, &["A-1"], 8).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("seats_unavailable", vec!["A-1:locked".to_owned()]));
    let again = one.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    assert_eq!(again["seats"][0]["lockedBy"], json!(7), "the same holder whoever wrote the key");

    let _: i64 = redis.command(&["EXPIRE", "seat_lock:{42}:A-1", "600"]).await;
    let deadline = viewer.replica.locks[&seats.index("A-1")].clone();
    viewer.until("the deadline moves", |viewer| viewer.replica.locks[&seats.index("A-1")] != deadline).await;
    let _: i64 = redis.command(&["PERSIST", "seat_lock:{42}:A-1"]).await;
    viewer.until("there is no deadline", |viewer| viewer.replica.locks[&seats.index("A-1")].is_null()).await;

    let _: i64 = redis.command(&["DEL", "seat_lock:{42}:A-1"]).await;
    viewer.until_seat("A-1", 'a').await;
    other.until_seat("A-1", 'a').await;
    two.api.lock(SHOW, &["A-1"], 8).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_lock_holds_before_anybody_looked() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-1", "a session with blanks {\"user\":7}|x", "EX", "60"]).await;
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-2", "7", "PX", "300"]).await;
    let refused = node.api.lock(SHOW, &["A-1", "A-3"], 7).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("seats_unavailable", vec!["A-1:locked".to_owned()]));
    // The room opens only now, and reads the lock keys.
    assert_eq!(node.api.seat(SHOW, "A-1").await["status"], "locked");
    eventually("the short lock ended", async || {
        (node.api.seat(SHOW, "A-2").await["status"] == "available").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_holder_can_extend_book_and_unlock_through_the_api() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    for seat in ["A-1", "A-2"] {
        let _: () = redis.command(&["SET", &format!("seat_lock:{{42}}:{seat}"), "7", "NX", "EX", "60"]).await;
    }
    let extended = node.api.extend(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    let ttl: i64 = redis.command(&["TTL", "seat_lock:{42}:A-1"]).await;
    assert!(ttl > 60, "{extended}");
    node.api.book(SHOW, &["A-1"], 7, "b-1").await.expect(200);
    node.api.unlock(SHOW, &["A-2"], 7).await.expect(200);
    let left: i64 = redis.command(&["EXISTS", "seat_lock:{42}:A-1", "seat_lock:{42}:A-2"]).await;
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_lock_on_a_sold_seat_changes_nothing_until_the_refund() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    node.api.book(SHOW, &["A-1"], 7, "b-1").await.expect(200);
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-1", "9", "EX", "60"]).await;
    node.api.lock(SHOW, &["A-2"], 8).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
    assert_eq!(node.api.seat(SHOW, "A-1").await["status"], "occupied");
    node.api.release(SHOW, &["A-1"], "b-1").await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    assert_eq!(node.api.lock(SHOW, &["A-1"], 8).await.problem(409), "seats_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absurd_deadline_or_holder_of_another_program_spoils_nothing() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    // Milliseconds where seconds are meant: the year 58,000.
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-1", "9", "EXAT", "1790000000000"]).await;
    let _: () = redis::cmd("SET")
        .arg("seat_lock:{42}:A-2")
        .arg(b"\xff\xfe|\x00x".as_slice())
        .arg("EX")
        .arg(60)
        .query_async(&mut redis.connection().await)
        .await
        .unwrap();
    let _: i64 = redis.command(&["LPUSH", "seat_lock:{42}:A-3", "a list"]).await;
    viewer.until_seat("A-1", 'l').await;
    viewer.until_seat("A-2", 'l').await;
    let other = Node::start(&redis).await;
    let late = Viewer::join(&other.api.base, SHOW, &seats).await;
    assert_eq!(late.replica, viewer.replica);
    let mut renamed = other.api.get("/api/v1/showtimes/42").await.expect(200);
    let body = json!({
        "title": "Renamed", "startsAt": renamed["startsAt"].take(), "currency": "EUR", "prices": {}, "plan": "cinema",
    });
    other.api.put_showtime(SHOW, &body).await.expect(200);
    node.api.lock(SHOW, &["A-3"], 7).await.expect(200);
    let _: i64 = redis.command(&["DEL", "seat_lock:{42}:A-1", "seat_lock:{42}:A-2"]).await;
    viewer.until_seat("A-1", 'a').await;
    viewer.until_seat("A-2", 'a').await;
    viewer.until_seat("A-3", 'l').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_lock_that_comes_with_a_broken_command_connection_is_found() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for seat in ["A-1", "A-2", "A-3"] {
        let mut pipeline = redis::pipe();
        pipeline.cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes").ignore();
        pipeline.cmd("SET").arg(format!("seat_lock:{{42}}:{seat}")).arg("9").arg("EX").arg(60).ignore();
        let _: () = pipeline.query_async(&mut redis.connection().await).await.unwrap();
        viewer.until_seat(seat, 'l').await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_box_office_is_told_what_is_true_where_redis_takes_no_changes() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    node.api.lock(SHOW, &["A-3"], 7).await.expect(200);
    node.api.book(SHOW, &["A-3"], 7, "b-1").await.expect(200);
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-2", "7", "PX", "300"]).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-1", "nobody's business", "EX", "60"]).await;
    let _: () = redis.command(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    assert_eq!(node.api.lock(SHOW, &["A-4"], 7).await.problem(503), "store_unavailable");
    let told = eventually("the short lock ended", async || {
        let told = node.api.facts(SHOW, "A-1,A-2,A-3").await.expect(200);
        (told["seats"][1]["status"] == "available").then_some(told)
    })
    .await;
    assert_eq!(told["seats"][0]["status"], "locked", "{told}");
    assert_eq!(told["seats"][2]["bookingId"], "b-1", "{told}");
    assert!(!told.to_string().contains("business"), "{told}");
    let _: () = redis.command(&["CONFIG", "SET", "min-replicas-to-write", "0"]).await;
    node.api.lock(SHOW, &["A-2"], 8).await.expect(200);
}

//! Two versions of the server on one Redis: what a newer one has added is passed over and kept, and what cannot be understood
//! is read anew. `docs/decisions/0007-two-versions-side-by-side.md` has the rule.

use serde_json::{Value, json};

use crate::support::plan::SeatIds;
use crate::support::{Node, RedisServer, Viewer};

const SHOW: &str = "42";

async fn get(redis: &RedisServer, part: &str, field: &str) -> String {
    redis.command(&["HGET", &format!("showtime:{{42}}:{part}"), field]).await
}

async fn set(redis: &RedisServer, part: &str, field: &str, value: &str) {
    let _: i64 = redis.command(&["HSET", &format!("showtime:{{42}}:{part}"), field, value]).await;
}

/// Adds members that only a newer version knows.
fn with_more(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    value["newer"] = json!("kept");
    value["nested"] = json!({"list": ["a", {"b": "ü"}], "yes": true, "number": 7});
    value
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_has_added_survives_every_change_by_this_one() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;

    set(&redis, "meta", "newer", "kept").await;
    let details = with_more(&get(&redis, "meta", "details").await);
    set(&redis, "meta", "details", &details.to_string()).await;
    let _: () = redis.command(&["SET", "seat_lock:{42}:A-1", "7|i-abc;newer=kept", "EX", "60"]).await;
    viewer.until_seat("A-1", 'l').await;
    node.api.lock(SHOW, &["A-1", "A-2", "A-3"], 7).await.expect(200);
    node.api.extend(SHOW, &["A-1"], 7).await.expect(200);
    let lock: String = redis.command(&["GET", "seat_lock:{42}:A-1"]).await;
    assert_eq!(lock, "7|i-abc;newer=kept");
    let index = SeatIds::shipped("cinema").index("A-1").to_string();
    assert!(get(&redis, "locks", &index).await.ends_with("|7|i-abc;newer=kept"));

    node.api.book(SHOW, &["A-2", "A-3"], 7, "b-1").await.expect(200);
    let entry = with_more(&get(&redis, "ledger", "b-1").await);
    set(&redis, "ledger", "b-1", &entry.to_string()).await;
    node.api.release(SHOW, &["A-2"], "b-1").await.expect(200);
    let mut released: Value = serde_json::from_str(&get(&redis, "ledger", "b-1").await).unwrap();
    assert_eq!(released["released"].take(), json!(["A-2"]));
    for member in ["newer", "nested", "seats", "id", "user"] {
        assert_eq!(released[member], entry[member], "{member}");
    }

    let mut body = details.clone();
    for member in ["newer", "nested"] {
        body.as_object_mut().unwrap().remove(member);
    }
    body["plan"] = json!("cinema");
    node.api.put_showtime(SHOW, &body).await.expect(200);
    let same: Value = serde_json::from_str(&get(&redis, "meta", "details").await).unwrap();
    assert_eq!(same, details, "a description of the same content is left alone");
    body["title"] = json!("Another night");
    node.api.put_showtime(SHOW, &body).await.expect(200);
    assert_eq!(get(&redis, "meta", "newer").await, "kept");
    let ledger: Value = serde_json::from_str(&get(&redis, "ledger", "b-1").await).unwrap();
    assert_eq!(ledger["nested"], entry["nested"]);
    let lock: String = redis.command(&["GET", "seat_lock:{42}:A-1"]).await;
    assert_eq!(lock, "7|i-abc;newer=kept");
    node.api.unlock(SHOW, &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'a').await;
}

/// Blocks a seat as a script of another version might: with an entry and a publication of this form.
async fn block_by_another_version(redis: &RedisServer, seat: usize, form: &str) {
    const SCRIPT: &str = "local function key(part) return 'showtime:{42}:' .. part end \
        local seq = redis.call('HINCRBY', key('meta'), 'seq', 1) \
        local entry = string.gsub(string.gsub(ARGV[2], 'SEQ', seq), 'EPOCH', redis.call('HGET', key('meta'), 'epoch')) \
        redis.call('SETRANGE', key('map'), ARGV[1], 'b') \
        redis.call('XADD', key('log'), seq .. '-0', 'd', entry, 'newer', 'field') \
        redis.call('PUBLISH', key('diffs'), entry)";
    let seat = seat.to_string();
    let _: () = redis.command(&["EVAL", SCRIPT, "0", &seat, &form.replace("SEAT", &seat)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_a_newer_form_is_read_anew_and_never_passed_over() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let more = r#"{"v":1,"e":"EPOCH","s":SEQ,"newer":{"a":[]},"c":[[SEAT,"b"]]}"#;
    block_by_another_version(&redis, seats.index("A-1"), more).await;
    viewer.until_seat("A-1", 'b').await;
    assert_eq!(viewer.snapshots, 1, "what is new in a form that is known is passed over");

    for (seat, form) in [
        ("A-2", r#"{"v":2,"e":"EPOCH","s":SEQ,"c":[[3,"o"]]}"#),
        ("A-3", r#"{"v":2,"position":["EPOCH",SEQ],"c":{"b":[SEAT]}}"#),
        ("A-4", r#"{"v":1,"e":"EPOCH","s":SEQ,"c":[[SEAT,"b","more","than","is known"]]}"#),
    ] {
        block_by_another_version(&redis, seats.index(seat), form).await;
        viewer.until_seat(seat, 'b').await;
    }
    // Changes of ours follow each other again, and one who comes back from before is not led past the others.
    node.api.lock(SHOW, &["B-1"], 7).await.expect(200);
    viewer.until_seat("B-1", 'l').await;
    let late = Viewer::join(&node.api.base, SHOW, &seats).await;
    assert_eq!(late.replica, viewer.replica);
    let map: String = redis.command(&["GET", "showtime:{42}:map"]).await;
    assert_eq!(viewer.replica.states, map);
    let other = Node::start(&redis).await;
    let epoch = viewer.replica.position.split('-').next().unwrap();
    let since = other.api.get(&format!("/api/v1/showtimes/42/seats/changes?since={epoch}-0")).await.expect(200);
    assert!(since["snapshot"].is_object(), "{since}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_redis_has_forgotten_are_given_to_it_again() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let _: () = redis.command(&["SCRIPT", "FLUSH"]).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
}

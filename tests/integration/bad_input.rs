//! Bad input gets a clear error that names what is wrong.

use serde_json::json;

use crate::support::{Node, TestStore, on_each_store};

const LOCK: &str = "/api/v1/showtimes/42/seats/lock";

on_each_store!(
    requests_about_seats_are_checked_and_the_mistake_is_named,
    addresses_and_queries_are_checked,
    a_showtime_is_checked_as_a_whole,
);

async fn cinema(store: &TestStore) -> Node {
    let node = store.node().await;
    node.api.create("42", "cinema", 900).await;
    node
}

async fn requests_about_seats_are_checked_and_the_mistake_is_named(store: TestStore) {
    let node = cinema(&store).await;
    for (body, status, code, named) in [
        (json!({ "seats": ["A-1", "Z-9", "Z-8"], "userId": 7 }), 422, "unknown_seats", "Z-9, Z-8"),
        (json!({ "seats": ["A-1", "A-1"], "userId": 7 }), 422, "duplicate_seats", "A-1"),
        (json!({ "seats": [], "userId": 7 }), 422, "no_seats", "at least one"),
        (json!({ "seats": ["A-1"], "userId": 7, "note": "x" }), 422, "invalid_request", "note"),
        (json!({ "seats": ["A-1"] }), 422, "invalid_request", "userId"),
        (json!({ "seats": ["A-1"], "userId": "a b" }), 422, "invalid_request", "a b"),
        (json!(["A-1"]), 422, "invalid_request", "expected"),
    ] {
        let refused = node.api.json("POST", LOCK, &body).await;
        assert_eq!(refused.problem(status), code, "{body}");
        assert!(refused.body["detail"].as_str().unwrap().contains(named), "{}", refused.body);
    }
    let refused = node.api.raw("POST", LOCK, "{\"seats\": [\"A-1\"],\n oops").await;
    assert_eq!(refused.problem(400), "malformed_json");
    assert!(refused.body["detail"].as_str().unwrap().contains("line 2 column 2"), "{}", refused.body);
    assert_eq!(node.api.raw("POST", LOCK, "x".repeat(256 * 1024 + 1)).await.problem(413), "body_too_large");
    let form = node.api.request("POST", LOCK).header("content-type", "application/x-www-form-urlencoded").body("{}");
    assert_eq!(node.api.send(form).await.problem(415), "unsupported_media_type");
    assert_eq!(node.api.seat("42", "A-1").await["status"], "available", "nothing was changed");
}

async fn addresses_and_queries_are_checked(store: TestStore) {
    let node = cinema(&store).await;
    for (method, path, status, code) in [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("POST", "/api/v1/showtimes", 405, "method_not_allowed"),
        ("GET", LOCK, 405, "method_not_allowed"),
        ("GET", "/api/v1/showtimes/none/seats/status", 404, "unknown_showtime"),
        ("GET", "/api/v1/showtimes/a%20b/seats/status", 404, "unknown_showtime"),
        ("GET", "/api/v1/showtimes/none", 404, "unknown_showtime"),
        ("DELETE", "/api/v1/showtimes/none", 404, "unknown_showtime"),
        ("GET", "/api/v1/plans/abc", 404, "unknown_plan"),
        ("GET", "/api/v1/showtimes/42/seats/changes?since=soon", 400, "invalid_position"),
        ("GET", "/api/v1/showtimes/42/seats/status?userId=", 400, "invalid_query"),
        ("GET", "/api/v1/showtimes/42/seats/status?userid=7", 400, "invalid_query"),
        ("GET", "/api/v1/showtimes/42/seats/changes?from=a-1", 400, "invalid_query"),
        ("DELETE", "/api/v1/showtimes/42/seats/unlock?seat=A-1&userId=7", 400, "invalid_query"),
        ("DELETE", "/api/v1/showtimes/42/seats/unlock?userId=7", 422, "no_seats"),
    ] {
        let refused = node.api.send(node.api.request(method, path)).await;
        assert_eq!(refused.problem(status), code, "{method} {path}");
    }
    let refused = node.api.send(node.api.request("PATCH", LOCK)).await;
    assert_eq!((refused.problem(405), refused.header("allow")), ("method_not_allowed", "POST"));
}

async fn a_showtime_is_checked_as_a_whole(store: TestStore) {
    let node = cinema(&store).await;
    let body = json!({
        "title": " ", "startsAt": "2026-12-24T19:00:00Z", "currency": "euro", "plan": "cinema", "lockSeconds": 0,
        "prices": { "Loge": -1 }, "maxSeatsPerHolder": 100_000,
    });
    let refused = node.api.put_showtime("43", &body).await;
    assert_eq!(refused.problem(422), "invalid_request");
    let paths: Vec<_> =
        refused.body["problems"].as_array().unwrap().iter().map(|problem| problem["path"].as_str().unwrap()).collect();
    assert!(paths.len() >= 5, "{}", refused.body);
    for path in ["$.title", "$.currency", "$.lockSeconds", "$.maxSeatsPerHolder", "$.prices[\"Loge\"]"] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    let bad_id = node.api.put_showtime("a%20b", &body).await;
    assert_eq!(bad_id.problem(422), "invalid_showtime_id");
    let unknown =
        json!({ "title": "T", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "plan": "opera", "prices": {} });
    let refused = node.api.put_showtime("43", &unknown).await;
    assert_eq!(refused.problem(422), "invalid_plan");
    assert!(refused.body["detail"].as_str().unwrap().contains("cinema, theatre, arena"), "{}", refused.body);
    let when = json!({ "title": "T", "startsAt": "tonight", "currency": "EUR", "plan": "cinema", "prices": {} });
    let refused = node.api.put_showtime("43", &when).await;
    assert_eq!(refused.problem(422), "invalid_request");
    assert!(refused.body["detail"].as_str().unwrap().contains("startsAt"), "{}", refused.body);
}

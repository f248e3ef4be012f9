//! Creating, replacing, listing and removing showtimes.

use serde_json::{Value, json};

use crate::support::plan::SeatIds;
use crate::support::{TestStore, Viewer, on_each_store};

on_each_store!(
    a_showtime_is_created_listed_shown_and_removed,
    writing_a_showtime_again_changes_nothing_and_a_new_title_keeps_the_seats,
    a_new_plan_keeps_seats_by_id_and_is_refused_if_it_lacks_one_in_use,
    viewers_follow_a_replaced_showtime_and_hear_of_its_removal,
    every_problem_of_a_plan_comes_in_one_answer_and_repair_mends_it,
    the_real_plans_beside_the_project_become_showtimes,
    a_showtime_that_is_removed_and_created_at_once_is_listed_if_it_is_there,
);

pub fn body(plan: impl Into<Value>) -> Value {
    let plan = plan.into();
    json!({
        "title": "Gala", "startsAt": "2026-12-24T20:00:00+01:00", "currency": "EUR",
        "prices": {}, "plan": plan, "lockSeconds": 600, "maxSeatsPerHolder": 4,
    })
}

/// A plan of one row with these seats.
pub fn row(guids: &[&str]) -> Value {
    let seat = |(n, guid): (usize, &&str)| json!({ "seat_guid": guid, "seat_number": n.to_string(), "category": "Stalls", "position": { "x": n * 30, "y": 0 } });
    let seats: Vec<Value> = guids.iter().enumerate().map(seat).collect();
    json!({
        "name": "Row", "size": { "width": 400, "height": 40 }, "categories": [{ "name": "Stalls", "color": "#123456" }],
        "zones": [{ "name": "Floor", "position": { "x": 10, "y": 10 }, "rows": [{
            "row_number": "A", "position": { "x": 0, "y": 0 }, "seats": seats,
        }] }],
    })
}

async fn a_showtime_is_created_listed_shown_and_removed(store: TestStore) {
    let node = store.node().await;
    let created = node.api.put_showtime("gala", &body("cinema")).await;
    assert_eq!(created.header("location"), "/api/v1/showtimes/gala");
    let created = created.expect(201);
    assert_eq!((&created["seatCount"], &created["lockSeconds"]), (&json!(120), &json!(600)));
    assert_eq!(created["startsAt"], "2026-12-24T19:00:00.000Z");

    let mut odd = body("cinema");
    odd["prices"] = json!({ "Premium": 12.5, "Loge": 30 });
    let odd = node.api.put_showtime("odd", &odd).await.expect(201);
    let notes: Vec<_> = odd["notes"].as_array().unwrap().iter().map(|note| (&note["path"], &note["code"])).collect();
    assert!(notes.contains(&(&json!("$.prices[\"Loge\"]"), &json!("unknown_category"))), "{odd}");
    assert!(notes.contains(&(&json!("$.prices[\"Standard\"]"), &json!("no_price"))), "{odd}");
    node.api.send(node.api.request("DELETE", "/api/v1/showtimes/odd")).await;

    let list = node.api.get("/api/v1/showtimes").await.expect(200);
    assert_eq!(list["showtimes"][0]["showtimeId"], "gala");
    let shown = node.api.get("/api/v1/showtimes/gala").await.expect(200);
    assert_eq!(shown["position"], created["position"]);
    let plan = node.api.get(&format!("/api/v1/plans/{}", shown["plan"].as_str().unwrap())).await;
    assert!(plan.header("cache-control").contains("immutable"));
    assert!(plan.body["zones"].is_array());

    node.api.lock("gala", &["A-1"], 7).await.expect(200);
    assert_eq!(node.api.send(node.api.request("DELETE", "/api/v1/showtimes/gala")).await.status, 204);
    assert_eq!(node.api.get("/api/v1/showtimes/gala").await.problem(404), "unknown_showtime");
    assert_eq!(node.api.lock("gala", &["A-1"], 7).await.problem(404), "unknown_showtime");
    assert_eq!(node.api.get("/api/v1/showtimes").await.expect(200)["showtimes"], json!([]));
    if let TestStore::Redis(redis) = &store {
        let keys: Vec<String> = redis.command(&["KEYS", "*{gala}*"]).await;
        assert!(keys.is_empty(), "{keys:?}");
    }
}

async fn writing_a_showtime_again_changes_nothing_and_a_new_title_keeps_the_seats(store: TestStore) {
    let node = store.node().await;
    let first = node.api.put_showtime("gala", &body("cinema")).await.expect(201);
    node.api.lock("gala", &["A-1", "A-2"], 7).await.expect(200);
    let booked = node.api.book("gala", &["A-2"], 7, "b-1").await.expect(200);
    let again = node.api.put_showtime("gala", &body("cinema")).await.expect(200);
    assert_eq!(again["position"], booked["position"], "the same content is no change");
    let mut renamed = body(first["plan"].clone());
    renamed["title"] = json!("Second night");
    let renamed = node.api.put_showtime("gala", &renamed).await.expect(200);
    assert_eq!(renamed["title"], "Second night");
    let epoch = |body: &Value| body["position"].as_str().unwrap().split('-').next().unwrap().to_owned();
    assert_ne!(epoch(&renamed), epoch(&booked), "clients are told to forget what they have");
    assert_eq!(node.api.seat("gala", "A-1").await["status"], "locked");
    assert_eq!(node.api.seat("gala", "A-2").await["status"], "occupied");
    assert_eq!(node.api.book("gala", &["A-2"], 7, "b-1").await.expect(200)["replayed"], true);
    node.api.book("gala", &["A-1"], 7, "b-2").await.expect(200);
    node.api.release("gala", &["A-1"], "b-2").await.expect(200);
}

async fn a_new_plan_keeps_seats_by_id_and_is_refused_if_it_lacks_one_in_use(store: TestStore) {
    let node = store.node().await;
    node.api.put_showtime("gala", &body(row(&["A-1", "A-2", "A-3", "A-4"]))).await.expect(201);
    node.api.lock("gala", &["A-3"], 7).await.expect(200);
    node.api.lock("gala", &["A-4"], 7).await.expect(200);
    node.api.book("gala", &["A-4"], 7, "b-1").await.expect(200);
    node.api.block("gala", &["A-2"]).await.expect(200);

    let refused = node.api.put_showtime("gala", &body(row(&["A-1", "A-3"]))).await;
    assert_eq!(
        (refused.problem(409), refused.reasons()),
        ("seats_in_use", vec!["A-2:blocked".to_owned(), "A-4:occupied".to_owned()])
    );
    node.api.put_showtime("gala", &body(row(&["A-4", "B-1", "A-3", "A-2"]))).await.expect(200);
    let mut statuses = Vec::new();
    for seat in ["A-4", "B-1", "A-3", "A-2"] {
        statuses.push(node.api.seat("gala", seat).await["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(statuses, ["occupied", "available", "locked", "blocked"]);
    node.api.book("gala", &["A-3"], 7, "b-2").await.expect(200);
    node.api.release("gala", &["A-4"], "b-1").await.expect(200);
    assert_eq!(node.api.lock("gala", &["A-1"], 7).await.problem(422), "unknown_seats");
}

async fn viewers_follow_a_replaced_showtime_and_hear_of_its_removal(store: TestStore) {
    let [one, two] = store.two_nodes().await;
    one.api.put_showtime("gala", &body(row(&["A-1", "A-2"]))).await.expect(201);
    let seats = SeatIds::new(["A-1", "A-2"].map(String::from).into());
    let mut viewer = Viewer::join(&two.api.base, "gala", &seats).await;
    one.api.lock("gala", &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    let mut renamed = body(row(&["A-1", "A-2"]));
    renamed["title"] = json!("Second night");
    one.api.put_showtime("gala", &renamed).await.expect(200);
    viewer.until("a new snapshot", |viewer| viewer.snapshots == 2).await;
    assert_eq!(viewer.replica.states, "la");
    one.api.unlock("gala", &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'a').await;
    one.api.send(one.api.request("DELETE", "/api/v1/showtimes/gala")).await;
    assert_eq!(viewer.until_closed().await, 4404);
}

async fn every_problem_of_a_plan_comes_in_one_answer_and_repair_mends_it(store: TestStore) {
    let node = store.node().await;
    let mut plan = row(&["A-1", "A-1", "X", "A-4"]);
    plan["zones"][0]["rows"][0]["seats"][3]["category"] = json!("Loge");
    plan["colour"] = json!("red");
    let refused = node.api.put_showtime("gala", &body(plan.clone())).await;
    assert_eq!(refused.problem(422), "invalid_plan");
    let problems = refused.body["problems"].as_array().unwrap();
    let named =
        |path: &str, code: &str| problems.iter().any(|problem| problem["path"] == path && problem["code"] == code);
    assert!(named("$.plan.zones[0].rows[0].seats[1].seat_guid", "repeated_seat_guid"), "{}", refused.body);
    assert!(named("$.plan.zones[0].rows[0].seats[2].seat_guid", "seat_guid_too_short"), "{}", refused.body);
    assert!(named("$.plan.zones[0].rows[0].seats[3].category", "unknown_category"), "{}", refused.body);

    let mended = node.api.json("PUT", "/api/v1/showtimes/gala?repair=true", &body(plan)).await.expect(201);
    assert_eq!(mended["seatCount"], 4);
    assert!(mended["notes"].as_array().unwrap().len() >= 3, "{mended}");
    node.api.lock("gala", &["A-1~2"], 7).await.expect(200);
}

async fn the_real_plans_beside_the_project_become_showtimes(store: TestStore) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/plans");
    if !folder.is_dir() {
        println!("no plans beside the project: nothing to try");
        return;
    }
    let node = store.node().await;
    for (file, seats) in [("theatre-1057", 1057), ("stadium-738", 738), ("race-track-8897", 8897)] {
        let text = std::fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        let path = format!("/api/v1/showtimes/{file}?repair=true");
        let created = node.api.json("PUT", &path, &body(plan)).await.expect(201);
        assert_eq!(created["seatCount"], seats);
        let status = node.api.status(file).await.expect(200);
        let names: Vec<String> =
            status["seats"].as_array().unwrap().iter().map(|seat| seat["seatId"].as_str().unwrap().into()).collect();
        let last = names.last().unwrap().clone();
        let mut viewer = Viewer::join(&node.api.base, file, &SeatIds::new(names)).await;
        node.api.lock(file, &[&last], 7).await.expect(200);
        viewer.until_seat(&last, 'l').await;
    }
}

async fn a_showtime_that_is_removed_and_created_at_once_is_listed_if_it_is_there(store: TestStore) {
    let node = store.node().await;
    for n in 0..30 {
        let show = format!("s{n}");
        node.api.put_showtime(&show, &body(row(&["A-1", "A-2"]))).await.expect(201);
        let renamed = body(row(&["A-1", "A-2", "A-3"]));
        let path = format!("/api/v1/showtimes/{show}");
        let remove = node.api.send(node.api.request("DELETE", &path));
        let (_, _) = tokio::join!(node.api.put_showtime(&show, &renamed), remove);
        let there = node.api.get(&path).await.status == 200;
        let list = node.api.get("/api/v1/showtimes").await.expect(200);
        let listed = list["showtimes"].as_array().unwrap().iter().any(|entry| entry["showtimeId"] == show.as_str());
        assert_eq!(listed, there, "{show}");
    }
}

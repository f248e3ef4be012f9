//! Locks, bookings, refunds and blocks over HTTP.

use serde_json::{Value, json};

use crate::support::plan::SeatIds;
use crate::support::{Node, TestStore, eventually, on_each_store};

const SHOW: &str = "42";

on_each_store!(
    a_lock_takes_all_seats_or_none_and_names_what_is_in_the_way,
    repeating_a_lock_keeps_its_deadline_and_changes_no_position,
    only_the_holder_unlocks_and_a_free_seat_is_fine,
    an_extension_moves_the_deadline_and_names_lost_locks,
    a_booking_is_made_once_whatever_is_repeated,
    a_refund_frees_the_bookings_seats_and_no_others,
    blocked_seats_are_off_sale_until_they_are_unblocked,
    a_lock_ends_at_its_deadline_and_the_seat_can_be_taken,
    a_holder_may_lock_only_so_many_seats_in_all,
    a_caller_sees_its_own_locks_as_selected_and_nobody_elses_name,
    the_box_office_is_told_bookings_and_reasons_and_never_a_name,
    a_question_about_seats_names_them_or_is_refused,
);

async fn cinema(store: &TestStore, lock_seconds: u32) -> Node {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", lock_seconds).await;
    node
}

fn seat_ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|seat| seat["seatId"].as_str().or(seat.as_str()).unwrap()).collect()
}

async fn a_lock_takes_all_seats_or_none_and_names_what_is_in_the_way(store: TestStore) {
    let node = cinema(&store, 900).await;
    let locked = node.api.lock(SHOW, &["A-1", "A-2"], "zaphod-beeblebrox").await.expect(200);
    assert_eq!(seat_ids(&locked["seats"]), ["A-1", "A-2"]);
    assert_eq!(locked["seats"][0]["status"], "locked");
    assert_eq!(locked["seats"][0]["lockedBy"], "zaphod-beeblebrox");
    node.api.block(SHOW, &["B-1"]).await.expect(200);

    let refused = node.api.lock(SHOW, &["A-3", "A-2", "B-1"], "8").await;
    assert_eq!(refused.problem(409), "seats_unavailable");
    assert_eq!(refused.reasons(), ["A-2:locked", "B-1:blocked"]);
    assert_eq!(
        refused.body["seats"][0]["expiresAt"], locked["seats"][1]["expiresAt"],
        "the deadline of the lock in the way"
    );
    assert!(!refused.body.to_string().contains("zaphod"), "nobody learns who holds a seat");
    assert_eq!(node.api.seat(SHOW, "A-3").await["status"], "available", "no partial lock");
}

async fn repeating_a_lock_keeps_its_deadline_and_changes_no_position(store: TestStore) {
    let node = cinema(&store, 900).await;
    let first = node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let again = node.api.lock(SHOW, &["A-1"], "7").await.expect(200);
    assert_eq!(first["position"], again["position"]);
    assert_eq!(first["seats"][0]["expiresAt"], again["seats"][0]["expiresAt"]);
    assert_eq!(again["seats"][0]["lockedBy"], "7", "the caller's id goes back as it came");
}

async fn only_the_holder_unlocks_and_a_free_seat_is_fine(store: TestStore) {
    let node = cinema(&store, 900).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    node.api.lock(SHOW, &["A-2"], 8).await.expect(200);
    let refused = node.api.unlock(SHOW, &["A-1", "A-2"], 7).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("not_holder", vec!["A-2:locked".to_owned()]));
    assert_eq!(node.api.seat(SHOW, "A-1").await["status"], "locked", "nothing was released");
    let released = node.api.unlock(SHOW, &["A-1", "A-3"], 7).await.expect(200);
    assert_eq!(seat_ids(&released["released"]), ["A-1"]);
    let query = format!("/api/v1/showtimes/{SHOW}/seats/unlock?seats=A-1,A-2&userId=8");
    let released = node.api.send(node.api.request("DELETE", &query)).await.expect(200);
    assert_eq!(seat_ids(&released["released"]), ["A-2"]);
}

async fn an_extension_moves_the_deadline_and_names_lost_locks(store: TestStore) {
    let node = cinema(&store, 900).await;
    let first = node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let deadline = |body: &Value| body["seats"][0]["expiresAt"].as_str().unwrap().to_owned();
    let extended = eventually("the deadline moves", async || {
        let extended = node.api.extend(SHOW, &["A-1"], 7).await.expect(200);
        (deadline(&extended) > deadline(&first)).then_some(extended)
    })
    .await;
    assert_eq!(extended["seats"][0]["lockedAt"], first["seats"][0]["lockedAt"]);
    let refused = node.api.extend(SHOW, &["A-1", "A-2"], 7).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("lock_lost", vec!["A-2:not_held".to_owned()]));
    let refused = node.api.extend(SHOW, &["A-1"], 8).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("lock_lost", vec!["A-1:locked".to_owned()]));
}

async fn a_booking_is_made_once_whatever_is_repeated(store: TestStore) {
    let node = cinema(&store, 900).await;
    node.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    let booked = node.api.book(SHOW, &["A-1", "A-2"], 7, "b-1").await.expect(200);
    assert_eq!(booked["replayed"], false);
    let again = node.api.book(SHOW, &["A-2", "A-1"], 7, "b-1").await.expect(200);
    assert_eq!((&again["replayed"], &again["bookedAt"]), (&json!(true), &booked["bookedAt"]));
    for (seats, user) in [(&["A-1"][..], 7), (&["A-1", "A-2"], 8), (&["A-1", "A-3"], 7)] {
        let refused = node.api.book(SHOW, seats, user, "b-1").await;
        assert_eq!(refused.problem(409), "booking_conflict");
    }
    let refused = node.api.book(SHOW, &["A-1"], 7, "b-2").await;
    assert_eq!((refused.problem(409), refused.reasons()), ("lock_lost", vec!["A-1:occupied".to_owned()]));
    let refused = node.api.book(SHOW, &["A-3"], 7, "b-3").await;
    assert_eq!((refused.problem(409), refused.reasons()), ("lock_lost", vec!["A-3:not_held".to_owned()]));
}

async fn a_refund_frees_the_bookings_seats_and_no_others(store: TestStore) {
    let node = cinema(&store, 900).await;
    node.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    node.api.book(SHOW, &["A-1", "A-2"], 7, "b-1").await.expect(200);
    assert_eq!(node.api.release(SHOW, &["A-1"], "b-2").await.problem(409), "booking_conflict");
    let refused = node.api.release(SHOW, &["A-1", "A-3"], "b-1").await;
    assert_eq!((refused.problem(409), refused.reasons()), ("booking_conflict", vec!["A-3:not_held".to_owned()]));
    let released = node.api.release(SHOW, &["A-1"], "b-1").await.expect(200);
    assert_eq!(seat_ids(&released["released"]), ["A-1"]);
    let again = node.api.release(SHOW, &["A-1"], "b-1").await.expect(200);
    assert_eq!((seat_ids(&again["released"]).len(), &again["position"]), (0, &released["position"]));
    // A late repetition of the booking must not book what was refunded.
    assert_eq!(node.api.book(SHOW, &["A-1", "A-2"], 7, "b-1").await.problem(409), "booking_conflict");
    node.api.lock(SHOW, &["A-1"], 9).await.expect(200);
    // Nor may a late repetition of the refund take the seat from its new holder.
    node.api.release(SHOW, &["A-1"], "b-1").await.expect(200);
    assert_eq!(node.api.seat(SHOW, "A-1").await["status"], "locked");
}

async fn blocked_seats_are_off_sale_until_they_are_unblocked(store: TestStore) {
    let node = cinema(&store, 900).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let refused = node.api.block(SHOW, &["A-1", "A-2"]).await;
    assert_eq!((refused.problem(409), refused.reasons()), ("seats_unavailable", vec!["A-1:locked".to_owned()]));
    let blocked = node.api.block(SHOW, &["A-2"]).await.expect(200);
    let again = node.api.block(SHOW, &["A-2"]).await.expect(200);
    assert_eq!((seat_ids(&blocked["changed"]), seat_ids(&again["changed"]).len()), (vec!["A-2"], 0));
    node.api.unblock(SHOW, &["A-1", "A-2"]).await.expect(200);
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
}

async fn a_lock_ends_at_its_deadline_and_the_seat_can_be_taken(store: TestStore) {
    let node = cinema(&store, 1).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    eventually("the seat is free", async || (node.api.seat(SHOW, "A-1").await["status"] == "available").then_some(()))
        .await;
    node.api.lock(SHOW, &["A-1"], 8).await.expect(200);
    let refused = node.api.book(SHOW, &["A-1"], 7, "b-1").await;
    assert_eq!((refused.problem(409), refused.reasons()), ("lock_lost", vec!["A-1:locked".to_owned()]));
}

async fn a_holder_may_lock_only_so_many_seats_in_all(store: TestStore) {
    let node = cinema(&store, 900).await;
    let seats = SeatIds::shipped("cinema");
    let names: Vec<&str> = (0..11).map(|seat| seats.id(seat)).collect();
    let beyond = vec![format!("{}:too_many", names[10])];
    let refused = node.api.lock(SHOW, &names, 7).await;
    assert_eq!((refused.problem(422), refused.reasons()), ("too_many_seats", beyond.clone()));
    node.api.lock(SHOW, &names[..8], 7).await.expect(200);
    let refused = node.api.lock(SHOW, &names[8..], 7).await;
    assert_eq!((refused.problem(422), refused.reasons()), ("too_many_seats", beyond));
    assert!(refused.body["detail"].as_str().unwrap().contains("8 are held"), "{}", refused.body);
    node.api.lock(SHOW, &names[..10], 7).await.expect(200);
    node.api.unlock(SHOW, &names[..10], 7).await.expect(200);
    node.api.lock(SHOW, &names[1..], 7).await.expect(200);
}

async fn a_caller_sees_its_own_locks_as_selected_and_nobody_elses_name(store: TestStore) {
    let node = cinema(&store, 900).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    node.api.lock(SHOW, &["A-2"], "somebody-else").await.expect(200);
    let path = format!("/api/v1/showtimes/{SHOW}/seats/status");
    let mine = node.api.get(&format!("{path}?userId=7")).await;
    assert_eq!(mine.header("cache-control"), "private, no-cache");
    let seats = mine.body["seats"].as_array().unwrap();
    assert_eq!((&seats[0]["status"], &seats[0]["lockedBy"]), (&json!("selected"), &json!(7)));
    assert_eq!((&seats[1]["status"], seats[1].get("lockedBy")), (&json!("locked"), None));
    assert!(!mine.body.to_string().contains("somebody-else"));
    let anyone = node.api.get(&path).await;
    assert!(anyone.body["seats"].as_array().unwrap().iter().all(|seat| seat.get("lockedBy").is_none()));
}

async fn the_box_office_is_told_bookings_and_reasons_and_never_a_name(store: TestStore) {
    let node = store.node().await;
    let body = json!({
        "title": "Gala", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "plan": "cinema",
        "prices": { "Standard": 9.5, "Premium": 13 },
    });
    node.api.put_showtime(SHOW, &body).await.expect(201);
    let locked = node.api.lock(SHOW, &["A-1", "A-2", "A-3"], "zaphod").await.expect(200);
    let booked = node.api.book(SHOW, &["A-3", "A-2"], "zaphod", "order-1").await.expect(200);
    node.api.block(SHOW, &["J-1"]).await.expect(200);

    let reply = node.api.facts(SHOW, "A-1,A-2,J-1&seats=B-1").await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let told = reply.expect(200);
    assert!(!told.to_string().contains("zaphod"), "nobody learns who holds or bought a seat: {told}");
    assert_eq!((&told["showtimeId"], told["serverTime"].is_string()), (&json!(SHOW), true));
    assert_eq!(told["position"], node.api.status(SHOW).await.expect(200)["position"]);
    let price = node.api.seat(SHOW, "J-1").await["price"].clone();
    assert_eq!(
        told["seats"],
        json!([
            { "seatId": "A-1", "status": "locked", "price": 9.5, "expiresAt": locked["seats"][0]["expiresAt"] },
            { "seatId": "A-2", "status": "occupied", "price": 9.5, "bookingId": "order-1",
              "bookedAt": booked["bookedAt"], "bookingSeats": ["A-3", "A-2"] },
            { "seatId": "J-1", "status": "blocked", "price": price, "blockReason": "test" },
            { "seatId": "B-1", "status": "available", "price": 9.5 },
        ])
    );
}

async fn a_question_about_seats_names_them_or_is_refused(store: TestStore) {
    let node = cinema(&store, 900).await;
    let ask = async |query: &str| node.api.get(&format!("/api/v1/showtimes/{SHOW}/seats/facts{query}")).await;
    assert_eq!(ask("").await.problem(422), "no_seats");
    assert_eq!(ask("?seats=").await.problem(422), "no_seats");
    let unknown = ask("?seats=A-1,Z%2C9").await;
    assert_eq!((unknown.problem(422), unknown.reasons()), ("unknown_seats", vec!["Z,9:unknown".to_owned()]));
    assert_eq!(ask("?seats=A-1,A-1").await.problem(422), "duplicate_seats");
    let many: Vec<String> = (0..=1_000).map(|n| n.to_string()).collect();
    assert_eq!(ask(&format!("?seats={}", many.join(","))).await.problem(422), "too_many_seats");
    for (query, named) in [("?seats=A-1&userId=7", "\"userId\""), ("?seat=A-1", "\"seat\"")] {
        let refused = ask(query).await;
        assert_eq!(refused.problem(400), "invalid_query");
        assert!(refused.body["detail"].as_str().unwrap().contains(named), "{}", refused.body);
    }
    assert_eq!(node.api.facts("none", "A-1").await.problem(404), "unknown_showtime");
}

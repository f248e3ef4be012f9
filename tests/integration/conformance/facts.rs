//! What a store tells those who sell the seats: in one look, with bookings and reasons, and without holders.

use seatcast::domain::seat::Lock;
use seatcast::store::{Fact, Facts, Refused, SeatStore};

use super::{booking, cinema, letters, names, position, show, user};
use crate::support::{OpenStore, RULES, TestStore, on_each_store};

on_each_store!(
    each_seat_is_told_with_what_it_was_sold_or_blocked_with,
    a_booking_is_told_with_the_seats_that_it_owns_now,
    facts_outlive_a_restart_and_another_plan,
    what_cannot_be_told_is_refused_by_name,
);

async fn facts(open: &OpenStore, seats: &[&str]) -> Facts {
    open.store.facts(&show(), &names(seats)).await.unwrap().unwrap()
}

/// The booking of each sold seat, with the seats that it owns.
async fn sales(store: &dyn SeatStore, seats: &[&str]) -> Vec<String> {
    let facts = store.facts(&show(), &names(seats)).await.unwrap().unwrap();
    let sale = |(_, fact): &(u32, Fact)| match fact {
        Fact::Occupied(Some(sale)) => {
            let seats: Vec<&str> = sale.seats.iter().map(seatcast::domain::ids::SeatId::as_str).collect();
            format!("{}:{}", sale.booking_id, seats.join(","))
        }
        other => format!("{other:?}"),
    };
    facts.seats.iter().map(sale).collect()
}

async fn each_seat_is_told_with_what_it_was_sold_or_blocked_with(store: TestStore) {
    let open = cinema(&store).await;
    let held = open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    let booked = open.store.book(&show(), &names(&["A-2"]), &user("7"), &booking("18446744073709551615")).await;
    let booked = booked.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-3"]), "Kamera | \u{1f3a5}").await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-4"]), "").await.unwrap().unwrap();

    let told = facts(&open, &["B-1", "A-4", "A-3", "A-2", "A-1"]).await;
    assert_eq!(told.done.position, position(&open.store).await);
    assert!(told.done.now >= booked.done.now);
    let index = |seat: &str| told.done.view.plan.index_of(seat).unwrap();
    assert_eq!(
        told.seats.iter().map(|(seat, _)| *seat).collect::<Vec<_>>(),
        ["B-1", "A-4", "A-3", "A-2", "A-1"].map(index)
    );
    let [(_, free), (_, silent), (_, blocked), (_, sold), (_, locked)] = &told.seats[..] else { panic!("{told:?}") };
    assert_eq!(*free, Fact::Available);
    assert_eq!(*silent, Fact::Blocked { reason: String::new() });
    assert_eq!(*blocked, Fact::Blocked { reason: "Kamera | \u{1f3a5}".into() });
    let Fact::Occupied(Some(sale)) = sold else { panic!("{sold:?}") };
    assert_eq!((&sale.booking_id, sale.booked_at), (&booked.booking.booking_id, booked.booking.booked_at));
    let Lock { expires_at, .. } = held.seats[0].1;
    assert_eq!(*locked, Fact::Locked { expires_at });

    open.store.unblock(&show(), &names(&["A-3"])).await.unwrap().unwrap();
    assert_eq!(facts(&open, &["A-3", "A-3"]).await.seats, [(index("A-3"), Fact::Available)]);
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3", "A-4"]).await, "loab", "asking changes nothing");
}

async fn a_booking_is_told_with_the_seats_that_it_owns_now(store: TestStore) {
    let open = cinema(&store).await;
    let sell = async |seats: &[&str], id: &str| {
        open.store.lock(&show(), &names(seats), &user("7")).await.unwrap().unwrap();
        open.store.book(&show(), &names(seats), &user("7"), &booking(id)).await.unwrap().unwrap();
    };
    sell(&["A-3", "A-1", "A-2"], "b-1").await;
    sell(&["B-1"], "b-2").await;
    let all = ["A-1", "B-1", "A-2"];
    assert_eq!(sales(&*open.store, &all).await, ["b-1:A-3,A-1,A-2", "b-2:B-1", "b-1:A-3,A-1,A-2"]);
    open.store.release(&show(), &names(&["A-1"]), &booking("b-1")).await.unwrap().unwrap();
    assert_eq!(sales(&*open.store, &all).await, ["Available", "b-2:B-1", "b-1:A-3,A-2"]);
    // Who buys the seat next is told of it, and what was before is not.
    sell(&["A-1"], "b-3").await;
    assert_eq!(sales(&*open.store, &all).await, ["b-3:A-1", "b-2:B-1", "b-1:A-3,A-2"]);
}

async fn facts_outlive_a_restart_and_another_plan(store: TestStore) {
    let mut store = store.durable();
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["A-1", "A-2"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
    open.store.release(&show(), &names(&["A-2"]), &booking("b-1")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-3"]), "camera").await.unwrap().unwrap();
    let mut json: serde_json::Value =
        serde_json::from_slice(&seatcast::plans::plan("cinema").unwrap().json()).expect("a plan is JSON");
    // The seats of the last row come first: every index is another seat's.
    json["zones"][0]["rows"].as_array_mut().expect("rows").reverse();
    let options = seatcast::domain::plan::ImportOptions::default();
    let reversed = seatcast::domain::plan::SeatingPlan::import(&json, &options).expect("a plan").plan;
    open.store.put(&show(), super::details("Gala"), std::sync::Arc::new(reversed)).await.unwrap().unwrap();
    let expected = ["b-1:A-1", "Available", r#"Blocked { reason: "camera" }"#];
    assert_eq!(sales(&*open.store, &["A-1", "A-2", "A-3"]).await, expected);
    open.close().await;
    store.restart();
    let open = store.open(RULES).await;
    assert_eq!(sales(&*open.store, &["A-1", "A-2", "A-3"]).await, expected);
}

async fn what_cannot_be_told_is_refused_by_name(store: TestStore) {
    let open = cinema(&store).await;
    let ask = async |seats: &[String]| open.store.facts(&show(), seats).await.unwrap().map(drop);
    assert_eq!(ask(&names(&["A-1", "Z-9", "Z-8"])).await, Err(Refused::UnknownSeats(names(&["Z-9", "Z-8"]))));
    let many: Vec<String> = (0..1_001).map(|n| format!("A-{n}")).collect();
    let over = vec!["A-1000".to_owned()];
    assert_eq!(ask(&many).await, Err(Refused::TooManySeats { asked: 1_001, held: 0, limit: 1_000, over }));
    open.store.delete(&show()).await.unwrap();
    assert_eq!(ask(&names(&["A-1"])).await, Err(Refused::UnknownShowtime));
}

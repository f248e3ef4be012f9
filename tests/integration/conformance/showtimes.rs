//! Creating, replacing, listing.

use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::showtime::Details;
use seatcast::domain::time::Timestamp;
use seatcast::plans;
use seatcast::store::Written;

use super::{booking, cinema, details, in_the_way, names, position, show, user};
use crate::support::{RULES, TestStore, on_each_store};

on_each_store!(
    showtimes_are_listed_by_their_beginning,
    writing_the_same_changes_nothing,
    a_new_plan_keeps_what_is_in_use_or_is_refused,
    a_plan_is_kept_by_its_hash,
);

async fn showtimes_are_listed_by_their_beginning(store: TestStore) {
    let open = store.open(RULES).await;
    assert!(open.store.showtimes().await.unwrap().is_empty());
    for (id, begins) in [("c", 3), ("a", 2), ("b", 2), ("d", 1)] {
        let details = Details { starts_at: Timestamp::from_millis(begins), ..details(id) };
        let id = ShowtimeId::parse(id).unwrap();
        open.store.put(&id, details, plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    }
    open.store.delete(&ShowtimeId::parse("c").unwrap()).await.unwrap();
    let listed = open.store.showtimes().await.unwrap();
    let ids: Vec<_> = listed.iter().map(|view| view.showtime.id.as_str()).collect();
    assert_eq!(ids, ["d", "a", "b"]);
}

async fn writing_the_same_changes_nothing(store: TestStore) {
    let open = store.open(RULES).await;
    let own = Details { lock_seconds: Some(60), max_seats_per_holder: Some(2), ..details("Gala") };
    let put = async |details: &Details| {
        open.store.put(&show(), details.clone(), plans::plan("cinema").unwrap()).await.unwrap().unwrap()
    };
    assert_eq!(put(&own).await, Written::Created);
    let before = position(&open.store).await;
    assert_eq!(put(&own).await, Written::Unchanged);
    assert_eq!(position(&open.store).await, before);
    let (view, _) = open.store.showtime(&show()).await.unwrap().unwrap();
    assert_eq!((view.rules.lock.as_secs(), view.rules.max_seats_per_holder), (60, 2), "a showtime's own rules");
    assert_eq!((&view.showtime.details, view.showtime.seat_count), (&own, 120));
    assert_eq!(put(&details("Gala")).await, Written::Replaced);
    let (view, after) = open.store.showtime(&show()).await.unwrap().unwrap();
    assert_ne!(after.epoch, before.epoch);
    assert_eq!(view.rules, RULES);
}

async fn a_new_plan_keeps_what_is_in_use_or_is_refused(store: TestStore) {
    let open = cinema(&store).await;
    let held = open.store.lock(&show(), &names(&["A-1", "C-3"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["C-3"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-2"]), "broken").await.unwrap().unwrap();
    let before = open.store.export(&show()).await.unwrap();
    let theatre = plans::plan("theatre").unwrap();
    let lost: Vec<String> =
        ["A-1", "A-2", "C-3"].into_iter().filter(|seat| theatre.index_of(seat).is_none()).map(String::from).collect();
    assert!(!lost.is_empty(), "the theatre has all seats of the cinema");
    let refused = open.store.put(&show(), details("Gala"), theatre).await.unwrap();
    let named: Vec<String> =
        in_the_way(refused).iter().map(|seat| seat.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(named, lost);
    assert_eq!(open.store.export(&show()).await.unwrap(), before, "nothing was changed");

    open.store.put(&show(), details("Second"), plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    let after = open.store.export(&show()).await.unwrap().unwrap();
    assert_eq!(after.locks()[&held.seats[0].0], held.seats[0].1, "the same lock, the same deadline");
    assert_eq!((after.blocks().len(), after.bookings().len()), (1, 1));
    open.store.extend(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.release(&show(), &names(&["C-3"]), &booking("b-1")).await.unwrap().unwrap();
}

async fn a_plan_is_kept_by_its_hash(store: TestStore) {
    let open = cinema(&store).await;
    let plan = plans::plan("cinema").unwrap();
    let kept = open.store.plan(plan.hash()).await.unwrap().unwrap();
    assert_eq!(kept.json(), plan.json());
    assert!(open.store.plan(plans::plan("theatre").unwrap().hash()).await.unwrap().is_none());
}

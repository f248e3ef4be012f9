//! Bookings and refunds.

use seatcast::domain::ids::SeatId;
use seatcast::store::{BookingConflict, Refused};

use super::{booking, cinema, in_the_way, letters, names, position, show, user};
use crate::support::{TestStore, on_each_store};

on_each_store!(
    a_booking_takes_the_holders_locks_and_is_made_once,
    a_booking_of_what_is_not_held_changes_nothing,
    a_refund_frees_what_the_booking_owns_once,
);

async fn a_booking_takes_the_holders_locks_and_is_made_once(store: TestStore) {
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1", "A-2", "A-3"]), &user("7")).await.unwrap().unwrap();
    let book = async |seats: &[&str], holder: &str, id: &str| {
        open.store.book(&show(), &names(seats), &user(holder), &booking(id)).await.unwrap()
    };
    let booked = book(&["A-2", "A-1"], "7", "b-1").await.unwrap();
    assert!(!booked.replayed);
    assert_eq!(booked.booking.booked_at, booked.done.now);
    assert_eq!(booked.booking.seats.iter().map(SeatId::as_str).collect::<Vec<_>>(), ["A-2", "A-1"]);
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3"]).await, "ool");

    let again = book(&["A-1", "A-2"], "7", "b-1").await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.booking, again.done.position), (booked.booking, booked.done.position));
    for (seats, holder) in [(&["A-1"][..], "7"), (&["A-1", "A-2"], "8"), (&["A-1", "A-2", "A-3"], "7")] {
        let refused = book(seats, holder, "b-1").await.map(drop);
        assert_eq!(refused, Err(Refused::BookingConflict(BookingConflict::Different)));
    }
    assert_eq!(in_the_way(book(&["A-3", "A-1"], "7", "b-2").await), ["A-1:Occupied"]);
    book(&["A-3"], "7", "b-2").await.unwrap();
}

async fn a_booking_of_what_is_not_held_changes_nothing(store: TestStore) {
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.lock(&show(), &names(&["A-2"]), &user("8")).await.unwrap().unwrap();
    let before = position(&open.store).await;
    let wanted = names(&["A-3", "A-1", "A-2"]);
    let refused = open.store.book(&show(), &wanted, &user("7"), &booking("b-1")).await.unwrap();
    assert_eq!(in_the_way(refused), ["A-3:NotHeld", "A-2:Locked"]);
    assert_eq!(position(&open.store).await, before);
    // The id is still free.
    open.store.book(&show(), &names(&["A-1"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
}

async fn a_refund_frees_what_the_booking_owns_once(store: TestStore) {
    let open = cinema(&store).await;
    let conflict = |conflict| Err(Refused::BookingConflict(conflict));
    let release =
        async |seats: &[&str], id: &str| open.store.release(&show(), &names(seats), &booking(id)).await.unwrap();
    open.store.lock(&show(), &names(&["A-1", "A-2", "A-3"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["A-1", "A-2"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
    assert_eq!(release(&["A-1"], "b-2").await.map(drop), conflict(BookingConflict::Unrecorded));
    let strangers = ["A-3", "A-4"].map(|seat| SeatId::parse(seat).unwrap());
    let refused = release(&["A-3", "A-1", "A-4"], "b-1").await.map(drop);
    assert_eq!(refused, conflict(BookingConflict::NotOwned(strangers.to_vec())));
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3"]).await, "ool");

    let released = release(&["A-1"], "b-1").await.unwrap();
    assert_eq!(released.seats.len(), 1);
    let again = release(&["A-1"], "b-1").await.unwrap();
    assert_eq!((again.seats.len(), &again.done.position), (0, &released.done.position));
    let late = open.store.book(&show(), &names(&["A-1", "A-2"]), &user("7"), &booking("b-1")).await.unwrap();
    assert_eq!(late.map(drop), conflict(BookingConflict::Released), "a late repetition books nothing");
    // The seat has a new owner: a late repetition of the refund takes nothing from it.
    open.store.lock(&show(), &names(&["A-1"]), &user("9")).await.unwrap().unwrap();
    assert_eq!(release(&["A-1", "A-2"], "b-1").await.unwrap().seats.len(), 1);
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3"]).await, "lal");
}

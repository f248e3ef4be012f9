//! Locking, unlocking, extending, blocking.

use std::time::Duration;

use seatcast::domain::showtime::Rules;
use seatcast::domain::transition::Refusal;
use seatcast::store::{MAX_SEATS_PER_REQUEST, Refused};

use super::{booking, cinema, cinema_with, in_the_way, letters, names, position, show, user};
use crate::support::{RULES, TestStore, on_each_store};

on_each_store!(
    a_lock_holds_until_now_and_the_lock_time,
    locking_what_one_has_changes_nothing,
    a_refused_lock_names_every_seat_in_the_way_and_changes_nothing,
    a_holder_has_at_most_so_many_seats,
    unlocking_frees_the_holders_seats_or_none,
    an_extension_moves_deadlines_up_to_the_cap_and_never_back,
    only_the_holder_extends,
    blocked_seats_are_nobodys_until_they_are_unblocked,
    whatever_is_asked_of_an_unknown_showtime_or_seat_is_refused_so,
);

async fn a_lock_holds_until_now_and_the_lock_time(store: TestStore) {
    let open = cinema(&store).await;
    let before = position(&open.store).await;
    let held = open.store.lock(&show(), &names(&["A-3", "A-1", "A-3"]), &user("7")).await.unwrap().unwrap();
    let seats: Vec<_> = held.seats.iter().map(|(seat, _)| held.done.view.seat_id(*seat).as_str()).collect();
    assert_eq!(seats, ["A-3", "A-1"], "each once, in the order of the request");
    for (_, lock) in &held.seats {
        assert_eq!((lock.holder.as_str(), lock.locked_at), ("7", held.done.now));
        assert_eq!(lock.expires_at, Some(held.done.now.plus(RULES.lock)));
    }
    assert_eq!((held.done.position.epoch, held.done.position.seq), (before.epoch, before.seq + 1));
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3"]).await, "lal");
}

async fn locking_what_one_has_changes_nothing(store: TestStore) {
    let open = cinema(&store).await;
    let first = open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    let again = open.store.lock(&show(), &names(&["A-2", "A-1"]), &user("7")).await.unwrap().unwrap();
    assert_eq!(again.done.position, first.done.position);
    let locks = |held: &seatcast::store::Held| {
        let mut seats = held.seats.clone();
        seats.sort_by_key(|(seat, _)| *seat);
        seats
    };
    assert_eq!(locks(&again), locks(&first));
    let more = open.store.lock(&show(), &names(&["A-1", "A-3"]), &user("7")).await.unwrap().unwrap();
    assert_eq!(more.seats[0], first.seats[0], "the old lock stays, the new one is added");
    assert_eq!(more.done.position.seq, first.done.position.seq + 1);
}

async fn a_refused_lock_names_every_seat_in_the_way_and_changes_nothing(store: TestStore) {
    let open = cinema(&store).await;
    let held = open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["A-2"]), &user("7"), &booking("b")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-3"]), "broken").await.unwrap().unwrap();
    let before = position(&open.store).await;
    let wanted = names(&["A-4", "A-3", "A-2", "A-1"]);
    let refused = open.store.lock(&show(), &wanted, &user("8")).await.unwrap();
    let Err(Refused::Seats(seats)) = &refused else { panic!("{refused:?}") };
    assert_eq!(seats[2].refusal, Refusal::Locked { expires_at: held.seats[0].1.expires_at });
    assert_eq!(in_the_way(refused), ["A-3:Blocked", "A-2:Occupied", "A-1:Locked"]);
    assert_eq!(position(&open.store).await, before);
    assert_eq!(letters(&open.store, &["A-4"]).await, "a");
}

async fn a_holder_has_at_most_so_many_seats(store: TestStore) {
    let open = cinema_with(&store, Rules { max_seats_per_holder: 3, ..RULES }).await;
    let too_many = |asked, held, over: &[&str]| Refused::TooManySeats { asked, held, limit: 3, over: names(over) };
    let lock = async |seats: &[&str], holder: &str| {
        open.store.lock(&show(), &names(seats), &user(holder)).await.unwrap().map(drop)
    };
    assert_eq!(lock(&["A-1", "A-2", "A-3", "A-4"], "7").await, Err(too_many(4, 0, &["A-4"])));
    lock(&["A-1", "A-2"], "7").await.unwrap();
    assert_eq!(lock(&["A-3", "A-1", "A-4"], "7").await, Err(too_many(3, 2, &["A-4"])));
    lock(&["A-2", "A-1", "A-3"], "7").await.unwrap();
    assert_eq!(lock(&["A-4"], "7").await, Err(too_many(1, 3, &["A-4"])));
    lock(&["A-5"], "8").await.unwrap();
    assert_eq!(in_the_way(lock(&["A-5", "A-4"], "7").await), ["A-5:Locked"], "what is another's is said first");
    // What is booked or given back no longer counts; what is another's name neither.
    open.store.book(&show(), &names(&["A-1"]), &user("7"), &booking("b")).await.unwrap().unwrap();
    open.store.unlock(&show(), &names(&["A-2"]), &user("7")).await.unwrap().unwrap();
    lock(&["A-4", "A-6"], "7").await.unwrap();
    lock(&["B-1", "B-2", "B-3"], "71").await.unwrap();
    let many: Vec<String> = (0..=MAX_SEATS_PER_REQUEST).map(|n| format!("X-{n}")).collect();
    let refused = open.store.unlock(&show(), &many, &user("7")).await.unwrap().map(drop);
    assert!(matches!(refused, Err(Refused::TooManySeats { limit: MAX_SEATS_PER_REQUEST, .. })), "{refused:?}");
}

async fn unlocking_frees_the_holders_seats_or_none(store: TestStore) {
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    open.store.lock(&show(), &names(&["A-3"]), &user("8")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-5"]), "x").await.unwrap().unwrap();
    let before = position(&open.store).await;
    let refused = open.store.unlock(&show(), &names(&["A-1", "A-3"]), &user("7")).await.unwrap();
    assert_eq!(in_the_way(refused), ["A-3:Locked"]);
    assert_eq!(position(&open.store).await, before);
    let wanted = names(&["A-4", "A-2", "A-1", "A-5"]);
    let freed = open.store.unlock(&show(), &wanted, &user("7")).await.unwrap().unwrap();
    let ids: Vec<_> = freed.seats.iter().map(|seat| freed.done.view.seat_id(*seat).as_str()).collect();
    assert_eq!(ids, ["A-2", "A-1"], "those that were locked, in the order of the request");
    let again = open.store.unlock(&show(), &wanted, &user("7")).await.unwrap().unwrap();
    assert!(again.seats.is_empty());
    assert_eq!(again.done.position, freed.done.position);
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3", "A-5"]).await, "aalb");
}

async fn an_extension_moves_deadlines_up_to_the_cap_and_never_back(store: TestStore) {
    let cap = RULES.lock + Duration::from_millis(40);
    let open = cinema_with(&store, Rules { extend_cap: cap, ..RULES }).await;
    let first = open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    let (_, lock) = &first.seats[0];
    let capped = lock.locked_at.plus(cap);
    let mut last = lock.expires_at.unwrap();
    loop {
        let extended = open.store.extend(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
        let (_, moved) = &extended.seats[0];
        assert_eq!((&moved.holder, moved.locked_at), (&lock.holder, lock.locked_at));
        let deadline = moved.expires_at.unwrap();
        assert_eq!(deadline, last.max(extended.done.now.plus(RULES.lock).min(capped)));
        last = deadline;
        if last == capped {
            break;
        }
    }
    let before = position(&open.store).await;
    let still = open.store.extend(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    assert_eq!((still.seats[0].1.expires_at, still.done.position), (Some(capped), before), "no change, no number");
}

async fn only_the_holder_extends(store: TestStore) {
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-3"]), "x").await.unwrap().unwrap();
    let before = position(&open.store).await;
    let refused = open.store.extend(&show(), &names(&["A-1", "A-2", "A-3"]), &user("7")).await.unwrap();
    assert_eq!(in_the_way(refused), ["A-2:NotHeld", "A-3:Blocked"]);
    let refused = open.store.extend(&show(), &names(&["A-1"]), &user("8")).await.unwrap();
    assert_eq!(in_the_way(refused), ["A-1:Locked"]);
    assert_eq!(position(&open.store).await, before);
}

async fn blocked_seats_are_nobodys_until_they_are_unblocked(store: TestStore) {
    let open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    let refused = open.store.block(&show(), &names(&["A-2", "A-1"]), "x").await.unwrap();
    assert_eq!(in_the_way(refused), ["A-1:Locked"]);
    let blocked = open.store.block(&show(), &names(&["A-2", "A-3"]), "broken").await.unwrap().unwrap();
    assert_eq!(blocked.seats.len(), 2);
    let again = open.store.block(&show(), &names(&["A-3", "A-4"]), "wet paint").await.unwrap().unwrap();
    assert_eq!(again.seats.len(), 1, "those that were not blocked before");
    let unchanged = open.store.block(&show(), &names(&["A-2"]), "reserved").await.unwrap().unwrap();
    assert!(unchanged.seats.is_empty());
    assert_eq!(unchanged.done.position, again.done.position, "another reason is no change that viewers see");
    let reasons: Vec<_> = open.store.export(&show()).await.unwrap().unwrap().blocks().values().cloned().collect();
    assert_eq!(reasons, ["reserved", "wet paint", "wet paint"]);
    let freed = open.store.unblock(&show(), &names(&["A-1", "A-2", "A-9"])).await.unwrap().unwrap();
    assert_eq!(freed.seats.len(), 1);
    let again = open.store.unblock(&show(), &names(&["A-1", "A-2", "A-9"])).await.unwrap().unwrap();
    assert_eq!((again.seats.len(), again.done.position), (0, freed.done.position));
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3", "A-4"]).await, "labb");
}

async fn whatever_is_asked_of_an_unknown_showtime_or_seat_is_refused_so(store: TestStore) {
    let open = cinema(&store).await;
    let store = &open.store;
    let nowhere = seatcast::domain::ids::ShowtimeId::parse("nowhere").unwrap();
    let before = position(store).await;
    for (id, seats, wanted) in [
        (&nowhere, names(&["A-1"]), Refused::UnknownShowtime),
        (&show(), names(&["A-1", "Z-9", "Z-8"]), Refused::UnknownSeats(names(&["Z-9", "Z-8"]))),
    ] {
        let wanted = Err(wanted);
        assert_eq!(store.lock(id, &seats, &user("7")).await.unwrap().map(drop), wanted);
        assert_eq!(store.unlock(id, &seats, &user("7")).await.unwrap().map(drop), wanted);
        assert_eq!(store.extend(id, &seats, &user("7")).await.unwrap().map(drop), wanted);
        assert_eq!(store.book(id, &seats, &user("7"), &booking("b")).await.unwrap().map(drop), wanted);
        assert_eq!(store.release(id, &seats, &booking("b")).await.unwrap().map(drop), wanted);
        assert_eq!(store.block(id, &seats, "x").await.unwrap().map(drop), wanted);
        assert_eq!(store.unblock(id, &seats).await.unwrap().map(drop), wanted);
    }
    assert_eq!(position(store).await, before);
    assert!(store.showtime(&nowhere).await.unwrap().is_none());
    assert!(store.snapshot(&nowhere).await.unwrap().is_none());
    assert!(store.export(&nowhere).await.unwrap().is_none());
    assert!(store.changes_since(&nowhere, &before).await.unwrap().is_none());
    assert!(!store.watch(&nowhere).await.unwrap());
    assert!(!store.delete(&nowhere).await.unwrap());
}

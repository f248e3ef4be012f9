//! Locks end at their deadline: not before it, and for nobody after it.

use std::time::Duration;

use seatcast::domain::seat::SeatState;
use seatcast::domain::showtime::Rules;
use seatcast::domain::time::Timestamp;
use seatcast::store::{Fact, FeedItem, Refused, SeatStore};

use super::{booking, cinema_with, details, letters, names, show, user};
use crate::support::{RULES, TestStore, eventually, on_each_store};

on_each_store!(
    a_lock_is_another_s_the_moment_after_its_deadline_and_not_before,
    an_extension_or_booking_comes_in_time_or_not_at_all,
    the_end_of_a_lock_is_a_change_of_its_own_that_everybody_hears_of_once,
    locks_end_in_showtimes_that_nobody_watches,
    a_lock_that_has_ended_counts_for_nothing,
    a_seat_is_told_as_locked_until_its_deadline_and_not_after_it,
);

fn short(lock: Duration) -> Rules {
    Rules { lock, extend_cap: Duration::from_secs(60), ..RULES }
}

/// Waits until the store's clock is so near that asking takes longer.
async fn just_before(store: &dyn SeatStore, instant: Timestamp, by: Duration) {
    let wait = instant.minus(by).since(store.now());
    tokio::time::sleep(wait).await;
}

async fn a_lock_is_another_s_the_moment_after_its_deadline_and_not_before(store: TestStore) {
    let open = cinema_with(&store, short(Duration::from_millis(30))).await;
    let seat = names(&["A-1"]);
    let mut deadline =
        open.store.lock(&show(), &seat, &user("0")).await.unwrap().unwrap().seats[0].1.expires_at.unwrap();
    let mut refusals = 0;
    for n in 1..=30 {
        just_before(&*open.store, deadline, Duration::from_millis(3)).await;
        let (held, ends) = loop {
            match open.store.lock(&show(), &seat, &user(&n.to_string())).await.unwrap() {
                Ok(held) => break (held.done.now, held.seats[0].1.expires_at.unwrap()),
                Err(Refused::Seats(_)) => refusals += 1,
                Err(other) => panic!("{other:?}"),
            }
        };
        assert!(held > deadline, "locked at {held}, while another held it until {deadline}");
        deadline = ends;
    }
    assert!(refusals > 0, "nobody came before a deadline");
}

async fn an_extension_or_booking_comes_in_time_or_not_at_all(store: TestStore) {
    let open = cinema_with(&store, short(Duration::from_millis(25))).await;
    let (mut in_time, mut late) = (0, 0);
    for n in 0..40_u64 {
        let (seat, holder) = (names(&[&format!("A-{}", n % 8 + 1)]), user(&n.to_string()));
        let held = open.store.lock(&show(), &seat, &holder).await.unwrap().unwrap();
        let deadline = held.seats[0].1.expires_at.unwrap();
        just_before(&*open.store, deadline, Duration::from_millis(n % 5)).await;
        let done = if n % 2 == 0 {
            open.store.extend(&show(), &seat, &holder).await.unwrap().map(|held| held.done.now)
        } else {
            let id = booking(&format!("b-{n}"));
            open.store.book(&show(), &seat, &holder, &id).await.unwrap().map(|booked| booked.done.now)
        };
        match done {
            Ok(now) => {
                assert!(now <= deadline, "done at {now}, after {deadline}");
                in_time += 1;
                if n % 2 == 1 {
                    open.store.release(&show(), &seat, &booking(&format!("b-{n}"))).await.unwrap().unwrap();
                }
            }
            Err(Refused::Seats(_)) => {
                assert!(open.store.now() > deadline.minus(Duration::from_millis(5)), "refused in time");
                late += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
        eventually("the seat is free", async || (letters(&open.store, &[&seat[0]]).await == "a").then_some(())).await;
    }
    assert!(in_time > 0, "{late} were late, and none came in time");
}

async fn the_end_of_a_lock_is_a_change_of_its_own_that_everybody_hears_of_once(store: TestStore) {
    let mut open = cinema_with(&store, short(Duration::from_millis(80))).await;
    let seats: Vec<String> = (1..=10).map(|n| format!("A-{n}")).collect();
    let held = open.store.lock(&show(), &seats, &user("7")).await.unwrap().unwrap();
    let locked = open.hear_diff().await;
    assert_eq!(locked.position, held.done.position);
    let ended = open.hear_diff().await;
    assert!(open.store.now() > held.seats[0].1.expires_at.unwrap());
    assert_eq!(ended.prev, locked.position);
    assert_eq!(ended.changes.len(), 10, "what ends together is one change");
    assert!(ended.changes.iter().all(|change| change.state == SeatState::Available));
    // Nothing else comes: the next thing is what is done next.
    let next = open.store.block(&show(), &seats, "x").await.unwrap().unwrap();
    assert_eq!(open.hear_diff().await.position, next.done.position);
    assert_eq!(next.done.position.seq, ended.position.seq + 1);
}

async fn locks_end_in_showtimes_that_nobody_watches(store: TestStore) {
    let mut open = cinema_with(&store, short(Duration::from_millis(80))).await;
    open.store.unwatch(&show()).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    let (_, before) = open.store.showtime(&show()).await.unwrap().unwrap();
    eventually("the lock has ended", async || (letters(&open.store, &["A-1"]).await == "a").then_some(())).await;
    assert!(open.store.watch(&show()).await.unwrap());
    let missed = open.store.changes_since(&show(), &before).await.unwrap().unwrap();
    assert_eq!(missed.len(), 1);
    open.store.block(&show(), &names(&["A-1"]), "x").await.unwrap().unwrap();
    let FeedItem::Diff { diff, .. } = open.hear().await else { panic!("no diff") };
    assert_eq!(diff.prev, missed[0].position);
}

async fn a_lock_that_has_ended_counts_for_nothing(store: TestStore) {
    let rules = Rules { max_seats_per_holder: 2, ..short(Duration::from_millis(50)) };
    let open = cinema_with(&store, rules).await;
    let (seats, holder) = (names(&["A-1", "A-2"]), user("7"));
    let ended = |held: &seatcast::store::Held| held.seats[0].1.expires_at.unwrap().plus(Duration::from_millis(2));
    let held = open.store.lock(&show(), &seats, &holder).await.unwrap().unwrap();
    just_before(&*open.store, ended(&held), Duration::ZERO).await;
    // Not for the number of seats, and not as the same lock.
    let other = open.store.lock(&show(), &names(&["A-3", "A-4"]), &holder).await.unwrap().unwrap();
    just_before(&*open.store, ended(&other), Duration::ZERO).await;
    let again = open.store.lock(&show(), &names(&["A-3"]), &holder).await.unwrap().unwrap();
    assert_eq!(again.seats[0].1.locked_at, again.done.now, "a claim that was broken begins anew");
    // Not in an export, and not for changing the plan.
    just_before(&*open.store, ended(&again), Duration::ZERO).await;
    assert!(open.store.export(&show()).await.unwrap().unwrap().locks().is_empty());
    let plan = seatcast::plans::plan("theatre").unwrap();
    open.store.put(&show(), details("Gala"), plan).await.unwrap().unwrap();
}

async fn a_seat_is_told_as_locked_until_its_deadline_and_not_after_it(store: TestStore) {
    let open = cinema_with(&store, short(Duration::from_millis(30))).await;
    let seat = names(&["A-1"]);
    let (mut locked, mut free) = (0, 0);
    for _ in 0..20 {
        let held = open.store.lock(&show(), &seat, &user("7")).await.unwrap().unwrap();
        let deadline = held.seats[0].1.expires_at;
        just_before(&*open.store, deadline.unwrap(), Duration::from_millis(3)).await;
        loop {
            let told = open.store.facts(&show(), &seat).await.unwrap().unwrap();
            let has_ended = Some(told.done.now) > deadline;
            let expected = if has_ended { Fact::Available } else { Fact::Locked { expires_at: deadline } };
            assert_eq!(told.seats[0].1, expected, "at {}, with a deadline at {deadline:?}", told.done.now);
            locked += usize::from(!has_ended);
            if has_ended {
                free += 1;
                break;
            }
        }
    }
    assert!(locked > 0 && free == 20, "{locked} looks came before a deadline");
}

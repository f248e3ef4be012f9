//! Numbers, the feed, resuming, epochs, restarts.

use seatcast::domain::diff::Diff;
use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::position::{Epoch, Position};
use seatcast::domain::snapshot::{Applied, Snapshot};
use seatcast::plans;
use seatcast::store::{FeedItem, History};

use super::{booking, cinema, details, names, position, show, user};
use crate::support::{RULES, TestStore, on_each_store};

on_each_store!(
    every_change_has_one_number_and_comes_once_over_the_feed,
    the_history_leads_to_the_map_from_wherever_it_begins,
    history_is_bounded_and_says_so,
    a_replaced_showtime_begins_a_new_epoch_and_a_removed_one_is_gone,
    nothing_is_told_of_a_showtime_that_nobody_watches,
    where_showtimes_stand_is_told_for_many_at_once,
    what_was_answered_survives_a_restart,
);

async fn where_showtimes_stand_is_told_for_many_at_once(store: TestStore) {
    let open = cinema(&store).await;
    let begin = position(&open.store).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    let now = position(&open.store).await;
    let unknown = ShowtimeId::parse("nobody-knows").unwrap();
    let seen = [(unknown, begin.clone()), (show(), begin), (show(), now.clone())];
    let told = open.store.positions(&seen).await.unwrap();
    assert_eq!(told, [None, Some(now.clone()), Some(now.clone())]);
    assert_eq!(position(&open.store).await, now, "to ask changes nothing");
    assert!(open.store.positions(&[]).await.unwrap().is_empty());
}

async fn every_change_has_one_number_and_comes_once_over_the_feed(store: TestStore) {
    let mut open = cinema(&store).await;
    let begin = position(&open.store).await;
    let (seats, holder) = (names(&["A-1", "A-2"]), user("7"));
    open.store.lock(&show(), &seats, &holder).await.unwrap().unwrap();
    open.store.lock(&show(), &seats, &holder).await.unwrap().unwrap();
    open.store.lock(&show(), &seats, &user("8")).await.unwrap().unwrap_err();
    open.store.book(&show(), &names(&["A-1"]), &holder, &booking("b-1")).await.unwrap().unwrap();
    open.store.unlock(&show(), &seats[1..], &holder).await.unwrap().unwrap();
    open.store.release(&show(), &names(&["A-1"]), &booking("b-1")).await.unwrap().unwrap();
    open.store.block(&show(), &seats, "x").await.unwrap().unwrap();
    open.store.unblock(&show(), &seats).await.unwrap().unwrap();
    let changed: Vec<usize> = [2, 1, 1, 1, 2, 2].into();
    let mut told: Vec<Diff> = Vec::new();
    for _ in &changed {
        told.push(open.hear_diff().await);
    }
    assert_eq!(told.iter().map(|diff| diff.changes.len()).collect::<Vec<_>>(), changed);
    assert_eq!(told[0].prev, begin);
    assert!(told.windows(2).all(|pair| pair[0].position == pair[1].prev));
    assert!(told.iter().all(|diff| diff.position.seq == diff.prev.seq + 1));
    let read = open.store.changes_since(&show(), &begin).await.unwrap().unwrap();
    assert_eq!(read, told, "the history says the same");
}

async fn the_history_leads_to_the_map_from_wherever_it_begins(store: TestStore) {
    let open = cinema(&store).await;
    let begin = position(&open.store).await;
    for n in 1..=9 {
        let seat = names(&[&format!("A-{n}")]);
        open.store.lock(&show(), &seat, &user(&format!("user-{}", n % 3))).await.unwrap().unwrap();
    }
    let History { snapshot, recent, view } = open.store.snapshot(&show()).await.unwrap().unwrap();
    let empty = || Snapshot::empty(begin.clone(), view.plan.seat_count());
    assert_eq!(recent.first().unwrap().prev, begin);
    for start in 0..=recent.len() {
        let mut replica = empty();
        for diff in &recent[..start] {
            assert_eq!(replica.apply(diff), Applied::Changed);
        }
        for diff in open.store.changes_since(&show(), replica.position()).await.unwrap().unwrap() {
            assert_eq!(replica.apply(&diff), Applied::Changed);
        }
        assert_eq!(replica, snapshot);
    }
    let elsewhere = |epoch: Epoch, seq| Position::new(epoch, seq);
    let stranger = elsewhere(Epoch::parse("another").unwrap(), 3);
    let ahead = elsewhere(begin.epoch.clone(), snapshot.position().seq + 1);
    for unknown in [stranger, ahead] {
        assert_eq!(open.store.changes_since(&show(), &unknown).await.unwrap(), None);
    }
    assert_eq!(open.store.changes_since(&show(), snapshot.position()).await.unwrap(), Some(Vec::new()));
}

async fn history_is_bounded_and_says_so(store: TestStore) {
    let mut open = cinema(&store).await;
    let begin = position(&open.store).await;
    // Stores may keep more than they must, and Redis trims in steps.
    for _ in 0..700 {
        open.store.block(&show(), &names(&["A-1"]), "x").await.unwrap().unwrap();
        open.store.unblock(&show(), &names(&["A-1"])).await.unwrap().unwrap();
        let _ = (open.hear().await, open.hear().await);
    }
    assert_eq!(open.store.changes_since(&show(), &begin).await.unwrap(), None, "who is too far back is told");
    let near = Position::new(begin.epoch.clone(), 1_000);
    assert_eq!(open.store.changes_since(&show(), &near).await.unwrap().unwrap().len(), 400);
    let recent = open.store.snapshot(&show()).await.unwrap().unwrap().recent;
    assert_eq!((recent.len(), recent.last().unwrap().position.seq), (1_000, 1_400));
}

async fn a_replaced_showtime_begins_a_new_epoch_and_a_removed_one_is_gone(store: TestStore) {
    let mut open = cinema(&store).await;
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.hear_diff().await;
    let old = position(&open.store).await;
    open.store.put(&show(), details("Second night"), plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    assert!(matches!(open.hear().await, FeedItem::Reset { showtime } if showtime == show()));
    let new = position(&open.store).await;
    assert_ne!(new.epoch, old.epoch);
    assert_eq!(open.store.changes_since(&show(), &old).await.unwrap(), None);
    assert!(open.store.snapshot(&show()).await.unwrap().unwrap().recent.is_empty());
    open.store.unlock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    assert_eq!(open.hear_diff().await.prev, new);

    assert!(open.store.delete(&show()).await.unwrap());
    assert!(matches!(open.hear().await, FeedItem::Gone { showtime } if showtime == show()));
    assert!(!open.store.delete(&show()).await.unwrap());
    assert!(open.store.snapshot(&show()).await.unwrap().is_none());
    // One of the same name is another.
    open.store.put(&show(), details("Gala"), plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    let reborn = position(&open.store).await;
    assert!(reborn.epoch != old.epoch && reborn.epoch != new.epoch);
}

async fn nothing_is_told_of_a_showtime_that_nobody_watches(store: TestStore) {
    let mut open = cinema(&store).await;
    let other = seatcast::domain::ids::ShowtimeId::parse("other").unwrap();
    open.store.put(&other, details("Other"), plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    open.store.lock(&other, &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.lock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    assert!(matches!(open.hear().await, FeedItem::Diff { showtime, .. } if showtime == show()));
    open.store.unwatch(&show()).await;
    open.store.unlock(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    // However many watch it, each change comes once.
    assert!(open.store.watch(&other).await.unwrap());
    assert!(open.store.watch(&other).await.unwrap());
    open.store.unlock(&other, &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.lock(&other, &names(&["A-2"]), &user("7")).await.unwrap().unwrap();
    for _ in 0..2 {
        assert!(matches!(open.hear().await, FeedItem::Diff { showtime, .. } if showtime == other));
    }
    // Two have asked for it, and one of them no longer wants it.
    open.store.unwatch(&other).await;
    open.store.unlock(&other, &names(&["A-2"]), &user("7")).await.unwrap().unwrap();
    assert!(matches!(open.hear().await, FeedItem::Diff { showtime, .. } if showtime == other));
}

async fn what_was_answered_survives_a_restart(store: TestStore) {
    let mut store = store.durable();
    let open = cinema(&store).await;
    let held = open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["A-2"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["A-3"]), "broken").await.unwrap().unwrap();
    let before = (open.store.export(&show()).await.unwrap(), position(&open.store).await);
    open.close().await;
    store.restart();

    let open = store.open(RULES).await;
    let archive = open.store.export(&show()).await.unwrap();
    assert_eq!(archive, before.0);
    assert_eq!(archive.unwrap().locks()[&held.seats[0].0], held.seats[0].1, "deadlines are instants");
    let again = open.store.book(&show(), &names(&["A-2"]), &user("7"), &booking("b-1")).await.unwrap().unwrap();
    assert!(again.replayed);
    // Either the history goes on, or it is another epoch: never the same number for something else.
    let after = position(&open.store).await;
    let read = open.store.changes_since(&show(), &before.1).await.unwrap();
    assert_eq!(read, (after.epoch == before.1.epoch).then(Vec::new));
    if matches!(store, TestStore::Embedded(_)) {
        assert_eq!(after, before.1, "one machine, one history");
    }
}

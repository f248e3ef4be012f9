//! Showtimes as a whole: out of one store and into another.

use std::time::Duration;

use seatcast::domain::archive::Archive;
use seatcast::domain::showtime::Rules;
use seatcast::store::Imported;

use super::{booking, cinema_with, letters, names, position, show, user};
use crate::support::{OpenStore, RULES, TestStore, on_each_store};

on_each_store!(
    an_archive_that_comes_back_is_the_same_showtime,
    an_import_changes_nothing_that_is_there,
    locks_end_where_they_were_moved_to,
);

/// A showtime with everything that one can have.
async fn lively(store: &TestStore, rules: Rules) -> (OpenStore, Archive) {
    let open = cinema_with(store, rules).await;
    open.store.lock(&show(), &names(&["A-1", "A-2"]), &user("7")).await.unwrap().unwrap();
    open.store.lock(&show(), &names(&["A-3"]), &user("\u{fc}mit")).await.unwrap().unwrap();
    open.store.lock(&show(), &names(&["B-1", "B-2"]), &user("9")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["B-1", "B-2"]), &user("9"), &booking("order-1")).await.unwrap().unwrap();
    open.store.release(&show(), &names(&["B-2"]), &booking("order-1")).await.unwrap().unwrap();
    open.store.block(&show(), &names(&["C-1"]), "broken \"seat\"").await.unwrap().unwrap();
    let archive = open.store.export(&show()).await.unwrap().unwrap();
    assert_eq!((archive.locks().len(), archive.blocks().len(), archive.bookings().len()), (3, 1, 1));
    (open, archive)
}

async fn an_archive_that_comes_back_is_the_same_showtime(store: TestStore) {
    let (open, archive) = lively(&store, RULES).await;
    let old = position(&open.store).await;
    open.store.delete(&show()).await.unwrap();
    assert_eq!(open.store.import(archive.clone()).await.unwrap(), Imported::Created);
    assert_eq!(open.store.export(&show()).await.unwrap(), Some(archive));
    assert_ne!(position(&open.store).await.epoch, old.epoch);
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3", "B-1", "B-2", "C-1"]).await, "lllaob".replace("ao", "oa"));
    // Everything goes on as it would have.
    open.store.extend(&show(), &names(&["A-1"]), &user("7")).await.unwrap().unwrap();
    open.store.book(&show(), &names(&["A-2"]), &user("7"), &booking("order-2")).await.unwrap().unwrap();
    open.store.unlock(&show(), &names(&["A-3"]), &user("\u{fc}mit")).await.unwrap().unwrap();
    open.store.unblock(&show(), &names(&["C-1"])).await.unwrap().unwrap();
    open.store.release(&show(), &names(&["B-1"]), &booking("order-1")).await.unwrap().unwrap();
    assert_eq!(letters(&open.store, &["A-1", "A-2", "A-3", "B-1", "B-2", "C-1"]).await, "loaaaa");
}

async fn an_import_changes_nothing_that_is_there(store: TestStore) {
    let (open, archive) = lively(&store, RULES).await;
    let before = position(&open.store).await;
    assert_eq!(open.store.import(archive.clone()).await.unwrap(), Imported::Unchanged);
    assert_eq!(position(&open.store).await, before);
    let moved = open.store.unlock(&show(), &names(&["A-3"]), &user("\u{fc}mit")).await.unwrap().unwrap();
    assert_eq!(open.store.import(archive).await.unwrap(), Imported::Conflict);
    assert_eq!(position(&open.store).await, moved.done.position);
}

async fn locks_end_where_they_were_moved_to(store: TestStore) {
    let rules = Rules { lock: Duration::from_millis(1_500), ..RULES };
    let (mut open, archive) = lively(&store, rules).await;
    open.store.delete(&show()).await.unwrap();
    assert_eq!(open.store.import(archive.clone()).await.unwrap(), Imported::Created);
    let watched = open.store.watch(&show()).await.unwrap();
    assert!(watched);
    let begin = position(&open.store).await;
    let last = archive.locks().values().filter_map(|lock| lock.expires_at).max().unwrap();
    let mut freed = 0;
    while freed < 3 {
        if let seatcast::store::FeedItem::Diff { diff, .. } = open.hear().await
            && diff.position.epoch == begin.epoch
        {
            freed += diff.changes.len();
        }
    }
    assert!(open.store.now() > last);
    // What has ended on the way is not brought back to life.
    open.store.delete(&show()).await.unwrap();
    assert_eq!(open.store.import(archive.clone()).await.unwrap(), Imported::Created);
    assert_eq!(letters(&open.store, &["A-1", "A-3", "B-1"]).await, "aao");
    // So it is the same showtime, with or without them.
    assert_eq!(open.store.import(archive).await.unwrap(), Imported::Unchanged);
}

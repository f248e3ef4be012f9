//! A showtime of 20,000 seats.

use seatcast::domain::showtime::Rules;
use seatcast::plans;
use seatcast::store::MAX_SEATS_PER_REQUEST;

use super::{booking, details, show, user};
use crate::support::{RULES, TestStore, on_each_store};

on_each_store!(an_arena_is_a_showtime_like_any_other);

async fn an_arena_is_a_showtime_like_any_other(store: TestStore) {
    let most = u32::try_from(MAX_SEATS_PER_REQUEST).unwrap();
    let open = store.open(Rules { max_seats_per_holder: most, ..RULES }).await;
    let arena = plans::plan("arena").unwrap();
    open.store.put(&show(), details("Arena"), arena.clone()).await.unwrap().unwrap();
    let ids: Vec<String> = arena.seats().iter().map(|seat| seat.id.to_string()).collect();
    assert_eq!(ids.len(), 20_000);
    for (n, seats) in ids.chunks(MAX_SEATS_PER_REQUEST).enumerate() {
        let holder = user(&format!("user-{n}"));
        let held = open.store.lock(&show(), seats, &holder).await.unwrap().unwrap();
        assert_eq!(held.seats.len(), MAX_SEATS_PER_REQUEST);
        match n % 4 {
            0 => drop(open.store.book(&show(), seats, &holder, &booking(&format!("b-{n}"))).await.unwrap().unwrap()),
            1 => drop(open.store.unlock(&show(), seats, &holder).await.unwrap().unwrap()),
            2 => drop(open.store.extend(&show(), seats, &holder).await.unwrap().unwrap()),
            _ => {}
        }
    }
    let snapshot = open.store.snapshot(&show()).await.unwrap().unwrap().snapshot;
    let count = |letter: u8| snapshot.states().bytes().filter(|other| *other == letter).count();
    assert_eq!((count(b'o'), count(b'a'), count(b'l')), (5_000, 5_000, 10_000));
    assert_eq!(snapshot.locks().len(), 10_000);

    let archive = open.store.export(&show()).await.unwrap().unwrap();
    open.store.delete(&show()).await.unwrap();
    open.store.import(archive.clone()).await.unwrap();
    assert_eq!(open.store.export(&show()).await.unwrap(), Some(archive));
    let after = open.store.snapshot(&show()).await.unwrap().unwrap().snapshot;
    assert_eq!((after.states(), after.locks()), (snapshot.states(), snapshot.locks()));
}

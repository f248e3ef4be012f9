//! Showtimes in a Redis of their own, and changes of them. Changes come as from another node: this process opens the store and
//! makes them itself, so that what a server does is to hear of them and to tell its viewers.

use std::sync::Arc;

use futures_util::future::join_all;
use seatcast::domain::ids::{ShowtimeId, UserId};
use seatcast::domain::plan::SeatingPlan;
use seatcast::domain::showtime::Details;
use seatcast::domain::time::Timestamp;

use super::ground::Ground;
use super::hall::Hall;
use super::support::{OpenStore, RULES, TestStore};

/// A Redis with showtimes whose seats are all free at first.
pub struct Stage<'a> {
    ground: &'a Ground,
    kept: TestStore,
    store: OpenStore,
    plan: Arc<SeatingPlan>,
    pub shows: Vec<ShowtimeId>,
    /// How many seats of each showtime are locked.
    locked: usize,
}

impl<'a> Stage<'a> {
    pub fn new(ground: &'a Ground, hall: Hall, shows: usize) -> Self {
        let (kept, plan) = (TestStore::redis(), hall.plan());
        let shows: Vec<_> = (0..shows).map(|n| ShowtimeId::parse(&format!("s{n:04}")).expect("an id")).collect();
        let store = ground.runtime.block_on(async {
            let store = kept.open(RULES).await;
            let written = join_all(shows.iter().map(|id| store.store.put(id, details(), Arc::clone(&plan)))).await;
            for written in written {
                written.expect("redis answers").expect("the showtime is new");
            }
            store
        });
        Self { ground, kept, store, plan, shows, locked: 0 }
    }

    /// The store as `SEATCAST_STORE` names it.
    pub fn address(&self) -> String {
        self.kept.address()
    }

    /// Locks so many seats in each showtime, each in a change of its own, all at once. Returns the sequence number that each
    /// showtime has then.
    pub fn change(&mut self, count: usize) -> Vec<u64> {
        let seats = self.locked..self.locked + count;
        self.locked += count;
        let changes = self.shows.iter().map(|show| join_all(seats.clone().map(|seat| self.lock(show, seat))));
        let reached = self.ground.runtime.block_on(join_all(changes));
        reached.into_iter().map(|seqs| seqs.into_iter().max().expect("a change")).collect()
    }

    /// Locks a seat for somebody who has none.
    async fn lock(&self, show: &ShowtimeId, seat: usize) -> u64 {
        let holder = UserId::infer(&format!("user-{seat}")).expect("an id");
        let seat = self.plan.seats()[seat].id.to_string();
        let held = self.store.store.lock(show, &[seat], &holder).await;
        held.expect("redis answers").expect("the seat is free").done.position.seq
    }
}

fn details() -> Details {
    Details {
        title: "Measured".into(),
        starts_at: Timestamp::from_millis(2_000_000_000_000),
        currency: "EUR".into(),
        prices: [].into(),
        lock_seconds: None,
        max_seats_per_holder: None,
    }
}

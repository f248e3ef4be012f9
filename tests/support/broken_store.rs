//! A store that is wrong on purpose, so that a test can show that it would notice. One task alone finds nothing wrong with it:
//! its bugs need a race.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use seatcast::domain::archive::Archive;
use seatcast::domain::diff::Diff;
use seatcast::domain::ids::{BookingId, ShowtimeId, UserId};
use seatcast::domain::plan::{PlanHash, SeatingPlan};
use seatcast::domain::position::Position;
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::showtime::Details;
use seatcast::domain::time::Timestamp;
use seatcast::store::{
    Booked, Changed, Done, Facts, FeedHealth, Held, History, Imported, Outcome, Refused, SeatStore, ShowtimeView,
    StoreError, StoreHealth, Written,
};

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// It locks the seats of a request one by one, and gives back what it took when one is refused.
    Piecewise,
    /// It remembers the last snapshot, and forgets it before a change instead of with it.
    StaleRead,
    /// It looks whether seats are free, and then takes them without looking again.
    CheckThenAct,
}

impl Bug {
    pub const ALL: [Self; 3] = [Self::Piecewise, Self::StaleRead, Self::CheckThenAct];
}

/// A store with a bug.
pub struct BrokenStore {
    inner: Arc<dyn SeatStore>,
    bug: Bug,
    /// The snapshot that is remembered. Never held across an await.
    remembered: Mutex<Option<History>>,
}

impl BrokenStore {
    pub fn new(inner: Arc<dyn SeatStore>, bug: Bug) -> Self {
        Self { inner, bug, remembered: Mutex::default() }
    }

    async fn lock_piecewise(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let mut taken = Vec::new();
        for seat in self.free(id, seats).await? {
            if self.inner.lock(id, std::slice::from_ref(&seat), holder).await?.is_ok() {
                taken.push(seat);
            }
        }
        let outcome = self.inner.lock(id, seats, holder).await?;
        if outcome.is_ok() {
            return Ok(outcome);
        }
        self.inner.unlock(id, &taken, holder).await?.ok();
        self.inner.lock(id, seats, holder).await
    }

    async fn lock_after_a_look(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let all_free = self.free(id, seats).await?.len() == seats.len();
        let outcome = self.inner.lock(id, seats, holder).await?;
        if !all_free || !matches!(outcome, Err(Refused::Seats(_))) {
            return Ok(outcome);
        }
        let (view, position) = self.inner.showtime(id).await?.expect("the showtime stays");
        let now = self.inner.now();
        let expires_at = Some(now.plus(view.rules.lock));
        let lock = Lock { holder: holder.clone(), locked_at: now, expires_at };
        let seats = seats.iter().filter_map(|seat| view.plan.index_of(seat)).map(|seat| (seat, lock.clone())).collect();
        Ok(Ok(Held { done: Done { view, position, now }, seats }))
    }

    /// Those of the seats that are available.
    async fn free(&self, id: &ShowtimeId, seats: &[String]) -> Result<Vec<String>, StoreError> {
        let Some(History { view, snapshot, .. }) = self.inner.snapshot(id).await? else { return Ok(Vec::new()) };
        let is_free = |seat: &&String| {
            let state = view.plan.index_of(seat).and_then(|seat| snapshot.state(seat));
            state == Some(SeatState::Available)
        };
        Ok(seats.iter().filter(is_free).cloned().collect())
    }

    /// The store for a change, once the remembered snapshot is forgotten.
    fn changing(&self) -> &dyn SeatStore {
        self.remembered.lock().take();
        &*self.inner
    }
}

#[async_trait]
impl SeatStore for BrokenStore {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    async fn ids(&self) -> Result<Vec<ShowtimeId>, StoreError> {
        self.inner.ids().await
    }

    async fn showtimes(&self) -> Result<Vec<Arc<ShowtimeView>>, StoreError> {
        self.inner.showtimes().await
    }

    async fn showtime(&self, id: &ShowtimeId) -> Result<Option<(Arc<ShowtimeView>, Position)>, StoreError> {
        self.inner.showtime(id).await
    }

    async fn put(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>) -> Outcome<Written> {
        self.changing().put(id, details, plan).await
    }

    async fn delete(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        self.changing().delete(id).await
    }

    async fn plan(&self, hash: &PlanHash) -> Result<Option<Arc<SeatingPlan>>, StoreError> {
        self.inner.plan(hash).await
    }

    async fn lock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        match self.bug {
            Bug::Piecewise => self.lock_piecewise(id, seats, holder).await,
            Bug::CheckThenAct => self.lock_after_a_look(id, seats, holder).await,
            Bug::StaleRead => self.changing().lock(id, seats, holder).await,
        }
    }

    async fn unlock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Changed> {
        self.changing().unlock(id, seats, holder).await
    }

    async fn extend(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        self.changing().extend(id, seats, holder).await
    }

    async fn book(&self, id: &ShowtimeId, seats: &[String], holder: &UserId, booking: &BookingId) -> Outcome<Booked> {
        self.changing().book(id, seats, holder, booking).await
    }

    async fn release(&self, id: &ShowtimeId, seats: &[String], booking: &BookingId) -> Outcome<Changed> {
        self.changing().release(id, seats, booking).await
    }

    async fn block(&self, id: &ShowtimeId, seats: &[String], reason: &str) -> Outcome<Changed> {
        self.changing().block(id, seats, reason).await
    }

    async fn unblock(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Changed> {
        self.changing().unblock(id, seats).await
    }

    async fn facts(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Facts> {
        self.inner.facts(id, seats).await
    }

    async fn export(&self, id: &ShowtimeId) -> Result<Option<Archive>, StoreError> {
        self.inner.export(id).await
    }

    async fn import(&self, archive: Archive) -> Result<Imported, StoreError> {
        self.changing().import(archive).await
    }

    async fn snapshot(&self, id: &ShowtimeId) -> Result<Option<History>, StoreError> {
        if self.bug != Bug::StaleRead {
            return self.inner.snapshot(id).await;
        }
        let remembered = self.remembered.lock().clone().filter(|history| history.view.showtime.id == *id);
        if remembered.is_some() {
            return Ok(remembered);
        }
        let history = self.inner.snapshot(id).await?;
        self.remembered.lock().clone_from(&history);
        Ok(history)
    }

    async fn changes_since(&self, id: &ShowtimeId, since: &Position) -> Result<Option<Vec<Diff>>, StoreError> {
        self.inner.changes_since(id, since).await
    }

    async fn positions(&self, seen: &[(ShowtimeId, Position)]) -> Result<Vec<Option<Position>>, StoreError> {
        self.inner.positions(seen).await
    }

    async fn watch(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        self.inner.watch(id).await
    }

    async fn unwatch(&self, id: &ShowtimeId) {
        self.inner.unwatch(id).await;
    }

    fn feed_health(&self) -> FeedHealth {
        self.inner.feed_health()
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.inner.health().await
    }
}

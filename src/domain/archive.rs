//! A showtime with all that belongs to it, but for its history: what a store keeps, and what moves from one store to another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::booking::Booking;
use super::ids::ShowtimeId;
use super::plan::SeatingPlan;
use super::seat::{Lock, SeatState, SeatStatus};
use super::showtime::Details;
use super::time::Timestamp;

/// A showtime's whole content. Seats are named by their index in the plan.
///
/// Invariant: a seat is at most one of locked, blocked and owned by a booking. One that is none of it is available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    id: ShowtimeId,
    details: Details,
    plan: Arc<SeatingPlan>,
    locks: BTreeMap<u32, Lock>,
    blocks: BTreeMap<u32, String>,
    bookings: Vec<Booking>,
}

/// The parts of an archive contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("showtime {showtime} contradicts itself: {what}")]
pub struct InconsistentArchive {
    showtime: ShowtimeId,
    what: String,
}

/// What an archive is made of, apart from showtime and plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats {
    pub locks: BTreeMap<u32, Lock>,
    /// The reasons.
    pub blocks: BTreeMap<u32, String>,
    /// The ledger: refunded bookings too.
    pub bookings: Vec<Booking>,
}

impl Archive {
    /// Puts an archive together from its parts.
    ///
    /// # Errors
    /// [`InconsistentArchive`] when a seat is not in the plan or has two states, or a booking id comes twice.
    pub fn new(
        id: ShowtimeId,
        details: Details,
        plan: Arc<SeatingPlan>,
        seats: Seats,
    ) -> Result<Self, InconsistentArchive> {
        let Seats { locks, blocks, mut bookings } = seats;
        bookings.sort_by(|a, b| a.booking_id.as_str().cmp(b.booking_id.as_str()));
        let archive = Self { id, details, plan, locks, blocks, bookings };
        match archive.contradiction() {
            None => Ok(archive),
            Some(what) => Err(InconsistentArchive { showtime: archive.id, what }),
        }
    }

    fn contradiction(&self) -> Option<String> {
        let repeated = self.bookings.windows(2).find(|pair| pair[0].booking_id == pair[1].booking_id);
        if let Some(pair) = repeated {
            return Some(format!("the booking {} comes twice", pair[0].booking_id));
        }
        let mut taken = BTreeSet::new();
        for seat in self.locks.keys().chain(self.blocks.keys()) {
            let Some(known) = self.plan.seat(*seat) else { return Some(format!("there is no seat of index {seat}")) };
            if !taken.insert(*seat) {
                return Some(format!("seat {} has two states", known.id));
            }
        }
        for booking in &self.bookings {
            for seat in booking.seats.iter().filter(|seat| booking.owns(seat)) {
                let Some(index) = self.plan.index_of(seat.as_str()) else {
                    return Some(format!("the booking {} owns the unknown seat {seat}", booking.booking_id));
                };
                if !taken.insert(index) {
                    return Some(format!("seat {seat} has two states"));
                }
            }
        }
        None
    }

    pub fn id(&self) -> &ShowtimeId {
        &self.id
    }

    pub fn details(&self) -> &Details {
        &self.details
    }

    pub fn plan(&self) -> &Arc<SeatingPlan> {
        &self.plan
    }

    /// The locks by seat index.
    pub fn locks(&self) -> &BTreeMap<u32, Lock> {
        &self.locks
    }

    /// The reasons of blocked seats, by seat index.
    pub fn blocks(&self) -> &BTreeMap<u32, String> {
        &self.blocks
    }

    /// The ledger in the order of the booking ids, refunded bookings too.
    pub fn bookings(&self) -> &[Booking] {
        &self.bookings
    }

    /// The sold seats by index, each with its booking.
    pub fn sold(&self) -> impl Iterator<Item = (u32, &Booking)> {
        self.bookings.iter().flat_map(move |booking| {
            let owned = booking.seats.iter().filter(|seat| booking.owns(seat));
            owned.filter_map(move |seat| Some((self.plan.index_of(seat.as_str())?, booking)))
        })
    }

    /// One letter a seat, in plan order.
    pub fn states(&self) -> String {
        let mut letters = vec![SeatStatus::Available.letter(); self.plan.seat_count()];
        for seat in self.locks.keys() {
            letters[*seat as usize] = SeatStatus::Locked.letter();
        }
        for seat in self.blocks.keys() {
            letters[*seat as usize] = SeatStatus::Blocked.letter();
        }
        for (seat, _) in self.sold() {
            letters[seat as usize] = SeatStatus::Occupied.letter();
        }
        String::from_utf8(letters).expect("states are ASCII letters")
    }

    /// The seats that are not available, with their states.
    pub fn taken(&self) -> BTreeMap<u32, SeatState> {
        let locked = self.locks.iter().map(|(seat, lock)| (*seat, SeatState::Locked(lock.clone())));
        let blocked = self.blocks.keys().map(|seat| (*seat, SeatState::Blocked));
        let sold = self.sold().map(|(seat, _)| (seat, SeatState::Occupied));
        locked.chain(blocked).chain(sold).collect()
    }

    /// The same without the locks that have ended at `now`.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.locks.retain(|_, lock| !lock.has_ended(now));
        self
    }

    /// The same with a deadline for each lock that has none.
    #[must_use]
    pub fn with_deadlines(mut self, deadline: impl Fn(u32, &Lock) -> Timestamp) -> Self {
        for (seat, lock) in &mut self.locks {
            if lock.expires_at.is_none() {
                lock.expires_at = Some(deadline(*seat, lock));
            }
        }
        self
    }

    /// The same showtime with another description and plan; seats keep their states by their ids.
    ///
    /// # Errors
    /// The states of the seats that the new plan lacks.
    pub fn moved_to(mut self, details: Details, plan: Arc<SeatingPlan>) -> Result<Self, BTreeMap<u32, SeatState>> {
        let new_index = |seat: u32| plan.index_of(self.plan.seats()[seat as usize].id.as_str());
        let mut lost = self.taken();
        lost.retain(|seat, _| new_index(*seat).is_none());
        if !lost.is_empty() {
            return Err(lost);
        }
        let locks = self.locks.iter().filter_map(|(seat, lock)| Some((new_index(*seat)?, lock.clone())));
        let blocks = self.blocks.iter().filter_map(|(seat, reason)| Some((new_index(*seat)?, reason.clone())));
        let (locks, blocks) = (locks.collect(), blocks.collect());
        (self.locks, self.blocks, self.details, self.plan) = (locks, blocks, details, plan);
        Ok(self)
    }
}

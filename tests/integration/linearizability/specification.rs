//! The store as one task alone would find it: some seats and the ledger of their bookings, changed by one operation after
//! another. `domain::transition` says what follows for a seat; here is what follows for a request. What a request is told of
//! several seats is in the order of the request.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use seatcast::domain::booking::Booking;
use seatcast::domain::ids::{BookingId, SeatId, UserId};
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::transition::{Command, transition};
use seatcast::store::{BookingConflict, Refused, RefusedSeat};
use todc_utils::Specification;

use super::operation::{Operation, Request};
use super::outcome::{Done, LOCK_TTL, NOW, Outcome, list, states_in_words};

/// How many seats one holder may have locked at once: fewer than there are.
pub const MAX_SEATS_PER_HOLDER: usize = 2;

/// All seats with their bookings. A request is decided over all of its seats at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatMap {
    pub states: BTreeMap<SeatId, SeatState>,
    /// By booking id.
    pub ledger: BTreeMap<String, Booking>,
}

/// What the checker is given of a call.
#[derive(Clone, Debug)]
pub enum Step {
    /// Puts all seats in place.
    Begin(SeatMap),
    /// Nothing that says what follows: the checker asks of returns only.
    Invoke,
    Return(Operation, Outcome),
}

impl Specification for SeatMap {
    type State = Self;
    type Operation = Step;

    fn init() -> Self {
        Self::default()
    }

    /// Whether the store as it is would have answered so, and how it is then.
    fn apply(step: &Step, map: &Self) -> (bool, Self) {
        match step {
            Step::Begin(began) => (true, began.clone()),
            Step::Invoke => (false, map.clone()),
            Step::Return(operation, outcome) => {
                let mut map = map.clone();
                (map.perform(operation) == *outcome, map)
            }
        }
    }
}

/// The ledger counts by its length only: equal maps have equal hashes, and few others do.
impl Hash for SeatMap {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        for state in self.states.values() {
            state.status().letter().hash(hasher);
            if let SeatState::Locked(lock) = state {
                lock.holder.hash(hasher);
            }
        }
        self.ledger.len().hash(hasher);
    }
}

impl SeatMap {
    /// Seats that are all available.
    pub fn new(seats: &[SeatId]) -> Self {
        let states = seats.iter().map(|seat| (seat.clone(), SeatState::Available)).collect();
        Self { states, ledger: BTreeMap::new() }
    }

    /// Does what is asked, and says what is told.
    pub fn perform(&mut self, Operation { request, seats }: &Operation) -> Outcome {
        match request {
            Request::Lock { holder } => self.lock(seats, holder),
            Request::Unlock { holder } => self.change(seats, &Command::Unlock { holder: holder.clone() }),
            Request::Extend { holder } => self.extend(seats, holder),
            Request::Book { holder, booking } => self.book(seats, holder, booking),
            Request::Release { booking } => self.release(seats, booking),
            Request::Block => self.change(seats, &Command::Block),
            Request::Unblock => self.change(seats, &Command::Unblock),
            Request::Read => Ok(Done::Read(self.states.clone())),
            Request::Export => Ok(Done::Exported(self.clone())),
        }
    }

    /// A request that names too many seats is refused unread; one that would lead to too many only if nothing is in its way.
    fn lock(&mut self, seats: &[SeatId], holder: &UserId) -> Outcome {
        let too_many = |held, over: &[&SeatId]| {
            let over = over.iter().map(ToString::to_string).collect();
            Err(Refused::TooManySeats { asked: seats.len(), held, limit: MAX_SEATS_PER_HOLDER, over })
        };
        if seats.len() > MAX_SEATS_PER_HOLDER {
            return too_many(0, &seats.iter().skip(MAX_SEATS_PER_HOLDER).collect::<Vec<_>>());
        }
        let next = self.next(seats, &Command::Lock { holder: holder.clone(), ttl: LOCK_TTL })?;
        let held = self.states.values().filter(|state| is_held(state, holder)).count();
        let fresh = seats.iter().filter(|seat| !is_held(&self.states[*seat], holder));
        let over: Vec<&SeatId> = fresh.skip(MAX_SEATS_PER_HOLDER - held).collect();
        if !over.is_empty() {
            return too_many(held, &over);
        }
        self.states.extend(next);
        Ok(Done::Held(self.locks(seats)))
    }

    fn extend(&mut self, seats: &[SeatId], holder: &UserId) -> Outcome {
        self.change(seats, &Command::Extend { holder: holder.clone(), ttl: LOCK_TTL, cap: LOCK_TTL })?;
        Ok(Done::Held(self.locks(seats)))
    }

    fn book(&mut self, seats: &[SeatId], holder: &UserId, booking: &BookingId) -> Outcome {
        if let Some(recorded) = self.ledger.get(booking.as_str()) {
            if recorded.is_repeated_by(holder, seats) {
                return Ok(Done::Booked { booking: recorded.clone(), replayed: true });
            }
            let whole = recorded.released.is_empty();
            let conflict = if whole { BookingConflict::Different } else { BookingConflict::Released };
            return Err(Refused::BookingConflict(conflict));
        }
        self.change(seats, &Command::Book { holder: holder.clone() })?;
        let entry = Booking {
            booking_id: booking.clone(),
            user_id: holder.clone(),
            booked_at: NOW,
            seats: seats.to_vec(),
            released: Vec::new(),
        };
        self.ledger.insert(booking.to_string(), entry.clone());
        Ok(Done::Booked { booking: entry, replayed: false })
    }

    fn release(&mut self, seats: &[SeatId], booking: &BookingId) -> Outcome {
        let Some(entry) = self.ledger.get_mut(booking.as_str()) else {
            return Err(Refused::BookingConflict(BookingConflict::Unrecorded));
        };
        let strange: Vec<SeatId> = seats.iter().filter(|seat| !entry.seats.contains(seat)).cloned().collect();
        if !strange.is_empty() {
            return Err(Refused::BookingConflict(BookingConflict::NotOwned(strange)));
        }
        let owned: Vec<SeatId> = seats.iter().filter(|seat| entry.owns(seat)).cloned().collect();
        entry.released.extend(owned.iter().cloned());
        entry.released.sort();
        self.change(&owned, &Command::Release)
    }

    /// Carries a command out on all seats, or on none. Told are the seats that changed.
    fn change(&mut self, seats: &[SeatId], command: &Command) -> Outcome {
        let next = self.next(seats, command)?;
        let changed = next.iter().filter(|(seat, state)| self.states[seat] != *state);
        let changed = changed.map(|(seat, _)| seat.clone()).collect();
        self.states.extend(next);
        Ok(Done::Changed(changed))
    }

    /// The states that follow from a command, or all seats that are in its way.
    fn next(&self, seats: &[SeatId], command: &Command) -> Result<Vec<(SeatId, SeatState)>, Refused> {
        let (mut next, mut refused) = (Vec::new(), Vec::new());
        for seat in seats {
            match transition(&self.states[seat], command, NOW) {
                Ok(state) => next.push((seat.clone(), state)),
                Err(refusal) => refused.push(RefusedSeat { seat: seat.clone(), refusal }),
            }
        }
        if refused.is_empty() { Ok(next) } else { Err(Refused::Seats(refused)) }
    }

    /// The locks of these seats, which are all locked.
    fn locks(&self, seats: &[SeatId]) -> Vec<(SeatId, Lock)> {
        let lock = |seat: &SeatId| match &self.states[seat] {
            SeatState::Locked(lock) => (seat.clone(), lock.clone()),
            SeatState::Available | SeatState::Occupied | SeatState::Blocked => unreachable!("{seat} is locked"),
        };
        seats.iter().map(lock).collect()
    }
}

impl fmt::Display for SeatMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", states_in_words(&self.states))?;
        for (id, booking) in &self.ledger {
            write!(f, ", {id} of {} {}", booking.user_id, list(&booking.seats))?;
            if !booking.released.is_empty() {
                write!(f, " without {}", list(&booking.released))?;
            }
        }
        Ok(())
    }
}

fn is_held(state: &SeatState, holder: &UserId) -> bool {
    matches!(state, SeatState::Locked(lock) if lock.holder == *holder)
}

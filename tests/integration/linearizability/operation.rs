//! What tasks ask of a store.

use std::fmt;

use seatcast::domain::ids::{BookingId, SeatId, ShowtimeId, UserId};
use seatcast::store::SeatStore;

use super::outcome::{self, Outcome, list};

/// One call of the store.
#[derive(Clone, Debug)]
pub struct Operation {
    pub request: Request,
    /// Each once, in the order of the call.
    pub seats: Vec<SeatId>,
}

/// What a call asks for all of its seats.
#[derive(Clone, Debug)]
pub enum Request {
    Lock {
        holder: UserId,
    },
    Unlock {
        holder: UserId,
    },
    Extend {
        holder: UserId,
    },
    Book {
        holder: UserId,
        booking: BookingId,
    },
    Release {
        booking: BookingId,
    },
    Block,
    Unblock,
    /// Reads the map.
    Read,
    /// Reads the map and the ledger.
    Export,
}

impl Operation {
    /// Calls the store.
    ///
    /// # Panics
    /// When the store gives no answer: then nobody knows what happened, and there is nothing to judge.
    pub async fn perform(&self, store: &dyn SeatStore, showtime: &ShowtimeId) -> Outcome {
        let seats: Vec<String> = self.seats.iter().map(ToString::to_string).collect();
        match &self.request {
            Request::Lock { holder } => outcome::told(store.lock(showtime, &seats, holder).await, outcome::held),
            Request::Unlock { holder } => outcome::told(store.unlock(showtime, &seats, holder).await, outcome::changed),
            Request::Extend { holder } => outcome::told(store.extend(showtime, &seats, holder).await, outcome::held),
            Request::Book { holder, booking } => {
                outcome::told(store.book(showtime, &seats, holder, booking).await, outcome::booked)
            }
            Request::Release { booking } => {
                outcome::told(store.release(showtime, &seats, booking).await, outcome::changed)
            }
            Request::Block => outcome::told(store.block(showtime, &seats, "linearizability").await, outcome::changed),
            Request::Unblock => outcome::told(store.unblock(showtime, &seats).await, outcome::changed),
            Request::Read => Ok(outcome::read(&self.seats, &store.snapshot(showtime).await)),
            Request::Export => Ok(outcome::exported(&self.seats, &store.export(showtime).await)),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seats = list(&self.seats);
        match &self.request {
            Request::Lock { holder } => write!(f, "lock {seats} for {holder}"),
            Request::Unlock { holder } => write!(f, "unlock {seats} for {holder}"),
            Request::Extend { holder } => write!(f, "extend {seats} for {holder}"),
            Request::Book { holder, booking } => write!(f, "book {seats} for {holder} as {booking}"),
            Request::Release { booking } => write!(f, "release {seats} of {booking}"),
            Request::Block => write!(f, "block {seats}"),
            Request::Unblock => write!(f, "unblock {seats}"),
            Request::Read => write!(f, "read"),
            Request::Export => write!(f, "export"),
        }
    }
}

//! What a check saw. A check that saw little says little.

use std::collections::BTreeMap;

use seatcast::store::{BookingConflict, Refused};

use super::history::History;
use super::outcome::{Done, Outcome};

/// Every kind of outcome that a check must see, and the one kind that it must not.
const KINDS: [&str; 14] = [
    "held",
    "changed",
    "nothing to change",
    "booked",
    "booked before",
    "read",
    "exported",
    "seats in the way",
    "too many seats asked",
    "too many seats held",
    "another booking",
    "released booking",
    "unrecorded booking",
    "seats of no such booking",
];
const UNKNOWN: &str = "unknown";
/// How often each of them must occur.
const OFTEN: usize = 5;

/// Counts of a check's operations.
#[derive(Debug, Default)]
pub struct Tally {
    pub operations: usize,
    /// Those that began while another was under way.
    pub overlaps: usize,
    pub refused: usize,
    pub kinds: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub fn add(&mut self, history: &History) {
        self.overlaps += history.overlaps();
        for outcome in history.outcomes() {
            self.operations += 1;
            self.refused += usize::from(outcome.is_err());
            *self.kinds.entry(kind(outcome)).or_default() += 1;
        }
    }

    /// Fails unless there were this many operations, most of them at the same time as others, with outcomes of every kind.
    #[track_caller]
    pub fn is_worth(&self, operations: usize) {
        assert!(self.operations >= operations, "{self:?}");
        assert!(self.overlaps * 2 > self.operations, "too few at the same time: {self:?}");
        assert!((self.operations / 4..self.operations * 3 / 4).contains(&self.refused), "one-sided: {self:?}");
        let seen = |kind| self.kinds.get(kind).copied().unwrap_or_default();
        for kind in KINDS {
            assert!(seen(kind) >= OFTEN, "too seldom {kind}: {self:?}");
        }
        assert_eq!(seen(UNKNOWN), 0, "{self:?}");
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(Done::Held(_)) => "held",
        Ok(Done::Changed(seats)) if seats.is_empty() => "nothing to change",
        Ok(Done::Changed(_)) => "changed",
        Ok(Done::Booked { replayed: false, .. }) => "booked",
        Ok(Done::Booked { replayed: true, .. }) => "booked before",
        Ok(Done::Read(_)) => "read",
        Ok(Done::Exported(_)) => "exported",
        Err(Refused::Seats(_)) => "seats in the way",
        Err(Refused::TooManySeats { asked, limit, .. }) if asked > limit => "too many seats asked",
        Err(Refused::TooManySeats { .. }) => "too many seats held",
        Err(Refused::BookingConflict(BookingConflict::Different)) => "another booking",
        Err(Refused::BookingConflict(BookingConflict::Released)) => "released booking",
        Err(Refused::BookingConflict(BookingConflict::Unrecorded)) => "unrecorded booking",
        Err(Refused::BookingConflict(BookingConflict::NotOwned(_))) => "seats of no such booking",
        Err(Refused::UnknownShowtime | Refused::UnknownSeats(_)) => UNKNOWN,
    }
}

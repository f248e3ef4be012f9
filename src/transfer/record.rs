//! The lines of an export.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Summary;
use crate::domain::archive::Archive;
use crate::domain::booking::Booking;
use crate::domain::ids::{SeatId, ShowtimeId};
use crate::domain::plan::{PlanHash, SeatingPlan};
use crate::domain::seat::Lock;
use crate::domain::showtime::Details;

/// The version of the form. It counts up when older programs cannot read what this one writes.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Record {
    Export {
        version: u32,
    },
    Plan {
        hash: PlanHash,
        plan: Value,
    },
    Showtime {
        showtime_id: ShowtimeId,
        plan: PlanHash,
        details: Details,
    },
    Lock {
        showtime_id: ShowtimeId,
        seat_id: SeatId,
        #[serde(flatten)]
        lock: Lock,
    },
    Block {
        showtime_id: ShowtimeId,
        seat_id: SeatId,
        reason: String,
    },
    Booking {
        showtime_id: ShowtimeId,
        #[serde(flatten)]
        booking: Booking,
    },
    End(Counts),
}

/// How many records of each type a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    plans: usize,
    showtimes: usize,
    locks: usize,
    blocks: usize,
    bookings: usize,
}

impl Counts {
    pub fn new(plans: usize, summary: &Summary) -> Self {
        let Summary { showtimes, locks, blocks, bookings, .. } = *summary;
        Self { plans, showtimes, locks, blocks, bookings }
    }

    /// Counts one more.
    pub fn add(&mut self, record: &Record) {
        match record {
            Record::Plan { .. } => self.plans += 1,
            Record::Showtime { .. } => self.showtimes += 1,
            Record::Lock { .. } => self.locks += 1,
            Record::Block { .. } => self.blocks += 1,
            Record::Booking { .. } => self.bookings += 1,
            Record::Export { .. } | Record::End(_) => {}
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { plans, showtimes, locks, blocks, bookings } = self;
        write!(f, "{plans} plans, {showtimes} showtimes, {locks} locks, {blocks} blocks, {bookings} bookings")
    }
}

impl Record {
    pub fn plan(plan: &SeatingPlan) -> Self {
        let json = serde_json::from_slice(&plan.json()).expect("a plan's canonical form is JSON");
        Self::Plan { hash: plan.hash().clone(), plan: json }
    }

    /// Reads a line. What it does not know it refuses: a slip in a name must not lose anything.
    pub fn read(text: &str) -> Result<Self, String> {
        let plain =
            |error: serde_json::Error| error.to_string().split(" at line ").next().unwrap_or_default().to_owned();
        let given: Value = serde_json::from_str(text).map_err(plain)?;
        let record: Self = serde_json::from_value(given.clone()).map_err(plain)?;
        let known = serde_json::to_value(&record).map_err(plain)?;
        let unknown = |given: &Value, known: &Value| {
            given.as_object().and_then(|given| given.keys().find(|field| known.get(*field).is_none()).cloned())
        };
        let in_details = || unknown(given.get("details")?, known.get("details")?);
        match unknown(&given, &known).or_else(in_details) {
            None => Ok(record),
            Some(field) => Err(format!("the field {field:?} is not known, or says nothing")),
        }
    }

    /// The lines of a showtime, in order.
    pub fn of(archive: &Archive) -> impl Iterator<Item = Self> {
        let id = || archive.id().clone();
        let seat_id = |seat: u32| archive.plan().seats()[seat as usize].id.clone();
        let showtime = Self::Showtime {
            showtime_id: id(),
            plan: archive.plan().hash().clone(),
            details: archive.details().clone(),
        };
        let lock = move |(seat, lock): (&u32, &Lock)| Self::Lock {
            showtime_id: id(),
            seat_id: seat_id(*seat),
            lock: lock.clone(),
        };
        let block = move |(seat, reason): (&u32, &String)| Self::Block {
            showtime_id: id(),
            seat_id: seat_id(*seat),
            reason: reason.clone(),
        };
        let booking = move |booking: &Booking| Self::Booking { showtime_id: id(), booking: booking.clone() };
        std::iter::once(showtime)
            .chain(archive.locks().iter().map(lock))
            .chain(archive.blocks().iter().map(block))
            .chain(archive.bookings().iter().map(booking))
    }
}

/// Checks the first line, before the others are read as what they may not be.
pub fn check_head(line: &str) -> Result<(), String> {
    match serde_json::from_str(line) {
        Ok(Record::Export { version: VERSION }) => Ok(()),
        Ok(Record::Export { version }) => {
            Err(format!("the file has version {version}, and this program reads version {VERSION}"))
        }
        Ok(_) | Err(_) => Err("this is no export: its first line is not of type \"export\"".into()),
    }
}

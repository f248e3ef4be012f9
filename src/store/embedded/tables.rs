//! What is in the database, table by table: writing a batch, and reading everything.
//!
//! The values are JSON. A newer program reads what an older one wrote; [`FORMAT`] counts up when an older one could not read what
//! a newer one writes.
//!
//! | table | key | value |
//! |---|---|---|
//! | `about` | name | `format`: the format's number. `home`: which file it is, at which start. `probe`: nothing |
//! | `plans` | hash | canonical JSON |
//! | `showtimes` | id | epoch, plan, details |
//! | `locks` | id, seat index | the lock |
//! | `blocks` | id, seat index | the reason |
//! | `bookings` | id, booking id | the ledger's entry |
//! | `history` | id, sequence number | the changes |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::machine::Step;
use super::state::{Stored, Write};
use crate::domain::archive::{Archive, Seats};
use crate::domain::diff::{Change, Diff};
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::{ImportOptions, PlanHash, SeatingPlan};
use crate::domain::position::{Epoch, Position};
use crate::domain::seat::SeatState;
use crate::domain::showtime::Details;
use crate::store::new_epoch;

/// Counts up when older programs cannot read what this one writes.
pub const FORMAT: u32 = 1;

pub(super) const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");
pub(super) const PLANS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("plans");
pub(super) const SHOWTIMES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("showtimes");
const LOCKS: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("locks");
const BLOCKS: TableDefinition<'_, (&str, u32), &str> = TableDefinition::new("blocks");
const BOOKINGS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("bookings");
const HISTORY: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("history");

/// A row of the table `showtimes`.
#[derive(Serialize, Deserialize)]
struct Head {
    epoch: String,
    plan: PlanHash,
    details: Details,
}

/// Anything that goes wrong with the database or with what is in it.
pub struct Trouble {
    pub what: String,
    /// What is in it makes no sense.
    pub damaged: bool,
}

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self { what: error.to_string(), damaged: false }
    }
}

impl Trouble {
    fn damage(what: String) -> Self {
        Self { what, damaged: true }
    }
}

fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("what the store keeps can be written as JSON")
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Trouble> {
    serde_json::from_slice(bytes).map_err(|error| Trouble::damage(error.to_string()))
}

/// A transaction whose commit is two steps: first what is new, then which of two roots counts. A file whose newest commit is
/// damaged is then refused; with one step it would be taken for one whose newest commit was never finished.
pub fn begin(database: &Database) -> Result<WriteTransaction, Trouble> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// What the database says of itself.
pub fn about(database: &Database, name: &str) -> Result<Option<String>, Trouble> {
    let table = database.begin_read()?.open_table(ABOUT)?;
    Ok(table.get(name)?.map(|value| value.value().to_owned()))
}

/// Has the database say something of itself.
pub fn note(transaction: &WriteTransaction, name: &str, text: &str) -> Result<(), Trouble> {
    transaction.open_table(ABOUT)?.insert(name, text)?;
    Ok(())
}

/// Makes all tables, empty.
pub fn make(transaction: &WriteTransaction) -> Result<(), Trouble> {
    note(transaction, "format", &FORMAT.to_string())?;
    Tables::open(transaction).map(drop)
}

/// Writes a batch into a transaction.
pub fn write(transaction: &WriteTransaction, writes: &[Write]) -> Result<(), Trouble> {
    let mut tables = Tables::open(transaction)?;
    for write in writes {
        match write {
            Write::Showtime { archive, epoch } => tables.put(archive, epoch)?,
            Write::Step { showtime, step } => tables.step(showtime, step)?,
            Write::Removal(showtime) => tables.remove(showtime)?,
        }
    }
    Ok(())
}

/// Begins a new epoch for every showtime; what led there is forgotten.
pub fn renew_epochs(transaction: &WriteTransaction) -> Result<(), Trouble> {
    let mut showtimes = transaction.open_table(SHOWTIMES)?;
    let mut heads: Vec<(String, Head)> = Vec::new();
    for row in showtimes.iter()? {
        let (id, head) = row?;
        heads.push((id.value().to_owned(), json(head.value())?));
    }
    for (id, head) in heads {
        let head = Head { epoch: new_epoch().as_str().to_owned(), ..head };
        showtimes.insert(id.as_str(), &*bytes(&head))?;
    }
    transaction.open_table(HISTORY)?.retain(|_, _| false)?;
    Ok(())
}

/// Removes the plans that no showtime has any more. While the store is open they stay: somebody may be about to fetch one.
pub fn forget_plans(transaction: &WriteTransaction) -> Result<(), Trouble> {
    let mut used = BTreeSet::new();
    for row in transaction.open_table(SHOWTIMES)?.iter()? {
        used.insert(json::<Head>(row?.1.value())?.plan.as_str().to_owned());
    }
    Ok(transaction.open_table(PLANS)?.retain(|hash, _| used.contains(hash))?)
}

/// Reads everything.
pub fn read_all(database: &Database) -> Result<Vec<Stored>, Trouble> {
    let transaction = database.begin_read()?;
    let mut plans = BTreeMap::new();
    for row in transaction.open_table(PLANS)?.iter()? {
        let (hash, json) = row?;
        plans.insert(hash.value().to_owned(), import(hash.value(), json.value())?);
    }
    let mut stored = Vec::new();
    for row in transaction.open_table(SHOWTIMES)?.iter()? {
        let (id, head) = row?;
        stored.push(read_showtime(&transaction, id.value(), &json(head.value())?, &plans)?);
    }
    Ok(stored)
}

/// The tables of one batch.
struct Tables<'batch> {
    plans: redb::Table<'batch, &'static str, &'static [u8]>,
    showtimes: redb::Table<'batch, &'static str, &'static [u8]>,
    locks: redb::Table<'batch, (&'static str, u32), &'static [u8]>,
    blocks: redb::Table<'batch, (&'static str, u32), &'static str>,
    bookings: redb::Table<'batch, (&'static str, &'static str), &'static [u8]>,
    history: redb::Table<'batch, (&'static str, u64), &'static [u8]>,
}

impl<'batch> Tables<'batch> {
    fn open(transaction: &'batch WriteTransaction) -> Result<Self, Trouble> {
        Ok(Self {
            plans: transaction.open_table(PLANS)?,
            showtimes: transaction.open_table(SHOWTIMES)?,
            locks: transaction.open_table(LOCKS)?,
            blocks: transaction.open_table(BLOCKS)?,
            bookings: transaction.open_table(BOOKINGS)?,
            history: transaction.open_table(HISTORY)?,
        })
    }

    fn put(&mut self, archive: &Archive, epoch: &Epoch) -> Result<(), Trouble> {
        self.remove(archive.id())?;
        let (id, plan) = (archive.id().as_str(), archive.plan());
        let head =
            Head { epoch: epoch.as_str().to_owned(), plan: plan.hash().clone(), details: archive.details().clone() };
        self.showtimes.insert(id, &*bytes(&head))?;
        if self.plans.get(plan.hash().as_str())?.is_none() {
            self.plans.insert(plan.hash().as_str(), &*plan.json())?;
        }
        for (seat, lock) in archive.locks() {
            self.locks.insert((id, *seat), &*bytes(lock))?;
        }
        for (seat, reason) in archive.blocks() {
            self.blocks.insert((id, *seat), reason.as_str())?;
        }
        for booking in archive.bookings() {
            self.bookings.insert((id, booking.booking_id.as_str()), &*bytes(booking))?;
        }
        Ok(())
    }

    fn step(&mut self, showtime: &ShowtimeId, step: &Step) -> Result<(), Trouble> {
        let id = showtime.as_str();
        if let Some(diff) = &step.diff {
            self.history.insert((id, diff.position.seq), &*bytes(&diff.changes))?;
            for change in &diff.changes {
                match &change.state {
                    SeatState::Locked(lock) => self.locks.insert((id, change.seat), &*bytes(lock))?,
                    SeatState::Available | SeatState::Occupied | SeatState::Blocked => {
                        self.locks.remove((id, change.seat))?
                    }
                };
            }
        }
        if let Some(booking) = &step.booking {
            self.bookings.insert((id, booking.booking_id.as_str()), &*bytes(booking))?;
        }
        for (seat, reason) in &step.reasons {
            match reason {
                Some(reason) => self.blocks.insert((id, *seat), reason.as_str())?,
                None => self.blocks.remove((id, *seat))?,
            };
        }
        for seq in &step.forgotten {
            self.history.remove((id, *seq))?;
        }
        Ok(())
    }

    /// Removes a showtime with all that belongs to it.
    fn remove(&mut self, showtime: &ShowtimeId) -> Result<(), Trouble> {
        // No id lies between one and the same with a zero byte behind it.
        let (id, end) = (showtime.as_str(), format!("{showtime}\0"));
        let end = end.as_str();
        self.showtimes.remove(id)?;
        self.locks.retain_in((id, 0)..(end, 0), |_, _| false)?;
        self.blocks.retain_in((id, 0)..(end, 0), |_, _| false)?;
        self.bookings.retain_in((id, "")..(end, ""), |_, _| false)?;
        self.history.retain_in((id, 0)..(end, 0), |_, _| false)?;
        Ok(())
    }
}

fn read_showtime(
    transaction: &ReadTransaction,
    id: &str,
    head: &Head,
    plans: &BTreeMap<String, Arc<SeatingPlan>>,
) -> Result<Stored, Trouble> {
    let end = format!("{id}\0");
    let end = end.as_str();
    let showtime = ShowtimeId::parse(id)?;
    let epoch = Epoch::parse(&head.epoch)?;
    let plan = plans
        .get(head.plan.as_str())
        .ok_or_else(|| Trouble::damage(format!("the plan of showtime {id} is missing")))?;
    let mut seats = Seats::default();
    for row in transaction.open_table(LOCKS)?.range((id, 0)..(end, 0))? {
        let (key, lock) = row?;
        seats.locks.insert(key.value().1, json(lock.value())?);
    }
    for row in transaction.open_table(BLOCKS)?.range((id, 0)..(end, 0))? {
        let (key, reason) = row?;
        seats.blocks.insert(key.value().1, reason.value().to_owned());
    }
    for row in transaction.open_table(BOOKINGS)?.range((id, "")..(end, ""))? {
        seats.bookings.push(json(row?.1.value())?);
    }
    let mut recent = Vec::new();
    for row in transaction.open_table(HISTORY)?.range((id, 0)..(end, 0))? {
        let (key, changes) = row?;
        let at = |seq| Position::new(epoch.clone(), seq);
        let seq = key.value().1;
        let changes: Vec<Change> = json(changes.value())?;
        recent.push(Diff { prev: at(seq.saturating_sub(1)), position: at(seq), changes });
    }
    let archive = Archive::new(showtime, head.details.clone(), Arc::clone(plan), seats)?;
    Ok(Stored { archive, epoch, recent })
}

fn import(hash: &str, bytes: &[u8]) -> Result<Arc<SeatingPlan>, Trouble> {
    let imported = SeatingPlan::import(&json(bytes)?, &ImportOptions::default());
    let plan = imported.map_err(|_| Trouble::damage(format!("the plan {hash} is none")))?.plan;
    if plan.hash().as_str() == hash {
        Ok(Arc::new(plan))
    } else {
        Err(Trouble::damage(format!("the plan {hash} is another")))
    }
}

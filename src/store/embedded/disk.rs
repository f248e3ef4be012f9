//! The database file: its format, reading it whole, and writing one batch durably.
//!
//! A directory holds `seatcast.redb`, the database, and `lock`, which one process at a time holds. The tables' values are JSON;
//! a newer program reads what an older one wrote, and `FORMAT` counts up when an older one could not read what a newer writes.
//!
//! | table | key | value |
//! |---|---|---|
//! | `about` | name | `format`: the format's number. `home`: which file it is |
//! | `plans` | hash | canonical JSON |
//! | `showtimes` | id | epoch, plan, details |
//! | `locks` | id, seat index | the lock |
//! | `blocks` | id, seat index | the reason |
//! | `bookings` | id, booking id | the ledger's entry |
//! | `history` | id, sequence number | the changes |

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Seek, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, StorageError, TableDefinition,
    WriteTransaction,
};
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

/// Counts up when older programs cannot read what this one writes.
pub const FORMAT: u32 = 1;
const FILE: &str = "seatcast.redb";
const LOCK: &str = "lock";
/// Memory for pages of the file. Everything is in memory already; only what is being written passes through here.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");
const PLANS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("plans");
const SHOWTIMES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("showtimes");
const LOCKS: TableDefinition<'_, (&str, u32), &[u8]> = TableDefinition::new("locks");
const BLOCKS: TableDefinition<'_, (&str, u32), &str> = TableDefinition::new("blocks");
const BOOKINGS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("bookings");
const HISTORY: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("history");

/// The directory cannot be used. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error(
        "the store in {0} is in use by another process{1}: stop that one, or name another directory in SEATCAST_STORE"
    )]
    InUse(String, String),
    #[error("cannot use {0} as the store's directory: {1}")]
    Directory(String, std::io::Error),
    #[error(
        "the store's file {0} is damaged ({1}). Nothing was changed. Put a backup in its place, or move it away to begin \
         with an empty store"
    )]
    Damaged(String, String),
    #[error(
        "the store's file {0} has format {1}, which a newer version of Seatcast wrote; this one reads format {FORMAT}"
    )]
    Newer(String, String),
    #[error("there is no store: {0} does not exist; SEATCAST_STORE or --store says where it is")]
    Nothing(String),
    #[error("the store's file {0} cannot be read or written: {1}")]
    Io(String, String),
}

/// A batch was not written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Nothing of it is on the disk.
    #[error("{0}")]
    Nothing(String),
    /// It may be on the disk, wholly.
    #[error("{0}")]
    Unknown(String),
}

/// An open database file, which no other process has open.
pub struct Disk {
    database: Database,
    /// Held for as long as the file is open.
    _lock: Option<File>,
}

/// The database file in a directory.
pub fn file(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// A row of the table `showtimes`.
#[derive(Serialize, Deserialize)]
struct Head {
    epoch: String,
    plan: PlanHash,
    details: Details,
}

impl Disk {
    /// Opens the database in a directory, which is created when it is not there. Every page of the file is checked.
    ///
    /// # Errors
    /// [`DiskError`]; the file is then as it was.
    pub fn open(directory: &Path) -> Result<Self, DiskError> {
        let refused = |error| DiskError::Directory(directory.display().to_string(), error);
        fs::create_dir_all(directory).map_err(refused)?;
        let lock = lock(directory)?;
        let path = file(directory);
        if !path.try_exists().map_err(refused)? {
            create(directory, &path)?;
        }
        let home = home(&path).map_err(refused)?;
        let database = contained(&path, || builder().open(&path).map_err(|error| database_error(&path, error)))?;
        let disk = Self { database, _lock: Some(lock) };
        let at = || path.display().to_string();
        match disk.about("format").map_err(|trouble| DiskError::Damaged(at(), trouble.what))? {
            Some(format) if format == FORMAT.to_string() => {}
            Some(format) => return Err(DiskError::Newer(at(), format)),
            None => return Err(DiskError::Damaged(at(), "it says nothing of its format".into())),
        }
        disk.settle_in(&home).and_then(|()| disk.forget_plans()).map_err(|trouble| trouble.at(&path))?;
        Ok(disk)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// [`DiskError::Damaged`] when something does not make sense.
    pub fn load(&self, directory: &Path) -> Result<Vec<Stored>, DiskError> {
        let path = file(directory);
        contained(&path, || {
            self.read_all().map_err(|trouble| DiskError::Damaged(path.display().to_string(), trouble.what))
        })
    }

    /// Writes a batch; on return it is on the disk.
    ///
    /// # Errors
    /// [`CommitError`]. The file must be opened again before anything else is done with it.
    pub fn commit(&self, writes: &[Write]) -> Result<(), CommitError> {
        let transaction = self.write(writes).map_err(|error| CommitError::Nothing(error.what))?;
        transaction.commit().map_err(|error| CommitError::Unknown(error.to_string()))
    }

    /// Writes something of no meaning.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn probe(&self, directory: &Path) -> Result<(), DiskError> {
        let probe = || -> Result<(), Trouble> {
            let transaction = begin(&self.database)?;
            transaction.open_table(ABOUT)?.insert("probe", "")?;
            Ok(transaction.commit()?)
        };
        probe().map_err(|error| DiskError::Io(file(directory).display().to_string(), error.what))
    }

    fn about(&self, name: &str) -> Result<Option<String>, Trouble> {
        let table = self.database.begin_read()?.open_table(ABOUT)?;
        Ok(table.get(name)?.map(|value| value.value().to_owned()))
    }

    /// Notes which file this is. One that was copied or brought back from a backup is another: history goes on from an earlier
    /// point there, so that every showtime begins a new epoch.
    fn settle_in(&self, home: &str) -> Result<(), Trouble> {
        let before = self.about("home")?;
        if before.as_deref() == Some(home) {
            return Ok(());
        }
        let transaction = begin(&self.database)?;
        transaction.open_table(ABOUT)?.insert("home", home)?;
        if before.is_some() {
            tracing::warn!("the store's file was moved here: every showtime begins a new epoch");
            let mut showtimes = transaction.open_table(SHOWTIMES)?;
            let heads: Vec<(String, Head)> = showtimes
                .iter()?
                .map(|row| {
                    row.map_err(Trouble::from).and_then(|(id, head)| Ok((id.value().to_owned(), json(head.value())?)))
                })
                .collect::<Result<_, Trouble>>()?;
            for (id, head) in heads {
                let head = Head { epoch: crate::store::new_epoch().as_str().to_owned(), ..head };
                showtimes.insert(id.as_str(), &*bytes(&head))?;
            }
            transaction.open_table(HISTORY)?.retain(|_, _| false)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Removes the plans that no showtime has any more. While the store is open they stay: somebody may be about to fetch one.
    fn forget_plans(&self) -> Result<(), Trouble> {
        let transaction = self.database.begin_read()?;
        let mut used = BTreeSet::new();
        for row in transaction.open_table(SHOWTIMES)?.iter()? {
            used.insert(json::<Head>(row?.1.value())?.plan.as_str().to_owned());
        }
        let mut unused = Vec::new();
        for row in transaction.open_table(PLANS)?.iter()? {
            let hash = row?.0.value().to_owned();
            unused.extend((!used.contains(&hash)).then_some(hash));
        }
        if unused.is_empty() {
            return Ok(());
        }
        let transaction = begin(&self.database)?;
        for hash in unused {
            transaction.open_table(PLANS)?.remove(hash.as_str())?;
        }
        Ok(transaction.commit()?)
    }

    fn read_all(&self) -> Result<Vec<Stored>, Trouble> {
        let transaction = self.database.begin_read()?;
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

    fn write(&self, writes: &[Write]) -> Result<WriteTransaction, Trouble> {
        let transaction = begin(&self.database)?;
        {
            let mut tables = Tables::open(&transaction)?;
            for write in writes {
                match write {
                    Write::Showtime { archive, epoch } => tables.put(archive, epoch)?,
                    Write::Step { showtime, step } => tables.step(showtime, step)?,
                    Write::Removal(showtime) => tables.remove(showtime)?,
                }
            }
        }
        Ok(transaction)
    }
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

/// Anything that goes wrong with the database or with what is in it.
struct Trouble {
    what: String,
    /// What is in it makes no sense.
    damaged: bool,
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

    fn at(self, path: &Path) -> DiskError {
        let path = path.display().to_string();
        if self.damaged { DiskError::Damaged(path, self.what) } else { DiskError::Io(path, self.what) }
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
fn begin(database: &Database) -> Result<WriteTransaction, Trouble> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

/// Takes the directory for this process.
fn lock(directory: &Path) -> Result<File, DiskError> {
    let at = directory.display().to_string();
    let refused = |error| DiskError::Directory(directory.display().to_string(), error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(directory.join(LOCK))
        .map_err(refused)?;
    if let Err(error) = file.try_lock() {
        return Err(match error {
            fs::TryLockError::WouldBlock => {
                let mut process = String::new();
                let _ = file.read_to_string(&mut process);
                let process = process.trim();
                DiskError::InUse(at, if process.is_empty() { String::new() } else { format!(" ({process})") })
            }
            fs::TryLockError::Error(error) => refused(error),
        });
    }
    // Only for those who are refused: that it cannot be written changes nothing.
    let _ = file.rewind().and_then(|()| file.set_len(0)).and_then(|()| write!(file, "process {}", std::process::id()));
    Ok(file)
}

/// Makes an empty database. It gets its name when it is whole, so that a half-made one is never taken for one.
fn create(directory: &Path, path: &Path) -> Result<(), DiskError> {
    let refused = |error| DiskError::Directory(directory.display().to_string(), error);
    let unfinished = PathBuf::from(format!("{}.new", path.display()));
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(refused(error)),
        Ok(()) | Err(_) => {}
    }
    File::options().write(true).create_new(true).mode(0o600).open(&unfinished).map_err(refused)?;
    let database = builder().create(&unfinished).map_err(|error| database_error(&unfinished, error))?;
    let begun = || -> Result<(), Trouble> {
        let transaction = begin(&database)?;
        transaction.open_table(ABOUT)?.insert("format", FORMAT.to_string().as_str())?;
        Tables::open(&transaction)?;
        transaction.commit()?;
        database.close()?;
        Ok(())
    };
    begun().map_err(|error| DiskError::Io(unfinished.display().to_string(), error.what))?;
    fs::rename(&unfinished, path).map_err(refused)?;
    tracing::info!(path = %path.display(), "made an empty store");
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(refused)
}

/// What tells this file from a copy of it: its number, and when it was made where the file system knows.
fn home(path: &Path) -> std::io::Result<String> {
    let metadata = fs::metadata(path)?;
    let created = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    Ok(format!("{}-{}", metadata.ino(), created.unwrap_or_default().as_nanos()))
}

fn database_error(path: &Path, error: DatabaseError) -> DiskError {
    let at = path.display().to_string();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => DiskError::InUse(at, String::new()),
        DatabaseError::UpgradeRequired(format) => DiskError::Newer(at, format!("redb {format}")),
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != std::io::ErrorKind::InvalidData && error.kind() != std::io::ErrorKind::UnexpectedEof =>
        {
            DiskError::Io(at, error.to_string())
        }
        error => DiskError::Damaged(at, error.to_string()),
    }
}

/// The library promises an error for a damaged file, not that it never panics over one.
fn contained<T>(path: &Path, read: impl FnOnce() -> Result<T, DiskError>) -> Result<T, DiskError> {
    std::panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        Err(DiskError::Damaged(path.display().to_string(), said))
    })
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;

//! The database file: finding it, taking it for this process, checking it, and committing to it.
//!
//! A directory holds `seatcast.redb`, the database, and `lock`, which one process at a time holds. Both have the token of the last
//! start. Where they differ the database is another one than was used here last: history may go on differently from there.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, StorageError, WriteTransaction};

use super::directory_lock::DirectoryLock;
use super::state::{Stored, Write};
use super::tables::{self, FORMAT, Trouble};
use crate::domain::time::Timestamp;

const FILE: &str = "seatcast.redb";
/// Memory for pages of the file. Everything is in memory already; only what is being written passes through here.
const CACHE_BYTES: usize = 32 * 1024 * 1024;
/// The library's header lies in it.
const HEADER_BYTES: usize = 512;
/// Of `open(2)` on Linux.
const O_NOATIME: i32 = 0o1_000_000;
/// What is saved when the file went away begins so.
const RESCUED: &str = "rescued-";
/// What must fit before a full disk counts as one with room: some hundred batches, or a large plan.
const PROBE_BYTES: usize = 2 * 1024 * 1024;

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
        "the store's file {0} is gone; it was there before. Put it back, or what was saved of it (rescued-...). To begin with an \
         empty store, move both away, and the file lock"
    )]
    Gone(String),
    #[error(
        "the store's file {0} is damaged ({1}). It was left as it is. Move it away and keep it; then put a copy of the database \
         in its place, or move the file lock away too and import a backup (seatcast import FILE)"
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
    /// There until the disk is dropped.
    database: Option<Database>,
    /// Whether the last commit is not known to be done: the header may then be anything.
    failed: Cell<bool>,
    path: PathBuf,
    /// Held for as long as the file is open.
    lock: Arc<DirectoryLock>,
    /// The file as the file system knows it.
    identity: String,
    header: Header,
}

/// What to do when there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make one, unless there was one before.
    Create,
    /// Say so: there was one.
    Refuse,
}

/// Whether the file that is open is as it was left, where the next start will find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Same,
    /// There is none.
    Gone,
    /// There is another.
    Other,
    /// Somebody else has written into it.
    Overwritten,
}

/// The beginning of the file, which is another after each commit.
struct Header {
    file: File,
    /// How the last commit left it.
    left: Cell<[u8; HEADER_BYTES]>,
}

/// The database file in a directory.
pub fn file(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

impl Disk {
    /// Opens the database in a directory, which is created when it is not there. Every page of the file is checked.
    ///
    /// # Errors
    /// [`DiskError`]; a file that is there is then as it was.
    pub fn open(directory: &Path, missing: Missing) -> Result<Self, DiskError> {
        let refused = |error| DiskError::Directory(directory.display().to_string(), error);
        if missing == Missing::Create {
            fs::create_dir_all(directory).map_err(refused)?;
        }
        Self::open_under(Arc::new(DirectoryLock::take(directory)?), missing)
    }

    /// Opens what is now in this one's place, under the same lock. This one stays as it is.
    ///
    /// # Errors
    /// As [`Disk::open`].
    pub fn open_successor(&self) -> Result<Self, DiskError> {
        Self::open_under(Arc::clone(&self.lock), Missing::Refuse)
    }

    fn open_under(lock: Arc<DirectoryLock>, missing: Missing) -> Result<Self, DiskError> {
        let directory = lock.directory();
        let refused = |error| DiskError::Directory(directory.display().to_string(), error);
        let path = file(directory);
        if !path.try_exists().map_err(refused)? {
            match missing {
                Missing::Create if !lock.tokens().is_empty() => {
                    return Err(DiskError::Gone(path.display().to_string()));
                }
                Missing::Create => create(directory, &path)?,
                Missing::Refuse => return Err(DiskError::Nothing(path.display().to_string())),
            }
        }
        let database = contained(&path, || builder().open(&path).map_err(|error| database_error(&path, error)))?;
        let (identity, header) = (identity(&path).map_err(refused)?, Header::open(&path).map_err(refused)?);
        let disk = Self { database: Some(database), failed: Cell::new(true), path, lock, identity, header };
        disk.check_format()?;
        disk.settle_in().map_err(|trouble| disk.error(trouble))?;
        Ok(disk)
    }

    fn database(&self) -> &Database {
        self.database.as_ref().expect("it is there until the disk is dropped")
    }

    /// Closes the file in order: no copy that was made of it before is taken for it at the next start.
    pub fn close(self) {
        if let Err(trouble) = self.renew_token() {
            tracing::debug!(error = trouble.what, "could not close the store's file in order");
        }
    }

    /// Reads everything.
    ///
    /// # Errors
    /// [`DiskError::Damaged`] when something does not make sense.
    pub fn load(&self) -> Result<Vec<Stored>, DiskError> {
        let damaged = |trouble: Trouble| DiskError::Damaged(self.path.display().to_string(), trouble.what);
        contained(&self.path, || tables::read_all(self.database()).map_err(damaged))
    }

    /// Writes a batch; on return it is on the disk.
    ///
    /// # Errors
    /// [`CommitError`]. The file must be opened again before anything else is done with it.
    pub fn commit(&self, writes: &[Write]) -> Result<(), CommitError> {
        let nothing = |trouble: Trouble| CommitError::Nothing(trouble.what);
        self.failed.set(true);
        let transaction = tables::begin(self.database()).map_err(nothing)?;
        tables::write(&transaction, writes).map_err(nothing)?;
        self.finish(transaction).map_err(|error| CommitError::Unknown(error.to_string()))
    }

    /// Writes something large of no meaning, and takes it away again.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn probe(&self) -> Result<(), DiskError> {
        let probe = |text: &str| self.note("probe", text);
        probe(&"x".repeat(PROBE_BYTES)).and_then(|()| probe("")).map_err(|trouble| self.error(trouble))
    }

    /// Whether nobody else has written into the file; a look that costs next to nothing.
    pub fn is_untouched(&self) -> bool {
        self.header.is_as_left()
    }

    /// Whether somebody has removed, replaced or changed the file: what is written then is found by nobody.
    pub fn place(&self) -> Place {
        match identity(&self.path) {
            Ok(found) if found != self.identity => Place::Other,
            Ok(_) if self.header.is_as_left() => Place::Same,
            Ok(_) => Place::Overwritten,
            Err(error) if error.kind() == ErrorKind::NotFound => Place::Gone,
            // Who may not look knows nothing.
            Err(_) => Place::Same,
        }
    }

    /// Writes everything into a new database beside the file; beside the directory, if that is gone too.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn rescue(&self, writes: &[Write], now: Timestamp) -> Result<PathBuf, DiskError> {
        let (directory, name) = (self.lock.directory(), format!("{RESCUED}{}.redb", now.to_string().replace(':', "-")));
        let path = if directory.is_dir() {
            directory.join(name)
        } else {
            directory.with_file_name(format!("{}.{name}", directory.file_name().unwrap_or_default().display()))
        };
        make(&path, writes, Some("rescued"))?;
        Ok(path)
    }

    /// Has every copy that was made until now begin new epochs.
    pub fn disown_copies(&self) {
        if let Err(error) = self.lock.note(&new_token()) {
            tracing::debug!(%error, "could not note a new token");
        }
    }

    fn note(&self, name: &str, text: &str) -> Result<(), Trouble> {
        self.failed.set(true);
        let transaction = tables::begin(self.database())?;
        tables::note(&transaction, name, text)?;
        Ok(self.finish(transaction)?)
    }

    /// Commits, and notes how the file is left.
    fn finish(&self, transaction: WriteTransaction) -> Result<(), redb::CommitError> {
        self.failed.set(true);
        transaction.commit()?;
        self.header.leave();
        self.failed.set(false);
        Ok(())
    }

    fn check_format(&self) -> Result<(), DiskError> {
        let at = || self.path.display().to_string();
        let read = || tables::about(self.database(), "format").map_err(|trouble| self.error(trouble));
        match contained(&self.path, read)? {
            Some(format) if format == FORMAT.to_string() => Ok(()),
            Some(format) => Err(DiskError::Newer(at(), format)),
            None => Err(DiskError::Damaged(at(), "it says nothing of its format".into())),
        }
    }

    /// Notes which start of which file this is. A database that was copied here or brought back from a backup is another than
    /// was used here last: history may go on differently from there, so that every showtime begins a new epoch.
    fn settle_in(&self) -> Result<(), Trouble> {
        let before = tables::about(self.database(), "home")?;
        let expected: Vec<String> = self.lock.tokens().iter().map(|token| self.home(token)).collect();
        let transaction = tables::begin(self.database())?;
        if before.is_some_and(|before| !expected.contains(&before)) {
            let path = self.path.display();
            tracing::warn!(%path, "not the database that was used here last: every showtime begins a new epoch");
            tables::renew_epochs(&transaction)?;
        }
        tables::forget_plans(&transaction)?;
        self.finish(transaction)?;
        self.renew_token()
    }

    /// Gives database and lock a new token. Whenever that is cut off, the lock has the database's among its own.
    fn renew_token(&self) -> Result<(), Trouble> {
        let token = new_token();
        self.lock.announce(&token)?;
        self.note("home", &self.home(&token))?;
        Ok(self.lock.note(&token)?)
    }

    fn home(&self, token: &str) -> String {
        format!("{} {token}", self.identity)
    }

    fn error(&self, trouble: Trouble) -> DiskError {
        let path = self.path.display().to_string();
        if trouble.damaged { DiskError::Damaged(path, trouble.what) } else { DiskError::Io(path, trouble.what) }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let Some(database) = self.database.take() else { return };
        if self.failed.get() || self.header.is_as_left() {
            drop(database);
        } else {
            // To close it would write into what is somebody else's now. The process's end closes it without a word.
            std::mem::forget(database);
        }
    }
}

impl Header {
    fn open(path: &Path) -> std::io::Result<Self> {
        // To note when it was read would be a write of its own. Only the owner may do without.
        let quietly = File::options().read(true).custom_flags(O_NOATIME).open(path);
        Ok(Self { file: quietly.or_else(|_| File::open(path))?, left: Cell::new([0; HEADER_BYTES]) })
    }

    /// Notes how the file is now.
    fn leave(&self) {
        self.left.set(self.read().unwrap_or([0; HEADER_BYTES]));
    }

    fn is_as_left(&self) -> bool {
        self.read().is_ok_and(|found| found == self.left.get())
    }

    fn read(&self) -> std::io::Result<[u8; HEADER_BYTES]> {
        let mut bytes = [0; HEADER_BYTES];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}

/// What tells a file from a copy of it: its number, and when it was made where the file system knows. To ask for the time of the
/// last write as well, after each write, would make each sync of the disk half as long again (multigrain timestamps of Linux).
fn identity(path: &Path) -> std::io::Result<String> {
    let metadata = fs::metadata(path)?;
    let created = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    Ok(format!("{}-{}", metadata.ino(), created.unwrap_or_default().as_nanos()))
}

fn new_token() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

/// Makes an empty database, for the first time in this directory.
fn create(directory: &Path, path: &Path) -> Result<(), DiskError> {
    let failed = |error| DiskError::Directory(directory.display().to_string(), error);
    for entry in fs::read_dir(directory).map_err(failed)? {
        if entry.map_err(failed)?.file_name().to_string_lossy().starts_with(RESCUED) {
            return Err(DiskError::Gone(path.display().to_string()));
        }
    }
    make(path, &[], None)?;
    tracing::info!(path = %path.display(), "made an empty store");
    Ok(())
}

/// Makes a database. It gets its name when it is whole, so that a half-made one is never taken for one.
fn make(path: &Path, writes: &[Write], home: Option<&str>) -> Result<(), DiskError> {
    let failed = |what: String| DiskError::Io(path.display().to_string(), what);
    let unfinished = path.with_file_name(format!(".{FILE}.unfinished"));
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    drop(file.map_err(|error| failed(error.to_string()))?);
    let database = builder().create(&unfinished).map_err(|error| database_error(&unfinished, error))?;
    let made = || -> Result<(), Trouble> {
        let transaction = tables::begin(&database)?;
        tables::make(&transaction)?;
        tables::write(&transaction, writes)?;
        if let Some(home) = home {
            tables::note(&transaction, "home", home)?;
        }
        transaction.commit()?;
        database.close()?;
        fs::rename(&unfinished, path)?;
        Ok(File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()?)
    };
    made().map_err(|trouble| failed(trouble.what))
}

fn database_error(path: &Path, error: DatabaseError) -> DiskError {
    let at = path.display().to_string();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => DiskError::InUse(at, String::new()),
        DatabaseError::UpgradeRequired(format) => DiskError::Newer(at, format!("redb {format}")),
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != ErrorKind::InvalidData && error.kind() != ErrorKind::UnexpectedEof =>
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

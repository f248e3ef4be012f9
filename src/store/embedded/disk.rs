//! The database file: finding it, taking it for this process, checking it, and committing to it.
//!
//! A directory holds `seatcast.redb`, the database, and `lock`, which one process at a time holds.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use redb::{Builder, Database, DatabaseError, StorageError};

use super::state::{Stored, Write};
use super::tables::{self, FORMAT, Trouble};

const FILE: &str = "seatcast.redb";
const LOCK: &str = "lock";
/// Memory for pages of the file. Everything is in memory already; only what is being written passes through here.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

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
    path: PathBuf,
    home: String,
    /// Held for as long as the file is open.
    _lock: Option<File>,
}

/// What to do when there is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make one.
    Create,
    /// Say so: there was one.
    Refuse,
}

/// Whether the file that is open is the one that the next start will find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Same,
    /// There is none.
    Gone,
    /// There is another.
    Other,
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
        let path = file(directory);
        if missing == Missing::Create {
            fs::create_dir_all(directory).map_err(refused)?;
        }
        let lock = lock(directory)?;
        if !path.try_exists().map_err(refused)? {
            match missing {
                Missing::Create => create(directory, &path)?,
                Missing::Refuse => return Err(DiskError::Nothing(path.display().to_string())),
            }
        }
        let home = home(&path).map_err(refused)?;
        let database = contained(&path, || builder().open(&path).map_err(|error| database_error(&path, error)))?;
        let disk = Self { database, path, home, _lock: Some(lock) };
        disk.check_format()?;
        disk.settle_in().map_err(|trouble| disk.error(trouble))?;
        Ok(disk)
    }

    /// Reads everything.
    ///
    /// # Errors
    /// [`DiskError::Damaged`] when something does not make sense.
    pub fn load(&self) -> Result<Vec<Stored>, DiskError> {
        let damaged = |trouble: Trouble| DiskError::Damaged(self.path.display().to_string(), trouble.what);
        contained(&self.path, || tables::read_all(&self.database).map_err(damaged))
    }

    /// Writes a batch; on return it is on the disk.
    ///
    /// # Errors
    /// [`CommitError`]. The file must be opened again before anything else is done with it.
    pub fn commit(&self, writes: &[Write]) -> Result<(), CommitError> {
        let nothing = |trouble: Trouble| CommitError::Nothing(trouble.what);
        let transaction = tables::begin(&self.database).map_err(nothing)?;
        tables::write(&transaction, writes).map_err(nothing)?;
        transaction.commit().map_err(|error| CommitError::Unknown(error.to_string()))
    }

    /// Writes something of no meaning.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn probe(&self) -> Result<(), DiskError> {
        let probe = || -> Result<(), Trouble> {
            let transaction = tables::begin(&self.database)?;
            tables::note(&transaction, "probe", "")?;
            Ok(transaction.commit()?)
        };
        probe().map_err(|trouble| self.error(trouble))
    }

    /// Whether somebody has removed or replaced the file: what is written then is found by nobody.
    pub fn place(&self) -> Place {
        match home(&self.path) {
            Ok(home) if home == self.home => Place::Same,
            Ok(_) => Place::Other,
            Err(error) if error.kind() == ErrorKind::NotFound => Place::Gone,
            // Who may not look knows nothing.
            Err(_) => Place::Same,
        }
    }

    fn check_format(&self) -> Result<(), DiskError> {
        let at = || self.path.display().to_string();
        let format =
            contained(&self.path, || tables::about(&self.database, "format").map_err(|trouble| self.error(trouble)))?;
        match format {
            Some(format) if format == FORMAT.to_string() => Ok(()),
            Some(format) => Err(DiskError::Newer(at(), format)),
            None => Err(DiskError::Damaged(at(), "it says nothing of its format".into())),
        }
    }

    /// Notes which file this is. One that was copied or brought back from a backup is another: history goes on from an earlier
    /// point there, so that every showtime begins a new epoch.
    fn settle_in(&self) -> Result<(), Trouble> {
        let before = tables::about(&self.database, "home")?;
        if before.as_ref() != Some(&self.home) {
            let transaction = tables::begin(&self.database)?;
            tables::note(&transaction, "home", &self.home)?;
            if before.is_some() {
                tracing::warn!("the store's file was moved here: every showtime begins a new epoch");
                tables::renew_epochs(&transaction)?;
            }
            transaction.commit()?;
        }
        tables::forget_plans(&self.database)
    }

    fn error(&self, trouble: Trouble) -> DiskError {
        let path = self.path.display().to_string();
        if trouble.damaged { DiskError::Damaged(path, trouble.what) } else { DiskError::Io(path, trouble.what) }
    }
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
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(error)),
        Ok(()) | Err(_) => {}
    }
    File::options().write(true).create_new(true).mode(0o600).open(&unfinished).map_err(refused)?;
    let database = builder().create(&unfinished).map_err(|error| database_error(&unfinished, error))?;
    let begun = || -> Result<(), Trouble> {
        let transaction = tables::begin(&database)?;
        tables::make(&transaction)?;
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

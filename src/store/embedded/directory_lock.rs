//! The file `lock`: which process has the store's directory, and the token of the last start there.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use super::disk::DiskError;

const FILE: &str = "lock";

/// A directory that this process alone uses. The system ends it with the process, however that ends.
pub struct DirectoryLock {
    directory: PathBuf,
    /// Taken to read or write, never across an await.
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    token: Option<String>,
}

impl DirectoryLock {
    /// Takes a directory.
    ///
    /// # Errors
    /// [`DiskError::InUse`] when another process has it.
    pub fn take(directory: &Path) -> Result<Self, DiskError> {
        let path = directory.join(FILE);
        let refused = |error| DiskError::Directory(path.display().to_string(), error);
        let file = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = file.map_err(refused)?;
        let locked = file.try_lock();
        let mut text = String::new();
        let _ = file.read_to_string(&mut text);
        let mut lines = text.lines();
        let process = lines.next().filter(|line| !line.is_empty()).map(|line| format!(" ({line})"));
        match locked {
            Err(fs::TryLockError::WouldBlock) => {
                return Err(DiskError::InUse(directory.display().to_string(), process.unwrap_or_default()));
            }
            Err(fs::TryLockError::Error(error)) => return Err(refused(error)),
            Ok(()) => {}
        }
        let token = lines.next().and_then(|line| line.strip_prefix("start ")).map(ToOwned::to_owned);
        Ok(Self { directory: directory.to_owned(), inner: Mutex::new(Inner { file, token }) })
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The token of the last start; `None` when there was none.
    pub fn token(&self) -> Option<String> {
        self.inner.lock().token.clone()
    }

    /// Notes this process and this start.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&self, token: &str) -> std::io::Result<()> {
        let Inner { file, token: last } = &mut *self.inner.lock();
        file.rewind()?;
        file.set_len(0)?;
        write!(file, "process {}\nstart {token}\n", std::process::id())?;
        file.sync_all()?;
        *last = Some(token.to_owned());
        Ok(())
    }
}

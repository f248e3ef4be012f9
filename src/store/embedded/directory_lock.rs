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
    tokens: Vec<String>,
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
        let tokens = lines.filter_map(|line| line.strip_prefix("start ")).map(ToOwned::to_owned).collect();
        Ok(Self { directory: directory.to_owned(), inner: Mutex::new(Inner { file, tokens }) })
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The token of the last start; none when there was no start. Of a start that did not come to its end there may be two.
    pub fn tokens(&self) -> Vec<String> {
        self.inner.lock().tokens.clone()
    }

    /// Adds the token of a start that begins.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, token: &str) -> std::io::Result<()> {
        let inner = &mut *self.inner.lock();
        inner.tokens.push(token.to_owned());
        inner.write()
    }

    /// Keeps only the token of the start that is done.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&self, token: &str) -> std::io::Result<()> {
        let inner = &mut *self.inner.lock();
        inner.tokens = vec![token.to_owned()];
        inner.write()
    }
}

impl Inner {
    fn write(&mut self) -> std::io::Result<()> {
        let starts: String = self.tokens.iter().flat_map(|token| ["start ", token, "\n"]).collect();
        let text = format!("process {}\n{starts}", std::process::id());
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        self.file.sync_all()
    }
}

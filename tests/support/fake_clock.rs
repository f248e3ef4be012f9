//! A wall clock of one process's own that a test can set while the process runs (`libfaketime`). The monotonic clock goes on as
//! it is, as when somebody sets a machine's clock.

use std::path::PathBuf;

use tempfile::TempDir;

/// A wall clock; right until it is set.
pub struct FakeClock {
    directory: TempDir,
    library: PathBuf,
}

impl FakeClock {
    /// # Panics
    /// When the library is not there.
    pub fn new() -> Self {
        let clock = Self { directory: TempDir::new().expect("a directory for the clock"), library: library() };
        clock.set(0);
        clock
    }

    /// Sets the clock so many seconds ahead of the real time, or behind it.
    pub fn set(&self, seconds: i64) {
        // Renamed into place: a process that looks meanwhile sees the one or the other.
        let next = self.directory.path().join("next");
        std::fs::write(&next, format!("{seconds:+}\n")).expect("the clock can be set");
        std::fs::rename(next, self.file()).expect("the clock can be set");
    }

    /// The environment of a process that goes by this clock.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("FAKETIME_NO_CACHE", "1".into()),
        ]
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("clock")
    }
}

/// The library for programs with threads; its folder's name has the kind of machine in it.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("a folder of libraries");
    let mut found = folders.flatten().map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|path| path.exists()).expect("libfaketime is installed (Debian package libfaketime)")
}

//! Whether the thread that writes is well, as those see it who wait for it.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A thread that is busy with one batch for longer than this is stuck: the disk does not answer.
const STUCK: Duration = Duration::from_secs(5);

/// Shared by the thread and those who watch it.
#[derive(Default)]
pub struct Pulse(Mutex<Inner>);

/// Held for a look or a note.
#[derive(Default)]
struct Inner {
    /// Since when the thread is busy with a batch.
    busy_since: Option<Instant>,
    /// Why nothing can be written.
    failure: Option<String>,
    /// How often the state was read again from the disk.
    recoveries: u64,
    last_commit: Option<Duration>,
}

impl Pulse {
    pub fn begin(&self) {
        self.0.lock().busy_since = Some(Instant::now());
    }

    pub fn end(&self) {
        self.0.lock().busy_since = None;
    }

    pub fn committed(&self, took: Duration) {
        self.0.lock().last_commit = Some(took);
    }

    pub fn fail(&self, why: String) {
        let mut inner = self.0.lock();
        inner.failure = Some(why);
        inner.busy_since = None;
    }

    pub fn recover(&self) {
        let mut inner = self.0.lock();
        inner.failure = None;
        inner.recoveries += 1;
    }

    /// Whether changes can be made now.
    pub fn is_well(&self) -> bool {
        let inner = self.0.lock();
        inner.failure.is_none() && inner.busy_since.is_none_or(|since| since.elapsed() < STUCK)
    }

    /// Why nothing can be written; empty when it can.
    pub fn failure(&self) -> String {
        self.0.lock().failure.clone().unwrap_or_default()
    }

    /// For how long the thread has been busy with what it does.
    pub fn busy(&self) -> Duration {
        self.0.lock().busy_since.map(|since| since.elapsed()).unwrap_or_default()
    }

    pub fn recoveries(&self) -> u64 {
        self.0.lock().recoveries
    }

    /// How long the last commit took.
    pub fn last_commit(&self) -> Option<Duration> {
        self.0.lock().last_commit
    }
}

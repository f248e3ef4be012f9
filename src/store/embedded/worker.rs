//! The one thread that decides and writes: it takes what waits, carries it out in memory, writes all of it with one sync of the
//! disk, and only then gives the answers. Nobody sees anything that is not on the disk, reads included.
//!
//! A batch is what came while the one before it was being written, so many concurrent requests share a sync and a single one
//! waits for nobody. When a batch cannot be written the state in memory is thrown away and read again from the disk, which is
//! the truth, until that works.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::clock::Clock;
use super::disk::{CommitError, Disk, DiskError};
use super::pulse::Pulse;
use super::state::State;
use crate::domain::ids::ShowtimeId;
use crate::domain::showtime::Rules;
use crate::domain::time::Timestamp;
use crate::store::{FeedItem, StoreError};

/// Requests that share one commit at most.
const BATCH: usize = 1_000;
/// Between attempts to open a file that could not be written.
const RETRY: Duration = Duration::from_millis(500);

/// Gives an answer, now that the commit is done or has failed.
pub type Delivery = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// A request: given the state and the time it says how to answer; given an error it answers with that at once.
pub type Job = Box<dyn FnOnce(Result<(&mut State, Timestamp), StoreError>) -> Option<Delivery> + Send>;

/// What comes to the thread.
pub enum Message {
    Job(Job),
    /// Nobody needs the store any more.
    Stop,
}

/// Opens the disk and reads the state from it.
///
/// # Errors
/// [`DiskError`] when that is not possible.
pub fn open(directory: &std::path::Path, rules: Rules) -> Result<(Disk, State), DiskError> {
    let disk = Disk::open(directory)?;
    let stored = disk.load(directory)?;
    let state = State::new(rules, stored).map_err(|what| DiskError::Damaged(directory.display().to_string(), what))?;
    Ok((disk, state))
}

/// The thread's own things.
pub struct Worker {
    pub directory: PathBuf,
    pub rules: Rules,
    pub clock: Clock,
    pub messages: Receiver<Message>,
    pub news: mpsc::Sender<FeedItem>,
    pub pulse: Arc<Pulse>,
}

impl Worker {
    /// Works until it is told to stop, or nobody can ask any more.
    pub fn run(self, mut disk: Disk, mut state: State) {
        loop {
            match self.work(&disk, &mut state) {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!(%error, "the store cannot write; changes are refused until it can");
                    self.pulse.fail(error.to_string());
                    let watched = state.watched().clone();
                    drop(disk);
                    let Some(opened) = self.reopen(&watched) else { return };
                    (disk, state) = opened;
                    tracing::info!("the store can write again");
                    self.pulse.recover();
                }
            }
        }
    }

    /// Carries out batch after batch.
    fn work(&self, disk: &Disk, state: &mut State) -> Result<(), CommitError> {
        let mut deliveries = Vec::new();
        loop {
            let mut next = self.wait(state.next_deadline());
            self.pulse.begin();
            state.expire(self.clock.now());
            let mut stopping = false;
            while let Some(message) = next {
                match message {
                    Message::Job(job) => deliveries.extend(job(Ok((state, self.clock.now())))),
                    Message::Stop => stopping = true,
                }
                let more = !stopping && deliveries.len() < BATCH;
                next = if more { self.messages.try_recv().ok() } else { None };
            }
            self.commit(disk, state, &mut deliveries)?;
            self.pulse.end();
            if stopping {
                return Ok(());
            }
        }
    }

    /// The next message, or nothing when a lock may have ended.
    fn wait(&self, deadline: Option<Timestamp>) -> Option<Message> {
        let Some(deadline) = deadline else { return Some(self.messages.recv().unwrap_or(Message::Stop)) };
        // A lock has ended when now is later than its deadline, by a millisecond at least.
        let wait = deadline.plus(Duration::from_millis(1)).since(self.clock.now());
        match self.messages.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::Stop),
        }
    }

    /// Writes what was decided; then tells the rooms, then answers.
    fn commit(&self, disk: &Disk, state: &mut State, deliveries: &mut Vec<Delivery>) -> Result<(), CommitError> {
        let batch = state.take_batch();
        let began = Instant::now();
        let written = if batch.writes.is_empty() { Ok(()) } else { disk.commit(&batch.writes) };
        if !batch.writes.is_empty() {
            self.pulse.committed(began.elapsed());
        }
        let answer = match &written {
            Ok(()) => {
                for item in batch.news {
                    // Without a listener there is nobody to tell.
                    let _ = self.news.blocking_send(item);
                }
                Ok(())
            }
            Err(CommitError::Nothing(error)) => Err(StoreError::Unavailable(error.clone())),
            Err(CommitError::Unknown(error)) => Err(StoreError::Unknown(error.clone())),
        };
        for deliver in deliveries.drain(..) {
            deliver(answer.clone());
        }
        written
    }

    /// Opens the file again and again, and refuses what comes meanwhile. `None` when it is time to stop.
    fn reopen(&self, watched: &HashSet<ShowtimeId>) -> Option<(Disk, State)> {
        loop {
            match open(&self.directory, self.rules).and_then(|(disk, state)| {
                disk.probe(&self.directory)?;
                Ok((disk, state))
            }) {
                Ok((disk, mut state)) => {
                    state.watch_all(watched.clone());
                    return Some((disk, state));
                }
                Err(error) => {
                    tracing::debug!(%error, "the store's file cannot be opened");
                    self.pulse.fail(error.to_string());
                }
            }
            let until = Instant::now() + RETRY;
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                match self.messages.recv_timeout(left) {
                    Ok(Message::Job(job)) => drop(job(Err(StoreError::Unavailable(self.pulse.failure())))),
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        }
    }
}

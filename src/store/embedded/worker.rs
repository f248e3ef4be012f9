//! The one thread that decides and writes: it takes what waits, carries it out in memory, writes all of it with one sync of the
//! disk, and only then gives the answers. Nobody sees anything that is not on the disk, reads included.
//!
//! A batch is what came while the one before it was being written, so many concurrent requests share a sync and a single one
//! waits for nobody. When a batch cannot be written the state in memory is thrown away and read again from the disk, which is
//! the truth, until that works.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::clock::Clock;
use super::disk::{CommitError, Disk, DiskError, Missing, Place};
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
/// Between looks at the file's place while nothing else happens.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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
pub fn open(directory: &Path, rules: Rules, missing: Missing) -> Result<(Disk, State), DiskError> {
    let disk = Disk::open(directory, missing)?;
    let stored = disk.load()?;
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
        while let Err(failure) = self.work(&disk, &mut state) {
            tracing::error!(%failure, "the store cannot write; changes are refused until it can");
            self.pulse.fail(failure.to_string());
            let opened = match failure {
                Failure::Place => self.wait_for_file(disk, state),
                Failure::Commit(_) => {
                    let watched = state.watched().clone();
                    drop(disk);
                    self.reopen(&watched)
                }
            };
            let Some(opened) = opened else { return };
            (disk, state) = opened;
            tracing::info!("the store can write again");
            self.pulse.recover();
        }
    }

    /// Carries out batch after batch.
    fn work(&self, disk: &Disk, state: &mut State) -> Result<(), Failure> {
        let mut deliveries = Vec::new();
        loop {
            let mut next = self.wait(state.next_deadline());
            if disk.place() != Place::Same {
                return match next {
                    Some(Message::Stop) => Ok(()),
                    // It was not begun; it is refused as the next ones are.
                    Some(Message::Job(job)) => {
                        drop(job(Err(StoreError::Unavailable(Failure::Place.to_string()))));
                        Err(Failure::Place)
                    }
                    None => Err(Failure::Place),
                };
            }
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

    /// The next message, or nothing when a lock may have ended or it is time to look whether the file is still there.
    fn wait(&self, deadline: Option<Timestamp>) -> Option<Message> {
        // A lock has ended when now is later than its deadline, by a millisecond at least.
        let due = deadline.map(|deadline| deadline.plus(Duration::from_millis(1)).since(self.clock.now()));
        match self.messages.recv_timeout(due.map_or(LOOK_EVERY, |due| due.min(LOOK_EVERY))) {
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
            let opened = open(&self.directory, self.rules, Missing::Refuse).and_then(|(disk, state)| {
                disk.probe()?;
                Ok((disk, state))
            });
            match opened {
                Ok((disk, mut state)) => {
                    state.watch_all(watched.clone());
                    return Some((disk, state));
                }
                Err(error) => {
                    tracing::debug!(%error, "the store's file cannot be opened");
                    self.pulse.fail(error.to_string());
                }
            }
            if self.refuse_for(RETRY).is_break() {
                return None;
            }
        }
    }

    /// Waits until the file is back where it was. Until then nothing is let go: what is open is all that there is. A file of
    /// the same name that is another one is opened in its place.
    fn wait_for_file(&self, disk: Disk, state: State) -> Option<(Disk, State)> {
        loop {
            match disk.place() {
                Place::Same => return Some((disk, state)),
                Place::Gone => {}
                Place::Other => {
                    let watched = state.watched().clone();
                    drop(disk);
                    return self.reopen(&watched);
                }
            }
            if self.refuse_for(RETRY).is_break() {
                return None;
            }
        }
    }

    /// Refuses what comes in this time. Breaks when it is time to stop.
    fn refuse_for(&self, time: Duration) -> ControlFlow<()> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.messages.recv_timeout(left) {
                Ok(Message::Job(job)) => drop(job(Err(StoreError::Unavailable(self.pulse.failure())))),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return ControlFlow::Break(()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        ControlFlow::Continue(())
    }
}

/// Why the thread cannot go on.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(
        "the store's file was removed or replaced while it was in use. Put it back: as long as this server is not stopped, \
         /proc/{}/fd has what was removed",
        std::process::id()
    )]
    Place,
}

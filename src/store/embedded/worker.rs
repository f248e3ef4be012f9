//! The one thread that decides and writes: it takes what waits, carries it out in memory, writes all of it with one sync of the
//! disk, and only then gives the answers. Nobody sees anything that is not on the disk, reads included.
//!
//! A batch is what came while the one before it was being written, so many concurrent requests share a sync and a single one
//! waits for nobody. When a batch cannot be written the state in memory is thrown away and read again from the disk, which is
//! the truth, until that works.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::clock::Clock;
use super::disk::{self, CommitError, Disk, DiskError, Missing, Place};
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
const LONGEST_RETRY: Duration = Duration::from_secs(15);
/// A failure so long after the last one has nothing to do with it.
const CALM: Duration = Duration::from_secs(60);
/// Between looks at the file's place. What is written meanwhile is in memory too, and is saved with it.
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
pub fn open(directory: &Path, rules: Rules) -> Result<(Disk, State), DiskError> {
    let disk = Disk::open(directory, Missing::Create)?;
    let state = read(&disk, directory, rules)?;
    Ok((disk, state))
}

fn read(disk: &Disk, directory: &Path, rules: Rules) -> Result<State, DiskError> {
    let damaged = |what| DiskError::Damaged(disk::file(directory).display().to_string(), what);
    State::new(rules, disk.load()?).map_err(damaged)
}

/// The thread's own things.
pub struct Worker {
    pub directory: PathBuf,
    pub rules: Rules,
    pub clock: Clock,
    pub messages: Receiver<Message>,
    pub news: mpsc::Sender<FeedItem>,
    pub pulse: Arc<Pulse>,
    /// Whether it was told to stop.
    pub stopping: Cell<bool>,
}

impl Worker {
    /// Works until it is told to stop, or nobody can ask any more.
    pub fn run(self, mut disk: Disk, mut state: State) {
        let mut retry = Retry::default();
        while let Err(failure) = self.work(&disk, &mut state) {
            let opened = match failure {
                Failure::Place(place) => {
                    let rescued = self.rescue(&disk, &state, place);
                    self.wait_for_file(disk, state, rescued)
                }
                Failure::Commit(error) => {
                    self.tell_failure(error.to_string());
                    let watched = state.watched().clone();
                    drop((disk, state));
                    self.reopen(&watched, retry.next())
                }
            };
            let Some(opened) = opened else { return };
            (disk, state) = opened;
            tracing::info!("the store can write again");
            self.pulse.recover();
        }
        disk.close();
    }

    fn tell_failure(&self, what: String) {
        tracing::error!("the store cannot write, and refuses changes until it can: {what}");
        self.pulse.fail(what);
    }

    /// Saves what is in memory, now that the file is not what it was. Tells what happened and what to do.
    fn rescue(&self, disk: &Disk, state: &State, place: Place) -> Option<PathBuf> {
        let file = disk::file(&self.directory);
        let file = file.display();
        if place == Place::Overwritten {
            // What was copied over it is another database, although it may be of the last start.
            disk.disown_copies();
        }
        let (happened, or) = match place {
            Place::Overwritten => ("overwritten", "restart the server to go on with what was written into it"),
            Place::Gone | Place::Other | Place::Same => ("removed or replaced", "put back what was there"),
        };
        match disk.rescue(&state.everything(), self.clock.now()) {
            Ok(rescued) => {
                let saved = rescued.display();
                self.tell_failure(format!(
                    "its file {file} was {happened} by somebody else. What was in it is in {saved}: move that to {file} to go \
                     on with it, or {or}"
                ));
                Some(rescued)
            }
            Err(error) => {
                self.tell_failure(format!(
                    "its file {file} was {happened} by somebody else, and what was in it could not be saved beside it \
                     ({error}). Put it back before the server is stopped"
                ));
                None
            }
        }
    }

    /// Carries out batch after batch.
    fn work(&self, disk: &Disk, state: &mut State) -> Result<(), Failure> {
        let mut deliveries = Vec::new();
        let mut looked = Instant::now();
        loop {
            let mut next = self.wait(state.next_deadline());
            let look = looked.elapsed() >= LOOK_EVERY;
            if look {
                looked = Instant::now();
            }
            let place = match (look, disk.is_untouched()) {
                (true, _) => disk.place(),
                (false, true) => Place::Same,
                (false, false) => Place::Overwritten,
            };
            if place != Place::Same {
                match next {
                    // It was not begun; it is refused as the next ones are.
                    Some(Message::Job(job)) => {
                        drop(job(Err(StoreError::Unavailable("its file was removed or changed".into()))));
                    }
                    Some(Message::Stop) => self.stopping.set(true),
                    None => {}
                }
                return Err(Failure::Place(place));
            }
            self.pulse.begin();
            state.expire(self.clock.now());
            while let Some(message) = next {
                match message {
                    Message::Job(job) => deliveries.extend(job(Ok((state, self.clock.now())))),
                    Message::Stop => self.stopping.set(true),
                }
                let more = !self.stopping.get() && deliveries.len() < BATCH;
                next = if more { self.messages.try_recv().ok() } else { None };
            }
            let committed = self.commit(disk, state, &mut deliveries);
            if self.stopping.get() {
                return Ok(());
            }
            committed.map_err(Failure::Commit)?;
            self.pulse.end();
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

    /// Opens the file again and again, after a first wait, and refuses what comes meanwhile. `None` when it is time to stop.
    fn reopen(&self, watched: &HashMap<ShowtimeId, usize>, mut wait: Duration) -> Option<(Disk, State)> {
        let mut told = String::new();
        loop {
            if self.refuse_for(wait).is_break() {
                return None;
            }
            let opened = Disk::open(&self.directory, Missing::Refuse).and_then(|disk| {
                disk.probe()?;
                self.understand(disk, watched)
            });
            match opened {
                Ok(opened) => return Some(opened),
                Err(error) => tell_reason(&error, &mut told),
            }
            wait = wait.max(RETRY);
        }
    }

    fn understand(&self, disk: Disk, watched: &HashMap<ShowtimeId, usize>) -> Result<(Disk, State), DiskError> {
        let mut state = read(&disk, &self.directory, self.rules)?;
        state.watch_all(watched.clone());
        Ok((disk, state))
    }

    /// Waits until there is a file that can be used: the one that was there, or another that somebody has put in its place. Until
    /// one is open nothing is let go: what is in memory may be all that there is.
    fn wait_for_file(&self, disk: Disk, state: State, mut rescued: Option<PathBuf>) -> Option<(Disk, State)> {
        let mut told = String::new();
        loop {
            match disk.place() {
                Place::Same => {
                    // Nobody needs it any more.
                    if let Some(rescued) = rescued {
                        let _ = std::fs::remove_file(rescued);
                    }
                    return Some((disk, state));
                }
                Place::Gone | Place::Overwritten => {}
                Place::Other => {
                    let opened = disk.open_successor().and_then(|disk| self.understand(disk, state.watched()));
                    match opened {
                        Ok(opened) => {
                            tracing::warn!("the store goes on with the file that was put in the place of its own");
                            return Some(opened);
                        }
                        Err(error) => tell_reason(&error, &mut told),
                    }
                }
            }
            if self.refuse_for(RETRY).is_break() {
                return None;
            }
            if rescued.is_none()
                && let Ok(saved) = disk.rescue(&state.everything(), self.clock.now())
            {
                tracing::warn!("what was in the store's file is saved in {}", saved.display());
                rescued = Some(saved);
            }
        }
    }

    /// Refuses what comes in this time. Breaks when it is time to stop.
    fn refuse_for(&self, time: Duration) -> ControlFlow<()> {
        if self.stopping.get() {
            return ControlFlow::Break(());
        }
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

/// Tells why the store still cannot write, once for each reason.
fn tell_reason(error: &DiskError, told: &mut String) {
    let reason = error.to_string();
    if *told != reason {
        tracing::warn!("the store still cannot write: {reason}");
        *told = reason;
    }
}

/// Why the thread cannot go on.
enum Failure {
    Commit(CommitError),
    /// The file is not what it was left as.
    Place(Place),
}

/// Waits that grow while one failure follows the other.
#[derive(Default)]
struct Retry {
    last: Option<Instant>,
    wait: Duration,
}

impl Retry {
    /// None after a while without failure, then from half a second to a quarter of a minute.
    fn next(&mut self) -> Duration {
        let again = self.last.is_some_and(|last| last.elapsed() < CALM);
        self.wait = if again { (self.wait * 2).clamp(RETRY, LONGEST_RETRY) } else { Duration::ZERO };
        self.last = Some(Instant::now());
        self.wait
    }
}

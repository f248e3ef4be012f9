//! The store inside the server: everything in memory, everything on disk before it is answered, nothing to install.
//!
//! `machine` decides, one showtime at a time, with the domain's transition function. `state` holds all of them. `worker` is the
//! one thread that runs them and commits; `disk` is the file. For one server: a second process on the same directory is refused.

mod clock;
mod directory_lock;
mod disk;
mod machine;
mod pulse;
mod state;
mod tables;
mod worker;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use self::clock::Clock;
pub use self::disk::DiskError;
use self::machine::Machine;
use self::pulse::Pulse;
use self::state::State;
use self::worker::{Delivery, Job, Message, Worker};
use super::{
    Booked, Changed, FEED_QUEUE, Facts, FeedHealth, FeedItem, Held, History, Imported, Outcome, Refused, SeatStore,
    ShowtimeView, StoreError, StoreHealth, Written,
};
use crate::domain::archive::Archive;
use crate::domain::diff::Diff;
use crate::domain::ids::{BookingId, ShowtimeId, UserId};
use crate::domain::plan::{PlanHash, SeatingPlan};
use crate::domain::position::Position;
use crate::domain::showtime::{Details, Rules};
use crate::domain::time::Timestamp;
use crate::lifecycle::Tasks;

/// Requests that wait for the thread. More are refused.
const QUEUE: usize = 8_192;
/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the thread's pulse is felt.
const PULSE_EVERY: Duration = Duration::from_millis(250);

/// What the store needs to know.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// The directory for its files; it is created when it is not there.
    pub directory: PathBuf,
    /// For showtimes that say nothing of their own.
    pub rules: Rules,
}

impl EmbeddedOptions {
    /// Checks that the store was made before.
    ///
    /// # Errors
    /// [`DiskError::Nothing`] when it was not.
    pub fn must_exist(&self) -> Result<(), DiskError> {
        let path = disk::file(&self.directory);
        if path.exists() { Ok(()) } else { Err(DiskError::Nothing(path.display().to_string())) }
    }
}

/// The store in this process.
pub struct EmbeddedStore {
    options: EmbeddedOptions,
    messages: SyncSender<Message>,
    clock: Clock,
    pulse: Arc<Pulse>,
}

/// Tells the thread to stop when the server's tasks are.
struct StopWhenDropped(SyncSender<Message>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        // The queue may be full. A thread that waits makes room; one that is gone needs no telling.
        let sender = self.0.clone();
        if let Err(TrySendError::Full(stop)) = sender.try_send(Message::Stop) {
            std::thread::spawn(move || sender.send(stop));
        }
    }
}

impl EmbeddedStore {
    /// Opens the store, with everything that is in it, and starts its thread.
    ///
    /// # Errors
    /// [`DiskError`] when the directory cannot be used.
    pub fn start(options: &EmbeddedOptions, tasks: &Tasks) -> Result<(Arc<Self>, mpsc::Receiver<FeedItem>), DiskError> {
        let (disk, state) = worker::open(&options.directory, options.rules)?;
        let path = disk::file(&options.directory);
        tracing::info!(path = %path.display(), showtimes = state.showtimes().count(), "opened the embedded store");
        let (messages, received) = sync_channel(QUEUE);
        let (news, feed) = mpsc::channel(FEED_QUEUE);
        let (clock, pulse) = (Clock::start(), Arc::new(Pulse::default()));
        let worker = Worker {
            directory: options.directory.clone(),
            rules: options.rules,
            clock,
            messages: received,
            news: news.clone(),
            pulse: Arc::clone(&pulse),
            stopping: Cell::new(false),
        };
        tasks.spawn_thread("embedded store", move || worker.run(disk, state));
        let stop = StopWhenDropped(messages.clone());
        let felt = Arc::clone(&pulse);
        tasks.spawn("embedded pulse", async move {
            let _stop = stop;
            feel(&felt, &news).await;
        });
        Ok((Arc::new(Self { options: options.clone(), messages, clock, pulse }), feed))
    }

    /// Has the thread do something, and waits until what came of it is on the disk.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut State, Timestamp) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |state| match state {
            Ok((state, now)) => {
                let found = question(state, now);
                Some(Box::new(move |committed: Result<(), StoreError>| drop(answer.send(committed.map(|()| found))))
                    as Delivery)
            }
            Err(error) => {
                drop(answer.send(Err(error)));
                None
            }
        });
        self.messages.try_send(Message::Job(job)).map_err(|error| {
            let full = matches!(error, TrySendError::Full(_));
            StoreError::Unavailable(if full { "too many requests wait" } else { "it was stopped" }.into())
        })?;
        match tokio::time::timeout(ANSWER_TIMEOUT, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::Unknown("it was stopped".into())),
            Err(_) => Err(StoreError::Unknown(format!("the disk took longer than {ANSWER_TIMEOUT:?}"))),
        }
    }

    /// Has the thread do something with a showtime.
    async fn on<T: Send + 'static>(
        &self,
        id: &ShowtimeId,
        operation: impl FnOnce(&mut Machine, Timestamp) -> Result<T, Refused> + Send + 'static,
    ) -> Outcome<T> {
        let id = id.clone();
        self.ask(move |state, now| state.on(&id, now, |machine| operation(machine, now))).await
    }

    /// Reads something of a showtime; `None` when there is none.
    async fn read<T: Send + 'static>(
        &self,
        id: &ShowtimeId,
        look: impl FnOnce(&Machine) -> T + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let id = id.clone();
        self.ask(move |state, now| state.showtime(&id, now).map(look)).await
    }
}

/// Tells the rooms whenever the thread falls ill or recovers.
async fn feel(pulse: &Pulse, news: &mpsc::Sender<FeedItem>) {
    let mut ticks = tokio::time::interval(PULSE_EVERY);
    let (mut told_well, mut recoveries) = (false, 0);
    loop {
        ticks.tick().await;
        let (well, seen) = (pulse.is_well(), pulse.recoveries());
        let mut items = Vec::new();
        if told_well && (!well || seen != recoveries) {
            items.push(FeedItem::Interrupted);
        }
        if well && (!told_well || seen != recoveries) {
            items.push(FeedItem::Restored);
        }
        (told_well, recoveries) = (well, seen);
        for item in items {
            if news.send(item).await.is_err() {
                // Nobody listens; the task lives on for what it holds.
                std::future::pending::<()>().await;
            }
        }
    }
}

#[async_trait]
impl SeatStore for EmbeddedStore {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn ids(&self) -> Result<Vec<ShowtimeId>, StoreError> {
        self.ask(|state, _| {
            let mut ids: Vec<_> = state.showtimes().map(|machine| machine.view().showtime.id.clone()).collect();
            ids.sort();
            ids
        })
        .await
    }

    async fn showtimes(&self) -> Result<Vec<Arc<ShowtimeView>>, StoreError> {
        self.ask(|state, _| {
            let mut views: Vec<_> = state.showtimes().map(|machine| Arc::clone(machine.view())).collect();
            views.sort_by(|a, b| {
                let key = |view: &ShowtimeView| (view.showtime.details.starts_at, view.showtime.id.clone());
                key(a).cmp(&key(b))
            });
            views
        })
        .await
    }

    async fn showtime(&self, id: &ShowtimeId) -> Result<Option<(Arc<ShowtimeView>, Position)>, StoreError> {
        self.read(id, |machine| (Arc::clone(machine.view()), machine.position().clone())).await
    }

    async fn put(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>) -> Outcome<Written> {
        let id = id.clone();
        self.ask(move |state, now| state.put(&id, details, plan, now)).await
    }

    async fn delete(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.ask(move |state, _| state.delete(&id)).await
    }

    async fn plan(&self, hash: &PlanHash) -> Result<Option<Arc<SeatingPlan>>, StoreError> {
        let hash = hash.clone();
        self.ask(move |state, _| state.plan(&hash)).await
    }

    async fn lock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let (seats, holder) = (seats.to_vec(), holder.clone());
        self.on(id, move |machine, now| machine.lock(&seats, &holder, now)).await
    }

    async fn unlock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Changed> {
        let (seats, holder) = (seats.to_vec(), holder.clone());
        self.on(id, move |machine, now| machine.unlock(&seats, &holder, now)).await
    }

    async fn extend(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let (seats, holder) = (seats.to_vec(), holder.clone());
        self.on(id, move |machine, now| machine.extend(&seats, &holder, now)).await
    }

    async fn book(&self, id: &ShowtimeId, seats: &[String], holder: &UserId, booking: &BookingId) -> Outcome<Booked> {
        let (seats, holder, booking) = (seats.to_vec(), holder.clone(), booking.clone());
        self.on(id, move |machine, now| machine.book(&seats, &holder, &booking, now)).await
    }

    async fn release(&self, id: &ShowtimeId, seats: &[String], booking: &BookingId) -> Outcome<Changed> {
        let (seats, booking) = (seats.to_vec(), booking.clone());
        self.on(id, move |machine, now| machine.release(&seats, &booking, now)).await
    }

    async fn block(&self, id: &ShowtimeId, seats: &[String], reason: &str) -> Outcome<Changed> {
        let (seats, reason) = (seats.to_vec(), reason.to_owned());
        self.on(id, move |machine, now| machine.block(&seats, &reason, now)).await
    }

    async fn unblock(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Changed> {
        let seats = seats.to_vec();
        self.on(id, move |machine, now| machine.unblock(&seats, now)).await
    }

    async fn facts(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Facts> {
        let seats = seats.to_vec();
        self.on(id, move |machine, now| machine.facts(&seats, now)).await
    }

    async fn export(&self, id: &ShowtimeId) -> Result<Option<Archive>, StoreError> {
        self.read(id, Machine::archive).await
    }

    async fn import(&self, archive: Archive) -> Result<Imported, StoreError> {
        self.ask(move |state, now| state.import(archive, now)).await
    }

    async fn snapshot(&self, id: &ShowtimeId) -> Result<Option<History>, StoreError> {
        self.read(id, Machine::history).await
    }

    async fn changes_since(&self, id: &ShowtimeId, since: &Position) -> Result<Option<Vec<Diff>>, StoreError> {
        let since = since.clone();
        Ok(self.read(id, move |machine| machine.changes_since(&since)).await?.flatten())
    }

    async fn positions(&self, seen: &[(ShowtimeId, Position)]) -> Result<Vec<Option<Position>>, StoreError> {
        // What was seen is on the disk: nothing can stand before it.
        let ids: Vec<ShowtimeId> = seen.iter().map(|(id, _)| id.clone()).collect();
        self.ask(move |state, now| {
            ids.iter().map(|id| state.showtime(id, now).map(|machine| machine.position().clone())).collect()
        })
        .await
    }

    async fn watch(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        let id = id.clone();
        self.ask(move |state, _| state.watch(&id)).await
    }

    async fn unwatch(&self, id: &ShowtimeId) {
        let id = id.clone();
        if let Err(error) = self.ask(move |state, _| state.unwatch(&id)).await {
            tracing::debug!(%error, "could not end a watch");
        }
    }

    fn feed_health(&self) -> FeedHealth {
        FeedHealth { connected: self.pulse.is_well(), probe_age: Some(self.pulse.busy()) }
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        let sent = Instant::now();
        let showtimes = self.ask(|state, _| state.showtimes().count()).await?;
        let latency = sent.elapsed();
        let path = disk::file(&self.options.directory);
        let mut facts = BTreeMap::from([
            ("file", path.display().to_string()),
            ("format", tables::FORMAT.to_string()),
            ("showtimes", showtimes.to_string()),
        ]);
        if let Ok(metadata) = std::fs::metadata(&path) {
            facts.insert("file_bytes", metadata.len().to_string());
        }
        if let Some(took) = self.pulse.last_commit() {
            facts.insert("last_commit_ms", format!("{:.1}", took.as_secs_f64() * 1_000.0));
        }
        Ok(StoreHealth { kind: "embedded", latency, facts, warnings: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rooms_are_told_of_a_failure_that_was_over_before_anybody_looked() {
        let pulse = Arc::new(Pulse::default());
        let (news, mut feed) = mpsc::channel(8);
        let watched = Arc::clone(&pulse);
        let feeling = tokio::spawn(async move { feel(&watched, &news).await });
        assert!(matches!(feed.recv().await, Some(FeedItem::Restored)));
        pulse.fail("full".into());
        pulse.recover();
        // What was committed and not told must be read.
        assert!(matches!(feed.recv().await, Some(FeedItem::Interrupted)));
        assert!(matches!(feed.recv().await, Some(FeedItem::Restored)));
        pulse.fail("full".into());
        assert!(matches!(feed.recv().await, Some(FeedItem::Interrupted)));
        pulse.recover();
        assert!(matches!(feed.recv().await, Some(FeedItem::Restored)));
        feeling.abort();
    }
}

//! Ending locks when they end. Deadline timers, key events, audits and the sweep all run one step, the `expire` script, which
//! ends what has ended, announces what was found, and changes nothing when it is run again, by this node or another.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use rand::RngExt;

use super::RedisStore;
use super::call::{Call, EPOCH_ATTEMPTS};
use super::scripts::{Reply, Word};
use super::watches::Due;
use crate::domain::ids::ShowtimeId;
use crate::store::{FeedItem, ShowtimeView, StoreError};

/// Seats in one run of the script: about a tenth of a millisecond of Redis when nothing changed.
const BATCH: usize = 500;
/// How often all showtimes are swept for locks that ended unnoticed, with up to as much again at random.
const SWEEP_EVERY: Duration = Duration::from_secs(4);
/// How often every seat of a watched showtime is compared with its lock key.
const AUDIT_EVERY: Duration = Duration::from_secs(60);
/// Showtimes that are swept side by side.
const SIDE_BY_SIDE: usize = 8;
/// Looks at due seats that go on side by side. Those that became due together are begun together, however many they are.
const LOOKS: usize = 64;

/// What set the step off; for the log.
#[derive(Clone, Copy, Debug)]
enum Signal {
    /// A deadline or a key event.
    Due,
    Sweep,
    Audit,
}

impl RedisStore {
    /// Looks at seats as they become due, for ever.
    ///
    /// A showtime whose server does not answer is waited for, and the others go on.
    pub(super) async fn expire_due(&self) {
        let mut looking = FuturesUnordered::new();
        let mut busy = HashSet::new();
        loop {
            while looking.len() >= LOOKS
                && let Some(showtime) = looking.next().await
            {
                busy.remove(&showtime);
            }
            let rearmed = self.rearmed.notified();
            let next = self.watches.lock().next_due();
            let wait = next.map(|at| at.since(self.clock.now()));
            if wait.is_some_and(|wait| wait.is_zero()) {
                let now = self.clock.now();
                let mut watches = self.watches.lock();
                for due in watches.take_due(now) {
                    if busy.insert(due.showtime.clone()) {
                        looking.push(self.look(due));
                    } else {
                        watches.look_again(&due.showtime, &due.seats, now);
                    }
                }
                continue;
            }
            tokio::select! {
                () = rearmed => {}
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
                Some(showtime) = looking.next() => {
                    busy.remove(&showtime);
                }
            }
        }
    }

    async fn look(&self, due: Due) -> ShowtimeId {
        let Due { showtime, view, seats } = due;
        if let Err(error) = self.expire(&showtime, &view, &seats, Signal::Due).await {
            tracing::debug!(%showtime, %error, "could not look at due seats");
            self.watches.lock().look_again(&showtime, &seats, self.clock.now());
        }
        showtime
    }

    /// Sweeps all showtimes for locks whose deadline has passed, watched or not, for ever.
    pub(super) async fn sweep(&self) {
        loop {
            let jitter = rand::rng().random_range(0.0..=1.0);
            tokio::time::sleep(SWEEP_EVERY + SWEEP_EVERY.mul_f64(jitter)).await;
            if let Err(error) = self.sweep_once().await {
                tracing::debug!(%error, "could not sweep");
            }
        }
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        let ids = self.catalog.ids().await?;
        let before = self.clock.now().as_millis() - 1_000;
        let mut swept = stream::iter(ids).map(|id| self.sweep_showtime(id, before)).buffer_unordered(SIDE_BY_SIDE);
        while let Some((id, swept)) = swept.next().await {
            // In a cluster others may be swept all the same.
            match swept {
                Err(StoreError::Broken(error)) => tracing::error!(showtime = %id, error, "a showtime was not swept"),
                Err(error) => tracing::debug!(showtime = %id, %error, "a showtime was not swept"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    async fn sweep_showtime(&self, id: ShowtimeId, before: i64) -> (ShowtimeId, Result<(), StoreError>) {
        let swept = async {
            let key = self.keys.deadlines(&id);
            let mut command = redis::cmd("ZRANGEBYSCORE");
            command.arg(&key).arg("-inf").arg(before).arg("LIMIT").arg(0).arg(BATCH);
            let seats: Vec<u32> = self.link.query(&key, &command).await?;
            if seats.is_empty() {
                return Ok(());
            }
            match self.catalog.get(&id).await? {
                Some(known) => self.expire(&id, &known.view, &seats, Signal::Sweep).await,
                None => Ok(()),
            }
        };
        let swept = swept.await;
        (id, swept)
    }

    /// Audits all watched showtimes again and again, one at a time, for ever.
    pub(super) async fn audit_watched(&self) {
        loop {
            let ids = self.watches.lock().ids();
            let pause = AUDIT_EVERY / u32::try_from(ids.len().max(1)).unwrap_or(u32::MAX);
            if ids.is_empty() {
                tokio::time::sleep(pause).await;
            }
            for id in ids {
                tokio::time::sleep(pause).await;
                if let Err(error) = self.audit(&id).await {
                    tracing::debug!(showtime = %id, %error, "could not audit");
                }
            }
        }
    }

    /// Compares every seat of a watched showtime with its lock key and announces what differs: what other programs did
    /// while nobody listened.
    pub(super) async fn audit(&self, id: &ShowtimeId) -> Result<(), StoreError> {
        for _ in 0..EPOCH_ATTEMPTS {
            let Some(view) = self.watches.lock().view(id) else { return Ok(()) };
            let all: Vec<u32> = (0..view.showtime.seat_count).collect();
            self.expire(id, &view, &all, Signal::Audit).await?;
            match self.catalog.get(id).await? {
                Some(known) if known.view.showtime.plan != view.showtime.plan => {
                    self.watches.lock().renew(id, known.view);
                }
                Some(_) | None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Looks at seats whose locks may have ended.
    pub(super) async fn look_at(&self, id: &ShowtimeId, view: &ShowtimeView, seats: &[u32]) -> Result<(), StoreError> {
        self.expire(id, view, seats, Signal::Due).await
    }

    /// The one step, over any number of seats.
    async fn expire(
        &self,
        id: &ShowtimeId,
        view: &ShowtimeView,
        seats: &[u32],
        signal: Signal,
    ) -> Result<(), StoreError> {
        // Only a foreign hand in Redis can name a seat that the plan does not have.
        let seats: Vec<u32> = seats.iter().copied().filter(|seat| *seat < view.showtime.seat_count).collect();
        for batch in seats.chunks(BATCH) {
            let Some(mut reply) = self.run_expire(id, view, batch).await? else { return Ok(()) };
            let (position, _) = reply.stand()?;
            let (ended, found): (u32, u32) = (reply.take()?, reply.take()?);
            let deadlines: Vec<i64> = reply.take()?;
            self.watches.lock().note_reply(id, &position, batch, &deadlines);
            self.rearmed.notify_one();
            if ended > 0 {
                tracing::info!(showtime = %id, count = ended, ?signal, "released locks that have ended");
            }
            if found > 0 {
                tracing::info!(showtime = %id, count = found, ?signal, "found locks that another program placed");
            }
        }
        Ok(())
    }

    /// Runs the script; `None` when the showtime is gone or has another plan, which its publication says to whoever watches.
    async fn run_expire(
        &self,
        id: &ShowtimeId,
        view: &ShowtimeView,
        seats: &[u32],
    ) -> Result<Option<Reply>, StoreError> {
        for _ in 0..EPOCH_ATTEMPTS {
            // An index stands for another seat once the plan was replaced.
            let Some(epoch) = self.catalog.epoch_of(id, &view.showtime.plan).await? else { return Ok(None) };
            let call = Call::new(&self.scripts.expire, &self.keys, id).at(&epoch).on_seats(&view.plan, seats);
            let reply = self.invoke(call).await?;
            match reply.word {
                Word::Ok => return Ok(Some(reply)),
                Word::Epoch => self.catalog.forget(id),
                Word::Gone => {
                    self.catalog.forget(id);
                    // Whoever removed it may not have said so: Redis was flushed, perhaps.
                    if self.watches.lock().contains(id) {
                        let _ = self.items.send(FeedItem::Gone { showtime: id.clone() }).await;
                    }
                    return Ok(None);
                }
                other => return Err(StoreError::Broken(format!("expire replied {other:?}"))),
            }
        }
        Ok(None)
    }
}

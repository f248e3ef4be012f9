//! The subscriber: one connection of our own that hears the watched showtimes' channels, key events, and its own probe.
//!
//! It reconnects for ever, and trusts nothing but the probe: a nonce that went out through the command connection and came
//! back through this one. It listens at the server that commands go to, and follows them to another. Between a loss and the next probe that comes back the feed is interrupted, and says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use parking_lot::Mutex;
use redis::aio::{PubSubSink, PubSubStream};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::backoff::Backoff;
use super::entry::Publication;
use super::keyspace::{self, KeyEvent};
use super::link::CONNECT_TIMEOUT;
use super::{RedisStore, redis_time};
use crate::domain::ids::ShowtimeId;
use crate::domain::position::{Epoch, Position};
use crate::store::{FeedHealth, FeedItem, StoreError};

/// How often a probe is sent while they come back, and until one does.
const PROBE_EVERY: Duration = Duration::from_secs(2);
const FIRST_PROBES_EVERY: Duration = Duration::from_millis(100);
/// How long a probe may take to come back.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the server may take to confirm a subscription.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(3);
/// Channels in one SUBSCRIBE.
const SUBSCRIBE_BATCH: usize = 500;

/// What is shared between the subscriber and those who ask it for something.
#[derive(Default)]
pub struct Feed {
    /// Where subscriptions go; `None` while disconnected. Held for a clone or a replacement, never across an await.
    sink: Mutex<Option<PubSubSink>>,
    /// One subscription at a time, so that a channel's last word is the one that counts.
    subscribing: tokio::sync::Mutex<()>,
    /// When the last probe came back; `None` before the first.
    probed: Mutex<Option<Instant>>,
    /// Whether the feed carries everything.
    live: AtomicBool,
    /// Told when a probe found nobody who listens where commands go.
    elsewhere: Notify,
}

impl Feed {
    /// How the feed does.
    pub fn health(&self) -> FeedHealth {
        FeedHealth {
            connected: self.live.load(Ordering::Relaxed),
            probe_age: self.probed.lock().map(|at| at.elapsed()),
        }
    }
}

/// Why a connection to the feed ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{0}")]
    Redis(#[from] redis::RedisError),
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("the server closed the connection")]
    Closed,
    #[error("a probe did not come back within {PROBE_TIMEOUT:?}")]
    Probe,
    #[error("commands go to another server")]
    Elsewhere,
}

impl RedisStore {
    /// Keeps the feed going, for ever.
    pub(super) async fn keep_feed(&self) {
        let mut backoff = Backoff::default();
        let mut told = false;
        loop {
            let began = Instant::now();
            let Err(ended) = self.listen(&mut told).await else { continue };
            *self.feed.sink.lock() = None;
            self.watches.lock().forget_echoes();
            let was_live = self.feed.live.swap(false, Ordering::Relaxed);
            // While there is no command connection, the link has said why.
            if was_live || (!told && self.link.is_connected()) {
                tracing::warn!(%ended, after = ?began.elapsed(), "the feed is interrupted");
                told = true;
            }
            if was_live {
                backoff = Backoff::default();
                if self.items.send(FeedItem::Interrupted).await.is_err() {
                    return;
                }
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn listen(&self, told: &mut bool) -> Result<(), Ended> {
        let mut servers = self.link.server();
        let server = servers.wait_for(Option::is_some).await.map_err(|_| Ended::Closed)?.clone();
        let client = server.ok_or(Ended::Closed)?;
        tokio::select! {
            heard = self.listen_at(&client, told) => heard,
            () = left(&mut servers, &client) => Err(Ended::Elsewhere),
        }
    }

    /// Listens at the server that commands go to.
    async fn listen_at(&self, client: &redis::Client, told: &mut bool) -> Result<(), Ended> {
        let connecting = timeout(CONNECT_TIMEOUT, client.get_async_pubsub()).await;
        let (sink, mut messages) = connecting.map_err(|_| Ended::Timeout(CONNECT_TIMEOUT))??.split();
        let mut channels = keyspace::channels(self.database);
        channels.push(self.keys.probe(&self.node));
        subscribe(&sink, &channels).await?;
        // From here on a watch subscribes by itself; those that stand already are subscribed now.
        *self.feed.sink.lock() = Some(sink.clone());
        let watched: Vec<String> = self.watches.lock().ids().iter().map(|id| self.keys.diffs(id)).collect();
        for batch in watched.chunks(SUBSCRIBE_BATCH) {
            subscribe(&sink, batch).await?;
        }
        self.hear(&mut messages, told).await
    }

    /// Hears messages until the connection is no good any more.
    async fn hear(&self, messages: &mut PubSubStream, told: &mut bool) -> Result<(), Ended> {
        let probe_channel = self.keys.probe(&self.node);
        let mut heard = tokio::time::Instant::now();
        let mut next_probe = heard;
        loop {
            tokio::select! {
                message = messages.next() => {
                    let message = message.ok_or(Ended::Closed)?;
                    let channel = message.get_channel_name();
                    if channel == probe_channel {
                        heard = tokio::time::Instant::now();
                        *self.feed.probed.lock() = Some(Instant::now());
                        if !self.feed.live.swap(true, Ordering::Relaxed) {
                            self.restored(told).await?;
                        }
                    } else if let Some(item) = self.understand(channel, message.get_payload_bytes()) {
                        self.items.send(item).await.map_err(|_| Ended::Closed)?;
                    }
                }
                () = tokio::time::sleep_until(next_probe) => {
                    self.send_probe();
                    let live = self.feed.live.load(Ordering::Relaxed);
                    let wait = if live { PROBE_EVERY } else { FIRST_PROBES_EVERY };
                    next_probe = tokio::time::Instant::now() + wait;
                }
                () = self.feed.elsewhere.notified() => return Err(Ended::Elsewhere),
                () = tokio::time::sleep_until(heard + PROBE_EVERY + PROBE_TIMEOUT) => return Err(Ended::Probe),
            }
        }
    }

    async fn restored(&self, told: &mut bool) -> Result<(), Ended> {
        if std::mem::take(told) {
            tracing::info!("the feed is restored");
        }
        self.items.send(FeedItem::Restored).await.map_err(|_| Ended::Closed)?;
        if let Some(store) = self.myself.upgrade() {
            tokio::spawn(async move { store.audit_all().await });
        }
        Ok(())
    }

    /// Looks at everything that is watched: key events may have been missed.
    async fn audit_all(self: Arc<Self>) {
        let ids = self.watches.lock().ids();
        for id in ids {
            if let Err(error) = self.audit(&id).await {
                tracing::debug!(showtime = %id, %error, "could not audit");
            }
        }
    }

    /// Sends a probe through the command connection, without waiting: it comes back through the feed or it does not.
    fn send_probe(&self) {
        let Some(store) = self.myself.upgrade() else { return };
        tokio::spawn(async move {
            let mut probe = store.probe.prepare_invoke();
            probe.arg(store.keys.probe(&store.node));
            let sent = Instant::now();
            let listening = store.feed.sink.lock().is_some();
            let answer: Result<(i64, i64, u32), StoreError> =
                store.link.run(async |mut link| probe.invoke_async(&mut link).await).await;
            match answer {
                Ok((seconds, micros, listeners)) => {
                    store.clock.observe(redis_time((seconds, micros)), sent);
                    // A replica passes messages on, too: the probe comes back, and key events do not.
                    if listeners == 0 && listening {
                        store.feed.elsewhere.notify_one();
                    }
                }
                Err(error) => tracing::debug!(%error, "could not send a probe"),
            }
        });
    }

    /// What a message means to those who listen to the feed. Key events stay here: they only set the expire step off.
    fn understand(&self, channel: &str, payload: &[u8]) -> Option<FeedItem> {
        if let Some(event) = keyspace::event_of_channel(channel) {
            self.hear_key(event, payload);
            return None;
        }
        let showtime = self.keys.showtime_of_channel(channel)?;
        match Publication::read(payload) {
            Ok(Publication::Change { diff, own }) => {
                let mut watches = self.watches.lock();
                if watches.goes_back(&showtime, &diff.position) {
                    self.end_epoch(showtime.clone(), diff.position.epoch.clone());
                }
                watches.note_diff(&showtime, &diff, own);
                drop(watches);
                self.rearmed.notify_one();
                Some(FeedItem::Diff { showtime, diff })
            }
            Ok(Publication::Reset) => {
                self.watches.lock().forget(&showtime);
                self.renew(showtime.clone());
                Some(FeedItem::Reset { showtime })
            }
            Ok(Publication::Gone) => {
                self.catalog.forget(&showtime);
                Some(FeedItem::Gone { showtime })
            }
            Err(error) => {
                tracing::error!(%showtime, %error, "a publication was passed over; the showtime is read anew");
                Some(FeedItem::Reset { showtime })
            }
        }
    }

    fn hear_key(&self, event: KeyEvent, payload: &[u8]) {
        let Ok(key) = std::str::from_utf8(payload) else { return };
        let Some((showtime, seat)) = self.keys.seat_of_lock(key) else { return };
        self.watches.lock().note_event(&showtime, seat, event, self.clock.now());
        self.rearmed.notify_one();
    }

    /// Has the showtime begin a new epoch, unless it has already: its history went back, and the numbers that follow would be
    /// taken for those that were seen before.
    fn end_epoch(&self, id: ShowtimeId, epoch: Epoch) {
        let Some(store) = self.myself.upgrade() else { return };
        tracing::warn!(showtime = %id, "redis has lost changes of this showtime: it begins a new epoch");
        tokio::spawn(async move {
            let beyond_all = Position::new(epoch, u64::MAX);
            let mut backoff = Backoff::default();
            while let Err(error) = store.position(&id, &beyond_all).await {
                tracing::debug!(showtime = %id, %error, "could not begin a new epoch");
                tokio::time::sleep(backoff.next()).await;
            }
        });
    }

    /// Reads a replaced showtime's description anew and looks at its seats.
    fn renew(&self, id: ShowtimeId) {
        self.catalog.forget(&id);
        let Some(store) = self.myself.upgrade() else { return };
        tokio::spawn(async move {
            let renewed = async {
                if let Some((known, _)) = store.catalog.read(&id).await? {
                    store.watches.lock().renew(&id, known.view);
                }
                store.audit(&id).await
            };
            if let Err(error) = renewed.await {
                tracing::debug!(showtime = %id, %error, "could not read a replaced showtime");
            }
        });
    }

    /// Makes the server's subscription to a showtime's channel what the watches say it should be.
    pub(super) async fn sync_subscription(&self, id: &ShowtimeId) -> Result<(), StoreError> {
        let _one_at_a_time = self.feed.subscribing.lock().await;
        let sink = self.feed.sink.lock().clone();
        let Some(mut sink) = sink else {
            return Err(StoreError::Unavailable("the feed is interrupted".into()));
        };
        let channel = self.keys.diffs(id);
        let watched = self.watches.lock().contains(id);
        let change = async { if watched { sink.subscribe(channel).await } else { sink.unsubscribe(channel).await } };
        match timeout(SUBSCRIBE_TIMEOUT, change).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("the feed does not confirm subscriptions".into())),
        }
    }
}

/// Waits until commands go to another server than this one.
async fn left(servers: &mut watch::Receiver<Option<redis::Client>>, server: &redis::Client) {
    let here = server.get_connection_info().addr();
    let moved = |now: &Option<redis::Client>| now.as_ref().is_some_and(|now| now.get_connection_info().addr() != here);
    if servers.wait_for(moved).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn subscribe(sink: &PubSubSink, channels: &[String]) -> Result<(), Ended> {
    let mut sink = sink.clone();
    let confirmed = timeout(SUBSCRIBE_TIMEOUT, sink.subscribe(channels)).await;
    Ok(confirmed.map_err(|_| Ended::Timeout(SUBSCRIBE_TIMEOUT))??)
}

//! What Redis tells by itself: what the stations hear, put together. In a cluster there is a station for each primary, and the feed
//! is live only while all of them are and every slot has a server. Between that and the next time that it is so the feed is
//! interrupted, and says so.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::RedisStore;
use super::backoff::Backoff;
use super::entry::Publication;
use super::keyspace::{self, KeyEvent};
use super::slots::{Endpoint, Layout, slot_of};
use super::station::{Station, Told};
use super::watches::Watches;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::{Epoch, Position};
use crate::store::{FeedHealth, FeedItem, StoreError};

/// Word of stations that waits to be heard; they wait when it is full.
const TOLD_QUEUE: usize = 64;

/// What is shared between the stations and those who ask them for something.
#[derive(Default)]
pub struct Feed {
    /// A station for each server. Held for a look or a change, never across an await.
    stations: Mutex<BTreeMap<Endpoint, Standing>>,
    /// One subscription at a time, so that a channel's last word is the one that counts.
    subscribing: tokio::sync::Mutex<()>,
    /// Whether the feed carries everything.
    live: AtomicBool,
}

struct Standing {
    station: Arc<Station>,
    live: bool,
    task: AbortHandle,
}

impl Feed {
    /// How the feed does: as the station that does worst.
    pub fn health(&self) -> FeedHealth {
        let stations = self.stations.lock();
        let oldest = stations.values().map(|standing| standing.station.probed()).min().flatten();
        FeedHealth { connected: self.live.load(Ordering::Relaxed), probe_age: oldest.map(|at| at.elapsed()) }
    }

    fn note(&self, told: Told) {
        let mut stations = self.stations.lock();
        if let Some(standing) = stations.values_mut().find(|standing| standing.station.number == told.number) {
            standing.live = told.live;
        }
    }

    fn is_complete(&self, layout: &Layout) -> bool {
        layout.is_whole() && self.stations.lock().values().all(|standing| standing.live)
    }

    fn station(&self, server: &Endpoint) -> Option<Arc<Station>> {
        self.stations.lock().get(server).map(|standing| Arc::clone(&standing.station))
    }
}

impl RedisStore {
    /// Keeps the feed going, for ever.
    pub(super) async fn keep_feed(&self) {
        let (tell, mut told) = mpsc::channel(TOLD_QUEUE);
        let (mut layout, mut tasks) = (self.link.layout(), JoinSet::new());
        let mut followed = layout.borrow_and_update().clone();
        self.follow(&followed, &tell, &mut tasks);
        loop {
            // Not by a newer layout, whose servers have no stations yet.
            if self.announce(&followed).await.is_err() {
                return;
            }
            tokio::select! {
                changed = layout.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    followed.clone_from(&layout.borrow_and_update());
                    self.follow(&followed, &tell, &mut tasks);
                }
                Some(word) = told.recv() => self.feed.note(word),
                Some(Err(ended)) = tasks.join_next() => if ended.is_panic() {
                    std::panic::resume_unwind(ended.into_panic());
                },
            }
        }
    }

    /// Has a station for each server that has slots. One that carries a showtime that is not its own any more, or lacks one that
    /// is, begins anew: what was said in between is lost.
    fn follow(&self, layout: &Layout, tell: &mpsc::Sender<Told>, tasks: &mut JoinSet<()>) {
        let Some(store) = self.myself.upgrade() else { return };
        let mut stations = self.feed.stations.lock();
        stations.retain(|server, standing| {
            let stays = layout.primaries().contains(server);
            if !stays {
                standing.task.abort();
            }
            stays
        });
        for server in layout.primaries() {
            let former = stations.get(server);
            if former.is_some_and(|standing| !standing.station.carries_others_than(&self.watched_at(server))) {
                continue;
            }
            if let Some(former) = former {
                tracing::info!(%server, "slots of watched showtimes have moved: hearing the server anew");
                former.task.abort();
            }
            let probed = former.and_then(|standing| standing.station.probed());
            let station = Station::new(server.clone(), probed, tell.clone());
            let task = tasks.spawn(Arc::clone(&store).keep_station(Arc::clone(&station)));
            stations.insert(server.clone(), Standing { station, live: false, task });
        }
    }

    /// The watched showtimes that a server has.
    pub(super) fn watched_at(&self, server: &Endpoint) -> HashSet<ShowtimeId> {
        let layout = self.link.layout().borrow().clone();
        let ids = self.watches.lock().ids().into_iter();
        ids.filter(|id| layout.owner(slot_of(&self.keys.diffs(id))) == Some(server)).collect()
    }

    /// Tells the rooms when the feed is interrupted, and when it carries everything again.
    async fn announce(&self, layout: &Layout) -> Result<(), mpsc::error::SendError<FeedItem>> {
        let complete = self.feed.is_complete(layout);
        if self.feed.live.swap(complete, Ordering::Relaxed) == complete {
            return Ok(());
        }
        if !complete {
            return self.items.send(FeedItem::Interrupted).await;
        }
        tracing::info!("the feed is live");
        self.items.send(FeedItem::Restored).await?;
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

    /// What a message means to those who listen to the feed. Key events stay here: they only set the expire step off.
    pub(super) fn understand(&self, channel: &str, payload: &[u8]) -> Option<FeedItem> {
        if let Some(event) = keyspace::event_of_channel(channel) {
            self.hear_key(event, payload);
            return None;
        }
        let showtime = self.keys.showtime_of_channel(channel)?;
        match Publication::read(payload) {
            Ok(Publication::Change { diff, own }) => {
                self.note(|watches| {
                    if watches.goes_back(&showtime, &diff.position) {
                        self.end_epoch(showtime.clone(), diff.position.epoch.clone());
                    }
                    watches.note_diff(&showtime, &diff, own);
                });
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
        self.note(|watches| watches.note_event(&showtime, seat, event, self.clock.now()));
    }

    /// Takes note of something, and wakes who waits for seats to become due if one is due earlier by that. Most deadlines are
    /// behind others.
    fn note(&self, take_note: impl FnOnce(&mut Watches)) {
        let mut watches = self.watches.lock();
        let before = watches.next_due();
        take_note(&mut watches);
        let next = watches.next_due();
        drop(watches);
        if next.is_some_and(|next| before.is_none_or(|before| next < before)) {
            self.rearmed.notify_one();
        }
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

    /// Makes the subscription to a showtime's channel what the watches say it should be.
    pub(super) async fn sync_subscription(&self, id: &ShowtimeId) -> Result<(), StoreError> {
        let _one_at_a_time = self.feed.subscribing.lock().await;
        let channel = self.keys.diffs(id);
        let layout = self.link.layout().borrow().clone();
        let station = layout.owner(slot_of(&channel)).and_then(|server| self.feed.station(server));
        let watched = self.watches.lock().contains(id);
        let Some(voice) = station.as_ref().and_then(|station| station.note(id, watched)) else {
            return Err(StoreError::Unavailable("the feed is interrupted".into()));
        };
        let changed = if watched { voice.join(&[channel]).await } else { voice.leave(&channel).await };
        changed.map_err(|error| {
            self.link.look_again();
            StoreError::Unavailable(error.to_string())
        })
    }
}

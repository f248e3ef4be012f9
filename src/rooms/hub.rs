//! The registry of rooms: opens one for the first viewer, hands the feed's items out, closes what is empty.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

use super::JoinError;
use super::live::Live;
use super::room::{Phase, Room};
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::lifecycle::Tasks;
use crate::store::{FeedItem, SeatStore, StoreError};

/// Rooms that read the store at the same time; the others wait for their turn, so that an outage ends without a stampede.
const READS_AT_ONCE: usize = 16;
/// How long a viewer waits for a room that is being read.
const READY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a viewer who has seen more than the room waits for the room to read it.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(1);

/// How rooms behave.
#[derive(Clone, Copy, Debug)]
pub struct HubOptions {
    /// How long a room stays open, at least, after the last viewer left or the last poller asked; at most twice as long.
    pub linger: Duration,
}

/// All rooms of this process.
pub struct Hub {
    pub(super) store: Arc<dyn SeatStore>,
    pub(super) options: HubOptions,
    rooms: DashMap<ShowtimeId, Arc<Room>>,
    reads: Semaphore,
    /// Whether the feed carries everything. Changed before the rooms are told, so that a room that is read in between ends
    /// up stale.
    feed_live: AtomicBool,
    gaps: AtomicU64,
    tasks: Tasks,
}

/// Being in a room. Dropping it leaves.
#[derive(Debug)]
pub struct Membership {
    room: Arc<Room>,
}

impl Membership {
    /// The room.
    pub fn room(&self) -> &Room {
        &self.room
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if self.room.members.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.room.wake.notify_one();
        }
    }
}

impl Hub {
    /// A registry without rooms, fed from `feed`.
    pub fn start(
        store: Arc<dyn SeatStore>,
        feed: mpsc::Receiver<FeedItem>,
        options: HubOptions,
        tasks: &Tasks,
    ) -> Arc<Self> {
        let hub = Arc::new(Self {
            store,
            options,
            rooms: DashMap::new(),
            reads: Semaphore::new(READS_AT_ONCE),
            feed_live: AtomicBool::new(false),
            gaps: AtomicU64::new(0),
            tasks: tasks.clone(),
        });
        tasks.spawn("rooms feed", Arc::clone(&hub).hand_out(feed));
        tasks.spawn("rooms comparison", Arc::clone(&hub).compare());
        hub
    }

    /// How many rooms are open.
    pub fn room_count(&self) -> usize {
        self.rooms.len()
    }

    /// Looks at a room that is open and was read, without entering it.
    pub fn peek<T>(&self, id: &ShowtimeId, look: impl FnOnce(&Live) -> T) -> Option<T> {
        let room = self.rooms.get(id).map(|entry| Arc::clone(entry.value()))?;
        room.look(|live, _| look(live))
    }

    /// Looks at a room that is open and was read, and says since when it is stale, if it is. The room stays open as if somebody had
    /// just left it; its keeper is not woken for that.
    pub fn poll<T>(&self, id: &str, look: impl FnOnce(&Live, Option<Timestamp>) -> T) -> Option<T> {
        let entry = self.rooms.get(id)?;
        // Under the entry, as the room is closed under it.
        entry.polled.store(true, Ordering::Relaxed);
        let room = Arc::clone(entry.value());
        drop(entry);
        room.look(look)
    }

    /// Enters a showtime's room, opening it if need be, and waits until its map was read.
    ///
    /// # Errors
    /// [`JoinError`] when there is no such showtime, or it was never read and the store does not answer.
    pub async fn enter(self: &Arc<Self>, id: &ShowtimeId) -> Result<Membership, JoinError> {
        let membership = self.member(id);
        if membership.room.is_live() {
            return Ok(membership);
        }
        let mut phases = membership.room.phases();
        let phase = tokio::time::timeout(READY_TIMEOUT, phases.wait_for(|phase| !matches!(phase, Phase::Loading)));
        let phase = match phase.await {
            Ok(Ok(phase)) => phase.clone(),
            Ok(Err(_)) | Err(_) => Phase::Away(StoreError::Unavailable("the showtime is still being read".into())),
        };
        match phase {
            Phase::Live => Ok(membership),
            Phase::Gone => Err(JoinError::UnknownShowtime),
            Phase::Away(error) => Err(JoinError::Store(error)),
            Phase::Loading => Err(JoinError::Store(StoreError::Unavailable("the showtime is being read".into()))),
        }
    }

    /// Waits for the room to read the store if a viewer has seen more than the room has, on another node perhaps.
    pub async fn catch_up(&self, room: &Room, since: &Position) {
        let behind = |room: &Room| {
            let ahead = |position: &Position| position.epoch == since.epoch && position.seq < since.seq;
            room.look(|live, _| ahead(live.position())).unwrap_or(false)
        };
        if !behind(room) {
            return;
        }
        let mut reads = room.reads.subscribe();
        room.read_again();
        let _ = tokio::time::timeout(CATCH_UP_TIMEOUT, reads.changed()).await;
    }

    /// Counts one more in the room. The count is changed under the registry's entry, so that no room is closed under it.
    fn member(self: &Arc<Self>, id: &ShowtimeId) -> Membership {
        let room = match self.rooms.entry(id.clone()) {
            dashmap::Entry::Occupied(entry) => {
                entry.get().members.fetch_add(1, Ordering::AcqRel);
                return Membership { room: Arc::clone(entry.get()) };
            }
            dashmap::Entry::Vacant(entry) => {
                let stale_since = (!self.feed_live.load(Ordering::Acquire)).then(|| self.store.now());
                let room = Room::new(id.clone(), stale_since);
                room.members.fetch_add(1, Ordering::AcqRel);
                entry.insert(Arc::clone(&room));
                room
            }
        };
        self.tasks.spawn("room", Arc::clone(self).keep(Arc::clone(&room)));
        Membership { room }
    }

    /// Takes the room out of the registry if nobody is in it, and nobody has polled since it was last tried. `true` when it is out.
    pub(super) fn close_if_empty(&self, room: &Arc<Room>) -> bool {
        let empty = |open: &Room| open.members() == 0 && !open.polled.swap(false, Ordering::Relaxed);
        self.rooms.remove_if(&room.id, |_, open| Arc::ptr_eq(open, room) && empty(open)).is_some()
    }

    /// Takes the room out of the registry, if it is there.
    pub(super) fn remove(&self, room: &Arc<Room>) {
        self.rooms.remove_if(&room.id, |_, open| Arc::ptr_eq(open, room));
    }

    pub(super) async fn paced(&self) -> SemaphorePermit<'_> {
        self.reads.acquire().await.expect("the semaphore is never closed")
    }

    /// How often a room turned out to lack something that the feed should have brought. It was read then; but a feed that is
    /// well loses nothing.
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    pub(super) fn note_gaps(&self, count: u64) {
        tracing::warn!(count, "the feed seemed well, and left changes out; they were read");
        self.gaps.fetch_add(count, Ordering::Relaxed);
    }

    /// Whether the feed carries everything, as far as it is known.
    pub(super) fn is_feed_live(&self) -> bool {
        self.feed_live.load(Ordering::Acquire)
    }

    /// The open rooms.
    pub(super) fn open_rooms(&self) -> Vec<Arc<Room>> {
        self.rooms.iter().map(|entry| Arc::clone(entry.value())).collect()
    }

    /// The room holds what the store has, and the feed carries what comes.
    pub(super) fn mark_fresh(&self, room: &Room) {
        if self.feed_live.load(Ordering::Acquire) {
            room.settle();
            room.set_stale(None);
        }
        if !self.feed_live.load(Ordering::Acquire) {
            room.unsettle();
            room.set_stale(Some(self.store.now()));
        }
    }

    async fn hand_out(self: Arc<Self>, mut feed: mpsc::Receiver<FeedItem>) {
        while let Some(item) = feed.recv().await {
            match item {
                FeedItem::Diff { showtime, diff } => self.with(&showtime, |room| {
                    if !room.hear(diff) {
                        self.note_gaps(1);
                    }
                }),
                // What became of a removed showtime is read too: it may have been created anew.
                FeedItem::Reset { showtime } | FeedItem::Gone { showtime } => self.with(&showtime, Room::read_again),
                FeedItem::Interrupted => {
                    self.feed_live.store(false, Ordering::Release);
                    // What came after the last probe may have been lost already.
                    let unproven = self.store.feed_health().probe_age.unwrap_or_default();
                    let since = self.store.now().minus(unproven);
                    self.each(|room| {
                        room.unsettle();
                        room.set_stale(Some(since));
                    });
                }
                FeedItem::Restored => {
                    self.feed_live.store(true, Ordering::Release);
                    self.each(Room::read_again);
                }
            }
        }
    }

    fn with(&self, id: &ShowtimeId, tell: impl FnOnce(&Room)) {
        let room = self.rooms.get(id).map(|entry| Arc::clone(entry.value()));
        if let Some(room) = room {
            tell(&room);
        }
    }

    fn each(&self, tell: impl Fn(&Room)) {
        for room in self.open_rooms() {
            tell(&room);
        }
    }
}

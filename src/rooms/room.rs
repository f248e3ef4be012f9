//! One showtime's room: its map, its recent history, and what to do with everything it hears. No I/O and no runtime here,
//! but for the channel that carries messages to viewers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, broadcast, watch};

use super::update::{Body, Update};
use crate::domain::diff::Diff;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::snapshot::{Applied, Snapshot};
use crate::domain::time::Timestamp;
use crate::store::{History, ShowtimeView, StoreError};

/// Messages that wait for the slowest viewer of a room. One who falls behind further gets a snapshot instead.
const QUEUE: usize = 512;
/// Diffs that are kept for viewers who come back, and the changes in all of them together.
const RECENT_DIFFS: usize = 1_000;
const RECENT_CHANGES: usize = 20_000;

/// Whether a room can be looked at.
#[derive(Clone, Debug)]
pub enum Phase {
    Loading,
    Live,
    /// It was never read, and the store does not answer.
    Away(StoreError),
    /// There is no such showtime (any more).
    Gone,
}

/// What to read from the store.
#[derive(Clone, Debug)]
pub enum ReadOrder {
    Everything,
    /// What changed since the map's position.
    Since(Position),
}

/// The messages that a viewer gets first, and where the following ones come from.
pub type Listening = (Vec<Arc<Update>>, broadcast::Receiver<Arc<Update>>);

/// A showtime's room.
#[derive(Debug)]
pub struct Room {
    pub id: ShowtimeId,
    /// Held for a decision and its publication, never across an await: who joins under it misses nothing and sees nothing twice.
    state: Mutex<State>,
    updates: broadcast::Sender<Arc<Update>>,
    phase: watch::Sender<Phase>,
    /// Tells the keeper that there is something to read, or that nobody is left.
    pub(super) wake: Notify,
    /// Tells the keeper to ask for the feed again.
    rewatch: AtomicBool,
    /// Counts the reads that have ended.
    pub(super) reads: watch::Sender<u64>,
    /// How many look at the room. Changed under the hub's entry, so that a room is never closed under somebody.
    pub(super) members: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    live: Option<Live>,
    /// The newest position that the feed spoke of.
    heard: Option<Position>,
    /// Something must be read from the store.
    read_again: bool,
    /// The feed carries the showtime, and nothing was missing when it was last looked at: from here on nothing may be missing.
    settled: bool,
    stale_since: Option<Timestamp>,
}

/// A room's map and what leads to it.
#[derive(Debug)]
pub struct Live {
    pub view: Arc<ShowtimeView>,
    pub snapshot: Snapshot,
    recent: VecDeque<Diff>,
    recent_changes: usize,
    /// The snapshot as a message, made when somebody needs it.
    message: Option<Arc<Update>>,
}

impl Room {
    pub(super) fn new(id: ShowtimeId, stale_since: Option<Timestamp>) -> Arc<Self> {
        let state = State { read_again: true, stale_since, ..State::default() };
        Arc::new(Self {
            id,
            state: Mutex::new(state),
            updates: broadcast::Sender::new(QUEUE),
            phase: watch::Sender::new(Phase::Loading),
            wake: Notify::new(),
            rewatch: AtomicBool::new(false),
            reads: watch::Sender::new(0),
            members: AtomicUsize::new(0),
        })
    }

    /// Looks at the live map, and since when it is stale if it is; `None` before it was read for the first time.
    pub fn look<T>(&self, look: impl FnOnce(&Live, Option<Timestamp>) -> T) -> Option<T> {
        let state = self.state.lock();
        state.live.as_ref().map(|live| look(live, state.stale_since))
    }

    /// A receiver of the room's phases, for waiting.
    pub(super) fn phases(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(super) fn set_phase(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Tells those who wait for the first read that it failed; a map that was read stays readable.
    pub(super) fn note_failure(&self, error: StoreError) {
        if self.look(|_, _| ()).is_none() {
            self.set_phase(Phase::Away(error));
        }
    }

    /// Begins to listen and says where the map stands, in one step. A diff from `since` when history reaches back to it,
    /// otherwise the whole map; then whether it is stale. `None` before the room was read.
    pub(super) fn listen(&self, since: Option<&Position>) -> Option<Listening> {
        let mut state = self.state.lock();
        let stale_since = state.stale_since;
        let live = state.live.as_mut()?;
        let first = match since.and_then(|since| live.diff_since(since)) {
            Some(diff) => Update::new(self.id.clone(), Body::Diff { view: Arc::clone(&live.view), diff }),
            None => live.message(&self.id),
        };
        let mut messages = vec![first];
        if stale_since.is_some() {
            messages.push(Update::new(self.id.clone(), Body::Status { stale_since }));
        }
        Some((messages, self.updates.subscribe()))
    }

    /// Takes a diff from the feed: publishes it if it is next, has the store read again if something is missing. `false` when
    /// something is missing that should have come.
    pub(super) fn hear(&self, diff: Diff) -> bool {
        let mut state = self.state.lock();
        let newer = |heard: &Position| heard.epoch != diff.position.epoch || heard.seq < diff.position.seq;
        if state.heard.as_ref().is_none_or(newer) {
            state.heard = Some(diff.position.clone());
        }
        let Some(live) = state.live.as_mut() else { return true };
        match live.apply(&diff) {
            Applied::Changed => {
                let view = Arc::clone(&live.view);
                self.publish(state, Body::Diff { view, diff });
                true
            }
            Applied::Seen => true,
            Applied::Gap => {
                let expected = !state.settled;
                state.order_read();
                self.wake.notify_one();
                expected
            }
        }
    }

    /// Has the store read again.
    pub(super) fn read_again(&self) {
        self.state.lock().order_read();
        self.wake.notify_one();
    }

    /// Has the keeper ask for the feed and read the store again, although both seemed well.
    pub(super) fn begin_anew(&self) {
        self.rewatch.store(true, Ordering::Release);
        self.read_again();
    }

    /// Whether the feed must be asked for again. Takes the order.
    pub(super) fn take_rewatch(&self) -> bool {
        self.rewatch.swap(false, Ordering::AcqRel)
    }

    /// Says that the feed carries the showtime, and that everything before was read.
    pub(super) fn settle(&self) {
        let mut state = self.state.lock();
        state.settled = !state.wants_read();
    }

    /// Says that the feed may leave something out from now on.
    pub(super) fn unsettle(&self) {
        self.state.lock().settled = false;
    }

    /// Where the map stands, if the feed should have brought everything to it.
    pub(super) fn settled_at(&self) -> Option<Position> {
        let state = self.state.lock();
        let live = state.live.as_ref().filter(|_| state.settled)?;
        Some(live.snapshot.position().clone())
    }

    /// Whether something must be read from the store.
    pub(super) fn wants_read(&self) -> bool {
        self.state.lock().wants_read()
    }

    /// Takes the order to read. `None` when there is nothing to read.
    pub(super) fn begin_read(&self) -> Option<ReadOrder> {
        let mut state = self.state.lock();
        if !state.wants_read() {
            return None;
        }
        state.read_again = false;
        state.settled = false;
        let position = state.live.as_ref().map(|live| live.snapshot.position().clone());
        Some(position.map_or(ReadOrder::Everything, ReadOrder::Since))
    }

    /// Brings the map forward by what was read after its position. `false` when it does not fit: read everything.
    pub(super) fn catch_up(&self, diffs: &[Diff]) -> bool {
        let mut state = self.state.lock();
        let Some(live) = state.live.as_mut() else { return false };
        let before = live.snapshot.position().clone();
        let fits = diffs.iter().all(|diff| live.apply(diff) != Applied::Gap);
        // What did fit is published in any case: the map has moved.
        if let Some(diff) = live.diff_since(&before).filter(|diff| !diff.changes.is_empty()) {
            let view = Arc::clone(&live.view);
            self.publish(state, Body::Diff { view, diff });
        }
        fits
    }

    /// Replaces the map by what was read.
    pub(super) fn install(&self, history: History) {
        let History { view, snapshot, recent } = history;
        let mut state = self.state.lock();
        let before = state.live.take();
        let old = before.as_ref().map(|live| (live.snapshot.position().clone(), live.view.showtime.clone()));
        // The feed may have brought the map further than the read saw.
        if let Some(live) = before
            && live.view.showtime == view.showtime
            && live.snapshot.position().epoch == snapshot.position().epoch
            && live.snapshot.position().seq >= snapshot.position().seq
        {
            state.live = Some(live);
            return;
        }
        let mut live = Live { view, snapshot, recent: VecDeque::new(), recent_changes: 0, message: None };
        for diff in recent {
            live.remember(diff);
        }
        let message = match old.and_then(|(position, showtime)| {
            (showtime == live.view.showtime).then(|| live.diff_since(&position)).flatten()
        }) {
            Some(diff) => Body::Diff { view: Arc::clone(&live.view), diff },
            None => Body::Snapshot { view: Arc::clone(&live.view), snapshot: live.snapshot.clone() },
        };
        state.live = Some(live);
        self.publish(state, message);
    }

    /// Marks the map stale, or in step again, and says so when that is new.
    pub(super) fn set_stale(&self, since: Option<Timestamp>) {
        let mut state = self.state.lock();
        if state.stale_since.is_some() == since.is_some() {
            return;
        }
        state.stale_since = since;
        self.publish(state, Body::Status { stale_since: since });
    }

    /// Tells everybody that the showtime is gone.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.live = None;
        self.set_phase(Phase::Gone);
        self.publish(state, Body::Gone);
    }

    /// Sends a message to all viewers while the state is held, so that messages keep the order of what they tell.
    fn publish(&self, held: MutexGuard<'_, State>, body: Body) {
        // Nobody listening is no failure.
        let _ = self.updates.send(Update::new(self.id.clone(), body));
        drop(held);
    }

    /// How many look at the room.
    pub fn members(&self) -> usize {
        self.members.load(Ordering::Relaxed)
    }
}

impl State {
    fn order_read(&mut self) {
        self.read_again = true;
        self.settled = false;
    }

    /// A read was ordered, or the feed spoke of something that the map does not have. What it said of another epoch is void:
    /// the epoch that was read is the store's, and a newer one is announced by a reset.
    fn wants_read(&self) -> bool {
        let behind = || {
            let (heard, live) = (self.heard.as_ref()?, self.live.as_ref()?);
            let position = live.snapshot.position();
            Some(heard.epoch == position.epoch && heard.seq > position.seq)
        };
        self.read_again || behind().unwrap_or(false)
    }
}

impl Live {
    fn apply(&mut self, diff: &Diff) -> Applied {
        let applied = self.snapshot.apply(diff);
        if applied == Applied::Changed {
            self.message = None;
            self.remember(diff.clone());
        }
        applied
    }

    fn remember(&mut self, diff: Diff) {
        self.recent_changes += diff.changes.len();
        self.recent.push_back(diff);
        while self.recent.len() > RECENT_DIFFS || self.recent_changes > RECENT_CHANGES {
            let Some(forgotten) = self.recent.pop_front() else { break };
            self.recent_changes -= forgotten.changes.len();
        }
    }

    /// What happened since a position as one diff, if history reaches back to it. It may hold no change at all.
    pub fn diff_since(&self, since: &Position) -> Option<Diff> {
        let position = self.snapshot.position();
        if since == position {
            return Some(Diff { prev: since.clone(), position: position.clone(), changes: Vec::new() });
        }
        if since.epoch != position.epoch || since.seq > position.seq {
            return None;
        }
        let first = self.recent.iter().position(|diff| diff.prev == *since)?;
        Diff::merge(self.recent.range(first..))
    }

    fn message(&mut self, id: &ShowtimeId) -> Arc<Update> {
        let (view, snapshot) = (&self.view, &self.snapshot);
        Arc::clone(self.message.get_or_insert_with(|| {
            Update::new(id.clone(), Body::Snapshot { view: Arc::clone(view), snapshot: snapshot.clone() })
        }))
    }
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;

//! One showtime's room: its map, where each viewer stands, and what to do with everything it hears. No I/O and no runtime here,
//! but for the channels that wake those who wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::cursor::Cursor;
use super::live::Live;
use super::update::{Body, Update};
use crate::domain::diff::Diff;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::snapshot::Applied;
use crate::domain::time::Timestamp;
use crate::store::{History, StoreError};

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

/// A showtime's room.
#[derive(Debug)]
pub struct Room {
    pub id: ShowtimeId,
    /// Held for a decision, never across an await: who looks under it misses nothing and sees nothing twice.
    state: Mutex<State>,
    /// Wakes the viewers, who then take their next step.
    moved: watch::Sender<()>,
    phase: watch::Sender<Phase>,
    /// Tells the keeper that there is something to read, or that nobody is left.
    pub(super) wake: Notify,
    /// Tells the keeper to ask for the feed again.
    rewatch: AtomicBool,
    /// Counts the reads that have ended.
    pub(super) reads: watch::Sender<u64>,
    /// How many hold the room open: each worker's viewers count as one. Changed under the hub's entry, so that a room is never closed under somebody.
    pub(super) members: AtomicUsize,
    /// Somebody has looked without entering. Changed under the hub's entry, as `members`.
    pub(super) polled: AtomicBool,
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
    /// The message that says so.
    status: Option<Arc<Update>>,
    /// Counts the maps: another one begins whenever history cannot be continued.
    map: u64,
    /// The showtime is gone, and so is the map.
    gone: bool,
}

impl Room {
    pub(super) fn new(id: ShowtimeId, stale_since: Option<Timestamp>) -> Arc<Self> {
        let state = State { read_again: true, stale_since, ..State::default() };
        Arc::new(Self {
            id,
            state: Mutex::new(state),
            moved: watch::Sender::new(()),
            phase: watch::Sender::new(Phase::Loading),
            wake: Notify::new(),
            rewatch: AtomicBool::new(false),
            reads: watch::Sender::new(0),
            members: AtomicUsize::new(0),
            polled: AtomicBool::new(false),
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

    pub(super) fn is_live(&self) -> bool {
        matches!(*self.phase.borrow(), Phase::Live)
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

    /// Wakes whoever waits for the room to move.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Where a viewer begins: what it is told first, and where it stands then. A diff from `since` when it is known what happened
    /// since, otherwise the whole map; then whether it is stale. `None` before the room was read.
    pub fn listen(&self, since: Option<&Position>) -> Option<(Vec<Arc<Update>>, Cursor)> {
        let mut state = self.state.lock();
        let map = state.map;
        let live = state.live.as_mut()?;
        let (seq, first) = match since.filter(|since| live.reaches_back_to(since)) {
            Some(since) => live.since(&self.id, since.seq),
            None => live.whole(&self.id),
        };
        let (mut messages, mut cursor) = (vec![first], Cursor { map, seq, stale: false });
        while let Some((message, next)) = state.step(&self.id, cursor) {
            messages.push(message);
            cursor = next;
        }
        Some((messages, cursor))
    }

    /// The whole map as it is now, for those who get one message only. `None` before the room was read.
    pub fn whole(&self) -> Option<Arc<Update>> {
        Some(self.state.lock().live.as_mut()?.whole_now(&self.id))
    }

    /// The next thing to tell a viewer, and where it stands then. `None` when it knows everything.
    pub fn step(&self, from: Cursor) -> Option<(Arc<Update>, Cursor)> {
        self.state.lock().step(&self.id, from)
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
                live.publish(&self.id, diff);
                self.moved.send_replace(());
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
        Some(live.position().clone())
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
        let position = state.live.as_ref().map(|live| live.position().clone());
        Some(position.map_or(ReadOrder::Everything, ReadOrder::Since))
    }

    /// Brings the map forward by what was read after its position. `false` when it does not fit: read everything.
    pub(super) fn catch_up(&self, diffs: &[Diff]) -> bool {
        let mut state = self.state.lock();
        let Some(live) = state.live.as_mut() else { return false };
        let before = live.position().seq;
        let fits = diffs.iter().all(|diff| live.apply(diff) != Applied::Gap);
        // What did fit is told in any case.
        if live.position().seq != before {
            self.moved.send_replace(());
        }
        fits
    }

    /// Replaces the map by what was read.
    pub(super) fn install(&self, history: History) {
        let mut state = self.state.lock();
        let mut live = Live::new(history);
        if let Some(before) = &state.live {
            let same = before.view.showtime == live.view.showtime;
            let (old, new) = (before.position(), live.position());
            // The feed may have brought the map further than the read saw.
            if same && old.epoch == new.epoch && old.seq >= new.seq {
                return;
            }
            state.map += u64::from(!(same && live.continues(before)));
        } else {
            state.map += 1;
        }
        state.live = Some(live);
        self.moved.send_replace(());
    }

    /// Marks the map stale, or in step again, and says so when that is new.
    pub(super) fn set_stale(&self, since: Option<Timestamp>) {
        let mut state = self.state.lock();
        if state.stale_since.is_some() == since.is_some() {
            return;
        }
        state.stale_since = since;
        state.status = None;
        self.moved.send_replace(());
    }

    /// Tells everybody that the showtime is gone.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        (state.live, state.gone) = (None, true);
        self.set_phase(Phase::Gone);
        self.moved.send_replace(());
    }

    /// How many hold the room open: each worker's viewers count as one.
    pub fn members(&self) -> usize {
        self.members.load(Ordering::Relaxed)
    }
}

impl State {
    fn step(&mut self, id: &ShowtimeId, from: Cursor) -> Option<(Arc<Update>, Cursor)> {
        if self.gone {
            return (from != Cursor::END).then(|| (Update::new(id.clone(), Body::Gone), Cursor::END));
        }
        let (map, live) = (self.map, self.live.as_mut()?);
        if from.map != map {
            let (seq, whole) = live.whole(id);
            return Some((whole, Cursor { map, seq, ..from }));
        }
        if from.seq != live.position().seq {
            let (seq, news) = live.since(id, from.seq);
            return Some((news, Cursor { seq, ..from }));
        }
        let told = Cursor { stale: self.stale_since.is_some(), ..from };
        (from != told).then(|| (self.status(id), told))
    }

    /// Says since when the map is stale, or that it is no longer.
    fn status(&mut self, id: &ShowtimeId) -> Arc<Update> {
        let body = Body::Status { stale_since: self.stale_since };
        Arc::clone(self.status.get_or_insert_with(|| Update::new(id.clone(), body)))
    }

    fn order_read(&mut self) {
        self.read_again = true;
        self.settled = false;
    }

    /// A read was ordered, or the feed spoke of something that the map does not have. What it said of another epoch is void:
    /// the epoch that was read is the store's, and a newer one is announced by a reset.
    fn wants_read(&self) -> bool {
        let behind = || {
            let (heard, live) = (self.heard.as_ref()?, self.live.as_ref()?);
            let position = live.position();
            Some(heard.epoch == position.epoch && heard.seq > position.seq)
        };
        self.read_again || behind().unwrap_or(false)
    }
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;

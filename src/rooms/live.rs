//! A room's map, and what anybody who has seen an older one lacks: of each seat it is known when it changed last, so that what
//! happened since any position becomes one diff, however much that was.

use std::sync::Arc;

use super::update::{Body, Update};
use crate::domain::diff::{Change, Diff};
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::snapshot::{Applied, Snapshot};
use crate::store::{History, ShowtimeView};

/// What names more seats than this is told as a whole map: a map has a byte for each seat, a diff about 90 for each change. It is
/// also what bounds the memory that a viewer who reads slowly can cost.
pub const LARGEST_DIFF: usize = 1_000;
/// A whole map is given to those who come later too, with a diff behind it, as long as fewer than one in so many of its seats have
/// changed: in a rush into a large map that is full of locks it would be written anew for every change otherwise. That are fewer than
/// [`LARGEST_DIFF`] in the largest plan (100,000 seats), so a map that is given for want of a diff leads forward.
const FRESH: usize = 256;
/// Diffs from different positions that are kept ready, for viewers who wait at different ones.
const READY: usize = 64;

/// A room's map and what leads to it.
#[derive(Debug)]
pub struct Live {
    pub view: Arc<ShowtimeView>,
    pub snapshot: Snapshot,
    /// When each seat changed last. What was before `known_from` counts as 0.
    changed_at: Vec<u64>,
    /// What happened after this is known.
    known_from: u64,
    /// The messages that lead from somewhere to the present position, made when somebody needs them.
    ready: Vec<(u64, Arc<Update>)>,
    /// A whole map, and where it stands: here, or shortly before.
    whole: Option<(u64, Arc<Update>)>,
}

impl Live {
    /// The map as it was read, with what led to it.
    pub fn new(history: History) -> Self {
        let History { view, snapshot, recent } = history;
        let known_from = recent.first().map_or(snapshot.position(), |diff| &diff.prev).seq;
        let changed_at = vec![0; snapshot.seat_count()];
        let mut live = Self { view, snapshot, changed_at, known_from, ready: Vec::new(), whole: None };
        for diff in &recent {
            live.note(diff);
        }
        live
    }

    /// Where the map stands.
    pub fn position(&self) -> &Position {
        self.snapshot.position()
    }

    /// Brings the map forward by one diff, in order and each once.
    pub fn apply(&mut self, diff: &Diff) -> Applied {
        let applied = self.snapshot.apply(diff);
        if applied == Applied::Changed {
            self.note(diff);
            self.ready.clear();
        }
        applied
    }

    /// Takes over from an older map of the same history: who has seen that is brought forward by what is read here. `false` when
    /// something between the two is not known.
    pub fn continues(&mut self, older: &Self) -> bool {
        let at = older.position();
        let continues = at.epoch == self.position().epoch
            && (self.known_from..=self.position().seq).contains(&at.seq)
            && older.changed_at.len() == self.changed_at.len();
        if continues {
            self.known_from = self.known_from.min(older.known_from);
            for (mine, old) in self.changed_at.iter_mut().zip(&older.changed_at) {
                *mine = (*mine).max(*old);
            }
        }
        continues
    }

    /// Whether what happened after `since` is known.
    pub fn reaches_back_to(&self, since: &Position) -> bool {
        let position = self.position();
        since.epoch == position.epoch && (self.known_from..=position.seq).contains(&since.seq)
    }

    /// The message for somebody who has seen the map at `seq`, and where it leads: a diff, or a whole map where that is less, or the
    /// diff is not known.
    pub fn since(&mut self, id: &ShowtimeId, seq: u64) -> (u64, Arc<Update>) {
        let now = self.position().seq;
        if let Some((_, ready)) = self.ready.iter().find(|(from, _)| *from == seq) {
            return (now, Arc::clone(ready));
        }
        let Some(diff) = self.diff_since(seq) else { return self.whole(id) };
        let update = Update::new(id.clone(), Body::Diff { view: Arc::clone(&self.view), diff });
        self.keep_ready(seq, &update);
        (now, update)
    }

    /// The same for a diff that is known already.
    pub fn publish(&mut self, id: &ShowtimeId, diff: Diff) {
        let from = diff.prev.seq;
        let update = Update::new(id.clone(), Body::Diff { view: Arc::clone(&self.view), diff });
        self.keep_ready(from, &update);
    }

    /// A whole map as a message, and where it stands: a diff may be needed behind it.
    pub fn whole(&mut self, id: &ShowtimeId) -> (u64, Arc<Update>) {
        if let Some((seq, whole)) = self.whole.as_ref().filter(|(seq, _)| self.is_fresh(*seq)) {
            return (*seq, Arc::clone(whole));
        }
        (self.position().seq, self.whole_now(id))
    }

    /// The whole map as it is now, as a message.
    pub fn whole_now(&mut self, id: &ShowtimeId) -> Arc<Update> {
        let now = self.position().seq;
        if let Some((_, whole)) = self.whole.as_ref().filter(|(seq, _)| *seq == now) {
            return Arc::clone(whole);
        }
        let body = Body::Snapshot { view: Arc::clone(&self.view), snapshot: self.snapshot.clone() };
        let whole = Update::new(id.clone(), body);
        self.whole = Some((now, Arc::clone(&whole)));
        whole
    }

    /// Whether little has changed since.
    fn is_fresh(&self, seq: u64) -> bool {
        let most = self.changed_at.len() / FRESH;
        self.changed_at.iter().filter(|at| **at > seq).take(most + 1).count() <= most
    }

    /// What happened since, as one diff. It may hold no change at all.
    fn diff_since(&self, seq: u64) -> Option<Diff> {
        if !(self.known_from..=self.position().seq).contains(&seq) {
            return None;
        }
        let touched = self.changed_at.iter().zip(0..).filter(|(at, _)| **at > seq).map(|(at, seat)| (*at, seat));
        let mut touched: Vec<(u64, u32)> = touched.take(LARGEST_DIFF + 1).collect();
        if touched.len() > LARGEST_DIFF {
            return None;
        }
        touched.sort_unstable();
        let change = |(_, seat)| Some(Change { seat, state: self.snapshot.state(seat)? });
        let changes = touched.into_iter().filter_map(change).collect();
        let position = self.position().clone();
        Some(Diff { prev: Position::new(position.epoch.clone(), seq), position, changes })
    }

    fn note(&mut self, diff: &Diff) {
        for change in &diff.changes {
            if let Some(at) = self.changed_at.get_mut(change.seat as usize) {
                *at = diff.position.seq;
            }
        }
    }

    fn keep_ready(&mut self, from: u64, update: &Arc<Update>) {
        if self.ready.len() < READY {
            self.ready.push((from, Arc::clone(update)));
        }
    }
}

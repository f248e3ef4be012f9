//! Which showtimes are watched, what is known of their locks, and when which seat must be looked at again.
//!
//! Pure bookkeeping: no I/O and no clock. Deadlines and key events end in the same queue; whoever takes from it runs the one
//! expire step. What is known carries the sequence number it was known at, so that older news never overwrites newer.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::keyspace::KeyEvent;
use crate::domain::diff::Diff;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::{Epoch, Position};
use crate::domain::seat::SeatState;
use crate::domain::time::Timestamp;
use crate::store::ShowtimeView;

/// A key counts as expired when now is later than its deadline, so this long after it is soon enough to look.
const AFTER_DEADLINE: Duration = Duration::from_millis(2);
/// A key event of our own script may arrive just before the script's publication; this is how long that is waited for.
const AFTER_EVENT: Duration = Duration::from_millis(10);
/// A lock that should have ended is looked at again after this long, until it has.
const AGAIN: Duration = Duration::from_millis(100);

/// Seats of one showtime that must be looked at.
#[derive(Debug)]
pub struct Due {
    pub showtime: ShowtimeId,
    pub view: Arc<ShowtimeView>,
    pub seats: Vec<u32>,
}

/// All watched showtimes.
#[derive(Debug, Default)]
pub struct Watches {
    showtimes: HashMap<ShowtimeId, Watch>,
    /// When to look at which seat: the same as the seats' `due`, in order.
    queue: BTreeSet<(Timestamp, ShowtimeId, u32)>,
}

#[derive(Debug)]
struct Watch {
    view: Arc<ShowtimeView>,
    /// How many asked for the watch.
    watchers: usize,
    epoch: Option<Epoch>,
    /// The position of the newest publication.
    heard: Option<Position>,
    seats: HashMap<u32, Known>,
}

#[derive(Debug, Default)]
struct Known {
    seq: u64,
    lock: LockKnown,
    due: Option<Timestamp>,
    /// Key events that our own script is about to cause: `set` and `expire`.
    echoes: [u8; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LockKnown {
    #[default]
    Free,
    Locked {
        deadline: Option<Timestamp>,
    },
}

impl Watches {
    /// Begins a watch, or joins the one that stands.
    pub fn insert(&mut self, id: &ShowtimeId, view: Arc<ShowtimeView>) {
        let watch = self.showtimes.entry(id.clone()).or_insert_with(|| Watch {
            view: Arc::clone(&view),
            watchers: 0,
            epoch: None,
            heard: None,
            seats: HashMap::new(),
        });
        watch.watchers += 1;
        watch.view = view;
    }

    /// Leaves a watch; the last to leave ends it.
    pub fn remove(&mut self, id: &ShowtimeId) {
        let Some(watch) = self.showtimes.get_mut(id) else { return };
        watch.watchers -= 1;
        if watch.watchers == 0 {
            self.forget(id);
            self.showtimes.remove(id);
        }
    }

    /// Whether the showtime is watched.
    pub fn contains(&self, id: &ShowtimeId) -> bool {
        self.showtimes.contains_key(id)
    }

    /// The watched showtimes.
    pub fn ids(&self) -> Vec<ShowtimeId> {
        self.showtimes.keys().cloned().collect()
    }

    /// A watched showtime's view.
    pub fn view(&self, id: &ShowtimeId) -> Option<Arc<ShowtimeView>> {
        self.showtimes.get(id).map(|watch| Arc::clone(&watch.view))
    }

    /// Replaces a showtime's view after it was replaced itself; what was known by index is void.
    pub fn renew(&mut self, id: &ShowtimeId, view: Arc<ShowtimeView>) {
        self.forget(id);
        if let Some(watch) = self.showtimes.get_mut(id) {
            watch.view = view;
        }
    }

    /// Has seats looked at again that could not be looked at.
    pub fn look_again(&mut self, id: &ShowtimeId, seats: &[u32], now: Timestamp) {
        let Some(watch) = self.showtimes.get_mut(id) else { return };
        for seat in seats {
            let known = watch.seats.entry(*seat).or_default();
            reschedule(&mut self.queue, id, *seat, &mut known.due, Some(now.plus(AGAIN)));
        }
    }

    /// Forgets what is known of a showtime's seats.
    pub fn forget(&mut self, id: &ShowtimeId) {
        if let Some(watch) = self.showtimes.get_mut(id) {
            (watch.epoch, watch.heard) = (None, None);
            for (seat, known) in watch.seats.drain() {
                if let Some(due) = known.due {
                    self.queue.remove(&(due, id.clone(), seat));
                }
            }
        }
    }

    /// Forgets which key events were expected: some were missed.
    pub fn forget_echoes(&mut self) {
        for known in self.showtimes.values_mut().flat_map(|watch| watch.seats.values_mut()) {
            known.echoes = [0, 0];
        }
    }

    /// Takes note of where a publication stands. `true` when that was passed before: the store has lost what came after it, since
    /// publications come in the order in which they were made.
    pub fn goes_back(&mut self, id: &ShowtimeId, at: &Position) -> bool {
        let Some(watch) = self.showtimes.get_mut(id) else { return false };
        let before = watch.heard.replace(at.clone());
        before.is_some_and(|before| before.epoch == at.epoch && before.seq >= at.seq)
    }

    /// Takes note of a change. `own` says that the script went on to write the lock keys itself.
    pub fn note_diff(&mut self, id: &ShowtimeId, diff: &Diff, own: bool) {
        if self.believes_in_another_epoch(id, diff) {
            return;
        }
        for change in &diff.changes {
            let lock = match &change.state {
                SeatState::Locked(lock) => LockKnown::Locked { deadline: lock.expires_at },
                SeatState::Available | SeatState::Occupied | SeatState::Blocked => LockKnown::Free,
            };
            if let Some(known) = self.note(id, &diff.position, change.seat, lock)
                && own
                && lock != LockKnown::Free
            {
                known.echoes = known.echoes.map(|count| count.saturating_add(1));
            }
        }
    }

    /// Only a read or a reset says that an epoch has ended; a diff of another is somebody's who is behind, or none of ours.
    fn believes_in_another_epoch(&self, id: &ShowtimeId, diff: &Diff) -> bool {
        let believed = self.showtimes.get(id).and_then(|watch| watch.epoch.as_ref());
        believed.is_some_and(|epoch| *epoch != diff.position.epoch)
    }

    /// Takes note of what the expire step replied: a deadline in ms for each seat, 0 for a free one, -1 for a lock without.
    pub fn note_reply(&mut self, id: &ShowtimeId, at: &Position, seats: &[u32], deadlines: &[i64]) {
        for (seat, deadline) in seats.iter().zip(deadlines) {
            let lock = match deadline {
                0 => LockKnown::Free,
                millis => LockKnown::Locked { deadline: (*millis > 0).then(|| Timestamp::from_millis(*millis)) },
            };
            let unknown = self.showtimes.get(id).is_some_and(|watch| !watch.seats.contains_key(seat));
            if !(unknown && lock == LockKnown::Free) {
                self.note(id, at, *seat, lock);
            }
        }
    }

    fn note(&mut self, id: &ShowtimeId, at: &Position, seat: u32, lock: LockKnown) -> Option<&mut Known> {
        let changed_epoch = self.showtimes.get(id)?.epoch.as_ref().is_some_and(|epoch| *epoch != at.epoch);
        if changed_epoch {
            self.forget(id);
        }
        let watch = self.showtimes.get_mut(id)?;
        if seat >= watch.view.showtime.seat_count {
            return None;
        }
        watch.epoch = Some(at.epoch.clone());
        let known = watch.seats.entry(seat).or_default();
        if at.seq < known.seq {
            return None;
        }
        known.seq = at.seq;
        known.lock = lock;
        let due = match lock {
            LockKnown::Locked { deadline: Some(deadline) } => Some(deadline.plus(AFTER_DEADLINE)),
            LockKnown::Locked { deadline: None } | LockKnown::Free => None,
        };
        reschedule(&mut self.queue, id, seat, &mut known.due, due);
        Some(known)
    }

    /// Takes note of something that happened to a lock key. Unless it is the echo of our own doing, the seat becomes due.
    pub fn note_event(&mut self, id: &ShowtimeId, seat: &str, event: KeyEvent, now: Timestamp) {
        let Some(watch) = self.showtimes.get_mut(id) else { return };
        let Some(seat) = watch.view.plan.index_of(seat) else { return };
        let known = watch.seats.entry(seat).or_default();
        let suspicious = match event {
            KeyEvent::Ended => known.lock != LockKnown::Free,
            KeyEvent::Set => !take_echo(&mut known.echoes[0]),
            KeyEvent::Dated => !take_echo(&mut known.echoes[1]),
        };
        if suspicious {
            let soon = now.plus(AFTER_EVENT);
            let due = known.due.map_or(soon, |due| due.min(soon));
            reschedule(&mut self.queue, id, seat, &mut known.due, Some(due));
        }
    }

    /// When the next seat is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.queue.first().map(|(at, ..)| *at)
    }

    /// Takes what is due at `now`. A lock whose deadline has passed stays in the queue for another look, until it is known
    /// to have ended; any other seat leaves it.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Due> {
        let mut batches: HashMap<ShowtimeId, Due> = HashMap::new();
        while self.queue.first().is_some_and(|(at, ..)| *at <= now) {
            let Some((_, id, seat)) = self.queue.pop_first() else { break };
            let Some(watch) = self.showtimes.get_mut(&id) else { continue };
            let Some(known) = watch.seats.get_mut(&seat) else { continue };
            known.due = None;
            if let LockKnown::Locked { deadline: Some(deadline) } = known.lock {
                let again = deadline.plus(AFTER_DEADLINE).max(now.plus(AGAIN));
                reschedule(&mut self.queue, &id, seat, &mut known.due, Some(again));
            }
            let view = &watch.view;
            let batch = batches.entry(id.clone()).or_insert_with(|| Due {
                showtime: id,
                view: Arc::clone(view),
                seats: Vec::new(),
            });
            batch.seats.push(seat);
        }
        batches.into_values().collect()
    }
}

fn take_echo(count: &mut u8) -> bool {
    let expected = *count > 0;
    *count = count.saturating_sub(1);
    expected
}

fn reschedule(
    queue: &mut BTreeSet<(Timestamp, ShowtimeId, u32)>,
    id: &ShowtimeId,
    seat: u32,
    due: &mut Option<Timestamp>,
    to: Option<Timestamp>,
) {
    if *due == to {
        return;
    }
    if let Some(at) = due.take() {
        queue.remove(&(at, id.clone(), seat));
    }
    if let Some(at) = to {
        queue.insert((at, id.clone(), seat));
    }
    *due = to;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diff::Change;
    use crate::domain::ids::UserId;
    use crate::domain::seat::Lock;
    use crate::domain::showtime::{Details, Rules, Showtime};

    const SEAT: u32 = 0;

    fn id() -> ShowtimeId {
        ShowtimeId::parse("42").unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn watched() -> (Watches, String) {
        let plan = crate::plans::plan("cinema").unwrap();
        let seat = plan.seats()[SEAT as usize].id.to_string();
        let details = Details {
            title: String::new(),
            starts_at: at(0),
            currency: String::new(),
            prices: std::collections::BTreeMap::new(),
            lock_seconds: None,
            max_seats_per_holder: None,
        };
        let showtime = Showtime { id: id(), details, plan: plan.hash().clone(), seat_count: 120 };
        let rules = Rules { lock: AGAIN, extend_cap: AGAIN, max_seats_per_holder: 1 };
        let mut watches = Watches::default();
        watches.insert(&id(), Arc::new(ShowtimeView { showtime, plan, rules }));
        (watches, seat)
    }

    fn diff(seq: u64, deadline: Option<i64>) -> Diff {
        let position = |seq: u64| Position::new(Epoch::parse("e").unwrap(), seq);
        let state = match deadline {
            Some(deadline) => SeatState::Locked(Lock {
                holder: UserId::foreign("7"),
                locked_at: at(0),
                expires_at: Some(at(deadline)),
            }),
            None => SeatState::Available,
        };
        Diff { prev: position(seq - 1), position: position(seq), changes: vec![Change { seat: SEAT, state }] }
    }

    fn due(watches: &mut Watches, now: i64) -> Vec<u32> {
        watches.take_due(at(now)).into_iter().flat_map(|due| due.seats).collect()
    }

    #[test]
    fn a_publication_that_was_passed_before_is_noticed_within_an_epoch() {
        let (mut watches, _) = watched();
        let mut back = |text: &str| watches.goes_back(&id(), &text.parse().unwrap());
        assert_eq!(
            ["e-7", "e-9", "e-8", "e-9", "f-1", "f-2"].map(&mut back),
            [false, false, true, false, false, false]
        );
        assert!(back("f-2"), "the same number twice");
    }

    #[test]
    fn a_lock_is_due_just_after_its_deadline_and_again_until_it_has_ended() {
        let (mut watches, _) = watched();
        watches.note_diff(&id(), &diff(1, Some(5_000)), true);
        assert_eq!(watches.next_due(), Some(at(5_002)));
        assert!(due(&mut watches, 5_001).is_empty());
        assert_eq!(due(&mut watches, 5_002), [SEAT]);
        assert_eq!(watches.next_due(), Some(at(5_102)));
        watches.note_diff(&id(), &diff(2, None), false);
        assert_eq!(watches.next_due(), None);
    }

    #[test]
    fn events_that_our_own_scripts_cause_are_no_news_and_others_are() {
        let (mut watches, seat) = watched();
        watches.note_diff(&id(), &diff(1, Some(60_000)), true);
        watches.note_event(&id(), &seat, KeyEvent::Set, at(10));
        watches.note_event(&id(), &seat, KeyEvent::Dated, at(10));
        assert_eq!(watches.next_due(), Some(at(60_002)), "the echo of the lock");
        watches.note_event(&id(), &seat, KeyEvent::Set, at(20));
        assert_eq!(watches.next_due(), Some(at(30)), "somebody else wrote the key");
        assert_eq!(due(&mut watches, 30), [SEAT]);
        assert_eq!(watches.next_due(), Some(at(60_002)), "the deadline stands");
    }

    #[test]
    fn an_expiry_event_that_comes_before_its_diff_is_forgotten_with_the_diff() {
        let (mut watches, seat) = watched();
        watches.note_diff(&id(), &diff(1, Some(60_000)), true);
        watches.note_event(&id(), &seat, KeyEvent::Ended, at(60_003));
        watches.note_diff(&id(), &diff(2, None), false);
        assert_eq!(watches.next_due(), None);
        watches.note_event(&id(), &seat, KeyEvent::Ended, at(60_004));
        assert_eq!(watches.next_due(), None, "the seat is known to be free");
    }

    #[test]
    fn older_news_never_overwrites_newer() {
        let (mut watches, _) = watched();
        watches.note_diff(&id(), &diff(5, Some(60_000)), true);
        let position = Position::new(Epoch::parse("e").unwrap(), 4);
        watches.note_reply(&id(), &position, &[SEAT], &[0]);
        assert_eq!(watches.next_due(), Some(at(60_002)));
    }

    #[test]
    fn the_last_watcher_to_leave_ends_the_watch() {
        let (mut watches, _) = watched();
        let view = watches.view(&id()).unwrap();
        watches.insert(&id(), view);
        watches.note_diff(&id(), &diff(1, Some(5_000)), true);
        watches.remove(&id());
        assert!(watches.contains(&id()));
        watches.remove(&id());
        assert!(!watches.contains(&id()));
        assert_eq!(watches.next_due(), None);
    }
}

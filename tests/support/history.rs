//! The witness of concurrent tests: the store's history, copied while it is made, and replayed by sequence number against every
//! answer that a client got. Invariants: no seat ever has two holders, nothing is given back early, and each answer was true at
//! the position that it names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use seatcast::domain::diff::{Change, Diff};
use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::position::{Epoch, Position};
use seatcast::domain::seat::SeatState;
use seatcast::domain::snapshot::Snapshot;
use seatcast::domain::time::Timestamp;
use seatcast::store::{SeatStore, StoreError};
use tokio::sync::watch;

use super::plan::SeatIds;

/// How often the history is copied. The store trims it after 1,000 changes.
const INTERVAL: Duration = Duration::from_millis(10);

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Lock,
    Unlock,
    Extend,
    Book(String),
    Release(String),
}

/// A success that a client was told, with the times around it on one clock.
#[derive(Clone, Debug)]
pub struct Answer {
    pub holder: String,
    pub kind: Kind,
    pub seats: Vec<usize>,
    pub position: Position,
    pub sent: Instant,
    pub answered: Instant,
}

/// A server that gets no answer from its store asks again after 2 s: the answer is that to the second question, and what the
/// first one did has an earlier position.
const REPEATED_AFTER: Duration = Duration::from_secs(2);

impl Answer {
    /// Whether the server may have asked its store twice.
    fn was_repeated(&self) -> bool {
        self.answered.duration_since(self.sent) >= REPEATED_AFTER
    }
}

/// A request whose outcome nobody told: it may have been carried out, and may be carried out later.
#[derive(Clone, Debug)]
pub struct Unanswered {
    pub holder: String,
    pub kind: Kind,
    pub seats: Vec<usize>,
}

/// All that clients know.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub given: Vec<Answer>,
    pub unanswered: Vec<Unanswered>,
}

impl Answers {
    pub fn extend(&mut self, other: Self) {
        self.given.extend(other.given);
        self.unanswered.extend(other.unanswered);
    }

    /// Whether somebody may have given the seat back before change `seq` or with it, without being told so: a holder, or nobody
    /// for a refund.
    fn may_have_freed(&self, seq: u64, seat: usize, by: Option<&str>) -> bool {
        let frees = |kind: &Kind, seats: &[usize], asker: &str| {
            seats.contains(&seat)
                && match (kind, by) {
                    (Kind::Unlock, Some(holder)) => asker == holder,
                    (Kind::Release(_), None) => true,
                    _ => false,
                }
        };
        let repeated = |answer: &&Answer| answer.was_repeated() && answer.position.seq >= seq;
        self.unanswered.iter().any(|asked| frees(&asked.kind, &asked.seats, &asked.holder))
            || self.given.iter().filter(repeated).any(|answer| frees(&answer.kind, &answer.seats, &answer.holder))
    }

    fn was_asked_before(&self, kind: &Kind) -> bool {
        self.unanswered.iter().any(|asked| asked.kind == *kind)
    }

    /// Every booking that was answered and not refunded is in the ledger, with all its seats; besides it only what was asked for
    /// and not answered.
    ///
    /// # Panics
    /// When something is missing, or nobody asked for it.
    pub async fn check_bookings(&self, store: &dyn SeatStore, show: &ShowtimeId, seats: &SeatIds) {
        let archive = store.export(show).await.unwrap().unwrap();
        let mut owners: BTreeMap<usize, String> =
            archive.sold().map(|(seat, booking)| (seat as usize, booking.booking_id.to_string())).collect();
        let booked = self.given.iter().filter_map(|answer| booking(&answer.kind).map(|id| (id, &answer.seats)));
        for (id, wanted) in booked.clone() {
            let release = Kind::Release(id.to_owned());
            if self.given.iter().any(|answer| answer.kind == release) || self.was_asked_before(&release) {
                continue;
            }
            for seat in wanted {
                let owner = owners.remove(seat);
                assert_eq!(owner.as_deref(), Some(id), "seat {} was booked, and answered so", seats.id(*seat));
            }
        }
        let unsure = self.unanswered.iter().filter_map(|asked| booking(&asked.kind).map(|id| (id, &asked.seats)));
        let half_refunded = booked.filter(|(id, _)| self.is_perhaps_refunded(id));
        let possible: HashSet<(usize, &str)> =
            unsure.chain(half_refunded).flat_map(|(id, seats)| seats.iter().map(move |seat| (*seat, id))).collect();
        owners.retain(|seat, owner| !possible.contains(&(*seat, owner.as_str())));
        assert!(owners.is_empty(), "nobody was told of these bookings: {owners:?}");
    }

    fn is_perhaps_refunded(&self, id: &str) -> bool {
        let release = Kind::Release(id.to_owned());
        self.was_asked_before(&release) && !self.given.iter().any(|answer| answer.kind == release)
    }
}

fn booking(kind: &Kind) -> Option<&str> {
    if let Kind::Book(id) = kind { Some(id) } else { None }
}

/// What a new epoch means for the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// The store keeps all it has answered: numbers go on across epochs, and none is missing.
    KeepsAll,
    /// The store may forget what it has answered (a failover, a restart without its data): with a new epoch the history begins
    /// from what is there.
    MayForget,
}

/// A change with the time at which it was known to have happened.
type Seen = (Diff, Timestamp);

/// A history without holes.
#[derive(Debug)]
struct Section {
    /// The epochs that it goes through.
    epochs: HashSet<Epoch>,
    begin: Snapshot,
    changes: Vec<Seen>,
}

/// All that happened to a showtime.
#[derive(Debug)]
pub struct History {
    sections: Vec<Section>,
}

/// Copies a showtime's history while it is made, whatever happens to the store meanwhile.
pub struct Recorder {
    end: watch::Sender<bool>,
    task: tokio::task::JoinHandle<History>,
}

impl Recorder {
    /// Begins with the showtime as it is now.
    ///
    /// # Panics
    /// When the store does not have the showtime.
    pub async fn start(store: Arc<dyn SeatStore>, show: ShowtimeId, kind: Store) -> Self {
        let first = section(&*store, &show).await.expect("the store answers").expect("the showtime is there");
        let (end, ended) = watch::channel(false);
        let task = tokio::spawn(record(store, show, kind, first, ended));
        Self { end, task }
    }

    /// The history up to now.
    ///
    /// # Panics
    /// When the recorder did: history was trimmed before it was copied.
    pub async fn finish(self) -> History {
        self.end.send_replace(true);
        self.task.await.expect("the recorder ends well")
    }
}

async fn section(store: &dyn SeatStore, show: &ShowtimeId) -> Result<Option<Section>, StoreError> {
    let Some(history) = store.snapshot(show).await? else { return Ok(None) };
    let begin = history.snapshot;
    Ok(Some(Section { epochs: HashSet::from([begin.position().epoch.clone()]), begin, changes: Vec::new() }))
}

async fn record(
    store: Arc<dyn SeatStore>,
    show: ShowtimeId,
    kind: Store,
    first: Section,
    ended: watch::Receiver<bool>,
) -> History {
    let mut last = first.begin.position().clone();
    let mut history = History { sections: vec![first] };
    loop {
        let all = *ended.borrow();
        let copied = history.copy(&*store, &show, kind, &mut last).await;
        if all && copied.is_ok() {
            return history;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

impl History {
    /// How many changes there were.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.changes.len()).sum()
    }

    /// How many epochs it went through.
    pub fn epochs(&self) -> usize {
        self.sections.iter().map(|section| section.epochs.len()).sum()
    }

    /// Copies what is new. After an error it can be tried again.
    async fn copy(
        &mut self,
        store: &dyn SeatStore,
        show: &ShowtimeId,
        kind: Store,
        last: &mut Position,
    ) -> Result<(), StoreError> {
        let current = self.sections.last_mut().expect("a history has a section");
        if let Some(diffs) = store.changes_since(show, last).await? {
            let now = store.now();
            *last = diffs.last().map_or(last.clone(), |diff| diff.position.clone());
            current.changes.extend(diffs.into_iter().map(|diff| (diff, now)));
            return Ok(());
        }
        let Some(next) = section(store, show).await? else { return Ok(()) };
        let epoch = next.begin.position().epoch.clone();
        assert!(last.epoch != epoch, "history was trimmed before it was copied, at {last}");
        match kind {
            Store::KeepsAll => {
                current.epochs.insert(epoch.clone());
                last.epoch = epoch;
            }
            Store::MayForget => {
                *last = next.begin.position().clone();
                self.sections.push(next);
            }
        }
        Ok(())
    }

    /// Replays the history: contiguous, no lock over another's lock or a sold seat, no early end; and every answer agrees with
    /// it, in real time too.
    ///
    /// # Panics
    /// At the first thing that is not so.
    pub fn check(&self, answers: &Answers) {
        for section in &self.sections {
            section.check(answers);
        }
    }
}

impl Section {
    fn check(&self, answers: &Answers) {
        let here = || answers.given.iter().filter(|answer| self.epochs.contains(&answer.position.epoch));
        let mut at: BTreeMap<u64, Vec<&Answer>> = BTreeMap::new();
        for answer in here() {
            at.entry(answer.position.seq).or_default().push(answer);
        }
        let mut replay = Replay::new(&self.begin, answers);
        let mut seq = self.begin.position().seq;
        for (diff, seen) in &self.changes {
            assert_eq!((diff.prev.seq, diff.position.seq), (seq, seq + 1), "no sequence number is missing or doubled");
            seq += 1;
            for change in &diff.changes {
                replay.apply(seq, change, *seen);
            }
            for answer in at.remove(&seq).into_iter().flatten() {
                replay.agrees(answer);
            }
        }
        if let Some((beyond, _)) = at.range(seq + 1..).next() {
            panic!("an answer speaks of change {beyond}, and history ends at {seq}");
        }
        check_order(here());
    }
}

/// The seats, as the history has them so far.
struct Replay<'a> {
    seats: HashMap<usize, SeatState>,
    given_back: HashMap<(u64, usize), Option<&'a str>>,
    answers: &'a Answers,
}

impl<'a> Replay<'a> {
    fn new(begin: &Snapshot, answers: &'a Answers) -> Self {
        let seats = 0..u32::try_from(begin.seat_count()).expect("a plan has no so many seats");
        let seats = seats.map(|seat| (seat as usize, begin.state(seat).expect("the seat is on the map"))).collect();
        Self { seats, given_back: given_back(answers), answers }
    }

    /// One change of one seat, if it may be.
    fn apply(&mut self, seq: u64, change: &Change, seen: Timestamp) {
        let seat = change.seat as usize;
        let before = self.seats.insert(seat, change.state.clone()).expect("the seat is on the map");
        let by = self.given_back.get(&(seq, seat)).copied();
        match (&before, &change.state) {
            (SeatState::Locked(before), SeatState::Locked(lock)) => {
                assert_eq!(before.holder, lock.holder, "{seq}: seat {seat} was taken from its holder");
                assert!(lock.expires_at >= before.expires_at, "{seq}: a deadline went backwards");
            }
            (SeatState::Locked(lock), SeatState::Available) => {
                let holder = lock.holder.to_string();
                let given = by == Some(Some(&*holder)) || self.answers.may_have_freed(seq, seat, Some(&holder));
                assert!(given || lock.has_ended(seen), "{seq}: seat {seat} was freed before its deadline");
            }
            (SeatState::Occupied, SeatState::Available) => {
                let refunded = by == Some(None) || self.answers.may_have_freed(seq, seat, None);
                assert!(refunded, "{seq}: the sold seat {seat} was freed without a refund");
            }
            (SeatState::Available, SeatState::Locked(_) | SeatState::Blocked)
            | (SeatState::Locked(_), SeatState::Occupied)
            | (SeatState::Blocked, SeatState::Available) => {}
            (before, after) => panic!("{seq}: seat {seat} went from {before:?} to {after:?}"),
        }
    }

    /// What was answered was so at the position that the answer names.
    fn agrees(&self, answer: &Answer) {
        for seat in &answer.seats {
            let state = &self.seats[seat];
            let held = matches!(state, SeatState::Locked(lock) if lock.holder.to_string() == answer.holder);
            let so = match answer.kind {
                Kind::Lock | Kind::Extend => held,
                Kind::Unlock => !held,
                Kind::Book(_) => *state == SeatState::Occupied,
                // Whoever asked twice was perhaps heard the first time, and the seat was sold again since.
                Kind::Release(_) => {
                    let twice = answer.was_repeated() || self.answers.was_asked_before(&answer.kind);
                    *state != SeatState::Occupied || twice
                }
            };
            assert!(so, "seat {seat} is {state:?} where {answer:?}");
        }
    }
}

/// Who gave seats back with which sequence number: a holder, or nobody for a refund.
fn given_back(answers: &Answers) -> HashMap<(u64, usize), Option<&str>> {
    let mut given_back = HashMap::new();
    for answer in &answers.given {
        let by = match answer.kind {
            Kind::Unlock => Some(answer.holder.as_str()),
            Kind::Release(_) => None,
            Kind::Lock | Kind::Extend | Kind::Book(_) => continue,
        };
        given_back.extend(answer.seats.iter().map(|seat| ((answer.position.seq, *seat), by)));
    }
    given_back
}

/// What was sent after an answer does not come before it.
fn check_order<'a>(answers: impl Iterator<Item = &'a Answer>) {
    let mut by_time: Vec<&Answer> = answers.collect();
    by_time.sort_by_key(|answer| answer.answered);
    let mut highest_before: Vec<(Instant, u64)> = Vec::new();
    for answer in by_time {
        let seq = answer.position.seq;
        let before = highest_before.partition_point(|(answered, _)| *answered < answer.sent);
        if let Some((_, highest)) = before.checked_sub(1).and_then(|at| highest_before.get(at)) {
            assert!(seq >= *highest, "what was sent after an answer must not come before it: {answer:?}");
        }
        let highest = highest_before.last().map_or(seq, |(_, highest)| (*highest).max(seq));
        highest_before.push((answer.answered, highest));
    }
}

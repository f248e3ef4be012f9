//! All showtimes of the store, what is due, and what the next commit has to write and to tell. No clock and no disk.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::machine::{Machine, Step};
use crate::domain::archive::{Archive, Seats};
use crate::domain::diff::Diff;
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::{PlanHash, SeatingPlan};
use crate::domain::position::{Epoch, Position};
use crate::domain::seat::SeatState;
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::domain::time::Timestamp;
use crate::domain::transition::Refusal;
use crate::store::{FeedItem, Imported, Refused, RefusedSeat, ShowtimeView, Written, new_epoch};

/// A showtime as the disk has it.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub archive: Archive,
    pub epoch: Epoch,
    /// The newest diffs, oldest first. The last one's number is where the showtime stands; 0 when there is none.
    pub recent: Vec<Diff>,
}

/// One thing to write.
#[derive(Debug)]
pub enum Write {
    /// A showtime from its beginning, in place of what was there.
    Showtime {
        archive: Box<Archive>,
        epoch: Epoch,
    },
    Step {
        showtime: ShowtimeId,
        step: Box<Step>,
    },
    Removal(ShowtimeId),
}

/// What a commit writes, and what is told once it is written.
#[derive(Debug, Default)]
pub struct Batch {
    pub writes: Vec<Write>,
    pub news: Vec<FeedItem>,
}

/// Everything that the store knows.
pub struct State {
    rules: Rules,
    showtimes: HashMap<ShowtimeId, Machine>,
    plans: HashMap<PlanHash, Arc<SeatingPlan>>,
    /// The next deadline of each showtime that has one.
    due: BTreeSet<(Timestamp, ShowtimeId)>,
    /// How many asked for each watch.
    watched: HashMap<ShowtimeId, usize>,
    batch: Batch,
}

impl State {
    /// The state that the disk has.
    ///
    /// # Errors
    /// When a showtime contradicts itself.
    pub fn new(rules: Rules, stored: Vec<Stored>) -> Result<Self, String> {
        let mut state = Self {
            rules,
            showtimes: HashMap::new(),
            plans: HashMap::new(),
            due: BTreeSet::new(),
            watched: HashMap::new(),
            batch: Batch::default(),
        };
        for Stored { archive, epoch, recent } in stored {
            let position = recent.last().map_or_else(|| Position::new(epoch, 0), |diff| diff.position.clone());
            state.install(&archive, position, recent)?;
        }
        Ok(state)
    }

    /// What would have to be written for a disk that has nothing. Histories are no part of it, so they begin anew.
    pub fn everything(&self) -> Vec<Write> {
        let whole = |machine: &Machine| Write::Showtime { archive: Box::new(machine.archive()), epoch: new_epoch() };
        self.showtimes.values().map(whole).collect()
    }

    /// What is to be written and told since this was last asked.
    pub fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    pub fn watched(&self) -> &HashMap<ShowtimeId, usize> {
        &self.watched
    }

    /// Has the batch tell of these showtimes.
    pub fn watch_all(&mut self, showtimes: HashMap<ShowtimeId, usize>) {
        self.watched = showtimes;
    }

    pub fn watch(&mut self, id: &ShowtimeId) -> bool {
        let known = self.showtimes.contains_key(id);
        if known {
            *self.watched.entry(id.clone()).or_default() += 1;
        }
        known
    }

    pub fn unwatch(&mut self, id: &ShowtimeId) {
        if let Some(watchers) = self.watched.get_mut(id) {
            *watchers -= 1;
            if *watchers == 0 {
                self.watched.remove(id);
            }
        }
    }

    pub fn showtimes(&self) -> impl Iterator<Item = &Machine> {
        self.showtimes.values()
    }

    /// A showtime as it is at `now`.
    pub fn showtime(&mut self, id: &ShowtimeId, now: Timestamp) -> Option<&Machine> {
        self.on(id, now, |_| Ok(())).ok()?;
        self.showtimes.get(id)
    }

    pub fn plan(&self, hash: &PlanHash) -> Option<Arc<SeatingPlan>> {
        self.plans.get(hash).cloned()
    }

    /// When the next lock may end.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.due.first().map(|(deadline, _)| *deadline)
    }

    /// Ends the locks whose deadline has passed, in all showtimes.
    pub fn expire(&mut self, now: Timestamp) {
        while let Some((deadline, id)) = self.due.first()
            && now > *deadline
        {
            let id = id.clone();
            let _ = self.on(&id, now, |_| Ok(()));
        }
    }

    /// Does something with a showtime, after its locks that have ended were released.
    pub fn on<T>(
        &mut self,
        id: &ShowtimeId,
        now: Timestamp,
        operation: impl FnOnce(&mut Machine) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let Some(machine) = self.showtimes.get_mut(id) else { return Err(Refused::UnknownShowtime) };
        let before = machine.next_deadline();
        let ended = machine.expire(now);
        if ended > 0 {
            tracing::info!(showtime = %id, count = ended, "released locks that have ended");
        }
        let outcome = operation(machine);
        let (steps, after) = (machine.take_steps(), machine.next_deadline());
        self.reschedule(id, before, after);
        for step in steps {
            if let Some(diff) = step.diff.clone() {
                self.tell(id, |showtime| FeedItem::Diff { showtime, diff });
            }
            self.batch.writes.push(Write::Step { showtime: id.clone(), step: Box::new(step) });
        }
        outcome
    }

    /// Creates a showtime or replaces its description; see `SeatStore::put`.
    pub fn put(
        &mut self,
        id: &ShowtimeId,
        details: Details,
        plan: Arc<SeatingPlan>,
        now: Timestamp,
    ) -> Result<Written, Refused> {
        let Some(machine) = self.showtime(id, now) else {
            let archive = Archive::new(id.clone(), details, plan, Seats::default())
                .expect("a showtime without seats in use contradicts nothing");
            self.begin(archive);
            return Ok(Written::Created);
        };
        let showtime = &machine.view().showtime;
        if showtime.details == details && showtime.plan == *plan.hash() {
            return Ok(Written::Unchanged);
        }
        let view = Arc::clone(machine.view());
        let archive = machine.archive().moved_to(details, plan).map_err(|lost| {
            let seat = |(seat, state): (&u32, &SeatState)| RefusedSeat {
                seat: view.seat_id(*seat).clone(),
                refusal: refusal(state),
            };
            Refused::Seats(lost.iter().map(seat).collect())
        })?;
        self.begin(archive);
        Ok(Written::Replaced)
    }

    /// Removes a showtime; `false` when there was none.
    pub fn delete(&mut self, id: &ShowtimeId) -> bool {
        let Some(machine) = self.showtimes.remove(id) else { return false };
        self.reschedule(id, machine.next_deadline(), None);
        self.batch.writes.push(Write::Removal(id.clone()));
        self.tell(id, |showtime| FeedItem::Gone { showtime });
        true
    }

    /// Creates a showtime with everything that belongs to it.
    pub fn import(&mut self, archive: Archive, now: Timestamp) -> Imported {
        let archive = archive.at(now);
        let known = self.showtime(archive.id(), now).map(Machine::archive);
        // Who placed a lock without a deadline would remove it in the store that it was placed in. Here nobody could.
        let lock = archive.details().rules(self.rules).lock;
        let archive = archive.with_deadlines(|seat, lock_there| {
            let same = known.as_ref().and_then(|known| known.locks().get(&seat));
            let same = same.filter(|here| here.holder == lock_there.holder && here.locked_at == lock_there.locked_at);
            same.and_then(|here| here.expires_at).unwrap_or_else(|| now.plus(lock))
        });
        match known {
            Some(known) if known == archive => Imported::Unchanged,
            Some(_) => Imported::Conflict,
            None => {
                self.begin(archive);
                Imported::Created
            }
        }
    }

    /// Begins a history of a showtime.
    fn begin(&mut self, archive: Archive) {
        let epoch = new_epoch();
        let id = archive.id().clone();
        self.install(&archive, Position::new(epoch.clone(), 0), Vec::new()).expect("an empty history has no gap");
        self.batch.writes.push(Write::Showtime { archive: Box::new(archive), epoch });
        self.tell(&id, |showtime| FeedItem::Reset { showtime });
    }

    fn install(&mut self, archive: &Archive, position: Position, recent: Vec<Diff>) -> Result<(), String> {
        let plan = self.plans.entry(archive.plan().hash().clone()).or_insert_with(|| Arc::clone(archive.plan()));
        let view = view(archive, Arc::clone(plan), self.rules);
        let machine = Machine::new(archive, Arc::new(view), position, recent)?;
        let after = machine.next_deadline();
        let before = self.showtimes.insert(archive.id().clone(), machine).and_then(|machine| machine.next_deadline());
        self.reschedule(archive.id(), before, after);
        Ok(())
    }

    fn reschedule(&mut self, id: &ShowtimeId, before: Option<Timestamp>, after: Option<Timestamp>) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.due.remove(&(before, id.clone()));
        }
        self.due.extend(after.map(|after| (after, id.clone())));
    }

    fn tell(&mut self, id: &ShowtimeId, item: impl FnOnce(ShowtimeId) -> FeedItem) {
        if self.watched.contains_key(id) {
            self.batch.news.push(item(id.clone()));
        }
    }
}

fn view(archive: &Archive, plan: Arc<SeatingPlan>, defaults: Rules) -> ShowtimeView {
    let showtime = Showtime {
        id: archive.id().clone(),
        details: archive.details().clone(),
        plan: plan.hash().clone(),
        seat_count: u32::try_from(plan.seat_count()).expect("a plan has at most 100,000 seats"),
    };
    let rules = archive.details().rules(defaults);
    ShowtimeView { showtime, plan, rules }
}

/// Why a seat in this state cannot go away.
fn refusal(state: &SeatState) -> Refusal {
    match state {
        SeatState::Locked(lock) => Refusal::Locked { expires_at: lock.expires_at },
        SeatState::Blocked => Refusal::Blocked,
        SeatState::Occupied | SeatState::Available => Refusal::Occupied,
    }
}

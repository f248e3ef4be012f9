//! One showtime as a state machine: the domain's transition function over its seats, the ledger, and the recent history.
//!
//! No clock and no disk: `now` is an argument, and what must be written comes out as [`Step`]s.
//!
//! The invariant: [`Machine::commit_with`] is the only place where seats change. It counts the sequence number up, remembers the diff,
//! and keeps deadlines, holders and owners in line with the map.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::domain::archive::{Archive, Seats};
use crate::domain::booking::Booking;
use crate::domain::diff::{Change, Diff};
use crate::domain::ids::{BookingId, SeatId, UserId};
use crate::domain::position::Position;
use crate::domain::seat::SeatState;
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::domain::transition::{Command, Refusal, transition};
use crate::store::finding::{find, over_limit, per_holder, per_request, seat_ids};
use crate::store::{
    Booked, BookingConflict, Changed, Done, Fact, Facts, Held, History, Refused, RefusedSeat, Sale, ShowtimeView,
};

/// The newest diffs that are kept, and the changes in all of them together. The newest diff is always kept.
const HISTORY_DIFFS: usize = 1_000;
const HISTORY_CHANGES: usize = 20_000;

/// What one change leaves to be written, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub diff: Option<Diff>,
    /// The ledger's entry that was made or changed.
    pub booking: Option<Booking>,
    /// Why seats are blocked; `None` for those that no longer are.
    pub reasons: Vec<(u32, Option<String>)>,
    /// Sequence numbers whose diffs are forgotten.
    pub forgotten: Vec<u64>,
}

/// A showtime.
pub struct Machine {
    view: Arc<ShowtimeView>,
    snapshot: Snapshot,
    /// Without a gap, the last at the snapshot's position.
    recent: VecDeque<Diff>,
    recent_changes: usize,
    /// The deadlines of all locks that have one.
    deadlines: BTreeSet<(Timestamp, u32)>,
    /// The locked seats of each holder.
    held: HashMap<UserId, BTreeSet<u32>>,
    ledger: HashMap<BookingId, Booking>,
    /// Which booking owns a seat.
    sold: HashMap<u32, BookingId>,
    /// Of the blocked seats.
    reasons: HashMap<u32, String>,
    steps: Vec<Step>,
}

impl Machine {
    /// A showtime with this content at `position`, which `recent` leads to.
    ///
    /// # Errors
    /// When the history has a gap or does not lead to the position.
    pub fn new(
        archive: &Archive,
        view: Arc<ShowtimeView>,
        position: Position,
        recent: Vec<Diff>,
    ) -> Result<Self, String> {
        let leads_here = recent.last().is_none_or(|diff| diff.position == position);
        if !leads_here || recent.windows(2).any(|pair| pair[0].position != pair[1].prev) {
            return Err(format!("the history of showtime {} has a gap", archive.id()));
        }
        let locks = archive.locks().clone();
        let mut held: HashMap<UserId, BTreeSet<u32>> = HashMap::new();
        for (seat, lock) in &locks {
            held.entry(lock.holder.clone()).or_default().insert(*seat);
        }
        let deadlines = locks.iter().filter_map(|(seat, lock)| Some((lock.expires_at?, *seat))).collect();
        let snapshot = Snapshot::new(position, archive.states(), locks).map_err(|error| error.to_string())?;
        Ok(Self {
            view,
            snapshot,
            recent_changes: recent.iter().map(|diff| diff.changes.len()).sum(),
            recent: recent.into(),
            deadlines,
            held,
            ledger: archive.bookings().iter().map(|entry| (entry.booking_id.clone(), entry.clone())).collect(),
            sold: archive.sold().map(|(seat, booking)| (seat, booking.booking_id.clone())).collect(),
            reasons: archive.blocks().iter().map(|(seat, reason)| (*seat, reason.clone())).collect(),
            steps: Vec::new(),
        })
    }

    pub fn view(&self) -> &Arc<ShowtimeView> {
        &self.view
    }

    pub fn position(&self) -> &Position {
        self.snapshot.position()
    }

    /// When the next lock may end.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// What was changed since this was last asked, in order.
    pub fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    /// Everything but the history.
    pub fn archive(&self) -> Archive {
        let seats = Seats {
            locks: self.snapshot.locks().clone(),
            blocks: self.reasons.iter().map(|(seat, reason)| (*seat, reason.clone())).collect(),
            bookings: self.ledger.values().cloned().collect(),
        };
        let showtime = &self.view.showtime;
        Archive::new(showtime.id.clone(), showtime.details.clone(), Arc::clone(&self.view.plan), seats)
            .expect("a machine's seats have one state each")
    }

    /// The map with its history.
    pub fn history(&self) -> History {
        let recent = self.recent.iter().cloned().collect();
        History { view: Arc::clone(&self.view), snapshot: self.snapshot.clone(), recent }
    }

    /// The diffs after `since`, if history reaches back to it.
    pub fn changes_since(&self, since: &Position) -> Option<Vec<Diff>> {
        if since == self.position() {
            return Some(Vec::new());
        }
        let first = self.recent.iter().position(|diff| diff.prev == *since)?;
        Some(self.recent.range(first..).cloned().collect())
    }

    /// Ends the locks whose deadline has passed. Doing it again changes nothing. Returns how many have ended.
    pub fn expire(&mut self, now: Timestamp) -> usize {
        let ended: Vec<_> = self.deadlines.iter().take_while(|(deadline, _)| now > *deadline).copied().collect();
        self.commit(ended.iter().map(|(_, seat)| Change { seat: *seat, state: SeatState::Available }).collect());
        ended.len()
    }

    pub fn lock(&mut self, names: &[String], holder: &UserId, now: Timestamp) -> Result<Held, Refused> {
        let seats = find(&self.view, names, per_holder(&self.view))?;
        let command = Command::Lock { holder: holder.clone(), ttl: self.view.rules.lock };
        let changes = self.decide(&seats, &command, now)?;
        let held = self.held.get(holder).map_or(0, BTreeSet::len);
        if !changes.is_empty() && held + changes.len() > per_holder(&self.view) {
            let held: Vec<u32> = self.held.get(holder).into_iter().flatten().copied().collect();
            return Err(over_limit(&self.view, &seats, names.len(), &held));
        }
        self.commit(changes);
        Ok(self.held(&seats, now))
    }

    pub fn unlock(&mut self, names: &[String], holder: &UserId, now: Timestamp) -> Result<Changed, Refused> {
        self.change(names, &Command::Unlock { holder: holder.clone() }, now)
    }

    pub fn extend(&mut self, names: &[String], holder: &UserId, now: Timestamp) -> Result<Held, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let (ttl, cap) = (self.view.rules.lock, self.view.rules.extend_cap);
        let changes = self.decide(&seats, &Command::Extend { holder: holder.clone(), ttl, cap }, now)?;
        self.commit(changes);
        Ok(self.held(&seats, now))
    }

    pub fn book(
        &mut self,
        names: &[String],
        holder: &UserId,
        id: &BookingId,
        now: Timestamp,
    ) -> Result<Booked, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let ids = seat_ids(&self.view, &seats);
        if let Some(recorded) = self.ledger.get(id) {
            if recorded.is_repeated_by(holder, &ids) {
                return Ok(Booked { done: self.done(now), booking: recorded.clone(), replayed: true });
            }
            let conflict =
                if recorded.released.is_empty() { BookingConflict::Different } else { BookingConflict::Released };
            return Err(Refused::BookingConflict(conflict));
        }
        let changes = self.decide(&seats, &Command::Book { holder: holder.clone() }, now)?;
        let booking = Booking {
            booking_id: id.clone(),
            user_id: holder.clone(),
            booked_at: now,
            seats: ids,
            released: Vec::new(),
        };
        self.commit_with(changes, Some(booking.clone()), Vec::new());
        Ok(Booked { done: self.done(now), booking, replayed: false })
    }

    pub fn release(&mut self, names: &[String], id: &BookingId, now: Timestamp) -> Result<Changed, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let conflict = |conflict| Err(Refused::BookingConflict(conflict));
        let Some(recorded) = self.ledger.get(id) else { return conflict(BookingConflict::Unrecorded) };
        let ids = seat_ids(&self.view, &seats);
        let strangers: Vec<SeatId> = ids.iter().filter(|seat| !recorded.seats.contains(seat)).cloned().collect();
        if !strangers.is_empty() {
            return conflict(BookingConflict::NotOwned(strangers));
        }
        let owned: Vec<u32> =
            seats.iter().zip(&ids).filter(|(_, seat)| recorded.owns(seat)).map(|(index, _)| *index).collect();
        let mut booking = recorded.clone();
        booking.released.extend(seat_ids(&self.view, &owned));
        let changes = self.decide(&owned, &Command::Release, now)?;
        if !owned.is_empty() {
            self.commit_with(changes, Some(booking), Vec::new());
        }
        Ok(Changed { done: self.done(now), seats: owned })
    }

    pub fn block(&mut self, names: &[String], reason: &str, now: Timestamp) -> Result<Changed, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let changes = self.decide(&seats, &Command::Block, now)?;
        let touched = seats_of(&changes);
        let news = seats.iter().filter(|seat| self.reasons.get(seat).is_none_or(|known| known != reason));
        let reasons = news.map(|seat| (*seat, Some(reason.to_owned()))).collect();
        self.commit_with(changes, None, reasons);
        Ok(Changed { done: self.done(now), seats: touched })
    }

    pub fn unblock(&mut self, names: &[String], now: Timestamp) -> Result<Changed, Refused> {
        self.change(names, &Command::Unblock, now)
    }

    /// What is true of the seats.
    pub fn facts(&self, names: &[String], now: Timestamp) -> Result<Facts, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let mut sales: HashMap<&BookingId, Arc<Sale>> = HashMap::new();
        let mut sale = |seat| {
            let booking = self.ledger.get(self.sold.get(&seat)?)?;
            Some(Arc::clone(sales.entry(&booking.booking_id).or_insert_with(|| Arc::new(booking.into()))))
        };
        let mut fact = |seat| match self.state(seat) {
            SeatState::Available => Fact::Available,
            SeatState::Locked(lock) => Fact::Locked { expires_at: lock.expires_at },
            SeatState::Occupied => Fact::Occupied(sale(seat)),
            SeatState::Blocked => Fact::Blocked { reason: self.reasons.get(&seat).cloned().unwrap_or_default() },
        };
        Ok(Facts { done: self.done(now), seats: seats.into_iter().map(|seat| (seat, fact(seat))).collect() })
    }

    fn change(&mut self, names: &[String], command: &Command, now: Timestamp) -> Result<Changed, Refused> {
        let seats = find(&self.view, names, per_request(&self.view))?;
        let changes = self.decide(&seats, command, now)?;
        let touched = seats_of(&changes);
        self.commit(changes);
        Ok(Changed { done: self.done(now), seats: touched })
    }

    /// What a command changes, or the seats that are in its way.
    fn decide(&self, seats: &[u32], command: &Command, now: Timestamp) -> Result<Vec<Change>, Refused> {
        let (mut changes, mut in_the_way) = (Vec::new(), Vec::new());
        for seat in seats {
            let state = self.state(*seat);
            match transition(&state, command, now) {
                Ok(next) if next == state => {}
                Ok(next) => changes.push(Change { seat: *seat, state: next }),
                Err(refusal) => in_the_way.push(self.refused(*seat, refusal)),
            }
        }
        if in_the_way.is_empty() { Ok(changes) } else { Err(Refused::Seats(in_the_way)) }
    }

    fn refused(&self, seat: u32, refusal: Refusal) -> RefusedSeat {
        RefusedSeat { seat: self.view.seat_id(seat).clone(), refusal }
    }

    fn state(&self, seat: u32) -> SeatState {
        self.snapshot.state(seat).expect("a seat of the plan is on the map")
    }

    fn commit(&mut self, changes: Vec<Change>) {
        self.commit_with(changes, None, Vec::new());
    }

    fn commit_with(&mut self, changes: Vec<Change>, booking: Option<Booking>, mut reasons: Vec<(u32, Option<String>)>) {
        if changes.is_empty() && booking.is_none() && reasons.is_empty() {
            return;
        }
        for change in &changes {
            self.keep_in_line(change);
        }
        let unblocked = changes.iter().filter(|change| change.state != SeatState::Blocked).map(|change| change.seat);
        reasons.extend(unblocked.filter(|seat| self.reasons.contains_key(seat)).map(|seat| (seat, None)));
        for (seat, reason) in &reasons {
            match reason {
                Some(reason) => self.reasons.insert(*seat, reason.clone()),
                None => self.reasons.remove(seat),
            };
        }
        if let Some(booking) = &booking {
            self.keep_owners(&changes, &booking.booking_id);
            self.ledger.insert(booking.booking_id.clone(), booking.clone());
        }
        let diff = (!changes.is_empty()).then(|| self.next_diff(changes));
        let forgotten = diff.clone().map(|diff| self.remember(diff)).unwrap_or_default();
        self.steps.push(Step { diff, booking, reasons, forgotten });
    }

    /// Brings deadlines and holders forward, before the map is.
    fn keep_in_line(&mut self, change: &Change) {
        if let Some(lock) = self.snapshot.locks().get(&change.seat) {
            if let Some(deadline) = lock.expires_at {
                self.deadlines.remove(&(deadline, change.seat));
            }
            if let Some(seats) = self.held.get_mut(&lock.holder) {
                seats.remove(&change.seat);
                if seats.is_empty() {
                    self.held.remove(&lock.holder);
                }
            }
        }
        if let SeatState::Locked(lock) = &change.state {
            self.held.entry(lock.holder.clone()).or_default().insert(change.seat);
            self.deadlines.extend(lock.expires_at.map(|deadline| (deadline, change.seat)));
        }
    }

    /// Brings forward who owns the seats that a booking takes or gives back.
    fn keep_owners(&mut self, changes: &[Change], booking: &BookingId) {
        for change in changes {
            if change.state == SeatState::Occupied {
                self.sold.insert(change.seat, booking.clone());
            } else {
                self.sold.remove(&change.seat);
            }
        }
    }

    /// The diff of these changes, which the map shows on return.
    fn next_diff(&mut self, changes: Vec<Change>) -> Diff {
        let prev = self.position().clone();
        let position = Position::new(prev.epoch.clone(), prev.seq + 1);
        let diff = Diff { prev, position, changes };
        self.snapshot.apply(&diff);
        diff
    }

    /// Adds a diff to the history; the sequence numbers that fell out of it are returned.
    fn remember(&mut self, diff: Diff) -> Vec<u64> {
        self.recent_changes += diff.changes.len();
        self.recent.push_back(diff);
        let mut forgotten = Vec::new();
        while self.recent.len() > HISTORY_DIFFS || (self.recent.len() > 1 && self.recent_changes > HISTORY_CHANGES) {
            let Some(diff) = self.recent.pop_front() else { break };
            self.recent_changes -= diff.changes.len();
            forgotten.push(diff.position.seq);
        }
        forgotten
    }

    fn done(&self, now: Timestamp) -> Done {
        Done { view: Arc::clone(&self.view), position: self.position().clone(), now }
    }

    fn held(&self, seats: &[u32], now: Timestamp) -> Held {
        let lock = |seat: &u32| Some((*seat, self.snapshot.locks().get(seat)?.clone()));
        Held { done: self.done(now), seats: seats.iter().filter_map(lock).collect() }
    }
}

fn seats_of(changes: &[Change]) -> Vec<u32> {
    changes.iter().map(|change| change.seat).collect()
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

//! A showtime's whole seat map at one position, and the reducer that brings it forward.
//!
//! The same reducer runs in the browser (`static/js/model/replica.js`); both pass the cases of `tests/fixtures/replica.json`.

use std::collections::BTreeMap;

use super::diff::{Change, Diff};
use super::position::Position;
use super::seat::{Lock, SeatState, SeatStatus};

/// Every seat's state at `position`: one letter a seat in plan order, and the details of the locked ones.
///
/// Invariant: `locks` has an entry for exactly the seats whose letter is `l`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    position: Position,
    states: String,
    locks: BTreeMap<u32, Lock>,
}

/// What became of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was next, and the snapshot is now at its position.
    Changed,
    /// The snapshot held it already.
    Seen,
    /// It builds on something that the snapshot does not have: read again from the snapshot's position.
    Gap,
}

/// Letters and locks contradict each other.
#[derive(Debug, thiserror::Error)]
#[error("the seat map is not consistent: {0}")]
pub struct InconsistentSnapshot(String);

impl Snapshot {
    /// Puts a snapshot together from its parts.
    ///
    /// # Errors
    /// [`InconsistentSnapshot`] when a letter is unknown, or locks and letters do not agree.
    pub fn new(position: Position, states: String, locks: BTreeMap<u32, Lock>) -> Result<Self, InconsistentSnapshot> {
        let mut locked = 0;
        for (index, letter) in states.bytes().enumerate() {
            let Some(seat_status) = SeatStatus::from_letter(letter) else {
                return Err(InconsistentSnapshot(format!(
                    "seat {index} has the unknown letter {:?}",
                    char::from(letter)
                )));
            };
            if seat_status == SeatStatus::Locked {
                locked += 1;
                if !u32::try_from(index).is_ok_and(|index| locks.contains_key(&index)) {
                    return Err(InconsistentSnapshot(format!("seat {index} is locked without a lock")));
                }
            }
        }
        if locked != locks.len() {
            return Err(InconsistentSnapshot(format!("{} locks for {locked} locked seats", locks.len())));
        }
        Ok(Self { position, states, locks })
    }

    /// A map of `seats` available seats.
    pub fn empty(position: Position, seats: usize) -> Self {
        Self { position, states: "a".repeat(seats), locks: BTreeMap::new() }
    }

    /// The position that this map shows.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// One letter a seat, in plan order.
    pub fn states(&self) -> &str {
        &self.states
    }

    /// The locks by seat index.
    pub fn locks(&self) -> &BTreeMap<u32, Lock> {
        &self.locks
    }

    /// How many seats the map has.
    pub fn seat_count(&self) -> usize {
        self.states.len()
    }

    /// The status of a seat, `None` when the map has no such seat.
    pub fn status(&self, seat: u32) -> Option<SeatStatus> {
        self.states.as_bytes().get(seat as usize).copied().and_then(SeatStatus::from_letter)
    }

    /// The state of a seat, `None` when the map has no such seat.
    pub fn state(&self, seat: u32) -> Option<SeatState> {
        Some(match self.status(seat)? {
            SeatStatus::Available => SeatState::Available,
            SeatStatus::Locked => SeatState::Locked(self.locks.get(&seat)?.clone()),
            SeatStatus::Occupied => SeatState::Occupied,
            SeatStatus::Blocked => SeatState::Blocked,
        })
    }

    /// Brings the map forward by one diff, in order and each once.
    ///
    /// A diff that was seen, or that builds on something else, changes nothing. So does one that names a seat which the map
    /// does not have: its plan is another, which is a gap too.
    pub fn apply(&mut self, diff: &Diff) -> Applied {
        if diff.position.epoch != self.position.epoch {
            return Applied::Gap;
        }
        if diff.position.seq <= self.position.seq {
            return Applied::Seen;
        }
        let known = |change: &Change| (change.seat as usize) < self.states.len();
        if diff.prev != self.position || !diff.changes.iter().all(known) {
            return Applied::Gap;
        }
        let mut letters = std::mem::take(&mut self.states).into_bytes();
        for change in &diff.changes {
            letters[change.seat as usize] = change.state.status().letter();
            match &change.state {
                SeatState::Locked(lock) => self.locks.insert(change.seat, lock.clone()),
                SeatState::Available | SeatState::Occupied | SeatState::Blocked => self.locks.remove(&change.seat),
            };
        }
        self.states = String::from_utf8(letters).expect("states are ASCII letters");
        self.position = diff.position.clone();
        Applied::Changed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::ids::UserId;
    use crate::domain::time::Timestamp;

    /// The fixtures speak of deadlines only; who holds and since when is no part of what viewers know.
    fn lock(expires_at: &Value) -> Lock {
        let expires_at = expires_at.as_str().map(|text| Timestamp::parse(text).unwrap());
        Lock { holder: UserId::foreign(""), locked_at: Timestamp::from_millis(0), expires_at }
    }

    fn snapshot(value: &Value) -> Snapshot {
        let locks = value["locks"].as_array().unwrap().iter();
        let locks = locks.map(|entry| (u32::try_from(entry[0].as_u64().unwrap()).unwrap(), lock(&entry[1]))).collect();
        let position = value["position"].as_str().unwrap().parse().unwrap();
        Snapshot::new(position, value["states"].as_str().unwrap().into(), locks).unwrap()
    }

    fn diff(message: &Value, seats: &[&str]) -> Diff {
        let change = |change: &Value| {
            let known = seats.iter().position(|seat| change["seatId"] == *seat);
            let state = match change["status"].as_str().unwrap() {
                "available" => SeatState::Available,
                "locked" => SeatState::Locked(lock(&change["expiresAt"])),
                "occupied" => SeatState::Occupied,
                "blocked" => SeatState::Blocked,
                other => panic!("{other}"),
            };
            // A seat that the plan does not have has no index either.
            Change { seat: known.map_or(u32::MAX, |index| u32::try_from(index).unwrap()), state }
        };
        let position = |name: &str| message[name].as_str().unwrap().parse().unwrap();
        let changes = message["changes"].as_array().unwrap().iter().map(change).collect();
        Diff { prev: position("prev"), position: position("position"), changes }
    }

    #[test]
    fn the_reducer_passes_the_cases_that_it_shares_with_the_page() {
        let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/fixtures/replica.json")).unwrap();
        assert!(cases.len() > 10);
        for case in cases {
            let seats: Vec<&str> =
                case["seats"].as_array().unwrap().iter().map(|seat| seat.as_str().unwrap()).collect();
            let mut replica = snapshot(&case["start"]);
            let mut gap = false;
            for message in case["messages"].as_array().unwrap() {
                match message["type"].as_str().unwrap() {
                    "snapshot" => replica = snapshot(message),
                    "diff" => gap = replica.apply(&diff(message, &seats)) == Applied::Gap,
                    _ => {}
                }
                if gap {
                    break;
                }
            }
            assert_eq!(
                (&replica, gap),
                (&snapshot(&case["expect"]), case["expect"]["gap"] == true),
                "{}",
                case["name"]
            );
        }
    }

    #[test]
    fn letters_and_locks_that_contradict_each_other_are_refused() {
        let at = || "e-1".parse().unwrap();
        assert!(Snapshot::new(at(), "al".into(), BTreeMap::new()).is_err());
        assert!(Snapshot::new(at(), "aa".into(), BTreeMap::from([(1, lock(&Value::Null))])).is_err());
        assert!(Snapshot::new(at(), "ax".into(), BTreeMap::new()).is_err());
    }
}

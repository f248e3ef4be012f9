//! What changed in a showtime between two positions. A diff states new values, never steps: applying it twice changes nothing.

use serde::{Deserialize, Serialize};

use super::position::Position;
use super::seat::SeatState;

/// One seat's new state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The seat's index in its plan.
    pub seat: u32,
    pub state: SeatState,
}

/// The changes that lead from `prev` to `position`, both of one epoch. It may span several sequence numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    pub prev: Position,
    pub position: Position,
    /// At most one change for each seat.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Joins diffs that follow each other without a gap into one, with the last state of each seat.
    ///
    /// The changes keep the order in which each seat was last changed. `None` when there is nothing to join.
    pub fn merge<'a>(diffs: impl DoubleEndedIterator<Item = &'a Self> + Clone) -> Option<Self> {
        let prev = diffs.clone().next()?.prev.clone();
        let position = diffs.clone().next_back()?.position.clone();
        let mut seen = std::collections::HashSet::new();
        let mut changes: Vec<Change> = diffs
            .rev()
            .flat_map(|diff| diff.changes.iter().rev())
            .filter(|change| seen.insert(change.seat))
            .cloned()
            .collect();
        changes.reverse();
        Some(Self { prev, position, changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(from: u64, to: u64, changes: &[(u32, SeatState)]) -> Diff {
        let at = |seq: u64| format!("e-{seq}").parse().unwrap();
        let changes = changes.iter().map(|(seat, state)| Change { seat: *seat, state: state.clone() }).collect();
        Diff { prev: at(from), position: at(to), changes }
    }

    #[test]
    fn merged_diffs_hold_the_last_state_of_each_seat_once() {
        let diffs = [
            diff(4, 5, &[(1, SeatState::Occupied), (2, SeatState::Blocked)]),
            diff(5, 6, &[(1, SeatState::Available)]),
            diff(6, 7, &[(3, SeatState::Blocked)]),
        ];
        let merged = Diff::merge(diffs.iter()).unwrap();
        assert_eq!(merged, diff(4, 7, &[(2, SeatState::Blocked), (1, SeatState::Available), (3, SeatState::Blocked)]));
        assert_eq!(Diff::merge([].iter()), None);
    }
}

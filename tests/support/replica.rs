//! A viewer's own map, as messages make it: it fails on every gap, repetition or step back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plan::SeatIds;

/// What a viewer knows of a showtime.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replica {
    pub position: String,
    /// One letter a seat, in plan order.
    pub states: String,
    /// Deadlines by seat index; `Null` for a lock without one.
    pub locks: BTreeMap<usize, Value>,
}

impl Replica {
    /// Forgets everything for a snapshot.
    pub fn take_snapshot(&mut self, message: &Value, seats: &SeatIds) {
        let locks = message["locks"].as_array().expect("locks");
        let lock = |lock: &Value| (usize::try_from(lock[0].as_u64().unwrap()).unwrap(), lock[1].clone());
        *self = Self {
            position: message["position"].as_str().expect("a position").to_owned(),
            states: message["states"].as_str().expect("states").to_owned(),
            locks: locks.iter().map(lock).collect(),
        };
        assert_eq!(self.states.len(), seats.len(), "a letter for every seat");
    }

    /// Goes forward by a diff that builds on `prev`. Returns how many sequence numbers it covers.
    pub fn take_diff(&mut self, prev: &Value, message: &Value, seats: &SeatIds) -> u64 {
        let (prev, position) = (prev.as_str().expect("a position"), message["position"].as_str().expect("a position"));
        assert_eq!(prev, self.position, "a diff builds on what the viewer has");
        let (from, to) = (seq(prev), seq(position));
        assert!(to >= from, "history goes forward");
        let mut letters = std::mem::take(&mut self.states).into_bytes();
        for change in message["changes"].as_array().expect("changes") {
            let seat = seats.index(change["seatId"].as_str().expect("a seat"));
            let letter = letter(change["status"].as_str().expect("a status"));
            letters[seat] = letter;
            if letter == b'l' {
                self.locks.insert(seat, change["expiresAt"].clone());
            } else {
                self.locks.remove(&seat);
            }
            assert!(
                change.get("lockedBy").is_none() && change.get("userId").is_none(),
                "nobody learns who holds a seat"
            );
        }
        self.states = String::from_utf8(letters).expect("letters");
        position.clone_into(&mut self.position);
        to - from
    }

    /// The letter of a seat.
    pub fn letter(&self, seat: usize) -> char {
        self.states.as_bytes().get(seat).map_or(' ', |letter| char::from(*letter))
    }
}

/// The sequence number of a position.
pub fn seq(position: &str) -> u64 {
    position.rsplit_once('-').and_then(|(_, seq)| seq.parse().ok()).expect("a position")
}

fn letter(status: &str) -> u8 {
    match status {
        "available" => b'a',
        "locked" => b'l',
        "occupied" => b'o',
        "blocked" => b'b',
        other => panic!("unknown status {other:?}"),
    }
}

//! One viewer's replica, as strict as a client can be: a diff must build on what is there, a whole map must not be older than
//! what was seen unless there is a reason. Nothing here does I/O.

use std::collections::BTreeMap;
use std::fmt;

use seatcast::domain::position::Position;
use seatcast::domain::time::Timestamp;
use serde::{Deserialize, Deserializer, de};

use super::Transport;
use crate::support::plan::SeatIds;

/// One letter a seat, and the deadlines of locked ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatMap {
    pub letters: Vec<u8>,
    pub locks: BTreeMap<u32, Timestamp>,
}

impl SeatMap {
    /// What is different in the other, for a report.
    pub fn differences(&self, other: &Self) -> String {
        if self.letters.len() != other.letters.len() {
            return format!("{} seats instead of {}", self.letters.len(), other.letters.len());
        }
        let one = |map: &Self, seat: usize| {
            let until = u32::try_from(seat).ok().and_then(|seat| map.locks.get(&seat));
            format!(
                "{}{}",
                char::from(map.letters[seat]),
                until.map(|until| format!(" until {until}")).unwrap_or_default()
            )
        };
        let all = (0..self.letters.len()).filter(|seat| one(self, *seat) != one(other, *seat));
        let told: Vec<String> =
            all.map(|seat| format!("seat {seat} is {}, was {}", one(self, seat), one(other, seat))).collect();
        told.join(", ")
    }
}

/// A message about the map, as WebSocket and events carry it.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Message {
    Welcome {},
    Snapshot(Snapshot),
    Diff(Diff),
    Status { stale: bool },
    Bye { reconnect_after_ms: u64 },
    Error { code: String },
}

#[derive(Debug, Deserialize)]
pub struct Snapshot {
    #[serde(deserialize_with = "position")]
    pub position: Position,
    pub states: String,
    pub locks: Vec<(u32, Timestamp)>,
}

#[derive(Debug, Deserialize)]
pub struct Diff {
    /// The answer of a poll calls it `from`.
    #[serde(alias = "from", deserialize_with = "position")]
    pub prev: Position,
    #[serde(deserialize_with = "position")]
    pub position: Position,
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub seat_id: String,
    pub status: String,
    pub expires_at: Option<Timestamp>,
}

fn position<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Position, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// What a viewer has and where it is.
#[derive(Debug)]
pub struct Sight {
    pub position: Option<Position>,
    pub map: SeatMap,
    /// What the server said of the map last.
    pub stale: bool,
    pub node: usize,
    pub transport: Transport,
    /// Whether the current connection, or the last poll, has brought something.
    pub connected: bool,
    /// Told not to read: nothing that is said now reaches the viewer.
    pub stalled: bool,
    /// Whole maps that came.
    pub snapshots: u64,
    /// Diffs that came.
    pub steps: u64,
}

/// A message that must not have come.
pub type Wrong = String;

impl Sight {
    pub fn new(node: usize, transport: Transport) -> Self {
        Self {
            position: None,
            map: SeatMap::default(),
            stale: false,
            node,
            transport,
            connected: false,
            stalled: false,
            snapshots: 0,
            steps: 0,
        }
    }

    /// A whole map. `may_go_back` says whether there is a reason for one that is older than what was seen.
    pub fn take_snapshot(&mut self, snapshot: Snapshot, seats: usize, may_go_back: bool) -> Result<(), Wrong> {
        let map = SeatMap { letters: snapshot.states.into_bytes(), locks: snapshot.locks.into_iter().collect() };
        self.replace(snapshot.position, map, seats, may_go_back)
    }

    /// A whole map, read already.
    pub fn replace(&mut self, position: Position, map: SeatMap, seats: usize, may_go_back: bool) -> Result<(), Wrong> {
        if map.letters.len() != seats {
            return Err(format!("a map of {} seats", map.letters.len()));
        }
        let back = |mine: &&Position| mine.epoch == position.epoch && mine.seq > position.seq;
        if let Some(mine) = self.position.as_ref().filter(back)
            && !may_go_back
        {
            return Err(format!("a map at {position} after {mine}"));
        }
        self.position = Some(position);
        self.map = map;
        self.connected = true;
        self.snapshots += 1;
        Ok(())
    }

    /// What changed since the position that the viewer has.
    pub fn take_diff(&mut self, diff: Diff, plan: &SeatIds) -> Result<(), Wrong> {
        if self.position.as_ref() != Some(&diff.prev) {
            let mine = self.position.as_ref().map_or("nothing".into(), ToString::to_string);
            return Err(format!("a diff from {} to {} for a viewer at {mine}", diff.prev, diff.position));
        }
        if diff.position.epoch != diff.prev.epoch || diff.position.seq < diff.prev.seq {
            return Err(format!("a diff from {} to {}", diff.prev, diff.position));
        }
        if diff.position == diff.prev && !diff.changes.is_empty() {
            return Err(format!("a diff that changes seats and stays at {}", diff.position));
        }
        for change in diff.changes {
            let seat = plan.index(&change.seat_id);
            let index = u32::try_from(seat).expect("few seats");
            self.map.letters[seat] = letter(&change.status)?;
            match change.expires_at.filter(|_| self.map.letters[seat] == b'l') {
                Some(deadline) => self.map.locks.insert(index, deadline),
                None => self.map.locks.remove(&index),
            };
        }
        self.position = Some(diff.position);
        self.connected = true;
        self.steps += 1;
        Ok(())
    }
}

/// The letter of a status.
pub fn letter(status: &str) -> Result<u8, Wrong> {
    match status {
        "available" => Ok(b'a'),
        "locked" => Ok(b'l'),
        "occupied" => Ok(b'o'),
        "blocked" => Ok(b'b'),
        other => Err(format!("a seat is {other:?}")),
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position.as_ref().map_or("nothing".into(), ToString::to_string);
        let stale = if self.stale { ", stale" } else { "" };
        let connected = if self.connected { "" } else { ", not connected" };
        write!(f, "{:?}, node {}, at {at}{stale}{connected}", self.transport, self.node + 1)
    }
}

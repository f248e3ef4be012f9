//! A showtime's history as the store wrote it, replayed change by change: the witness against which answers, viewers and the
//! ledger are held. It knows every seat's state at every position.

use std::collections::BTreeMap;
use std::sync::Arc;

use seatcast::domain::time::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::asked::{Asked, Verb};
use crate::findings::{Findings, Invariant};
use crate::viewers::SeatMap;

/// An entry of the log, as scripts write it.
#[derive(Debug, Deserialize)]
pub struct Entry {
    #[serde(rename = "e")]
    epoch: String,
    #[serde(rename = "s")]
    seq: u64,
    /// When, on Redis's clock, in ms.
    #[serde(rename = "t")]
    at: i64,
    #[serde(rename = "c")]
    changes: Vec<EntryChange>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum EntryChange {
    /// Index, letter, since, deadline, value.
    Locked(u32, IgnoredAny, IgnoredAny, i64, String),
    Other(u32, String),
}

/// What a seat is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Available,
    Locked { holder: Arc<str>, deadline: i64 },
    Sold { holder: Arc<str> },
    Blocked,
}

/// Each seat's states, each with the sequence number that made it.
pub struct History {
    show: usize,
    pub head: u64,
    seats: Vec<Vec<(u64, State)>>,
    pub changes: usize,
}

impl History {
    /// A showtime that was just created.
    pub fn new(show: usize, seats: usize) -> Self {
        Self { show, head: 0, seats: vec![vec![(0, State::Available)]; seats], changes: 0 }
    }

    /// Takes the next entry, and checks that it may follow. `false` when it is not the next one.
    pub fn take(&mut self, entry: &Entry, asked: &Asked, findings: &Findings) -> bool {
        if entry.seq != self.head + 1 {
            let (show, head, seq) = (self.show + 1, self.head, entry.seq);
            findings.report(Invariant::Ordered, format!("show-{show}: the log goes from {head} to {seq}"));
            return false;
        }
        self.head = entry.seq;
        for change in &entry.changes {
            let (seat, after) = change.read();
            let before = self.at(seat, self.head).clone();
            if let Err((invariant, why)) = self.judge(seat, &before, &after, entry.at, asked) {
                let (show, seq, epoch) = (self.show + 1, entry.seq, &entry.epoch);
                let what = format!("show-{show}, position {epoch}-{seq}, seat {seat}: {why} ({before:?} -> {after:?})");
                findings.report(invariant, what);
            }
            // A sale is known by who held the seat before.
            let after = match (after, before) {
                (State::Sold { .. }, State::Locked { holder, .. }) => State::Sold { holder },
                (after, _) => after,
            };
            self.seats[seat as usize].push((entry.seq, after));
        }
        self.changes += entry.changes.len();
        findings.checked(Invariant::Exclusive, entry.changes.len());
        true
    }

    fn judge(
        &self,
        seat: u32,
        before: &State,
        after: &State,
        now: i64,
        asked: &Asked,
    ) -> Result<(), (Invariant, &'static str)> {
        let was_asked = |holder: &str, verb| asked.was(holder, self.show, seat, verb);
        let exclusive = |why| Err((Invariant::Exclusive, why));
        let kept = |why| Err((Invariant::Kept, why));
        match (before, after) {
            (State::Available, State::Locked { holder, .. }) if !was_asked(holder, Verb::Lock) => {
                kept("nobody asked for this lock")
            }
            (State::Locked { holder: mine, deadline: old }, State::Locked { holder, deadline }) => {
                match (mine == holder, deadline >= old, was_asked(holder, Verb::Extend)) {
                    (false, ..) => exclusive("a lock over another's lock"),
                    (_, false, _) => exclusive("a deadline moved backwards"),
                    (.., false) => kept("nobody asked for this extension"),
                    (true, true, true) => Ok(()),
                }
            }
            (State::Locked { holder, deadline }, State::Available) => {
                if now >= *deadline || was_asked(holder, Verb::Unlock) {
                    return Ok(());
                }
                exclusive("a lock ended before its deadline, and nobody gave it back")
            }
            (State::Locked { holder, .. }, State::Sold { .. }) if !was_asked(holder, Verb::Book) => {
                kept("nobody asked for this sale")
            }
            (State::Sold { holder }, State::Available) if !was_asked(holder, Verb::Release) => {
                kept("a sold seat became free, and nobody refunded it")
            }
            (State::Sold { .. }, State::Locked { .. }) => exclusive("a lock of a sold seat"),
            (State::Sold { .. }, State::Sold { .. }) => exclusive("a seat was sold twice"),
            (State::Available | State::Blocked, State::Sold { .. }) => exclusive("a sale without a lock"),
            (State::Blocked, State::Locked { .. }) => exclusive("a lock of a blocked seat"),
            (State::Locked { .. } | State::Sold { .. }, State::Blocked) => exclusive("a taken seat was blocked"),
            (State::Available, State::Available) | (State::Blocked, State::Blocked) => {
                Err((Invariant::Ordered, "a change that changes nothing"))
            }
            _ => Ok(()),
        }
    }

    /// A seat's state right after a sequence number that was taken.
    pub fn at(&self, seat: u32, seq: u64) -> &State {
        let states = &self.seats[seat as usize];
        let after = states.partition_point(|(made, _)| *made <= seq);
        &states[after - 1].1
    }

    /// The map right after a sequence number that was taken.
    pub fn map(&self, seq: u64) -> SeatMap {
        let mut map = SeatMap { letters: Vec::with_capacity(self.seats.len()), locks: BTreeMap::new() };
        for seat in 0..u32::try_from(self.seats.len()).expect("few seats") {
            map.letters.push(match self.at(seat, seq) {
                State::Available => b'a',
                State::Sold { .. } => b'o',
                State::Blocked => b'b',
                State::Locked { deadline, .. } => {
                    map.locks.insert(seat, Timestamp::from_millis(*deadline));
                    b'l'
                }
            });
        }
        map
    }

    /// Who bought which seat, as of now.
    pub fn sold(&self) -> BTreeMap<u32, Arc<str>> {
        let sold = |(seat, states): (usize, &Vec<(u64, State)>)| match &states.last()?.1 {
            State::Sold { holder } => Some((u32::try_from(seat).ok()?, Arc::clone(holder))),
            State::Available | State::Locked { .. } | State::Blocked => None,
        };
        self.seats.iter().enumerate().filter_map(sold).collect()
    }
}

impl EntryChange {
    fn read(&self) -> (u32, State) {
        match self {
            Self::Locked(seat, _, _, deadline, value) => {
                let holder = value.rsplit_once('|').map_or(value.as_str(), |(holder, _)| holder);
                (*seat, State::Locked { holder: holder.into(), deadline: *deadline })
            }
            Self::Other(seat, letter) => {
                let state = match letter.as_str() {
                    "a" => State::Available,
                    "o" => State::Sold { holder: "".into() },
                    "b" => State::Blocked,
                    other => panic!("the log has the letter {other:?}"),
                };
                (*seat, state)
            }
        }
    }
}

//! What scripts write about locks and changes, and how it is read: a lock's value, an announced lock, a log entry, a publication.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::diff::{Change, Diff};
use crate::domain::ids::{Form, UserId};
use crate::domain::position::{Epoch, Position};
use crate::domain::seat::{Lock, SeatState, SeatStatus};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// The id of new locks. Its first letter keeps the form in which the holder was given.
pub fn new_lock_id(holder: &UserId) -> String {
    let form = match holder.form() {
        Form::Integer => 'i',
        Form::Text => 't',
    };
    format!("{form}-{}", uuid::Uuid::new_v4().simple())
}

/// The holder in a lock's value: what stands before the last `|`, or all of it where there is none.
fn holder_of(value: &str) -> UserId {
    let (holder, id) = value.rsplit_once('|').unwrap_or((value, ""));
    let parsed = match id.as_bytes() {
        [b'i', b'-', ..] => UserId::parse(holder, Form::Integer),
        [b't', b'-', ..] => UserId::parse(holder, Form::Text),
        _ => UserId::infer(holder),
    };
    // Another program may write anything; no caller of ours can have that name, so nobody else can take it for theirs.
    parsed.unwrap_or_else(|_| UserId::foreign(holder))
}

/// A lock from its parts as scripts give them; the deadline is -1 where there is none.
pub fn lock(locked_at: i64, deadline: i64, value: &str) -> Lock {
    Lock {
        holder: holder_of(value),
        locked_at: Timestamp::from_millis(locked_at),
        expires_at: (deadline >= 0).then(|| Timestamp::from_millis(deadline)),
    }
}

/// An announced lock as the `locks` hash has it: `locked_at|deadline|value`.
pub fn announced_lock(text: &str) -> Result<Lock, StoreError> {
    let mut parts = text.splitn(3, '|');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (locked_at, deadline) = (number(), number());
    match (locked_at, deadline, parts.next()) {
        (Some(locked_at), Some(deadline), Some(value)) => Ok(lock(locked_at, deadline, value)),
        _ => Err(StoreError::Broken(format!("an announced lock reads {text:?}"))),
    }
}

/// How the `locks` hash has a lock that is new to this Redis.
pub fn announce(lock: &Lock) -> String {
    let deadline = lock.expires_at.map_or(-1, Timestamp::as_millis);
    format!("{}|{deadline}|{}|{}", lock.locked_at.as_millis(), lock.holder, new_lock_id(&lock.holder))
}

/// The newest form of a change that is understood here. Another one is not passed over in silence: the showtime is read anew.
const VERSION: u32 = 1;

/// What a showtime's channel says.
#[derive(Debug)]
pub enum Publication {
    /// A change; `own` when the script wrote the lock keys itself, so that their key events are its echo.
    Change {
        diff: Diff,
        own: bool,
    },
    Reset,
    Gone,
}

/// What every version has: `v`, and of a showtime that ended or was replaced `gone` and `reset`.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    v: u32,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    gone: bool,
}

/// What this version has, too.
#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    v: u32,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    gone: bool,
    e: Option<String>,
    s: Option<u64>,
    #[serde(default)]
    o: bool,
    #[serde(default)]
    c: Vec<WireChange>,
}

/// `[seat, letter]`, and of a lock `[seat, "l", locked at, deadline, value]`.
struct WireChange {
    seat: u32,
    letter: char,
    lock: Option<Lock>,
}

impl<'de> Deserialize<'de> for WireChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(WireChangeVisitor)
    }
}

struct WireChangeVisitor;

impl<'de> Visitor<'de> for WireChangeVisitor {
    type Value = WireChange;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a seat, its letter, and of a lock two instants and its value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<WireChange, A::Error> {
        let lacks = |part: usize| A::Error::invalid_length(part, &self);
        let seat = parts.next_element()?.ok_or_else(|| lacks(0))?;
        let letter = parts.next_element()?.ok_or_else(|| lacks(1))?;
        let Some(locked_at) = parts.next_element()? else { return Ok(WireChange { seat, letter, lock: None }) };
        let deadline = parts.next_element()?.ok_or_else(|| lacks(3))?;
        let value: String = parts.next_element()?.ok_or_else(|| lacks(4))?;
        Ok(WireChange { seat, letter, lock: Some(lock(locked_at, deadline, &value)) })
    }
}

impl Publication {
    /// Reads a publication. Fields that are not known are a newer version's and are passed over.
    pub fn read(bytes: &[u8]) -> Result<Self, StoreError> {
        let broken = |what: String| StoreError::Broken(format!("a publication cannot be read: {what}"));
        let text = String::from_utf8_lossy(bytes);
        // A newer version may say other things under the same names: then only what all versions have can be read.
        let (head, wire) = match serde_json::from_str::<Wire>(&text) {
            Ok(wire) => (Head { v: wire.v, reset: wire.reset, gone: wire.gone }, Ok(wire)),
            Err(error) => (serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?, Err(error)),
        };
        if head.gone {
            return Ok(Self::Gone);
        }
        if head.reset {
            return Ok(Self::Reset);
        }
        if head.v > VERSION {
            return Err(broken(format!("it is of version {}, a newer server's", head.v)));
        }
        let wire = wire.map_err(|error| broken(error.to_string()))?;
        let (Some(epoch), Some(seq)) = (wire.e, wire.s.filter(|seq| *seq > 0)) else {
            return Err(broken("no position".into()));
        };
        let epoch = Epoch::parse(&epoch).map_err(|error| broken(error.to_string()))?;
        let changes = wire.c.into_iter().map(change).collect::<Result<_, _>>().map_err(broken)?;
        let diff = Diff { prev: Position::new(epoch.clone(), seq - 1), position: Position::new(epoch, seq), changes };
        Ok(Self::Change { diff, own: wire.o })
    }
}

fn change(wire: WireChange) -> Result<Change, String> {
    let WireChange { seat, letter, lock } = wire;
    let status = u8::try_from(letter).ok().and_then(SeatStatus::from_letter);
    let state = match (status, lock) {
        (Some(SeatStatus::Locked), Some(lock)) => SeatState::Locked(lock),
        (Some(SeatStatus::Available), None) => SeatState::Available,
        (Some(SeatStatus::Occupied), None) => SeatState::Occupied,
        (Some(SeatStatus::Blocked), None) => SeatState::Blocked,
        _ => return Err(format!("seat {seat} became {letter:?}")),
    };
    Ok(Change { seat, state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_with_its_holder_and_deadline() {
        let text = br#"{"v":1,"new":"field","e":"abc","s":7,"o":true,"c":[[3,"l",1000,901000,"7|i-x"],[4,"o"]]}"#;
        let Publication::Change { diff, own } = Publication::read(text).unwrap() else { panic!("not a change") };
        assert!(own);
        assert_eq!((diff.prev.to_string(), diff.position.to_string()), ("abc-6".into(), "abc-7".into()));
        assert_eq!(diff.changes[0].state, SeatState::Locked(lock(1000, 901_000, "7|i-x")));
        assert_eq!(diff.changes[1], Change { seat: 4, state: SeatState::Occupied });
    }

    #[test]
    fn the_holder_stands_before_the_last_bar_in_the_form_it_was_given() {
        for (value, holder, json) in [
            ("7|i-x", "7", "7"),
            ("7|t-x", "7", "\"7\""),
            ("7", "7", "7"),
            ("a|b|t-x", "a|b", "\"a|b\""),
            ("7|whatever", "7", "7"),
            ("no name", "no name", "\"no name\""),
        ] {
            let read = holder_of(value);
            assert_eq!((read.as_str(), serde_json::to_string(&read).unwrap().as_str()), (holder, json), "{value}");
        }
    }

    #[test]
    fn an_imported_lock_is_announced_as_it_is() {
        for holder in [UserId::infer("7").unwrap(), UserId::parse("7", Form::Text).unwrap(), UserId::foreign("a b|c")] {
            for expires_at in [Some(Timestamp::from_millis(901_000)), None] {
                let lock = Lock { holder: holder.clone(), locked_at: Timestamp::from_millis(1_000), expires_at };
                let read = announced_lock(&announce(&lock)).unwrap();
                assert_eq!((&read, read.holder.form()), (&lock, holder.form()));
            }
        }
    }

    #[test]
    fn an_announced_lock_may_lack_a_deadline_and_hold_bars() {
        let lock = announced_lock("1000|-1|a|b|t-x").unwrap();
        assert_eq!((lock.holder.as_str(), lock.expires_at), ("a|b", None));
        assert!(announced_lock("nonsense").is_err());
    }

    #[test]
    fn a_change_of_a_newer_version_is_not_understood_even_if_it_looks_like_ours() {
        assert!(Publication::read(br#"{"v":2,"e":"abc","s":7,"c":[[4,"o"]]}"#).is_err());
        assert!(matches!(Publication::read(br#"{"v":2,"e":"x","reset":true,"c":"new"}"#), Ok(Publication::Reset)));
    }

    #[test]
    fn resets_and_removals_are_told_apart() {
        assert!(matches!(Publication::read(br#"{"v":1,"e":"x","reset":true}"#), Ok(Publication::Reset)));
        assert!(matches!(Publication::read(br#"{"v":1,"gone":true}"#), Ok(Publication::Gone)));
        assert!(Publication::read(b"{}").is_err());
    }
}

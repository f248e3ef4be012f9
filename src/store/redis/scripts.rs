//! The Lua scripts, one an operation, and their replies.

use redis::{FromRedisValue, Script, Value, from_redis_value};

use crate::domain::position::{Epoch, Position};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

macro_rules! scripts {
    ($($name:ident $first_line:literal,)+) => {
        /// Every script, with the shared prelude before it.
        pub struct Scripts {
            $(pub $name: Script,)+
        }

        impl Scripts {
            /// The scripts, which tell what they do by this command.
            pub fn new(publish: &str) -> Self {
                let publish = format!("local PUBLISH = '{publish}'");
                Self {
                    $($name: Script::new(&[
                        $first_line,
                        &publish,
                        include_str!("lua/prelude.lua"),
                        include_str!(concat!("lua/", stringify!($name), ".lua")),
                    ].join("\n")),)+
                }
            }
        }
    };
}

// The first line has Redis refuse a script before it begins: without memory, on a replica, or without enough replicas. What
// gives back runs without memory too, so that locks end; what only reads runs always.
scripts! {
    lock "#!lua",
    unlock "#!lua flags=allow-oom",
    extend "#!lua",
    book "#!lua",
    release "#!lua flags=allow-oom",
    block "#!lua",
    unblock "#!lua flags=allow-oom",
    expire "#!lua flags=allow-oom",
    facts "#!lua flags=no-writes",
    snapshot "#!lua flags=no-writes",
    changes "#!lua flags=no-writes",
    export "#!lua flags=no-writes",
    position "#!lua flags=allow-oom",
    create "#!lua",
    delete "#!lua flags=allow-oom",
    self_test "#!lua flags=allow-oom",
}

/// The probe's script, which needs no prelude. It tells by this command.
pub fn probe(publish: &str) -> Script {
    Script::new(&format!("#!lua flags=allow-oom\nlocal PUBLISH = '{publish}'\n{}", include_str!("lua/probe.lua")))
}

/// A script's reply: the word it begins with, where the showtime stood, and the rest.
#[derive(Debug)]
pub struct Reply {
    pub word: Word,
    /// The position right after the script, and Redis's clock. Absent with `Gone`, `Epoch`, `Late`, `Moved` and `Taken`.
    stand: Option<(Position, Timestamp)>,
    rest: std::vec::IntoIter<Value>,
}

/// The first word of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Ok,
    /// Seats are in the way.
    Refused,
    /// There is no such showtime.
    Gone,
    /// The caller believes in another epoch.
    Epoch,
    /// It came later than it was to begin: nothing was done, and Redis's clock follows.
    Late,
    /// Somebody changed the showtime since the caller looked.
    Moved,
    /// Another program has locked one of the seats.
    Taken,
    /// The booking id is taken.
    Recorded,
    /// The booking id is unknown.
    Unrecorded,
    /// The holder would have more seats than allowed.
    TooMany,
    /// History does not reach back so far.
    Cut,
}

/// A seat in the way: its place in the request from 1, its letter, its deadline in ms (-1 for none).
pub type InTheWay = (usize, String, i64);
/// What is true of a seat: its letter, its deadline in ms (-1 for none), its reason or booking id.
pub type FactReply = (String, i64, Vec<u8>);
/// A lock: its beginning and deadline in ms (-1 for none), its value.
pub type LockReply = (i64, i64, Vec<u8>);

impl Reply {
    /// Reads what every reply begins with.
    pub fn read(values: Vec<Value>) -> Result<Self, StoreError> {
        let mut rest = values.into_iter();
        let word = match take::<String>(&mut rest)?.as_str() {
            "ok" => Word::Ok,
            "refused" => Word::Refused,
            "gone" => Word::Gone,
            "epoch" => Word::Epoch,
            "late" => Word::Late,
            "moved" => Word::Moved,
            "taken" => Word::Taken,
            "recorded" => Word::Recorded,
            "unrecorded" => Word::Unrecorded,
            "too_many" => Word::TooMany,
            "cut" => Word::Cut,
            other => return Err(StoreError::Broken(format!("a script replied {other:?}"))),
        };
        let stand = if matches!(word, Word::Gone | Word::Epoch | Word::Late | Word::Moved | Word::Taken) {
            None
        } else {
            let epoch: String = take(&mut rest)?;
            let epoch = Epoch::parse(&epoch).map_err(|error| StoreError::Broken(error.to_string()))?;
            let seq: u64 = take(&mut rest)?;
            let now: i64 = take(&mut rest)?;
            Some((Position::new(epoch, seq), Timestamp::from_millis(now)))
        };
        Ok(Self { word, stand, rest })
    }

    /// Where the showtime stood, and Redis's clock.
    pub fn stand(&self) -> Result<(Position, Timestamp), StoreError> {
        self.stand.clone().ok_or_else(|| StoreError::Broken(format!("{:?} without a position", self.word)))
    }

    /// Redis's clock, where the reply has it.
    pub fn now(&self) -> Option<Timestamp> {
        self.stand.as_ref().map(|(_, now)| *now)
    }

    /// The next part of the reply.
    pub fn take<T: FromRedisValue>(&mut self) -> Result<T, StoreError> {
        take(&mut self.rest)
    }
}

fn take<T: FromRedisValue>(values: &mut impl Iterator<Item = Value>) -> Result<T, StoreError> {
    let value = values.next().ok_or_else(|| StoreError::Broken("a reply is too short".into()))?;
    from_redis_value(value).map_err(|error| StoreError::Broken(error.to_string()))
}

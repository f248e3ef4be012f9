//! The states of a seat, and the letters that stand for them. Who booked a seat is not here but in `booking`.

use serde::{Deserialize, Serialize};

use super::ids::UserId;
use super::time::Timestamp;

/// A seat's state as every viewer may know it, but for the holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeatState {
    Available,
    Locked(Lock),
    /// Sold.
    Occupied,
    /// Not for sale.
    Blocked,
}

/// One holder's claim on one seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    #[serde(deserialize_with = "UserId::recall")]
    pub holder: UserId,
    /// When this holder's unbroken claim began; extensions do not move it.
    pub locked_at: Timestamp,
    /// The deadline on the store's clock: the lock has ended when `now` is later. `None` is a lock that another program
    /// placed without a time to live: it ends when that program removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Lock {
    /// Whether the lock has ended at `now`: strictly after its deadline, as Redis counts.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|deadline| now > deadline)
    }
}

/// A seat's state without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SeatStatus {
    Available,
    Locked,
    Occupied,
    Blocked,
}

impl SeatStatus {
    /// The letter in a snapshot's `states`.
    pub const fn letter(self) -> u8 {
        match self {
            Self::Available => b'a',
            Self::Locked => b'l',
            Self::Occupied => b'o',
            Self::Blocked => b'b',
        }
    }

    /// The status that a letter stands for.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'a' => Some(Self::Available),
            b'l' => Some(Self::Locked),
            b'o' => Some(Self::Occupied),
            b'b' => Some(Self::Blocked),
            _ => None,
        }
    }
}

impl SeatState {
    /// The state without its details.
    pub const fn status(&self) -> SeatStatus {
        match self {
            Self::Available => SeatStatus::Available,
            Self::Locked(_) => SeatStatus::Locked,
            Self::Occupied => SeatStatus::Occupied,
            Self::Blocked => SeatStatus::Blocked,
        }
    }
}

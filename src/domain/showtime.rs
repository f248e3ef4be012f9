//! A performance of a seating plan: its title, prices and rules. Its seats' states are in `snapshot`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::ShowtimeId;
use super::plan::PlanHash;
use super::time::Timestamp;

/// The amount for one seat in the showtime's currency, written back as the number that was sent.
pub type Price = serde_json::Number;

/// What is known of a showtime apart from its seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showtime {
    pub id: ShowtimeId,
    pub details: Details,
    pub plan: PlanHash,
    pub seat_count: u32,
}

/// The part of a showtime that a box office writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    pub title: String,
    pub starts_at: Timestamp,
    /// ISO 4217, three capital letters.
    pub currency: String,
    /// By the plan's category names. A category without a price has none on the map either.
    pub prices: BTreeMap<String, Price>,
    /// How long a lock lives, in seconds; the server's setting when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_seconds: Option<u32>,
    /// How many seats one holder may have locked at once; the server's setting when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_seats_per_holder: Option<u32>,
}

/// What holds for locks where a showtime says nothing of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a lock lives from its placing or extension.
    pub lock: Duration,
    /// How long a lock may live in all, by extensions, from its placing.
    pub extend_cap: Duration,
    /// How many seats one holder may have locked at once in a showtime.
    pub max_seats_per_holder: u32,
}

impl Details {
    /// The rules of this showtime, given those of the server. The cap is never less than one lock.
    pub fn rules(&self, defaults: Rules) -> Rules {
        let lock = self.lock_seconds.map_or(defaults.lock, |seconds| Duration::from_secs(seconds.into()));
        Rules {
            lock,
            extend_cap: defaults.extend_cap.max(lock),
            max_seats_per_holder: self.max_seats_per_holder.unwrap_or(defaults.max_seats_per_holder),
        }
    }
}

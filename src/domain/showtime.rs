//! A performance of a seating plan: its title, prices and rules. Its seats' states are in `snapshot`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::ShowtimeId;
use super::plan::{PlanHash, Problem};
use super::time::Timestamp;

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// Bounds of a lock's life, in seconds: shorter cannot be used, longer keeps seats from the market for more than a day.
const LOCK_SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;
/// Bounds of how many seats a holder may lock at once.
const MAX_SEATS: std::ops::RangeInclusive<u32> = 1..=1_000;
/// The largest price. Beyond it a number in JSON no longer keeps its cents everywhere.
const MAX_PRICE: f64 = 1e12;

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

    /// What is wrong with the description, all of it.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: String, code, message: String| problems.push(Problem { path, code, message });
        let title = self.title.trim();
        if title.is_empty() || self.title.chars().count() > MAX_TITLE || self.title.chars().any(char::is_control) {
            let message = format!("title has 1 to {MAX_TITLE} characters, none of them a control character");
            say("$.title".into(), "invalid_title", message);
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            say(
                "$.currency".into(),
                "invalid_currency",
                "currency is three capital letters of ISO 4217, such as EUR".into(),
            );
        }
        for (category, price) in &self.prices {
            let path = price_path(category);
            if !price.as_f64().is_some_and(|amount| (0.0..=MAX_PRICE).contains(&amount)) {
                say(path, "invalid_price", "a price is a number from 0 to 1000000000000".into());
            }
        }
        let mut bound = |name: &str, value: Option<u32>, range: std::ops::RangeInclusive<u32>| {
            if value.is_some_and(|value| !range.contains(&value)) {
                let message = format!("{name} is a whole number from {} to {}", range.start(), range.end());
                say(format!("$.{name}"), "out_of_range", message);
            }
        };
        bound("lockSeconds", self.lock_seconds, LOCK_SECONDS);
        bound("maxSeatsPerHolder", self.max_seats_per_holder, MAX_SEATS);
        problems
    }
}

/// Where a category's price is in the description.
pub fn price_path(category: &str) -> String {
    format!("$.prices[{}]", serde_json::Value::from(category))
}

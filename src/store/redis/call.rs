//! One run of a script: its keys and arguments in the order that the prelude fixes.

use redis::{Script, ToRedisArgs};

use super::invocation::Invocation;
use super::keys::{Keys, PARTS};
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::SeatingPlan;
use crate::domain::position::Epoch;
use crate::domain::time::Timestamp;

/// How often a script is tried when the showtime turns out to be of another epoch than was remembered.
pub const EPOCH_ATTEMPTS: usize = 4;

/// A run of a script, put together part by part.
pub struct Call<'store> {
    script: &'store Script,
    keys: &'store Keys,
    showtime: &'store ShowtimeId,
    epoch: String,
    valid_until: String,
    indexes: String,
    lock_keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
}

impl<'store> Call<'store> {
    /// A run for a showtime, of any epoch, about no seat.
    pub fn new(script: &'store Script, keys: &'store Keys, showtime: &'store ShowtimeId) -> Self {
        let (epoch, valid_until, indexes) = (String::new(), String::new(), String::new());
        Self { script, keys, showtime, epoch, valid_until, indexes, lock_keys: Vec::new(), arguments: Vec::new() }
    }

    /// Refuses to run at another epoch.
    #[must_use]
    pub fn at(mut self, epoch: &Epoch) -> Self {
        epoch.as_str().clone_into(&mut self.epoch);
        self
    }

    /// Refuses to begin later than this, on Redis's clock.
    #[must_use]
    pub fn valid_until(mut self, instant: Option<Timestamp>) -> Self {
        self.valid_until = instant.map(|instant| instant.as_millis().to_string()).unwrap_or_default();
        self
    }

    /// Names the seats, each once; they must be of this plan.
    #[must_use]
    pub fn on_seats(mut self, plan: &SeatingPlan, seats: &[u32]) -> Self {
        for seat in seats {
            if !self.indexes.is_empty() {
                self.indexes.push(',');
            }
            self.indexes.push_str(&seat.to_string());
            let id = &plan.seats()[*seat as usize].id;
            self.lock_keys.push(self.keys.seat_lock(self.showtime, id.as_str()));
        }
        self
    }

    /// Adds an argument of the script's own.
    #[must_use]
    pub fn arg(mut self, argument: impl ToRedisArgs) -> Self {
        self.arguments.extend(argument.to_redis_args());
        self
    }

    /// Names the lock key of a seat that is of no plan.
    #[must_use]
    pub fn on_lock_key(mut self, key: String) -> Self {
        self.lock_keys.push(key);
        self
    }

    /// A key that says where the script must run.
    pub fn place(&self) -> String {
        self.keys.meta(self.showtime)
    }

    /// What to send.
    pub fn invocation(&self) -> Invocation<'store> {
        let nowhere = self.keys.nowhere(self.showtime);
        let keys = PARTS.len() + self.lock_keys.len() + usize::from(nowhere.is_some());
        let mut invocation = Invocation::new(self.script, keys);
        self.keys.each_of_showtime(self.showtime, |key| {
            invocation.add(key);
        });
        invocation.add(&self.lock_keys).add(nowhere).add(self.keys.diffs(self.showtime));
        invocation.add(&self.epoch).add(&self.indexes).add(&self.valid_until).add(&self.arguments);
        invocation
    }
}

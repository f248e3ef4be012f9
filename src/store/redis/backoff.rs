//! How long to wait before the next attempt: full jitter under a bound that doubles.

use std::time::Duration;

use rand::RngExt;

const FIRST: Duration = Duration::from_millis(50);
const LAST: Duration = Duration::from_millis(500);

/// The waits of one series of attempts, each a random part of a bound that grows from 50 ms to 500 ms.
#[derive(Debug)]
pub struct Backoff {
    bound: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { bound: FIRST }
    }
}

impl Backoff {
    /// The next wait, never less than a tenth of the bound, so that attempts do not spin.
    pub fn next(&mut self) -> Duration {
        let wait = rand::rng().random_range(self.bound / 10..=self.bound);
        self.bound = (self.bound * 2).min(LAST);
        wait
    }
}

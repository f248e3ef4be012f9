//! What came of many requests of one kind.

use std::time::{Duration, Instant};

use super::support::Timings;

/// Times and successes, and how long it took to gather them.
pub struct Outcomes {
    pub timings: Timings,
    pub expected: u64,
    lasted: Duration,
}

impl Outcomes {
    pub fn new() -> Self {
        Self { timings: Timings::new(), expected: 0, lasted: Duration::ZERO }
    }

    pub fn record(&mut self, took: Duration, expected: bool) {
        self.timings.record(took);
        self.expected += u64::from(expected);
    }

    pub fn add(&mut self, other: &Self) {
        self.timings.add(&other.timings);
        self.expected += other.expected;
    }

    /// The measured part is over: it began then.
    pub fn since(mut self, began: Instant) -> Self {
        self.lasted = began.elapsed();
        self
    }

    /// Whether something was measured and all of it was as expected.
    pub fn all_expected(&self) -> bool {
        self.expected > 0 && self.expected == self.timings.total()
    }

    pub fn per_second(&self) -> String {
        let millis = u64::try_from(self.lasted.as_millis()).unwrap_or(u64::MAX).max(1);
        (self.timings.total() * 1_000 / millis).to_string()
    }

    pub fn row(&self, what: &str, users: usize) -> [String; 7] {
        let [p50, p99] = [50, 99].map(|percent| self.timings.percentile(percent));
        let success = share(self.expected, self.timings.total());
        [what.to_owned(), users.to_string(), self.per_second(), p50, p99, self.timings.max(), success]
    }
}

/// A part of a whole in per cent, rounded down: only all is 100.
pub fn share(part: u64, whole: u64) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

//! Durations and their distribution, to a microsecond; what never came counts as later than everything else.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Many durations.
pub struct Timings {
    micros: Histogram<u64>,
    missing: u64,
}

impl Timings {
    pub fn new() -> Self {
        Self { micros: Histogram::new(3).expect("three digits are few enough"), missing: 0 }
    }

    pub fn record(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.micros.record(micros).expect("the histogram grows");
    }

    /// Takes note of something that never came.
    pub fn miss(&mut self) {
        self.missing += 1;
    }

    pub fn add(&mut self, other: &Self) {
        self.micros.add(&other.micros).expect("the histogram grows");
        self.missing += other.missing;
    }

    /// How many came.
    pub fn count(&self) -> u64 {
        self.micros.len()
    }

    /// How many there are with those that never came.
    pub fn total(&self) -> u64 {
        self.micros.len() + self.missing
    }

    /// The duration that `percent` of all are not above, in ms; a dash when so many never came.
    pub fn percentile(&self, percent: u64) -> String {
        let rank = (self.total() * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for step in self.micros.iter_recorded() {
            seen += step.count_since_last_iteration();
            if seen >= rank {
                return millis(step.value_iterated_to());
            }
        }
        "-".into()
    }

    /// The longest, in ms; a dash when one never came.
    pub fn max(&self) -> String {
        self.percentile(100)
    }
}

fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

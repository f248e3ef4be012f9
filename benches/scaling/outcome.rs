//! What a simulated minute was like.

use hdrhistogram::Histogram;

/// Durations, each as often as it was seen.
pub struct Durations(Histogram<u64>);

impl Durations {
    pub fn new() -> Self {
        Self(Histogram::new(3).expect("three digits are few enough"))
    }

    pub fn note(&mut self, nanos: u64, times: u32) {
        self.0.record_n(nanos / 1_000, u64::from(times)).expect("the histogram grows");
    }

    /// What this part of all is not above, in ms; 0 when there was nothing.
    #[expect(clippy::cast_precision_loss, reason = "durations are short")]
    pub fn millis(&self, percent: f64) -> f64 {
        self.0.value_at_quantile(percent / 100.0) as f64 / 1_000.0
    }
}

/// The figures of a setup under a load.
pub struct Outcome {
    /// From asking for a change to the last screen that shows it.
    pub last_screen: Durations,
    /// The same to each screen.
    pub screens: Durations,
    /// From asking to the answer.
    pub answers: Durations,
    /// From coming to having the map.
    pub joins: Durations,
    /// The part of a node's cores in use, on average and in the busiest second.
    pub node: [f64; 2],
    /// The part of its one core that the busiest Redis uses, in the busiest second.
    pub redis: f64,
    /// Changes in a frame, on average.
    pub merged: f64,
    /// What leaves a node towards viewers, in Mbit/s, in the busiest second.
    pub megabits: f64,
    /// Cores that a proxy with TLS needs for each node, in the busiest second.
    pub proxy: f64,
    /// Changes that some screen had not shown when the time was over, and how many were asked for so late that they may miss some.
    pub unseen: u32,
    pub latest: u32,
}

//! How large a benchmark runs.

/// Full size, or so small that it only shows that the benchmark works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Full,
    Smoke,
}

impl Scale {
    /// What `SEATCAST_BENCH_SMOKE=1` says.
    pub fn wanted() -> Self {
        let smoke = std::env::var("SEATCAST_BENCH_SMOKE").is_ok_and(|value| value == "1");
        if smoke { Self::Smoke } else { Self::Full }
    }

    pub fn pick<T>(self, full: T, smoke: T) -> T {
        match self {
            Self::Full => full,
            Self::Smoke => smoke,
        }
    }
}

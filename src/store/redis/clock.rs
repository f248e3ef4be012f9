//! Redis's clock as this process knows it: a reading carried forward by the monotonic clock, so that a jump of this machine's
//! wall clock changes nothing.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use crate::domain::time::Timestamp;

/// After this long a reading is replaced even by one with a longer round trip, so that drift does not add up.
const MAX_AGE: Duration = Duration::from_secs(10);

/// Redis's clock, estimated.
#[derive(Debug, Default)]
pub struct StoreClock {
    /// Held for a copy in or out, never across an await.
    reading: Mutex<Option<Reading>>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    store: Timestamp,
    at: Instant,
    round_trip: Duration,
}

impl StoreClock {
    /// Takes note of what Redis's clock said in answer to a question sent at `sent`; the answer has just arrived.
    pub fn observe(&self, store: Timestamp, sent: Instant) {
        let at = Instant::now();
        let round_trip = at.duration_since(sent);
        let mut reading = self.reading.lock();
        let keep = reading.is_some_and(|old| old.round_trip < round_trip && at.duration_since(old.at) < MAX_AGE);
        if !keep {
            *reading = Some(Reading { store: store.plus(round_trip / 2), at, round_trip });
        }
    }

    /// The same, whatever was heard before: the server or its clock is another now.
    pub fn set(&self, store: Timestamp, sent: Instant) {
        *self.reading.lock() = None;
        self.observe(store, sent);
    }

    /// What Redis's time is now at least, if Redis was ever heard: what it said, when its answer arrived.
    pub fn at_least(&self) -> Option<Timestamp> {
        let reading = (*self.reading.lock())?;
        Some(reading.store.minus(reading.round_trip / 2).plus(reading.at.elapsed()))
    }

    /// Redis's time now; this machine's own until Redis was heard for the first time.
    pub fn now(&self) -> Timestamp {
        let reading = *self.reading.lock();
        if let Some(reading) = reading {
            return reading.store.plus(reading.at.elapsed());
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reading_with_the_shortest_round_trip_counts() {
        let clock = StoreClock::default();
        clock.observe(Timestamp::from_millis(1_000_000), Instant::now());
        clock.observe(Timestamp::from_millis(9_000_000), Instant::now().checked_sub(Duration::from_secs(1)).unwrap());
        let now = clock.now().as_millis();
        assert!((1_000_000..2_000_000).contains(&now), "{now}");
    }
}

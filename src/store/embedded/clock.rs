//! The store's clock: the machine's when the store was opened, and from then on as even as time itself. Whoever sets the
//! machine's clock ends no lock early and keeps none alive.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::time::Timestamp;

/// A clock that never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    begun: Timestamp,
    began: Instant,
}

impl Clock {
    /// A clock that starts with what the machine's says.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { begun: Timestamp::from_millis(0).plus(since_epoch), began: Instant::now() }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.begun.plus(self.began.elapsed())
    }
}

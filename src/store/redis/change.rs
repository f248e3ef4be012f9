//! Changes whose outcome becomes known. A change carries the instant up to which Redis may begin it; when no answer comes, that
//! instant is waited for, after which what was sent is done or will never be, and the same is asked again: the answer tells.

use std::time::Duration;

use tokio::time::Instant;

use super::RedisStore;
use super::call::Call;
use super::link::RESPONSE_TIMEOUT;
use super::scripts::{Reply, Word};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// How much longer than a change is valid is waited: our estimate of Redis's clock may be wrong by that much.
const CLOCK_ERROR: Duration = Duration::from_millis(50);
/// How long a connection is waited for then.
const RECONNECT_PATIENCE: Duration = Duration::from_millis(500);

impl RedisStore {
    /// Runs the script of a change, twice if the first answer is lost: to repeat a change has the effect of making it once.
    ///
    /// # Errors
    /// As [`super::link::Link::run`] has them; [`StoreError::Unknown`] only when Redis was still out of reach when it could have
    /// been asked again.
    pub(super) async fn change<'call>(&'call self, call: impl Fn() -> Call<'call>) -> Result<Reply, StoreError> {
        let begun = Instant::now();
        let valid_until = self.clock.heard().map(|now| now.plus(RESPONSE_TIMEOUT));
        let lost = match self.attempt(&call, valid_until).await {
            Err(StoreError::Unknown(lost)) => lost,
            told => return told,
        };
        // Without an end to its validity it may happen at any time.
        if valid_until.is_none() {
            return Err(StoreError::Unknown(lost));
        }
        tokio::time::sleep_until(begun + RESPONSE_TIMEOUT + CLOCK_ERROR).await;
        if !self.link.is_connected_within(&call().place(), RECONNECT_PATIENCE).await {
            return Err(StoreError::Unknown(lost));
        }
        let valid_until = self.clock.heard().map(|now| now.plus(RESPONSE_TIMEOUT));
        self.attempt(&call, valid_until).await.map_err(|_| StoreError::Unknown(lost))
    }

    /// Runs the script once; once more if Redis's clock turns out to be another than was thought, after a failover perhaps.
    async fn attempt<'call>(
        &'call self,
        call: &impl Fn() -> Call<'call>,
        valid_until: Option<Timestamp>,
    ) -> Result<Reply, StoreError> {
        let sent = std::time::Instant::now();
        let mut reply = self.invoke(call().valid_until(valid_until)).await?;
        if reply.word != Word::Late {
            return Ok(reply);
        }
        self.clock.set(Timestamp::from_millis(reply.take()?), sent);
        let valid_until = self.clock.now().plus(RESPONSE_TIMEOUT);
        let reply = self.invoke(call().valid_until(Some(valid_until))).await?;
        if reply.word == Word::Late {
            return Err(StoreError::Unavailable("redis's clock jumps".into()));
        }
        Ok(reply)
    }
}

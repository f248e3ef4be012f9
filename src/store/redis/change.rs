//! Changes whose outcome becomes known. A change carries the instant up to which Redis may begin it; when no answer comes, that
//! instant is waited for, after which what was sent is done or will never be, and the same is asked again. To repeat a change has
//! the effect of making it once; what the second answer says of the first is for the caller to judge.

use std::time::Duration;

use tokio::time::Instant;

use super::RedisStore;
use super::call::Call;
use super::link::RESPONSE_TIMEOUT;
use super::scripts::{Reply, Word};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// How much longer than a change is valid is waited: clocks do not run alike.
const CLOCK_ERROR: Duration = Duration::from_millis(50);
/// How long a connection is waited for then.
const RECONNECT_PATIENCE: Duration = Duration::from_millis(500);

/// What came of a change.
pub(super) struct Told {
    pub reply: Reply,
    /// The answer that was lost before this one.
    pub lost: Option<Lost>,
}

/// An answer that was lost: what was asked for may have been done then, or was done now.
pub(super) struct Lost {
    /// How it was lost.
    pub why: String,
    /// It was not asked for before this, on Redis's clock.
    pub asked_at: Timestamp,
}

/// No answer to one sending.
struct Failed {
    error: StoreError,
    /// From when on Redis does not begin it any more; `None` where its clock is not known.
    void_at: Option<Instant>,
}

impl RedisStore {
    /// Runs the script of a change, twice if the first answer is lost.
    ///
    /// # Errors
    /// As [`super::link::Link::run`] has them; [`StoreError::Unknown`] only when Redis was still out of reach when it could have
    /// been asked again.
    pub(super) async fn change<'call>(&'call self, call: impl Fn() -> Call<'call>) -> Result<Told, StoreError> {
        let asked_at = self.clock.at_least().unwrap_or_else(|| self.clock.now());
        let (why, void_at) = match self.attempt(&call).await {
            Ok(reply) => return Ok(Told { reply, lost: None }),
            Err(Failed { error: StoreError::Unknown(why), void_at: Some(void_at) }) => (why, void_at),
            Err(Failed { error, .. }) => return Err(error),
        };
        tokio::time::sleep_until(void_at).await;
        if !self.link.is_connected_within(&call().place(), RECONNECT_PATIENCE).await {
            return Err(StoreError::Unknown(why));
        }
        match self.attempt(&call).await {
            Ok(reply) => Ok(Told { reply, lost: Some(Lost { why, asked_at }) }),
            Err(_) => Err(StoreError::Unknown(why)),
        }
    }

    /// Runs the script once; once more if Redis's clock turns out to be another than was thought, after a failover perhaps.
    async fn attempt<'call>(&'call self, call: &impl Fn() -> Call<'call>) -> Result<Reply, Failed> {
        let sent = std::time::Instant::now();
        let mut reply = self.send(call).await?;
        if reply.word != Word::Late {
            return Ok(reply);
        }
        let told = reply.take().map_err(|error| Failed { error, void_at: None })?;
        self.clock.set(Timestamp::from_millis(told), sent);
        let reply = self.send(call).await?;
        if reply.word == Word::Late {
            return Err(Failed { error: StoreError::Unavailable("redis's clock jumps".into()), void_at: None });
        }
        Ok(reply)
    }

    async fn send<'call>(&'call self, call: &impl Fn() -> Call<'call>) -> Result<Reply, Failed> {
        let valid_until = self.clock.at_least().map(|now| now.plus(RESPONSE_TIMEOUT));
        let void_at = valid_until.map(|_| Instant::now() + RESPONSE_TIMEOUT + CLOCK_ERROR);
        self.invoke(call().valid_until(valid_until)).await.map_err(|error| Failed { error, void_at })
    }
}

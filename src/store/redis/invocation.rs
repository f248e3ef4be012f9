//! A run of a script as it goes over the wire: one command, which is written where it will be sent from.

use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisResult, Script, ServerErrorKind, ToRedisArgs};

/// What most runs take: arguments, and bytes of them.
const USUAL_ARGUMENTS: usize = 24;
const USUAL_BYTES: usize = 640;

/// A script with its keys and, after them, its arguments.
pub struct Invocation<'store> {
    script: &'store Script,
    command: Cmd,
}

impl<'store> Invocation<'store> {
    /// A run that begins with so many keys.
    pub fn new(script: &'store Script, keys: usize) -> Self {
        let mut command = Cmd::with_capacity(USUAL_ARGUMENTS, USUAL_BYTES);
        command.arg("EVALSHA").arg(script.get_hash()).arg(keys);
        Self { script, command }
    }

    /// Adds keys, or arguments: as many as there are in it.
    pub fn add(&mut self, part: impl ToRedisArgs) -> &mut Self {
        self.command.arg(part);
        self
    }

    /// Sends it, and waits for the answer. A server that does not know the script is told it.
    pub async fn send<T: FromRedisValue>(&self, connection: &mut impl ConnectionLike) -> RedisResult<T> {
        match self.command.query_async(connection).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.script.load_async(connection).await?;
                self.command.query_async(connection).await
            }
            told => told,
        }
    }
}

//! A request, and the connection it is sent over: the shared one, or the shared one with `ASKING` before each command, which a
//! server of a cluster wants from those who were sent to it for a slot that it is about to get.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, FromRedisValue, Pipeline, RedisFuture, RedisResult, Value, cmd, pipe};

use super::invocation::Invocation;

/// What is asked of one server. It can be sent again, to another one, when a server has refused it.
#[derive(Clone, Copy)]
pub enum Request<'request> {
    Command(&'request Cmd),
    Pipeline(&'request Pipeline),
    Script(&'request Invocation<'request>),
}

impl Request<'_> {
    /// Sends it, and waits for the answer.
    pub async fn send<T: FromRedisValue>(&self, mut wire: Wire) -> RedisResult<T> {
        match self {
            Self::Command(command) => command.query_async(&mut wire).await,
            Self::Pipeline(pipeline) => pipeline.query_async(&mut wire).await,
            Self::Script(script) => script.send(&mut wire).await,
        }
    }
}

/// What a request is sent over.
#[derive(Clone)]
pub struct Wire {
    connection: MultiplexedConnection,
    asking: bool,
}

impl Wire {
    /// The connection as it is.
    pub fn new(connection: MultiplexedConnection) -> Self {
        Self { connection, asking: false }
    }

    /// The connection with `ASKING` before each command.
    pub fn asking(connection: MultiplexedConnection) -> Self {
        Self { connection, asking: true }
    }

    /// Each command with `ASKING` before it. A pipeline is sent in one piece: nobody else's command comes between.
    fn asked<'command>(commands: impl Iterator<Item = &'command Cmd>) -> Pipeline {
        let mut pipeline = pipe();
        for command in commands {
            pipeline.add_command(cmd("ASKING")).add_command(command.clone());
        }
        pipeline
    }
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        if !self.asking {
            return self.connection.req_packed_command(command);
        }
        Box::pin(async move {
            let pipeline = Self::asked(std::iter::once(command));
            let mut replies = self.connection.req_packed_commands(&pipeline, 0, 2).await?;
            Ok(replies.pop().unwrap_or(Value::Nil))
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        if !self.asking {
            return self.connection.req_packed_commands(pipeline, offset, count);
        }
        Box::pin(async move {
            let pipeline = Self::asked(pipeline.cmd_iter());
            let replies = self.connection.req_packed_commands(&pipeline, 0, pipeline.len()).await?;
            Ok(replies.into_iter().skip(1).step_by(2).skip(offset).take(count).collect())
        })
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}

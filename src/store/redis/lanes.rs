//! The connections to one server: one that is shared, and one of its own for each worker thread that asks something.
//!
//! A worker's requests are written and their answers read by that very thread: nothing waits until another thread wakes, and what a
//! worker has to ask at one moment goes out in one piece. All of them lead to one process of Redis and stand or fall together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, ThreadId};

use redis::aio::MultiplexedConnection;
use redis::{Client, ErrorKind, RedisResult, Value};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::link::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT};

/// Requests of one lane that wait to be written. One that finds no room waits for it, which is part of its time.
const QUEUE: usize = 1_024;
/// What is collected before it is written, in bytes: some hundred requests.
const WRITE_AT_ONCE: usize = 128 * 1024;

/// One connection that many requests share.
#[derive(Clone)]
pub struct Lane {
    pub connection: MultiplexedConnection,
    /// Answers in a row that did not come.
    timeouts: Arc<AtomicU32>,
}

impl Lane {
    /// Connects to a server. Nothing is known of its role yet.
    pub async fn open(server: &Client) -> RedisResult<Self> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_pipeline_buffer_size(QUEUE)
            .set_write_backpressure_boundary(WRITE_AT_ONCE);
        let connection = server.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Self { connection, timeouts: Arc::default() })
    }

    /// Refuses a server that is no primary.
    pub async fn is_primary(&mut self) -> RedisResult<()> {
        let role: Vec<Value> = redis::cmd("ROLE").query_async(&mut self.connection).await?;
        let role: String = redis::from_redis_value(role.into_iter().next().unwrap_or(Value::Nil))?;
        if role == "master" { Ok(()) } else { Err((ErrorKind::Client, "the server is no primary", role).into()) }
    }

    /// Which process of Redis it leads to: a name may stand for several.
    pub async fn run(&mut self) -> RedisResult<String> {
        let info: redis::InfoDict = redis::cmd("INFO").arg("server").query_async(&mut self.connection).await?;
        Ok(info.get("run_id").unwrap_or_default())
    }

    /// Notes that an answer came.
    pub fn answered(&self) {
        // Most of the time there is nothing to change in what all threads read.
        if self.timeouts.load(Ordering::Relaxed) > 0 {
            self.timeouts.store(0, Ordering::Relaxed);
        }
    }

    /// Notes that an answer did not come. Returns how many did not in a row.
    pub fn timed_out(&self) -> u32 {
        self.timeouts.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// All connections to a server.
pub struct Lanes {
    /// Tells these from those that were before them.
    pub number: u64,
    pub server: Client,
    /// The process that the shared one leads to.
    pub run: String,
    shared: Lane,
    /// Those of workers; `None` while one is being opened.
    own: HashMap<ThreadId, Option<Lane>>,
}

impl Lanes {
    pub fn new(number: u64, server: Client, run: String, shared: Lane) -> Self {
        Self { number, server, run, shared, own: HashMap::new() }
    }

    /// The connection for what this thread asks; and whether it should have one of its own that nobody opens yet: the caller
    /// does, and the shared one serves until that is there.
    pub fn mine(&mut self) -> (Lane, bool) {
        if !is_worker() {
            return (self.shared.clone(), false);
        }
        match self.own.entry(thread::current().id()) {
            Entry::Occupied(own) => (own.get().as_ref().unwrap_or(&self.shared).clone(), false),
            Entry::Vacant(place) => {
                place.insert(None);
                (self.shared.clone(), true)
            }
        }
    }

    /// Has this thread use the connection that it opened; with `None` it may try again.
    pub fn settle(&mut self, lane: Option<Lane>) {
        let thread = thread::current().id();
        match lane {
            Some(lane) => drop(self.own.insert(thread, Some(lane))),
            None => drop(self.own.remove(&thread)),
        }
    }
}

/// Whether this thread has a runtime for itself: what it starts, it runs.
fn is_worker() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::CurrentThread)
}

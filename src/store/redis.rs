//! The store on Redis: one Lua script an operation, Redis's own clock, a lock key with a native time to live as the authority.
//!
//! `links` carry commands, `feed` hears what changes, `expiry` ends locks, `catalog` knows showtimes and plans. The scripts in
//! `lua/` hold the decisions; `domain::transition` says what they must be.

mod address;
mod archive;
mod backoff;
mod call;
mod catalog;
mod change;
mod clock;
mod cluster;
mod ear;
mod entry;
mod expiry;
mod facts;
mod feed;
mod health;
mod invocation;
mod keys;
mod keyspace;
mod lanes;
mod ledger;
mod link;
mod links;
mod operations;
mod replace;
mod scripts;
mod sentinel;
mod servers;
mod slots;
mod station;
mod trust;
mod view;
mod watches;
mod wire;

use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

pub use self::address::{Address, CLUSTER, InvalidAddress, ONE_SERVER, SENTINEL};
use self::call::Call;
use self::catalog::Catalog;
use self::clock::StoreClock;
use self::feed::Feed;
use self::keys::Keys;
use self::links::Links;
use self::scripts::{Reply, Scripts};
pub use self::trust::Trust;
use self::watches::Watches;
use super::{FEED_QUEUE, FeedItem, StoreError};
use crate::domain::showtime::Rules;
use crate::domain::time::Timestamp;
use crate::lifecycle::Tasks;

/// How a Redis fit for this store is started by hand.
pub const START_COMMAND: &str = "redis-server --appendonly yes --notify-keyspace-events 'Eg$x'";

/// What the store needs to know.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// Where it is.
    pub address: Address,
    /// Whom to trust, where the address says TLS.
    pub trust: Trust,
    /// Before every key and channel.
    pub prefix: String,
    /// For showtimes that say nothing of their own.
    pub rules: Rules,
}

/// The client for Redis cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the client for Redis cannot be set up: {0}")]
pub struct CannotStart(redis::RedisError);

/// The store on Redis.
pub struct RedisStore {
    link: Links,
    database: i64,
    keys: Keys,
    scripts: Scripts,
    probe: redis::Script,
    catalog: Catalog,
    clock: StoreClock,
    /// Held for bookkeeping, never across an await.
    watches: Mutex<Watches>,
    /// Told when something in `watches` became due earlier.
    rearmed: Notify,
    feed: Feed,
    /// Where the feed's items go.
    items: mpsc::Sender<FeedItem>,
    /// This process's name among those that share the Redis.
    node: String,
    myself: Weak<Self>,
}

impl RedisStore {
    /// Starts the store's tasks. It is there at once and tries to reach Redis for ever; what it hears comes out of the receiver.
    ///
    /// # Errors
    /// [`CannotStart`] when the client library takes neither address nor certificates.
    pub fn start(options: &RedisOptions, tasks: &Tasks) -> Result<(Arc<Self>, mpsc::Receiver<FeedItem>), CannotStart> {
        let database = options.address.database();
        let keys = match options.address {
            Address::Cluster(_) => Keys::in_cluster(options.prefix.clone()),
            Address::Server(_) | Address::Sentinel(_) => Keys::new(options.prefix.clone(), database),
        };
        let link = Links::start(&options.address, &options.trust, &keys, tasks).map_err(CannotStart)?;
        // While the queue is full, Redis keeps the rest in its own bounded buffer.
        let (items, feed) = mpsc::channel(FEED_QUEUE);
        let store = Arc::new_cyclic(|myself| Self {
            catalog: Catalog::new(link.clone(), keys.clone(), options.rules),
            link,
            database,
            scripts: Scripts::new(keys.publish()),
            probe: scripts::probe(keys.publish()),
            keys,
            clock: StoreClock::default(),
            watches: Mutex::default(),
            rearmed: Notify::new(),
            feed: Feed::default(),
            items,
            node: uuid::Uuid::new_v4().simple().to_string(),
            myself: myself.clone(),
        });
        let task = Arc::clone(&store);
        tasks.spawn("redis feed", async move { task.keep_feed().await });
        let task = Arc::clone(&store);
        tasks.spawn("redis expiry", async move { task.expire_due().await });
        let task = Arc::clone(&store);
        tasks.spawn("redis sweep", async move { task.sweep().await });
        let task = Arc::clone(&store);
        tasks.spawn("redis audit", async move { task.audit_watched().await });
        Ok((store, feed))
    }

    /// Runs a script.
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, StoreError> {
        let (place, invocation) = (call.place(), call.invocation());
        let sent = Instant::now();
        let values = self.link.invoke(&place, &invocation).await?;
        let reply = Reply::read(values)?;
        if let Some(now) = reply.now() {
            self.clock.observe(now, sent);
        }
        Ok(reply)
    }
}

/// A reply of `TIME`: seconds and microseconds.
fn redis_time((seconds, micros): (i64, i64)) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000 + micros / 1_000)
}

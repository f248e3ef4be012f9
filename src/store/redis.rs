//! The store on Redis: one Lua script an operation, Redis's own clock, a lock key with a native time to live as the authority.
//!
//! `link` carries commands, `feed` hears what changes, `expiry` ends locks, `catalog` knows showtimes and plans. The scripts in
//! `lua/` hold the decisions; `domain::transition` says what they must be.

mod address;
mod archive;
mod backoff;
mod call;
mod catalog;
mod change;
mod clock;
mod entry;
mod expiry;
mod feed;
mod keys;
mod keyspace;
mod ledger;
mod link;
mod operations;
mod replace;
mod scripts;
mod sentinel;
mod servers;
mod trust;
mod watches;

use std::collections::BTreeMap;
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
use self::link::Link;
use self::scripts::{Reply, Scripts};
use self::servers::Servers;
pub use self::trust::Trust;
use self::watches::Watches;
use super::{FEED_QUEUE, FeedItem, StoreError, StoreHealth};
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
    link: Arc<Link>,
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
        let keys = Keys::new(options.prefix.clone(), database);
        let servers = Servers::new(&options.address, options.trust.clone()).map_err(CannotStart)?;
        let link = Arc::new(Link::new(servers, keys.clone()));
        // While the queue is full, Redis keeps the rest in its own bounded buffer.
        let (items, feed) = mpsc::channel(FEED_QUEUE);
        let store = Arc::new_cyclic(|myself| Self {
            catalog: Catalog::new(Arc::clone(&link), keys.clone(), options.rules),
            link,
            database,
            keys,
            scripts: Scripts::default(),
            probe: scripts::probe(),
            clock: StoreClock::default(),
            watches: Mutex::default(),
            rearmed: Notify::new(),
            feed: Feed::default(),
            items,
            node: uuid::Uuid::new_v4().simple().to_string(),
            myself: myself.clone(),
        });
        tasks.spawn("redis link", Arc::clone(&store.link).keep());
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
        let invocation = call.invocation();
        let sent = Instant::now();
        let values = self.link.run(async |mut link| invocation.invoke_async(&mut link).await).await?;
        let reply = Reply::read(values)?;
        if let Some(now) = reply.now() {
            self.clock.observe(now, sent);
        }
        Ok(reply)
    }

    async fn ask_health(&self) -> Result<StoreHealth, StoreError> {
        let sent = Instant::now();
        self.link.run(async |mut link| redis::cmd("PING").query_async::<()>(&mut link).await).await?;
        let latency = sent.elapsed();
        let info: redis::InfoDict =
            self.link.run(async |mut link| redis::cmd("INFO").query_async(&mut link).await).await?;
        let mut facts = BTreeMap::new();
        for name in [
            "redis_version",
            "valkey_version",
            "role",
            "uptime_in_seconds",
            "connected_clients",
            "used_memory_human",
            "maxmemory_human",
            "maxmemory_policy",
            "aof_enabled",
            "aof_last_write_status",
            "rdb_last_bgsave_status",
        ] {
            if let Some(value) = info.get::<String>(name) {
                facts.insert(name, value);
            }
        }
        // Where CONFIG is not permitted these facts are missing, and nothing else.
        for (setting, fact) in [("notify-keyspace-events", "notify_keyspace_events"), ("appendfsync", "appendfsync")] {
            let value: Result<(String, String), _> = self
                .link
                .run(async |mut link| redis::cmd("CONFIG").arg("GET").arg(setting).query_async(&mut link).await)
                .await;
            if let Ok((_, value)) = value {
                facts.insert(fact, value);
            }
        }
        let warnings = warnings(&facts);
        Ok(StoreHealth { kind: "redis", latency, facts, warnings })
    }
}

fn warnings(facts: &BTreeMap<&'static str, String>) -> Vec<String> {
    let is = |name: &str, value: &str| facts.get(name).is_some_and(|fact| fact == value);
    let mut warnings = Vec::new();
    if facts.contains_key("maxmemory_policy") && !is("maxmemory_policy", "noeviction") {
        warnings
            .push("maxmemory-policy is not noeviction: Redis may drop locks and bookings; set it to noeviction".into());
    }
    if is("aof_enabled", "0") {
        warnings.push("appendonly is off: a crash of Redis loses bookings; set appendonly yes".into());
    } else if facts.contains_key("appendfsync") && !is("appendfsync", "always") {
        warnings.push("appendfsync is not always: a power cut loses the last second; set appendfsync always".into());
    }
    if let Some(missing) = facts.get("notify_keyspace_events").and_then(|flags| keyspace::missing(flags)) {
        warnings.push(format!("notify-keyspace-events lacks {missing}: other programs' locks show late; add it"));
    }
    warnings
}

/// A reply of `TIME`: seconds and microseconds.
fn redis_time((seconds, micros): (i64, i64)) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000 + micros / 1_000)
}

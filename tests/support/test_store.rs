//! A store of one test's own, of either kind, so that a test is written once and run on each.

use std::sync::Arc;
use std::time::Duration;

use seatcast::config::Config;
use seatcast::domain::diff::Diff;
use seatcast::domain::showtime::Rules;
use seatcast::lifecycle::Tasks;
use seatcast::store::embedded::EmbeddedOptions;
use seatcast::store::redis::RedisOptions;
use seatcast::store::{self, FeedItem, SeatStore, StoreOptions};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::cluster::RedisCluster;
use super::redis_server::RedisServer;
use super::server::{Node, config, redis_options};
use super::wait::PATIENCE;

/// What holds for showtimes that say nothing of their own, as the program has it by default.
pub const RULES: Rules =
    Rules { lock: Duration::from_secs(900), extend_cap: Duration::from_secs(7_200), max_seats_per_holder: 10 };

/// Where a store is kept; gone when the value is dropped.
pub enum TestStore {
    Redis(RedisServer),
    Embedded(TempDir),
    /// A part of a cluster: what begins with this prefix.
    Cluster(Arc<RedisCluster>, String),
}

impl TestStore {
    /// The same kind of store, kept so that nothing is lost when it is closed, or killed.
    pub fn durable(self) -> Self {
        match self {
            Self::Redis(_) => Self::Redis(RedisServer::durable()),
            Self::Cluster(_, prefix) => {
                let cluster = tokio::task::block_in_place(|| Handle::current().block_on(RedisCluster::durable()));
                Self::Cluster(cluster.shared(), prefix)
            }
            Self::Embedded(_) => self,
        }
    }

    /// What happens to a store when the machine is started anew; nobody may have it open.
    pub fn restart(&mut self) {
        match self {
            Self::Redis(redis) => {
                redis.kill();
                redis.run();
            }
            Self::Cluster(cluster, _) => Arc::get_mut(cluster).expect("a cluster of its own").restart(),
            Self::Embedded(_) => {}
        }
    }

    /// A Redis that keeps nothing on disk.
    pub fn redis() -> Self {
        Self::Redis(RedisServer::start())
    }

    /// An empty directory.
    pub fn embedded() -> Self {
        Self::Embedded(TempDir::new().expect("a directory for the store"))
    }

    pub fn options(&self) -> StoreOptions {
        self.options_with(RULES)
    }

    pub fn options_with(&self, rules: Rules) -> StoreOptions {
        match self {
            Self::Redis(redis) => StoreOptions::Redis(redis_options(&redis.url(), rules)),
            Self::Cluster(cluster, prefix) => {
                StoreOptions::Redis(RedisOptions { prefix: prefix.clone(), ..redis_options(&cluster.url(), rules) })
            }
            Self::Embedded(directory) => {
                StoreOptions::Embedded(EmbeddedOptions { directory: directory.path().to_owned(), rules })
            }
        }
    }

    /// The store as `SEATCAST_STORE` names it.
    pub fn address(&self) -> String {
        match self {
            Self::Redis(redis) => redis.url(),
            Self::Cluster(cluster, _) => cluster.url(),
            Self::Embedded(directory) => format!("embedded:{}", directory.path().display()),
        }
    }

    /// Opens the store without a server around it, and waits until its feed is live.
    pub async fn open(&self, rules: Rules) -> OpenStore {
        let tasks = Tasks::new();
        let (store, mut feed) = store::open(&self.options_with(rules), &tasks).expect("the store opens");
        let first = tokio::time::timeout(PATIENCE, feed.recv()).await.expect("the feed becomes live");
        assert!(matches!(first, Some(FeedItem::Restored)), "{first:?}");
        OpenStore { store, feed, tasks }
    }

    /// The configuration of a test server on this store.
    pub fn config(&self) -> Config {
        config(self.options())
    }

    /// A server on this store that is ready for traffic.
    pub async fn node(&self) -> Node {
        Node::with(self.config()).await
    }

    /// Two servers side by side; where only one can be, the same one twice.
    pub async fn two_nodes(&self) -> [Arc<Node>; 2] {
        let one = Arc::new(self.node().await);
        let two = match self {
            Self::Redis(_) | Self::Cluster(..) => Arc::new(self.node().await),
            Self::Embedded(_) => Arc::clone(&one),
        };
        [one, two]
    }
}

/// A store that is open.
pub struct OpenStore {
    pub store: Arc<dyn SeatStore>,
    pub feed: mpsc::Receiver<FeedItem>,
    tasks: Tasks,
}

impl OpenStore {
    /// Closes the store, so that it can be opened again.
    pub async fn close(self) {
        self.tasks.stop(PATIENCE).await;
    }

    /// The next thing that the feed says.
    pub async fn hear(&mut self) -> FeedItem {
        let item = tokio::time::timeout(PATIENCE, self.feed.recv()).await.expect("the feed says something");
        item.expect("the feed goes on")
    }

    /// The next thing that the feed says, which must be a diff.
    pub async fn hear_diff(&mut self) -> Diff {
        match self.hear().await {
            FeedItem::Diff { diff, .. } => diff,
            other => panic!("{other:?} instead of a diff"),
        }
    }
}

/// Makes a test of each function, once for each store, and a function `on_others` that runs all of them on another kind of store;
/// the functions take a [`TestStore`].
macro_rules! on_each_store {
    ($($test:ident),+ $(,)?) => {
        #[allow(dead_code, reason = "only the conformance suite is run on others")]
        pub async fn on_others(make: impl Fn() -> $crate::support::TestStore) {
            $(
                eprintln!("{}", stringify!($test));
                $test(make()).await;
            )+
        }

        mod on_redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::support::TestStore::redis()).await;
            })+
        }

        mod on_embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::support::TestStore::embedded()).await;
            })+
        }
    };
}
pub(crate) use on_each_store;

//! A server of ours inside the test's process, on a port that the system chose.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use seatcast::app::Server;
use seatcast::config::Config;
use seatcast::domain::showtime::Rules;
use seatcast::http::{Origins, TrustedProxies};
use seatcast::live::{ConnectionLimits, HeartbeatOptions};
use seatcast::store::redis::{Address, RedisOptions, Trust};
use seatcast::store::{SeatStore, StoreOptions};
use seatcast::telemetry::{self, LogFormat};

use super::api::Api;
use super::redis_server::RedisServer;
use super::test_store::RULES;
use super::wait::eventually;

/// A running server. Dropping it cuts everything off; [`Node::stop`] stops it well.
pub struct Node {
    server: Server,
    pub api: Api,
}

/// The configuration of test servers: defaults but for short waits.
pub fn config(store: StoreOptions) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().expect("an address"),
        store,
        poll_seconds: 10,
        origins: Origins::default(),
        room_linger: Duration::from_secs(30),
        proxies: TrustedProxies::default(),
        connections: ConnectionLimits { total: 10_000, per_address: 10_000 },
        drain_notice: Duration::ZERO,
        grace: Duration::from_secs(2),
        workers: 2,
        demo: false,
        heartbeat: HeartbeatOptions::default(),
        unknown: Vec::new(),
        log: String::new(),
        log_format: LogFormat::Text,
    }
}

/// The options of a store on the Redis at this address.
pub fn redis_options(url: &str, rules: Rules) -> RedisOptions {
    let address = Address::parse(url).expect("an address");
    RedisOptions { address, trust: Trust::default(), prefix: String::new(), rules }
}

/// The same configuration, on the Redis at this address.
pub fn redis_config(url: &str) -> Config {
    config(StoreOptions::Redis(redis_options(url, RULES)))
}

impl Node {
    /// A server on this Redis that is ready for traffic.
    pub async fn start(redis: &RedisServer) -> Self {
        Self::with(redis_config(&redis.url())).await
    }

    /// A server with this configuration that is ready for traffic.
    pub async fn with(config: Config) -> Self {
        let node = Self::starting(&config);
        node.ready().await;
        node
    }

    /// A server that need not be ready.
    pub fn starting(config: &Config) -> Self {
        if let Ok(filter) = std::env::var("SEATCAST_TEST_LOG") {
            telemetry::start(&filter, LogFormat::Text);
        }
        let listener = seatcast::listener::listen(config.listen).expect("a port");
        let server = Server::start(config, listener).expect("the server starts");
        let api = Api::new(format!("http://{}", server.address()));
        Self { server, api }
    }

    /// Waits until the server says it is ready.
    pub async fn ready(&self) {
        eventually("the server is ready", async || (self.api.get("/health/ready").await.status == 200).then_some(()))
            .await;
    }

    /// How many rooms are open.
    pub fn room_count(&self) -> usize {
        self.server.room_count()
    }

    /// The store that the server uses.
    pub fn store(&self) -> &Arc<dyn SeatStore> {
        self.server.store()
    }

    /// Says that the server is about to stop, and waits as long as load balancers are given.
    pub async fn announce_stop(&self) {
        self.server.announce_stop().await;
    }

    /// Stops the server as SIGTERM would.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

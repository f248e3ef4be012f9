//! A real Redis Cluster put together by hand: three primaries, with replicas where a test wants them, gone when the value is
//! dropped. Servers wait 15 s before they call another one dead: what happens here is done by the test, not by a busy machine.

use std::sync::Arc;

use redis::FromRedisValue;

use super::redis_server::{RedisServer, free_port};
use super::wait::eventually;

/// Primaries.
pub const PRIMARIES: usize = 3;
const SLOTS: usize = 16_384;

/// A cluster of one test's own.
pub struct RedisCluster {
    /// The primaries, and behind them the replica of each where there are any.
    pub servers: Vec<RedisServer>,
}

impl RedisCluster {
    /// Three primaries that keep nothing on disk.
    pub async fn start() -> Self {
        Self::with(PRIMARIES, &["--save", "", "--appendonly", "no"]).await
    }

    /// Three primaries that write every change to disk before they answer.
    pub async fn durable() -> Self {
        Self::with(PRIMARIES, &["--save", "", "--appendonly", "yes", "--appendfsync", "always"]).await
    }

    /// Three primaries with a replica each.
    pub async fn with_replicas() -> Self {
        let quick = ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"];
        let cluster = Self::with(2 * PRIMARIES, &quick).await;
        for n in 0..PRIMARIES {
            let id: String = cluster.servers[n].command(&["CLUSTER", "MYID"]).await;
            let replica = &cluster.servers[PRIMARIES + n];
            eventually("the replica knows its primary", async || {
                let mut follow = redis::cmd("CLUSTER");
                follow.arg("REPLICATE").arg(&id);
                follow.query_async::<()>(&mut replica.connection().await).await.ok()
            })
            .await;
        }
        for replica in &cluster.servers[PRIMARIES..] {
            eventually("the replica has everything", async || {
                let info: String = replica.command(&["INFO", "replication"]).await;
                info.contains("master_link_status:up").then_some(())
            })
            .await;
        }
        cluster.agree().await;
        cluster
    }

    async fn with(count: usize, arguments: &[&str]) -> Self {
        let mut buses = Vec::new();
        let mut servers = Vec::new();
        for _ in 0..count {
            let bus = free_port().to_string();
            let mut all = vec!["--cluster-enabled", "yes", "--cluster-node-timeout", "15000", "--cluster-port", &bus];
            // Without this one lost primary stops all.
            all.extend(["--cluster-require-full-coverage", "no"]);
            all.extend(arguments);
            servers.push(RedisServer::with(&all));
            buses.push(bus);
        }
        let cluster = Self { servers };
        for (n, server) in cluster.servers.iter().enumerate() {
            if n < PRIMARIES {
                let (first, last) = (SLOTS * n / PRIMARIES, SLOTS * (n + 1) / PRIMARIES - 1);
                let _: () = server.command(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]).await;
            }
            let _: () = server.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(n + 1).to_string()]).await;
        }
        let first = &cluster.servers[0];
        for (server, bus) in cluster.servers.iter().zip(&buses).skip(1) {
            let _: () = first.command(&["CLUSTER", "MEET", "127.0.0.1", &server.port().to_string(), bus]).await;
        }
        cluster.agree().await;
        cluster
    }

    /// Waits until every server that answers knows all others and finds that all is well.
    pub async fn agree(&self) {
        let known = format!("cluster_known_nodes:{}\r", self.servers.len());
        for server in &self.servers {
            eventually("the servers of the cluster agree", async || {
                let info: String = server.command(&["CLUSTER", "INFO"]).await;
                let slots: Vec<redis::Value> = server.command(&["CLUSTER", "SLOTS"]).await;
                (info.contains("cluster_state:ok") && info.contains(&known) && slots.len() >= PRIMARIES).then_some(())
            })
            .await;
        }
    }

    /// Stops all servers as a crash would, and starts them again.
    pub fn restart(&mut self) {
        for server in &mut self.servers {
            server.kill();
        }
        for server in &mut self.servers {
            server.run();
        }
    }

    pub fn url(&self) -> String {
        self.url_as("")
    }

    /// The address with a login, such as `user:password@`.
    pub fn url_as(&self, login: &str) -> String {
        let hosts: Vec<String> = self.servers.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
        format!("redis+cluster://{login}{}", hosts.join(","))
    }

    /// The slot of a showtime.
    pub async fn slot(&self, showtime: &str) -> u16 {
        self.servers[0].command(&["CLUSTER", "KEYSLOT", &format!("{{{showtime}}}")]).await
    }

    /// Names for showtimes, one for each primary and in its slots.
    pub async fn one_showtime_each(&self) -> [String; PRIMARIES] {
        let mut names: [String; PRIMARIES] = Default::default();
        for n in 0.. {
            let name = format!("show-{n}");
            let owner = usize::from(self.slot(&name).await) * PRIMARIES / SLOTS;
            if names[owner].is_empty() {
                names[owner] = name;
            }
            if names.iter().all(|name| !name.is_empty()) {
                break;
            }
        }
        names
    }

    /// Begins to move a slot, as a resharding tool does.
    pub async fn open_slot(&self, slot: u16, from: usize, to: usize) {
        let (source, target) = (self.id(from).await, self.id(to).await);
        let slot = slot.to_string();
        let _: () = self.servers[to].command(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &source]).await;
        let _: () = self.servers[from].command(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &target]).await;
    }

    /// Calls the move of a slot off.
    pub async fn close_slot(&self, slot: u16, from: usize, to: usize) {
        for server in [from, to] {
            let _: () = self.servers[server].command(&["CLUSTER", "SETSLOT", &slot.to_string(), "STABLE"]).await;
        }
    }

    /// Moves a slot with its keys, a few at a time.
    pub async fn move_slot(&self, slot: u16, from: usize, to: usize) {
        self.open_slot(slot, from, to).await;
        let (slot, port) = (slot.to_string(), self.servers[to].port().to_string());
        loop {
            let keys: Vec<String> = self.servers[from].command(&["CLUSTER", "GETKEYSINSLOT", &slot, "3"]).await;
            if keys.is_empty() {
                break;
            }
            let mut migrate = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
            migrate.extend(keys.iter().map(String::as_str));
            let _: String = self.servers[from].command(&migrate).await;
        }
        let target = self.id(to).await;
        let others = (0..PRIMARIES).filter(|other| *other != to && *other != from);
        for server in [to, from].into_iter().chain(others) {
            let _: () = self.servers[server].command(&["CLUSTER", "SETSLOT", &slot, "NODE", &target]).await;
        }
    }

    async fn id(&self, server: usize) -> String {
        self.servers[server].command(&["CLUSTER", "MYID"]).await
    }

    /// Makes a primary's replica the primary, whatever the others say.
    pub async fn promote_replica_of(&self, primary: usize) {
        let _: () = self.servers[PRIMARIES + primary].command(&["CLUSTER", "FAILOVER", "TAKEOVER"]).await;
    }

    /// Runs a command on each primary that answers.
    pub async fn everywhere<T: FromRedisValue>(&self, words: &[&str]) -> Vec<T> {
        let mut answers = Vec::new();
        for server in &self.servers {
            answers.push(server.command(words).await);
        }
        answers
    }

    /// The cluster, to be shared by tests with a prefix each.
    pub fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }
}

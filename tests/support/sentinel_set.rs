//! A primary, two replicas, and three sentinels that watch them, as in production but quicker; gone when the value is dropped.

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::redis_server::{RedisServer, free_port, patient, redis_program};
use super::wait::eventually;

/// What the sentinels call the primary.
pub const NAME: &str = "seats";
const SENTINELS: usize = 3;
const REPLICAS: usize = 2;

/// Servers and their sentinels.
pub struct SentinelSet {
    pub servers: Vec<RedisServer>,
    pub sentinels: Vec<Sentinel>,
}

impl SentinelSet {
    /// A set whose sentinels know each other and all replicas.
    pub async fn start() -> Self {
        let primary = RedisServer::with(&["--save", "", "--repl-diskless-sync-delay", "0"]);
        let replicas: Vec<RedisServer> = (0..REPLICAS).map(|_| primary.replica()).collect();
        let servers: Vec<RedisServer> = std::iter::once(primary).chain(replicas).collect();
        let set = Self { sentinels: (0..SENTINELS).map(|_| Sentinel::start(servers[0].port(), 2)).collect(), servers };
        set.replicate().await;
        for sentinel in &set.sentinels {
            sentinel.hurry().await;
            eventually("the sentinels know everybody", async || {
                let known = [("num-slaves", REPLICAS), ("num-other-sentinels", SENTINELS - 1)];
                let master = sentinel.master().await?;
                known.iter().all(|(field, count)| master.get(*field) == Some(&count.to_string())).then_some(())
            })
            .await;
        }
        set
    }

    /// `SEATCAST_STORE` for this set.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(Sentinel::address).collect();
        format!("redis+sentinel://{}/{NAME}", hosts.join(","))
    }

    /// Waits until the replicas have everything that the first server has now.
    pub async fn replicate(&self) {
        for replica in &self.servers[1..] {
            self.servers[0].is_followed_by(replica).await;
        }
    }

    /// Waits until the sentinels agree on another primary than the first server, and says which of the servers it is.
    pub async fn promoted(&self) -> usize {
        eventually("another server is the primary", async || {
            let mut named = Vec::new();
            for sentinel in &self.sentinels {
                named.push(sentinel.master().await?.get("port")?.parse::<u16>().ok()?);
            }
            let place = self.servers.iter().position(|server| server.port() == named[0])?;
            (place > 0 && named.iter().all(|port| *port == named[0])).then_some(place)
        })
        .await
    }
}

/// A running sentinel.
pub struct Sentinel {
    child: Child,
    port: u16,
    /// Where it keeps its configuration, which it writes itself.
    _directory: TempDir,
}

impl Sentinel {
    /// A sentinel that watches the server at this port, and agrees to a failover with so many.
    pub fn start(primary: u16, quorum: usize) -> Self {
        let (directory, port) = (TempDir::new().expect("a directory for a sentinel"), free_port());
        let file = directory.path().join("sentinel.conf");
        let settings = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {NAME} 127.0.0.1 {primary} {quorum}\n\
             sentinel down-after-milliseconds {NAME} 700\nsentinel failover-timeout {NAME} 1000\n",
            directory.path().display()
        );
        std::fs::write(&file, settings).expect("a file for a sentinel");
        let child = Command::new(redis_program())
            .arg(file)
            .arg("--sentinel")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed (Debian package redis-server)");
        Self { child, port, _directory: directory }
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it says about the primary, if it answers.
    pub async fn master(&self) -> Option<std::collections::HashMap<String, String>> {
        self.try_command(&["SENTINEL", "MASTER", NAME]).await.ok()
    }

    /// Runs a command, given as its words.
    pub async fn try_command<T: redis::FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let client = redis::Client::open(format!("redis://{}", self.address()))?;
        let mut connection = client.get_multiplexed_async_connection_with_config(&patient()).await?;
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query_async(&mut connection).await
    }

    /// Shortens its waits, so that a test need not wait as production does.
    async fn hurry(&self) {
        // Not the ping's: a replica that was not heard for five of them is promoted by nobody.
        let waits = ["info-period", "500", "publish-period", "300", "tilt-period", "500"];
        let words = [&["SENTINEL", "DEBUG"][..], &waits, &["election-timeout", "1000"]].concat();
        eventually("a sentinel answers", async || self.try_command::<()>(&words).await.ok()).await;
    }

    /// Kills it as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.kill();
    }
}

//! A real `redis-server` on a free port, gone when the value is dropped.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::wait::eventually;

/// A Redis of one test's own.
pub struct RedisServer {
    child: Option<Child>,
    port: u16,
    directory: TempDir,
    arguments: Vec<String>,
}

impl RedisServer {
    /// A Redis that keeps nothing on disk, with its default settings otherwise: no key events until somebody asks for them.
    pub fn start() -> Self {
        Self::with(&["--save", "", "--appendonly", "no"])
    }

    /// A Redis that writes every change to disk before it answers.
    pub fn durable() -> Self {
        Self::with(&["--save", "", "--appendonly", "yes", "--appendfsync", "always"])
    }

    /// A Redis with these settings.
    pub fn with(arguments: &[&str]) -> Self {
        let mut server = Self {
            child: None,
            port: free_port(),
            directory: TempDir::new().expect("a directory for redis"),
            arguments: arguments.iter().map(ToString::to_string).collect(),
        };
        server.run();
        server
    }

    /// A replica of this server, on its way to have everything.
    pub fn replica(&self) -> Self {
        let delay = ["--save", "", "--repl-diskless-sync-delay", "0"];
        Self::with(&[&delay[..], &["--replicaof", "127.0.0.1", &self.port.to_string()]].concat())
    }

    /// Waits until a replica has everything that this server has now.
    pub async fn is_followed_by(&self, replica: &Self) {
        let here: redis::InfoDict = self.command(&["INFO", "replication"]).await;
        let (run, offset) = (here.get::<String>("master_replid"), here.get::<u64>("master_repl_offset"));
        eventually("the replica follows", async || {
            let there: redis::InfoDict = replica.command(&["INFO", "replication"]).await;
            let up = there.get::<String>("master_link_status").is_some_and(|status| status == "up");
            let same = there.get::<String>("master_replid") == run;
            (up && same && there.get::<u64>("slave_repl_offset") >= offset).then_some(())
        })
        .await;
    }

    /// Starts the server again after [`RedisServer::kill`], on the same port and directory.
    pub fn run(&mut self) {
        assert!(self.child.is_none(), "redis runs already");
        let mut child = Command::new(redis_program())
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"])
            .arg("--dir")
            .arg(self.directory.path())
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed (Debian package redis-server)");
        let began = Instant::now();
        while !self.answers_as(child.id()) {
            let ended = child.try_wait().expect("the child's state");
            assert!(ended.is_none(), "redis ended at once ({ended:?}); is port {} taken?", self.port);
            assert!(began.elapsed() < Duration::from_secs(10), "redis did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
    }

    /// Whether this very process answers on the port, not one of another test.
    fn answers_as(&self, process: u32) -> bool {
        let ask = || -> redis::RedisResult<redis::InfoDict> {
            redis::cmd("INFO").arg("server").query(&mut self.client().get_connection()?)
        };
        ask().is_ok_and(|info| info.get::<u32>("process_id") == Some(process))
    }

    /// Kills the server as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Sends a signal, such as `STOP` or `CONT`.
    pub fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("redis runs");
        let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{signal} failed");
    }

    /// Where the server keeps its files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn client(&self) -> redis::Client {
        redis::Client::open(self.url()).expect("a valid url")
    }

    /// A connection of the test's own, as `redis-cli` would have.
    pub async fn connection(&self) -> redis::aio::MultiplexedConnection {
        self.client().get_multiplexed_async_connection_with_config(&patient()).await.expect("redis answers")
    }

    /// Runs a command, given as its words.
    pub async fn command<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query_async(&mut self.connection().await).await.expect("redis accepts the command")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if self.child.is_some() {
            // A stopped process must go on before it can end.
            self.signal("CONT");
        }
        self.kill();
    }
}

/// Ports below those that the system gives to outgoing connections. A client that tries again and again to reach a server that
/// is down could otherwise be given that server's own port, talk to itself, and keep the server from coming back.
const PORTS: std::ops::Range<u16> = 10_000..32_000;

/// The program to test with: `redis-server`, or what `SEATCAST_TEST_REDIS` names, such as a `valkey-server`.
pub fn redis_program() -> String {
    std::env::var("SEATCAST_TEST_REDIS").unwrap_or_else(|_| "redis-server".into())
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| rand::random_range(PORTS)).take(1_000).find(free).expect("a free port")
}

/// For tests: an answer that comes late on a crowded machine is an answer.
pub fn patient() -> redis::AsyncConnectionConfig {
    redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(10)))
}

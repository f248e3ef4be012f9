//! The server's own program on a free port, as it is run in production; gone when the value is dropped.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::api::Api;
use super::redis_server::{RedisServer, free_port};
use super::wait::eventually;

/// A running program.
pub struct ServerProcess {
    child: Child,
    pub api: Api,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Where it runs, so that nobody's `.env` is read.
    _directory: TempDir,
}

impl ServerProcess {
    /// Starts the program on this Redis with default settings, but for the log: warnings only. Waits until it is ready.
    pub async fn start(redis: &RedisServer) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let directory = TempDir::new().expect("a directory for the server");
        let child = Command::new(env!("CARGO_BIN_EXE_seatcast"))
            .env_clear()
            .env("SEATCAST_LISTEN", &address)
            .env("SEATCAST_STORE", redis.url())
            .env("SEATCAST_LOG", "warn")
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let api = Api::new(format!("http://{address}"));
        let server = Self { child, api, address, _directory: directory };
        eventually("the server is ready", async || server.is_ready().await.then_some(())).await;
        server
    }

    async fn is_ready(&self) -> bool {
        let answer = self.api.try_send(self.api.request("GET", "/health/ready").timeout(Duration::from_secs(1))).await;
        answer.is_ok_and(|reply| reply.status == 200)
    }

    /// The process's id, for measuring it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! One node as a process on an address that it keeps: the program itself, or one with a bug that was put in.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::bugs::Bug;
use crate::support::redis_server::free_port;

/// A question about a node's health is given up after this long; the node itself takes 2 s to say that its store is away.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);

/// A node that runs, or will again.
pub struct Node {
    /// From 1.
    pub number: usize,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Its own way to the store.
    store: String,
    pub log: PathBuf,
    bug: Option<Bug>,
    child: Option<Child>,
}

/// What `/health/ready` said.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    pub ready: bool,
    /// How often a room turned out to be behind although the feed was live, since the node began.
    pub gaps: u64,
}

impl Node {
    pub fn new(number: usize, store: String, log: PathBuf, bug: Option<Bug>) -> Self {
        Self { number, address: format!("127.0.0.1:{}", free_port()), store, log, bug, child: None }
    }

    /// Starts the process, and does not wait.
    pub fn start(&mut self) {
        assert!(self.child.is_none(), "node {} runs already", self.number);
        let log = OpenOptions::new().create(true).append(true).open(&self.log).expect("a file for the log");
        self.child = Some(self.command(log).spawn().expect("the node's program starts"));
    }

    fn command(&self, log: File) -> Command {
        let mut command = match self.bug {
            None => Command::new(env!("CARGO_BIN_EXE_seatcast")),
            Some(bug) => {
                let mut command = Command::new(std::env::current_exe().expect("the name of this program"));
                command.args(["node", bug.name()]);
                command
            }
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("SEATCAST_LISTEN", &self.address)
            .env("SEATCAST_STORE", &self.store)
            .env("SEATCAST_POLL_SECONDS", "1")
            .env("SEATCAST_LOG", std::env::var("SEATCAST_TEST_LOG").unwrap_or_else(|_| "info,actix_server=warn".into()))
            .current_dir(self.log.parent().expect("the log lies in a folder"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        command
    }

    /// Kills the process as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Tells the process to stop, as a service manager would.
    pub fn terminate(&self) {
        let Some(child) = &self.child else { return };
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill -TERM failed");
    }

    /// How the process ended, if it has: its exit code, or -1 after a signal.
    pub fn ended(&mut self) -> Option<i32> {
        let status = self.child.as_mut()?.try_wait().expect("the child's state")?;
        self.child = None;
        Some(status.code().unwrap_or(-1))
    }

    /// Memory that is in use, in KiB; `None` for a node that does not run.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Asks a node how it does; `None` when it does not answer.
pub async fn health(http: &reqwest::Client, address: &str) -> Option<Health> {
    let asked = http.get(format!("http://{address}/health/ready")).timeout(HEALTH_TIMEOUT).send().await.ok()?;
    let ready = asked.status() == 200;
    let body: Value = asked.json().await.ok()?;
    Some(Health { ready, gaps: body["checks"]["feed"]["gaps"].as_u64().unwrap_or(0) })
}

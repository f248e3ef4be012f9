//! The server's own program on a free port, as it is run in production; gone when the value is dropped.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::api::Api;
use super::redis_server::free_port;
use super::wait::eventually;

const LOG: &str = "log";

/// A running program. When a test fails its log is shown.
pub struct ServerProcess {
    child: Child,
    pub api: Api,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Where it runs, so that nobody's `.env` is read, and where its log is.
    directory: TempDir,
    /// The command that it is started behind.
    prefix: Vec<String>,
    /// What it is told besides its address.
    variables: Vec<(String, String)>,
}

impl ServerProcess {
    /// Starts the program on this store with default settings, but for the log: warnings only. Waits until it is ready.
    pub async fn start(store: &str) -> Self {
        let server = Self::begin(store);
        server.ready().await;
        server
    }

    /// Waits until the server says it is ready.
    pub async fn ready(&self) {
        eventually("the server is ready", async || self.is_ready().await.then_some(())).await;
    }

    /// Starts the program and does not wait.
    pub fn begin(store: &str) -> Self {
        Self::begin_with(store, &[])
    }

    /// Starts the program with these variables besides, and does not wait.
    pub fn begin_with(store: &str, variables: &[(&str, &str)]) -> Self {
        Self::begin_behind(&[], store, variables)
    }

    /// Starts the program with these variables behind another command, such as one that chooses its core, and does not wait.
    pub fn begin_behind(prefix: &[String], store: &str, variables: &[(&str, &str)]) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let directory = TempDir::new().expect("a directory for the server");
        let all = std::iter::once(("SEATCAST_STORE", store)).chain(variables.iter().copied());
        let variables: Vec<_> = all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let child = run(prefix, &address, &directory, &variables);
        let api = Api::new(format!("http://{address}"));
        Self { child, api, address, directory, prefix: prefix.to_vec(), variables }
    }

    /// Stops the program as a service manager would, starts it again on the same address, and waits until it is ready. Returns
    /// how it ended.
    pub async fn restart(&mut self) -> ExitStatus {
        self.terminate();
        let child = RefCell::new(&mut self.child);
        let ended = eventually("the program ends", async || child.borrow_mut().try_wait().expect("the child's state"));
        let status = ended.await;
        self.child = run(&self.prefix, &self.address, &self.directory, &self.variables);
        self.ready().await;
        status
    }

    /// Has every write beyond this many bytes of a file fail from now on, or (`None`) none. The log is a file too.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".into(), |bytes| bytes.to_string());
        let arguments = [format!("--pid={}", self.id()), format!("--fsize={limit}:")];
        let set = Command::new("prlimit").args(arguments).status();
        assert!(set.is_ok_and(|status| status.success()), "prlimit (Debian package util-linux) failed");
    }

    async fn is_ready(&self) -> bool {
        let answer = self.api.try_send(self.api.request("GET", "/health/ready").timeout(Duration::from_secs(1))).await;
        answer.is_ok_and(|reply| reply.status == 200)
    }

    /// Stops the program as a service manager would, and waits until it has ended.
    pub async fn stop(mut self) {
        self.terminate();
        let child = RefCell::new(&mut self.child);
        eventually("the program ends", async || child.borrow_mut().try_wait().expect("the child's state")).await;
    }

    fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, such as `STOP` or `CONT`.
    pub fn signal(&self, signal: &str) {
        let told = Command::new("kill").args([&format!("-{signal}"), &self.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill -{signal} failed");
    }

    /// Kills the program as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How much memory the process has now, in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line about memory");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib * 1_024
    }

    /// How many files and sockets the process has open now.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).expect("the process runs").count()
    }

    /// What the program has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join(LOG)).expect("the log is there")
    }

    /// The process's id, for measuring it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

fn run(prefix: &[String], address: &str, directory: &TempDir, variables: &[(String, String)]) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(directory.path().join(LOG));
    // A write beyond a limit of the file size then fails, as on a full disk, and does not end the process.
    Command::new("bash")
        .args(["-c", r#"trap "" XFSZ; exec "$@""#, "bash"])
        .args(prefix)
        .arg(env!("CARGO_BIN_EXE_seatcast"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SEATCAST_LISTEN", address)
        .env("SEATCAST_LOG", std::env::var("SEATCAST_TEST_LOG").unwrap_or_else(|_| "warn".into()))
        // Tests wait for no load balancer.
        .env("SEATCAST_DRAIN_NOTICE_SECONDS", "0")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.expect("a file for the log"))
        .spawn()
        .expect("the program starts")
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.directory.path().join(LOG)).unwrap_or_default();
            eprintln!("--- log of the server on {}\n{log}---", self.address);
        }
    }
}

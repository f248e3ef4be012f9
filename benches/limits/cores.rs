//! Which core does what: servers that are measured have one for themselves, everything else (load, Redis, the bench) is on the other.

use std::path::Path;
use std::process::Command;

use super::support::Scale;

/// The core of the server that is measured.
pub const SERVER: usize = 0;
/// The core of all that is beside it.
pub const LOAD: usize = 1;

/// Where programs run.
#[derive(Clone, Copy, Debug)]
pub enum Cores {
    /// Each on the core that it is meant for.
    Apart,
    /// Where the system puts them: there are too few, or the run is to show only that it works.
    Shared,
}

impl Cores {
    /// Moves this process, and so all that it starts from now on, to the core for the load.
    pub fn take(scale: Scale) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if scale == Scale::Smoke || cores <= LOAD {
            return Self::Shared;
        }
        pin(std::process::id(), LOAD);
        Self::Apart
    }

    /// A command that runs the program on the server's core.
    pub fn server(self, program: &Path) -> Command {
        let prefix = self.server_prefix();
        let Some((first, rest)) = prefix.split_first() else { return Command::new(program) };
        let mut command = Command::new(first);
        command.args(rest).arg(program);
        command
    }

    /// What stands before a command that is to run on the server's core.
    pub fn server_prefix(self) -> Vec<String> {
        match self {
            Self::Apart => ["taskset", "-c", &SERVER.to_string()].map(str::to_owned).to_vec(),
            Self::Shared => Vec::new(),
        }
    }

    /// Moves a process that runs to the server's core.
    pub fn give_server_core(self, process: u32) {
        if let Self::Apart = self {
            pin(process, SERVER);
        }
    }
}

fn pin(process: u32, core: usize) {
    let moved = Command::new("taskset").args(["-a", "-c", "-p", &core.to_string(), &process.to_string()]).output();
    assert!(moved.is_ok_and(|output| output.status.success()), "taskset (Debian package util-linux) failed");
}

//! What all rows stand on: the scale, the cores, a runtime for what waits.

use std::collections::HashMap;
use std::fmt;

use parking_lot::Mutex;
use tokio::runtime::Runtime;

use super::cores::{self, Cores};
use super::hall::Hall;
use super::limit_loop::Sizes;
use super::support::{Scale, ServerProcess};

/// As many files as a process may open on this kind of machine; each viewer is one.
const MAX_CONNECTIONS: &str = "20000";

/// Given to every run.
pub struct Ground {
    pub scale: Scale,
    pub cores: Cores,
    /// Has one thread. The main thread is free for work that must not wait.
    pub runtime: Runtime,
    /// How much Seatcast says, where that was asked for.
    pub sizes: Mutex<HashMap<Hall, Sizes>>,
}

impl Ground {
    pub fn new(scale: Scale) -> Self {
        let cores = Cores::take(scale);
        rlimit::increase_nofile_limit(u64::MAX).expect("more files can be opened");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self { scale, cores, runtime: runtime.expect("a runtime"), sizes: Mutex::default() }
    }

    /// The release program on this store: one worker, the server's core, room for all viewers. Waits until it is ready.
    pub fn server(&self, store: &str) -> ServerProcess {
        let variables = [
            ("SEATCAST_WORKERS", "1"),
            ("SEATCAST_MAX_CONNECTIONS", MAX_CONNECTIONS),
            ("SEATCAST_MAX_CONNECTIONS_PER_ADDRESS", MAX_CONNECTIONS),
        ];
        self.runtime.block_on(async {
            let server = ServerProcess::begin_behind(&self.cores.server_prefix(), store, &variables);
            server.ready().await;
            server
        })
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cores {
            Cores::Apart => {
                write!(f, "servers on core {}, load, Redis and this bench on core {}", cores::SERVER, cores::LOAD)
            }
            Cores::Shared => write!(f, "everything where the system puts it"),
        }
    }
}

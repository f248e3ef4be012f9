//! Background tasks: started by name, stopped together.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks of one server. Clones share them.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// Requests run on threads of their own; tasks always run here.
    runtime: Handle,
}

impl Tasks {
    /// Tasks that run on the current runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new() -> Self {
        Self { tracker: TaskTracker::new(), stop: CancellationToken::new(), runtime: Handle::current() }
    }

    /// Starts a task. It runs until it ends or [`Tasks::stop`] drops it at its next await.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let task = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        };
        self.tracker.spawn_on(task.instrument(tracing::info_span!("task", name)), &self.runtime);
    }

    /// Stops all tasks and waits for them, at most this long.
    pub async fn stop(&self, patience: Duration) {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(patience, self.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.tracker.len(), "tasks did not stop in time");
        }
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

//! Background tasks: started by name, stopped together.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// The tasks of one server. Clones share them.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// Cancelled when a task has panicked.
    failed: CancellationToken,
    /// Requests run on threads of their own; tasks always run here.
    runtime: Handle,
}

impl Tasks {
    /// Tasks that run on the current runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new() -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            failed: CancellationToken::new(),
            runtime: Handle::current(),
        }
    }

    /// Starts a task. It runs until it ends or [`Tasks::stop`] drops it at its next await. One that panics is a bug that
    /// nobody would notice: it is logged, and [`Tasks::failed`] tells.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (stop, task) = (self.stop.clone(), self.guard(name, task));
        let task = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        };
        self.tracker.spawn_on(task, &self.runtime);
    }

    /// A task for whoever starts and ends it: one that belongs to a thread. A panic counts as one of [`Tasks::spawn`].
    pub fn guard<F: Future<Output = ()>>(&self, name: &'static str, task: F) -> impl Future<Output = ()> + use<F> {
        let failed = self.failed.clone();
        let guarded = async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!("a task panicked");
                failed.cancel();
            }
        };
        guarded.instrument(tracing::info_span!("task", name))
    }

    /// Starts work that blocks, on a thread of its own. It must end soon after something that only a task holds is dropped:
    /// [`Tasks::stop`] drops the tasks and waits for the thread. A panic counts as one of a task.
    ///
    /// # Panics
    /// When the system has no thread left.
    pub fn spawn_thread(&self, name: &'static str, work: impl FnOnce() + Send + 'static) {
        let (counted, failed) = (self.tracker.token(), self.failed.clone());
        let work = move || {
            let _counted = counted;
            let _span = tracing::info_span!("task", name).entered();
            if std::panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                tracing::error!("a task panicked");
                failed.cancel();
            }
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(work).expect("a thread for a task");
    }

    /// Waits until a task has panicked.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Tells all tasks to stop, and does not wait.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Stops all tasks and waits for them, at most this long.
    pub async fn stop(&self, patience: Duration) {
        self.cancel();
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

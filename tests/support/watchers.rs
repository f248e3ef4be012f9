//! Viewers who stay whatever happens: one whose connection ends comes back, perhaps to another server, and continues where it
//! was. Each fails on a gap, as every [`Viewer`] does.

use std::sync::Arc;
use std::time::Duration;

use seatcast::domain::position::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::plan::SeatIds;
use super::replica::Replica;
use super::viewer::Viewer;

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(50);
/// A handshake that takes longer is given up.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(2);

/// What a viewer has at this moment.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    pub replica: Replica,
    /// What the viewer was told of the map last.
    pub stale: bool,
    pub connected: bool,
    /// How many connections there were.
    pub connections: usize,
    /// How many snapshots came over all of them.
    pub snapshots: usize,
}

/// Viewers of one showtime. Dropping them closes their connections.
pub struct Watchers {
    sights: Vec<watch::Receiver<Sight>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Watchers {
    /// Opens viewers' connections, spread over the servers' base addresses, and waits until each has a map.
    pub async fn start(bases: &[String], show: &str, seats: &Arc<SeatIds>, count: usize) -> Self {
        let mut watchers = Self { sights: Vec::new(), tasks: Vec::new() };
        for n in 0..count {
            let (told, sight) = watch::channel(Sight::default());
            let mut bases = bases.to_vec();
            let first = n % bases.len();
            bases.rotate_left(first);
            let watching = watch_for_ever(bases, show.to_owned(), Arc::clone(seats), told);
            watchers.tasks.push(tokio::spawn(watching));
            watchers.sights.push(sight);
        }
        watchers.until(|sight| !sight.replica.position.is_empty()).await;
        watchers
    }

    /// Waits until all viewers see what is wanted. The caller sets the deadline.
    ///
    /// # Panics
    /// When a viewer failed, on a gap for instance.
    pub async fn until(&mut self, wanted: impl Fn(&Sight) -> bool) {
        for sight in &mut self.sights {
            sight.wait_for(&wanted).await.expect("a viewer saw what cannot be; its panic is above");
        }
    }

    /// What the viewers have at this moment.
    pub fn sights(&self) -> Vec<Sight> {
        self.sights.iter().map(|sight| sight.borrow().clone()).collect()
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Sight {
    /// Whether the viewer has all that led to this position, of the same epoch.
    pub fn has_reached(&self, position: &Position) -> bool {
        let mine = self.replica.position.parse::<Position>();
        mine.is_ok_and(|mine| mine.epoch == position.epoch && mine.seq >= position.seq)
    }
}

/// Watches, and comes back whenever the connection ends.
async fn watch_for_ever(bases: Vec<String>, show: String, seats: Arc<SeatIds>, told: watch::Sender<Sight>) {
    for base in bases.iter().cycle() {
        let known = told.borrow().replica.clone();
        let since = if known.position.is_empty() { String::new() } else { format!("?since={}", known.position) };
        let url = format!("{base}/api/v1/showtimes/{show}/live{since}");
        let opened = tokio::time::timeout(HANDSHAKE_PATIENCE, Viewer::try_connect(&url, &seats)).await;
        let Ok(Some(mut viewer)) = opened else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        viewer.remember(known);
        let before = told.borrow().snapshots;
        told.send_modify(|sight| sight.connections += 1);
        while viewer.closed.is_none() {
            viewer.step().await;
            told.send_modify(|sight| {
                sight.replica.clone_from(&viewer.replica);
                sight.stale = viewer.stale;
                sight.connected = viewer.closed.is_none();
                sight.snapshots = before + viewer.snapshots;
            });
        }
    }
}

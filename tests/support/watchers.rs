//! Viewers who stay whatever happens, over every transport that pushes: one whose connection ends comes back, perhaps to another
//! server, and continues where it was. Each fails on a gap, as every [`Replica`] does.

use std::sync::Arc;
use std::time::Duration;

use seatcast::domain::position::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::api::Api;
use super::event_stream::EventStream;
use super::long_poll::LongPoll;
use super::plan::SeatIds;
use super::replica::Replica;
use super::viewer::Viewer;

/// Between two attempts to connect, and between the end of a connection and the next.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a poll asks to wait, in seconds.
const WAIT: u32 = 25;
/// A handshake that takes longer is given up.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(2);

/// What a viewer has at this moment.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    pub replica: Replica,
    /// What the viewer was told of the map last.
    pub stale: bool,
    pub connected: bool,
    /// How many connections there were. All polls that follow each other without a failure count as one.
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
        let servers = bases.len();
        for n in 0..count {
            let (told, sight) = watch::channel(Sight::default());
            let mut bases = bases.to_vec();
            bases.rotate_left(n % servers);
            let watch = Watch { bases, show: show.to_owned(), seats: Arc::clone(seats), told };
            // Every transport is used at every server.
            watchers.tasks.push(match n / servers % 3 {
                0 => tokio::spawn(watch.over_websockets()),
                1 => tokio::spawn(watch.over_event_streams()),
                _ => tokio::spawn(watch.over_long_polls()),
            });
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

/// One viewer's task.
struct Watch {
    bases: Vec<String>,
    show: String,
    seats: Arc<SeatIds>,
    told: watch::Sender<Sight>,
}

impl Watch {
    async fn over_websockets(self) {
        for base in self.bases.iter().cycle() {
            let known = self.told.borrow().replica.clone();
            let since = if known.position.is_empty() { String::new() } else { format!("?since={}", known.position) };
            let url = format!("{base}/api/v1/showtimes/{}/live{since}", self.show);
            let opened = tokio::time::timeout(HANDSHAKE_PATIENCE, Viewer::try_connect(&url, &self.seats)).await;
            let Ok(Some(mut viewer)) = opened else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            viewer.remember(known);
            self.is_connected();
            let before = self.told.borrow().snapshots;
            while viewer.closed.is_none() {
                viewer.step().await;
                self.tell(&viewer.replica, viewer.stale, before + viewer.snapshots);
            }
            self.is_cut_off().await;
        }
    }

    async fn over_event_streams(self) {
        let mut stream = EventStream::new(&self.bases[0], &self.show, &self.seats);
        for base in self.bases.iter().cycle() {
            stream.move_to(base);
            let opened = tokio::time::timeout(HANDSHAKE_PATIENCE, stream.connect()).await;
            if !matches!(opened, Ok(Ok(200))) {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            // Whoever comes back is told if the map is stale.
            stream.stale = false;
            self.is_connected();
            while !stream.has_ended() {
                stream.step().await;
                self.tell(&stream.replica, stream.stale, stream.snapshots);
            }
            self.is_cut_off().await;
        }
    }

    async fn over_long_polls(self) {
        let mut poll = LongPoll::new(&Api::new(self.bases[0].clone()), &self.show, &self.seats);
        for base in self.bases.iter().cycle() {
            poll.move_to(&Api::new(base.clone()));
            self.is_connected();
            while poll.ask(WAIT).await.is_ok_and(|reply| reply.status < 300) {
                self.tell(&poll.replica, poll.stale, poll.snapshots);
            }
            self.is_cut_off().await;
        }
    }

    fn is_connected(&self) {
        self.told.send_modify(|sight| sight.connections += 1);
    }

    async fn is_cut_off(&self) {
        self.told.send_modify(|sight| sight.connected = false);
        tokio::time::sleep(PAUSE).await;
    }

    fn tell(&self, replica: &Replica, stale: bool, snapshots: usize) {
        self.told.send_modify(|sight| {
            sight.replica.clone_from(replica);
            (sight.stale, sight.connected, sight.snapshots) = (stale, true, snapshots);
        });
    }
}

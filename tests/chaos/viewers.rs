//! Those who watch: hundreds of viewers over four transports, each with a replica that must be right at every position.

mod event_reader;
mod events;
mod long_poll;
mod map;
mod status_poll;
mod viewer;
mod websocket;

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use seatcast::domain::position::Position;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use self::map::SeatMap;
use self::map::Sight;
use self::viewer::{Order, Viewer};
use crate::findings::{Findings, Invariant};
use crate::recorder::Recorder;
use crate::stage::Stage;

/// How a viewer is kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    Events,
    LongPoll,
    StatusPoll,
}

impl Transport {
    pub const ALL: [Self; 4] = [Self::WebSocket, Self::Events, Self::LongPoll, Self::StatusPoll];
}

const LOOK_EVERY: Duration = Duration::from_millis(25);
/// How many laggards a report names.
const NAMED: usize = 5;

/// A viewer as others see it.
struct Seat {
    /// Held for a look or a step, never across an await.
    sight: Arc<Mutex<Sight>>,
    orders: mpsc::UnboundedSender<Order>,
    show: usize,
}

/// All viewers.
pub struct Audience {
    seats: Vec<Seat>,
    /// Ends with the audience.
    _watching: JoinSet<()>,
    findings: Arc<Findings>,
    recorder: Arc<Recorder>,
    /// Who is struck by a fault comes from the seed.
    random: Mutex<StdRng>,
}

impl Audience {
    /// Starts viewers, evenly over showtimes, nodes and transports.
    pub fn start(count: usize, seed: u64, stage: &Stage, findings: &Arc<Findings>, recorder: &Arc<Recorder>) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let (mut seats, mut tasks) = (Vec::new(), JoinSet::new());
        for n in 0..count {
            let (orders, taken) = mpsc::unbounded_channel();
            let show = n / Transport::ALL.len() % stage.shows.len();
            let sight =
                Arc::new(Mutex::new(Sight::new(n % stage.addresses.len(), Transport::ALL[n % Transport::ALL.len()])));
            let viewer = Viewer {
                number: n + 1,
                show: stage.shows[show].id.clone(),
                plan: Arc::clone(&stage.seats),
                addresses: Arc::clone(&stage.addresses),
                sight: Arc::clone(&sight),
                orders: taken,
                findings: Arc::clone(findings),
                http: stage.http.clone(),
                random: StdRng::seed_from_u64(random.random()),
            };
            tasks.spawn(viewer.watch());
            seats.push(Seat { sight, orders, show });
        }
        Self {
            seats,
            _watching: tasks,
            findings: Arc::clone(findings),
            recorder: Arc::clone(recorder),
            random: Mutex::new(random),
        }
    }

    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Waits until everybody has a map. Says who has none when that is not so in time.
    pub async fn seated(&self, patience: Duration) -> Result<(), String> {
        self.all("has no map", patience, |sight, _| sight.position.is_some()).await.map(drop)
    }

    /// Waits until every viewer has seen its showtime's marker, and knows that its map is not stale.
    /// Who was last, or who has not seen it in time.
    pub async fn converge(&self, markers: &[Position], patience: Duration) -> Result<String, String> {
        let last = self
            .all("does not show the store's map", patience, |sight, show| {
                let marker = &markers[show];
                let there = |at: &Position| at.epoch == marker.epoch && at.seq >= marker.seq;
                sight.position.as_ref().is_some_and(there) && !sight.stale
            })
            .await?;
        Ok(last.map_or("nobody".into(), |n| self.name(n)))
    }

    /// Waits until all are as wanted. Who was the last that was seen not to be.
    async fn all(
        &self,
        lacking: &str,
        patience: Duration,
        wanted: impl Fn(&Sight, usize) -> bool,
    ) -> Result<Option<usize>, String> {
        let began = Instant::now();
        let mut last = None;
        loop {
            let late = |seat: &&Seat| !wanted(&seat.sight.lock(), seat.show);
            let Some(first) = self.seats.iter().position(|seat| late(&seat)) else { return Ok(last) };
            last = Some(first);
            if began.elapsed() > patience {
                let all: Vec<usize> = (first..self.len()).filter(|n| late(&&self.seats[*n])).collect();
                let named: Vec<String> = all.iter().take(NAMED).map(|n| self.name(*n)).collect();
                return Err(format!("{} of {} viewers: {lacking}: {}", all.len(), self.len(), named.join("; ")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn name(&self, n: usize) -> String {
        format!("viewer {} of show-{} ({})", n + 1, self.seats[n].show + 1, self.seats[n].sight.lock())
    }

    /// Holds each replica against the store's history at the replica's own position.
    pub async fn compare(&self) {
        for (n, seat) in self.seats.iter().enumerate() {
            let (position, map) = {
                let sight = seat.sight.lock();
                (sight.position.clone(), sight.map.clone())
            };
            let Some(position) = position else { continue };
            let truth = loop {
                match self.recorder.map(seat.show, position.seq) {
                    Some(truth) => break truth,
                    None if self.findings.any() => return,
                    None => tokio::time::sleep(LOOK_EVERY).await,
                }
            };
            if map != truth {
                let differs = map.differences(&truth);
                let what = format!("{} at {position} does not show what the store had there: {differs}", self.name(n));
                self.findings.report(Invariant::Converging, what);
            }
        }
        self.findings.checked(Invariant::Converging, self.len());
    }

    /// Viewers that are on one of these nodes, and were not told that the map is stale.
    pub fn unaware(&self, on: impl Fn(usize) -> bool) -> Vec<String> {
        let unaware = |n: &usize| {
            let sight = self.seats[*n].sight.lock();
            on(sight.node) && sight.connected && !sight.stalled && !sight.stale
        };
        (0..self.len()).filter(unaware).map(|n| self.name(n)).collect()
    }

    /// How many viewers are on one of these nodes.
    pub fn on(&self, on: impl Fn(usize) -> bool) -> usize {
        self.seats.iter().filter(|seat| on(seat.sight.lock().node)).count()
    }

    /// One viewer in `every`, by the seed's dice, stops reading for a while.
    pub fn stall(&self, every: usize, lasts: Duration) -> usize {
        self.tell_some(every, |_| Order::Stall(lasts))
    }

    /// One viewer in `every`, by the seed's dice, drops its connection and resumes elsewhere, in another way.
    pub fn move_some(&self, every: usize, nodes: usize) -> usize {
        self.tell_some(every, |random| {
            let transport = *Transport::ALL.choose(random).expect("there are transports");
            Order::Move { nodes_on: random.random_range(1..nodes), transport }
        })
    }

    fn tell_some(&self, every: usize, mut order: impl FnMut(&mut StdRng) -> Order) -> usize {
        let mut random = self.random.lock();
        let mut all: Vec<usize> = (0..self.len()).collect();
        all.shuffle(&mut *random);
        all.truncate(self.len() / every);
        for n in &all {
            // A viewer that has ended has reported why.
            let _ = self.seats[*n].orders.send(order(&mut random));
        }
        all.len()
    }

    /// How many changes of position viewers saw, and how many whole maps.
    pub fn seen(&self) -> (u64, u64) {
        self.seats
            .iter()
            .map(|seat| seat.sight.lock())
            .fold((0, 0), |(steps, maps), sight| (steps + sight.steps, maps + sight.snapshots))
    }
}

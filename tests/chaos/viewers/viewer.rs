//! One viewer: watches a showtime for as long as it is let, whatever happens to connections and nodes, the way a good client
//! does: waits with jitter before it comes back, tries another node, resumes at its position.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt;
use rand::rngs::StdRng;
use seatcast::domain::position::Position;
use tokio::sync::mpsc;

use super::Transport;
use super::map::{Message, Sight, Wrong};
use crate::findings::{Findings, Invariant};
use crate::support::plan::SeatIds;

/// Bounds of the random wait before a new attempt; it doubles with each that failed.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// A map may be older than what the viewer saw on another node while there are faults, and for so long after them.
const UNSETTLED: Duration = Duration::from_secs(10);

/// What a viewer is told to do.
#[derive(Debug)]
pub enum Order {
    /// Read nothing for so long.
    Stall(Duration),
    /// Drop the connection, and resume so many nodes further on.
    Move { nodes_on: usize, transport: Transport },
}

/// Why a connection, or a row of polls, is over.
#[derive(Debug)]
pub enum Ended {
    /// By the viewer's own doing: go on with what the sight says now.
    Moved,
    /// The server said goodbye, and when to come back.
    Bye(Duration),
    /// It broke, or never stood. `lived` when something had come over it; `wait` is what the server asked for.
    Lost { lived: bool, wait: Duration },
    /// What came must not have come.
    Wrong(Wrong),
}

impl Ended {
    pub fn lost(lived: bool) -> Self {
        Self::Lost { lived, wait: Duration::ZERO }
    }
}

/// A viewer and what it needs.
pub struct Viewer {
    /// From 1.
    pub number: usize,
    pub show: String,
    pub plan: Arc<SeatIds>,
    pub addresses: Arc<[String]>,
    /// Held for a step, never across an await.
    pub sight: Arc<Mutex<Sight>>,
    pub orders: mpsc::UnboundedReceiver<Order>,
    pub findings: Arc<Findings>,
    pub http: reqwest::Client,
    pub random: StdRng,
}

impl Viewer {
    /// Watches until the task is dropped, or something is wrong.
    pub async fn watch(mut self) {
        let mut failures = 0;
        loop {
            let transport = self.sight.lock().transport;
            let ended = match transport {
                Transport::WebSocket => self.over_websocket().await,
                Transport::Events => self.over_events().await,
                Transport::LongPoll => self.by_long_polls().await,
                Transport::StatusPoll => self.by_status_polls().await,
            };
            self.sight.lock().connected = false;
            let wait = match ended {
                Ended::Moved => {
                    failures = 0;
                    continue;
                }
                Ended::Bye(wait) => wait,
                Ended::Lost { lived, wait } => {
                    failures = if lived { 1 } else { failures + 1 };
                    wait.max(self.back_off(failures))
                }
                Ended::Wrong(what) => {
                    let what = format!("viewer {} of {} ({}): {what}", self.number, self.show, self.sight.lock());
                    self.findings.report(Invariant::Ordered, what);
                    return;
                }
            };
            tokio::time::sleep(wait).await;
            // Another one by the dice, so that those of a node that is gone spread over the others.
            let nodes_on = self.random.random_range(1..self.addresses.len());
            self.to_next_node(nodes_on);
        }
    }

    fn back_off(&mut self, failures: u32) -> Duration {
        let bound = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(LONGEST_WAIT);
        bound.mul_f64(self.random.random())
    }

    fn to_next_node(&self, nodes_on: usize) {
        let mut sight = self.sight.lock();
        sight.node = (sight.node + nodes_on) % self.addresses.len();
    }

    /// Obeys an order. `Some` when the connection is to be dropped.
    pub async fn obey(&self, order: Option<Order>) -> Option<Ended> {
        match order {
            Some(Order::Stall(lasts)) => {
                self.sight.lock().stalled = true;
                tokio::time::sleep(lasts).await;
                self.sight.lock().stalled = false;
                None
            }
            Some(Order::Move { nodes_on, transport }) => {
                self.to_next_node(nodes_on);
                self.sight.lock().transport = transport;
                Some(Ended::Moved)
            }
            // Nobody is left who gives orders; the run is over.
            None => std::future::pending().await,
        }
    }

    /// Where the viewer is connected: `http://NODE/api/v1/showtimes/ID`.
    pub fn base(&self) -> String {
        format!("http://{}/api/v1/showtimes/{}", self.addresses[self.sight.lock().node], self.show)
    }

    pub fn position(&self) -> Option<Position> {
        self.sight.lock().position.clone()
    }

    /// Whether a map that is older than what was seen has a reason: it comes from another node than the last, and not all is
    /// well with nodes, or was not just now.
    pub fn may_go_back(&self) -> bool {
        !self.sight.lock().connected && self.findings.calm_for() < UNSETTLED
    }

    /// Takes a message. `Some` when the connection is over.
    pub fn take(&self, message: Message) -> Option<Ended> {
        let may_go_back = self.may_go_back();
        let mut sight = self.sight.lock();
        let taken = match message {
            Message::Welcome {} => Ok(()),
            Message::Snapshot(snapshot) => sight.take_snapshot(snapshot, self.plan.len(), may_go_back),
            Message::Diff(diff) => sight.take_diff(diff, &self.plan),
            Message::Status { stale } => {
                sight.stale = stale;
                Ok(())
            }
            Message::Bye { reconnect_after_ms } => return Some(Ended::Bye(Duration::from_millis(reconnect_after_ms))),
            Message::Error { code } if code == "store_unavailable" => return Some(Ended::lost(false)),
            Message::Error { code } => Err(format!("the server said {code}")),
        };
        drop(sight);
        self.findings.checked(Invariant::Ordered, 1);
        taken.err().map(Ended::Wrong)
    }

    /// A new connection knows nothing of staleness before it is told: a map that is stale says so right after it.
    pub fn begin(&self) {
        self.sight.lock().stale = false;
    }

    /// What an answer that brings no map means.
    pub fn refused(status: u16, retry_after: Option<&str>) -> Ended {
        match status {
            // The store is away, the node goes, or too many are there already. Or (408) the connection lay idle for too long,
            // and the server gave it up in the moment in which the client used it.
            408 | 503 => {
                let seconds = retry_after.and_then(|text| text.parse().ok()).unwrap_or(0);
                Ended::Lost { lived: false, wait: Duration::from_secs(seconds) }
            }
            status => Ended::Wrong(format!("the server answered {status}")),
        }
    }
}

/// The value of `Retry-After`.
pub fn retry_after(answer: &reqwest::Response) -> Option<&str> {
    answer.headers().get("retry-after")?.to_str().ok()
}

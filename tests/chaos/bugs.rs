//! Bugs that rivals have shipped, put in on purpose between the store and the rooms of a node: the run must find each. The
//! product knows nothing of them.

use std::collections::{HashMap, HashSet};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use seatcast::app::Server;
use seatcast::config::{self, Wanted};
use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::seat::SeatState;
use seatcast::domain::time::Timestamp;
use seatcast::lifecycle::Tasks;
use seatcast::store::{self, FeedItem, SeatStore};
use seatcast::telemetry;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::findings::Invariant;
use crate::plan::Fault;

/// One diff in so many is lost.
const DROPPED: u64 = 50;
/// A key has ended when its deadline lies behind.
const PAST: Duration = Duration::from_millis(2);
const QUEUE: usize = 1_024;

/// What is wrong with the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bug {
    /// The feed loses a change now and then, and does not know.
    DroppedPublication,
    /// After the connection to the feed was lost, what was watched before is not subscribed to again.
    MissedResubscribe,
    /// A timer ends a lock at its first deadline, and does not look whether it was extended.
    ExpireWithoutRecheck,
}

impl Bug {
    pub const ALL: [Self; 3] = [Self::DroppedPublication, Self::MissedResubscribe, Self::ExpireWithoutRecheck];

    pub fn name(self) -> &'static str {
        match self {
            Self::DroppedPublication => "dropped-publication",
            Self::MissedResubscribe => "missed-resubscribe",
            Self::ExpireWithoutRecheck => "expire-without-recheck",
        }
    }

    /// What notices it.
    pub fn breaks(self) -> Invariant {
        match self {
            Self::DroppedPublication | Self::MissedResubscribe => Invariant::Unrepaired,
            Self::ExpireWithoutRecheck => Invariant::Exclusive,
        }
    }

    /// The fault without which the bug does not show. The seed's own faults come after it.
    pub fn needs(self) -> Option<Fault> {
        match self {
            Self::MissedResubscribe => Some(Fault::FeedsKilled),
            Self::DroppedPublication | Self::ExpireWithoutRecheck => None,
        }
    }
}

/// Serves as the program does, on the configuration of the environment, but for the bug.
pub async fn serve(bug: Bug) {
    let wanted = config::read([String::from("seatcast")]).expect("the configuration is right");
    let Wanted::Serve(config) = wanted else { panic!("the configuration is for serving") };
    telemetry::start(&config.log, config.log_format);
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be heard");
    let listener = TcpListener::bind(config.listen).expect("a port");
    let tasks = Tasks::new();
    let (store, feed) = store::open(&config.store, &tasks).expect("the store's address is right");
    let feed = spoil(bug, &store, feed);
    let mut server = Server::start_on((store, feed), &config, listener, tasks).expect("the server starts");
    tokio::select! {
        _ = terminate.recv() => {}
        failed = server.failed() => failed.expect("the server does not fail"),
    }
    server.stop().await;
}

/// What the rooms hear instead of the feed.
fn spoil(bug: Bug, store: &Arc<dyn SeatStore>, mut feed: mpsc::Receiver<FeedItem>) -> mpsc::Receiver<FeedItem> {
    let (items, spoiled) = mpsc::channel(QUEUE);
    let mut bug: Box<dyn Spoiler> = match bug {
        Bug::DroppedPublication => Box::new(Lossy { diffs: 0 }),
        Bug::MissedResubscribe => Box::new(Forgetful { heard: HashSet::new(), deaf_to: HashSet::new() }),
        Bug::ExpireWithoutRecheck => Box::new(Hasty::new(store)),
    };
    tokio::spawn(async move {
        while let Some(item) = feed.recv().await {
            if bug.passes(&item) && items.send(item).await.is_err() {
                return;
            }
        }
    });
    spoiled
}

/// What a bug does to the feed.
trait Spoiler: Send {
    /// Whether the rooms hear of this.
    fn passes(&mut self, item: &FeedItem) -> bool;
}

struct Lossy {
    diffs: u64,
}

impl Spoiler for Lossy {
    fn passes(&mut self, item: &FeedItem) -> bool {
        if !matches!(item, FeedItem::Diff { .. }) {
            return true;
        }
        self.diffs += 1;
        !self.diffs.is_multiple_of(DROPPED)
    }
}

struct Forgetful {
    heard: HashSet<ShowtimeId>,
    deaf_to: HashSet<ShowtimeId>,
}

impl Spoiler for Forgetful {
    fn passes(&mut self, item: &FeedItem) -> bool {
        match item {
            FeedItem::Interrupted => {
                self.deaf_to.extend(self.heard.drain());
                true
            }
            FeedItem::Diff { showtime, .. } if self.deaf_to.contains(showtime) => false,
            FeedItem::Diff { showtime, .. } => {
                self.heard.insert(showtime.clone());
                true
            }
            FeedItem::Reset { .. } | FeedItem::Gone { .. } | FeedItem::Restored => true,
        }
    }
}

/// Removes the key of each lock at the deadline that the lock had first.
struct Hasty {
    redis: redis::Client,
    store: Arc<dyn SeatStore>,
    /// When the lock of each seat was placed that a timer is set for.
    timed: HashMap<(ShowtimeId, u32), Timestamp>,
}

impl Hasty {
    fn new(store: &Arc<dyn SeatStore>) -> Self {
        let address = std::env::var("SEATCAST_STORE").expect("the store's address");
        let redis = redis::Client::open(address).expect("the address of a Redis");
        Self { redis, store: Arc::clone(store), timed: HashMap::new() }
    }

    fn set_timer(&self, showtime: &ShowtimeId, seat: u32, deadline: Timestamp) {
        let (redis, store, showtime) = (self.redis.clone(), Arc::clone(&self.store), showtime.clone());
        tokio::spawn(async move {
            tokio::time::sleep(deadline.since(store.now()) + PAST).await;
            let Ok(Some((view, _))) = store.showtime(&showtime).await else { return };
            let key = format!("seat_lock:{{{showtime}}}:{}", view.seat_id(seat));
            if let Ok(mut connection) = redis.get_multiplexed_async_connection().await {
                let _ = redis::cmd("DEL").arg(key).query_async::<u64>(&mut connection).await;
            }
        });
    }
}

impl Spoiler for Hasty {
    fn passes(&mut self, item: &FeedItem) -> bool {
        let FeedItem::Diff { showtime, diff } = item else { return true };
        for change in &diff.changes {
            let SeatState::Locked(lock) = &change.state else { continue };
            let Some(deadline) = lock.expires_at else { continue };
            let before = self.timed.insert((showtime.clone(), change.seat), lock.locked_at);
            if before != Some(lock.locked_at) {
                self.set_timer(showtime, change.seat, deadline);
            }
        }
        true
    }
}

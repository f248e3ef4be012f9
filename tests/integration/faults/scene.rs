//! What every fault happens to: a showtime that viewers watch and buyers work in, on servers of the real program, while its
//! history is copied straight from the store. The checks after a fault are here, each with a name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::position::Position;
use seatcast::domain::snapshot::Snapshot;

use crate::support::history;
use crate::support::plan::SeatIds;
use crate::support::wait::PATIENCE;
use crate::support::watchers::Sight;
use crate::support::{
    Answers, Api, Kind, Lockers, OpenStore, RULES, Recorder, ServerProcess, TestStore, Unanswered, Watchers, eventually,
};

pub const SHOW: &str = "42";
/// How long locks live: short, so that some end by themselves during every fault.
const LOCK_SECONDS: u32 = 2;
const VIEWERS: usize = 12;
const LOCKERS: usize = 8;
/// Successes that show that work goes on.
const WORK: u64 = 40;
/// What a server's memory may be above its level, in bytes.
const MEMORY_SLACK: u64 = 32 * 1024 * 1024;
/// How many more files may be open: connections to the store that are just being replaced.
const FILES_SLACK: usize = 4;
/// When a fault is over every viewer has the store's map within this time.
pub const HEALS_WITHIN: Duration = Duration::from_secs(5);

/// The showtime, its viewers and its buyers.
pub struct Scene {
    pub watchers: Watchers,
    pub seats: Arc<SeatIds>,
    lockers: Lockers,
    recorder: Recorder,
    /// What happens besides the buyers' requests.
    besides: Answers,
    open: OpenStore,
}

impl Scene {
    /// Creates the showtime, opens the doors, and waits until everybody is at work. The store's own address must be one that
    /// the fault does not concern, if it concerns the network.
    pub async fn begin(store: &TestStore, servers: &[&ServerProcess]) -> Self {
        Self::with(store, servers.iter().map(|server| server.api.clone()).collect()).await
    }

    /// The same, where viewers and buyers reach the servers at these addresses.
    pub async fn with(store: &TestStore, apis: Vec<Api>) -> Self {
        let seats = SeatIds::shipped("cinema");
        apis[0].create(SHOW, "cinema", LOCK_SECONDS).await;
        let open = store.open(RULES).await;
        let recorder = Recorder::start(Arc::clone(&open.store), show(), history::Store::KeepsAll).await;
        let bases: Vec<String> = apis.iter().map(|api| api.base.clone()).collect();
        let watchers = Watchers::start(&bases, SHOW, &seats, VIEWERS).await;
        let lockers = Lockers::start(&apis, SHOW, &seats, LOCKERS);
        let scene = Self { watchers, seats, lockers, recorder, besides: Answers::default(), open };
        scene.works().await;
        scene
    }

    /// Buyers are answered with success.
    pub async fn works(&self) {
        let before = self.lockers.successes();
        let worked = async || (self.lockers.successes() >= before + WORK).then_some(());
        eventually("buyers are answered with success", worked).await;
    }

    /// Somebody besides the buyers may give the seat back at any time.
    pub fn somebody_else_unlocks(&mut self, holder: &str, seat: usize) {
        let unlocks = Unanswered { holder: holder.to_owned(), kind: Kind::Unlock, seats: vec![seat] };
        self.besides.unanswered.push(unlocks);
    }

    /// Every viewer is told that the map is stale.
    pub async fn is_stale(&mut self) {
        let told = self.watchers.until(|sight| sight.stale);
        assert!(tokio::time::timeout(PATIENCE, told).await.is_ok(), "every viewer is told that the map is stale");
    }

    /// So many viewers are told that the map is stale.
    pub async fn some_are_stale(&self, count: usize) {
        let told = async || {
            let stale = self.watchers.sights().iter().filter(|sight| sight.stale).count();
            (stale >= count).then_some(())
        };
        eventually("viewers are told that the map is stale", told).await;
    }

    /// The fault has ended just now: changes are taken again, and every viewer has what the store has.
    pub async fn heals(&mut self) {
        let began = Instant::now();
        let healing = async {
            self.works().await;
            let worked = began.elapsed();
            let position = self.truth().await.position().clone();
            self.watchers.until(|sight| !sight.stale && sight.has_reached(&position)).await;
            eprintln!("changes were taken after {worked:?}, every viewer had the map after {:?}", began.elapsed());
        };
        let healed = tokio::time::timeout(HEALS_WITHIN, healing).await;
        assert!(healed.is_ok(), "not every viewer had the store's map in time: {:?}", self.positions());
    }

    /// The end: nothing was lost, invented, doubled or skipped, and every viewer has the store's map.
    pub async fn ends(mut self) -> Outcome {
        let mut answers = self.lockers.finish().await;
        let unanswered = answers.unanswered.len();
        answers.extend(self.besides);
        let last = eventually("all locks have ended", async || {
            let map = self.open.store.snapshot(&show()).await.ok()??.snapshot;
            map.locks().is_empty().then_some(map)
        })
        .await;
        every_viewer_has_the_map(&mut self.watchers, &last).await;
        let history = self.recorder.finish().await;
        no_seat_has_two_holders_and_every_answer_was_true(&history, &answers);
        answers.check_bookings(&*self.open.store, &show(), &self.seats).await;
        let sights = self.watchers.sights();
        let most = |of: fn(&Sight) -> usize| sights.iter().map(of).max().unwrap_or_default();
        let (connections, snapshots) = (most(|sight| sight.connections), most(|sight| sight.snapshots));
        let outcome = Outcome { epochs: history.epochs(), connections, unanswered, snapshots };
        eprintln!("{} changes, {} successes, {outcome:?}", history.len(), answers.given.len());
        drop(self.watchers);
        self.open.close().await;
        outcome
    }

    /// The map as the store has it.
    pub async fn truth(&self) -> Snapshot {
        eventually("the store answers", async || Some(self.open.store.snapshot(&show()).await.ok()??.snapshot)).await
    }

    /// No viewer was ever told anything but that the map is live.
    pub fn is_undisturbed(&self) -> bool {
        self.watchers.sights().iter().all(|sight| !sight.stale && (sight.connections, sight.snapshots) == (1, 1))
    }

    fn positions(&self) -> Vec<(String, bool)> {
        self.watchers.sights().into_iter().map(|sight| (sight.replica.position, sight.stale)).collect()
    }
}

/// How much a server needs, before a fault.
#[derive(Debug)]
pub struct Level {
    memory: u64,
    files: usize,
}

impl Level {
    /// What the server needs now.
    pub fn of(server: &ServerProcess) -> Self {
        Self { memory: server.memory(), files: server.open_files() }
    }

    /// Waits until the server needs no more than before, but for what allocators keep: memory at most twice, or 32 MiB, above it.
    pub async fn is_back(&self, server: &ServerProcess) {
        let bound = Self { memory: (self.memory * 2).max(self.memory + MEMORY_SLACK), files: self.files + FILES_SLACK };
        let back = async || {
            let now = Self::of(server);
            (now.memory <= bound.memory && now.files <= bound.files).then_some(now)
        };
        let now = eventually(&format!("what the server needs is back below {bound:?}"), back).await;
        eprintln!("the server needed {self:?} before, and {now:?} after");
    }
}

/// What a fault led to.
#[derive(Debug)]
pub struct Outcome {
    /// How many epochs there were.
    pub epochs: usize,
    /// The most connections that a viewer needed.
    pub connections: usize,
    /// How many requests ended without an answer.
    pub unanswered: usize,
    /// The most snapshots that a viewer got.
    pub snapshots: usize,
}

fn show() -> ShowtimeId {
    ShowtimeId::parse(SHOW).expect("an id")
}

async fn every_viewer_has_the_map(watchers: &mut Watchers, map: &Snapshot) {
    let position: &Position = map.position();
    let there = watchers.until(|sight| sight.has_reached(position));
    assert!(tokio::time::timeout(PATIENCE, there).await.is_ok(), "every viewer reaches {position}");
    for sight in watchers.sights() {
        assert_eq!(sight.replica.states, map.states(), "every viewer has the store's map");
        assert!(sight.replica.locks.is_empty());
    }
}

fn no_seat_has_two_holders_and_every_answer_was_true(history: &history::History, answers: &history::Answers) {
    history.check(answers);
}

/// Two servers side by side on one store.
pub async fn two_servers(store: &str) -> [ServerProcess; 2] {
    let (one, two) = tokio::join!(ServerProcess::start(store), ServerProcess::start(store));
    [one, two]
}

/// A server where some clients do bad things at its address, while others watch and buy and do not notice.
pub async fn beside_others(bad: impl AsyncFnOnce(&str)) {
    let store = TestStore::redis();
    let server = ServerProcess::start(&store.address()).await;
    let scene = Scene::begin(&store, &[&server]).await;
    let level = Level::of(&server);
    bad(&server.address).await;
    scene.works().await;
    assert!(scene.is_undisturbed(), "no viewer notices");
    let outcome = scene.ends().await;
    assert_eq!(outcome.unanswered, 0, "no buyer notices");
    level.is_back(&server).await;
}

/// What somebody sees who asks while the store is out of reach.
pub async fn maps_stay_readable_and_changes_are_refused(api: &Api) {
    let status = api.status(SHOW).await;
    assert_eq!(status.header("cache-control"), "no-store");
    let status = status.expect(200);
    assert!(status["stale"] == true && status["staleSince"].is_string(), "the map stays readable");
    api.get(&format!("/api/v1/showtimes/{SHOW}")).await.expect(200);
    let refused = api.lock(SHOW, &["H-1"], 7).await;
    assert!(matches!(refused.problem(503), "store_unavailable" | "outcome_unknown"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(api.get("/health/ready").await.status, 503);
    assert_eq!(api.get("/health/live").await.status, 200);
}

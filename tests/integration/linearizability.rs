//! What a store tells tasks that use it at the same time is what it could have told one task alone, in an order true to the calls
//! that did not overlap. Not about time: nothing expires here.
//!
//! A history is one of rounds. Between rounds nothing is under way, so that each is judged by itself, from the seats that the
//! last read of the round before has shown.

mod history;
mod operation;
mod outcome;
mod specification;
mod tally;
mod workload;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use seatcast::domain::ids::{SeatId, ShowtimeId, UserId};
use seatcast::domain::showtime::Details;
use seatcast::store::{SeatStore, Written};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use self::history::{Event, History, Recorder};
use self::operation::{Operation, Request};
use self::outcome::{Done, LOCK_TTL, NOW};
use self::specification::{MAX_SEATS_PER_HOLDER, SeatMap};
use self::tally::Tally;
use self::workload::Workload;
use crate::support::{BrokenStore, Bug, RULES, TestStore, on_each_store};

on_each_store!(concurrent_operations_are_linearizable, the_check_finds_seeded_bugs, one_task_alone_meets_no_seeded_bug);

const SEATS: usize = 4;
const TASKS: usize = 8;
/// Each has 33 operations. A snapshot carries its showtime's history, so a long life makes reads slow.
const ROUNDS_PER_SHOWTIME: usize = 40;
const SHOWTIMES: u64 = 8;
/// How many are tried to find a bug. One of the first shows it, as a rule.
const SHOWTIMES_FOR_A_BUG: u64 = 50;

/// A round that no order of its calls explains.
#[derive(Debug)]
struct Violation {
    seed: u64,
    round: usize,
    began: SeatMap,
    history: History,
}

/// A store under check: its nodes, and the seats of one showtime that tasks fight for.
struct Subject {
    nodes: Vec<Arc<dyn SeatStore>>,
    showtime: ShowtimeId,
    seats: Vec<SeatId>,
    recorder: Recorder,
}

/// Has tasks use a store at the same time, spread over its nodes, and judges what they were told.
async fn check(nodes: &[Arc<dyn SeatStore>], tasks: usize, showtimes: u64) -> Result<Tally, Box<Violation>> {
    let mut tally = Tally::default();
    for seed in 0..showtimes {
        let subject = Arc::new(Subject::create(nodes, seed).await);
        let mut workload = Workload::new(seed, &subject.seats);
        let mut map = SeatMap::new(&subject.seats);
        for round in 0..ROUNDS_PER_SHOWTIME {
            let history = subject.run(workload.round(round, &map, tasks)).await;
            if !history.is_linearizable(&map) {
                return Err(Box::new(Violation { seed, round, began: map, history }));
            }
            tally.add(&history);
            map = end(&history);
        }
    }
    Ok(tally)
}

/// What a round's last read has shown.
fn end(history: &History) -> SeatMap {
    match history.outcomes().next_back() {
        Some(Ok(Done::Exported(map))) => map.clone(),
        other => panic!("a round ends with an export, not with {other:?}"),
    }
}

impl Subject {
    /// Creates a showtime, in place of one that an earlier check has left.
    async fn create(nodes: &[Arc<dyn SeatStore>], seed: u64) -> Self {
        let showtime = ShowtimeId::parse(&format!("seed-{seed}")).unwrap();
        let plan = seatcast::plans::plan("cinema").unwrap();
        let seats = plan.seats()[..SEATS].iter().map(|seat| seat.id.clone()).collect();
        let details = Details {
            title: "Linearizability".into(),
            starts_at: NOW,
            currency: "EUR".into(),
            prices: BTreeMap::new(),
            lock_seconds: Some(u32::try_from(LOCK_TTL.as_secs()).unwrap()),
            max_seats_per_holder: Some(u32::try_from(MAX_SEATS_PER_HOLDER).unwrap()),
        };
        nodes[0].delete(&showtime).await.unwrap();
        assert_eq!(nodes[0].put(&showtime, details, plan).await.unwrap(), Ok(Written::Created));
        Self { nodes: nodes.to_vec(), showtime, seats, recorder: Recorder::default() }
    }

    /// Lets each task do its part, all at the same time; when all are done, reads what has become of the seats.
    async fn run(self: &Arc<Self>, parts: Vec<Vec<Operation>>) -> History {
        let (start, reader) = (Arc::new(Barrier::new(parts.len())), parts.len());
        let mut tasks = JoinSet::new();
        for (task, part) in parts.into_iter().enumerate() {
            let (subject, start) = (Arc::clone(self), Arc::clone(&start));
            tasks.spawn(async move {
                start.wait().await;
                for operation in part {
                    subject.call(task, operation).await;
                }
            });
        }
        tasks.join_all().await;
        self.call(reader, Operation { request: Request::Export, seats: self.seats.clone() }).await;
        self.recorder.take()
    }

    async fn call(&self, task: usize, operation: Operation) {
        self.recorder.note(Event::Invoked(task, operation.clone()));
        let node = &self.nodes[task % self.nodes.len()];
        let outcome = operation.perform(&**node, &self.showtime).await;
        self.recorder.note(Event::Returned(task, operation, outcome));
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, round, began, history } = self;
        writeln!(f, "no order of its calls explains round {round} of seed {seed}")?;
        writeln!(f, "  it began with {began}")?;
        write!(f, "{history}")
    }
}

async fn concurrent_operations_are_linearizable(store: TestStore) {
    let nodes = store.two_nodes().await;
    let stores = nodes.each_ref().map(|node| Arc::clone(node.store()));
    let tally = check(&stores, TASKS, SHOWTIMES).await.unwrap_or_else(|violation| panic!("{violation}"));
    tally.is_worth(10_000);
}

async fn the_check_finds_seeded_bugs(store: TestStore) {
    let open = store.open(RULES).await;
    for bug in Bug::ALL {
        let broken: Arc<dyn SeatStore> = Arc::new(BrokenStore::new(Arc::clone(&open.store), bug));
        let checked = check(&[broken], TASKS, SHOWTIMES_FOR_A_BUG).await;
        assert!(checked.is_err(), "{bug:?} was not found: {checked:?}");
    }
}

async fn one_task_alone_meets_no_seeded_bug(store: TestStore) {
    let open = store.open(RULES).await;
    for bug in Bug::ALL {
        let broken: Arc<dyn SeatStore> = Arc::new(BrokenStore::new(Arc::clone(&open.store), bug));
        check(&[broken], 1, 2).await.unwrap_or_else(|violation| panic!("{bug:?}: {violation}"));
    }
}

#[test]
fn a_read_may_miss_a_lock_that_it_overlaps_but_none_that_was_told() {
    let seats = [SeatId::parse("A-1").unwrap()];
    let map = SeatMap::new(&seats);
    let lock = Operation { request: Request::Lock { holder: UserId::infer("anna").unwrap() }, seats: seats.to_vec() };
    let read = Operation { request: Request::Read, seats: seats.to_vec() };
    let held = Event::Returned(0, lock.clone(), map.clone().perform(&lock));
    let available = Event::Returned(1, read.clone(), map.clone().perform(&read));
    let (locks, reads) = (Event::Invoked(0, lock), Event::Invoked(1, read));

    let overlapping = [locks.clone(), reads.clone(), held.clone(), available.clone()];
    assert!(History::from_iter(overlapping).is_linearizable(&map));
    let one_after_the_other = [locks, held, reads, available];
    assert!(!History::from_iter(one_after_the_other).is_linearizable(&map));
}

//! Random operations on both stores, held to the domain's transition function after every step: the model, each store, and the
//! replica of a viewer on each are the same, and both stores give the same answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seatcast::domain::booking::Booking;
use seatcast::domain::diff::Diff;
use seatcast::domain::ids::{BookingId, SeatId, ShowtimeId, UserId};
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::showtime::{Details, Rules};
use seatcast::domain::snapshot::{Applied, Snapshot};
use seatcast::domain::time::Timestamp;
use seatcast::domain::transition::{Command, Refusal, transition};
use seatcast::store::{Changed, Held, Refused, RefusedSeat, SeatStore};

use crate::support::plan::SeatIds;
use crate::support::server::config;
use crate::support::{Node, RedisServer, Replica, TestStore, Viewer, eventually};

const SEATS: usize = 6;
const RULES: Rules =
    Rules { lock: Duration::from_secs(900), extend_cap: Duration::from_secs(7_200), max_seats_per_holder: 4 };

#[derive(Clone, Debug)]
enum Operation {
    Lock(u8),
    Unlock(u8),
    Extend(u8),
    Book(u8, u8),
    Release(u8),
    Block,
    Unblock,
    /// Another program writes or removes the lock key of the first seat.
    ForeignSet(u8),
    ForeignDelete,
}

type Step = (Operation, Vec<usize>);

fn operations() -> impl Strategy<Value = Operation> {
    let holder = 0_u8..3;
    prop_oneof![
        4 => holder.clone().prop_map(Operation::Lock),
        2 => holder.clone().prop_map(Operation::Unlock),
        2 => holder.clone().prop_map(Operation::Extend),
        3 => (holder, 0_u8..4).prop_map(|(holder, booking)| Operation::Book(holder, booking)),
        2 => (0_u8..4).prop_map(Operation::Release),
        1 => Just(Operation::Block),
        1 => Just(Operation::Unblock),
    ]
}

fn steps(operation: impl Strategy<Value = Operation>) -> impl Strategy<Value = Vec<Step>> {
    let seats = proptest::sample::subsequence((0..SEATS).collect::<Vec<_>>(), 1..=4);
    proptest::collection::vec((operation, seats), 1..40)
}

/// The showtime as the domain says it must be. Bookings and blocks hide a foreign lock until they end.
#[derive(Default)]
struct Model {
    states: Vec<SeatState>,
    hidden: BTreeMap<usize, Lock>,
    ledger: BTreeMap<String, Booking>,
}

/// What a request comes to: the seats that changed, or those in the way, or another refusal by name.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    InTheWay(Vec<usize>),
    Other(&'static str),
}

impl Model {
    fn new() -> Self {
        Self { states: vec![SeatState::Available; SEATS], ..Self::default() }
    }

    fn apply(&mut self, (operation, seats): &Step, ids: &[SeatId]) -> Outcome {
        let now = Timestamp::from_millis(0);
        let command = match operation {
            Operation::Lock(holder) => Command::Lock { holder: user(*holder), ttl: RULES.lock },
            Operation::Unlock(holder) => Command::Unlock { holder: user(*holder) },
            Operation::Extend(holder) => {
                Command::Extend { holder: user(*holder), ttl: RULES.lock, cap: RULES.extend_cap }
            }
            Operation::Book(holder, booking) => return self.book(*holder, *booking, seats, ids),
            Operation::Release(booking) => return self.release(*booking, seats, ids),
            Operation::Block => Command::Block,
            Operation::Unblock => Command::Unblock,
            Operation::ForeignSet(holder) => return self.foreign_set(seats[0], *holder),
            Operation::ForeignDelete => return self.foreign_delete(seats[0]),
        };
        if let Operation::Lock(holder) = operation
            && self.in_the_way(seats, &command, now).is_empty()
        {
            let held = |state: &&SeatState| matches!(state, SeatState::Locked(lock) if lock.holder == user(*holder));
            let fresh = seats.iter().filter(|seat| self.states[**seat] == SeatState::Available).count();
            if fresh > 0 && self.states.iter().filter(held).count() + fresh > RULES.max_seats_per_holder as usize {
                return Outcome::Other("too many");
            }
        }
        self.all(seats, &command, now)
    }

    fn in_the_way(&self, seats: &[usize], command: &Command, now: Timestamp) -> Vec<usize> {
        seats.iter().copied().filter(|seat| transition(&self.states[*seat], command, now).is_err()).collect()
    }

    fn all(&mut self, seats: &[usize], command: &Command, now: Timestamp) -> Outcome {
        let in_the_way = self.in_the_way(seats, command, now);
        if !in_the_way.is_empty() {
            return Outcome::InTheWay(in_the_way);
        }
        for seat in seats {
            let next = transition(&self.states[*seat], command, now).expect("nothing is in the way");
            let freed = next == SeatState::Available && self.states[*seat] != next;
            self.states[*seat] = next;
            // What another program wrote under a sold or blocked seat shows when the seat is free again.
            if freed && let Some(lock) = self.hidden.remove(seat) {
                self.states[*seat] = SeatState::Locked(lock);
            }
        }
        Outcome::Done
    }

    fn book(&mut self, holder: u8, booking: u8, seats: &[usize], ids: &[SeatId]) -> Outcome {
        let id = format!("b-{booking}");
        let names: Vec<SeatId> = seats.iter().map(|seat| ids[*seat].clone()).collect();
        if let Some(recorded) = self.ledger.get(&id) {
            let repeated = recorded.is_repeated_by(&user(holder), &names);
            return if repeated { Outcome::Done } else { Outcome::Other("conflict") };
        }
        let outcome = self.all(seats, &Command::Book { holder: user(holder) }, Timestamp::from_millis(0));
        if outcome == Outcome::Done {
            let entry = Booking {
                booking_id: BookingId::infer(&id).unwrap(),
                user_id: user(holder),
                booked_at: Timestamp::from_millis(0),
                seats: names,
                released: Vec::new(),
            };
            self.ledger.insert(id, entry);
        }
        outcome
    }

    fn release(&mut self, booking: u8, seats: &[usize], ids: &[SeatId]) -> Outcome {
        let Some(entry) = self.ledger.get_mut(&format!("b-{booking}")) else { return Outcome::Other("conflict") };
        if seats.iter().any(|seat| !entry.seats.contains(&ids[*seat])) {
            return Outcome::Other("conflict");
        }
        let owned: Vec<usize> = seats.iter().copied().filter(|seat| entry.owns(&ids[*seat])).collect();
        entry.released.extend(owned.iter().map(|seat| ids[*seat].clone()));
        self.all(&owned, &Command::Release, Timestamp::from_millis(0))
    }

    fn foreign_set(&mut self, seat: usize, holder: u8) -> Outcome {
        let lock = Lock { holder: user(holder), locked_at: Timestamp::from_millis(0), expires_at: None };
        match &self.states[seat] {
            SeatState::Occupied | SeatState::Blocked => drop(self.hidden.insert(seat, lock)),
            SeatState::Available | SeatState::Locked(_) => self.states[seat] = SeatState::Locked(lock),
        }
        Outcome::Done
    }

    fn foreign_delete(&mut self, seat: usize) -> Outcome {
        self.hidden.remove(&seat);
        if matches!(self.states[seat], SeatState::Locked(_)) {
            self.states[seat] = SeatState::Available;
        }
        Outcome::Done
    }

    /// Letters, and holders of the locked seats.
    fn summary(&self) -> Vec<(u8, Option<String>)> {
        self.states.iter().map(summary).collect()
    }
}

fn summary(state: &SeatState) -> (u8, Option<String>) {
    let holder = if let SeatState::Locked(lock) = state { Some(lock.holder.to_string()) } else { None };
    (state.status().letter(), holder)
}

fn user(holder: u8) -> UserId {
    UserId::infer(&format!("user-{holder}")).unwrap()
}

/// What came of a step on a store: compared with the model, and in all detail, but for times, with the other store.
#[derive(Debug, PartialEq)]
struct Result {
    outcome: Outcome,
    detail: String,
    seq: u64,
}

/// A server on a store, in which each case has a showtime and a viewer of its own.
struct Side {
    store: TestStore,
    node: Node,
}

/// A showtime on one side, and who watches it.
struct Stage<'a> {
    side: &'a Side,
    id: ShowtimeId,
    viewer: Viewer,
}

impl Side {
    async fn start(store: TestStore) -> Self {
        let node = Node::with(config(store.options_with(RULES))).await;
        Self { store, node }
    }

    async fn stage(&self, case: usize) -> Stage<'_> {
        let id = ShowtimeId::parse(&format!("m{case}")).unwrap();
        let details = Details {
            title: "Model".into(),
            starts_at: Timestamp::from_millis(0),
            currency: "EUR".into(),
            prices: BTreeMap::new(),
            lock_seconds: None,
            max_seats_per_holder: None,
        };
        let plan = seatcast::plans::plan("cinema").unwrap();
        self.node.store().put(&id, details, plan).await.unwrap().unwrap();
        let viewer = Viewer::join(&self.node.api.base, id.as_str(), &SeatIds::shipped("cinema")).await;
        Stage { side: self, id, viewer }
    }
}

impl Stage<'_> {
    fn store(&self) -> &dyn SeatStore {
        &**self.side.node.store()
    }

    async fn apply(&self, (operation, seats): &Step, ids: &[SeatId]) -> Result {
        let names: Vec<String> = seats.iter().map(|seat| ids[*seat].to_string()).collect();
        let (store, id) = (self.store(), &self.id);
        let key = format!("seat_lock:{{{id}}}:{}", names[0]);
        let booking = |n: u8| BookingId::infer(&format!("b-{n}")).unwrap();
        let held = |held: Held| {
            let seats = held.seats.iter().map(|(seat, lock)| (*seat, lock.holder.to_string()));
            format!("{:?}", seats.collect::<Vec<_>>())
        };
        let changed = |changed: Changed| format!("{:?}", changed.seats);
        let result = match operation {
            Operation::Lock(holder) => store.lock(id, &names, &user(*holder)).await.unwrap().map(held),
            Operation::Unlock(holder) => store.unlock(id, &names, &user(*holder)).await.unwrap().map(changed),
            Operation::Extend(holder) => store.extend(id, &names, &user(*holder)).await.unwrap().map(held),
            Operation::Book(holder, n) => {
                let booked = store.book(id, &names, &user(*holder), &booking(*n)).await.unwrap();
                booked.map(|booked| format!("{} {:?}", booked.replayed, booked.booking.seats))
            }
            Operation::Release(n) => store.release(id, &names, &booking(*n)).await.unwrap().map(changed),
            Operation::Block => store.block(id, &names, "model").await.unwrap().map(changed),
            Operation::Unblock => store.unblock(id, &names).await.unwrap().map(changed),
            Operation::ForeignSet(holder) => {
                let _: () = self.redis().command(&["SET", &key, user(*holder).as_str()]).await;
                Ok(String::new())
            }
            Operation::ForeignDelete => {
                let _: i64 = self.redis().command(&["DEL", &key]).await;
                Ok(String::new())
            }
        };
        let (outcome, detail) = match result {
            Ok(detail) => (Outcome::Done, detail),
            Err(refused) => (outcome(&refused, ids), detail(&refused)),
        };
        let (_, position) = store.showtime(id).await.unwrap().unwrap();
        Result { outcome, detail, seq: position.seq }
    }

    fn redis(&self) -> &RedisServer {
        match &self.side.store {
            TestStore::Redis(redis) => redis,
            TestStore::Embedded(_) | TestStore::Cluster(..) => panic!("the model runs on one Redis or without any"),
        }
    }

    /// Waits until the announced map is what the model says, checks that history leads to it without a gap, and that the viewer
    /// gets to see the same.
    async fn agrees(&mut self, model: &Model) {
        let wanted = model.summary();
        let history = eventually("the map is what the model says", async || {
            let history = self.store().snapshot(&self.id).await.unwrap().unwrap();
            let seats: Vec<_> = (0..SEATS)
                .map(|seat| summary(&history.snapshot.state(u32::try_from(seat).unwrap()).unwrap()))
                .collect();
            (seats == wanted).then_some(history)
        })
        .await;
        self.viewer.until_position(&history.snapshot.position().to_string()).await;
        assert_eq!(self.viewer.replica, replica(&history.snapshot));
        assert_eq!(self.viewer.snapshots, 1, "diffs were enough");
        let begin = history.recent.first().map(|diff| diff.prev.clone());
        let Some(begin) = begin else { return };
        let mut replica = Snapshot::empty(begin.clone(), history.snapshot.seat_count());
        for diff in &history.recent {
            assert_eq!(replica.apply(diff), Applied::Changed);
        }
        assert_eq!(replica, history.snapshot, "the history leads to the map");
        let merged = Diff::merge(history.recent.iter()).unwrap();
        let mut replica = Snapshot::empty(begin, history.snapshot.seat_count());
        assert_eq!(replica.apply(&merged), Applied::Changed);
        assert_eq!(replica, history.snapshot, "so does the merged history");
    }
}

/// What a viewer must know when the store has this.
fn replica(snapshot: &Snapshot) -> Replica {
    let lock = |(seat, lock): (&u32, &Lock)| (*seat as usize, serde_json::to_value(lock.expires_at).unwrap());
    Replica {
        position: snapshot.position().to_string(),
        states: snapshot.states().to_owned(),
        locks: snapshot.locks().iter().map(lock).collect(),
    }
}

fn outcome(refused: &Refused, ids: &[SeatId]) -> Outcome {
    match refused {
        Refused::Seats(refused) => {
            let index = |seat: &SeatId| ids.iter().position(|id| id == seat).unwrap();
            Outcome::InTheWay(refused.iter().map(|refused| index(&refused.seat)).collect())
        }
        Refused::TooManySeats { .. } => Outcome::Other("too many"),
        Refused::BookingConflict(_) => Outcome::Other("conflict"),
        other => panic!("{other:?}"),
    }
}

/// A refusal in words, without its times.
fn detail(refused: &Refused) -> String {
    let Refused::Seats(seats) = refused else { return format!("{refused:?}") };
    let untimed = |refused: &RefusedSeat| match refused.refusal {
        Refusal::Locked { expires_at } => format!("{} locked {}", refused.seat, expires_at.is_some()),
        other => format!("{} {other:?}", refused.seat),
    };
    seats.iter().map(untimed).collect::<Vec<_>>().join(", ")
}

/// Runs random steps on all sides, and compares after each.
fn compare(stores: Vec<TestStore>, steps: impl Strategy<Value = Vec<Step>>, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let mut sides = Vec::new();
    for store in stores {
        sides.push(runtime.block_on(Side::start(store)));
    }
    let plan = seatcast::plans::plan("cinema").unwrap();
    let ids: Vec<SeatId> = plan.seats()[..SEATS].iter().map(|seat| seat.id.clone()).collect();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let case = AtomicUsize::new(0);
    let result = runner.run(&steps, |steps| {
        let case = case.fetch_add(1, Ordering::Relaxed);
        runtime.block_on(async {
            let mut stages = Vec::new();
            for side in &sides {
                stages.push(side.stage(case).await);
            }
            let mut model = Model::new();
            for step in &steps {
                let wanted = model.apply(step, &ids);
                let mut first: Option<Result> = None;
                for stage in &mut stages {
                    let got = stage.apply(step, &ids).await;
                    prop_assert_eq!(&got.outcome, &wanted, "{:?}", step);
                    if let Some(first) = &first {
                        prop_assert_eq!(&got, first, "{:?}", step);
                    }
                    first.get_or_insert(got);
                    // What another program does is known a moment later; a holder's limit counts what is known.
                    stage.agrees(&model).await;
                }
            }
            Ok(())
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn random_operations_leave_model_stores_and_viewers_equal() {
    compare(vec![TestStore::embedded(), TestStore::redis()], steps(operations()), 100);
}

#[test]
fn so_they_do_on_redis_while_another_program_writes_locks() {
    let foreign = prop_oneof![(0_u8..3).prop_map(Operation::ForeignSet), Just(Operation::ForeignDelete)];
    compare(vec![TestStore::redis()], steps(prop_oneof![8 => operations(), 1 => foreign]), 100);
}

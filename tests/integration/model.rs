//! Random operations on the Redis store, held to the domain's transition function after every step.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seatcast::domain::booking::Booking;
use seatcast::domain::diff::Diff;
use seatcast::domain::ids::{BookingId, SeatId, ShowtimeId, UserId};
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::showtime::{Details, Rules};
use seatcast::domain::snapshot::Applied;
use seatcast::domain::time::Timestamp;
use seatcast::domain::transition::{Command, transition};
use seatcast::lifecycle::Tasks;
use seatcast::store::redis::{RedisOptions, RedisStore};
use seatcast::store::{Refused, SeatStore};

use crate::support::{RedisServer, eventually};

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

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let holder = 0_u8..3;
    let operation = prop_oneof![
        4 => holder.clone().prop_map(Operation::Lock),
        2 => holder.clone().prop_map(Operation::Unlock),
        2 => holder.clone().prop_map(Operation::Extend),
        3 => (holder.clone(), 0_u8..4).prop_map(|(holder, booking)| Operation::Book(holder, booking)),
        2 => (0_u8..4).prop_map(Operation::Release),
        1 => Just(Operation::Block),
        1 => Just(Operation::Unblock),
        1 => holder.prop_map(Operation::ForeignSet),
        1 => Just(Operation::ForeignDelete),
    ];
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

/// The store, its showtime and its seats.
struct Bench {
    redis: RedisServer,
    store: Arc<RedisStore>,
    ids: Vec<SeatId>,
}

impl Bench {
    async fn start() -> Self {
        let redis = RedisServer::start();
        let options = RedisOptions { url: redis.url(), prefix: "model:".into(), rules: RULES };
        let (store, mut feed) = RedisStore::start(&options, &Tasks::new()).unwrap();
        tokio::spawn(async move { while feed.recv().await.is_some() {} });
        eventually("the feed is live", async || store.feed_health().connected.then_some(())).await;
        let plan = seatcast::plans::plan("cinema").unwrap();
        let ids = plan.seats()[..SEATS].iter().map(|seat| seat.id.clone()).collect();
        Self { redis, store, ids }
    }

    async fn create(&self, id: &ShowtimeId) {
        let details = Details {
            title: "Model".into(),
            starts_at: Timestamp::from_millis(0),
            currency: "EUR".into(),
            prices: BTreeMap::new(),
            lock_seconds: None,
            max_seats_per_holder: None,
        };
        self.store.put(id, details, seatcast::plans::plan("cinema").unwrap()).await.unwrap().unwrap();
        self.store.watch(id).await.unwrap();
    }

    async fn apply(&self, id: &ShowtimeId, (operation, seats): &Step) -> Outcome {
        let names: Vec<String> = seats.iter().map(|seat| self.ids[*seat].to_string()).collect();
        let store = &self.store;
        let key = format!("model:seat_lock:{{{id}}}:{}", names[0]);
        let result = match operation {
            Operation::Lock(holder) => store.lock(id, &names, &user(*holder)).await.unwrap().map(drop),
            Operation::Unlock(holder) => store.unlock(id, &names, &user(*holder)).await.unwrap().map(drop),
            Operation::Extend(holder) => store.extend(id, &names, &user(*holder)).await.unwrap().map(drop),
            Operation::Book(holder, booking) => {
                let booking = BookingId::infer(&format!("b-{booking}")).unwrap();
                store.book(id, &names, &user(*holder), &booking).await.unwrap().map(drop)
            }
            Operation::Release(booking) => {
                let booking = BookingId::infer(&format!("b-{booking}")).unwrap();
                store.release(id, &names, &booking).await.unwrap().map(drop)
            }
            Operation::Block => store.block(id, &names, "model").await.unwrap().map(drop),
            Operation::Unblock => store.unblock(id, &names).await.unwrap().map(drop),
            Operation::ForeignSet(holder) => {
                let _: () = self.redis.command(&["SET", &key, user(*holder).as_str()]).await;
                Ok(())
            }
            Operation::ForeignDelete => {
                let _: i64 = self.redis.command(&["DEL", &key]).await;
                Ok(())
            }
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Refused::Seats(refused)) => {
                let index = |seat: &SeatId| self.ids.iter().position(|id| id == seat).unwrap();
                Outcome::InTheWay(refused.iter().map(|refused| index(&refused.seat)).collect())
            }
            Err(Refused::TooManySeats { .. }) => Outcome::Other("too many"),
            Err(Refused::BookingConflict(_)) => Outcome::Other("conflict"),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Waits until the announced map is what the model says, and checks that history leads to it without a gap.
    async fn agrees(&self, id: &ShowtimeId, model: &Model) {
        let wanted = model.summary();
        let history = eventually("the map is what the model says", async || {
            let history = self.store.snapshot(id).await.unwrap().unwrap();
            let seats: Vec<_> = (0..SEATS)
                .map(|seat| summary(&history.snapshot.state(u32::try_from(seat).unwrap()).unwrap()))
                .collect();
            (seats == wanted).then_some(history)
        })
        .await;
        let begin = history.recent.first().map(|diff| diff.prev.clone());
        let Some(begin) = begin else { return };
        let mut replica = seatcast::domain::snapshot::Snapshot::empty(begin.clone(), history.snapshot.seat_count());
        for diff in &history.recent {
            assert_eq!(replica.apply(diff), Applied::Changed);
        }
        assert_eq!(replica, history.snapshot, "the history leads to the map");
        let merged = Diff::merge(history.recent.iter()).unwrap();
        let mut replica = seatcast::domain::snapshot::Snapshot::empty(begin, history.snapshot.seat_count());
        assert_eq!(replica.apply(&merged), Applied::Changed);
        assert_eq!(replica, history.snapshot, "so does the merged history");
    }
}

#[test]
fn random_operations_leave_model_and_store_equal() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bench = runtime.block_on(Bench::start());
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let mut showtimes = 0..;
    let showtimes = std::cell::RefCell::new(&mut showtimes);
    let result = runner.run(&steps(), |steps| {
        let id = ShowtimeId::parse(&format!("m{}", showtimes.borrow_mut().next().unwrap_or(0))).unwrap();
        runtime.block_on(async {
            bench.create(&id).await;
            let mut model = Model::new();
            for step in &steps {
                let (wanted, got) = (model.apply(step, &bench.ids), bench.apply(&id, step).await);
                prop_assert_eq!(got, wanted, "{:?}", step);
                // What another program does is known a moment later; a holder's limit counts what is known.
                if matches!(step.0, Operation::ForeignSet(_) | Operation::ForeignDelete) {
                    bench.agrees(&id, &model).await;
                }
            }
            bench.agrees(&id, &model).await;
            bench.store.unwatch(&id).await;
            Ok(())
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

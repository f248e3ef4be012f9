//! Many tasks on two nodes fight for few seats, while viewers on both nodes watch. What the store's history says is then replayed
//! against every answer that a client got: sequence numbers are the witness.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::IndexedRandom;
use seatcast::domain::diff::Diff;
use seatcast::domain::ids::ShowtimeId;
use seatcast::domain::position::Position;
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::time::Timestamp;
use seatcast::store::SeatStore;
use serde_json::Value;

use crate::support::plan::SeatIds;
use crate::support::wait::PATIENCE;
use crate::support::{Api, Replica, TestStore, Viewer, on_each_store};

const SHOW: &str = "42";
const FIGHTERS: usize = 200;
const SEATS: usize = 40;
const VIEWERS_PER_NODE: usize = 50;
/// The contest lasts this long, and until this much was answered with success.
const LASTS: Duration = Duration::from_secs(6);
const SUCCESSES: u64 = 500;

/// What a client was told, with the times around it on one clock.
#[derive(Clone, Debug)]
struct Answer {
    holder: String,
    kind: Kind,
    seats: Vec<usize>,
    seq: u64,
    sent: Instant,
    answered: Instant,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Lock,
    Unlock,
    Extend,
    Book(String),
    Release(String),
}

/// A change with the time at which it was known to have happened.
type Seen = (Diff, Timestamp);

/// What all fighters count together.
#[derive(Default)]
struct Tally {
    bookings: AtomicU64,
    successes: AtomicU64,
}

on_each_store!(no_seat_ever_has_two_holders_and_every_viewer_sees_every_change_once);

async fn no_seat_ever_has_two_holders_and_every_viewer_sees_every_change_once(store: TestStore) {
    let nodes = store.two_nodes().await;
    nodes[0].api.create(SHOW, "cinema", 1).await;
    let seats = SeatIds::shipped("cinema");
    // The store trims its history, so it is copied while it is made.
    let (done, ended) = tokio::sync::watch::channel(false);
    let recorder = tokio::spawn(record_history(Arc::clone(nodes[0].store()), ended));

    let mut watching = Vec::new();
    for node in &nodes {
        for _ in 0..VIEWERS_PER_NODE {
            watching.push(Viewer::join(&node.api.base, SHOW, &seats).await);
        }
    }
    let began = watching[0].replica.position.clone();
    let (stop, stopped) = tokio::sync::watch::channel(String::new());
    let viewers: Vec<_> = watching.into_iter().map(|viewer| tokio::spawn(viewer.read_until(stopped.clone()))).collect();

    let tally = Arc::new(Tally::default());
    let fighters: Vec<_> = (0..FIGHTERS)
        .map(|n| {
            let (api, seats) = (nodes[n % 2].api.clone(), Arc::clone(&seats));
            tokio::spawn(fight(format!("user-{n}"), api, seats, Arc::clone(&tally)))
        })
        .collect();
    let mut answers = Vec::new();
    for fighter in fighters {
        answers.extend(fighter.await.expect("a fighter ends well"));
    }

    // All locks end by themselves; the map is then what the bookings say.
    let last = settled(&nodes[0].api).await;
    stop.send_replace(last["position"].as_str().unwrap().to_owned());
    for viewer in viewers {
        let viewer = viewer.await.expect("a viewer ends well");
        assert_eq!(viewer.snapshots, 1, "no viewer fell behind");
        assert_eq!(viewer.seen, seq(&viewer.replica.position) - seq(&began), "each sequence number once");
        assert_eq!(viewer.replica, truth(&**nodes[0].store()).await);
    }
    done.send_replace(true);
    let history = recorder.await.expect("the recorder ends well");
    check_history(&history, &answers);
    check_bookings(&**nodes[0].store(), &seats, &answers).await;
}

/// One buyer: locks one to four seats, then extends, unlocks, books, refunds or lets them expire.
async fn fight(holder: String, api: Api, seats: Arc<SeatIds>, tally: Arc<Tally>) -> Vec<Answer> {
    let mut answers = Vec::new();
    let began = Instant::now();
    while began.elapsed() < LASTS || tally.successes.load(Ordering::Relaxed) < SUCCESSES {
        assert!(began.elapsed() < PATIENCE * 3, "too few successes");
        let wanted = some_seats();
        let names: Vec<&str> = wanted.iter().map(|seat| seats.id(*seat)).collect();
        let note =
            async |kind: Kind, reply: crate::support::Reply, sent: Instant, taken: Vec<usize>| -> Option<Answer> {
                assert!(reply.status == 200 || reply.status == 409, "{} {}", reply.status, reply.body);
                let holder = holder.clone();
                let answered = Instant::now();
                let seq = || seq(reply.body["position"].as_str().unwrap());
                (reply.status == 200).then(|| Answer { holder, kind, seats: taken, seq: seq(), sent, answered })
            };
        let sent = Instant::now();
        let reply = api.lock(SHOW, &names, holder.as_str()).await;
        let Some(locked) = note(Kind::Lock, reply, sent, wanted.clone()).await else {
            tokio::task::yield_now().await;
            continue;
        };
        tally.successes.fetch_add(1, Ordering::Relaxed);
        answers.push(locked);
        let sent = Instant::now();
        let next = match dice(6) {
            0 | 1 => note(Kind::Unlock, api.unlock(SHOW, &names, holder.as_str()).await, sent, wanted).await,
            2 => note(Kind::Extend, api.extend(SHOW, &names, holder.as_str()).await, sent, wanted).await,
            3 | 4 => {
                let id = format!("booking-{}", tally.bookings.fetch_add(1, Ordering::Relaxed));
                let booked = note(
                    Kind::Book(id.clone()),
                    api.book(SHOW, &names, holder.as_str(), &id).await,
                    sent,
                    wanted.clone(),
                )
                .await;
                if booked.is_some() {
                    // A repetition after success must be recognised, whoever else is about.
                    let again = api.book(SHOW, &names, holder.as_str(), &id).await.expect(200);
                    assert_eq!(again["replayed"], true);
                    answers.extend(booked);
                    // Most are refunded, so that there is something left to fight for.
                    let sent = Instant::now();
                    match dice(8) {
                        0 => None,
                        _ => note(Kind::Release(id.clone()), api.release(SHOW, &names, &id).await, sent, wanted).await,
                    }
                } else {
                    None
                }
            }
            _ => None,
        };
        answers.extend(next);
    }
    answers
}

fn dice(sides: u32) -> u32 {
    rand::rng().random_range(0..sides)
}

fn some_seats() -> Vec<usize> {
    let all: Vec<usize> = (0..SEATS).collect();
    let count = rand::rng().random_range(1..=4);
    all.sample(&mut rand::rng(), count).copied().collect()
}

fn seq(position: &str) -> u64 {
    position.rsplit_once('-').unwrap().1.parse().unwrap()
}

/// Waits until no seat is locked any more.
async fn settled(api: &Api) -> Value {
    crate::support::eventually("all locks have ended", async || {
        let status = api.status(SHOW).await.expect(200);
        status["seats"].as_array().unwrap().iter().all(|seat| seat["status"] != "locked").then_some(status)
    })
    .await
}

fn show() -> ShowtimeId {
    ShowtimeId::parse(SHOW).expect("an id")
}

/// The map as the store has it.
async fn truth(store: &dyn SeatStore) -> Replica {
    let snapshot = store.snapshot(&show()).await.unwrap().unwrap().snapshot;
    assert!(snapshot.locks().is_empty(), "{snapshot:?}");
    Replica { position: snapshot.position().to_string(), states: snapshot.states().to_owned(), locks: BTreeMap::new() }
}

/// Copies the history, again and again, until the contest is over.
async fn record_history(store: Arc<dyn SeatStore>, ended: tokio::sync::watch::Receiver<bool>) -> Vec<Seen> {
    let (_, begin) = store.showtime(&show()).await.unwrap().unwrap();
    let mut last = Position { seq: 0, ..begin };
    let mut history = Vec::new();
    loop {
        let all = *ended.borrow();
        let diffs = store.changes_since(&show(), &last).await.unwrap().expect("history reaches back");
        let now = store.now();
        last = diffs.last().map_or(last, |diff| diff.position.clone());
        history.extend(diffs.into_iter().map(|diff| (diff, now)));
        if all {
            return history;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Replays the history by sequence number: contiguous, no lock over another's lock or a sold seat, no early end; and every
/// answer agrees with it, in real time too.
fn check_history(history: &[Seen], answers: &[Answer]) {
    let mut holders: HashMap<usize, Lock> = HashMap::new();
    let mut sold: HashSet<usize> = HashSet::new();
    let mut locked_at_seq: HashMap<(u64, usize), String> = HashMap::new();
    let given_back = given_back(answers);
    let mut expected = 1;
    for (diff, seen) in history {
        let seq = diff.position.seq;
        assert_eq!((diff.prev.seq, seq), (expected - 1, expected), "no sequence number is missing or doubled");
        expected += 1;
        for change in &diff.changes {
            let seat = change.seat as usize;
            match &change.state {
                SeatState::Locked(lock) => {
                    if let Some(before) = holders.get(&seat) {
                        assert_eq!(before.holder, lock.holder, "seat {seat} was taken from its holder");
                        assert!(lock.expires_at >= before.expires_at, "a deadline went backwards");
                    }
                    assert!(!sold.contains(&seat), "seat {seat} was locked while it was sold");
                    locked_at_seq.insert((seq, seat), lock.holder.to_string());
                    holders.insert(seat, lock.clone());
                }
                SeatState::Available => {
                    let by = given_back.get(&(seq, seat));
                    if sold.remove(&seat) {
                        assert_eq!(by, Some(&None), "a sold seat is free only by a refund");
                        continue;
                    }
                    let lock = holders.remove(&seat).unwrap_or_else(|| panic!("seat {seat} was freed twice"));
                    if by != Some(&Some(lock.holder.to_string())) {
                        assert!(lock.has_ended(*seen), "seat {seat} was freed before its deadline");
                    }
                }
                SeatState::Occupied => {
                    assert!(holders.remove(&seat).is_some(), "seat {seat} was sold without a lock");
                    assert!(sold.insert(seat), "seat {seat} was sold twice");
                }
                SeatState::Blocked => panic!("nobody blocks seats here"),
            }
        }
    }
    for answer in answers {
        assert!(answer.seq < expected, "an answer speaks of a change that is not in the history");
        if answer.kind == Kind::Lock {
            for seat in &answer.seats {
                let mine = locked_at_seq.get(&(answer.seq, *seat));
                assert!(mine.is_none_or(|holder| *holder == answer.holder), "{answer:?}");
            }
        }
    }
    let mut by_time: Vec<&Answer> = answers.iter().collect();
    by_time.sort_by_key(|answer| answer.answered);
    let mut highest_before: Vec<(Instant, u64)> = Vec::new();
    for answer in by_time {
        let before = highest_before.partition_point(|(answered, _)| *answered < answer.sent);
        if let Some((_, seq)) = before.checked_sub(1).and_then(|at| highest_before.get(at)) {
            assert!(answer.seq >= *seq, "what was sent after an answer must not come before it: {answer:?}");
        }
        let highest = highest_before.last().map_or(answer.seq, |(_, seq)| (*seq).max(answer.seq));
        highest_before.push((answer.answered, highest));
    }
}

/// Who gave seats back with which sequence number: a holder, or nobody for a refund.
fn given_back(answers: &[Answer]) -> HashMap<(u64, usize), Option<String>> {
    let mut given_back = HashMap::new();
    for answer in answers {
        let by = match answer.kind {
            Kind::Unlock => Some(answer.holder.clone()),
            Kind::Release(_) => None,
            Kind::Lock | Kind::Extend | Kind::Book(_) => continue,
        };
        given_back.extend(answer.seats.iter().map(|seat| ((answer.seq, *seat), by.clone())));
    }
    given_back
}

/// Every booking that was answered and not refunded is in the ledger, with all its seats and nobody else's.
async fn check_bookings(store: &dyn SeatStore, seats: &SeatIds, answers: &[Answer]) {
    let released: HashSet<&str> = answers
        .iter()
        .filter_map(|answer| if let Kind::Release(id) = &answer.kind { Some(id.as_str()) } else { None })
        .collect();
    let mut expected: BTreeMap<u32, String> = BTreeMap::new();
    for answer in answers {
        if let Kind::Book(id) = &answer.kind
            && !released.contains(id.as_str())
        {
            for seat in &answer.seats {
                let before = expected.insert(u32::try_from(*seat).unwrap(), id.clone());
                assert!(before.is_none(), "seat {} was booked twice", seats.id(*seat));
            }
        }
    }
    let archive = store.export(&show()).await.unwrap().unwrap();
    let owners: BTreeMap<u32, String> =
        archive.sold().map(|(seat, booking)| (seat, booking.booking_id.to_string())).collect();
    assert_eq!(owners, expected);
}

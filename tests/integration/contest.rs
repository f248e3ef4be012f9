//! Many tasks on two nodes fight for few seats, while viewers on both nodes watch. What Redis's history says is then replayed
//! against every answer that a client got: sequence numbers are the witness.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::Value;

use crate::support::plan::SeatIds;
use crate::support::wait::PATIENCE;
use crate::support::{Api, Node, RedisServer, Replica, Viewer};

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

/// What all fighters count together.
#[derive(Default)]
struct Tally {
    bookings: AtomicU64,
    successes: AtomicU64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_seat_ever_has_two_holders_and_every_viewer_sees_every_change_once() {
    // The server trims its history, so it is copied while it is made.
    let redis = RedisServer::start();
    let nodes = [Node::start(&redis).await, Node::start(&redis).await];
    nodes[0].api.create(SHOW, "cinema", 1).await;
    let seats = SeatIds::shipped("cinema");
    let log = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    let recorder = tokio::spawn(record_history(redis.url(), Arc::clone(&log)));

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
        assert_eq!(viewer.replica, truth(&redis, &seats).await);
    }
    recorder.abort();
    let history = log.lock().await.clone();
    check_history(&history, &answers);
    check_bookings(&redis, &seats, &answers).await;
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

/// The map as Redis has it.
async fn truth(redis: &RedisServer, seats: &SeatIds) -> Replica {
    let states: String = redis.command(&["GET", "showtime:{42}:map"]).await;
    let (epoch, seq): (String, u64) = redis.command(&["HMGET", "showtime:{42}:meta", "epoch", "seq"]).await;
    assert_eq!(states.len(), seats.len());
    let locks: Vec<String> = redis.command(&["KEYS", "seat_lock:{42}:*"]).await;
    assert!(locks.is_empty() && !states.contains('l'), "{locks:?}");
    Replica { position: format!("{epoch}-{seq}"), states, locks: BTreeMap::new() }
}

/// Copies the history, again and again, for as long as the contest lasts.
async fn record_history(url: String, log: Arc<tokio::sync::Mutex<Vec<Value>>>) {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut last = "0".to_owned();
    loop {
        type Entries = Vec<(String, Vec<(String, String)>)>;
        let range = format!("({last}");
        let from = if last == "0" { "-" } else { range.as_str() };
        let entries: Entries = redis::cmd("XRANGE")
            .arg("showtime:{42}:log")
            .arg(from)
            .arg("+")
            .query_async(&mut connection)
            .await
            .unwrap();
        for (id, fields) in entries {
            log.lock().await.push(serde_json::from_str(&fields[0].1).unwrap());
            last = id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Replays the history by sequence number: contiguous, no lock over another's lock or a sold seat, no early end; and every
/// answer agrees with it, in real time too.
fn check_history(history: &[Value], answers: &[Answer]) {
    let mut holders: HashMap<usize, (String, i64)> = HashMap::new();
    let mut sold: HashSet<usize> = HashSet::new();
    let mut locked_at_seq: HashMap<(u64, usize), String> = HashMap::new();
    let mut expected = 1;
    for entry in history {
        assert_eq!(entry["s"], expected, "no sequence number is missing or doubled");
        expected += 1;
        let own = entry["o"] == true;
        for change in entry["c"].as_array().unwrap() {
            let seat = usize::try_from(change[0].as_u64().unwrap()).unwrap();
            match change[1].as_str().unwrap() {
                "l" => {
                    let holder = change[4].as_str().unwrap().rsplit_once('|').unwrap().0.to_owned();
                    let deadline = change[3].as_i64().unwrap();
                    if let Some((before, ends)) = holders.get(&seat) {
                        assert_eq!(*before, holder, "seat {seat} was taken from its holder");
                        assert!(deadline >= *ends, "a deadline went backwards");
                    }
                    assert!(!sold.contains(&seat), "seat {seat} was locked while it was sold");
                    locked_at_seq.insert((entry["s"].as_u64().unwrap(), seat), holder.clone());
                    holders.insert(seat, (holder, deadline));
                }
                "a" => {
                    let was_sold = sold.remove(&seat);
                    let was_held = holders.remove(&seat);
                    assert!(was_sold || was_held.is_some(), "seat {seat} was freed twice");
                    assert!(own || was_held.is_some(), "an expiry freed a sold seat");
                    if let (false, Some((_, deadline))) = (own, was_held) {
                        assert!(entry["t"].as_i64().unwrap() > deadline, "seat {seat} was freed before its deadline");
                    }
                }
                "o" => {
                    assert!(holders.remove(&seat).is_some(), "seat {seat} was sold without a lock");
                    assert!(sold.insert(seat), "seat {seat} was sold twice");
                }
                other => panic!("{other}"),
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

/// Every booking that was answered and not refunded is in Redis, with all its seats and nobody else's.
async fn check_bookings(redis: &RedisServer, seats: &SeatIds, answers: &[Answer]) {
    let released: HashSet<&str> = answers
        .iter()
        .filter_map(|answer| if let Kind::Release(id) = &answer.kind { Some(id.as_str()) } else { None })
        .collect();
    let mut expected: BTreeMap<usize, String> = BTreeMap::new();
    for answer in answers {
        if let Kind::Book(id) = &answer.kind
            && !released.contains(id.as_str())
        {
            for seat in &answer.seats {
                assert!(expected.insert(*seat, id.clone()).is_none(), "seat {} was booked twice", seats.id(*seat));
            }
        }
    }
    let owners: BTreeMap<usize, String> = redis.command(&["HGETALL", "showtime:{42}:bookings"]).await;
    assert_eq!(owners, expected);
}

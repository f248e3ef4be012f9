//! Many tasks on two nodes fight for few seats, while viewers on both nodes watch. What the store's history says is then replayed
//! against every answer that a client got: sequence numbers are the witness.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use seatcast::domain::ids::ShowtimeId;
use seatcast::store::SeatStore;
use serde_json::Value;

use crate::support::history;
use crate::support::lockers::{dice, some_seats};
use crate::support::plan::SeatIds;
use crate::support::wait::PATIENCE;
use crate::support::{Answer, Answers, Api, Kind, Recorder, Replica, TestStore, Viewer, on_each_store};

const SHOW: &str = "42";
const FIGHTERS: usize = 200;
const VIEWERS_PER_NODE: usize = 50;
/// The contest lasts this long, and until this much was answered with success.
const LASTS: Duration = Duration::from_secs(6);
const SUCCESSES: u64 = 500;

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
    let recorder = Recorder::start(Arc::clone(nodes[0].store()), show(), history::Store::KeepsAll).await;

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
    let mut answers = Answers::default();
    for fighter in fighters {
        answers.given.extend(fighter.await.expect("a fighter ends well"));
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
    recorder.finish().await.check(&answers);
    answers.check_bookings(&**nodes[0].store(), &show(), &seats).await;
}

/// One buyer: locks one to four seats, then extends, unlocks, books, refunds or lets them expire.
async fn fight(holder: String, api: Api, seats: Arc<SeatIds>, tally: Arc<Tally>) -> Vec<Answer> {
    let mut answers = Vec::new();
    let began = Instant::now();
    while began.elapsed() < LASTS || tally.successes.load(Ordering::Relaxed) < SUCCESSES {
        assert!(began.elapsed() < PATIENCE * 3, "too few successes");
        let wanted = some_seats();
        let names: Vec<&str> = wanted.iter().map(|seat| seats.id(*seat)).collect();
        let note = async |kind: Kind,
                          reply: crate::support::Reply,
                          sent: Instant,
                          taken: Vec<usize>|
               -> Option<Answer> {
            assert!(reply.status == 200 || reply.status == 409, "{} {}", reply.status, reply.body);
            let holder = holder.clone();
            let answered = Instant::now();
            let position = || reply.body["position"].as_str().unwrap().parse().expect("a position");
            (reply.status == 200).then(|| Answer { holder, kind, seats: taken, position: position(), sent, answered })
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

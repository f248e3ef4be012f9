//! Buyers who work all the time, whatever happens: each asks again, perhaps another server, until it is answered, and keeps what
//! it was told. Invariant: what was answered is in [`Answers::given`], what may have been done all the same in
//! [`Answers::unanswered`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::api::{Api, Reply};
use super::history::{Answer, Answers, Kind, Unanswered};
use super::plan::SeatIds;
use super::wait::PATIENCE;

/// The seats that they fight for: the first of the plan.
const SEATS: usize = 40;
/// A request that takes longer is given up, and asked again. The server answers within 5 s whatever happens to its store.
const ANSWER_PATIENCE: Duration = Duration::from_secs(6);
/// Between two requests of one buyer, and between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Buyers at work.
pub struct Lockers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<Answers>>,
    successes: Arc<AtomicU64>,
}

impl Lockers {
    /// Sends buyers to work in a showtime. The servers are asked in turn, beginning with another one for each buyer.
    pub fn start(servers: &[Api], show: &str, seats: &Arc<SeatIds>, count: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let successes = Arc::new(AtomicU64::new(0));
        let locker = |n: usize| Locker {
            holder: format!("locker-{n}"),
            servers: servers.to_vec(),
            next_server: n,
            show: show.to_owned(),
            seats: Arc::clone(seats),
            successes: Arc::clone(&successes),
            answers: Answers::default(),
        };
        let tasks = (0..count).map(|n| tokio::spawn(locker(n).work(stopped.clone()))).collect();
        Self { stop, tasks, successes }
    }

    /// How much was answered with success so far.
    pub fn successes(&self) -> u64 {
        self.successes.load(Ordering::Relaxed)
    }

    /// Has everybody end what was begun, and go home.
    ///
    /// # Panics
    /// When somebody is not answered, or with what cannot be.
    pub async fn finish(self) -> Answers {
        self.stop.send_replace(true);
        let mut all = Answers::default();
        for task in self.tasks {
            all.extend(task.await.expect("a buyer ends well"));
        }
        all
    }
}

struct Locker {
    holder: String,
    servers: Vec<Api>,
    next_server: usize,
    show: String,
    seats: Arc<SeatIds>,
    successes: Arc<AtomicU64>,
    answers: Answers,
}

impl Locker {
    async fn work(mut self, stopped: watch::Receiver<bool>) -> Answers {
        let mut booked = 0;
        while !*stopped.borrow() {
            tokio::time::sleep(PAUSE).await;
            let seats = some_seats();
            if !self.ask(Kind::Lock, &seats).await {
                continue;
            }
            match dice(6) {
                0 | 1 => drop(self.ask(Kind::Unlock, &seats).await),
                2 => drop(self.ask(Kind::Extend, &seats).await),
                3 | 4 => {
                    booked += 1;
                    let id = format!("{}-{booked}", self.holder);
                    // Most are refunded, so that there is something left to fight for.
                    if self.ask(Kind::Book(id.clone()), &seats).await && dice(10) > 0 {
                        self.ask(Kind::Release(id), &seats).await;
                    }
                }
                // These locks end by themselves.
                _ => {}
            }
        }
        self.answers
    }

    /// Asks until there is an answer. `true` for success, `false` when the seats are somebody else's, or too many.
    async fn ask(&mut self, kind: Kind, seats: &[usize]) -> bool {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE * 3, "{} asks in vain: {kind:?} {seats:?}", self.holder);
            let sent = Instant::now();
            match self.try_ask(&kind, seats).await {
                Ok(reply) if reply.status == 200 => {
                    self.note(kind, seats, sent, &reply);
                    return true;
                }
                Ok(reply) if reply.status == 409 || reply.body["code"] == "too_many_seats" => return false,
                Ok(reply) if reply.status == 503 && reply.body["code"] == "store_unavailable" => {}
                Ok(reply) => {
                    assert_eq!((reply.status, &reply.body["code"]), (503, &json!("outcome_unknown")), "{}", reply.body);
                    self.not_answered(&kind, seats);
                }
                Err(_) => self.not_answered(&kind, seats),
            }
            self.next_server += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_ask(&self, kind: &Kind, seats: &[usize]) -> reqwest::Result<Reply> {
        let api = &self.servers[self.next_server % self.servers.len()];
        let names: Vec<&str> = seats.iter().map(|seat| self.seats.id(*seat)).collect();
        let holder = &self.holder;
        let (method, verb, body) = match kind {
            Kind::Lock => ("POST", "lock", json!({ "seats": names, "userId": holder })),
            Kind::Unlock => ("DELETE", "unlock", json!({ "seats": names, "userId": holder })),
            Kind::Extend => ("PUT", "extend-lock", json!({ "seats": names, "userId": holder })),
            Kind::Book(id) => ("POST", "book", json!({ "seats": names, "userId": holder, "bookingId": id })),
            Kind::Release(id) => ("POST", "release", json!({ "seats": names, "bookingId": id })),
        };
        let request = api.request(method, &format!("/api/v1/showtimes/{}/seats/{verb}", self.show));
        api.try_send(request.json(&body).timeout(ANSWER_PATIENCE)).await
    }

    fn note(&mut self, kind: Kind, seats: &[usize], sent: Instant, reply: &Reply) {
        self.successes.fetch_add(1, Ordering::Relaxed);
        let position = reply.body["position"].as_str().and_then(|text| text.parse().ok());
        self.answers.given.push(Answer {
            holder: self.holder.clone(),
            kind,
            seats: seats.to_vec(),
            position: position.expect("a success names its position"),
            sent,
            answered: Instant::now(),
        });
    }

    fn not_answered(&mut self, kind: &Kind, seats: &[usize]) {
        let (holder, kind, seats) = (self.holder.clone(), kind.clone(), seats.to_vec());
        self.answers.unanswered.push(Unanswered { holder, kind, seats });
    }
}

/// A number below `sides`.
pub fn dice(sides: u32) -> u32 {
    rand::rng().random_range(0..sides)
}

/// One to four of the seats that are fought for.
pub fn some_seats() -> Vec<usize> {
    let all: Vec<usize> = (0..SEATS).collect();
    let count = rand::rng().random_range(1..=4);
    all.sample(&mut rand::rng(), count).copied().collect()
}

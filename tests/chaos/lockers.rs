//! Those who lock: each takes seats, moves deadlines, gives back, buys and refunds, over any node, and repeats what it does not
//! know the outcome of until it does. What it is told goes to the recorder.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::rngs::StdRng;
use rand::seq::IteratorRandom;
use rand::{RngExt, SeedableRng};
use seatcast::domain::position::Position;
use seatcast::domain::time::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::asked::{Asked, Verb, booking_id};
use crate::findings::{Findings, Invariant};
use crate::history::State;
use crate::recorder::Told;
use crate::request::{Answer, Asking};
use crate::stage::{Show, Stage};
use crate::support::plan::SeatIds;

/// The seats that lockers fight for: the first of the plan. The last one is for markers.
const FOUGHT_FOR: u32 = 60;
const MOST_SEATS: usize = 4;
/// Milliseconds between two requests of a locker.
const PAUSE: std::ops::Range<u64> = 150..900;
/// A sale is refunded when so many others have followed, so that there is something left to fight for.
const OPEN_SALES: usize = 1;
/// How long a locker may take to come to an end.
const LAST_PATIENCE: Duration = Duration::from_secs(40);

/// What all lockers share.
struct Crowd {
    shows: Arc<[Show]>,
    seats: Arc<SeatIds>,
    addresses: Arc<[String]>,
    http: reqwest::Client,
    asked: Arc<Asked>,
    told: mpsc::UnboundedSender<Told>,
    findings: Arc<Findings>,
    /// The run is over: end what was begun, begin nothing.
    ending: CancellationToken,
    answers: AtomicU64,
    doubts: AtomicU64,
}

/// All lockers.
pub struct Lockers {
    crowd: Arc<Crowd>,
    tasks: JoinSet<()>,
}

impl Lockers {
    pub fn start(
        count: usize,
        seed: u64,
        stage: &Stage,
        asked: &Arc<Asked>,
        told: mpsc::UnboundedSender<Told>,
        findings: &Arc<Findings>,
    ) -> Self {
        let crowd = Arc::new(Crowd {
            shows: Arc::clone(&stage.shows),
            seats: Arc::clone(&stage.seats),
            addresses: Arc::clone(&stage.addresses),
            http: stage.http.clone(),
            asked: Arc::clone(asked),
            told,
            findings: Arc::clone(findings),
            ending: CancellationToken::new(),
            answers: AtomicU64::new(0),
            doubts: AtomicU64::new(0),
        });
        let mut random = StdRng::seed_from_u64(seed);
        let mut tasks = JoinSet::new();
        for n in 0..count {
            let random = StdRng::seed_from_u64(random.random());
            let locker = Locker { number: n + 1, crowd: Arc::clone(&crowd), random, sales: Vec::new(), businesses: 0 };
            tasks.spawn(locker.work());
        }
        Self { crowd, tasks }
    }

    /// How many answers came, and how many requests had to be repeated because nobody knew their outcome.
    pub fn counts(&self) -> (u64, u64) {
        (self.crowd.answers.load(Ordering::Relaxed), self.crowd.doubts.load(Ordering::Relaxed))
    }

    /// Has everybody end what was begun, and waits for it.
    pub async fn finish(&mut self) {
        self.crowd.ending.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_PATIENCE, all).await.is_err() {
            let what = format!("{} lockers get no certain answer within {LAST_PATIENCE:?}", self.tasks.len());
            self.crowd.findings.report(Invariant::Returning, what);
        }
    }
}

/// One business of a locker with some seats, under a name of its own.
struct Business {
    holder: Arc<str>,
    show: usize,
    seats: Vec<u32>,
    /// The last deadline that was told, by seat.
    deadlines: Vec<(u32, Timestamp)>,
}

struct Locker {
    number: usize,
    crowd: Arc<Crowd>,
    random: StdRng,
    sales: Vec<Business>,
    businesses: usize,
}

impl Locker {
    async fn work(mut self) {
        while !self.crowd.ending.is_cancelled() {
            self.business().await;
            self.pause().await;
            if self.sales.len() > OPEN_SALES {
                let sale = self.sales.remove(0);
                self.ask(&sale, Verb::Release).await;
            }
        }
    }

    /// From a lock to what becomes of it.
    async fn business(&mut self) {
        let mut business = self.wish();
        if !self.hold(&mut business, Verb::Lock).await {
            return;
        }
        loop {
            self.pause().await;
            match self.random.random_range(0..8) {
                0..3 => {
                    if !self.hold(&mut business, Verb::Extend).await {
                        return;
                    }
                }
                3..5 => {
                    self.ask(&business, Verb::Unlock).await;
                    return;
                }
                5 if self.crowd.shows[business.show].is_short() => return,
                _ => {
                    if self.ask(&business, Verb::Book).await.is_some() {
                        self.sales.push(business);
                    }
                    return;
                }
            }
            if self.crowd.ending.is_cancelled() {
                self.ask(&business, Verb::Unlock).await;
                return;
            }
        }
    }

    fn wish(&mut self) -> Business {
        self.businesses += 1;
        let count = self.random.random_range(1..=MOST_SEATS);
        Business {
            holder: format!("L{}-{}", self.number, self.businesses).into(),
            show: self.random.random_range(0..self.crowd.shows.len()),
            seats: (0..FOUGHT_FOR).sample(&mut self.random, count),
            deadlines: Vec::new(),
        }
    }

    async fn pause(&mut self) {
        let pause = Duration::from_millis(self.random.random_range(PAUSE));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.crowd.ending.cancelled() => {}
        }
    }

    /// Locks or extends. `false` when the seats are not held afterwards, or nobody knows.
    async fn hold(&mut self, business: &mut Business, verb: Verb) -> bool {
        let Some(body) = self.ask(business, verb).await else { return false };
        business.deadlines = self.locks(&body);
        if business.deadlines.len() != business.seats.len() {
            let what = format!("{}: an answer with other seats: {body}", business.holder);
            self.crowd.findings.report(Invariant::Kept, what);
        }
        true
    }

    /// The seats of an answer with their deadlines.
    fn locks(&self, body: &Value) -> Vec<(u32, Timestamp)> {
        let deadline = |seat: &Value| {
            let deadline = Timestamp::parse(seat["expiresAt"].as_str()?).ok()?;
            Some((self.index(seat["seatId"].as_str()?), deadline))
        };
        body["seats"].as_array().into_iter().flatten().filter_map(deadline).collect()
    }

    fn index(&self, seat: &str) -> u32 {
        u32::try_from(self.crowd.seats.index(seat)).expect("few seats")
    }

    /// Asks until there is a certain answer, and checks it. The body of a success.
    async fn ask(&mut self, business: &Business, verb: Verb) -> Option<Value> {
        let crowd = Arc::clone(&self.crowd);
        crowd.asked.note(&business.holder, business.show, &business.seats, verb);
        let seats: Vec<&str> = business.seats.iter().map(|seat| crowd.seats.id(*seat as usize)).collect();
        let holder = &*business.holder;
        let body = match verb {
            Verb::Lock | Verb::Extend | Verb::Unlock => json!({ "seats": seats, "userId": holder }),
            Verb::Book => json!({ "seats": seats, "userId": holder, "bookingId": booking_id(holder) }),
            Verb::Release => json!({ "seats": seats, "bookingId": booking_id(holder) }),
        };
        let mut asking = Asking {
            http: &crowd.http,
            addresses: &crowd.addresses,
            method: verb.method(),
            path: format!("/api/v1/showtimes/{}/seats/{}", crowd.shows[business.show].id, verb.path()),
            body,
            ending: &crowd.ending,
            random: &mut self.random,
            doubts: 0,
        };
        let answer = asking.until_certain().await;
        let doubts = asking.doubts;
        crowd.doubts.fetch_add(doubts, Ordering::Relaxed);
        crowd.answers.fetch_add(1, Ordering::Relaxed);
        match answer {
            Answer::Done(body) => {
                self.tell(business, verb, &body);
                Some(body)
            }
            // What an attempt without an answer gave back may be another's by now.
            Answer::Refused(_) if verb == Verb::Unlock && doubts > 0 => None,
            Answer::Refused(problem) => {
                self.check_refusal(business, verb, &problem);
                None
            }
            Answer::Untouched => None,
            Answer::Strange(what) => {
                crowd.findings.report(Invariant::Returning, format!("{holder} asked to {verb:?}: {what}"));
                None
            }
        }
    }

    /// Has the recorder hold a success against the history.
    fn tell(&self, business: &Business, verb: Verb, body: &Value) {
        let holder = &business.holder;
        let freed = || {
            let names = body["released"].as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(|seat| (self.index(seat), State::Available)).collect()
        };
        let seats = match verb {
            Verb::Lock | Verb::Extend => {
                let state =
                    |deadline: Timestamp| State::Locked { holder: holder.clone(), deadline: deadline.as_millis() };
                self.locks(body).into_iter().map(|(seat, deadline)| (seat, state(deadline))).collect()
            }
            Verb::Unlock | Verb::Release => freed(),
            Verb::Book => business.seats.iter().map(|seat| (*seat, State::Sold { holder: holder.clone() })).collect(),
        };
        let position = body["position"].as_str().and_then(|text| text.parse::<Position>().ok());
        let Some(position) = position else {
            self.crowd.findings.report(Invariant::Kept, format!("{holder}: an answer without a position: {body}"));
            return;
        };
        let what = format!("{holder} asked to {verb:?} and");
        // The recorder lives as long as the run.
        let _ = self.crowd.told.send(Told { show: business.show, seq: position.seq, seats, what });
    }

    /// Nobody is told that a lock is lost before its deadline. Nodes, Redis and lockers have one clock here: the machine's.
    fn check_refusal(&self, business: &Business, verb: Verb, problem: &Value) {
        self.crowd.findings.checked(Invariant::Kept, 1);
        let report = |what: &str| {
            let (holder, show) = (&business.holder, business.show + 1);
            let what = format!("show-{show}: {holder} asked to {verb:?} and was refused, {what}: {problem}");
            self.crowd.findings.report(Invariant::Kept, what);
        };
        match problem["code"].as_str().unwrap_or_default() {
            "seats_unavailable" if verb == Verb::Lock => {}
            "lock_lost" | "not_holder" if matches!(verb, Verb::Extend | Verb::Book | Verb::Unlock) => {
                let lost = problem["seats"].as_array().into_iter().flatten().filter_map(|seat| seat["seatId"].as_str());
                let lost: Vec<u32> = lost.map(|seat| self.index(seat)).collect();
                let early = business.deadlines.iter().find(|(seat, deadline)| lost.contains(seat) && now() < *deadline);
                if let Some((seat, deadline)) = early {
                    report(&format!("but held seat {seat} until {deadline}"));
                }
            }
            _ => report("for a reason that cannot be"),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is set");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("this century"))
}

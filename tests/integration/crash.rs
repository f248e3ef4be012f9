//! The program is killed at random moments under load. What it acknowledged is there afterwards, what it had not acknowledged is
//! there wholly or not at all, and the history goes on where it was.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use rand::seq::{IndexedRandom, IteratorRandom};
use seatcast::domain::ids::UserId;
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::time::Timestamp;
use seatcast::domain::transition::{Command, transition};
use serde_json::{Value, json};

use crate::support::plan::SeatIds;
use crate::support::{Api, Replica, ServerProcess, TestStore, Viewer};

const SHOW: &str = "42";
const KILLS: usize = 50;
const CLIENTS: usize = 8;
const SEATS_EACH: usize = 6;

/// One client, who alone deals with some seats, and so knows what they must be.
struct Client {
    holder: String,
    names: Vec<String>,
    seats: Vec<SeatState>,
    /// What of each booking is not refunded.
    bookings: BTreeMap<String, Vec<usize>>,
    booked: usize,
    /// What was sent and not answered.
    pending: Option<Request>,
    /// The newest position that was answered.
    acknowledged: u64,
    /// How often an answer came.
    answers: usize,
}

#[derive(Clone, Debug)]
enum Verb {
    Lock,
    Unlock,
    Extend,
    Book(String),
    Release(String),
    Block,
    Unblock,
}

#[derive(Clone, Debug)]
struct Request {
    verb: Verb,
    seats: Vec<usize>,
}

impl Client {
    fn new(n: usize, seats: &SeatIds) -> Self {
        Self {
            holder: format!("client-{n}"),
            names: (n * SEATS_EACH..(n + 1) * SEATS_EACH).map(|seat| seats.id(seat).to_owned()).collect(),
            seats: vec![SeatState::Available; SEATS_EACH],
            bookings: BTreeMap::new(),
            booked: 0,
            pending: None,
            acknowledged: 0,
            answers: 0,
        }
    }

    /// Does one thing after another until the server is gone.
    async fn work(&mut self, api: &Api) {
        loop {
            let request = self.something();
            self.pending = Some(request.clone());
            let Ok(reply) = api.try_send(self.send(api, &request)).await else { return };
            self.answered(&request, reply.status, &reply.body);
            self.pending = None;
        }
    }

    fn something(&mut self) -> Request {
        let mut random = rand::rng();
        let count = random.random_range(1..=4);
        let mut seats: Vec<usize> = (0..SEATS_EACH).sample(&mut random, count);
        let verb = match random.random_range(0..10) {
            0..=3 => Verb::Lock,
            4 => Verb::Unlock,
            5 => Verb::Extend,
            6 | 7 => {
                self.booked += 1;
                Verb::Book(format!("{}-{}", self.holder, self.booked))
            }
            8 => match self.bookings.iter().filter(|(_, seats)| !seats.is_empty()).choose(&mut random) {
                Some((id, owned)) => {
                    seats = vec![*owned.choose(&mut random).expect("a booking owns something")];
                    Verb::Release(id.clone())
                }
                None => Verb::Lock,
            },
            _ if random.random_bool(0.5) => Verb::Block,
            _ => Verb::Unblock,
        };
        Request { verb, seats }
    }

    fn send(&self, api: &Api, request: &Request) -> reqwest::RequestBuilder {
        let seats: Vec<&str> = request.seats.iter().map(|seat| self.names[*seat].as_str()).collect();
        let holder = &self.holder;
        let (method, verb, body) = match &request.verb {
            Verb::Lock => ("POST", "lock", json!({ "seats": seats, "userId": holder })),
            Verb::Unlock => ("DELETE", "unlock", json!({ "seats": seats, "userId": holder })),
            Verb::Extend => ("PUT", "extend-lock", json!({ "seats": seats, "userId": holder })),
            Verb::Book(id) => ("POST", "book", json!({ "seats": seats, "userId": holder, "bookingId": id })),
            Verb::Release(id) => ("POST", "release", json!({ "seats": seats, "bookingId": id })),
            Verb::Block => ("PUT", "block", json!({ "seats": seats, "reason": "test" })),
            Verb::Unblock => ("PUT", "unblock", json!({ "seats": seats })),
        };
        api.request(method, &format!("/api/v1/showtimes/{SHOW}/seats/{verb}")).json(&body)
    }

    /// The seats after a request, or `None` if it must be refused. Times are not known.
    fn after(&self, request: &Request) -> Option<Vec<SeatState>> {
        let holder = UserId::infer(&self.holder).unwrap();
        let (ttl, cap) = (Duration::from_secs(900), Duration::from_secs(7_200));
        let command = match request.verb {
            Verb::Lock => Command::Lock { holder, ttl },
            Verb::Unlock => Command::Unlock { holder },
            Verb::Extend => Command::Extend { holder, ttl, cap },
            Verb::Book(_) => Command::Book { holder },
            Verb::Release(_) => Command::Release,
            Verb::Block => Command::Block,
            Verb::Unblock => Command::Unblock,
        };
        let mut seats = self.seats.clone();
        for seat in &request.seats {
            seats[*seat] = transition(&seats[*seat], &command, Timestamp::from_millis(0)).ok()?;
        }
        Some(seats)
    }

    /// Takes over what an answer says, after checking that it says what it must.
    fn answered(&mut self, request: &Request, status: u16, body: &Value) {
        let Some(mut after) = self.after(request) else {
            assert_eq!(status, 409, "{request:?} {body}");
            return;
        };
        assert_eq!(status, 200, "{request:?} {body}");
        self.answers += 1;
        let position = body["position"].as_str().unwrap();
        self.acknowledged = self.acknowledged.max(seq(position));
        if matches!(request.verb, Verb::Lock | Verb::Extend) {
            for answer in body["seats"].as_array().unwrap() {
                let seat = self.names.iter().position(|name| answer["seatId"] == **name).unwrap();
                after[seat] = locked(&self.holder, answer);
            }
        }
        self.seats = after;
        match &request.verb {
            Verb::Book(id) => drop(self.bookings.insert(id.clone(), request.seats.clone())),
            Verb::Release(id) => {
                let owned = self.bookings.get_mut(id).expect("a booking of this client");
                owned.retain(|seat| !request.seats.contains(seat));
            }
            Verb::Lock | Verb::Unlock | Verb::Extend | Verb::Block | Verb::Unblock => {}
        }
    }

    /// Compares what the server knows after its restart with what it must know, and does again what was not answered.
    async fn check(&mut self, api: &Api) {
        let path = format!("/api/v1/showtimes/{SHOW}/seats/status?userId={}", self.holder);
        let status = api.get(&path).await.expect(200);
        let found: Vec<SeatState> = self.names.iter().map(|name| self.state(&status, name)).collect();
        let Some(pending) = self.pending.take() else {
            assert_eq!(found, self.seats, "{} lost something", self.holder);
            return;
        };
        let all = |wanted: &[SeatState]| {
            let same = |seat: usize| match (&found[seat], &wanted[seat], &self.seats[seat]) {
                // Only for what was under way is the deadline not known.
                (SeatState::Locked(a), SeatState::Locked(_), before) if pending.seats.contains(&seat) => {
                    matches!(before, SeatState::Locked(before) if a.expires_at >= before.expires_at)
                        || *before == SeatState::Available
                }
                (a, b, _) => a == b,
            };
            (0..SEATS_EACH).all(same)
        };
        let done = self.after(&pending).is_some_and(|after| all(&after));
        assert!(found == self.seats || done, "{pending:?} was half done: {found:?}, before {:?}", self.seats);
        // To repeat it, unchanged, is safe and brings certainty.
        let reply = api.try_send(self.send(api, &pending)).await.expect("the server answers");
        self.answered(&pending, reply.status, &reply.body);
    }

    fn state(&self, status: &Value, name: &str) -> SeatState {
        let seat = status["seats"].as_array().unwrap().iter().find(|seat| seat["seatId"] == *name).unwrap();
        match seat["status"].as_str().unwrap() {
            "available" => SeatState::Available,
            "selected" => locked(&self.holder, seat),
            "occupied" => SeatState::Occupied,
            "blocked" => SeatState::Blocked,
            other => panic!("{name} is {other}"),
        }
    }
}

fn locked(holder: &str, seat: &Value) -> SeatState {
    let instant = |name: &str| Timestamp::parse(seat[name].as_str().unwrap()).unwrap();
    SeatState::Locked(Lock {
        holder: UserId::infer(holder).unwrap(),
        locked_at: instant("lockedAt"),
        expires_at: Some(instant("expiresAt")),
    })
}

fn seq(position: &str) -> u64 {
    position.rsplit_once('-').unwrap().1.parse().unwrap()
}

/// A viewer continues where it was before the server was killed: no snapshot, no gap.
async fn resume(api: &Api, seats: &std::sync::Arc<SeatIds>, known: Replica) -> Replica {
    let url = format!("{}/api/v1/showtimes/{SHOW}/live?since={}", api.base, known.position);
    let mut viewer = Viewer::connect(&url, seats).await;
    viewer.remember(known);
    let status = api.status(SHOW).await.expect(200);
    viewer.until_position(status["position"].as_str().unwrap()).await;
    assert_eq!(viewer.snapshots, 0, "the history goes on after a crash");
    viewer.replica
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_fifty_times_loses_nothing_and_leaves_nothing_half_done() {
    let store = TestStore::embedded();
    let seats = SeatIds::shipped("cinema");
    let mut clients: Vec<Client> = (0..CLIENTS).map(|n| Client::new(n, &seats)).collect();
    let mut server = ServerProcess::start(&store.address()).await;
    server.api.create(SHOW, "cinema", 900).await;
    let mut replica = Viewer::join(&server.api.base, SHOW, &seats).await.replica;
    let mut interrupted = 0;
    for round in 0..KILLS {
        let api = server.api.clone();
        let working: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                let api = api.clone();
                tokio::spawn(async move {
                    client.work(&api).await;
                    client
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(5..100))).await;
        server.kill();
        clients = Vec::new();
        for client in working {
            clients.push(client.await.expect("a client ends well"));
        }
        if round % 5 == 0 {
            // In the middle of its start.
            let starting = ServerProcess::begin(&store.address());
            tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..60))).await;
            drop(starting);
        }
        server = ServerProcess::start(&store.address()).await;
        let acknowledged = clients.iter().map(|client| client.acknowledged).max().unwrap();
        let status = server.api.status(SHOW).await.expect(200);
        assert!(seq(status["position"].as_str().unwrap()) >= acknowledged, "an acknowledged change is missing");
        interrupted += clients.iter().filter(|client| client.pending.is_some()).count();
        for client in &mut clients {
            client.check(&server.api).await;
        }
        replica = resume(&server.api, &seats, replica).await;
    }
    assert!(interrupted > KILLS, "{interrupted} requests were under way when the server was killed");
    assert!(clients.iter().map(|client| client.answers).sum::<usize>() > KILLS * CLIENTS);
    server.kill();
    check_ledger(&store, &clients).await;
}

/// Every booking that was acknowledged is in the ledger with its seats, and no other.
async fn check_ledger(store: &TestStore, clients: &[Client]) {
    let open = store.open(crate::support::RULES).await;
    let show = seatcast::domain::ids::ShowtimeId::parse(SHOW).unwrap();
    let archive = open.store.export(&show).await.unwrap().unwrap();
    let found: BTreeMap<String, Vec<String>> = archive
        .bookings()
        .iter()
        .map(|booking| {
            let owned = booking.seats.iter().filter(|seat| booking.owns(seat));
            (booking.booking_id.to_string(), owned.map(ToString::to_string).collect())
        })
        .collect();
    let names = |client: &Client, seats: &[usize]| seats.iter().map(|seat| client.names[*seat].clone()).collect();
    let expected: BTreeMap<String, Vec<String>> = clients
        .iter()
        .flat_map(|client| client.bookings.iter().map(move |(id, seats)| (id.clone(), names(client, seats))))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_at_its_deadline_whether_the_server_was_there_or_not() {
    let store = TestStore::embedded();
    let mut server = ServerProcess::start(&store.address()).await;
    server.api.create(SHOW, "cinema", 2).await;
    let locked = server.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    let deadline = Timestamp::parse(locked["seats"][0]["expiresAt"].as_str().unwrap()).unwrap();
    server.kill();
    server = ServerProcess::start(&store.address()).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&server.api.base, SHOW, &seats).await;
    viewer.until_seat("A-1", 'a').await;
    let status = server.api.status(SHOW).await.expect(200);
    assert!(Timestamp::parse(status["serverTime"].as_str().unwrap()).unwrap() > deadline);
    assert_eq!(server.api.seat(SHOW, "A-2").await["status"], "available");
    server.api.lock(SHOW, &["A-1"], 8).await.expect(200);
}

//! Locks of one seat, as many as go: users of a server against `redis-benchmark` with the script that the server runs.
//!
//! Each run has a Redis of its own with a new showtime, and locks each of its seats once, for a user who has none. The server makes the
//! showtime on either side, and sets its Redis up; where `redis-benchmark` works it has gone before. Redis has a core for itself,
//! what sends to it has the other: `redis-benchmark`, or the server together with the users.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Value, json};

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::ground::Ground;
use super::lock_script::LockScript;
use super::support::http_connection::request;
use super::support::{RedisServer, ServerProcess};
use super::usage;

const SHOW: &str = "sale";
const SEATS_OF_A_ROW: usize = 100;
const PITCH: usize = 20;

/// The seat that is locked before the others, to see how.
const FIRST: usize = 0;

/// Every seat of a showtime is locked, with so many requests under way.
pub struct Locks {
    pub seats: usize,
    pub in_flight: usize,
}

/// A Redis with a showtime, and the server that made it.
struct Sale {
    redis: RedisServer,
    server: ServerProcess,
    script: LockScript,
}

impl Contest for Locks {
    fn rows(&self) -> Vec<Row> {
        vec![Row {
            name: format!("locks-{}", self.in_flight),
            what: format!("locks of one seat each, {} under way", self.in_flight),
            unit: "1/s",
            reference: "redis-benchmark",
            goal: Goal::ratio(Bound::AtLeast(0.8)),
        }]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        let Sale { redis, server, script } = self.open(ground);
        let others = self.seats - 1;
        let per_second = match side {
            Side::Seatcast => {
                let processes = [redis_id(&redis, ground), server.id()];
                let before = processes.map(usage::cpu);
                let seconds = self.buy(&server.address);
                let used = processes.map(usage::cpu);
                let [of_redis, of_server] =
                    [0, 1].map(|n| used[n].saturating_sub(before[n]).as_secs_f64() * 1e6 / others as f64);
                eprintln!("  for each lock {of_redis:.1} µs of Redis, {of_server:.1} µs of the server");
                others as f64 / seconds
            }
            Side::Reference => {
                ground.runtime.block_on(server.stop());
                script.run(&redis, ground, others, self.in_flight)
            }
        };
        ground.runtime.block_on(async {
            let locked: usize = redis.command(&["HLEN", &format!("showtime:{{{SHOW}}}:locks")]).await;
            let changes: usize = redis.command(&["HGET", &format!("showtime:{{{SHOW}}}:meta"), "seq"]).await;
            assert_eq!((locked, changes), (self.seats, self.seats), "each lock was of a free seat");
        });
        vec![per_second]
    }
}

impl Locks {
    fn open(&self, ground: &Ground) -> Sale {
        let redis = RedisServer::start();
        ground.cores.give_server_core(redis_id(&redis, ground));
        let (server, script) = ground.runtime.block_on(async {
            let server = ServerProcess::start(&redis.url()).await;
            server.api.put_showtime(SHOW, &self.showtime()).await.expect(201);
            let (seat, user) = (seat(FIRST), user(FIRST));
            let lock = async || drop(server.api.lock(SHOW, &[seat.as_str()], user.as_str()).await.expect(200));
            let script = LockScript::watch(&redis, &seat, &user, lock).await;
            (server, script)
        });
        Sale { redis, server, script }
    }

    /// Locks all seats but the first, one request after another on each of the users' connections. Returns how many seconds it took.
    ///
    /// The connections are waited for in turns: nothing is cheaper for the users, who share a core with the server.
    fn buy(&self, address: &str) -> f64 {
        let path = format!("/api/v1/showtimes/{SHOW}/seats/lock");
        let body = |n| format!(r#"{{"seats":["{}"],"userId":"{}"}}"#, seat(n), user(n));
        let requests: Vec<Vec<u8>> = (FIRST + 1..self.seats).map(|n| request("POST", &path, &[], &body(n))).collect();
        let mut connections: Vec<TcpStream> = (0..self.in_flight).map(|_| connect(address)).collect();
        let mut answer = [0; 2_048];
        let began = Instant::now();
        for turn in 0..requests.len() + self.in_flight {
            let connection = &mut connections[turn % self.in_flight];
            if turn >= self.in_flight && turn - self.in_flight < requests.len() {
                let read = connection.read(&mut answer).expect("the server answers");
                assert!(answer[..read].starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer[..read]));
                assert_eq!(answer[read - 1], b'}', "an answer comes in one piece");
            }
            if let Some(request) = requests.get(turn) {
                connection.write_all(request).expect("the server reads");
            }
        }
        began.elapsed().as_secs_f64()
    }

    fn showtime(&self) -> Value {
        let rows: Vec<usize> = (0..self.seats).step_by(SEATS_OF_A_ROW).collect();
        let row = |&first: &usize| {
            let seats = (first..self.seats.min(first + SEATS_OF_A_ROW)).map(|n| {
                json!({
                    "seat_guid": seat(n), "seat_number": (n - first + 1).to_string(), "category": "Seats",
                    "position": { "x": (n - first + 1) * PITCH, "y": 0 },
                })
            });
            json!({
                "row_number": (first / SEATS_OF_A_ROW + 1).to_string(), "seats": seats.collect::<Vec<_>>(),
                "position": { "x": 0, "y": first / SEATS_OF_A_ROW * PITCH },
            })
        };
        let size = json!({ "width": (SEATS_OF_A_ROW + 2) * PITCH, "height": (rows.len() + 2) * PITCH });
        let plan = json!({
            "name": "Sale", "size": size, "categories": [{ "name": "Seats", "color": "#4f86a8" }],
            "zones": [{ "name": "Stalls", "position": { "x": 0, "y": PITCH }, "rows": rows.iter().map(row).collect::<Vec<_>>() }],
        });
        json!({
            "title": "Sale", "startsAt": "2033-05-18T03:33:20Z", "currency": "EUR", "prices": { "Seats": 10 }, "plan": plan,
        })
    }
}

/// The seat with this index. What a script puts together from the number alone is the same.
fn seat(index: usize) -> String {
    format!("seat-{index}")
}

fn user(index: usize) -> String {
    format!("user-{index}")
}

fn connect(address: &str) -> TcpStream {
    let connection = TcpStream::connect(address).expect("the server listens");
    connection.set_nodelay(true).expect("a socket option");
    connection
}

fn redis_id(redis: &RedisServer, ground: &Ground) -> u32 {
    let info: redis::InfoDict = ground.runtime.block_on(redis.command(&["INFO", "server"]));
    info.get("process_id").expect("redis says which process it is")
}

//! One wave: showtimes are created, visitors come to each, see it change, and leave; the showtimes are removed, some of them while
//! visitors are there. Afterwards nothing may be left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::support::http_connection::request;
use super::support::plan::SeatIds;
use super::support::{HttpConnection, RedisServer, ServerProcess};
use super::visitor::{Farewell, Transport, Visitor};

const PLAN: &str = "cinema";
/// Rooms that are visited at the same time.
const AT_ONCE: usize = 50;
/// How long after the last visitor has left something may still be open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of so many showtimes one is removed under its visitors.
const REMOVED_EARLY: usize = 8;
/// A seat that nobody gives back: its lock goes with the showtime.
const KEPT: usize = 1;

/// How large a wave is.
#[derive(Clone, Copy)]
pub struct Size {
    pub rooms: usize,
    /// In each room.
    pub visitors: usize,
}

/// A server, and what it holds open when nobody is there.
pub struct Stage<'a> {
    server: &'a ServerProcess,
    redis: Option<&'a RedisServer>,
    operator: HttpConnection,
    files: usize,
    /// What Redis holds after a wave, once there was one.
    keys: Option<u64>,
    seats: Arc<SeatIds>,
}

/// What `/health/ready` counts.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    connections: u64,
    rooms: u64,
}

impl<'a> Stage<'a> {
    pub async fn new(server: &'a ServerProcess, redis: Option<&'a RedisServer>) -> Self {
        let mut operator = HttpConnection::open(&server.address).await;
        assert_eq!(counts(&mut operator).await, Counts { connections: 0, rooms: 0 });
        // Each worker opens a connection of its own to Redis when it first asks something: by the end of the first wave all have.
        let own = redis.map_or(0, |_| std::thread::available_parallelism().map_or(1, usize::from));
        let files = server.open_files() + own;
        Self { server, redis, operator, files, keys: None, seats: SeatIds::shipped(PLAN) }
    }

    /// What is left after the last wave, in words.
    pub fn left(&self) -> String {
        self.keys
            .map_or_else(|| "no connections, no rooms".into(), |keys| format!("no connections, no rooms, {keys} keys"))
    }

    /// Everybody comes and goes.
    ///
    /// # Panics
    /// When somebody does not see the map or the change, or something is left behind.
    pub async fn wave(&mut self, number: usize, size: Size) {
        let shows: Vec<String> = (0..size.rooms).map(|room| format!("wave-{number}-{room}")).collect();
        for show in &shows {
            self.create(show).await;
        }
        let rooms = shows.iter().enumerate().map(|(room, show)| self.visit(room, show, size.visitors));
        stream::iter(rooms).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        self.everybody_is_gone().await;
        for (room, show) in shows.iter().enumerate() {
            let status = self.operate("DELETE", &path(show), "").await;
            assert_eq!(status, if is_removed_early(room) { 404 } else { 204 }, "{show}");
        }
        self.nothing_is_left_in_redis();
    }

    async fn create(&mut self, show: &str) {
        let body = format!(
            r#"{{"title":"{show}","startsAt":"2026-12-24T19:00:00Z","currency":"EUR","prices":{{}},"plan":"{PLAN}"}}"#
        );
        assert_eq!(self.operate("PUT", &path(show), &body).await, 201, "{show}");
    }

    async fn operate(&mut self, method: &str, path: &str, body: &str) -> u16 {
        self.operator.ask(&request(method, path, &[], body)).await.status
    }

    /// One room's life: all join, all see a change, all leave.
    async fn visit(&self, room: usize, show: &str, visitors: usize) {
        let address = &self.server.address;
        let kinds = (0..visitors).map(|n| Transport::of(room * visitors + n));
        let mut present = join_all(kinds.map(|transport| Visitor::join(address, show, transport))).await;
        let mut buyer = HttpConnection::open(address).await;
        let [wanted, kept] = [0, KEPT].map(|seat| self.seats.id(seat));
        let change = async {
            for (method, verb, seat) in [("POST", "lock", wanted), ("DELETE", "unlock", wanted), ("POST", "lock", kept)]
            {
                let body = format!(r#"{{"seats":["{seat}"],"userId":"buyer"}}"#);
                let answer = buyer.ask(&request(method, &format!("{}/seats/{verb}", path(show)), &[], &body)).await;
                assert_eq!(answer.status, 200, "{verb} {show}");
            }
        };
        let see = join_all(present.iter_mut().map(Visitor::see_a_change));
        futures_util::future::join(change, see).await;
        if is_removed_early(room) {
            let answer = buyer.ask(&request("DELETE", &path(show), &[], "")).await;
            assert_eq!(answer.status, 204, "{show}");
        }
        join_all(present.into_iter().zip(0..).map(|(visitor, n)| visitor.leave(Farewell::of(room * visitors + n))))
            .await;
    }

    /// Waits until nothing is held open. Longer than the server needs to give a silent connection up.
    async fn everybody_is_gone(&mut self) {
        let began = Instant::now();
        loop {
            let (counts, files) = (counts(&mut self.operator).await, self.server.open_files());
            if counts == (Counts { connections: 0, rooms: 0 }) && files <= self.files {
                // The connection by which the start was watched is closed when it was idle for long enough.
                self.files = files;
                return;
            }
            let more = files.cast_signed() - self.files.cast_signed();
            assert!(
                began.elapsed() < PATIENCE,
                "after {PATIENCE:?} there are {counts:?} and {more} files more than before"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What a wave leaves in Redis is what the one before it left: the seating plan.
    fn nothing_is_left_in_redis(&mut self) {
        let Some(redis) = self.redis else { return };
        // Nobody is there who would have to wait; this connection waits for as long as it takes.
        let mut connection = redis.client().get_connection().expect("redis answers");
        let channels = redis::cmd("PUBSUB").arg(&["CHANNELS", "showtime:*"]).query(&mut connection);
        assert_eq!(channels, Ok(Vec::<String>::new()), "rooms that are still heard");
        let keys = redis::cmd("DBSIZE").query(&mut connection).expect("redis answers");
        assert_eq!(*self.keys.get_or_insert(keys), keys, "keys in Redis");
    }
}

fn path(show: &str) -> String {
    format!("/api/v1/showtimes/{show}")
}

fn is_removed_early(room: usize) -> bool {
    room.is_multiple_of(REMOVED_EARLY)
}

async fn counts(operator: &mut HttpConnection) -> Counts {
    let answer = operator.ask(&request("GET", "/health/ready", &[], "")).await;
    let body: serde_json::Value = serde_json::from_str(answer.text()).expect("JSON");
    let [connections, rooms] = ["connections", "rooms"].map(|what| body[what].as_u64().expect("a number"));
    Counts { connections, rooms }
}

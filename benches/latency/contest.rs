//! Users who fight for few seats: one gets a seat and gives it back at once, the others are refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::RngExt;

use super::Stage;
use super::outcomes::{Outcomes, share};
use super::support::http_connection::request;
use super::support::{HttpConnection, Table};

/// How many seats there are to fight for.
const SEATS: usize = 10;

struct Fighter {
    connection: HttpConnection,
    /// Lock and unlock, for each seat.
    requests: Vec<[Vec<u8>; 2]>,
}

/// What came of the locks; expected is that the seat was free.
struct Fight {
    locks: Outcomes,
    refused: u64,
}

/// Lets all users fight.
pub async fn fight(stage: &Arc<Stage>, table: &mut Table) {
    let mut fighters = Vec::new();
    for number in 0..stage.users {
        fighters.push(Fighter::new(stage, number).await);
    }
    let began = Instant::now();
    let until = began + stage.lasts(Duration::from_secs(4));
    let fighting: Vec<_> = fighters.into_iter().map(|fighter| tokio::spawn(fighter.fight(until))).collect();
    let (mut locks, mut refused) = (Outcomes::new(), 0);
    for fighter in fighting {
        let fight = fighter.await.expect("a fighter ends well");
        locks.add(&fight.locks);
        refused += fight.refused;
    }
    let locks = locks.since(began);
    let total = locks.timings.total();
    let [p50, p99] = [50, 99].map(|percent| locks.timings.percentile(percent));
    table.row([
        format!("{SEATS} seats, full speed"),
        stage.users.to_string(),
        locks.per_second(),
        p50,
        p99,
        locks.timings.max(),
        share(locks.expected, total),
        share(refused, total),
        (total - locks.expected - refused).to_string(),
    ]);
}

impl Fighter {
    async fn new(stage: &Stage, number: usize) -> Self {
        let requests = (0..SEATS).map(|seat| {
            let body = format!(r#"{{"seats":["{}"],"userId":"user-{number}"}}"#, stage.seats.id(seat));
            [("POST", "lock"), ("DELETE", "unlock")]
                .map(|(method, verb)| request(method, &stage.path(verb), &[], &body))
        });
        Self { connection: HttpConnection::open(&stage.address).await, requests: requests.collect() }
    }

    async fn fight(mut self, until: Instant) -> Fight {
        let mut fight = Fight { locks: Outcomes::new(), refused: 0 };
        while Instant::now() < until {
            let [lock, unlock] = &self.requests[rand::rng().random_range(0..SEATS)];
            let sent = Instant::now();
            let status = self.connection.ask(lock).await.status;
            fight.locks.record(sent.elapsed(), status == 200);
            fight.refused += u64::from(status == 409);
            if status == 200 {
                let status = self.connection.ask(unlock).await.status;
                assert_eq!(status, 200, "a holder may give a seat back");
            }
        }
        fight
    }
}

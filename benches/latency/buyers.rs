//! Users who lock a seat of their own, extend the lock and unlock the seat, again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Stage;
use super::change::{self, Change};
use super::outcomes::Outcomes;
use super::support::HttpConnection;
use super::support::http_connection::request;

/// How soon a user sends the next request.
#[derive(Clone, Copy)]
pub enum Pace {
    /// As soon as the answer to the last one is there.
    FullSpeed,
    /// One in this time; users begin spread over it.
    Every(Duration),
}

/// What came of it: locks, extensions, unlocks, in this order, and every change that was made.
pub struct Sale {
    pub verbs: [Outcomes; 3],
    pub changes: Vec<Change>,
    pub began: Instant,
}

impl Sale {
    fn new(began: Instant) -> Self {
        Self { verbs: [Outcomes::new(), Outcomes::new(), Outcomes::new()], changes: Vec::new(), began }
    }
}

struct Buyer {
    connection: HttpConnection,
    /// Lock, extend, unlock.
    requests: [Vec<u8>; 3],
}

/// Lets all users buy.
pub async fn buy(stage: &Arc<Stage>, pace: Pace) -> Sale {
    let mut buyers = Vec::new();
    for number in 0..stage.users {
        buyers.push(Buyer::new(stage, number).await);
    }
    let lasts = stage.lasts(match pace {
        Pace::FullSpeed => Duration::from_secs(5),
        Pace::Every(interval) => interval * 15,
    });
    let began = Instant::now();
    let users = u32::try_from(stage.users).expect("few users");
    let buying: Vec<_> = (0..)
        .zip(buyers)
        .map(|(number, buyer)| {
            let first = match pace {
                Pace::FullSpeed => began,
                Pace::Every(interval) => began + interval * number / users,
            };
            tokio::spawn(buyer.buy(pace, first, began + lasts))
        })
        .collect();
    let mut sale = Sale::new(began);
    for buyer in buying {
        let one = buyer.await.expect("a buyer ends well");
        sale.verbs.iter_mut().zip(&one.verbs).for_each(|(all, one)| all.add(one));
        sale.changes.extend(one.changes);
    }
    sale.verbs = sale.verbs.map(|outcomes| outcomes.since(began));
    sale
}

impl Buyer {
    async fn new(stage: &Stage, number: usize) -> Self {
        let body = format!(r#"{{"seats":["{}"],"userId":"user-{number}"}}"#, stage.seats.id(number));
        let requests = [("POST", "lock"), ("PUT", "extend-lock"), ("DELETE", "unlock")]
            .map(|(method, verb)| request(method, &stage.path(verb), &[], &body));
        Self { connection: HttpConnection::open(&stage.address).await, requests }
    }

    /// Buys until the time is over, and leaves no lock behind.
    async fn buy(mut self, pace: Pace, mut next: Instant, until: Instant) -> Sale {
        let mut sale = Sale::new(next);
        while next < until {
            for (request, outcomes) in self.requests.iter().zip(&mut sale.verbs) {
                tokio::time::sleep_until(next.into()).await;
                let sent = Instant::now();
                let answer = self.connection.ask(request).await;
                outcomes.record(sent.elapsed(), answer.status == 200);
                if answer.status == 200 {
                    let seq = change::seq(answer.text()).expect("an answer has a position");
                    sale.changes.push(Change { seq, sent });
                }
                next = match pace {
                    Pace::FullSpeed => Instant::now(),
                    Pace::Every(interval) => next + interval,
                };
            }
        }
        sale
    }
}

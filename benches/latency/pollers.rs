//! Users who ask for the status of all seats, while nothing changes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Stage;
use super::outcomes::Outcomes;
use super::support::HttpConnection;
use super::support::http_connection::request;

/// What a poller wants.
#[derive(Clone, Copy)]
pub enum Poll {
    /// All seats.
    Whole,
    /// All seats, compressed as browsers ask for it.
    Compressed,
    /// All seats, unless they are as they were.
    Unchanged,
}

/// Lets all users poll.
pub async fn poll(stage: &Arc<Stage>, poll: Poll) -> Outcomes {
    let (request, expected) = wanted(stage, poll).await;
    let mut connections = Vec::new();
    for _ in 0..stage.users {
        connections.push(HttpConnection::open(&stage.address).await);
    }
    let began = Instant::now();
    let until = began + stage.lasts(Duration::from_secs(4));
    let polling: Vec<_> =
        connections.into_iter().map(|line| tokio::spawn(poll_until(line, request.clone(), expected, until))).collect();
    let mut outcomes = Outcomes::new();
    for poller in polling {
        outcomes.add(&poller.await.expect("a poller ends well"));
    }
    outcomes.since(began)
}

/// The request, and the status that it should be answered with.
async fn wanted(stage: &Stage, poll: Poll) -> (Vec<u8>, u16) {
    let path = stage.path("status");
    match poll {
        Poll::Whole => (request("GET", &path, &[], ""), 200),
        Poll::Compressed => (request("GET", &path, &["accept-encoding: gzip, deflate, br"], ""), 200),
        Poll::Unchanged => {
            let mut connection = HttpConnection::open(&stage.address).await;
            let answer = connection.ask(&request("GET", &path, &[], "")).await;
            let tag = answer.header("etag").expect("a tag");
            (request("GET", &path, &[&format!("if-none-match: {tag}")], ""), 304)
        }
    }
}

async fn poll_until(mut connection: HttpConnection, request: Vec<u8>, expected: u16, until: Instant) -> Outcomes {
    let mut outcomes = Outcomes::new();
    while Instant::now() < until {
        let sent = Instant::now();
        let status = connection.ask(&request).await.status;
        outcomes.record(sent.elapsed(), status == expected);
    }
    outcomes
}

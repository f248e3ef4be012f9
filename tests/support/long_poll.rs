//! A viewer that asks for changes and waits for the answer, again and again, keeping a replica of the map.

use std::sync::Arc;

use super::api::{Api, Reply};
use super::plan::SeatIds;
use super::replica::Replica;

/// A viewer by long polls.
pub struct LongPoll {
    api: Api,
    showtime: String,
    seats: Arc<SeatIds>,
    pub replica: Replica,
    pub stale: bool,
    pub snapshots: usize,
    /// How many sequence numbers came in diffs.
    pub seen: u64,
}

impl LongPoll {
    /// A viewer who knows nothing yet.
    pub fn new(api: &Api, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        Self {
            api: api.clone(),
            showtime: showtime.to_owned(),
            seats: Arc::clone(seats),
            replica: Replica::default(),
            stale: false,
            snapshots: 0,
            seen: 0,
        }
    }

    /// The same viewer at another server.
    pub fn move_to(&mut self, api: &Api) {
        self.api = api.clone();
    }

    /// Asks once, waiting up to this many seconds, and takes what comes. Returns the answer.
    pub async fn ask(&mut self, wait: u32) -> reqwest::Result<Reply> {
        let since = match self.replica.position.as_str() {
            "" => String::new(),
            position => format!("since={position}&"),
        };
        let path = format!("/api/v1/showtimes/{}/seats/changes?{since}wait={wait}", self.showtime);
        let reply = self.api.try_send(self.api.request("GET", &path)).await?;
        match reply.status {
            200 => {
                self.stale = reply.body["stale"].as_bool().expect("stale is true or false");
                if reply.body["snapshot"].is_object() {
                    self.replica.take_snapshot(&reply.body["snapshot"], &self.seats);
                    self.snapshots += 1;
                } else {
                    self.seen += self.replica.take_diff(&reply.body["from"], &reply.body, &self.seats);
                }
            }
            204 => self.stale = false,
            _ => {}
        }
        Ok(reply)
    }

    /// Asks until the seat has this letter.
    pub async fn until_seat(&mut self, seat: &str, letter: char) {
        let index = self.seats.index(seat);
        let asking = async {
            while self.replica.letter(index) != letter {
                let status = self.ask(25).await.expect("the server answers").status;
                assert!(status == 200 || status == 204, "{status}");
            }
        };
        let done = tokio::time::timeout(super::wait::PATIENCE, asking).await;
        assert!(done.is_ok(), "seat {seat} did not become {letter:?}; the replica is at {}", self.replica.position);
    }
}

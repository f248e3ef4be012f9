//! A viewer that asks for every seat again and again, as old pages do.

use std::time::Duration;

use rand::RngExt;
use seatcast::domain::position::Position;
use seatcast::domain::time::Timestamp;
use serde::Deserialize;

use super::map::{SeatMap, Wrong, letter};
use super::viewer::{Ended, Viewer, retry_after};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How much a client's interval differs from the one it is told, at random, so that clients do not come in step.
const JITTER: std::ops::Range<f64> = 0.8..1.2;

/// What of the answer a viewer needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    position: String,
    stale: bool,
    poll_interval_seconds: u32,
    seats: Vec<Seat>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    status: String,
    expires_at: Option<Timestamp>,
}

impl Viewer {
    /// Asks again and again until it is over.
    pub async fn by_status_polls(&mut self) -> Ended {
        let mut tag = String::new();
        let mut interval = Duration::from_secs(1);
        let mut lived = false;
        loop {
            let request = self.http.get(format!("{}/seats/status", self.base())).header("if-none-match", &tag);
            let request = request.timeout(ANSWER_TIMEOUT);
            let Ok(answer) = request.send().await else { return Ended::lost(lived) };
            match answer.status().as_u16() {
                304 => self.sight.lock().connected = true,
                200 => {
                    let header = answer.headers().get("etag").and_then(|value| value.to_str().ok());
                    header.unwrap_or_default().clone_into(&mut tag);
                    let Ok(status) = answer.json::<Status>().await else { return Ended::lost(lived) };
                    interval = Duration::from_secs(u64::from(status.poll_interval_seconds));
                    if let Err(wrong) = self.take_status(&status) {
                        return Ended::Wrong(wrong);
                    }
                }
                status => return Self::refused(status, retry_after(&answer)),
            }
            lived = true;
            tokio::select! {
                order = self.orders.recv() => if let Some(ended) = self.obey(order).await { return ended },
                () = tokio::time::sleep(interval.mul_f64(self.random.random_range(JITTER))) => {}
            }
        }
    }

    fn take_status(&self, status: &Status) -> Result<(), Wrong> {
        let position: Position = status.position.parse().map_err(|error| format!("{error}"))?;
        let mut map = SeatMap::default();
        for (seat, index) in status.seats.iter().zip(0..) {
            map.letters.push(letter(&seat.status)?);
            map.locks.extend(seat.expires_at.map(|deadline| (index, deadline)));
        }
        let mut sight = self.sight.lock();
        sight.stale = status.stale;
        // The question has no position in it: another node may know a little less.
        let may_go_back = !sight.connected;
        let taken = sight.replace(position, map, self.plan.len(), may_go_back);
        drop(sight);
        self.findings.checked(crate::findings::Invariant::Ordered, 1);
        taken
    }
}

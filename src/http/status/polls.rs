//! Polls: an open room, and the answer that all who ask about it share.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;

use super::answer::{Answer, Shown};
use super::kept::Kept;
use crate::http::coding::Coding;
use crate::lifecycle::Tasks;
use crate::rooms::Hub;
use crate::store::SeatStore;

/// Answers that are kept, in bytes. One that does not fit is written for each request.
const KEPT: u64 = 64 << 20;
/// How often answers are forgotten that are too old to be given to anybody.
const FORGET_EVERY: Duration = Duration::from_secs(1);

/// Answers polls of all showtimes.
pub struct Polls {
    store: Arc<dyn SeatStore>,
    hub: Arc<Hub>,
    poll_seconds: u32,
    kept: Arc<Kept>,
}

impl Polls {
    /// Clients are told to wait `poll_seconds` between polls.
    pub fn new(store: Arc<dyn SeatStore>, hub: Arc<Hub>, poll_seconds: u32, tasks: &Tasks) -> Self {
        let kept = Arc::new(Kept::new(KEPT));
        tasks.spawn("polled answers", forget(Arc::clone(&store), Arc::clone(&kept)));
        Self { store, hub, poll_seconds, kept }
    }

    /// What pollers of a showtime get now; `None` when its room is not open, or was not read. The answer is never older than the
    /// room's map.
    pub fn answer(&self, showtime: &str) -> Option<Arc<Answer>> {
        let now = self.store.now();
        // The room is held meanwhile: of those who come together one makes the answer, the others find it.
        self.hub.poll(showtime, |live, stale_since| {
            let shown = Shown { view: &live.view, snapshot: &live.snapshot, stale_since, now };
            self.kept.get(showtime).filter(|answer| answer.is_right(shown)).unwrap_or_else(|| {
                let answer = Arc::new(Answer::new(shown, self.poll_seconds));
                self.kept.put(&answer);
                answer
            })
        })
    }

    /// The answer's body in this form. Whoever asks first writes it, the others wait for it.
    pub async fn body(&self, answer: &Arc<Answer>, coding: Coding) -> Bytes {
        if let Some(body) = answer.ready(coding) {
            return body.clone();
        }
        let body = answer.body(coding).await;
        self.kept.weigh(answer);
        body
    }
}

/// Forgets old answers, for ever: a showtime that is polled has a new one, and one that is not needs none.
async fn forget(store: Arc<dyn SeatStore>, kept: Arc<Kept>) {
    loop {
        tokio::time::sleep(FORGET_EVERY).await;
        let now = store.now();
        kept.retain(|answer| answer.is_young(now));
    }
}

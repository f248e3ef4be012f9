//! A viewer that costs next to nothing, for crowds: it follows positions without reading what changed, notes when each came, and
//! fails on a gap or a second snapshot.

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use parking_lot::Mutex;
use seatcast::domain::position::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Follows a showtime until it is dropped.
pub struct Follower {
    position: watch::Receiver<Option<Position>>,
    arrivals: Arc<Mutex<Vec<(u64, Instant)>>>,
    task: JoinHandle<()>,
}

impl Follower {
    /// Joins the showtime's room.
    pub async fn join(base: &str, show: &str) -> Self {
        let url = format!("{base}/api/v1/showtimes/{show}/live").replacen("http", "ws", 1);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("the handshake succeeds");
        let (told, position) = watch::channel(None::<Position>);
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&arrivals);
        let task = tokio::spawn(async move {
            while let Some(message) = socket.next().await {
                let message = message.expect("the connection stands");
                let Ok(text) = message.to_text() else { continue };
                let now = field(text, "position");
                if text.contains("\"type\":\"snapshot\"") {
                    assert!(told.borrow().is_none(), "a second snapshot: the viewer fell behind");
                } else if text.contains("\"type\":\"diff\"") {
                    assert_eq!(field(text, "prev"), *told.borrow(), "a diff builds on what the viewer has");
                } else {
                    continue;
                }
                let now = now.expect("a position");
                noted.lock().push((now.seq, Instant::now()));
                told.send_replace(Some(now));
            }
        });
        let mut follower = Self { position, arrivals, task };
        follower.until(0).await;
        follower
    }

    /// Waits until the viewer has come this far. The caller sets the deadline.
    ///
    /// # Panics
    /// When the viewer saw what cannot be, or was closed.
    pub async fn until(&mut self, seq: u64) {
        let there = |now: &Option<Position>| now.as_ref().is_some_and(|now| now.seq >= seq);
        self.position.wait_for(there).await.expect("a viewer stays connected");
    }

    /// When the viewer had come this far.
    pub fn arrival(&self, seq: u64) -> Option<Instant> {
        self.arrivals.lock().iter().find(|(at, _)| *at >= seq).map(|(_, arrived)| *arrived)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn field(text: &str, name: &str) -> Option<Position> {
    let value = text.split_once(&format!("\"{name}\":\""))?.1.split_once('"')?.0;
    value.parse().ok()
}

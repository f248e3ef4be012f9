//! The task that keeps one room: has the feed carry it, reads the store whenever something is missing, and closes the room when
//! nobody is left.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;

use super::hub::Hub;
use super::room::{Phase, ReadOrder, Room};
use crate::store::StoreError;

/// The longest wait before a failed watch or read is repeated; the wait is a random part of it.
const RETRY: Duration = Duration::from_millis(500);

impl Hub {
    /// Keeps a room until nobody is left or the showtime is gone.
    pub(super) async fn keep(self: Arc<Self>, room: Arc<Room>) {
        let mut watched = false;
        loop {
            // What is read counts as the truth only if the feed carried the showtime before: listen first, read second.
            if watched && room.take_rewatch() {
                self.watch_anew(&room).await;
            }
            if !watched {
                watched = self.store.watch(&room.id).await.unwrap_or(false);
                room.read_again();
            }
            let read = self.read(&room).await;
            room.reads.send_modify(|reads| *reads += 1);
            let closed = match read {
                Ok(true) if watched => {
                    self.mark_fresh(&room);
                    self.rest(&room).await
                }
                Ok(true) => self.pause(&room).await,
                Ok(false) => true,
                Err(error) => {
                    room.read_again();
                    room.note_failure(error);
                    self.pause(&room).await
                }
            };
            if closed {
                break;
            }
        }
        self.remove(&room);
        if watched {
            self.store.unwatch(&room.id).await;
        }
    }

    /// Has the store ask for the feed again. Watches are counted: the one that is begun on top is ended again.
    async fn watch_anew(&self, room: &Room) {
        if let Ok(true) = self.store.watch(&room.id).await {
            self.store.unwatch(&room.id).await;
        }
    }

    /// Reads until nothing is missing. `false` when the showtime is gone.
    async fn read(&self, room: &Room) -> Result<bool, StoreError> {
        while let Some(order) = room.begin_read() {
            let _paced = self.paced().await;
            if let ReadOrder::Since(position) = order
                && let Some(diffs) = self.store.changes_since(&room.id, &position).await?
                && room.catch_up(&diffs)
            {
                continue;
            }
            let Some(history) = self.store.snapshot(&room.id).await? else {
                room.end();
                return Ok(false);
            };
            room.install(history);
            room.set_phase(Phase::Live);
        }
        Ok(true)
    }

    /// Waits before the next attempt. `true` when the room was closed: nobody is there, and it has no map. One that has a map
    /// stays: in an outage it is all that pollers have, and it closes after it.
    async fn pause(&self, room: &Arc<Room>) -> bool {
        let wait = RETRY.mul_f64(rand::rng().random_range(0.1..=1.0));
        tokio::time::sleep(wait).await;
        room.look(|_, _| ()).is_none() && self.close_if_empty(room)
    }

    /// Waits until there is something to read. `true` when the room was closed, after nobody was there for a while.
    async fn rest(&self, room: &Arc<Room>) -> bool {
        loop {
            let woken = room.wake.notified();
            if room.wants_read() {
                return false;
            }
            if room.members() > 0 {
                woken.await;
                continue;
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(self.options.linger) => if self.close_if_empty(room) {
                    return true;
                },
            }
        }
    }
}

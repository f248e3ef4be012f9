//! Compares what the rooms show with where the store stands, again and again: whatever the feed lost without saying so is found
//! here, within two rounds. A feed that is well makes this find nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;

use super::hub::Hub;
use super::room::Room;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;

/// How often all rooms are compared. Two rounds and a read stay below the 5 s in which every map must be right again.
const COMPARE_EVERY: Duration = Duration::from_millis(1_500);

/// The rooms that stood elsewhere than the store in the last round, and where they stood.
type Differing = HashMap<ShowtimeId, Position>;

impl Hub {
    /// Compares for ever.
    pub(super) async fn compare(self: Arc<Self>) {
        let mut differing = Differing::new();
        loop {
            // Servers on one store spread their questions.
            let pause = COMPARE_EVERY.mul_f64(rand::rng().random_range(0.8..=1.0));
            tokio::time::sleep(pause).await;
            differing = self.compare_once(&differing).await;
        }
    }

    /// One round. A room that differs may only have to wait for a change that is on its way; one that has not moved by the next
    /// round, and differs still, will not hear of it. (One that has moved and lacks something sees the gap itself.)
    async fn compare_once(&self, before: &Differing) -> Differing {
        let mut differing = Differing::new();
        let (rooms, seen) = self.settled_rooms();
        if !self.is_feed_live() || seen.is_empty() {
            return differing;
        }
        let Ok(stands) = self.store.positions(&seen).await else { return differing };
        let mut gaps = 0;
        for ((room, (id, at)), stand) in rooms.iter().zip(seen).zip(stands) {
            if stand.as_ref() == Some(&at) {
                continue;
            }
            if before.get(&id) == Some(&at) {
                gaps += 1;
                room.begin_anew();
            } else {
                differing.insert(id, at);
            }
        }
        if gaps > 0 {
            self.note_gaps(gaps);
        }
        differing
    }

    /// The rooms that should lack nothing, and where they stand.
    fn settled_rooms(&self) -> (Vec<Arc<Room>>, Vec<(ShowtimeId, Position)>) {
        let settled = self.open_rooms().into_iter().filter_map(|room| {
            let at = room.settled_at()?;
            let id = room.id.clone();
            Some((room, (id, at)))
        });
        settled.unzip()
    }
}

//! What a viewer holds: any number of rooms, whose messages come out in one stream.
//!
//! A viewer who falls behind in a room is brought up to date by a snapshot; nobody waits for it.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio_stream::StreamMap;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

use super::JoinError;
use super::hub::{Hub, Membership};
use super::update::{Body, Update};
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;

/// A viewer's rooms.
pub struct Subscriptions {
    hub: Arc<Hub>,
    rooms: HashMap<ShowtimeId, Membership>,
    streams: StreamMap<ShowtimeId, BroadcastStream<Arc<Update>>>,
}

impl Subscriptions {
    /// A viewer in no room.
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub, rooms: HashMap::new(), streams: StreamMap::new() }
    }

    /// Enters a room, or begins anew in one that was entered before. The messages that come first are returned; from then
    /// on [`Subscriptions::next`] has every change, each once.
    ///
    /// # Errors
    /// [`JoinError`]; the viewer is then not in the room.
    pub async fn join(&mut self, id: &ShowtimeId, since: Option<&Position>) -> Result<Vec<Arc<Update>>, JoinError> {
        let membership = self.hub.enter(id).await?;
        if let Some(since) = since {
            self.hub.catch_up(membership.room(), since).await;
        }
        let Some((first, updates)) = membership.room().listen(since) else {
            return Err(JoinError::UnknownShowtime);
        };
        self.streams.insert(id.clone(), BroadcastStream::new(updates));
        self.rooms.insert(id.clone(), membership);
        Ok(first)
    }

    /// Leaves a room. `false` when the viewer was not in it.
    pub fn leave(&mut self, id: &ShowtimeId) -> bool {
        self.streams.remove(id);
        self.rooms.remove(id).is_some()
    }

    /// Whether the viewer is in the room.
    pub fn contains(&self, id: &ShowtimeId) -> bool {
        self.rooms.contains_key(id)
    }

    /// Since when the room's map is stale, if it is.
    pub fn stale_since(&self, id: &ShowtimeId) -> Option<Timestamp> {
        self.rooms.get(id)?.room().look(|_, stale_since| stale_since)?
    }

    /// How many rooms the viewer is in.
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether the viewer is in no room.
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// The next messages: one, or those that bring a viewer up to date who fell behind. Waits for ever while there is no room.
    pub async fn next(&mut self) -> Vec<Arc<Update>> {
        loop {
            let Some((id, item)) = self.streams.next().await else {
                std::future::pending::<()>().await;
                continue;
            };
            match item {
                Ok(update) => {
                    if matches!(update.body, Body::Gone) {
                        self.leave(&id);
                    }
                    return vec![update];
                }
                Err(BroadcastStreamRecvError::Lagged(_)) => {
                    if let Some((mut messages, updates)) =
                        self.rooms.get(&id).and_then(|member| member.room().listen(None))
                    {
                        // That the map is live again may be among what was missed.
                        if messages.len() == 1 {
                            messages.push(Update::new(id.clone(), Body::Status { stale_since: None }));
                        }
                        self.streams.insert(id, BroadcastStream::new(updates));
                        return messages;
                    }
                    // The showtime went while the viewer was behind.
                    self.leave(&id);
                    return vec![Update::new(id, Body::Gone)];
                }
            }
        }
    }
}

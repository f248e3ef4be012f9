//! One viewer in one room: waits for news, and has it in as few messages as it takes.

use std::sync::Arc;

use tokio::sync::watch;

use super::JoinError;
use super::cursor::Cursor;
use super::hub::{Hub, Membership};
use super::update::Update;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;

/// A viewer's place in a room.
pub struct Subscription {
    membership: Membership,
    cursor: Cursor,
    moved: watch::Receiver<()>,
}

impl Subscription {
    /// Enters a room. The messages that come first are returned: a diff from `since` when it is known what happened since,
    /// otherwise the whole map; then whether it is stale. From then on [`Subscription::next`] leads on.
    ///
    /// # Errors
    /// [`JoinError`]
    pub async fn join(
        hub: &Arc<Hub>,
        id: &ShowtimeId,
        since: Option<&Position>,
    ) -> Result<(Self, Vec<Arc<Update>>), JoinError> {
        let membership = hub.enter(id).await?;
        if let Some(since) = since {
            hub.catch_up(membership.room(), since).await;
        }
        let moved = membership.room().moved();
        let (first, cursor) = membership.room().listen(since).ok_or(JoinError::UnknownShowtime)?;
        Ok((Self { membership, cursor, moved }, first))
    }

    /// The whole map as it is now.
    pub fn whole(&self) -> Option<Arc<Update>> {
        self.membership.room().whole()
    }

    /// Since when the map is stale, if it is.
    pub fn stale_since(&self) -> Option<Timestamp> {
        self.membership.room().look(|_, stale_since| stale_since)?
    }

    /// Waits until there is news, and brings the viewer from where it was to now. What came in between is told once. After
    /// [`Body::Gone`](super::Body::Gone) it waits for ever.
    pub async fn next(&mut self) -> Vec<Arc<Update>> {
        loop {
            let mut news = Vec::new();
            while let Some((update, cursor)) = self.membership.room().step(self.cursor) {
                self.cursor = cursor;
                news.push(update);
            }
            if !news.is_empty() {
                return news;
            }
            if self.moved.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

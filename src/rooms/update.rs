//! What a room tells its viewers. The forms in which it travels are made once, by whoever needs them first, and shared.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::domain::diff::Diff;
use crate::domain::ids::ShowtimeId;
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::store::ShowtimeView;

/// One message of a room.
#[derive(Debug)]
pub struct Update {
    pub showtime: ShowtimeId,
    pub body: Body,
    /// As a WebSocket frame.
    pub frame: OnceLock<Bytes>,
    /// As an event of a stream.
    pub event: OnceLock<Bytes>,
}

/// What the message says.
#[derive(Debug)]
pub enum Body {
    /// The whole map: forget what you have.
    Snapshot { view: Arc<ShowtimeView>, snapshot: Snapshot },
    /// What changed.
    Diff { view: Arc<ShowtimeView>, diff: Diff },
    /// The store went out of reach at the given time, or is back (`None`).
    Status { stale_since: Option<Timestamp> },
    /// The showtime was removed.
    Gone,
}

impl Update {
    /// A message that nobody has encoded yet.
    pub fn new(showtime: ShowtimeId, body: Body) -> Arc<Self> {
        Arc::new(Self { showtime, body, frame: OnceLock::new(), event: OnceLock::new() })
    }
}

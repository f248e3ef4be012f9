//! Live rooms: one for each showtime that somebody looks at, holding its map in memory and telling every viewer what changes.
//!
//! `room` decides (pure, no runtime) about its map, which is in `live`; `hub` is the registry, `keeper` reads the store for one room,
//! `comparison` looks whether the feed left something out. A viewer has a `cursor`, which says what it was told, and takes steps from
//! there: there are no queues. `subscription` does that for one viewer. Rooms know no transport and no JSON: WebSocket, streams and
//! polling are framings of the same steps.
//!
//! Invariant: a room's map is brought forward only by diffs that follow each other, or replaced by a snapshot of the store;
//! whatever it hears of and does not have makes it read the store again.

mod comparison;
mod cursor;
mod hub;
mod keeper;
mod live;
mod room;
mod subscription;
mod update;

pub use cursor::Cursor;
pub use hub::{Hub, HubOptions, Membership};
pub use live::Live;
pub use room::Room;
pub use subscription::Subscription;
pub use update::{Body, Update};

use crate::store::StoreError;

/// Why a room cannot be joined.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JoinError {
    #[error("there is no such showtime")]
    UnknownShowtime,
    #[error("the showtime cannot be read")]
    Store(#[source] StoreError),
}

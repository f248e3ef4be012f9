//! Live rooms: one for each showtime that somebody looks at, holding its map in memory and telling every viewer what changes.
//!
//! `room` decides (pure, no runtime), `hub` is the registry, `keeper` reads the store for one room, `comparison` looks whether the
//! feed left something out, `subscription` is what a viewer holds. Rooms know no transport and no JSON: WebSocket, streams and
//! polling are framings of one subscription.
//!
//! Invariant: a room's map is brought forward only by diffs that follow each other, or replaced by a snapshot of the store;
//! whatever it hears of and does not have makes it read the store again.

mod comparison;
mod hub;
mod keeper;
mod room;
mod subscription;
mod update;

pub use hub::{Hub, HubOptions, Membership};
pub use room::{Live, Room};
pub use subscription::Subscriptions;
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

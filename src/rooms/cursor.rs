//! What a viewer of a room was told last. Nothing waits for a viewer: whoever looks again is told what leads from there to now.

/// Where a viewer stands in one room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which map. Another one begins whenever history cannot be continued.
    pub(super) map: u64,
    /// How far the map was told.
    pub(super) seq: u64,
    /// Whether it was told that the map is stale.
    pub(super) stale: bool,
}

impl Cursor {
    /// Of a viewer who was told that the showtime is gone: there is nothing more to tell.
    pub const END: Self = Self { map: u64::MAX, seq: 0, stale: false };
}

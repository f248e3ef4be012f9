//! A change of the map, known by its sequence number.

use std::time::Instant;

/// A change that somebody asked for.
#[derive(Clone, Copy)]
pub struct Change {
    pub seq: u64,
    pub sent: Instant,
}

/// The sequence number of the position in a JSON text, if it has one.
pub fn seq(text: &str) -> Option<u64> {
    let (_, position) = text.split_once("\"position\":\"")?;
    let (position, _) = position.split_once('"')?;
    position.rsplit_once('-')?.1.parse().ok()
}

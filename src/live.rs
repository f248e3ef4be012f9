//! The live edge: rooms over WebSocket and as event streams.
//!
//! `protocol` holds every message and close code, `client` reads what clients send, `heartbeat` says when somebody is gone,
//! `socket` carries it all. `events` is the same one-way.
//! `connections` counts what is held open. What a message means is decided in `api` and `rooms`.

mod client;
pub mod close;
mod connections;
mod events;
mod heartbeat;
pub mod protocol;
mod socket;

pub use connections::{ConnectionLimits, Connections, Full, Place};
pub use events::events;
pub use heartbeat::HeartbeatOptions;
pub use socket::{LiveQuery, live};

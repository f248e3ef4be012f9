//! The live edge: rooms over WebSocket and as event streams.
//!
//! `protocol` holds every message and close code, `client` reads what clients send, `heartbeat` says when somebody is gone,
//! `socket` serves one WebSocket connection: it reads from an `inbox` and writes `frame`s to a `line`, as the `audience` does, which
//! tells a room's news to all of a worker's viewers. `events` is the same one-way.
//! `connections` counts what is held open. What a message means is decided in `api` and `rooms`.

mod audience;
mod client;
pub mod close;
mod connections;
mod events;
pub mod frame;
mod heartbeat;
mod inbox;
mod line;
pub mod protocol;
mod socket;

pub use audience::Audiences;
pub use connections::{ConnectionLimits, Connections, Full, Place};
pub use events::events;
pub use heartbeat::HeartbeatOptions;
pub use socket::{LiveQuery, Opening, Upgrade, live};

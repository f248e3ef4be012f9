//! The live edge: rooms over WebSocket.
//!
//! `protocol` holds every message and close code, `client` reads what clients send, `heartbeat` says when somebody is gone,
//! `socket` carries it all. What a message means is decided in `api` and `rooms`.

mod client;
pub mod close;
mod heartbeat;
pub mod protocol;
mod socket;

pub use heartbeat::HeartbeatOptions;
pub use socket::{LiveQuery, live};

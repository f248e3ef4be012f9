//! Faults, one at a time, on the real program with real processes and connections. After each the same is checked: no seat had
//! two holders, no acknowledged change is lost, no number was skipped in silence, and every viewer has the store's map.
//!
//! Every test here is in a row of the table in `docs/operations.md`, "Faults and what users see".

mod clock;
mod crowd;
mod garbage;
mod network;
mod redis;
pub mod scene;
mod server;
mod stalled;
mod table;
mod trickle;

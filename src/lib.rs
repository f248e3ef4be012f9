//! Seatcast, a real-time seat-map server: seats lock in a store, and every map moves at once.
//!
//! The pieces depend inwards: `domain` <- `store` <- `rooms` <- `api` <- `live`, `http` <- `app`. `docs/architecture.md` is the map.

pub mod api;
pub mod app;
pub mod config;
pub mod context;
mod demo;
pub mod domain;
pub mod draining;
pub mod http;
pub mod lifecycle;
pub mod listener;
pub mod live;
pub mod plans;
pub mod rooms;
pub mod store;
pub mod telemetry;
pub mod transfer;
mod worker;

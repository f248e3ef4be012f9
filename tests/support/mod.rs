//! What tests and benches share: a real Redis on a port of its own, a server on port 0, a client with verbs, a viewer that
//! keeps a replica.
#![allow(dead_code, unused_imports, reason = "each test binary and bench uses a part")]

pub mod api;
pub mod plan;
pub mod proxy;
pub mod redis_server;
pub mod server;
pub mod viewer;
pub mod wait;

pub use api::{Api, Reply};
pub use redis_server::RedisServer;
pub use server::Node;
pub use viewer::{Replica, Viewer};
pub use wait::eventually;

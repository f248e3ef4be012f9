//! What tests and benches share: a real Redis on a port of its own, a server in the process or as a program of its own, a client
//! with verbs, a viewer that keeps a replica; for benches, percentiles and tables.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary and bench uses a part")]

pub mod api;
pub mod authority;
pub mod broken_store;
pub mod cluster;
pub mod cpu_time;
pub mod event_stream;
pub mod fake_clock;
pub mod follower;
pub mod frame_reader;
pub mod handshake;
pub mod history;
pub mod http_connection;
pub mod lockers;
pub mod long_poll;
pub mod plan;
pub mod process;
pub mod proxy;
pub mod redis_server;
pub mod replica;
pub mod scale;
pub mod sentinel_set;
pub mod server;
pub mod table;
pub mod test_store;
pub mod timings;
pub mod trend;
pub mod viewer;
pub mod wait;
pub mod watchers;

pub use api::{Api, Reply};
pub use broken_store::{BrokenStore, Bug};
pub use cluster::RedisCluster;
pub use event_stream::EventStream;
pub use fake_clock::FakeClock;
pub use follower::Follower;
pub use frame_reader::FrameReader;
pub use history::{Answer, Answers, History, Kind, Recorder, Unanswered};
pub use http_connection::HttpConnection;
pub use lockers::Lockers;
pub use long_poll::LongPoll;
pub use process::ServerProcess;
pub use redis_server::RedisServer;
pub use replica::Replica;
pub use scale::Scale;
pub use sentinel_set::SentinelSet;
pub use server::Node;
pub use table::Table;
pub(crate) use test_store::on_each_store;
pub use test_store::{OpenStore, RULES, TestStore};
pub use timings::Timings;
pub use trend::Trend;
pub use viewer::Viewer;
pub use wait::eventually;
pub use watchers::Watchers;

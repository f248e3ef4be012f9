//! The server from outside: each test has its own store and its own servers on ports that the system chose.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod cluster;
mod conformance;
mod contest;
mod crash;
mod draining;
mod embedded;
mod external_locks;
mod faults;
mod house;
mod limits;
mod linearizability;
mod live;
mod lost_data;
mod model;
mod outage;
mod pages;
mod polls;
mod program;
mod repair;
mod rights;
mod scaling;
mod seats;
mod sentinel;
mod shared_redis;
mod showtimes;
mod tls;
mod transfer;
mod transports;
mod trend;
mod upgrade;
mod witness;

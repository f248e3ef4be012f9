//! The server from outside: each test has its own Redis and its own servers on ports that the system chose.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod contest;
mod external_locks;
mod house;
mod live;
mod model;
mod outage;
mod pages;
mod program;
mod seats;
mod showtimes;

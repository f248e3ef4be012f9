//! What a seat map is: showtimes, plans, seats, locks, bookings, positions, diffs.
//!
//! Everything here is pure. There is no clock, no runtime, no network, no environment: `now` is an argument, and every
//! decision is a function from values to values. The stores and the property tests use these functions as the reference.

pub mod archive;
pub mod booking;
pub mod diff;
pub mod ids;
pub mod plan;
pub mod position;
pub mod seat;
pub mod showtime;
pub mod snapshot;
pub mod time;
pub mod transition;

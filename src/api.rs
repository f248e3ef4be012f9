//! What clients send and get, whatever carries it: requests, answers, problems. HTTP and the socket share it.
//!
//! Nothing here knows a transport. A response never shows who holds a seat, except to that holder.

pub mod answers;
pub mod problem;
pub mod requests;
pub mod seats;
pub mod showtimes;
pub mod status;

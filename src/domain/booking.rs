//! The ledger's entry for one booking, and what repeating or refunding it means.
//!
//! Entries are never removed while the showtime lives, so that a repeated request is always recognised.

use serde::{Deserialize, Serialize};

use super::ids::{BookingId, SeatId, UserId};
use super::time::Timestamp;

/// One sale of some seats to one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    pub booking_id: BookingId,
    pub user_id: UserId,
    pub booked_at: Timestamp,
    /// The seats as booked.
    pub seats: Vec<SeatId>,
    /// Those of `seats` that were refunded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<SeatId>,
}

impl Booking {
    /// Whether a request to book `seats` for `user` repeats this booking: the same user, the same seats in any order, and
    /// nothing of it refunded since.
    pub fn is_repeated_by(&self, user: &UserId, seats: &[SeatId]) -> bool {
        self.released.is_empty()
            && self.user_id == *user
            && self.seats.len() == seats.len()
            && seats.iter().all(|seat| self.seats.contains(seat))
    }

    /// Whether the booking owns the seat now.
    pub fn owns(&self, seat: &SeatId) -> bool {
        self.seats.contains(seat) && !self.released.contains(seat)
    }
}

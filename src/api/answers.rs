//! What clients get about seats.

use serde::Serialize;

use crate::domain::booking::Booking;
use crate::domain::ids::{BookingId, SeatId, ShowtimeId, UserId};
use crate::domain::position::Position;
use crate::domain::seat::SeatStatus;
use crate::domain::showtime::Price;
use crate::domain::time::Timestamp;
use crate::store::{Booked, Changed, Done, Fact, Facts, Held};

/// Which showtime, where it stands, and the store's clock: the head of every answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    pub showtime_id: ShowtimeId,
    pub position: Position,
    pub server_time: Timestamp,
}

impl From<&Done> for Head {
    fn from(done: &Done) -> Self {
        Self { showtime_id: done.view.showtime.id.clone(), position: done.position.clone(), server_time: done.now }
    }
}

/// The caller's locks after a lock or an extension.
#[derive(Clone, Debug, Serialize)]
pub struct HeldAnswer {
    #[serde(flatten)]
    pub head: Head,
    pub seats: Vec<HeldSeat>,
}

/// One lock of the caller.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldSeat {
    pub seat_id: SeatId,
    pub status: SeatStatus,
    pub locked_by: UserId,
    pub locked_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub price: Option<Price>,
}

impl HeldAnswer {
    /// The answer to `caller`, whose id goes back as it came.
    pub fn new(held: &Held, caller: &UserId) -> Self {
        let view = &held.done.view;
        let seats = held
            .seats
            .iter()
            .map(|(seat, lock)| HeldSeat {
                seat_id: view.seat_id(*seat).clone(),
                status: SeatStatus::Locked,
                locked_by: caller.clone(),
                locked_at: lock.locked_at,
                expires_at: lock.expires_at,
                price: view.price(*seat).cloned(),
            })
            .collect();
        Self { head: (&held.done).into(), seats }
    }
}

/// Seats that were freed: by an unlock or a refund.
#[derive(Clone, Debug, Serialize)]
pub struct ReleasedAnswer {
    #[serde(flatten)]
    pub head: Head,
    pub released: Vec<SeatId>,
}

impl From<&Changed> for ReleasedAnswer {
    fn from(changed: &Changed) -> Self {
        Self { head: (&changed.done).into(), released: names(changed) }
    }
}

/// Seats that were taken off sale or put back.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedAnswer {
    #[serde(flatten)]
    pub head: Head,
    pub changed: Vec<SeatId>,
}

impl From<&Changed> for ChangedAnswer {
    fn from(changed: &Changed) -> Self {
        Self { head: (&changed.done).into(), changed: names(changed) }
    }
}

fn names(changed: &Changed) -> Vec<SeatId> {
    changed.seats.iter().map(|seat| changed.done.view.seat_id(*seat).clone()).collect()
}

/// A booking, made now or by an earlier request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookedAnswer {
    #[serde(flatten)]
    pub head: Head,
    pub booking_id: BookingId,
    pub booked_at: Timestamp,
    pub replayed: bool,
    pub seats: Vec<BookedSeat>,
}

/// One seat of a booking.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookedSeat {
    pub seat_id: SeatId,
    pub status: SeatStatus,
    pub price: Option<Price>,
}

impl From<Booked> for BookedAnswer {
    fn from(booked: Booked) -> Self {
        let Booked { done, booking, replayed } = booked;
        let head = (&done).into();
        let Booking { booking_id, booked_at, seats, .. } = booking;
        let price = |seat: &SeatId| done.view.plan.index_of(seat.as_str()).and_then(|index| done.view.price(index));
        let seats = seats
            .into_iter()
            .map(|seat| BookedSeat { price: price(&seat).cloned(), seat_id: seat, status: SeatStatus::Occupied })
            .collect();
        Self { head, booking_id, booked_at, replayed, seats }
    }
}

/// What is true of seats, for the box office.
#[derive(Debug, Serialize)]
pub struct FactsAnswer<'facts> {
    #[serde(flatten)]
    pub head: Head,
    pub seats: Vec<SeatFacts<'facts>>,
}

/// One seat. Who holds or bought it is not said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatFacts<'facts> {
    pub seat_id: &'facts SeatId,
    pub status: SeatStatus,
    pub price: Option<&'facts Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_reason: Option<&'facts str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_id: Option<&'facts BookingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked_at: Option<Timestamp>,
    /// All that the booking owns now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_seats: Option<&'facts [SeatId]>,
}

impl<'facts> From<&'facts Facts> for FactsAnswer<'facts> {
    fn from(facts: &'facts Facts) -> Self {
        let view = &facts.done.view;
        let seat = |(seat, fact): &'facts (u32, Fact)| SeatFacts::new(view.seat_id(*seat), view.price(*seat), fact);
        Self { head: (&facts.done).into(), seats: facts.seats.iter().map(seat).collect() }
    }
}

impl<'facts> SeatFacts<'facts> {
    fn new(seat_id: &'facts SeatId, price: Option<&'facts Price>, fact: &'facts Fact) -> Self {
        let mut seat = Self {
            seat_id,
            status: SeatStatus::Available,
            price,
            expires_at: None,
            block_reason: None,
            booking_id: None,
            booked_at: None,
            booking_seats: None,
        };
        match fact {
            Fact::Available => {}
            Fact::Locked { expires_at } => (seat.status, seat.expires_at) = (SeatStatus::Locked, *expires_at),
            Fact::Blocked { reason } => (seat.status, seat.block_reason) = (SeatStatus::Blocked, Some(reason.as_str())),
            Fact::Occupied(sale) => {
                seat.status = SeatStatus::Occupied;
                seat.booking_id = sale.as_ref().map(|sale| &sale.booking_id);
                seat.booked_at = sale.as_ref().map(|sale| sale.booked_at);
                seat.booking_seats = sale.as_ref().map(|sale| &*sale.seats);
            }
        }
        seat
    }
}

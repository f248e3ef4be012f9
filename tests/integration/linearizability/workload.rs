//! Random operations of few holders on few seats, so that many of them are in each other's way.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use seatcast::domain::booking::Booking;
use seatcast::domain::ids::{BookingId, SeatId, UserId};

use super::operation::{Operation, Request};
use super::specification::SeatMap;

/// What a task does in a round.
const OPERATIONS: usize = 4;
const HOLDERS: [&str; 2] = ["anna", "bert"];
/// Booking ids that are new in a round. Tasks share them, so that there are repetitions and conflicts.
const NEW_BOOKINGS: usize = 2;
/// The share of requests that somebody in the round makes too, as one who heard no answer makes it again.
const REPEATED: f64 = 0.3;

/// A source of operations, the same ones for the same seed and the same maps.
pub struct Workload {
    random: StdRng,
    seats: Vec<SeatId>,
}

impl Workload {
    pub fn new(seed: u64, seats: &[SeatId]) -> Self {
        Self { random: StdRng::seed_from_u64(seed), seats: seats.to_vec() }
    }

    /// What each task does in a round that begins with this map.
    pub fn round(&mut self, round: usize, map: &SeatMap, tasks: usize) -> Vec<Vec<Operation>> {
        let new = (0..NEW_BOOKINGS).map(|n| BookingId::infer(&format!("b-{round}-{n}")).expect("a booking id"));
        let old = sold(map).map(|booking| booking.booking_id.clone());
        let bookings: Vec<BookingId> = new.chain(old).collect();
        let mut operations: Vec<Operation> = Vec::new();
        for _ in 0..tasks * OPERATIONS {
            let repeated = operations.choose(&mut self.random).filter(|_| self.random.random_bool(REPEATED)).cloned();
            operations.push(repeated.unwrap_or_else(|| self.operation(map, &bookings)));
        }
        operations.shuffle(&mut self.random);
        operations.chunks(OPERATIONS).map(<[Operation]>::to_vec).collect()
    }

    fn operation(&mut self, map: &SeatMap, bookings: &[BookingId]) -> Operation {
        let holder = UserId::infer(HOLDERS.choose(&mut self.random).expect("there are holders")).expect("a user id");
        let booking = bookings.choose(&mut self.random).expect("there are bookings").clone();
        let seats = self.some_seats();
        let (request, seats) = match self.random.random_range(0..21) {
            0..=5 => (Request::Lock { holder }, seats),
            6..=8 => (Request::Unlock { holder }, seats),
            9 => (Request::Extend { holder }, seats),
            10..=12 => (Request::Book { holder, booking }, seats),
            13 => (Request::Release { booking }, seats),
            14..=15 => self.refund(map).unwrap_or((Request::Release { booking }, seats)),
            16 => (Request::Block, seats),
            17 => (Request::Unblock, seats),
            18..=19 => (Request::Read, self.seats.clone()),
            _ => (Request::Export, self.seats.clone()),
        };
        Operation { request, seats }
    }

    /// The release of a whole booking, if there is one.
    fn refund(&mut self, map: &SeatMap) -> Option<(Request, Vec<SeatId>)> {
        let sold: Vec<&Booking> = sold(map).collect();
        let entry = sold.choose(&mut self.random)?;
        Some((Request::Release { booking: entry.booking_id.clone() }, entry.seats.clone()))
    }

    /// One seat more often than all of them, in any order.
    fn some_seats(&mut self) -> Vec<SeatId> {
        let most = self.random.random_range(1..=self.seats.len());
        let count = self.random.random_range(1..=most);
        let mut seats = self.seats.clone();
        seats.shuffle(&mut self.random);
        seats.truncate(count);
        seats
    }
}

/// The bookings that own seats.
fn sold(map: &SeatMap) -> impl Iterator<Item = &Booking> {
    map.ledger.values().filter(|booking| booking.seats.iter().any(|seat| booking.owns(seat)))
}

//! What tasks are told by a store. Times are no part of it: nothing expires in a check, so every lock is made to begin and end at
//! the same moments.

use std::collections::BTreeMap;
use std::time::Duration;

use seatcast::domain::archive::Archive;
use seatcast::domain::booking::Booking;
use seatcast::domain::ids::SeatId;
use seatcast::domain::seat::{Lock, SeatState};
use seatcast::domain::time::Timestamp;
use seatcast::domain::transition::Refusal;
use seatcast::store::{self, Booked, Changed, Held, History, Refused, RefusedSeat, StoreError};

use super::specification::SeatMap;

pub const LOCK_TTL: Duration = Duration::from_secs(900);
/// When everything happens, as far as outcomes say.
pub const NOW: Timestamp = Timestamp::from_millis(0);

/// What a call was told.
pub type Outcome = Result<Done, Refused>;

/// What was done, in the order in which the store told it.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Held(Vec<(SeatId, Lock)>),
    Changed(Vec<SeatId>),
    Booked { booking: Booking, replayed: bool },
    Read(BTreeMap<SeatId, SeatState>),
    Exported(SeatMap),
}

pub fn told<T>(outcome: store::Outcome<T>, done: impl FnOnce(T) -> Done) -> Outcome {
    outcome.expect("the store answers").map(done).map_err(untimed_refusals)
}

pub fn held(held: Held) -> Done {
    let view = held.done.view;
    let lock = |(seat, lock)| (view.seat_id(seat).clone(), untimed_lock(lock));
    Done::Held(held.seats.into_iter().map(lock).collect())
}

pub fn changed(changed: Changed) -> Done {
    let view = changed.done.view;
    Done::Changed(changed.seats.into_iter().map(|seat| view.seat_id(seat).clone()).collect())
}

pub fn booked(booked: Booked) -> Done {
    Done::Booked { booking: untimed_booking(booked.booking), replayed: booked.replayed }
}

pub fn read(seats: &[SeatId], answer: &Result<Option<History>, StoreError>) -> Done {
    let History { view, snapshot, .. } =
        answer.as_ref().expect("the store answers").as_ref().expect("the showtime stays");
    let state = |seat: &SeatId| {
        let index = view.plan.index_of(seat.as_str()).expect("a seat of the plan");
        untimed_state(snapshot.state(index).expect("a seat of the map"))
    };
    Done::Read(seats.iter().map(|seat| (seat.clone(), state(seat))).collect())
}

pub fn exported(seats: &[SeatId], answer: &Result<Option<Archive>, StoreError>) -> Done {
    let archive = answer.as_ref().expect("the store answers").as_ref().expect("the showtime stays");
    let taken = archive.taken();
    let state = |seat: &SeatId| {
        let index = archive.plan().index_of(seat.as_str()).expect("a seat of the plan");
        taken.get(&index).cloned().map_or(SeatState::Available, untimed_state)
    };
    let states = seats.iter().map(|seat| (seat.clone(), state(seat))).collect();
    let ledger = archive.bookings().iter().cloned().map(untimed_booking);
    let ledger = ledger.map(|booking| (booking.booking_id.to_string(), booking)).collect();
    Done::Exported(SeatMap { states, ledger })
}

/// The booking without its time, and without the order of its refunds, which nobody promises.
fn untimed_booking(mut booking: Booking) -> Booking {
    booking.released.sort();
    Booking { booked_at: NOW, ..booking }
}

fn untimed_state(state: SeatState) -> SeatState {
    match state {
        SeatState::Locked(lock) => SeatState::Locked(untimed_lock(lock)),
        SeatState::Available | SeatState::Occupied | SeatState::Blocked => state,
    }
}

fn untimed_lock(lock: Lock) -> Lock {
    Lock { locked_at: NOW, expires_at: untimed_deadline(lock.expires_at), ..lock }
}

fn untimed_deadline(deadline: Option<Timestamp>) -> Option<Timestamp> {
    deadline.map(|_| NOW.plus(LOCK_TTL))
}

fn untimed_refusals(refused: Refused) -> Refused {
    let untimed = |RefusedSeat { seat, refusal }| match refusal {
        Refusal::Locked { expires_at } => {
            RefusedSeat { seat, refusal: Refusal::Locked { expires_at: untimed_deadline(expires_at) } }
        }
        Refusal::Occupied | Refusal::Blocked | Refusal::NotHeld => RefusedSeat { seat, refusal },
    };
    match refused {
        Refused::Seats(seats) => Refused::Seats(seats.into_iter().map(untimed).collect()),
        other => other,
    }
}

/// An outcome in words.
pub fn words(outcome: &Outcome) -> String {
    match outcome {
        Ok(Done::Held(locks)) => {
            let lock = |(seat, lock): &(SeatId, Lock)| format!("{seat} by {}", lock.holder);
            format!("held: {}", list(locks.iter().map(lock)))
        }
        Ok(Done::Changed(seats)) => format!("changed: {}", list(seats)),
        Ok(Done::Booked { booking, replayed }) => {
            let before = if *replayed { " before" } else { "" };
            format!("booked{before}: {} for {}", list(&booking.seats), booking.user_id)
        }
        Ok(Done::Read(states)) => states_in_words(states),
        Ok(Done::Exported(map)) => map.to_string(),
        Err(Refused::Seats(refused)) => {
            let reason = |RefusedSeat { seat, refusal }: &RefusedSeat| match refusal {
                Refusal::Locked { .. } => format!("{seat} locked"),
                Refusal::Occupied => format!("{seat} occupied"),
                Refusal::Blocked => format!("{seat} blocked"),
                Refusal::NotHeld => format!("{seat} not held"),
            };
            format!("refused: {}", list(refused.iter().map(reason)))
        }
        Err(other) => format!("refused: {other:?}"),
    }
}

/// Seats' states in words.
pub fn states_in_words(states: &BTreeMap<SeatId, SeatState>) -> String {
    let state = |(seat, state): (&SeatId, &SeatState)| match state {
        SeatState::Available => format!("{seat} available"),
        SeatState::Locked(lock) => format!("{seat} locked by {}", lock.holder),
        SeatState::Occupied => format!("{seat} occupied"),
        SeatState::Blocked => format!("{seat} blocked"),
    };
    list(states.iter().map(state))
}

/// Seats in words.
pub fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

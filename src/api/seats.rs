//! What can be done to seats: each checks the request, asks the store, and puts the answer or the problem into words.

use super::answers::{BookedAnswer, ChangedAnswer, HeldAnswer, ReleasedAnswer};
use super::problem::{Code, Problem};
use super::requests::{BlockRequest, BookRequest, HolderRequest, ReleaseRequest, UnblockRequest, check_seats};
use crate::domain::ids::ShowtimeId;
use crate::store::{Facts, Outcome, SeatStore};

/// Locks seats for the holder.
pub async fn lock(store: &dyn SeatStore, id: &ShowtimeId, request: &HolderRequest) -> Result<HeldAnswer, Problem> {
    check_seats(&request.seats)?;
    let held = store.lock(id, &request.seats, &request.user_id).await;
    let held = settle(held, Code::SeatsUnavailable, "nothing was locked, these seats are taken")?;
    Ok(HeldAnswer::new(&held, &request.user_id))
}

/// Releases the holder's locks.
pub async fn unlock(
    store: &dyn SeatStore,
    id: &ShowtimeId,
    request: &HolderRequest,
) -> Result<ReleasedAnswer, Problem> {
    check_seats(&request.seats)?;
    let changed = store.unlock(id, &request.seats, &request.user_id).await;
    let changed = settle(changed, Code::NotHolder, "nothing was released, these seats are another's")?;
    Ok((&changed).into())
}

/// Moves the deadlines of the holder's locks.
pub async fn extend(store: &dyn SeatStore, id: &ShowtimeId, request: &HolderRequest) -> Result<HeldAnswer, Problem> {
    check_seats(&request.seats)?;
    let held = store.extend(id, &request.seats, &request.user_id).await;
    let held = settle(held, Code::LockLost, "nothing was extended, these seats are no longer held")?;
    Ok(HeldAnswer::new(&held, &request.user_id))
}

/// Turns the holder's locks into a booking. All bookings pass through here.
pub async fn book(store: &dyn SeatStore, id: &ShowtimeId, request: &BookRequest) -> Result<BookedAnswer, Problem> {
    check_seats(&request.seats)?;
    let booked = store.book(id, &request.seats, &request.user_id, &request.booking_id).await;
    Ok(settle(booked, Code::LockLost, "nothing was booked, these seats are no longer held")?.into())
}

/// Frees seats of a booking.
pub async fn release(
    store: &dyn SeatStore,
    id: &ShowtimeId,
    request: &ReleaseRequest,
) -> Result<ReleasedAnswer, Problem> {
    check_seats(&request.seats)?;
    let changed = store.release(id, &request.seats, &request.booking_id).await;
    let changed =
        settle(changed, Code::BookingConflict, "nothing was released, the booking does not have these seats")?;
    Ok((&changed).into())
}

/// Takes seats off sale.
pub async fn block(store: &dyn SeatStore, id: &ShowtimeId, request: &BlockRequest) -> Result<ChangedAnswer, Problem> {
    request.check()?;
    let changed = store.block(id, &request.seats, &request.reason).await;
    let changed = settle(changed, Code::SeatsUnavailable, "nothing was blocked, these seats are taken")?;
    Ok((&changed).into())
}

/// Puts blocked seats back on sale.
pub async fn unblock(
    store: &dyn SeatStore,
    id: &ShowtimeId,
    request: &UnblockRequest,
) -> Result<ChangedAnswer, Problem> {
    check_seats(&request.seats)?;
    let changed = store.unblock(id, &request.seats).await;
    let changed = settle(changed, Code::SeatsUnavailable, "nothing was unblocked")?;
    Ok((&changed).into())
}

/// What is true of the seats.
pub async fn facts(store: &dyn SeatStore, id: &ShowtimeId, seats: &[String]) -> Result<Facts, Problem> {
    check_seats(seats)?;
    let facts = store.facts(id, seats).await.map_err(Problem::unread)?;
    facts.map_err(|refused| Problem::refused(refused, Code::SeatsUnavailable, "nothing can be said of these seats"))
}

/// What was done, or the problem; `code` and `detail` say what seats in the way mean here.
fn settle<T>(outcome: Outcome<T>, code: Code, detail: &str) -> Result<T, Problem> {
    outcome?.map_err(|refused| Problem::refused(refused, code, detail))
}

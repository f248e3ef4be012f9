//! From the names in a request to seats of a plan, the same in every store.

use std::collections::HashSet;

use super::{MAX_SEATS_PER_REQUEST, Refused, ShowtimeView};
use crate::domain::ids::SeatId;

/// The indexes of the named seats, each once, in the order of the request.
pub fn find(view: &ShowtimeView, names: &[String], limit: usize) -> Result<Vec<u32>, Refused> {
    if names.len() > limit {
        return Err(Refused::TooManySeats { asked: names.len(), held: 0, limit, over: names[limit..].to_vec() });
    }
    let (mut seats, mut seen, mut unknown) = (Vec::with_capacity(names.len()), HashSet::new(), Vec::new());
    for name in names {
        match view.plan.index_of(name) {
            Some(seat) if seen.insert(seat) => seats.push(seat),
            Some(_) => {}
            None => unknown.push(name.clone()),
        }
    }
    if unknown.is_empty() { Ok(seats) } else { Err(Refused::UnknownSeats(unknown)) }
}

/// How many seats a holder may lock.
pub fn per_holder(view: &ShowtimeView) -> usize {
    view.rules.max_seats_per_holder as usize
}

/// How many seats any other request may name.
pub fn per_request(_: &ShowtimeView) -> usize {
    MAX_SEATS_PER_REQUEST
}

/// The refusal of a lock that would give a holder, who has `held`, more seats than allowed.
pub fn over_limit(view: &ShowtimeView, seats: &[u32], asked: usize, held: &[u32]) -> Refused {
    let limit = per_holder(view);
    let fresh = seats.iter().filter(|seat| !held.contains(seat)).skip(limit.saturating_sub(held.len()));
    let over = fresh.map(|seat| view.seat_id(*seat).to_string()).collect();
    Refused::TooManySeats { asked, held: held.len(), limit, over }
}

/// The ids of seats.
pub fn seat_ids(view: &ShowtimeView, seats: &[u32]) -> Vec<SeatId> {
    seats.iter().map(|seat| view.seat_id(*seat).clone()).collect()
}

//! The one place that says which state follows which. The stores implement this function; the tests hold them to it.
//!
//! It is pure: the state, the command and the store's `now` go in, what happens comes out.

use std::time::Duration;

use super::ids::UserId;
use super::seat::{Lock, SeatState};
use super::time::Timestamp;

/// What somebody wants done to each of some seats.
#[derive(Clone, Debug)]
pub enum Command {
    /// Claim the seat until `now + ttl`. A seat that the holder has already stays as it is.
    Lock { holder: UserId, ttl: Duration },
    /// Give the claim back. A seat that nobody holds stays as it is.
    Unlock { holder: UserId },
    /// Move the deadline to `now + ttl`, at most to `cap` after the lock began, and never backwards.
    Extend { holder: UserId, ttl: Duration, cap: Duration },
    /// Turn the holder's lock into a sale.
    Book { holder: UserId },
    /// Free a sold seat. Whose booking it is, `booking` decides.
    Release,
    /// Take a seat off sale.
    Block,
    /// Put a blocked seat back on sale. A seat that is not blocked stays as it is.
    Unblock,
}

/// Why a command does not apply to a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another holds it, until the deadline (if the lock has one).
    Locked { expires_at: Option<Timestamp> },
    /// It is sold.
    Occupied,
    /// It is not for sale.
    Blocked,
    /// The caller does not hold it, and neither does anybody else.
    NotHeld,
}

/// The seat's state at `now`: a lock whose deadline has passed has ended, whether anybody was told or not.
pub fn at(state: &SeatState, now: Timestamp) -> SeatState {
    match state {
        SeatState::Locked(lock) if lock.has_ended(now) => SeatState::Available,
        SeatState::Available | SeatState::Locked(_) | SeatState::Occupied | SeatState::Blocked => state.clone(),
    }
}

/// The state that follows from `command` at `now`; the same state when the command changes nothing.
///
/// # Errors
/// The [`Refusal`] when the command does not apply.
pub fn transition(state: &SeatState, command: &Command, now: Timestamp) -> Result<SeatState, Refusal> {
    let state = at(state, now);
    match command {
        Command::Lock { holder, ttl } => lock(state, holder, now, *ttl),
        Command::Unlock { holder } => unlock(state, holder),
        Command::Extend { holder, ttl, cap } => extend(state, holder, now, *ttl, *cap),
        Command::Book { holder } => held(&state, holder).map(|_| SeatState::Occupied),
        Command::Release => match state {
            SeatState::Occupied => Ok(SeatState::Available),
            SeatState::Available | SeatState::Locked(_) | SeatState::Blocked => Err(refusal(&state)),
        },
        Command::Block => match state {
            SeatState::Available | SeatState::Blocked => Ok(SeatState::Blocked),
            SeatState::Locked(_) | SeatState::Occupied => Err(refusal(&state)),
        },
        Command::Unblock => Ok(match state {
            SeatState::Blocked => SeatState::Available,
            SeatState::Available | SeatState::Locked(_) | SeatState::Occupied => state,
        }),
    }
}

fn lock(state: SeatState, holder: &UserId, now: Timestamp, ttl: Duration) -> Result<SeatState, Refusal> {
    match state {
        SeatState::Available => {
            Ok(SeatState::Locked(Lock { holder: holder.clone(), locked_at: now, expires_at: Some(now.plus(ttl)) }))
        }
        SeatState::Locked(ref lock) if lock.holder == *holder => Ok(state),
        SeatState::Locked(_) | SeatState::Occupied | SeatState::Blocked => Err(refusal(&state)),
    }
}

fn unlock(state: SeatState, holder: &UserId) -> Result<SeatState, Refusal> {
    match state {
        SeatState::Locked(ref lock) if lock.holder == *holder => Ok(SeatState::Available),
        SeatState::Available | SeatState::Blocked => Ok(state),
        SeatState::Locked(_) | SeatState::Occupied => Err(refusal(&state)),
    }
}

fn extend(
    state: SeatState,
    holder: &UserId,
    now: Timestamp,
    ttl: Duration,
    cap: Duration,
) -> Result<SeatState, Refusal> {
    let lock = held(&state, holder)?;
    let Some(deadline) = lock.expires_at else { return Ok(state) };
    let wanted = now.plus(ttl).min(lock.locked_at.plus(cap));
    Ok(SeatState::Locked(Lock { expires_at: Some(deadline.max(wanted)), ..lock }))
}

fn held(state: &SeatState, holder: &UserId) -> Result<Lock, Refusal> {
    match state {
        SeatState::Locked(lock) if lock.holder == *holder => Ok(lock.clone()),
        SeatState::Available | SeatState::Locked(_) | SeatState::Occupied | SeatState::Blocked => Err(refusal(state)),
    }
}

fn refusal(state: &SeatState) -> Refusal {
    match state {
        SeatState::Available => Refusal::NotHeld,
        SeatState::Locked(lock) => Refusal::Locked { expires_at: lock.expires_at },
        SeatState::Occupied => Refusal::Occupied,
        SeatState::Blocked => Refusal::Blocked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(900);
    const CAP: Duration = Duration::from_secs(7200);

    fn user(name: &str) -> UserId {
        UserId::infer(name).unwrap()
    }

    fn at_ms(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn locked(name: &str, from: i64, until: i64) -> SeatState {
        SeatState::Locked(Lock { holder: user(name), locked_at: at_ms(from), expires_at: Some(at_ms(until)) })
    }

    #[test]
    fn a_lock_ends_strictly_after_its_deadline() {
        let state = locked("anna", 0, 900_000);
        let take = Command::Lock { holder: user("bert"), ttl: TTL };
        assert_eq!(
            transition(&state, &take, at_ms(900_000)),
            Err(Refusal::Locked { expires_at: Some(at_ms(900_000)) })
        );
        assert_eq!(transition(&state, &take, at_ms(900_001)), Ok(locked("bert", 900_001, 1_800_001)));
    }

    #[test]
    fn locking_again_keeps_the_deadline() {
        let state = locked("anna", 0, 900_000);
        let again = Command::Lock { holder: user("anna"), ttl: TTL };
        assert_eq!(transition(&state, &again, at_ms(5_000)), Ok(state.clone()));
    }

    #[test]
    fn an_extension_is_capped_from_the_first_lock_and_never_shortens() {
        let extend = Command::Extend { holder: user("anna"), ttl: TTL, cap: CAP };
        assert_eq!(transition(&locked("anna", 0, 900_000), &extend, at_ms(60_000)), Ok(locked("anna", 0, 960_000)));
        let near_cap = locked("anna", 0, 7_100_000);
        assert_eq!(transition(&near_cap, &extend, at_ms(7_000_000)), Ok(locked("anna", 0, 7_200_000)));
        let beyond = locked("anna", 0, 9_000_000);
        assert_eq!(transition(&beyond, &extend, at_ms(8_000_000)), Ok(beyond));
    }

    #[test]
    fn only_the_holder_extends_books_and_unlocks() {
        let state = locked("anna", 0, 900_000);
        let refused = Err(Refusal::Locked { expires_at: Some(at_ms(900_000)) });
        let bert = user("bert");
        for command in [
            Command::Extend { holder: bert.clone(), ttl: TTL, cap: CAP },
            Command::Book { holder: bert.clone() },
            Command::Unlock { holder: bert },
        ] {
            assert_eq!(transition(&state, &command, at_ms(1)), refused);
        }
        assert_eq!(transition(&state, &Command::Book { holder: user("anna") }, at_ms(1)), Ok(SeatState::Occupied));
        assert_eq!(transition(&state, &Command::Unlock { holder: user("anna") }, at_ms(1)), Ok(SeatState::Available));
        assert_eq!(
            transition(&SeatState::Available, &Command::Book { holder: user("anna") }, at_ms(1)),
            Err(Refusal::NotHeld)
        );
    }

    #[test]
    fn a_sold_or_locked_seat_cannot_be_blocked_and_unblocking_touches_blocked_seats_only() {
        assert_eq!(transition(&SeatState::Occupied, &Command::Block, at_ms(0)), Err(Refusal::Occupied));
        assert!(transition(&locked("anna", 0, 9), &Command::Block, at_ms(0)).is_err());
        assert_eq!(transition(&SeatState::Blocked, &Command::Unblock, at_ms(0)), Ok(SeatState::Available));
        assert_eq!(transition(&SeatState::Occupied, &Command::Unblock, at_ms(0)), Ok(SeatState::Occupied));
    }
}

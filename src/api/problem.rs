//! Errors as clients see them: RFC 9457 problems with a stable `code`, and the mapping from what went wrong inside.

use rand::RngExt;
use serde::Serialize;

use crate::domain::ids::SeatId;
use crate::domain::plan::Problem as PlanProblem;
use crate::domain::position::InvalidPosition;
use crate::domain::time::Timestamp;
use crate::domain::transition::Refusal;
use crate::rooms::JoinError;
use crate::store::{BookingConflict, Refused, RefusedSeat, StoreError};

/// The member `type` of every problem: the code says all that a type would.
const TYPE: &str = "about:blank";
/// How long a client should wait before it repeats a request that was not the time for, in seconds: at random, so that not all
/// come back at once.
const RETRY_AFTER_SECONDS: std::ops::RangeInclusive<u32> = 1..=4;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, by a name that clients may rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $variant,)+
        }

        impl Code {
            /// All codes, for documents and tests.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// What it means in general.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", 400, "The body is not JSON";
    InvalidPosition = "invalid_position", 400, "The position cannot be read";
    InvalidQuery = "invalid_query", 400, "The query cannot be read";
    InvalidShowtimeId = "invalid_showtime_id", 422, "The showtime id is not allowed";
    OriginRefused = "origin_refused", 403, "Pages of this origin may not connect";
    NotFound = "not_found", 404, "There is nothing at this address";
    UnknownShowtime = "unknown_showtime", 404, "There is no such showtime";
    UnknownPlan = "unknown_plan", 404, "There is no such seating plan";
    MethodNotAllowed = "method_not_allowed", 405, "The address does not answer this method";
    SeatsUnavailable = "seats_unavailable", 409, "Some seats are not available";
    NotHolder = "not_holder", 409, "Some seats are another's";
    LockLost = "lock_lost", 409, "Some seats are no longer held";
    BookingConflict = "booking_conflict", 409, "The booking id stands for something else";
    SeatsInUse = "seats_in_use", 409, "Seats in use are missing in the new plan";
    UpgradeRequired = "upgrade_required", 426, "The address speaks WebSocket";
    RequestTimeout = "request_timeout", 408, "The body came too slowly";
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "The body must be JSON";
    InvalidRequest = "invalid_request", 422, "The request does not have the right form";
    InvalidPlan = "invalid_plan", 422, "The seating plan has problems";
    UnknownSeats = "unknown_seats", 422, "Some seats are not in the plan";
    DuplicateSeats = "duplicate_seats", 422, "Some seats are named twice";
    NoSeats = "no_seats", 422, "No seat is named";
    TooManySeats = "too_many_seats", 422, "Too many seats";
    UserIdMissing = "user_id_missing", 422, "Nobody is named who holds the seats";
    UnknownMessage = "unknown_message", 400, "The message is not known";
    TooManyRooms = "too_many_rooms", 422, "Too many showtimes on one connection";
    Internal = "internal", 500, "Something went wrong in the server";
    StoreUnavailable = "store_unavailable", 503, "The store is out of reach";
    TooManyConnections = "too_many_connections", 503, "Too many connections are held open";
    OutcomeUnknown = "outcome_unknown", 503, "It is not known whether the change happened";
}

/// Why a seat is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Locked,
    Occupied,
    Blocked,
    NotHeld,
    Unknown,
    Duplicate,
    TooMany,
}

/// One seat of a problem. Who holds it is never told.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemSeat {
    pub seat_id: String,
    pub reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// An error as it travels.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub code: &'static str,
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<ProblemSeat>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<PlanProblem>,
    /// Seconds until a repetition makes sense; the header `Retry-After` says the same.
    #[serde(rename = "retryAfterSeconds", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem with its explanation: what is wrong, and how to mend it.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: TYPE,
            title: code.title(),
            status: code.status(),
            code: code.as_str(),
            detail: detail.into(),
            seats: Vec::new(),
            problems: Vec::new(),
            retry_after: (code.status() == 503).then(|| rand::rng().random_range(RETRY_AFTER_SECONDS)),
        }
    }

    /// A problem of some seats. The explanation ends with their names.
    pub fn of_seats(code: Code, detail: &str, seats: Vec<ProblemSeat>) -> Self {
        const NAMED: usize = 10;
        let mut names: Vec<&str> = seats.iter().take(NAMED).map(|seat| seat.seat_id.as_str()).collect();
        let more = format!("and {} more", seats.len().saturating_sub(NAMED));
        if seats.len() > NAMED {
            names.push(&more);
        }
        let detail = format!("{detail}: {}", names.join(", "));
        Self { seats, ..Self::new(code, detail) }
    }

    /// A problem of seats that share a reason.
    pub fn of_names(code: Code, detail: &str, names: impl IntoIterator<Item = String>, reason: Reason) -> Self {
        let seat = |seat_id| ProblemSeat { seat_id, reason, expires_at: None };
        Self::of_seats(code, detail, names.into_iter().map(seat).collect())
    }

    /// A store's refusal. What seats in the way mean depends on what was asked, hence `code` and `detail` for them.
    pub fn refused(refused: Refused, code: Code, detail: &str) -> Self {
        match refused {
            Refused::UnknownShowtime => Self::unknown_showtime(),
            Refused::UnknownSeats(names) => Self::of_names(
                Code::UnknownSeats,
                "the showtime's plan does not have these seats",
                names,
                Reason::Unknown,
            ),
            Refused::TooManySeats { asked, held, limit, over } => {
                let held = if held > 0 { format!(" and {held} are held already") } else { String::new() };
                let detail =
                    format!("{asked} seats were asked for{held}; at most {limit} are allowed. Beyond that are");
                Self::of_names(Code::TooManySeats, &detail, over, Reason::TooMany)
            }
            Refused::Seats(seats) => Self::of_seats(code, detail, seats.into_iter().map(Into::into).collect()),
            Refused::BookingConflict(conflict) => conflict.into(),
        }
    }

    /// Something could not be read. Reading changes nothing: that it may be repeated goes without saying.
    pub fn unread(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Unknown(_) => {
                Self::new(Code::StoreUnavailable, "the store is out of reach; try again after a moment")
            }
            StoreError::Broken(_) => error.into(),
        }
    }

    /// There is no such showtime.
    pub fn unknown_showtime() -> Self {
        Self::new(Code::UnknownShowtime, "there is no showtime with this id; GET /api/v1/showtimes lists them")
    }
}

impl From<RefusedSeat> for ProblemSeat {
    fn from(refused: RefusedSeat) -> Self {
        let (reason, expires_at) = match refused.refusal {
            Refusal::Locked { expires_at } => (Reason::Locked, expires_at),
            Refusal::Occupied => (Reason::Occupied, None),
            Refusal::Blocked => (Reason::Blocked, None),
            Refusal::NotHeld => (Reason::NotHeld, None),
        };
        Self { seat_id: refused.seat.to_string(), reason, expires_at }
    }
}

impl From<BookingConflict> for Problem {
    fn from(conflict: BookingConflict) -> Self {
        let code = Code::BookingConflict;
        match conflict {
            BookingConflict::Different => {
                Self::new(code, "a booking with this id has other seats or another user; use a new bookingId")
            }
            BookingConflict::Released => {
                Self::new(code, "the booking with this id was refunded, wholly or in part; use a new bookingId")
            }
            BookingConflict::Unrecorded => Self::new(code, "there is no booking with this id in this showtime"),
            BookingConflict::NotOwned(seats) => Self::of_names(
                code,
                "the booking does not have these seats",
                seats.iter().map(SeatId::to_string),
                Reason::NotHeld,
            ),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                Self::new(Code::StoreUnavailable, "nothing was changed; try again after a moment")
            }
            StoreError::Unknown(_) => Self::new(
                Code::OutcomeUnknown,
                "the store did not answer: the change may have happened or not. Repeating the request is safe",
            ),
            StoreError::Broken(ref detail) => {
                tracing::error!(%detail, "the store answered what it should not");
                Self::new(Code::Internal, "the server's log has the cause")
            }
        }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::UnknownShowtime => Self::unknown_showtime(),
            JoinError::Store(error) => Self::unread(error),
        }
    }
}

impl From<InvalidPosition> for Problem {
    fn from(error: InvalidPosition) -> Self {
        Self::new(Code::InvalidPosition, error.to_string())
    }
}

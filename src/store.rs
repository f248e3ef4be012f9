//! Where seats are kept: what every store promises, in the words of the domain. Nothing outside this module knows which store
//! runs: `redis` below is for any number of servers, `embedded` for one server with nothing to install.
//!
//! What holds for every store and every method that changes something:
//! - **Atomic.** It happens wholly or not at all; state, sequence number, history entry and announcement are one step.
//! - **Linearizable.** It takes effect at one instant between call and return, reads included: what was answered is what
//!   everybody who asks later builds on.
//! - **Ordered.** Changes of one showtime have consecutive sequence numbers, and the feed carries them in that order.
//! - **Kept.** What was answered is in the store before the answer, as durably as the store's settings say.
//! - **Idempotent.** Repeating a request, with nothing else between, has the effect of making it once. The second answer may
//!   differ (`replayed`, fewer seats in `Changed`), the state does not. A seat that is named twice is named once.
//! - **Ended locks are ended.** A lock counts until its deadline and not after it (`now > deadline`, on the store's clock),
//!   announced or not. The release is announced as a change of its own, before anything else is decided about the seat.
//! - **Losing a race is an outcome**: `Ok(Err(Refused))`, which changes nothing but to announce what has ended.
//!
//! After an `Err`: [`StoreError::Unavailable`] and [`StoreError::Broken`] mean that nothing was changed,
//! [`StoreError::Unknown`] that the change may have happened, wholly, or may happen yet. Repeating the request, unchanged, is
//! safe in each case and brings certainty. A read that fails has no effect.
//!
//! A future that is dropped leaves its request as unknown as one that failed so. What the store hears of a showtime id or seat
//! that it does not know is an outcome too, never an error.
//!
//! `tests/integration/conformance` holds every store to this page.

pub mod embedded;
mod finding;
pub mod redis;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use self::embedded::{DiskError, EmbeddedOptions, EmbeddedStore};
use self::redis::{CannotStart, RedisOptions, RedisStore};
use crate::domain::archive::Archive;
use crate::domain::booking::Booking;
use crate::domain::diff::Diff;
use crate::domain::ids::{BookingId, SeatId, ShowtimeId, UserId};
use crate::domain::plan::{PlanHash, SeatingPlan};
use crate::domain::position::{Epoch, Position};
use crate::domain::seat::Lock;
use crate::domain::showtime::{Details, Price, Rules, Showtime};
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::domain::transition::Refusal;
use crate::lifecycle::Tasks;

/// The most seats that one request may name.
pub const MAX_SEATS_PER_REQUEST: usize = 1_000;

/// Feed items that wait for the rooms. When it is full the feed waits.
const FEED_QUEUE: usize = 4_096;

/// A name that no history of a showtime had before: 60 random bits.
fn new_epoch() -> Epoch {
    let number = uuid::Uuid::new_v4().as_u128();
    let letter = |digit| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(number >> (digit * 5)) as usize & 31]);
    Epoch::parse(&(0..12).map(letter).collect::<String>()).expect("letters and digits make an epoch")
}

/// Which store, and where.
#[derive(Clone, Debug)]
pub enum StoreOptions {
    Redis(RedisOptions),
    Embedded(EmbeddedOptions),
}

impl StoreOptions {
    /// Checks that there is something to read: who asks for what a store has must not be given a new one.
    ///
    /// # Errors
    /// [`OpenError`] when an embedded store was never made. Whether a Redis is there shows when it is asked.
    pub fn must_exist(&self) -> Result<(), OpenError> {
        match self {
            Self::Redis(_) => Ok(()),
            Self::Embedded(options) => Ok(options.must_exist()?),
        }
    }
}

/// A store that was opened, and what it tells by itself.
pub type Opened = (Arc<dyn SeatStore>, mpsc::Receiver<FeedItem>);

/// A store cannot be opened. The text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct OpenError {
    what: String,
    /// Opening it again cannot help: somebody must look at its file.
    pub needs_a_person: bool,
}

impl From<CannotStart> for OpenError {
    fn from(error: CannotStart) -> Self {
        Self { what: error.to_string(), needs_a_person: false }
    }
}

impl From<DiskError> for OpenError {
    fn from(error: DiskError) -> Self {
        let needs_a_person = matches!(error, DiskError::Damaged(..) | DiskError::Gone(_) | DiskError::Newer(..));
        Self { what: error.to_string(), needs_a_person }
    }
}

/// Opens a store and starts its tasks.
///
/// A Redis need not be there yet: the store tries to reach it for ever. An embedded store is read when this returns.
///
/// # Errors
/// [`OpenError`] when the client for Redis cannot be set up, or the embedded store cannot be used.
pub fn open(options: &StoreOptions, tasks: &Tasks) -> Result<Opened, OpenError> {
    match options {
        StoreOptions::Redis(options) => {
            let (store, feed) = RedisStore::start(options, tasks)?;
            Ok((store, feed))
        }
        StoreOptions::Embedded(options) => {
            let (store, feed) = EmbeddedStore::start(options, tasks)?;
            Ok((store, feed))
        }
    }
}

/// What came of a request: done, refused for a reason that the caller can act on, or not known.
pub type Outcome<T> = Result<Result<T, Refused>, StoreError>;

/// A showtime with its plan: what a seat's index, name and price come from.
#[derive(Debug)]
pub struct ShowtimeView {
    pub showtime: Showtime,
    pub plan: Arc<SeatingPlan>,
    /// The showtime's rules, with the server's settings where it has none of its own.
    pub rules: Rules,
}

impl ShowtimeView {
    /// The price of a seat, where its category has one.
    pub fn price(&self, seat: u32) -> Option<&Price> {
        let category = self.plan.seat(seat)?.category;
        self.showtime.details.prices.get(&self.plan.categories().get(category)?.name)
    }

    /// The id of a seat. The index must be one of this plan.
    pub fn seat_id(&self, seat: u32) -> &SeatId {
        &self.plan.seats()[seat as usize].id
    }
}

/// What a store refuses, and why. Seats are listed in the order of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    UnknownShowtime,
    /// These are not seats of the plan.
    UnknownSeats(Vec<String>),
    /// The holder would have more seats than allowed: `over` are those beyond the limit. Or the request has more names than that,
    /// or than any request may have, and was not read further: `held` is 0 then.
    TooManySeats {
        asked: usize,
        held: usize,
        limit: usize,
        over: Vec<String>,
    },
    /// These seats are in the way; nothing was changed.
    Seats(Vec<RefusedSeat>),
    /// The booking id stands for another booking.
    BookingConflict(BookingConflict),
}

/// One seat that is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedSeat {
    pub seat: SeatId,
    pub refusal: Refusal,
}

/// Why a booking id cannot be used; the first that applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookingConflict {
    /// The booking was refunded, wholly or in part.
    Released,
    /// It books other seats, or for another user.
    Different,
    /// There is no such booking.
    Unrecorded,
    /// The booking never owned these seats.
    NotOwned(Vec<SeatId>),
}

/// The store did not answer, or not with sense.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The store is out of reach; nothing was changed.
    #[error("the store is out of reach: {0}")]
    Unavailable(String),
    /// The request was sent, and no answer came: the change may have happened or not. Repeating it is safe.
    #[error("the store did not answer: {0}")]
    Unknown(String),
    /// The store holds something that this program cannot read, or refused a request that it should not.
    #[error("the store answered what it should not: {0}")]
    Broken(String),
}

/// Where and when something was done.
#[derive(Clone, Debug)]
pub struct Done {
    pub view: Arc<ShowtimeView>,
    /// The showtime's position right after it.
    pub position: Position,
    /// The store's clock.
    pub now: Timestamp,
}

/// The seats that a holder has after a lock or an extension.
#[derive(Clone, Debug)]
pub struct Held {
    pub done: Done,
    /// In the order of the request: the seat's index and its lock.
    pub seats: Vec<(u32, Lock)>,
}

/// The seats that changed: those of the request that were not so before, in its order.
#[derive(Clone, Debug)]
pub struct Changed {
    pub done: Done,
    pub seats: Vec<u32>,
}

/// A booking, made now or before.
#[derive(Clone, Debug)]
pub struct Booked {
    pub done: Done,
    pub booking: Booking,
    /// The booking was made by an earlier request.
    pub replayed: bool,
}

/// What is true of seats, for those who sell them.
#[derive(Clone, Debug)]
pub struct Facts {
    pub done: Done,
    /// In the order of the request: the seat's index, and what is true of it.
    pub seats: Vec<(u32, Fact)>,
}

/// A seat's state with what it was sold or blocked with. Who holds or bought it is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Available,
    /// `None`: until the program that placed the lock removes it.
    Locked {
        expires_at: Option<Timestamp>,
    },
    /// Sold; `None` where the ledger says nothing of it, which another program's writing alone can bring about.
    Occupied(Option<Arc<Sale>>),
    /// `reason` is empty where none was given.
    Blocked {
        reason: String,
    },
}

/// A booking without its buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    pub booking_id: BookingId,
    pub booked_at: Timestamp,
    /// Those that it owns now, in the order in which they were booked.
    pub seats: Vec<SeatId>,
}

impl From<&Booking> for Sale {
    fn from(booking: &Booking) -> Self {
        let released: HashSet<&SeatId> = booking.released.iter().collect();
        Self {
            booking_id: booking.booking_id.clone(),
            booked_at: booking.booked_at,
            seats: booking.seats.iter().filter(|seat| !released.contains(seat)).cloned().collect(),
        }
    }
}

/// What became of a showtime that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Created,
    Replaced,
    /// It was so already; nothing changed, the position included.
    Unchanged,
}

/// What became of a showtime that was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    Created,
    /// It was there already, with the same content.
    Unchanged,
    /// A showtime of this id is there, with other content; nothing was changed.
    Conflict,
}

/// A showtime's map with the history that leads to it.
#[derive(Clone, Debug)]
pub struct History {
    pub view: Arc<ShowtimeView>,
    pub snapshot: Snapshot,
    /// The newest diffs, oldest first, without a gap, the last at the snapshot's position.
    pub recent: Vec<Diff>,
}

/// One thing that the feed says. The feed is a hint: it may lose messages, and says so; the store is the truth.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// A change of a watched showtime.
    Diff { showtime: ShowtimeId, diff: Diff },
    /// History cannot be continued: read the showtime anew.
    Reset { showtime: ShowtimeId },
    /// The showtime was removed.
    Gone { showtime: ShowtimeId },
    /// From now on messages may be lost.
    Interrupted,
    /// Messages arrive again. What changed since `Interrupted` must be read.
    Restored,
}

/// How the feed does.
#[derive(Clone, Copy, Debug)]
pub struct FeedHealth {
    /// Whether messages arrive.
    pub connected: bool,
    /// How long ago it was last proven that they do; `None` before the first proof.
    pub probe_age: Option<std::time::Duration>,
}

/// What an operator wants to know of the store.
#[derive(Clone, Debug)]
pub struct StoreHealth {
    /// Which store it is: `redis`, `embedded`.
    pub kind: &'static str,
    /// How long the store took to answer.
    pub latency: std::time::Duration,
    /// Name and value, for reading by people.
    pub facts: BTreeMap<&'static str, String>,
    /// Settings that endanger a promise, each with what to do.
    pub warnings: Vec<String>,
}

/// A store of showtimes and their seats. See the module's page for what every method promises.
#[async_trait]
pub trait SeatStore: Send + Sync + 'static {
    /// The store's clock, as well as this process knows it: within a round trip's half of the truth. It never goes back by
    /// more than that while the store is open.
    fn now(&self) -> Timestamp;

    /// The ids of all showtimes, in their own order. A showtime may be gone by the time that it is asked for.
    async fn ids(&self) -> Result<Vec<ShowtimeId>, StoreError>;

    /// All showtimes, in the order of their start. One that cannot be read is logged and left out.
    async fn showtimes(&self) -> Result<Vec<Arc<ShowtimeView>>, StoreError>;

    /// One showtime with its position.
    async fn showtime(&self, id: &ShowtimeId) -> Result<Option<(Arc<ShowtimeView>, Position)>, StoreError>;

    /// Creates a showtime, or replaces its description. Seats keep their states by their ids when the plan changes, and the
    /// ledger stays. A showtime that was created or replaced begins a new epoch; one that is so already stays at its position.
    ///
    /// Refused with the seats that the new plan lacks and that are locked, sold or blocked.
    async fn put(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>) -> Outcome<Written>;

    /// Removes a showtime with its locks and bookings. `false` when there was none.
    async fn delete(&self, id: &ShowtimeId) -> Result<bool, StoreError>;

    /// A seating plan by its hash.
    async fn plan(&self, hash: &PlanHash) -> Result<Option<Arc<SeatingPlan>>, StoreError>;

    /// Locks all seats for the holder, until now and the showtime's lock time. A seat that the holder has already stays as it is,
    /// deadline included; if all are, nothing changes.
    ///
    /// Refused, in this order: seats that the plan does not have; seats that are another's, sold or blocked; more seats than one
    /// holder may have locked at once (more names than that are refused before anything else).
    async fn lock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held>;

    /// Releases the holder's locks on the seats; `Changed` lists those that were locked. A seat that nobody holds is fine.
    ///
    /// Refused with the seats that are another's or sold.
    async fn unlock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Changed>;

    /// Moves the deadlines of the holder's locks to now and the lock time, at most to the cap after each was placed, never back.
    ///
    /// Refused with the seats that the holder does not hold.
    async fn extend(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held>;

    /// Turns the holder's locks into a booking. A booking id that is in the ledger changes nothing: it repeats that booking, or
    /// is refused.
    ///
    /// Refused with the seats that the holder does not hold, or because the booking id stands for another booking.
    async fn book(&self, id: &ShowtimeId, seats: &[String], holder: &UserId, booking: &BookingId) -> Outcome<Booked>;

    /// Frees seats of a booking; `Changed` lists those that the booking owned until now.
    ///
    /// Refused when there is no such booking, or with the seats that it never owned.
    async fn release(&self, id: &ShowtimeId, seats: &[String], booking: &BookingId) -> Outcome<Changed>;

    /// Takes seats off sale; `Changed` lists those that were available. One that is blocked already takes the new reason.
    ///
    /// Refused with the seats that are locked or sold.
    async fn block(&self, id: &ShowtimeId, seats: &[String], reason: &str) -> Outcome<Changed>;

    /// Puts blocked seats back on sale; `Changed` lists those that were blocked, the others stay as they are.
    async fn unblock(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Changed>;

    /// What is true of the seats now, in one look: a lock that has ended is no lock, announced or not. Decides nothing.
    ///
    /// Refused when there are too many names, or with those that are no seats of the plan.
    async fn facts(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Facts>;

    /// Everything that the store keeps of a showtime, but for its history; locks that have ended are left out. `None` for an
    /// unknown showtime, an error for one that cannot be read.
    async fn export(&self, id: &ShowtimeId) -> Result<Option<Archive>, StoreError>;

    /// Creates a showtime with everything that belongs to it, in one step; locks keep their deadlines, and those that have ended
    /// are left out. It begins a new epoch. What other programs have locked already is a conflict. Where no other program can
    /// remove a lock, one without a deadline gets one, the lock time from now.
    async fn import(&self, archive: Archive) -> Result<Imported, StoreError>;

    /// The whole map with its recent history. `None` for an unknown showtime.
    async fn snapshot(&self, id: &ShowtimeId) -> Result<Option<History>, StoreError>;

    /// The diffs after `since`, without a gap. `None` when history does not reach back so far.
    async fn changes_since(&self, id: &ShowtimeId, since: &Position) -> Result<Option<Vec<Diff>>, StoreError>;

    /// Where showtimes stand now, in the order of `seen`, which says where the caller saw each of them stand; `None` for one
    /// that is not there, the same for one that cannot be read. One that stands before that, in the same epoch, has lost changes: it begins a new epoch, and the
    /// feed says so. Cheap enough to be asked for thousands of showtimes every other second.
    async fn positions(&self, seen: &[(ShowtimeId, Position)]) -> Result<Vec<Option<Position>>, StoreError>;

    /// Has the feed carry the showtime's changes. On return it does: what changes from now on comes as a [`FeedItem`], and
    /// what other programs changed before is in the next snapshot. Watches are counted: each that was begun is ended once, and
    /// with the last of them the feed says no more of the showtime. However many there are, each change comes once.
    ///
    /// `false` when there is no such showtime. Then, and after an error, which comes at once while the feed is interrupted,
    /// there is no watch: ask again. A watch that stands outlives interruptions.
    async fn watch(&self, id: &ShowtimeId) -> Result<bool, StoreError>;

    /// Ends a watch that [`SeatStore::watch`] began.
    async fn unwatch(&self, id: &ShowtimeId);

    /// How the feed does.
    fn feed_health(&self) -> FeedHealth;

    /// Asks the store how it does.
    async fn health(&self) -> Result<StoreHealth, StoreError>;
}

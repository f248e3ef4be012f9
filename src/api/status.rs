//! Every seat of a showtime in one answer, from a live room's memory: for clients that poll.

use serde::Serialize;

use super::answers::Head;
use crate::domain::ids::{SeatId, UserId};
use crate::domain::plan::PlanHash;
use crate::domain::seat::{Lock, SeatStatus};
use crate::domain::showtime::Price;
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::store::ShowtimeView;

/// The answer to a poll.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusAnswer<'live> {
    #[serde(flatten)]
    pub head: Head,
    /// The store is out of reach: this is how it was.
    pub stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<Timestamp>,
    /// For how long it has been so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_seconds: Option<u64>,
    /// When to ask again.
    pub poll_interval_seconds: u32,
    pub plan: &'live PlanHash,
    pub currency: &'live str,
    pub seats: Vec<SeatAnswer<'live>>,
}

/// One seat.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatAnswer<'live> {
    pub seat_id: &'live SeatId,
    pub status: CallerStatus,
    pub price: Option<&'live Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Only ever the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_by: Option<&'live UserId>,
}

/// A seat's status as a caller sees it: the caller's own locks are `selected`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallerStatus {
    Available,
    Selected,
    Locked,
    Occupied,
    Blocked,
}

impl<'live> StatusAnswer<'live> {
    /// What `caller` may know of the room's seats; a caller who gives no id sees no lock as its own.
    pub fn new(
        view: &'live ShowtimeView,
        snapshot: &'live Snapshot,
        stale_since: Option<Timestamp>,
        caller: Option<&UserId>,
        server_time: Timestamp,
        poll_interval_seconds: u32,
    ) -> Self {
        let showtime = &view.showtime;
        let position = snapshot.position().clone();
        Self {
            head: Head { showtime_id: showtime.id.clone(), position, server_time },
            stale: stale_since.is_some(),
            stale_since,
            stale_seconds: stale_since.map(|since| server_time.since(since).as_secs()),
            poll_interval_seconds,
            plan: &showtime.plan,
            currency: &showtime.details.currency,
            seats: (0..showtime.seat_count).map(|seat| SeatAnswer::new(view, snapshot, seat, caller)).collect(),
        }
    }
}

impl<'live> SeatAnswer<'live> {
    fn new(view: &'live ShowtimeView, snapshot: &'live Snapshot, seat: u32, caller: Option<&UserId>) -> Self {
        let lock: Option<&Lock> = snapshot.locks().get(&seat);
        let own = lock.filter(|lock| caller == Some(&lock.holder));
        let status = match snapshot.status(seat) {
            Some(SeatStatus::Locked) if own.is_some() => CallerStatus::Selected,
            Some(SeatStatus::Locked) => CallerStatus::Locked,
            Some(SeatStatus::Occupied) => CallerStatus::Occupied,
            Some(SeatStatus::Blocked) | None => CallerStatus::Blocked,
            Some(SeatStatus::Available) => CallerStatus::Available,
        };
        Self {
            seat_id: view.seat_id(seat),
            status,
            price: view.price(seat),
            locked_at: lock.map(|lock| lock.locked_at),
            expires_at: lock.and_then(|lock| lock.expires_at),
            locked_by: own.map(|lock| &lock.holder),
        }
    }
}

//! The store's methods: each finds the seats, runs one script, and reads its reply.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::RedisStore;
use super::call::{Call, EPOCH_ATTEMPTS};
use super::catalog::Known;
use super::change::Lost;
use super::entry::{self, Publication};
use super::ledger;
use super::scripts::{InTheWay, LockReply, Reply, Word};
use crate::domain::archive::Archive;
use crate::domain::diff::Diff;
use crate::domain::ids::{BookingId, ShowtimeId, UserId};
use crate::domain::plan::{PlanHash, SeatingPlan};
use crate::domain::position::Position;
use crate::domain::showtime::Details;
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::domain::transition::Refusal;
use crate::store::finding::{find, over_limit, per_holder, per_request, seat_ids};
use crate::store::{
    Booked, BookingConflict, Changed, Done, Facts, FeedHealth, Held, History, Imported, Outcome, Refused, RefusedSeat,
    SeatStore, ShowtimeView, StoreError, StoreHealth, Written,
};

/// Showtimes whose positions are asked for side by side.
const SIDE_BY_SIDE: usize = 128;

/// A script's reply about seats, and what the request's seats are.
struct Answer {
    reply: Reply,
    view: Arc<ShowtimeView>,
    seats: Vec<u32>,
    /// The answer that was lost before this one.
    lost: Option<Lost>,
}

impl Answer {
    fn done(&self) -> Result<Done, StoreError> {
        let (position, now) = self.reply.stand()?;
        Ok(Done { view: Arc::clone(&self.view), position, now })
    }

    /// The seats in the way.
    fn refused(&mut self) -> Result<Refused, StoreError> {
        let in_the_way: Vec<InTheWay> = self.reply.take()?;
        let seats = in_the_way
            .into_iter()
            .map(|(n, letter, deadline)| {
                let refusal = match letter.as_str() {
                    "l" => Refusal::Locked { expires_at: (deadline >= 0).then(|| Timestamp::from_millis(deadline)) },
                    "o" => Refusal::Occupied,
                    "b" => Refusal::Blocked,
                    _ => Refusal::NotHeld,
                };
                Ok(RefusedSeat { seat: self.view.seat_id(self.seat(n)?).clone(), refusal })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Refused::Seats(seats))
    }

    /// The seat at place `n` of the request, counted from 1.
    fn seat(&self, n: usize) -> Result<u32, StoreError> {
        let seat = n.checked_sub(1).and_then(|n| self.seats.get(n)).copied();
        seat.ok_or_else(|| StoreError::Broken(format!("a script named seat {n} of {}", self.seats.len())))
    }

    /// Fails where an answer was lost and this one may be about what was done then.
    fn is_certain(&self) -> Result<(), StoreError> {
        self.lost.as_ref().map_or(Ok(()), |lost| Err(StoreError::Unknown(lost.why.clone())))
    }

    fn held(mut self) -> Outcome<Held> {
        match self.reply.word {
            Word::Ok => {
                let locks: Vec<LockReply> = self.reply.take()?;
                let lock = |(locked_at, deadline, value): LockReply| {
                    entry::lock(locked_at, deadline, &String::from_utf8_lossy(&value))
                };
                let seats = self.seats.iter().copied().zip(locks.into_iter().map(lock)).collect();
                Ok(Ok(Held { done: self.done()?, seats }))
            }
            Word::Refused => Ok(Err(self.refused()?)),
            other => Err(unexpected(other)),
        }
    }

    fn changed(mut self) -> Outcome<Changed> {
        match self.reply.word {
            Word::Ok => {
                let places: Vec<usize> = self.reply.take()?;
                // Those that are missing were so before, or changed when the answer was lost.
                if places.len() < self.seats.len() {
                    self.is_certain()?;
                }
                let seats = places.into_iter().map(|n| self.seat(n)).collect::<Result<_, _>>()?;
                Ok(Ok(Changed { done: self.done()?, seats }))
            }
            Word::Refused => {
                self.is_certain()?;
                Ok(Err(self.refused()?))
            }
            other => Err(unexpected(other)),
        }
    }
}

fn unexpected(word: Word) -> StoreError {
    StoreError::Broken(format!("a script replied {word:?}"))
}

impl RedisStore {
    /// Finds the request's seats and runs the script that `call` puts together, again if the showtime turns out to be of
    /// another epoch than was remembered.
    async fn on_seats<'call>(
        &'call self,
        id: &'call ShowtimeId,
        seats: &[String],
        limit: impl Fn(&ShowtimeView) -> usize,
        call: impl Fn(&ShowtimeView, &[u32]) -> Call<'call>,
    ) -> Outcome<Answer> {
        let mut lost = None;
        match self.try_on_seats(id, seats, limit, call, &mut lost).await {
            Ok(Ok((reply, view, seats))) => Ok(Ok(Answer { reply, view, seats, lost })),
            Ok(Err(refused)) => Ok(Err(refused)),
            // Whatever came in the way later: the first answer was lost, and what it was about may have been done.
            Err(error) => Err(lost.map_or(error, |lost| StoreError::Unknown(lost.why))),
        }
    }

    async fn try_on_seats<'call>(
        &'call self,
        id: &'call ShowtimeId,
        seats: &[String],
        limit: impl Fn(&ShowtimeView) -> usize,
        call: impl Fn(&ShowtimeView, &[u32]) -> Call<'call>,
        lost: &mut Option<Lost>,
    ) -> Outcome<(Reply, Arc<ShowtimeView>, Vec<u32>)> {
        for _ in 0..EPOCH_ATTEMPTS {
            let Some(Known { view, epoch }) = self.catalog.get(id).await? else {
                return Ok(Err(Refused::UnknownShowtime));
            };
            let seats = match find(&view, seats, limit(&view)) {
                Ok(seats) => seats,
                Err(refused) => return Ok(Err(refused)),
            };
            let call = || call(&view, &seats).at(&epoch).on_seats(&view.plan, &seats);
            let told = self.change(call).await?;
            let reply = told.reply;
            *lost = lost.take().or(told.lost);
            match reply.word {
                Word::Epoch => self.catalog.forget(id),
                Word::Gone => {
                    self.catalog.forget(id);
                    return Ok(Err(Refused::UnknownShowtime));
                }
                _ => return Ok(Ok((reply, view, seats))),
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} is being replaced again and again")))
    }

    /// The same; a showtime that cannot be read spoils no others and is told as it was seen.
    async fn position_or_seen(&self, id: &ShowtimeId, seen: &Position) -> Result<Option<Position>, StoreError> {
        match self.position(id, seen).await {
            Err(StoreError::Broken(error)) => {
                tracing::error!(showtime = %id, error, "a showtime cannot be compared");
                Ok(Some(seen.clone()))
            }
            // A slot that is between two servers must not keep all others from being compared.
            Err(error) if self.keys.are_in_a_cluster() => {
                tracing::debug!(showtime = %id, %error, "a showtime was not compared");
                Ok(Some(seen.clone()))
            }
            told => told,
        }
    }

    pub(super) async fn position(&self, id: &ShowtimeId, seen: &Position) -> Result<Option<Position>, StoreError> {
        let call = self.script(&self.scripts.position, id).arg(seen.epoch.as_str()).arg(seen.seq);
        let reply = self.invoke(call).await?;
        match reply.word {
            Word::Ok => Ok(Some(reply.stand()?.0)),
            Word::Gone => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    pub(super) fn script<'call>(&'call self, script: &'call redis::Script, id: &'call ShowtimeId) -> Call<'call> {
        Call::new(script, &self.keys, id)
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Unwraps an answer, or returns with what was refused.
macro_rules! answered {
    ($outcome:expr) => {
        match $outcome {
            Ok(answer) => answer,
            Err(refused) => return Ok(Err(refused)),
        }
    };
}

#[async_trait]
impl SeatStore for RedisStore {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn ids(&self) -> Result<Vec<ShowtimeId>, StoreError> {
        let mut ids = self.catalog.ids().await?;
        ids.sort();
        Ok(ids)
    }

    async fn showtimes(&self) -> Result<Vec<Arc<ShowtimeView>>, StoreError> {
        let ids = self.catalog.ids().await?;
        let mut views: Vec<_> = self.catalog.read_many(&ids).await?.into_iter().map(|(known, _)| known.view).collect();
        views.sort_by(|a, b| {
            let key = |view: &ShowtimeView| (view.showtime.details.starts_at, view.showtime.id.clone());
            key(a).cmp(&key(b))
        });
        Ok(views)
    }

    async fn showtime(&self, id: &ShowtimeId) -> Result<Option<(Arc<ShowtimeView>, Position)>, StoreError> {
        Ok(self.catalog.read(id).await?.map(|(known, position)| (known.view, position)))
    }

    async fn put(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>) -> Outcome<Written> {
        self.replace(id, details, plan).await
    }

    async fn delete(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        self.remove(id).await
    }

    async fn plan(&self, hash: &PlanHash) -> Result<Option<Arc<SeatingPlan>>, StoreError> {
        self.catalog.plan(hash).await
    }

    async fn lock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let lock_id = entry::new_lock_id(holder);
        let call = |view: &ShowtimeView, _: &[u32]| {
            let rules = view.rules;
            let call = self.script(&self.scripts.lock, id).arg(holder.as_str()).arg(&lock_id);
            call.arg(millis(rules.lock)).arg(rules.max_seats_per_holder)
        };
        let mut answer = answered!(self.on_seats(id, seats, per_holder, call).await?);
        if answer.reply.word == Word::TooMany {
            // Some of the holder's locks may have ended without anybody having been told: look at them, and try again.
            let held: Vec<u32> = answer.reply.take()?;
            self.look_at(id, &answer.view, &held).await?;
            answer = answered!(self.on_seats(id, seats, per_holder, call).await?);
        }
        if answer.reply.word == Word::TooMany {
            let held: Vec<u32> = answer.reply.take()?;
            return Ok(Err(over_limit(&answer.view, &answer.seats, seats.len(), &held)));
        }
        answer.held()
    }

    async fn unlock(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Changed> {
        let call = |_: &ShowtimeView, _: &[u32]| self.script(&self.scripts.unlock, id).arg(holder.as_str());
        answered!(self.on_seats(id, seats, per_request, call).await?).changed()
    }

    async fn extend(&self, id: &ShowtimeId, seats: &[String], holder: &UserId) -> Outcome<Held> {
        let call = |view: &ShowtimeView, _: &[u32]| {
            let call = self.script(&self.scripts.extend, id).arg(holder.as_str());
            call.arg(millis(view.rules.lock)).arg(millis(view.rules.extend_cap))
        };
        answered!(self.on_seats(id, seats, per_request, call).await?).held()
    }

    async fn book(&self, id: &ShowtimeId, seats: &[String], holder: &UserId, booking: &BookingId) -> Outcome<Booked> {
        let call = |view: &ShowtimeView, seats: &[u32]| {
            let entry = ledger::draft(booking, holder, seat_ids(view, seats));
            self.script(&self.scripts.book, id).arg(holder.as_str()).arg(booking.as_str()).arg(entry)
        };
        let mut answer = answered!(self.on_seats(id, seats, per_request, call).await?);
        match answer.reply.word {
            Word::Refused => return Ok(Err(answer.refused()?)),
            Word::Ok | Word::Recorded => {}
            other => return Err(unexpected(other)),
        }
        let text: String = answer.reply.take()?;
        let recorded = ledger::read(&text)?;
        let recorded_before = answer.reply.word == Word::Recorded;
        if recorded_before && !recorded.is_repeated_by(holder, &seat_ids(&answer.view, &answer.seats)) {
            let conflict =
                if recorded.released.is_empty() { BookingConflict::Different } else { BookingConflict::Released };
            return Ok(Err(Refused::BookingConflict(conflict)));
        }
        // What this very request has recorded before its answer was lost is no repetition.
        let by_this = answer.lost.as_ref().is_some_and(|lost| recorded.booked_at >= lost.asked_at);
        Ok(Ok(Booked { done: answer.done()?, booking: recorded, replayed: recorded_before && !by_this }))
    }

    async fn release(&self, id: &ShowtimeId, seats: &[String], booking: &BookingId) -> Outcome<Changed> {
        let call = |view: &ShowtimeView, seats: &[u32]| {
            let call = self.script(&self.scripts.release, id).arg(booking.as_str());
            seats.iter().fold(call, |call, seat| call.arg(view.seat_id(*seat).as_str()))
        };
        let mut answer = answered!(self.on_seats(id, seats, per_request, call).await?);
        match answer.reply.word {
            Word::Unrecorded => Ok(Err(Refused::BookingConflict(BookingConflict::Unrecorded))),
            Word::Refused => {
                let Refused::Seats(seats) = answer.refused()? else { return Err(unexpected(Word::Refused)) };
                let seats = seats.into_iter().map(|refused| refused.seat).collect();
                Ok(Err(Refused::BookingConflict(BookingConflict::NotOwned(seats))))
            }
            _ => answer.changed(),
        }
    }

    async fn block(&self, id: &ShowtimeId, seats: &[String], reason: &str) -> Outcome<Changed> {
        let call = |_: &ShowtimeView, _: &[u32]| self.script(&self.scripts.block, id).arg(reason);
        answered!(self.on_seats(id, seats, per_request, call).await?).changed()
    }

    async fn unblock(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Changed> {
        let call = |_: &ShowtimeView, _: &[u32]| self.script(&self.scripts.unblock, id);
        answered!(self.on_seats(id, seats, per_request, call).await?).changed()
    }

    async fn facts(&self, id: &ShowtimeId, seats: &[String]) -> Outcome<Facts> {
        self.read_facts(id, seats).await
    }

    async fn export(&self, id: &ShowtimeId) -> Result<Option<Archive>, StoreError> {
        self.read_archive(id).await
    }

    async fn import(&self, archive: Archive) -> Result<Imported, StoreError> {
        self.write_archive(archive).await
    }

    async fn snapshot(&self, id: &ShowtimeId) -> Result<Option<History>, StoreError> {
        for _ in 0..EPOCH_ATTEMPTS {
            let Some(Known { view, epoch }) = self.catalog.get(id).await? else { return Ok(None) };
            let mut reply = self.invoke(self.script(&self.scripts.snapshot, id)).await?;
            match reply.word {
                Word::Ok => {
                    let (plan, written): (String, String) = (reply.take()?, reply.take()?);
                    if plan == view.showtime.plan.as_str() && written == epoch.as_str() {
                        return history(view, &mut reply).map(Some);
                    }
                    self.catalog.forget(id);
                }
                Word::Gone => {
                    self.catalog.forget(id);
                    return Ok(None);
                }
                other => return Err(unexpected(other)),
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} is being replaced again and again")))
    }

    async fn changes_since(&self, id: &ShowtimeId, since: &Position) -> Result<Option<Vec<Diff>>, StoreError> {
        let call = self.script(&self.scripts.changes, id).at(&since.epoch).arg(since.seq);
        let mut reply = self.invoke(call).await?;
        match reply.word {
            Word::Ok => Ok(reply.take::<Vec<Vec<u8>>>()?.iter().map(|entry| diff_of(entry)).collect()),
            Word::Cut | Word::Epoch | Word::Gone => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    async fn positions(&self, seen: &[(ShowtimeId, Position)]) -> Result<Vec<Option<Position>>, StoreError> {
        // The connection sends what is asked side by side as one pipeline.
        let mut asked = Vec::with_capacity(seen.len());
        for (id, position) in seen {
            asked.push(self.position_or_seen(id, position));
        }
        stream::iter(asked).buffered(SIDE_BY_SIDE).try_collect().await
    }

    async fn watch(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        // What is remembered may be old, and while nobody watched nobody heard of it.
        let Some((known, _)) = self.catalog.read(id).await? else { return Ok(false) };
        self.watches.lock().insert(id, known.view);
        let begun = async {
            self.sync_subscription(id).await?;
            self.audit(id).await
        };
        match begun.await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.unwatch(id).await;
                Err(error)
            }
        }
    }

    async fn unwatch(&self, id: &ShowtimeId) {
        self.watches.lock().remove(id);
        if let Err(error) = self.sync_subscription(id).await {
            tracing::debug!(showtime = %id, %error, "could not unsubscribe");
        }
    }

    fn feed_health(&self) -> FeedHealth {
        self.feed.health()
    }

    async fn health(&self) -> Result<StoreHealth, StoreError> {
        self.ask_health().await
    }
}

fn history(view: Arc<ShowtimeView>, reply: &mut Reply) -> Result<History, StoreError> {
    let (position, _) = reply.stand()?;
    let states: String = reply.take()?;
    let locks: Vec<(u32, Vec<u8>)> = reply.take()?;
    let entries: Vec<Vec<u8>> = reply.take()?;
    let locks = locks
        .into_iter()
        .map(|(seat, text)| Ok((seat, entry::announced_lock(&String::from_utf8_lossy(&text))?)))
        .collect::<Result<_, StoreError>>()?;
    if states.len() != view.plan.seat_count() {
        return Err(StoreError::Broken(format!("{} letters for {} seats", states.len(), view.plan.seat_count())));
    }
    // What came before an epoch began belongs to another; and history begins after an entry that cannot be read.
    let readable = entries.iter().rev().map_while(|entry| diff_of(entry));
    let mut recent: Vec<Diff> = readable.take_while(|diff| diff.position.epoch == position.epoch).collect();
    recent.reverse();
    let snapshot = Snapshot::new(position, states, locks).map_err(|error| StoreError::Broken(error.to_string()))?;
    Ok(History { view, snapshot, recent })
}

/// The diff that an entry of the log holds, if it can be read.
fn diff_of(entry: &[u8]) -> Option<Diff> {
    match Publication::read(entry) {
        Ok(Publication::Change { diff, .. }) => Some(diff),
        Ok(Publication::Reset | Publication::Gone) | Err(_) => {
            tracing::error!(entry = %String::from_utf8_lossy(entry), "an entry of the log cannot be read");
            None
        }
    }
}

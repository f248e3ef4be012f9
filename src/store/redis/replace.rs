//! Writing and removing a showtime: look, work out the new content, write it if nothing changed since the look, or look again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::json;

use super::RedisStore;
use super::call::Call;
use super::scripts::Word;
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::SeatingPlan;
use crate::domain::seat::SeatStatus;
use crate::domain::showtime::Details;
use crate::domain::snapshot::Snapshot;
use crate::domain::transition::Refusal;
use crate::store::{History, Outcome, Refused, RefusedSeat, SeatStore, StoreError, Written, new_epoch};

/// How often a look is repeated because the showtime changed before the write. Each look and write take about a millisecond.
const ATTEMPTS: usize = 50;

/// What is written by seat index.
#[derive(Default)]
pub(super) struct Content {
    pub states: String,
    pub locks: BTreeMap<u32, String>,
    pub deadlines: BTreeMap<u32, i64>,
    pub bookings: BTreeMap<u32, String>,
    pub blocks: BTreeMap<u32, String>,
    /// By booking id.
    pub ledger: BTreeMap<String, String>,
    /// The seats whose lock keys are written too.
    pub lock_keys: Vec<u32>,
}

impl RedisStore {
    pub(super) async fn replace(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>) -> Outcome<Written> {
        let mut announced = false;
        for _ in 0..ATTEMPTS {
            self.catalog.forget(id);
            let history = self.snapshot(id).await?;
            if let Some(history) = &history
                && history.view.showtime.details == details
                && history.view.showtime.plan == *plan.hash()
            {
                return Ok(Ok(Written::Unchanged));
            }
            let content = match self.carried_over(id, history.as_ref(), &plan).await? {
                Ok(content) => content,
                Err(refused) => return Ok(Err(refused)),
            };
            if !announced {
                self.catalog.announce(id, &plan).await?;
                announced = true;
            }
            if self.write(id, &details, &plan, history.as_ref(), content).await? == Word::Ok {
                self.catalog.forget(id);
                // A removal that ran beside may have taken the id out again.
                self.catalog.list(id).await.map_err(done_all_the_same)?;
                let written = if history.is_some() { Written::Replaced } else { Written::Created };
                return Ok(Ok(written));
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} changes too fast to be replaced")))
    }

    /// The seats' states by the new plan's indexes: a seat keeps its state by its id.
    async fn carried_over(&self, id: &ShowtimeId, history: Option<&History>, plan: &SeatingPlan) -> Outcome<Content> {
        let mut content = Content { states: "a".repeat(plan.seat_count()), ..Content::default() };
        let Some(History { view, snapshot, .. }) = history else { return Ok(Ok(content)) };
        let bookings = self.catalog.by_seat(self.keys.bookings(id)).await?;
        let blocks = self.catalog.by_seat(self.keys.blocks(id)).await?;
        let locks = self.catalog.by_seat(self.keys.locks(id)).await?;
        let mut states = std::mem::take(&mut content.states).into_bytes();
        let mut lost = Vec::new();
        for (seat, letter) in (0_u32..).zip(snapshot.states().bytes()).filter(|(_, letter)| *letter != b'a') {
            let name = view.seat_id(seat);
            let Some(new) = plan.index_of(name.as_str()) else {
                lost.push(RefusedSeat { seat: name.clone(), refusal: refusal(snapshot, seat) });
                continue;
            };
            states[new as usize] = letter;
            carry(&locks, seat, &mut content.locks, new);
            carry(&bookings, seat, &mut content.bookings, new);
            carry(&blocks, seat, &mut content.blocks, new);
            if let Some(deadline) = snapshot.locks().get(&seat).and_then(|lock| lock.expires_at) {
                content.deadlines.insert(new, deadline.as_millis());
            }
        }
        content.states = String::from_utf8(states).expect("states are ASCII letters");
        Ok(if lost.is_empty() { Ok(content) } else { Err(Refused::Seats(lost)) })
    }

    /// Writes the showtime unless it changed since the look: `Ok`, `Moved` or `Taken`.
    pub(super) async fn write(
        &self,
        id: &ShowtimeId,
        details: &Details,
        plan: &SeatingPlan,
        seen: Option<&History>,
        content: Content,
    ) -> Result<Word, StoreError> {
        let details = serde_json::to_string(details).map_err(|error| StoreError::Broken(error.to_string()))?;
        let body = json!({
            "meta": { "plan": plan.hash().as_str(), "seats": plan.seat_count().to_string(), "details": details },
            "locks": content.locks,
            "deadlines": content.deadlines,
            "bookings": content.bookings,
            "blocks": content.blocks,
            "ledger": content.ledger,
        });
        let position = seen.map(|history| history.snapshot.position().to_string()).unwrap_or_default();
        let call = Call::new(&self.scripts.create, &self.keys, id)
            .on_seats(plan, &content.lock_keys)
            .arg(position)
            .arg(new_epoch().as_str())
            .arg(content.states)
            .arg(body.to_string());
        match self.invoke(call).await?.word {
            word @ (Word::Ok | Word::Moved | Word::Taken) => Ok(word),
            other => Err(StoreError::Broken(format!("create replied {other:?}"))),
        }
    }

    pub(super) async fn remove(&self, id: &ShowtimeId) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            self.catalog.forget(id);
            let Some(History { view, snapshot, .. }) = self.snapshot(id).await? else {
                self.catalog.unlist(id).await?;
                return Ok(false);
            };
            let locked: Vec<u32> = snapshot.locks().keys().copied().collect();
            let call = Call::new(&self.scripts.delete, &self.keys, id)
                .on_seats(&view.plan, &locked)
                .arg(snapshot.position().to_string());
            match self.invoke(call).await?.word {
                Word::Ok => {
                    self.catalog.unlist(id).await.map_err(done_all_the_same)?;
                    return Ok(true);
                }
                Word::Moved | Word::Gone => {}
                other => return Err(StoreError::Broken(format!("delete replied {other:?}"))),
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} changes too fast to be removed")))
    }
}

/// The change was made, and the list of showtimes could not follow: to repeat the request puts that right.
pub(super) fn done_all_the_same(error: StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(why) | StoreError::Unknown(why) | StoreError::Broken(why) => StoreError::Unknown(why),
    }
}

fn carry(from: &HashMap<u32, String>, seat: u32, to: &mut BTreeMap<u32, String>, new: u32) {
    if let Some(value) = from.get(&seat) {
        to.insert(new, value.clone());
    }
}

fn refusal(snapshot: &Snapshot, seat: u32) -> Refusal {
    match snapshot.status(seat) {
        Some(SeatStatus::Locked) => {
            Refusal::Locked { expires_at: snapshot.locks().get(&seat).and_then(|lock| lock.expires_at) }
        }
        Some(SeatStatus::Blocked) => Refusal::Blocked,
        Some(SeatStatus::Occupied | SeatStatus::Available) | None => Refusal::Occupied,
    }
}

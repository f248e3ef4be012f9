//! What is true of some seats, with their reasons and bookings: read in one script, which writes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use super::RedisStore;
use super::call::EPOCH_ATTEMPTS;
use super::catalog::Known;
use super::ledger;
use super::scripts::{FactReply, Reply, Word};
use crate::domain::ids::ShowtimeId;
use crate::domain::seat::SeatStatus;
use crate::domain::time::Timestamp;
use crate::store::finding::{find, per_request};
use crate::store::{Done, Fact, Facts, Outcome, Refused, Sale, ShowtimeView, StoreError};

type Sales = HashMap<String, Arc<Sale>>;

impl RedisStore {
    pub(super) async fn read_facts(&self, id: &ShowtimeId, names: &[String]) -> Outcome<Facts> {
        for _ in 0..EPOCH_ATTEMPTS {
            let Some(Known { view, epoch }) = self.catalog.get(id).await? else {
                return Ok(Err(Refused::UnknownShowtime));
            };
            let seats = match find(&view, names, per_request(&view)) {
                Ok(seats) => seats,
                Err(refused) => return Ok(Err(refused)),
            };
            // Not `at`, by which a script goes that may write: after a restart of Redis the epoch as it is written is an old one
            // until somebody writes, and the plan is the same.
            let call = self.script(&self.scripts.facts, id).on_seats(&view.plan, &seats).arg(epoch.as_str());
            let reply = self.invoke(call).await?;
            match reply.word {
                Word::Ok => return facts(view, &seats, reply).map(Ok),
                Word::Epoch => self.catalog.forget(id),
                Word::Gone => {
                    self.catalog.forget(id);
                    return Ok(Err(Refused::UnknownShowtime));
                }
                other => return Err(StoreError::Broken(format!("facts replied {other:?}"))),
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} is being replaced again and again")))
    }
}

fn facts(view: Arc<ShowtimeView>, seats: &[u32], mut reply: Reply) -> Result<Facts, StoreError> {
    let (position, now) = reply.stand()?;
    let (told, entries): (Vec<FactReply>, Vec<String>) = (reply.take()?, reply.take()?);
    let sale = |text: &String| {
        let booking = ledger::read(text)?;
        Ok((booking.booking_id.to_string(), Arc::new(Sale::from(&booking))))
    };
    let sales: Sales = entries.iter().map(sale).collect::<Result<_, StoreError>>()?;
    if told.len() != seats.len() {
        return Err(StoreError::Broken(format!("{} facts about {} seats", told.len(), seats.len())));
    }
    let facts = told.into_iter().map(|told| fact(&sales, told)).collect::<Result<Vec<_>, _>>()?;
    Ok(Facts { done: Done { view, position, now }, seats: seats.iter().copied().zip(facts).collect() })
}

fn fact(sales: &Sales, (letter, deadline, text): FactReply) -> Result<Fact, StoreError> {
    let text = String::from_utf8_lossy(&text);
    match letter.as_bytes() {
        [letter] => match SeatStatus::from_letter(*letter) {
            Some(SeatStatus::Available) => Ok(Fact::Available),
            Some(SeatStatus::Locked) => {
                Ok(Fact::Locked { expires_at: (deadline >= 0).then(|| Timestamp::from_millis(deadline)) })
            }
            Some(SeatStatus::Occupied) => Ok(Fact::Occupied(sales.get(&*text).cloned())),
            Some(SeatStatus::Blocked) => Ok(Fact::Blocked { reason: text.into_owned() }),
            None => Err(unreadable(&letter.escape_ascii().to_string())),
        },
        _ => Err(unreadable(&letter)),
    }
}

fn unreadable(letter: &str) -> StoreError {
    StoreError::Broken(format!("a seat's state reads {letter:?}"))
}

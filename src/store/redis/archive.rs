//! A showtime as a whole: read in one script, written in one script.

use super::RedisStore;
use super::call::EPOCH_ATTEMPTS;
use super::catalog::Known;
use super::replace::{Content, done_all_the_same};
use super::scripts::{Reply, Word};
use super::{entry, ledger};
use crate::domain::archive::{Archive, Seats};
use crate::domain::ids::ShowtimeId;
use crate::domain::seat::Lock;
use crate::store::{Imported, SeatStore, ShowtimeView, StoreError};

impl RedisStore {
    pub(super) async fn read_archive(&self, id: &ShowtimeId) -> Result<Option<Archive>, StoreError> {
        for _ in 0..EPOCH_ATTEMPTS {
            let Some(Known { view, epoch }) = self.catalog.get(id).await? else { return Ok(None) };
            // What is announced may be older than what is true.
            let all: Vec<u32> = (0..view.showtime.seat_count).collect();
            self.look_at(id, &view, &all).await?;
            let mut reply = self.invoke(self.script(&self.scripts.export, id)).await?;
            match reply.word {
                Word::Ok => {
                    let (plan, written): (String, String) = (reply.take()?, reply.take()?);
                    if plan == view.showtime.plan.as_str() && written == epoch.as_str() {
                        return archive(&view, &mut reply).map(Some);
                    }
                    self.catalog.forget(id);
                }
                Word::Gone => {
                    self.catalog.forget(id);
                    return Ok(None);
                }
                other => return Err(StoreError::Broken(format!("export replied {other:?}"))),
            }
        }
        Err(StoreError::Unavailable(format!("showtime {id} is being replaced again and again")))
    }

    pub(super) async fn write_archive(&self, archive: Archive) -> Result<Imported, StoreError> {
        for _ in 0..EPOCH_ATTEMPTS {
            let archive = archive.clone().at(self.now());
            self.catalog.forget(archive.id());
            if let Some(known) = self.read_archive(archive.id()).await? {
                return Ok(if known == archive { Imported::Unchanged } else { Imported::Conflict });
            }
            let (id, plan) = (archive.id(), archive.plan());
            self.catalog.announce(id, plan).await?;
            match self.write(id, archive.details(), plan, None, content(&archive)).await? {
                Word::Ok => {
                    self.catalog.forget(id);
                    self.catalog.list(id).await.map_err(done_all_the_same)?;
                    return Ok(Imported::Created);
                }
                Word::Taken => return Ok(Imported::Conflict),
                _ => {}
            }
        }
        Err(StoreError::Unavailable(format!("showtime {} is being created and removed again and again", archive.id())))
    }
}

fn archive(view: &ShowtimeView, reply: &mut Reply) -> Result<Archive, StoreError> {
    let (_, now) = reply.stand()?;
    let locks: Vec<(u32, Vec<u8>)> = reply.take()?;
    let blocks: Vec<(u32, Vec<u8>)> = reply.take()?;
    let entries: Vec<(String, String)> = reply.take()?;
    let lock = |(seat, text): (u32, Vec<u8>)| Ok((seat, entry::announced_lock(&String::from_utf8_lossy(&text))?));
    let seats = Seats {
        locks: locks.into_iter().map(lock).collect::<Result<_, StoreError>>()?,
        blocks: blocks.into_iter().map(|(seat, text)| (seat, String::from_utf8_lossy(&text).into_owned())).collect(),
        bookings: entries.iter().map(|(_, text)| ledger::read(text)).collect::<Result<_, _>>()?,
    };
    let showtime = &view.showtime;
    let archive = Archive::new(showtime.id.clone(), showtime.details.clone(), view.plan.clone(), seats);
    Ok(archive.map_err(|error| StoreError::Broken(error.to_string()))?.at(now))
}

fn content(archive: &Archive) -> Content {
    let deadline = |(seat, lock): (&u32, &Lock)| Some((*seat, lock.expires_at?.as_millis()));
    let bookings = archive.bookings().iter();
    Content {
        states: archive.states(),
        locks: archive.locks().iter().map(|(seat, lock)| (*seat, entry::announce(lock))).collect(),
        deadlines: archive.locks().iter().filter_map(deadline).collect(),
        bookings: archive.sold().map(|(seat, booking)| (seat, booking.booking_id.to_string())).collect(),
        blocks: archive.blocks().clone(),
        ledger: bookings.map(|booking| (booking.booking_id.to_string(), ledger::write(booking))).collect(),
        lock_keys: archive.locks().keys().copied().collect(),
    }
}

//! The showtimes' descriptions and plans: read from Redis, remembered by epoch.
//!
//! What is remembered may be old; every script is told the epoch it was read at and refuses another, so that an index never
//! means another seat.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use quick_cache::sync::Cache;

use super::keys::Keys;
use super::links::Links;
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::{ImportOptions, PlanHash, SeatingPlan};
use crate::domain::position::{Epoch, Position};
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::store::{ShowtimeView, StoreError};

/// Showtimes and plans that are remembered; more are read again when they are needed.
const SHOWTIMES: usize = 4_096;
const PLANS: usize = 256;
/// Descriptions that are asked for before the first answer is there.
const AT_ONCE: usize = 64;

/// A showtime as it was read at one epoch.
#[derive(Clone, Debug)]
pub struct Known {
    pub view: Arc<ShowtimeView>,
    pub epoch: Epoch,
}

/// Reads and remembers descriptions and plans.
pub struct Catalog {
    link: Links,
    keys: Keys,
    defaults: Rules,
    showtimes: Cache<ShowtimeId, Known>,
    plans: Cache<PlanHash, Arc<SeatingPlan>>,
}

type Meta = (Option<String>, Option<u64>, Option<String>, Option<String>);

impl Catalog {
    pub fn new(link: Links, keys: Keys, defaults: Rules) -> Self {
        Self { link, keys, defaults, showtimes: Cache::new(SHOWTIMES), plans: Cache::new(PLANS) }
    }

    /// A showtime, remembered or read.
    pub async fn get(&self, id: &ShowtimeId) -> Result<Option<Known>, StoreError> {
        match self.showtimes.get(id) {
            Some(known) => Ok(Some(known)),
            None => Ok(self.read(id).await?.map(|(known, _)| known)),
        }
    }

    /// The showtime's epoch if its plan is still `plan`.
    pub async fn epoch_of(&self, id: &ShowtimeId, plan: &PlanHash) -> Result<Option<Epoch>, StoreError> {
        let known = self.get(id).await?;
        Ok(known.filter(|known| known.view.showtime.plan == *plan).map(|known| known.epoch))
    }

    /// A showtime as Redis has it now.
    pub async fn read(&self, id: &ShowtimeId) -> Result<Option<(Known, Position)>, StoreError> {
        let mut metas = self.metas(std::slice::from_ref(id)).await?;
        let meta = metas.pop().unwrap_or_default();
        self.understand(id, meta).await
    }

    /// The showtimes that exist among `ids`, as Redis has them now. One that cannot be understood is logged and left out:
    /// the others are none the worse for it.
    pub async fn read_many(&self, ids: &[ShowtimeId]) -> Result<Vec<(Known, Position)>, StoreError> {
        let mut showtimes = Vec::new();
        for (id, meta) in ids.iter().zip(self.metas(ids).await?) {
            match self.understand(id, meta).await {
                Ok(known) => showtimes.extend(known),
                Err(StoreError::Broken(error)) => tracing::error!(showtime = %id, error, "a showtime was left out"),
                Err(error) => return Err(error),
            }
        }
        Ok(showtimes)
    }

    /// What is written of each of `ids`, in their order. In a cluster they are on many servers.
    async fn metas(&self, ids: &[ShowtimeId]) -> Result<Vec<Meta>, StoreError> {
        let keys: Vec<String> = ids.iter().map(|id| self.keys.meta(id)).collect();
        let metas: Vec<_> = keys.into_iter().map(|key| self.meta(key)).collect();
        stream::iter(metas).buffered(AT_ONCE).try_collect().await
    }

    async fn meta(&self, key: String) -> Result<Meta, StoreError> {
        self.link.query(&key, redis::cmd("HMGET").arg(&key).arg(&["epoch", "seq", "plan", "details"])).await
    }

    /// Understands what was read of a showtime, and remembers it.
    async fn understand(&self, id: &ShowtimeId, meta: Meta) -> Result<Option<(Known, Position)>, StoreError> {
        let showtime = self.showtime(id, meta).await?;
        match &showtime {
            Some((known, _)) => self.showtimes.insert(id.clone(), known.clone()),
            None => self.forget(id),
        }
        Ok(showtime)
    }

    async fn showtime(&self, id: &ShowtimeId, meta: Meta) -> Result<Option<(Known, Position)>, StoreError> {
        let (Some(epoch), Some(seq), Some(plan), Some(details)) = meta else { return Ok(None) };
        let broken = |error: String| StoreError::Broken(format!("showtime {id}: {error}"));
        let epoch = Epoch::parse(&epoch).map_err(|error| broken(error.to_string()))?;
        let details: Details = serde_json::from_str(&details).map_err(|error| broken(error.to_string()))?;
        let hash = PlanHash::parse(&plan).map_err(|error| broken(error.to_string()))?;
        let plan = self.plan(&hash).await?.ok_or_else(|| broken(format!("its plan {hash} is missing")))?;
        Ok(Some((self.known(id, details, plan, epoch.clone()), Position::new(epoch, seq))))
    }

    fn known(&self, id: &ShowtimeId, details: Details, plan: Arc<SeatingPlan>, epoch: Epoch) -> Known {
        let rules = details.rules(self.defaults);
        let seat_count = u32::try_from(plan.seat_count()).expect("a plan has at most 100,000 seats");
        let showtime = Showtime { id: id.clone(), details, plan: plan.hash().clone(), seat_count };
        Known { view: Arc::new(ShowtimeView { showtime, plan, rules }), epoch }
    }

    /// Forgets a showtime, so that it is read again.
    pub fn forget(&self, id: &ShowtimeId) {
        self.showtimes.remove(id);
    }

    /// The ids of all showtimes, some of which may be gone.
    pub async fn ids(&self) -> Result<Vec<ShowtimeId>, StoreError> {
        let key = self.keys.showtimes();
        let ids: Vec<String> = self.link.query(&key, redis::cmd("SMEMBERS").arg(&key)).await?;
        Ok(ids.iter().filter_map(|id| ShowtimeId::parse(id).ok()).collect())
    }

    /// A plan, remembered or read.
    pub async fn plan(&self, hash: &PlanHash) -> Result<Option<Arc<SeatingPlan>>, StoreError> {
        if let Some(plan) = self.plans.get(hash) {
            return Ok(Some(plan));
        }
        let key = self.keys.plan(hash);
        let json: Option<Vec<u8>> = self.link.query(&key, redis::cmd("GET").arg(&key)).await?;
        let Some(json) = json else { return Ok(None) };
        let plan = tokio::task::spawn_blocking(move || import(&json))
            .await
            .map_err(|error| StoreError::Broken(error.to_string()))?
            .map_err(|error| StoreError::Broken(format!("plan {hash}: {error}")))?;
        self.plans.insert(hash.clone(), Arc::clone(&plan));
        Ok(Some(plan))
    }

    /// Writes a plan and the showtime's id, before the showtime itself: both are harmless alone.
    pub async fn announce(&self, id: &ShowtimeId, plan: &Arc<SeatingPlan>) -> Result<(), StoreError> {
        let key = self.keys.plan(plan.hash());
        let _: Option<String> =
            self.link.query(&key, redis::cmd("SET").arg(&key).arg(&plan.json()[..]).arg("NX")).await?;
        self.plans.insert(plan.hash().clone(), Arc::clone(plan));
        self.list(id).await
    }

    /// Puts a showtime's id into the list.
    pub async fn list(&self, id: &ShowtimeId) -> Result<(), StoreError> {
        let key = self.keys.showtimes();
        self.link.query(&key, redis::cmd("SADD").arg(&key).arg(id.as_str())).await
    }

    /// Takes a removed showtime's id out of the list, unless the showtime was created again meanwhile.
    pub async fn unlist(&self, id: &ShowtimeId) -> Result<(), StoreError> {
        self.forget(id);
        let (list, meta) = (self.keys.showtimes(), self.keys.meta(id));
        let _: i64 = self.link.query(&list, redis::cmd("SREM").arg(&list).arg(id.as_str())).await?;
        let created: bool = self.link.query(&meta, redis::cmd("EXISTS").arg(&meta)).await?;
        if created { self.list(id).await } else { Ok(()) }
    }

    /// What a hash of a showtime says by seat index: booking ids, or reasons of blocked seats.
    pub async fn by_seat(&self, key: String) -> Result<HashMap<u32, String>, StoreError> {
        let entries: HashMap<u32, Vec<u8>> = self.link.query(&key, redis::cmd("HGETALL").arg(&key)).await?;
        // Another program's lock may hold anything. What is changed here is put right when the seat is next looked at.
        let text = |(seat, bytes): (u32, Vec<u8>)| (seat, String::from_utf8_lossy(&bytes).into_owned());
        Ok(entries.into_iter().map(text).collect())
    }
}

fn import(json: &[u8]) -> Result<Arc<SeatingPlan>, String> {
    let value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    match SeatingPlan::import(&value, &ImportOptions::default()) {
        Ok(imported) => Ok(Arc::new(imported.plan)),
        Err(problems) => Err(problems.first().map(|problem| problem.message.clone()).unwrap_or_default()),
    }
}

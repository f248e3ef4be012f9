//! What a page is going to ask for, told with the page itself, so that the browser asks while it still reads the page's modules;
//! and the plan that the page is about, which it may show before that.
//!
//! It is a hint: what is not known at once is left out, and nobody waits for a store that is away.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::context::Context;
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::SeatingPlan;

/// How long a page waits for the store to say which plan a showtime is on. It answers within a millisecond or two.
const PATIENCE: Duration = Duration::from_millis(50);
/// Of so many showtimes a page with several is told; the others are asked for in their turn.
const SHOWTIMES: usize = 4;

/// Addresses that are going to be asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Preloads {
    addresses: Vec<String>,
    plan: Option<Arc<SeatingPlan>>,
}

impl Preloads {
    /// Of the page that lists all showtimes.
    pub fn showtimes() -> Self {
        Self { addresses: vec!["/api/v1/showtimes".to_owned()], plan: None }
    }

    /// Of a page about one showtime, whose id stands in its address.
    pub async fn of_one(context: &Context, id: &str) -> Self {
        let Ok(id) = ShowtimeId::parse(id) else { return Self::default() };
        Self::told(std::slice::from_ref(&id), vec![plan(context, &id).await])
    }

    /// Of a page about showtimes, whose ids stand in its address with commas between them.
    pub async fn of(context: &Context, ids: &str) -> Self {
        let mut seen = HashSet::new();
        let ids = ids.split(',').filter_map(|id| ShowtimeId::parse(id.trim()).ok());
        let ids: Vec<ShowtimeId> = ids.filter(|id| seen.insert(id.clone())).take(SHOWTIMES).collect();
        let plans = join_all(ids.iter().map(|id| plan(context, id))).await;
        Self::told(&ids, plans)
    }

    fn told(ids: &[ShowtimeId], plans: Vec<Plan>) -> Self {
        let mut told = Self::default();
        for (id, plan) in ids.iter().zip(plans) {
            let plan = match plan {
                Plan::Known(plan) => Some(plan),
                Plan::Unknown => None,
                Plan::NoShowtime => continue,
            };
            told.addresses.push(format!("/api/v1/showtimes/{id}"));
            let address = plan.as_ref().map(|plan| format!("/api/v1/plans/{}", plan.hash()));
            told.addresses.extend(address.filter(|address| !told.addresses.contains(address)));
            told.plan = told.plan.or(plan);
        }
        told
    }

    /// The plan of the first showtime whose plan is known.
    pub fn plan(&self) -> Option<&Arc<SeatingPlan>> {
        self.plan.as_ref()
    }

    /// The value of a `Link` header; empty when there is nothing to tell.
    pub fn header(&self) -> String {
        // As the pages' `fetch` asks, which takes over only what was asked for in the same way.
        let link = |address: &String| format!("<{address}>; rel=preload; as=fetch; crossorigin=anonymous");
        self.addresses.iter().map(link).collect::<Vec<_>>().join(", ")
    }
}

enum Plan {
    Known(Arc<SeatingPlan>),
    /// Nobody can say at once.
    Unknown,
    NoShowtime,
}

/// The plan of a showtime: from its room, if that is open, or from the store, if that is there.
async fn plan(context: &Context, id: &ShowtimeId) -> Plan {
    if let Some(plan) = context.hub.peek(id, |live| Arc::clone(&live.view.plan)) {
        return Plan::Known(plan);
    }
    if !context.store.feed_health().connected {
        return Plan::Unknown;
    }
    match tokio::time::timeout(PATIENCE, context.store.showtime(id)).await {
        Ok(Ok(Some((view, _)))) => Plan::Known(Arc::clone(&view.plan)),
        Ok(Ok(None)) => Plan::NoShowtime,
        Ok(Err(_)) | Err(_) => Plan::Unknown,
    }
}

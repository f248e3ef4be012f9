//! A showtime for each shipped plan, so that there is something to look at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::ids::ShowtimeId;
use crate::domain::showtime::Details;
use crate::domain::time::Timestamp;
use crate::plans::{self, ShippedPlan};
use crate::store::{SeatStore, StoreError};

/// How long to wait for the store between attempts.
const RETRY: Duration = Duration::from_millis(500);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Demo showtimes begin at this hour, UTC.
const EVENING_MS: i64 = 20 * 60 * 60 * 1_000;

/// Creates the demo showtimes that are missing, as soon as the store answers. Those that are there stay as they are.
pub async fn create(store: Arc<dyn SeatStore>, address: String) {
    while let Err(error) = create_missing(&*store).await {
        tracing::debug!(%error, "demo showtimes have to wait for the store");
        tokio::time::sleep(RETRY).await;
    }
    for plan in plans::shipped() {
        tracing::info!("look at http://{address}/showtimes/{}", id(plan));
    }
}

async fn create_missing(store: &dyn SeatStore) -> Result<(), StoreError> {
    for shipped in plans::shipped() {
        if store.showtime(&id(shipped)).await?.is_none() {
            let plan = tokio::task::spawn_blocking(|| shipped.plan())
                .await
                .map_err(|error| StoreError::Broken(error.to_string()))?;
            // Losing the race against another node is fine: it created the same.
            let _ = store.put(&id(shipped), details(shipped, store.now()), plan).await?;
        }
    }
    Ok(())
}

fn id(plan: &ShippedPlan) -> ShowtimeId {
    ShowtimeId::parse(&format!("demo-{}", plan.name)).expect("names of shipped plans are ids")
}

fn details(plan: &ShippedPlan, now: Timestamp) -> Details {
    let tomorrow = (now.as_millis().div_euclid(DAY_MS) + 1) * DAY_MS;
    let prices: BTreeMap<_, _> =
        plan.prices.iter().map(|(name, price)| ((*name).to_owned(), (*price).into())).collect();
    Details {
        title: format!("Demo: {}", plan.title),
        starts_at: Timestamp::from_millis(tomorrow + EVENING_MS),
        currency: "EUR".into(),
        prices,
        lock_seconds: None,
        max_seats_per_holder: None,
    }
}

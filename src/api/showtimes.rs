//! Writing and describing showtimes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::problem::{Code, Problem};
use crate::domain::ids::ShowtimeId;
use crate::domain::plan::{ImportOptions, PlanHash, Problem as PlanProblem, SeatingPlan};
use crate::domain::position::Position;
use crate::domain::showtime::{Details, Price, price_path};
use crate::domain::time::Timestamp;
use crate::plans;
use crate::store::{SeatStore, ShowtimeView, Written};

/// A showtime as a box office writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutRequest {
    pub title: String,
    pub starts_at: Timestamp,
    pub currency: String,
    pub prices: BTreeMap<String, Price>,
    /// A plan in pretix's format, the hash of one that the server has, or the name of one that it ships.
    pub plan: serde_json::Value,
    #[serde(default)]
    pub lock_seconds: Option<u32>,
    #[serde(default)]
    pub max_seats_per_holder: Option<u32>,
}

/// A showtime as clients see it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShowtimeAnswer {
    pub showtime_id: ShowtimeId,
    pub title: String,
    pub starts_at: Timestamp,
    pub currency: String,
    pub prices: BTreeMap<String, Price>,
    /// The plan's hash: `GET /api/v1/plans/{hash}` has the geometry.
    pub plan: PlanHash,
    pub plan_name: String,
    pub seat_count: u32,
    pub lock_seconds: u64,
    pub max_seats_per_holder: u32,
    pub extend_cap_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl ShowtimeAnswer {
    /// Describes a showtime, with its position where it is known.
    pub fn new(view: &ShowtimeView, position: Option<Position>) -> Self {
        let details = view.showtime.details.clone();
        Self {
            showtime_id: view.showtime.id.clone(),
            title: details.title,
            starts_at: details.starts_at,
            currency: details.currency,
            prices: details.prices,
            plan: view.showtime.plan.clone(),
            plan_name: view.plan.name().to_owned(),
            seat_count: view.showtime.seat_count,
            lock_seconds: view.rules.lock.as_secs(),
            max_seats_per_holder: view.rules.max_seats_per_holder,
            extend_cap_seconds: view.rules.extend_cap.as_secs(),
            position,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct PutAnswer {
    #[serde(skip)]
    pub written: Written,
    #[serde(flatten)]
    pub showtime: ShowtimeAnswer,
    /// What is odd about the plan, and what was mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<PlanProblem>,
}

/// All showtimes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAnswer {
    pub showtimes: Vec<ShowtimeAnswer>,
    pub server_time: Timestamp,
}

/// Creates or replaces a showtime.
pub async fn put(
    store: &dyn SeatStore,
    id: &ShowtimeId,
    request: PutRequest,
    repair: bool,
) -> Result<PutAnswer, Problem> {
    let PutRequest { title, starts_at, currency, prices, plan, lock_seconds, max_seats_per_holder } = request;
    let (plan, mut notes) = match resolve(store, plan, repair).await? {
        Ok(found) => found,
        Err(problems) => return Err(of_plan(problems)),
    };
    let details = Details { title, starts_at, currency, prices, lock_seconds, max_seats_per_holder };
    let problems = details.problems();
    if !problems.is_empty() {
        return Err(of_plan(problems));
    }
    notes.extend(odd_prices(&details, &plan));
    let written = store.put(id, details, plan).await?.map_err(|refused| {
        let detail = "nothing was replaced: these seats are locked, sold or blocked, and the new plan lacks them";
        Problem::refused(refused, Code::SeatsInUse, detail)
    })?;
    let (view, position) = store.showtime(id).await?.ok_or_else(Problem::unknown_showtime)?;
    Ok(PutAnswer { written, showtime: ShowtimeAnswer::new(&view, Some(position)), notes })
}

type Resolved = Result<(Arc<SeatingPlan>, Vec<PlanProblem>), Vec<PlanProblem>>;

/// The plan that a request means.
async fn resolve(store: &dyn SeatStore, plan: serde_json::Value, repair: bool) -> Result<Resolved, Problem> {
    if let serde_json::Value::String(name) = &plan {
        if let Some(plan) = plans::plan(name) {
            return Ok(Ok((plan, Vec::new())));
        }
        if let Ok(hash) = PlanHash::parse(name)
            && let Some(plan) = store.plan(&hash).await?
        {
            return Ok(Ok((plan, Vec::new())));
        }
        let shipped: Vec<_> = plans::shipped().iter().map(|plan| plan.name).collect();
        let message = format!(
            "there is no plan {name:?}; send the plan itself, the hash of one that was sent before, or one of: {}",
            shipped.join(", ")
        );
        return Ok(Err(vec![problem("$.plan", "unknown_plan", message)]));
    }
    let options = ImportOptions { repair, root: "$.plan".into() };
    let imported = tokio::task::spawn_blocking(move || SeatingPlan::import(&plan, &options)).await;
    let imported = imported.map_err(|error| {
        tracing::error!(%error, "importing a plan failed");
        Problem::new(Code::Internal, "the plan could not be read; the server's log has the cause")
    })?;
    Ok(imported.map(|imported| (Arc::new(imported.plan), imported.notes)))
}

/// Prices that no seat has, and categories without one. Neither is wrong (a box office may have one price list for all its
/// plans), and each may be a slip.
fn odd_prices(details: &Details, plan: &SeatingPlan) -> Vec<PlanProblem> {
    // No prices at all is no slip.
    if details.prices.is_empty() {
        return Vec::new();
    }
    let categories: Vec<&str> = plan.categories().iter().map(|category| category.name.as_str()).collect();
    let unknown = details.prices.keys().filter(|category| !categories.contains(&category.as_str())).map(|category| {
        let message = format!("no seat has this price: the plan's categories are {}", categories.join(", "));
        problem(&price_path(category), "unknown_category", message)
    });
    let without = categories.iter().filter(|category| !details.prices.contains_key(**category)).map(|category| {
        problem(&price_path(category), "no_price", format!("seats of the category {category:?} have no price"))
    });
    unknown.chain(without).collect()
}

fn problem(path: &str, code: &'static str, message: String) -> PlanProblem {
    PlanProblem { path: path.to_owned(), code, message }
}

fn of_plan(problems: Vec<PlanProblem>) -> Problem {
    let of_plan = problems.iter().any(|problem| problem.path.starts_with("$.plan"));
    let code = if of_plan { Code::InvalidPlan } else { Code::InvalidRequest };
    let count = problems.len();
    let first = problems.first().map(|problem| format!("{}: {}", problem.path, problem.message)).unwrap_or_default();
    let detail = if count > 1 { format!("{count} problems, the first at {first}") } else { first };
    Problem { problems, ..Problem::new(code, detail) }
}

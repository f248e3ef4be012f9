//! What changed since a position: at once, or as soon as there is something (a long poll). One subscription that lives for one
//! answer.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::showtimes::named;
use crate::api::problem::Problem;
use crate::context::Context;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::live::frame;
use crate::live::protocol::{self, WireChange};
use crate::rooms::{Body, Subscription, Update};

/// The longest that an answer is held back, in seconds: proxies give up after 30 or 60.
const LONGEST_WAIT: u32 = 25;
/// The longest while the map is stale, in seconds: the client may not know of it yet.
const LONGEST_STALE_WAIT: u32 = 3;

/// The query of a changes request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    since: Option<String>,
    /// In seconds; more than the longest wait is the longest wait.
    #[serde(default)]
    wait: u32,
}

/// Whether what is told is how it was when the store went out of reach.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Staleness {
    stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_since: Option<Timestamp>,
}

#[derive(Serialize)]
struct Forward<'a> {
    from: &'a Position,
    position: &'a Position,
    changes: Vec<WireChange<'a>>,
    #[serde(flatten)]
    staleness: Staleness,
}

pub async fn changes(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<ChangesQuery>,
) -> Result<HttpResponse, Problem> {
    let id = named(&id)?;
    let since: Option<Position> = query.since.as_deref().map(str::parse).transpose()?;
    let (mut room, first) = Subscription::join(&context.hub, &id, since.as_ref()).await?;
    // The first message says where the map stands; whether it is stale is looked up for the answer.
    let mut news = first.into_iter().next().ok_or_else(Problem::unknown_showtime)?;
    if query.wait > 0 && says_nothing(&news) {
        let _place = context.admit(&request)?;
        let longest = if room.stale_since().is_some() { LONGEST_STALE_WAIT } else { LONGEST_WAIT };
        let wait = Duration::from_secs(query.wait.min(longest).into());
        let mut turn = context.draining.turn();
        tokio::select! {
            heard = room.next() => news = heard.into_iter().next().unwrap_or(news),
            () = tokio::time::sleep(wait) => {}
            // Whoever asks again is to be sent elsewhere.
            () = turn.comes() => return Ok(answer(&room, &news, since.as_ref(), true)),
        }
    }
    if matches!(news.body, Body::Gone) {
        return Err(Problem::unknown_showtime());
    }
    Ok(answer(&room, &news, since.as_ref(), false))
}

fn says_nothing(update: &Update) -> bool {
    matches!(&update.body, Body::Diff { diff, .. } if diff.changes.is_empty())
}

/// Says what is new; 204 when nothing is, and the map is not stale.
fn answer(room: &Subscription, news: &Update, since: Option<&Position>, last: bool) -> HttpResponse {
    let stale_since = room.stale_since();
    let staleness = Staleness { stale: stale_since.is_some(), stale_since };
    let mut response = HttpResponse::Ok();
    if last {
        response.force_close();
    }
    response.insert_header((CACHE_CONTROL, "no-store"));
    match &news.body {
        Body::Diff { diff, .. } if diff.changes.is_empty() && stale_since.is_none() => {
            response.status(actix_web::http::StatusCode::NO_CONTENT).finish()
        }
        Body::Diff { view, diff } => {
            let changes = protocol::wire_changes(view, diff);
            response.json(Forward { from: &diff.prev, position: &diff.position, changes, staleness })
        }
        Body::Snapshot { .. } => {
            // Others get a map that may be a little older, and what follows from it; here there is one message only.
            let newest = room.whole();
            let snapshot = frame::update_text(newest.as_deref().unwrap_or(news));
            let staleness = serde_json::json!(staleness).to_string();
            // The snapshot is written already: what is said of it goes behind it.
            let body = [b"{\"snapshot\":", snapshot.as_ref(), b",", &staleness.as_bytes()[1..]].concat();
            response.content_type("application/json").body(body)
        }
        // That it became stale, or live again, is news too.
        Body::Status { .. } | Body::Gone => match since {
            Some(since) => response.json(Forward { from: since, position: since, changes: Vec::new(), staleness }),
            None => response.status(actix_web::http::StatusCode::NO_CONTENT).finish(),
        },
    }
}

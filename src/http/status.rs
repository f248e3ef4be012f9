//! The polling endpoints: every seat, or what changed since a position. Both answer from a live room's memory; a poll keeps the
//! room open for a while, so that the next one finds it.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;

use super::showtimes::named;
use crate::api::problem::{Code, Problem};
use crate::api::status::StatusAnswer;
use crate::context::Context;
use crate::domain::ids::UserId;
use crate::domain::position::Position;
use crate::domain::time::Timestamp;
use crate::live::protocol;
use crate::rooms::{Body, Live, Update};

/// The query of a status request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusQuery {
    user_id: Option<String>,
    /// What old page scripts add so that no cache answers.
    #[serde(default, rename = "_")]
    _busts_caches: Option<String>,
}

/// The query of a changes request. `wait` is for long polls; an answer that does not wait is a right answer to it too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    since: Option<String>,
    #[serde(default, rename = "wait")]
    _wait: Option<u32>,
}

pub async fn status(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<StatusQuery>,
) -> Result<HttpResponse, Problem> {
    let caller = query.user_id.as_deref().map(UserId::infer).transpose();
    let caller = caller.map_err(|error| Problem::new(Code::InvalidQuery, format!("userId: {error}")))?;
    let membership = context.hub.enter(&named(&id)?).await?;
    // The room is held up for a copy only; the answer is written outside.
    let seen = membership.room().look(|live, stale_since| {
        let tag = entity_tag(live, stale_since);
        let copy = (!matches(&request, &tag)).then(|| (Arc::clone(&live.view), live.snapshot.clone()));
        (tag, stale_since, copy)
    });
    let (tag, stale_since, copy) = seen.ok_or_else(Problem::unknown_showtime)?;
    let Some((view, snapshot)) = copy else {
        return Ok(cached(HttpResponse::NotModified(), tag, caller.is_some(), stale_since).finish());
    };
    let now = context.store.now();
    let answer = StatusAnswer::new(&view, &snapshot, stale_since, caller.as_ref(), now, context.poll_seconds);
    Ok(cached(HttpResponse::Ok(), tag, caller.is_some(), stale_since).json(answer))
}

/// Names what an answer says. Staleness is part of it, so that a poller sees it begin and end.
fn entity_tag(live: &Live, stale_since: Option<Timestamp>) -> EntityTag {
    let stale = if stale_since.is_some() { "-stale" } else { "" };
    EntityTag::new_weak(format!("{}{stale}", live.snapshot.position()))
}

fn cached(
    mut response: HttpResponseBuilder,
    tag: EntityTag,
    personal: bool,
    stale_since: Option<Timestamp>,
) -> HttpResponseBuilder {
    let control = match (personal, stale_since) {
        (_, Some(_)) => "no-store",
        (true, None) => "private, no-cache",
        // Lets a cache in front collapse pollers into one request a second.
        (false, None) => "public, max-age=0, s-maxage=1, stale-while-revalidate=2",
    };
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, control));
    response.insert_header((VARY, "Accept-Encoding"));
    response
}

fn matches(request: &HttpRequest, tag: &EntityTag) -> bool {
    let listed = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).map(str::trim).any(|candidate| {
        candidate == "*" || candidate.parse::<EntityTag>().is_ok_and(|candidate| candidate.weak_eq(tag))
    })
}

pub async fn changes(
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<ChangesQuery>,
) -> Result<HttpResponse, Problem> {
    let since: Option<Position> = query.since.as_deref().map(str::parse).transpose()?;
    let membership = context.hub.enter(&named(&id)?).await?;
    if let Some(since) = &since {
        context.hub.catch_up(membership.room(), since).await;
    }
    let body = membership.room().look(|live, _| {
        let view = Arc::clone(&live.view);
        match since.as_ref().and_then(|since| live.diff_since(since)) {
            Some(diff) => Body::Diff { view, diff },
            None => Body::Snapshot { view, snapshot: live.snapshot.clone() },
        }
    });
    Ok(answer_changes(body.ok_or_else(Problem::unknown_showtime)?))
}

fn answer_changes(body: Body) -> HttpResponse {
    let text = match &body {
        Body::Diff { diff, .. } if diff.changes.is_empty() => {
            return HttpResponse::NoContent().insert_header((CACHE_CONTROL, "no-store")).finish();
        }
        Body::Diff { view, diff } => {
            let changes = protocol::wire_changes(view, diff);
            serde_json::json!({ "from": diff.prev, "position": diff.position, "changes": changes }).to_string()
        }
        Body::Snapshot { view, .. } => {
            let showtime = view.showtime.id.clone();
            format!("{{\"snapshot\":{}}}", protocol::update(&Update::new(showtime, body)))
        }
        Body::Status { .. } | Body::Gone => String::new(),
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).content_type("application/json").body(text)
}

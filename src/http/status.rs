//! The polling endpoint: every seat, from a live room's memory. A poll keeps the room open for a while, so that the next one
//! finds it.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::Deserialize;

use super::showtimes::named;
use crate::api::problem::{Code, Problem};
use crate::api::status::StatusAnswer;
use crate::context::Context;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::rooms::Live;

/// The query of a status request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusQuery {
    user_id: Option<String>,
    /// What old page scripts add so that no cache answers.
    #[serde(default, rename = "_")]
    _busts_caches: Option<String>,
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

//! The address of a showtime's event stream.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderName};
use actix_web::http::{Method, Version};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::showtimes::named;
use crate::api::problem::Problem;
use crate::context::Context;
use crate::domain::position::Position;
use crate::live;

/// What a browser that comes back says it has seen.
const LAST_EVENT_ID: &str = "last-event-id";
/// Tells nginx, and others that learned it from there, to pass each event on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The query of an event stream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    since: Option<String>,
}

/// Streams a showtime's messages. The header of a browser that comes back counts more than the address, which it repeats.
pub async fn events(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let id = named(&id)?;
    let last = request.headers().get(LAST_EVENT_ID).and_then(|last| last.to_str().ok()).filter(|last| !last.is_empty());
    let since: Option<Position> = last.or(query.since.as_deref()).map(str::parse).transpose()?;
    let place = context.admit(&request)?;
    let events = live::events(&context, &id, since.as_ref(), place).await?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        .insert_header((X_ACCEL_BUFFERING, "no"))
        // Compressed, events would wait for each other.
        .insert_header((CONTENT_ENCODING, "identity"));
    // Before HTTP/1.1 a body ends with its connection.
    if request.version() < Version::HTTP_11 {
        response.force_close();
    }
    // A stream that nobody reads would never end.
    let mut response = if request.method() == Method::HEAD { response.finish() } else { response.streaming(events) };
    response.head_mut().no_chunking(request.version() < Version::HTTP_11);
    Ok(response)
}

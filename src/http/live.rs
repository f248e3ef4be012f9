//! The addresses of WebSocket connections.

use actix_web::{HttpRequest, HttpResponse, web};

use super::showtimes::named;
use crate::api::problem::Problem;
use crate::context::Context;
use crate::live::{self, LiveQuery};

/// A connection that begins in a showtime's room. An id that no showtime can have is answered like one that none has.
pub async fn one(
    request: HttpRequest,
    payload: web::Payload,
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<LiveQuery>,
) -> Result<HttpResponse, Problem> {
    live::live(&request, payload, context, Some(named(&id)?), query.into_inner())
}

/// A connection that begins in no room.
pub async fn many(
    request: HttpRequest,
    payload: web::Payload,
    context: web::Data<Context>,
    query: web::Query<LiveQuery>,
) -> Result<HttpResponse, Problem> {
    live::live(&request, payload, context, None, query.into_inner())
}

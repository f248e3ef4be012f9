//! The addresses of WebSocket connections.

use actix_web::http::header::{CONTENT_ENCODING, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

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
) -> HttpResponse {
    plain(named(&id).and_then(|id| live::live(&request, payload, context, Some(id), query.into_inner())))
}

/// A connection that begins in no room.
pub async fn many(
    request: HttpRequest,
    payload: web::Payload,
    context: web::Data<Context>,
    query: web::Query<LiveQuery>,
) -> HttpResponse {
    plain(live::live(&request, payload, context, None, query.into_inner()))
}

/// The answer to a handshake. What is refused is not compressed: actix writes the length of no chunk into the answer to a request
/// that wants to upgrade its connection.
fn plain(answer: Result<HttpResponse, Problem>) -> HttpResponse {
    answer.unwrap_or_else(|problem| {
        let mut response = problem.error_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
        response
    })
}

//! Reading request bodies: bounded in size and in time, JSON only, with problems that name what is wrong.

use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::api::problem::{Code, Problem};
use crate::api::requests::read_json;

/// The largest body, in bytes.
pub const MAX_BODY: usize = 256 * 1024;
/// The largest body that carries a seating plan, in bytes.
pub const MAX_PLAN_BODY: usize = 32 * 1024 * 1024;
/// A body may take this long, and longer only as far as it comes at [`SLOWEST`] or faster. A client that sends a byte a second
/// is given up after it.
const PATIENCE: Duration = Duration::from_secs(15);
/// The slowest that a large body may come, in bytes a second.
const SLOWEST: usize = 16 * 1024;
/// What is set aside for a body before any of it is there, in bytes: that it is announced as large costs nothing.
const FIRST_ROOM: usize = 64 * 1024;

/// Reads a JSON body of at most `limit` bytes.
pub async fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<T, Problem> {
    check_type(request)?;
    read_json(&bytes(request, payload, limit).await?)
}

/// The body's bytes.
pub async fn bytes(request: &HttpRequest, mut payload: web::Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge, format!("a body here has at most {} KiB", limit / 1024));
    let length = request.headers().get(actix_web::http::header::CONTENT_LENGTH);
    let declared = length.and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|declared| declared > limit) {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(declared.unwrap_or(0).min(FIRST_ROOM));
    let began = Instant::now();
    loop {
        let Ok(next) = tokio::time::timeout_at(began + allowed(body.len()), payload.next()).await else {
            return Err(too_slow());
        };
        let Some(chunk) = next else { return Ok(body) };
        let chunk = chunk.map_err(|error| Problem::new(Code::MalformedJson, format!("the body broke off: {error}")))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
}

/// How long after its beginning a body may still come, of which so many bytes are there.
fn allowed(received: usize) -> Duration {
    PATIENCE + Duration::from_millis((received * 1_000 / SLOWEST) as u64)
}

fn too_slow() -> Problem {
    let (seconds, rate) = (PATIENCE.as_secs(), SLOWEST / 1024);
    let detail = format!("a body must be there after {seconds} s, or come at {rate} KiB/s or faster; send it again");
    Problem::new(Code::RequestTimeout, detail)
}

/// Refuses a body that does not say it is JSON. A page of another site can send other types without being asked first.
pub fn check_type(request: &HttpRequest) -> Result<(), Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let detail = format!("send the header Content-Type: application/json; it was {kind:?}");
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

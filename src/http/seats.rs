//! What can be done to seats over HTTP. Each handler reads the request, calls `api::seats`, and answers.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body;
use super::showtimes::named;
use crate::api::problem::{Code, Problem};
use crate::api::requests::HolderRequest;
use crate::api::seats;
use crate::context::Context;
use crate::domain::ids::{ShowtimeId, UserId};

/// A request about one showtime, not read yet.
pub type Parts = (HttpRequest, web::Payload, web::Data<Context>, web::Path<String>);

pub async fn lock((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::lock(&*context.store, &id, &body).await?))
}

/// The body of a `DELETE` gets lost in some clients and proxies, so the query will do as well.
pub async fn unlock((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = match from_query(request.query_string())? {
        Some(body) => (named(&id)?, body),
        None => read(&request, payload, &id).await?,
    };
    Ok(answer(seats::unlock(&*context.store, &id, &body).await?))
}

pub async fn extend((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::extend(&*context.store, &id, &body).await?))
}

pub async fn book((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::book(&*context.store, &id, &body).await?))
}

pub async fn release((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::release(&*context.store, &id, &body).await?))
}

pub async fn block((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::block(&*context.store, &id, &body).await?))
}

pub async fn unblock((request, payload, context, id): Parts) -> Result<HttpResponse, Problem> {
    let (id, body) = read(&request, payload, &id).await?;
    Ok(answer(seats::unblock(&*context.store, &id, &body).await?))
}

async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    id: &str,
) -> Result<(ShowtimeId, T), Problem> {
    let id = named(id)?;
    Ok((id, body::json(request, payload, body::MAX_BODY).await?))
}

fn answer(body: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// `?seats=A-1,A-2&userId=7`, or `seats` several times. A comma within a seat's id is written `%2C`. `None` without a query.
fn from_query(query: &str) -> Result<Option<HolderRequest>, Problem> {
    if query.is_empty() {
        return Ok(None);
    }
    let invalid = |detail: String| Problem::new(Code::InvalidQuery, detail);
    let (mut seats, mut user_id) = (Vec::new(), None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            // A comma separates before escapes are resolved, so that an escaped one can be part of an id.
            "seats" | "seats[]" | "seats%5B%5D" => {
                seats.extend(value.split(',').filter(|seat| !seat.is_empty()).map(unescape));
            }
            "userId" => {
                let user = UserId::infer(&unescape(value)).map_err(|error| invalid(format!("userId: {error}")))?;
                user_id = Some(user);
            }
            other => return Err(invalid(format!("unknown field {other:?}; known are seats and userId"))),
        }
    }
    let user_id = user_id.ok_or_else(|| invalid("userId is missing".into()))?;
    Ok(Some(HolderRequest { seats, user_id }))
}

/// A value of a query with its escapes resolved.
fn unescape(text: &str) -> String {
    url::form_urlencoded::parse(text.replace('=', "%3D").as_bytes())
        .next()
        .map(|(text, _)| text.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_in_a_query_are_separated_by_commas_that_are_not_escaped() {
        let request = from_query("seats=A-1,Box%2C+left%2F3&userId=7&seats=B-2").unwrap().unwrap();
        assert_eq!(request.seats, ["A-1", "Box, left/3", "B-2"]);
        assert_eq!(serde_json::to_string(&request.user_id).unwrap(), "7");
        assert!(from_query("").unwrap().is_none());
    }

    #[test]
    fn a_query_that_cannot_be_read_is_refused_by_name() {
        for (query, named) in [("seats=A-1", "userId"), ("seat=A-1&userId=7", "\"seat\""), ("userId=%20", "userId")] {
            assert!(from_query(query).unwrap_err().detail.contains(named), "{query}");
        }
    }
}

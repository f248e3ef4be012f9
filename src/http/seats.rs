//! What can be done to seats over HTTP. Each handler reads the request, calls `api::seats`, and answers.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::body;
use super::showtimes::named;
use crate::api::answers::FactsAnswer;
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
    let (id, body) = match holder_request(request.query_string())? {
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

/// What is true of some seats, for those who sell them.
pub async fn facts((request, _, context, id): Parts) -> Result<HttpResponse, Problem> {
    let Named { seats, user_id } = from_query(request.query_string())?;
    if user_id.is_some() {
        return Err(unknown_field("userId", "seats"));
    }
    let facts = seats::facts(&*context.store, &named(&id)?, &seats).await?;
    Ok(answer(FactsAnswer::from(&facts)))
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

/// Seats in a query, and whose they are.
#[derive(Debug, Default)]
struct Named {
    seats: Vec<String>,
    user_id: Option<UserId>,
}

/// `?seats=A-1,A-2&userId=7`, or `seats` several times. A comma within a seat's id is written `%2C`.
fn from_query(query: &str) -> Result<Named, Problem> {
    let mut read = Named::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            // A comma separates before escapes are resolved, so that an escaped one can be part of an id.
            "seats" | "seats[]" | "seats%5B%5D" => {
                read.seats.extend(value.split(',').filter(|seat| !seat.is_empty()).map(unescape));
            }
            "userId" => {
                let user = UserId::infer(&unescape(value)).map_err(|error| invalid(format!("userId: {error}")))?;
                read.user_id = Some(user);
            }
            other => return Err(unknown_field(other, "seats and userId")),
        }
    }
    Ok(read)
}

/// Seats and their holder as a query names them; `None` without a query.
fn holder_request(query: &str) -> Result<Option<HolderRequest>, Problem> {
    if query.is_empty() {
        return Ok(None);
    }
    let Named { seats, user_id } = from_query(query)?;
    let user_id = user_id.ok_or_else(|| invalid("userId is missing".into()))?;
    Ok(Some(HolderRequest { seats, user_id }))
}

fn invalid(detail: String) -> Problem {
    Problem::new(Code::InvalidQuery, detail)
}

fn unknown_field(name: &str, known: &str) -> Problem {
    let verb = if known.contains(' ') { "are" } else { "is" };
    invalid(format!("unknown field {name:?}; known {verb} {known}"))
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
        let request = holder_request("seats=A-1,Box%2C+left%2F3&userId=7&seats=B-2").unwrap().unwrap();
        assert_eq!(request.seats, ["A-1", "Box, left/3", "B-2"]);
        assert_eq!(serde_json::to_string(&request.user_id).unwrap(), "7");
        assert!(holder_request("").unwrap().is_none());
    }

    #[test]
    fn a_query_that_cannot_be_read_is_refused_by_name() {
        for (query, named) in [("seats=A-1", "userId"), ("seat=A-1&userId=7", "\"seat\""), ("userId=%20", "userId")] {
            assert!(holder_request(query).unwrap_err().detail.contains(named), "{query}");
        }
    }
}

//! `/api/v1/showtimes` and `/api/v1/showtimes/{id}`.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::body;
use crate::api::problem::{Code, Problem};
use crate::api::requests::read_json;
use crate::api::showtimes::{self, ListAnswer, PutRequest, ShowtimeAnswer};
use crate::context::Context;
use crate::domain::ids::ShowtimeId;
use crate::rooms::Live;
use crate::store::Written;

/// The query of a `PUT`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutQuery {
    #[serde(default)]
    repair: bool,
}

/// The showtime that an address names.
pub fn named(text: &str) -> Result<ShowtimeId, Problem> {
    ShowtimeId::parse(text).map_err(|error| Problem { detail: error.to_string(), ..Problem::unknown_showtime() })
}

pub async fn list(context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let views = context.store.showtimes().await.map_err(Problem::unread)?;
    let showtimes = views.iter().map(|view| ShowtimeAnswer::new(view, None)).collect();
    let answer = ListAnswer { showtimes, server_time: context.store.now() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).json(answer))
}

pub async fn get(context: web::Data<Context>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = named(&id)?;
    let (view, position) = match context.store.showtime(&id).await {
        Ok(found) => found.ok_or_else(Problem::unknown_showtime)?,
        // What a live room shows stays readable, so that a page can open while the store is away.
        Err(error) => {
            let known = |live: &Live| (live.view.clone(), live.snapshot.position().clone());
            context.hub.peek(&id, known).ok_or_else(|| Problem::unread(error))?
        }
    };
    let answer = ShowtimeAnswer::new(&view, Some(position));
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).json(answer))
}

pub async fn put(
    request: HttpRequest,
    payload: web::Payload,
    context: web::Data<Context>,
    id: web::Path<String>,
    query: web::Query<PutQuery>,
) -> Result<HttpResponse, Problem> {
    let id = ShowtimeId::parse(&id).map_err(|error| Problem::new(Code::InvalidShowtimeId, error.to_string()))?;
    body::check_type(&request)?;
    let bytes = body::bytes(&request, payload, body::MAX_PLAN_BODY).await?;
    // A plan may be large: it is read where it holds up no other request.
    let read = web::block(move || read_json::<PutRequest>(&bytes)).await;
    let read = read.map_err(|error| Problem::new(Code::Internal, error.to_string()))??;
    let answer = showtimes::put(&*context.store, &id, read, query.repair).await?;
    tracing::info!(showtime = %id, written = ?answer.written, "showtime written");
    Ok(match answer.written {
        Written::Created => {
            HttpResponse::Created().insert_header((LOCATION, format!("/api/v1/showtimes/{id}"))).json(answer)
        }
        Written::Replaced | Written::Unchanged => HttpResponse::Ok().json(answer),
    })
}

pub async fn delete(context: web::Data<Context>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = named(&id)?;
    if context.store.delete(&id).await? {
        tracing::info!(showtime = %id, "showtime removed");
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::unknown_showtime())
    }
}

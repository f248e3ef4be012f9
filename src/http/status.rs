//! The polling endpoint: every seat, from a live room's memory. A poll keeps the room open for a while, so that the next one
//! finds it.
//!
//! `answer` is what pollers share, `polls` keeps it, `coding` chooses its form, and `front` gives out what lies ready before a
//! request comes to the routes.

mod answer;
mod front;
mod kept;
mod polls;

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::Response;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use self::answer::{Answer, Sharing};
pub use self::front::Front;
pub use self::polls::Polls;
use super::coding::Coding;
use super::showtimes::named;
use crate::api::problem::{Code, Problem};
use crate::context::Context;
use crate::domain::ids::{ShowtimeId, UserId};

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
    let answer = found(&context, &named(&id)?).await?;
    let sharing = if caller.is_some() { Sharing::One } else { Sharing::All };
    if answer.is_known(request.headers()) {
        return Ok(http(answer.unchanged(sharing)));
    }
    if let Some(body) = caller.and_then(|caller| answer.written_for(&caller)) {
        return Ok(http(answer.whole(sharing, Coding::Plain, body)));
    }
    // What is not made for all is left to the middleware.
    let coding = Coding::of(&request).unwrap_or(Coding::Plain);
    let body = context.polls.body(&answer, coding).await;
    Ok(http(answer.whole(sharing, coding, body)))
}

/// What pollers of a showtime get now; its room is opened if need be.
async fn found(context: &Context, id: &ShowtimeId) -> Result<Arc<Answer>, Problem> {
    if let Some(answer) = context.polls.answer(id.as_str()) {
        return Ok(answer);
    }
    let _membership = context.hub.enter(id).await?;
    context.polls.answer(id.as_str()).ok_or_else(Problem::unknown_showtime)
}

fn http(response: Response<web::Bytes>) -> HttpResponse {
    HttpResponse::from(response.map_body(|_, body| BoxBody::new(body)))
}

//! `/api/v1/plans/{hash}`: a plan's geometry, which never changes.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag};
use actix_web::{HttpResponse, web};

use crate::api::problem::{Code, Problem};
use crate::context::Context;
use crate::domain::plan::PlanHash;

pub async fn get(context: web::Data<Context>, hash: web::Path<String>) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(Code::UnknownPlan, "no plan has this hash; a showtime's `plan` names its plan");
    let hash = PlanHash::parse(&hash).map_err(|_| unknown())?;
    let plan = context.store.plan(&hash).await.map_err(Problem::unread)?.ok_or_else(unknown)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, EntityTag::new_strong(hash.as_str().to_owned())))
        .content_type("application/json")
        .body(plan.json().to_vec()))
}

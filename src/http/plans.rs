//! `/api/v1/plans/{hash}`: a plan's geometry, which never changes.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, EntityTag, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::coding::{Coding, gzip};
use super::site::is_known;
use crate::api::problem::{Code, Problem};
use crate::context::Context;
use crate::domain::plan::PlanHash;

/// Compressed plans that are kept, in bytes: those of a hundred large houses. One that does not fit is compressed for each request.
const KEPT: u64 = 32 << 20;
/// So many are expected; more are no mistake.
const PLANS: usize = 256;

/// Plans as gzip, compressed once for all who ask, until others need the room.
pub struct GzipPlans(Cache<PlanHash, Bytes, ByLength>);

#[derive(Clone)]
struct ByLength;

impl Weighter<PlanHash, Bytes> for ByLength {
    fn weight(&self, _: &PlanHash, gzip: &Bytes) -> u64 {
        gzip.len() as u64
    }
}

impl Default for GzipPlans {
    fn default() -> Self {
        Self(Cache::with_weighter(PLANS, KEPT, ByLength))
    }
}

impl GzipPlans {
    /// A plan's JSON as gzip. Whoever asks first has it compressed, where it holds up no other request; the others wait for it.
    async fn of(&self, hash: &PlanHash, plain: Bytes) -> Result<Bytes, Problem> {
        let compress = async {
            let compressed = web::block(move || gzip(&plain)).await;
            compressed.map_err(|error| Problem::new(Code::Internal, error.to_string()))
        };
        self.0.get_or_insert_async(hash, compress).await
    }
}

pub async fn get(
    request: HttpRequest,
    context: web::Data<Context>,
    hash: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(Code::UnknownPlan, "no plan has this hash; a showtime's `plan` names its plan");
    let hash = PlanHash::parse(&hash).map_err(|_| unknown())?;
    let plan = context.store.plan(&hash).await.map_err(Problem::unread)?.ok_or_else(unknown)?;
    let tag = EntityTag::new_strong(hash.as_str().to_owned());
    let unchanged = is_known(&request, &tag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, tag))
        .insert_header((VARY, "Accept-Encoding"));
    if unchanged {
        return Ok(response.finish());
    }
    response.content_type("application/json");
    let json = Bytes::from_owner(plan.json());
    if Coding::of(&request) == Some(Coding::Gzip) {
        let body = context.plans.of(&hash, json).await?;
        return Ok(response.insert_header((CONTENT_ENCODING, "gzip")).body(body));
    }
    // What no form is kept of is left to the middleware.
    Ok(response.body(json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> PlanHash {
        PlanHash::parse(&text.repeat(64)).unwrap()
    }

    #[actix_web::test]
    async fn a_plan_is_compressed_once_and_all_together_stay_below_the_bound() {
        let plans = GzipPlans::default();
        let plain = Bytes::from_static(b"{\"zones\":[]}");
        let first = plans.of(&hash("a"), plain.clone()).await.unwrap();
        let again = plans.of(&hash("a"), Bytes::from_static(b"is not looked at")).await.unwrap();
        assert_eq!(first.as_ptr(), again.as_ptr());
        assert_eq!(plans.0.weight(), first.len() as u64);
        let large = Bytes::from(vec![0; 1 << 20]);
        for letter in ["b", "c", "d", "e", "f"] {
            plans.of(&hash(letter), large.clone()).await.unwrap();
        }
        assert!(plans.0.weight() <= KEPT);
    }
}

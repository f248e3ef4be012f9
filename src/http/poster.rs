//! A page with a poster: a small picture of the seating plan in the page itself, which the browser shows before any script runs.
//!
//! It knows no seat's state and shows none. Each page is made once for a plan and kept within a bound; nobody waits for a store here.

mod colors;
mod dark;
mod drawing;
mod frame;
mod pen;

use std::sync::Arc;

use actix_web::web;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::coding::Coding;
use super::site::Asset;
use crate::domain::plan::{PlanHash, SeatingPlan};

/// Pages that are kept, in bytes: those of some hundred plans. One that does not fit is made for each request.
const KEPT: u64 = 16 << 20;
/// So many plans are expected; more are no mistake.
const PLANS: usize = 256;
/// What keeping it takes that a plan has no poster.
const NOTHING: u64 = 128;

/// The map's place in a page.
const PLACE: &str = "</seat-map>";

/// The page of a plan; nothing where its poster would be too large.
type Made = Option<Arc<Asset>>;

/// One page with the posters of all plans, until others need the room.
pub struct Posters(Cache<PlanHash, Made, ByLength>);

#[derive(Clone)]
struct ByLength;

impl Weighter<PlanHash, Made> for ByLength {
    fn weight(&self, _: &PlanHash, page: &Made) -> u64 {
        page.as_ref().map_or(NOTHING, |page| {
            let (_, gzip) = page.body(Coding::Gzip);
            (page.plain().len() + gzip.len()) as u64
        })
    }
}

impl Default for Posters {
    fn default() -> Self {
        Self(Cache::with_weighter(PLANS, KEPT, ByLength))
    }
}

impl Posters {
    /// A page with the poster of a plan. Whoever asks first has it made, where it holds up no other request; the others wait for it.
    /// `None` when there is none to be had: then the page does without.
    pub async fn on(&self, page: &'static Asset, plan: &Arc<SeatingPlan>) -> Option<Arc<Asset>> {
        let make = async {
            let plan = Arc::clone(plan);
            web::block(move || with_poster(page, &plan)).await
        };
        self.0.get_or_insert_async(plan.hash(), make).await.ok().flatten()
    }
}

fn with_poster(page: &Asset, plan: &SeatingPlan) -> Made {
    let (bare, poster) = (page.plain(), drawing::draw(plan)?);
    let (before, after) = std::str::from_utf8(&bare).ok()?.split_once(PLACE)?;
    let pictured = Asset::new("page.html", format!("{before}{poster}{PLACE}{after}").into_bytes().into());
    // Compressed here and now, where nobody else waits for it.
    pictured.body(Coding::Gzip);
    Some(Arc::new(pictured))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static PAGE: LazyLock<Asset> =
        LazyLock::new(|| Asset::new("page.html", b"<main><seat-map></seat-map></main>".as_slice().into()));

    #[actix_web::test]
    async fn a_page_is_made_once_for_a_plan_and_has_the_poster_in_the_maps_place() {
        let posters = Posters::default();
        let (cinema, theatre) = (crate::plans::plan("cinema").unwrap(), crate::plans::plan("theatre").unwrap());
        let first = posters.on(&PAGE, &cinema).await.unwrap();
        let again = posters.on(&PAGE, &cinema).await.unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        let text = String::from_utf8(first.plain().to_vec()).unwrap();
        assert!(text.starts_with("<main><seat-map><svg ") && text.ends_with("</svg></seat-map></main>"), "{text}");
        let other = posters.on(&PAGE, &theatre).await.unwrap();
        assert_ne!(first.tag(""), other.tag(""));
        let sizes = [&first, &other].map(|page| page.plain().len() + page.body(Coding::Gzip).1.len());
        assert_eq!(posters.0.weight(), sizes.iter().sum::<usize>() as u64);
    }

    #[actix_web::test]
    async fn a_page_without_a_map_stays_as_it_is() {
        static OTHER: LazyLock<Asset> = LazyLock::new(|| Asset::new("page.html", b"<main></main>".as_slice().into()));
        let cinema = crate::plans::plan("cinema").unwrap();
        assert!(Posters::default().on(&OTHER, &cinema).await.is_none());
    }
}

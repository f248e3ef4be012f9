//! Answers that are kept, as many as fit into a bound in bytes.

use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::answer::Answer;
use crate::domain::ids::ShowtimeId;

/// Parts that are locked apart from each other, each with its share of the bound.
const PARTS: usize = 4;
/// So many answers are expected; more are no mistake.
const ANSWERS: usize = 1_024;

/// The newest answer of each showtime, until others need the room.
pub struct Kept(Cache<ShowtimeId, Weighed, ByWeight>);

/// An answer, and what it weighed when it was put here: the cache must take off again what it has put on.
#[derive(Clone)]
struct Weighed {
    answer: Arc<Answer>,
    weight: u64,
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<ShowtimeId, Weighed> for ByWeight {
    fn weight(&self, _: &ShowtimeId, kept: &Weighed) -> u64 {
        kept.weight
    }
}

impl Kept {
    /// Keeps so many bytes at most. One answer must fit into a part of them.
    pub fn new(bytes: u64) -> Self {
        let mut options = OptionsBuilder::new();
        options.shards(PARTS).estimated_items_capacity(ANSWERS).weight_capacity(bytes);
        let options = options.build().expect("all that must be said is said");
        Self(Cache::with_options(options, ByWeight, DefaultHashBuilder::default(), DefaultLifecycle::default()))
    }

    pub fn get(&self, showtime: &str) -> Option<Arc<Answer>> {
        self.0.get(showtime).map(|kept| kept.answer)
    }

    /// Keeps an answer in place of the one before it.
    pub fn put(&self, answer: &Arc<Answer>) {
        let weighed = Weighed { answer: Arc::clone(answer), weight: answer.weight() };
        self.0.insert(answer.showtime().clone(), weighed);
    }

    /// Forgets all but the answers that are wanted.
    pub fn retain(&self, wanted: impl Fn(&Answer) -> bool) {
        self.0.retain(|_, kept| wanted(&kept.answer));
    }

    /// Weighs an answer again that has grown, if it is still kept.
    pub fn weigh(&self, answer: &Arc<Answer>) {
        if self.0.peek(answer.showtime()).is_some_and(|kept| Arc::ptr_eq(&kept.answer, answer)) {
            self.put(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::coding::Coding;
    use crate::http::status::answer::tests::Map;

    const CAPACITY: u64 = 1 << 20;

    #[actix_web::test]
    async fn answers_are_counted_with_what_was_written_since() {
        let (kept, map) = (Kept::new(CAPACITY), Map::of("42", "cinema"));
        for _ in 0..10 {
            let answer = Arc::new(map.answer());
            kept.put(&answer);
            for coding in [Coding::Plain, Coding::Gzip, Coding::Gzip] {
                answer.body(coding).await;
                kept.weigh(&answer);
            }
            assert_eq!(kept.0.weight(), answer.weight());
            assert!(Arc::ptr_eq(&kept.get("42").unwrap(), &answer));
        }
    }

    #[actix_web::test]
    async fn what_is_kept_stays_below_the_bound() {
        let kept = Kept::new(CAPACITY);
        let mut written = 0;
        while written < 2 * CAPACITY {
            let answer = Arc::new(Map::of(&format!("show-{written}"), "theatre").answer());
            kept.put(&answer);
            answer.body(Coding::Plain).await;
            kept.weigh(&answer);
            written += answer.weight();
        }
        assert!((CAPACITY / 2..=CAPACITY).contains(&kept.0.weight()), "{}", kept.0.weight());
    }

    #[actix_web::test]
    async fn what_is_not_wanted_weighs_nothing() {
        let kept = Kept::new(CAPACITY);
        for show in ["42", "43"] {
            let answer = Arc::new(Map::of(show, "cinema").answer());
            kept.put(&answer);
            answer.body(Coding::Gzip).await;
            kept.weigh(&answer);
        }
        kept.retain(|answer| answer.showtime().as_str() == "43");
        assert!(kept.get("42").is_none());
        assert_eq!(kept.0.weight(), kept.get("43").unwrap().weight());
    }

    #[actix_web::test]
    async fn an_answer_that_was_replaced_is_not_put_back() {
        let (kept, map) = (Kept::new(CAPACITY), Map::of("42", "cinema"));
        let [old, new] = [Arc::new(map.answer()), Arc::new(map.answer())];
        kept.put(&old);
        kept.put(&new);
        old.body(Coding::Gzip).await;
        kept.weigh(&old);
        assert!(Arc::ptr_eq(&kept.get("42").unwrap(), &new));
    }
}

//! Answers that pollers share: for how long, how often they are written, and what their forms say.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::atomic::Ordering;

use flate2::read::GzDecoder;
use futures_util::future::join_all;
use serde_json::Value;

use super::*;
use crate::domain::diff::{Change, Diff};
use crate::domain::seat::{Lock, SeatState};
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::plans;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

/// A map of a shipped plan, with nobody in it.
pub struct Map {
    view: Arc<ShowtimeView>,
    snapshot: Snapshot,
}

impl Map {
    pub fn of(id: &str, plan: &str) -> Self {
        let plan = plans::plan(plan).unwrap();
        let details = Details {
            title: "Test".into(),
            starts_at: NOW,
            currency: "EUR".into(),
            prices: BTreeMap::new(),
            lock_seconds: None,
            max_seats_per_holder: None,
        };
        let seats = plan.seats().len();
        let showtime = Showtime {
            id: ShowtimeId::parse(id).unwrap(),
            details,
            plan: plan.hash().clone(),
            seat_count: u32::try_from(seats).unwrap(),
        };
        let rules = Rules { lock: Duration::from_secs(1), extend_cap: Duration::from_secs(1), max_seats_per_holder: 1 };
        let view = Arc::new(ShowtimeView { showtime, plan, rules });
        Self { view, snapshot: Snapshot::empty("e-0".parse().unwrap(), seats) }
    }

    pub fn answer(&self) -> Answer {
        Answer::new(self.shown(), 10)
    }

    fn shown(&self) -> Shown<'_> {
        Shown { view: &self.view, snapshot: &self.snapshot, stale_since: None, now: NOW }
    }

    fn lock(&mut self, seat: u32, holder: &str) {
        let prev = self.snapshot.position().clone();
        let position = format!("e-{}", prev.seq + 1).parse().unwrap();
        let lock = Lock { holder: UserId::infer(holder).unwrap(), locked_at: NOW, expires_at: Some(NOW) };
        let changes = vec![Change { seat, state: SeatState::Locked(lock) }];
        self.snapshot.apply(&Diff { prev, position, changes });
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn an_answer_is_right_until_anything_changes_or_its_clock_is_old() {
    let mut map = Map::of("42", "cinema");
    let answer = map.answer();
    let at = |millis| Timestamp::from_millis(NOW.as_millis() + millis);
    for (millis, right) in [(0, true), (250, true), (251, false), (-1, false)] {
        assert_eq!(answer.is_right(Shown { now: at(millis), ..map.shown() }), right, "after {millis} ms");
    }
    assert!(!answer.is_right(Shown { stale_since: Some(NOW), ..map.shown() }));
    assert!(!answer.is_right(Shown { view: &Map::of("42", "cinema").view, ..map.shown() }));
    map.lock(0, "anna");
    assert!(!answer.is_right(map.shown()));
    assert!(map.answer().is_right(map.shown()));
}

#[test]
fn a_client_that_has_the_answer_says_so_in_many_ways() {
    let answer = Map::of("42", "cinema").answer();
    let known = |texts: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(IF_NONE_MATCH, HeaderValue::from_static(text));
        }
        answer.is_known(&headers)
    };
    for texts in [&["W/\"e-0\""][..], &["\"e-0\""], &["\"x\", W/\"e-0\""], &["*"], &["\"x\"", "W/\"e-0\""]] {
        assert!(known(texts), "{texts:?}");
    }
    for texts in [&[][..], &["W/\"e-1\""], &["W/\"e-0-stale\""], &["e-0"], &[""]] {
        assert!(!known(texts), "{texts:?}");
    }
}

#[actix_web::test]
async fn all_forms_say_the_same() {
    let mut map = Map::of("42", "cinema");
    map.lock(3, "anna");
    let answer = Arc::new(map.answer());
    let mut unpacked = Vec::new();
    GzDecoder::new(&answer.body(Coding::Gzip).await[..]).read_to_end(&mut unpacked).unwrap();
    let plain = answer.body(Coding::Plain).await;
    assert_eq!(unpacked, plain);
    assert_eq!(json(&plain)["seats"][3]["status"], "locked");
}

#[actix_web::test]
async fn a_thousand_who_come_together_have_each_form_written_once() {
    for plan in ["cinema", "arena"] {
        let answer = Arc::new(Map::of("42", plan).answer());
        for coding in [Coding::Gzip, Coding::Plain] {
            let askers = (0..1_000).map(|_| answer.body(coding));
            let bodies = join_all(askers).await;
            assert!(bodies.iter().all(|body| body.as_ptr() == bodies[0].as_ptr()), "they share the bytes");
        }
        assert_eq!(answer.writings.load(Ordering::Relaxed), 2, "{plan}");
    }
}

#[actix_web::test]
async fn who_goes_away_while_writing_leaves_it_to_the_next() {
    let answer = Arc::new(Map::of("42", "arena").answer());
    let first = futures_util::poll!(Box::pin(answer.body(Coding::Gzip)));
    assert!(first.is_pending(), "a large map is written elsewhere");
    assert!(!answer.body(Coding::Gzip).await.is_empty());
}

#[test]
fn only_who_holds_seats_gets_a_body_of_its_own() {
    let mut map = Map::of("42", "cinema");
    map.lock(3, "anna");
    let answer = map.answer();
    let own = |caller| answer.written_for(&UserId::infer(caller).unwrap());
    assert_eq!(json(&own("anna").unwrap())["seats"][3]["lockedBy"], "anna");
    assert_eq!(own("bert"), None);
}

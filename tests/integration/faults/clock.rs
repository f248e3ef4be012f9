//! The clock of the server's machine is set by an hour, in both directions, while it runs. Nothing changes: on Redis its clock is
//! the one that counts, and the embedded store's runs evenly from its start.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::HttpDate;
use seatcast::domain::time::Timestamp;

use super::scene::{SHOW, Scene};
use crate::support::plan::SeatIds;
use crate::support::{Api, FakeClock, ServerProcess, TestStore, Viewer, eventually};

const HOUR: i64 = 3_600;
/// Two instants of different clocks that are nearer than this are not an hour apart.
const NEAR: i64 = HOUR / 2 * 1_000;
/// How long the locks of these tests live, and of those that end during them, in seconds.
const LONG: u32 = 900;
const SHORT: u32 = 2;

fn real_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(since.as_millis()).expect("a clock of this age")
}

fn instant(value: &serde_json::Value) -> i64 {
    Timestamp::parse(value.as_str().expect("an instant")).expect("an instant").as_millis()
}

/// Waits until the server's process goes by a clock that is so many seconds off: the header `Date` is its wall clock.
async fn clock_is_off(api: &Api, seconds: i64) {
    eventually("the process's wall clock has jumped", async || {
        let reply = api.get("/health/live").await;
        let date: HttpDate = reply.header("date").parse().expect("a date");
        let date = SystemTime::from(date);
        let date = i64::try_from(date.duration_since(UNIX_EPOCH).expect("after 1970").as_millis()).expect("a date");
        ((date - real_now() - seconds * 1_000).abs() < NEAR).then_some(())
    })
    .await;
}

/// Instants in answers, and deadlines of new locks, go by the right clock.
async fn answers_go_by_the_right_clock(api: &Api, show: &str, seat: &str) {
    let status = api.status(show).await.expect(200);
    assert!((instant(&status["serverTime"]) - real_now()).abs() < NEAR, "{}", status["serverTime"]);
    let locked = api.lock(show, &[seat], 7).await.expect(200);
    let deadline = real_now() + i64::from(LONG) * 1_000;
    assert!((instant(&locked["seats"][0]["expiresAt"]) - deadline).abs() < NEAR, "{locked}");
}

async fn server_by(clock: &FakeClock, store: &TestStore) -> ServerProcess {
    let variables = clock.variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = ServerProcess::begin_with(&store.address(), &variables);
    server.ready().await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_clock_jumps_by_an_hour_serves_as_if_nothing_had_happened() {
    let store = TestStore::redis();
    let clock = FakeClock::new();
    let server = server_by(&clock, &store).await;
    server.api.create("long", "cinema", LONG).await;
    let scene = Scene::begin(&store, &[&server]).await;
    for (seconds, seat) in [(0, "A-1"), (HOUR, "A-2"), (-HOUR, "A-3"), (0, "A-4")] {
        clock.set(seconds);
        clock_is_off(&server.api, seconds).await;
        answers_go_by_the_right_clock(&server.api, "long", seat).await;
        // Locks of two seconds are taken, and end, all the time.
        scene.works().await;
        server.api.get("/health/ready").await.expect(200);
    }
    for seat in ["A-1", "A-2", "A-3"] {
        assert_eq!(server.api.seat("long", seat).await["status"], "locked");
    }
    assert!(scene.is_undisturbed());
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.unanswered), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_store_goes_on_evenly_when_the_clock_jumps_by_an_hour() {
    let store = TestStore::embedded();
    let clock = FakeClock::new();
    let server = server_by(&clock, &store).await;
    server.api.create("long", "cinema", LONG).await;
    server.api.create(SHOW, "cinema", SHORT).await;
    let mut viewer = Viewer::join(&server.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for (seconds, seat) in [(HOUR, "A-1"), (-HOUR, "A-2")] {
        server.api.lock(SHOW, &[seat], 7).await.expect(200);
        viewer.until_seat(seat, 'l').await;
        clock.set(seconds);
        clock_is_off(&server.api, seconds).await;
        answers_go_by_the_right_clock(&server.api, "long", seat).await;
        viewer.until_seat(seat, 'a').await;
    }
    assert_eq!(server.api.seat("long", "A-1").await["status"], "locked");
}

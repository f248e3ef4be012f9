//! Polls of `seats/status`: what those who come together share, in which form, and how old it may be.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::header::{ACCEPT_ENCODING, DATE, HeaderMap, IF_NONE_MATCH};
use seatcast::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, TestStore, Viewer, eventually, on_each_store};

const SHOW: &str = "42";
const PATH: &str = "/api/v1/showtimes/42/seats/status";
/// `docs/protocol.md`: for how long an answer may be shared.
const SHARED: Duration = Duration::from_millis(250);

on_each_store!(
    a_poller_is_spared_what_it_has,
    whoever_polls_at_once_shares_an_answer_for_a_while,
    an_answers_clock_is_never_older_than_promised,
    a_poll_shows_what_a_viewer_has_seen,
    every_form_says_the_same,
    plain_polls_are_answered_as_all_others_are,
    a_caller_without_seats_gets_what_all_get_and_keeps_it_private,
);

async fn cinema(store: &TestStore) -> Node {
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    node
}

/// An answer as it went over the wire, but for chunks.
struct Raw {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Asks as a client that unpacks nothing.
async fn ask(node: &Node, method: &str, path: &str, headers: &[(&str, &str)]) -> Raw {
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), format!("{}{path}", node.api.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Raw { status, headers, body: answer.bytes().await.unwrap().to_vec() }
}

impl Raw {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        let mut unpacked = Vec::new();
        let read = match self.header("content-encoding") {
            "gzip" => flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut unpacked),
            "deflate" => flate2::read::ZlibDecoder::new(&self.body[..]).read_to_end(&mut unpacked),
            "" => (&self.body[..]).read_to_end(&mut unpacked),
            other => panic!("{other} is not known"),
        };
        read.unwrap();
        serde_json::from_slice(&unpacked).unwrap()
    }

    fn server_time(&self) -> Timestamp {
        Timestamp::parse(self.json()["serverTime"].as_str().unwrap()).unwrap()
    }

    /// All headers but the date.
    fn described(&self) -> BTreeMap<String, String> {
        let known = self.headers.iter().filter(|(name, _)| *name != DATE);
        known.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }
}

async fn a_poller_is_spared_what_it_has(store: TestStore) {
    let node = cinema(&store).await;
    let first = ask(&node, "GET", PATH, &[]).await;
    let tag = first.header("etag").to_owned();
    assert_eq!(tag, format!("W/\"{}\"", first.json()["position"].as_str().unwrap()));
    assert_eq!(first.json()["pollIntervalSeconds"], 10);
    for known in [&tag, "*", &format!("\"other\", {tag}"), tag.trim_start_matches("W/")] {
        for path in [PATH.to_owned(), format!("{PATH}?_=1"), format!("{PATH}?userId=7")] {
            let unchanged = ask(&node, "GET", &path, &[(IF_NONE_MATCH.as_str(), known)]).await;
            assert_eq!((unchanged.status, &*unchanged.body), (304, &b""[..]), "{known} at {path}");
            assert_eq!((unchanged.header("etag"), unchanged.header("vary")), (&*tag, "Accept-Encoding"));
            assert_eq!(unchanged.header("cache-control").starts_with("private"), path.contains("userId"));
        }
    }
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    eventually("the poller sees the lock", async || {
        (ask(&node, "GET", PATH, &[(IF_NONE_MATCH.as_str(), &tag)]).await.status == 200).then_some(())
    })
    .await;
}

async fn whoever_polls_at_once_shares_an_answer_for_a_while(store: TestStore) {
    let node = cinema(&store).await;
    let gzip = [(ACCEPT_ENCODING.as_str(), "gzip")];
    let polls = || join_all((0..200).map(|_| ask(&node, "GET", PATH, &gzip)));
    let mut answers: HashMap<Timestamp, Vec<u8>> = HashMap::new();
    for _ in 0..3 {
        for answer in polls().await {
            let body = answers.entry(answer.server_time()).or_insert_with(|| answer.body.clone());
            assert_eq!(*body, answer.body, "who gets the same answer gets the same bytes");
        }
    }
    let mut clocks: Vec<Timestamp> = answers.into_keys().collect();
    clocks.sort_unstable();
    for pair in clocks.windows(2) {
        assert!(pair[1].since(pair[0]) > SHARED, "an answer was made beside one that was still right: {pair:?}");
    }
}

async fn an_answers_clock_is_never_older_than_promised(store: TestStore) {
    let node = cinema(&store).await;
    // A store's clock that was read anew may stand a little behind what it said before.
    let allowed = SHARED + Duration::from_millis(20);
    let mut clocks: Vec<Timestamp> = Vec::new();
    while clocks.len() < 3 {
        let asked = node.store().now();
        let clock = ask(&node, "GET", PATH, &[]).await.server_time();
        assert!(asked.since(clock) <= allowed, "asked at {asked}, answered as of {clock}");
        clocks.push(clock);
        clocks.dedup();
    }
}

async fn a_poll_shows_what_a_viewer_has_seen(store: TestStore) {
    let node = cinema(&store).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    for row in ["A", "B", "C"] {
        let taken: Vec<String> = (1..=8).map(|seat| format!("{row}-{seat}")).collect();
        for seat in &taken {
            let locked = node.api.lock(SHOW, &[seat], 7).await.expect(200);
            viewer.until_position(locked["position"].as_str().unwrap()).await;
            let polled = ask(&node, "GET", PATH, &[(ACCEPT_ENCODING.as_str(), "gzip")]).await.json();
            assert_eq!(polled["position"], locked["position"], "nobody else changes anything");
            let shown = polled["seats"].as_array().unwrap().iter().find(|shown| shown["seatId"] == **seat).unwrap();
            assert_eq!(shown["status"], "locked");
        }
        node.api.unlock(SHOW, &taken.iter().map(String::as_str).collect::<Vec<_>>(), 7).await.expect(200);
    }
}

async fn every_form_says_the_same(store: TestStore) {
    let node = cinema(&store).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    eventually("the lock is shown", async || (node.api.seat(SHOW, "A-1").await["status"] == "locked").then_some(()))
        .await;
    let comparable = |answer: &Raw| {
        let mut body = answer.json();
        body["serverTime"].take();
        body
    };
    let plain = ask(&node, "GET", PATH, &[]).await;
    assert_eq!(plain.header("content-encoding"), "");
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("*;q=0.5, gzip", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("identity", ""),
        ("gzip;q=0", ""),
        ("identity, gzip;q=0.5", ""),
        ("br", ""),
        ("deflate", "deflate"),
        ("deflate, gzip;q=0.5", "deflate"),
    ] {
        for path in [PATH.to_owned(), format!("{PATH}?_=1"), format!("{PATH}?userId=8")] {
            // The second time it lies ready.
            for _ in 0..2 {
                let answer = ask(&node, "GET", &path, &[(ACCEPT_ENCODING.as_str(), accepted)]).await;
                assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accepted} at {path}");
                assert!(
                    answer
                        .headers
                        .get_all("vary")
                        .iter()
                        .all(|vary| vary.as_bytes().eq_ignore_ascii_case(b"accept-encoding"))
                );
                assert_eq!(comparable(&answer), comparable(&plain), "{accepted}");
            }
        }
    }
    let own = ask(&node, "GET", &format!("{PATH}?userId=7"), &[(ACCEPT_ENCODING.as_str(), "gzip")]).await;
    assert_eq!((own.header("content-encoding"), &own.json()["seats"][0]["status"]), ("gzip", &json!("selected")));
    for nothing in ["*;q=0", "identity;q=0"] {
        assert_eq!(ask(&node, "GET", PATH, &[(ACCEPT_ENCODING.as_str(), nothing)]).await.status, 406);
    }
}

/// What lies ready is given out before the routes; `_` takes the same request to them.
async fn plain_polls_are_answered_as_all_others_are(store: TestStore) {
    let node = cinema(&store).await;
    let tag = ask(&node, "GET", PATH, &[]).await.header("etag").to_owned();
    for headers in
        [&[][..], &[("accept-encoding", "gzip")], &[("if-none-match", &*tag)], &[("origin", "https://a.example")]]
    {
        // Makes the form that is asked for, if it is not there.
        ask(&node, "GET", PATH, headers).await;
        let plain = ask(&node, "GET", PATH, headers).await;
        let routed = ask(&node, "GET", &format!("{PATH}?_=1"), headers).await;
        assert_eq!((plain.status, plain.described()), (routed.status, routed.described()), "{headers:?}");
        let head = ask(&node, "HEAD", PATH, headers).await;
        assert_eq!((head.status, head.described(), &*head.body), (plain.status, plain.described(), &b""[..]));
    }
}

async fn a_caller_without_seats_gets_what_all_get_and_keeps_it_private(store: TestStore) {
    let node = cinema(&store).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    eventually("the lock is shown", async || (node.api.seat(SHOW, "A-1").await["status"] == "locked").then_some(()))
        .await;
    let status = async |caller: &str| ask(&node, "GET", &format!("{PATH}?userId={caller}"), &[]).await;
    let (own, other) = (status("7").await, status("8").await);
    assert_eq!(own.json()["seats"][0]["status"], "selected");
    assert_eq!(other.json()["seats"][0]["status"], "locked");
    for answer in [own, other] {
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staleness_begins_and_ends_in_polls_when_it_does_for_viewers() {
    let mut redis = RedisServer::durable();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let gzip = [(ACCEPT_ENCODING.as_str(), "gzip")];
    assert_eq!(ask(&node, "GET", PATH, &gzip).await.json()["stale"], false);
    redis.kill();
    viewer.until("the map is stale", |viewer| viewer.stale).await;
    let stale = ask(&node, "GET", PATH, &gzip).await;
    assert_eq!((&stale.json()["stale"], stale.header("cache-control")), (&json!(true), "no-store"));
    assert!(stale.header("etag").ends_with("-stale\""), "{}", stale.header("etag"));
    let known = ask(&node, "GET", PATH, &[(IF_NONE_MATCH.as_str(), stale.header("etag"))]).await;
    assert_eq!((known.status, known.header("cache-control")), (304, "no-store"));
    redis.run();
    viewer.until("the map is live", |viewer| !viewer.stale).await;
    let live = ask(&node, "GET", PATH, &[(IF_NONE_MATCH.as_str(), stale.header("etag")), gzip[0]]).await;
    assert_eq!((live.status, &live.json()["stale"]), (200, &json!(false)));
    assert!(live.header("cache-control").starts_with("public"));
}

#[tokio::test(flavor = "multi_thread")]
async fn polls_keep_their_room_open() {
    let redis = RedisServer::start();
    let linger = Duration::from_millis(500);
    let node = Node::with(seatcast::config::Config { room_linger: linger, ..redis_config(&redis.url()) }).await;
    node.api.create(SHOW, "cinema", 900).await;
    let subscriptions = async || {
        let text: String = redis.command(&["INFO", "commandstats"]).await;
        let line =
            text.lines().find_map(|line| line.strip_prefix("cmdstat_subscribe:calls=")).expect("somebody subscribed");
        line.split(',').next().unwrap().parse::<u64>().unwrap()
    };
    node.api.status(SHOW).await.expect(200);
    let before = subscriptions().await;
    let (began, mut polled) = (Instant::now(), Instant::now());
    let mut pause = Duration::ZERO;
    while began.elapsed() < linger * 5 {
        node.api.status(SHOW).await.expect(200);
        pause = pause.max(polled.elapsed());
        polled = Instant::now();
    }
    // If the machine stood still for longer, the room was right to close.
    assert!(pause > linger || subscriptions().await == before, "the room was closed between two polls");
    eventually("the room is closed", async || (node.room_count() == 0).then_some(())).await;
}

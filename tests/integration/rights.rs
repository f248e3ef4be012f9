//! Users with no more rights than docs/operations.md gives them: all works, and what is missing is found before any change.

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, SentinelSet, ServerProcess, Viewer, eventually};

const SHOW: &str = "42";

/// The rule of docs/operations.md for this user, word by word.
fn rule(user: &str) -> Vec<String> {
    let operations = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let begins = format!("ACL SETUSER {user} ");
    let rule = operations.split("```").find(|block| block.trim_start().starts_with(&begins));
    rule.expect("a block with the rights").split_whitespace().map(String::from).collect()
}

fn secret(rule: &[String]) -> &str {
    rule.iter().find_map(|word| word.strip_prefix('>')).expect("a password")
}

fn words(rule: &[String]) -> Vec<&str> {
    rule.iter().map(String::as_str).collect()
}

/// Everything that a server does in Redis.
async fn does_everything(node: &Node, redis: &RedisServer) {
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let first = viewer.replica.position.clone();
    node.api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    node.api.extend(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    node.api.book(SHOW, &["A-1"], 7, "b-1").await.expect(200);
    node.api.release(SHOW, &["A-1"], "b-1").await.expect(200);
    node.api.unlock(SHOW, &["A-2"], 7).await.expect(200);
    node.api.block(SHOW, &["A-3"]).await.expect(200);
    viewer.until_seat("A-3", 'b').await;
    node.api.facts(SHOW, "A-1,A-3").await.expect(200);
    node.api.unblock(SHOW, &["A-3"]).await.expect(200);
    let _: () = redis.command(&["SET", "seat_lock:{42}:B-1", "9", "PX", "1500"]).await;
    viewer.until_seat("B-1", 'l').await;
    viewer.until_seat("B-1", 'a').await;
    let all: Vec<String> = (1..=10).map(|n| format!("C-{n}")).collect();
    node.api.lock(SHOW, &all.iter().map(String::as_str).collect::<Vec<_>>(), 7).await.expect(200);
    assert_eq!(node.api.lock(SHOW, &["A-1"], 7).await.problem(422), "too_many_seats");
    node.api.get(&format!("/api/v1/showtimes/{SHOW}/seats/changes?since={first}")).await.expect(200);
    node.api.get("/api/v1/showtimes").await.expect(200);
    let health = node.api.get("/health/redis").await.expect(200);
    assert!(health["version"].is_string() || health.to_string().contains("redis_version"), "{health}");
    let id = seatcast::domain::ids::ShowtimeId::parse(SHOW).expect("an id");
    let archive = node.store().export(&id).await.expect("an export").expect("a showtime");
    let at = node.store().showtime(&id).await.unwrap().expect("a showtime").1;
    node.store().positions(&[(id, at)]).await.expect("positions");
    node.api.send(node.api.request("DELETE", "/api/v1/showtimes/42")).await;
    viewer.until("the room ends", |viewer| viewer.closed.is_some() || !viewer.asides.is_empty()).await;
    node.store().import(archive).await.expect("an import");
    node.api.send(node.api.request("DELETE", "/api/v1/showtimes/42")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_are_enough_and_a_missing_one_is_found_before_any_change() {
    let redis = RedisServer::start();
    let rule = rule("seatcast");
    let _: () = redis.command(&words(&rule)).await;
    let login = |user: &str| format!("redis://{user}:{}@127.0.0.1:{}", secret(&rule), redis.port());
    let node = Node::with(redis_config(&login("seatcast"))).await;
    does_everything(&node, &redis).await;

    node.api.create(SHOW, "cinema", 900).await;
    for missing in ["resetchannels", "-zadd", "-setrange", "-xadd"] {
        let narrow = format!("narrow{missing}");
        let mut words = words(&rule);
        words[2] = &narrow;
        words.push(missing);
        let _: () = redis.command(&words).await;
        let node = Node::starting(&redis_config(&login(&narrow)));
        let refused = eventually("the server answers", async || {
            let reply = node.api.lock(SHOW, &["A-1"], 7).await;
            (reply.status == 503).then_some(reply)
        })
        .await;
        assert_eq!(refused.problem(503), "store_unavailable", "{missing}");
    }
    let seq: u64 = redis.command(&["HGET", "showtime:{42}:meta", "seq"]).await;
    assert_eq!(seq, 0, "nothing was half done");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_config_the_log_says_what_to_set_and_with_it_set_locks_of_others_show() {
    let redis = RedisServer::with(&["--save", "", "--notify-keyspace-events", "Eg$x"]);
    let mut rule = rule("seatcast");
    rule.retain(|word| !word.starts_with("+config"));
    let _: () = redis.command(&words(&rule)).await;
    let server = ServerProcess::start(&format!("redis://seatcast:{}@127.0.0.1:{}", secret(&rule), redis.port())).await;
    let said = server.log();
    assert!(said.contains("cannot read notify-keyspace-events; set it to Eg$x on the server"), "{said}");
    server.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&server.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for seat in ["A-1", "A-2"] {
        let _: () = redis.command(&["SET", &format!("seat_lock:{{42}}:{seat}"), "9", "PX", "1000"]).await;
        viewer.until_seat(seat, 'l').await;
        viewer.until_seat(seat, 'a').await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_at_sentinels_are_enough() {
    let set = SentinelSet::start().await;
    let (at_sentinels, at_servers) = (rule("seatcast-watch"), rule("seatcast"));
    for sentinel in &set.sentinels {
        sentinel.try_command::<()>(&words(&at_sentinels)).await.expect("a user");
    }
    for server in &set.servers {
        let _: () = server.command(&words(&at_servers)).await;
    }
    let url = set.url().replace("://", &format!("://seatcast:{}@", secret(&at_servers)));
    let login = |password: &str| format!("{url}?sentinelUsername=seatcast-watch&sentinelPassword={password}");
    let node = Node::with(redis_config(&login(secret(&at_sentinels)))).await;
    does_everything(&node, &set.servers[0]).await;
    let server = ServerProcess::begin(&login("hunter2"));
    let said = eventually("the server says why", async || {
        let log = server.log();
        log.contains("authentication failed").then_some(log)
    })
    .await;
    assert!(!said.contains("hunter2"), "{said}");
}

//! Connections that are held open are counted, and there is an answer for those for whom there is no place.

use futures_util::future::join_all;
use seatcast::http::TrustedProxies;
use seatcast::live::ConnectionLimits;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::wait::PATIENCE;
use crate::support::{EventStream, Node, RedisServer, ServerProcess, Viewer, eventually};

const SHOW: &str = "42";

async fn node(redis: &RedisServer, connections: ConnectionLimits, proxies: &str) -> Node {
    let mut config = redis_config(&redis.url());
    config.connections = connections;
    config.proxies = TrustedProxies::parse(proxies.split(',')).unwrap();
    let node = Node::with(config).await;
    node.api.create(SHOW, "cinema", 900).await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_no_place_is_told_to_come_back_and_can_still_poll() {
    let redis = RedisServer::start();
    let node = node(&redis, ConnectionLimits { total: 3, per_address: 100 }, "").await;
    let seats = SeatIds::shipped("cinema");
    let first = Viewer::join(&node.api.base, SHOW, &seats).await;
    let _second = EventStream::join(&node.api.base, SHOW, &seats).await;
    let _third = Viewer::connect(&format!("{}/api/v1/live", node.api.base), &seats).await;
    let refused = node.api.get(&format!("/api/v1/showtimes/{SHOW}/events")).await;
    assert_eq!(refused.problem(503), "too_many_connections");
    assert!(!refused.header("retry-after").is_empty());
    let position = &first.replica.position;
    let poll = format!("/api/v1/showtimes/{SHOW}/seats/changes?since={position}");
    assert_eq!(node.api.get(&format!("{poll}&wait=25")).await.problem(503), "too_many_connections");
    assert_eq!(node.api.get(&poll).await.status, 204, "an answer that is not waited for needs no place");
    node.api.status(SHOW).await.expect(200);
    let mut refused = Viewer::refused(&node.api.base, SHOW, &seats).await;
    assert_eq!(refused.until_closed().await, 1013);
    let bye = refused.asides.iter().find(|aside| aside["type"] == "bye").expect("a goodbye");
    assert!(bye["reconnectAfterMs"].as_u64().is_some_and(|wait| wait >= 5_000), "{bye}");
    drop(first);
    eventually("the place is free again", async || {
        let stream = node.api.request("GET", &format!("/api/v1/showtimes/{SHOW}/events")).send().await;
        (stream.ok()?.status() == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_take_the_places_of_others() {
    let redis = RedisServer::start();
    let node = node(&redis, ConnectionLimits { total: 100, per_address: 2 }, "127.0.0.1").await;
    let ask = async |address: &str| {
        let request = node.api.request("GET", &format!("/api/v1/showtimes/{SHOW}/events"));
        request.header("x-forwarded-for", address).send().await.unwrap()
    };
    let (one, two) = (ask("198.51.100.1").await, ask("6.6.6.6, 198.51.100.1").await);
    assert_eq!((one.status(), two.status()), (200.try_into().unwrap(), 200.try_into().unwrap()));
    assert_eq!(ask("198.51.100.1").await.status(), 503);
    assert_eq!(ask("6.6.6.6, 198.51.100.1").await.status(), 503, "what the client says of itself does not count");
    assert_eq!(ask("198.51.100.2").await.status(), 200);
    assert_eq!(ask("").await.status(), 200, "a proxy that says nothing counts against the whole server only");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_count_as_they_are_where_no_proxy_is_trusted() {
    let redis = RedisServer::start();
    let node = node(&redis, ConnectionLimits { total: 100, per_address: 1 }, "").await;
    let seats = SeatIds::shipped("cinema");
    let _viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let request = node.api.request("GET", &format!("/api/v1/showtimes/{SHOW}/events"));
    let refused = node.api.send(request.header("x-forwarded-for", "198.51.100.1")).await;
    assert_eq!(refused.problem(503), "too_many_connections");
    assert!(refused.body["detail"].as_str().unwrap().contains("your address"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_beyond_the_bound_are_cut_off_and_the_server_answers_when_they_are_gone() {
    const TOO_MANY: usize = 2_101;
    let redis = RedisServer::start();
    let node = node(&redis, ConnectionLimits { total: 1, per_address: 1 }, "").await;
    let address = node.api.base.strip_prefix("http://").unwrap();
    let mut sockets = Vec::new();
    for _ in 0..TOO_MANY {
        sockets.push(TcpStream::connect(address).await.unwrap());
    }
    let cut = async || {
        let is_cut = |socket: &&TcpStream| matches!(socket.try_read(&mut [0; 1]), Ok(0));
        (sockets.iter().filter(is_cut).count() >= 99).then_some(())
    };
    eventually("those beyond the bound are cut off", cut).await;
    drop(sockets);
    eventually("the server answers", async || {
        let asked = node.api.try_send(node.api.request("GET", "/health/live")).await;
        asked.is_ok_and(|reply| reply.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_comes_while_the_program_is_busy_is_not_kept_waiting_for_another_attempt() {
    const CROWD: usize = 500;
    let redis = RedisServer::start();
    let server = ServerProcess::start(&redis.url()).await;
    server.signal("STOP");
    // The kernel takes connections that nobody has accepted yet, as many as the program has asked for. Nobody comes in beyond
    // that as long as the program stands still.
    let knock = || TcpStream::connect(&server.address);
    let crowd = join_all((0..CROWD).map(|_| timeout(PATIENCE, knock()))).await;
    server.signal("CONT");
    let inside = crowd.iter().filter(|knock| matches!(knock, Ok(Ok(_)))).count();
    assert_eq!(inside, CROWD, "all of them are in, or wait for the program");
}

//! Redis over TLS: certificates are checked, commands and feed both go through it, and outages heal.

use seatcast::config::Config;
use seatcast::store::StoreOptions;
use seatcast::store::redis::Trust;

use crate::support::authority::{Authority, Certificate};
use crate::support::plan::SeatIds;
use crate::support::redis_server::free_port;
use crate::support::server::{config, redis_options};
use crate::support::{Node, RedisServer, ServerProcess, Viewer, eventually};

const SHOW: &str = "42";

/// A Redis that speaks TLS at a second port, and what it is called there.
fn tls_server(certificate: &Certificate, authority: &Authority, more: &[&str]) -> (RedisServer, String) {
    let port = free_port();
    let mut arguments = certificate.arguments(port, &authority.file());
    arguments.extend(["--save", ""].iter().chain(more).map(ToString::to_string));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    (RedisServer::with(&arguments), format!("rediss://127.0.0.1:{port}"))
}

fn tls_config(url: &str, trust: Trust) -> Config {
    let mut options = redis_options(url, crate::support::RULES);
    options.trust = trust;
    config(StoreOptions::Redis(options))
}

fn trusting(authority: &Authority) -> Trust {
    Trust::default().with_authorities(&authority.file()).expect("an authority")
}

/// What a server of ours says that cannot connect.
async fn complaint(url: &str, authority: Option<&Authority>) -> String {
    let file = authority.map(|authority| authority.file().to_string_lossy().into_owned());
    let settings: Vec<(&str, &str)> = file.iter().map(|file| ("SEATCAST_REDIS_CA_FILE", file.as_str())).collect();
    let server = ServerProcess::begin_with(url, &settings);
    eventually("the server says why", async || {
        let log = server.log();
        // The advice is the line after the error.
        (log.lines().filter(|line| line.contains("WARN")).count() > 1).then_some(log)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_feed_go_over_tls_and_heal_after_an_outage() {
    let authority = Authority::new();
    let (mut redis, url) = tls_server(&authority.issue("127.0.0.1"), &authority, &["--tls-auth-clients", "no"]);
    let node = Node::with(tls_config(&url, trusting(&authority))).await;
    for round in 0..2 {
        node.api.create(SHOW, "cinema", 900).await;
        let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
        node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
        viewer.until_seat("A-1", 'l').await;
        let _: () = redis.command(&["SET", "seat_lock:{42}:B-1", "9", "EX", "60"]).await;
        viewer.until_seat("B-1", 'l').await;
        if round == 0 {
            redis.kill();
            viewer.until("the map is stale", |viewer| viewer.stale).await;
            redis.run();
            assert_eq!(viewer.until_closed().await, 4404);
            node.ready().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_to_see_a_certificate_gets_ours() {
    let authority = Authority::new();
    let (_redis, url) = tls_server(&authority.issue("127.0.0.1"), &authority, &["--tls-auth-clients", "yes"]);
    let ours = authority.issue("seatcast");
    let said = complaint(&url, Some(&authority)).await;
    assert!(said.contains("SEATCAST_REDIS_CERT_FILE"), "{said}");
    let trust = trusting(&authority).with_certificate(&ours.file, &ours.key).expect("a certificate");
    let node = Node::with(tls_config(&url, trust)).await;
    node.api.create(SHOW, "cinema", 900).await;
    let other = authority.issue("other");
    let wrong = Trust::default().with_certificate(&ours.file, &other.key).expect_err("another's key");
    assert!(wrong.contains("does not fit its key"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_stranger_or_for_another_host_is_refused_and_the_log_says_what_to_do() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (_redis, url) = tls_server(&authority.issue("127.0.0.1"), &authority, &["--tls-auth-clients", "no"]);
    let said = complaint(&url, Some(&stranger)).await;
    assert!(said.contains("name the right one in SEATCAST_REDIS_CA_FILE"), "{said}");
    let said = complaint(&url, None).await;
    assert!(said.contains("name the authority's in SEATCAST_REDIS_CA_FILE"), "{said}");

    let (_redis, url) = tls_server(&authority.issue("db.example.org"), &authority, &["--tls-auth-clients", "no"]);
    let said = complaint(&url, Some(&authority)).await;
    assert!(said.contains("is for other names"), "{said}");

    let plain = RedisServer::start();
    let url = plain.url().replace("redis://", "rediss://");
    let said = complaint(&url, Some(&authority)).await;
    assert!(said.contains("does the server speak TLS"), "{said}");
}

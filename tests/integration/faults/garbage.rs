//! Clients that do not speak the protocol: random bytes, half a handshake, TLS to the plain port. Each is answered or cut off,
//! and nobody else notices.

use std::time::Duration;

use rand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{SHOW, beside_others};
use crate::support::handshake;

/// Bad clients at the same time.
const CROWD: usize = 100;
/// How long a test waits for the server to cut somebody off. It does so after 5 s at most.
const LONG: Duration = Duration::from_secs(40);
/// What every TLS client says first: a handshake record of version 3.1 with a hello in it.
const CLIENT_HELLO: &[u8] = &[0x16, 0x03, 0x01, 0x00, 0xc8, 0x01, 0x00, 0x00, 0xc4, 0x03, 0x03];

/// Says all of it, and listens until the server closes the connection.
async fn say(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).await.expect("the server listens");
    // The server may close before it has heard everything.
    let _ = socket.write_all(bytes).await;
    let mut answer = Vec::new();
    let closed = tokio::time::timeout(LONG, socket.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "the server keeps a connection of nonsense");
    answer
}

async fn crowd_says(address: &str, bytes: impl Fn() -> Vec<u8>) -> Vec<String> {
    let saying = (0..CROWD).map(|_| {
        let bytes = bytes();
        async move { say(address, &bytes).await }
    });
    let answers = futures_util::future::join_all(saying).await;
    answers.iter().map(|answer| String::from_utf8_lossy(answer).into_owned()).collect()
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_are_cut_off_and_nobody_else_notices() {
    beside_others(async |address| {
        for answer in crowd_says(address, || random(4_096)).await {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_bytes_after_a_websocket_handshake_are_cut_off_and_nobody_else_notices() {
    beside_others(async |address| {
        let handshake = handshake::websocket(address, SHOW);
        // More than a message may have: whatever length the first bytes announce, it is there or too much.
        let nonsense = || [handshake.clone().into_bytes(), random(80 * 1024)].concat();
        for answer in crowd_says(address, nonsense).await {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 101"), "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_handshake_is_given_up_and_nobody_else_notices() {
    beside_others(async |address| {
        let whole = handshake::websocket(address, SHOW);
        for answer in crowd_says(address, || whole.as_bytes()[..whole.len() / 2].to_vec()).await {
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_on_the_plain_port_is_refused_at_once_and_nobody_else_notices() {
    beside_others(async |address| {
        for answer in crowd_says(address, || [CLIENT_HELLO, &random(189)].concat()).await {
            assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        }
    })
    .await;
}

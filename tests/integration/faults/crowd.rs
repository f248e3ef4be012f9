//! Thousands of sockets are opened and dropped. The server answers everybody else all the time, and what they cost comes back.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{SHOW, beside_others};
use crate::support::handshake;

const SOCKETS: usize = 5_000;
/// So many are open at the same time.
const WAVE: usize = 500;

/// Opens a socket, goes some way with it, and drops it: most without a goodbye.
async fn come_and_go(address: &str, n: usize) {
    let mut socket = TcpStream::connect(address).await.expect("the server accepts");
    let handshake = handshake::websocket(address, SHOW);
    let mut answer = [0; 12];
    match n % 4 {
        0 => {}
        1 => socket.write_all(&handshake.as_bytes()[..40]).await.expect("the connection stands"),
        2 => {
            socket.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("the connection stands");
            socket.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
        _ => {
            socket.write_all(handshake.as_bytes()).await.expect("the connection stands");
            socket.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 101");
        }
    }
    if n % 8 < 4 {
        // Cut off with a reset.
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).expect("a socket option");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_sockets_that_come_and_go_leave_nothing_behind_and_nobody_else_notices() {
    beside_others(async |address| {
        for wave in 0..SOCKETS / WAVE {
            join_all((0..WAVE).map(|n| come_and_go(address, wave * WAVE + n))).await;
        }
    })
    .await;
}

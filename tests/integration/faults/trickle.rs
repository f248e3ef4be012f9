//! Clients that send one byte a second. Each is given up after a stated time, costs next to nothing until then, and nobody else
//! notices.

use std::time::Duration;

use seatcast::live::HeartbeatOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::scene::{SHOW, beside_others};
use crate::support::{Node, TestStore, handshake};

/// How long a test waits for the server to give somebody up: several times what it says.
const LONG: Duration = Duration::from_secs(60);
/// Slow clients at the same time.
const CROWD: usize = 50;

/// Sends `first` at once and `rest` a byte a second, until the server closes the connection. What it said is returned.
async fn trickle(address: &str, first: &[u8], rest: &[u8]) -> Vec<u8> {
    let began = Instant::now();
    let socket = TcpStream::connect(address).await.expect("the server listens");
    let (mut read, mut write) = socket.into_split();
    let mut answer = Vec::new();
    let sending = async {
        write.write_all(first).await.ok();
        for byte in rest.iter().cycle() {
            tokio::time::sleep(Duration::from_secs(1)).await;
            // After the server has closed, this fails.
            if write.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = read.read_to_end(&mut answer) => {}
        () = sending => {}
        () = tokio::time::sleep(LONG) => panic!("the server waits for ever; it said {:?}", String::from_utf8_lossy(&answer)),
    }
    eprintln!("given up after {:?}", began.elapsed());
    answer
}

async fn crowd(address: &str, first: &str, rest: &str) -> Vec<String> {
    let trickling = (0..CROWD).map(|_| trickle(address, first.as_bytes(), rest.as_bytes()));
    let answers = futures_util::future::join_all(trickling).await;
    answers.iter().map(|answer| String::from_utf8_lossy(answer).into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_head_comes_a_byte_a_second_is_given_up() {
    beside_others(async |address| {
        for answer in crowd(address, "GET / HTTP/1.1\r\nHost: x\r\n", "X-Slow: 1\r\n").await {
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_request_whose_head_comes_a_byte_a_second_costs_its_connection_and_no_more() {
    beside_others(async |address| {
        let first = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n";
        let mut slow = Vec::new();
        for _ in 0..CROWD {
            let mut socket = TcpStream::connect(address).await.expect("the server listens");
            socket.write_all(first).await.expect("the connection stands");
            let mut answer = [0; 12];
            socket.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 200");
            slow.push(socket);
        }
        for byte in b"X-Slow: 1\r\n" {
            tokio::time::sleep(Duration::from_secs(1)).await;
            for socket in &mut slow {
                socket.write_all(&[*byte]).await.ok();
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_a_byte_a_second_is_given_up_and_answered() {
    beside_others(async |address| {
        let head = format!(
            "POST /api/v1/showtimes/{SHOW}/seats/lock HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: 200000\r\n\r\n"
        );
        for answer in crowd(address, &head, " ").await {
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
            assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_comes_a_byte_a_second_is_given_up() {
    let store = TestStore::redis();
    let heartbeat = HeartbeatOptions {
        interval: Duration::from_secs(2),
        patience: Duration::from_secs(2),
        ..HeartbeatOptions::default()
    };
    let node = Node::with(seatcast::config::Config { heartbeat, ..store.config() }).await;
    node.api.create(SHOW, "cinema", 900).await;
    let address = node.api.base.strip_prefix("http://").unwrap();
    let handshake = handshake::websocket(address, SHOW);
    // A masked text frame of 60,000 bytes.
    let first = [handshake.as_bytes(), &[0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]].concat();
    let trickling = (0..CROWD).map(|_| trickle(address, &first, b"x"));
    for answer in futures_util::future::join_all(trickling).await {
        let closed_as_silent = 4408_u16.to_be_bytes();
        assert!(answer.windows(2).any(|bytes| bytes == closed_as_silent), "{answer:?}");
    }
}

//! One visitor: a socket that joins over one of the transports, waits for the map and for a change, and leaves in one of many
//! manners. What is read is searched for, not understood: tests do that.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::support::handshake;
use super::support::http_connection::request;
use super::support::wait::PATIENCE;

/// A WebSocket's close with 1000, under a mask of zeros.
const CLOSE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8];

/// How a visitor sees the map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    Events,
    LongPoll,
    Poll,
}

/// How a visitor leaves.
#[derive(Clone, Copy)]
pub enum Farewell {
    /// With a close handshake, or by ending the sending side, and then reading to the end.
    Goodbye,
    /// The socket is closed.
    Cut,
    /// The socket is closed with a reset.
    Reset,
    /// After asking for the map once more, and not waiting for it.
    MidRequest,
}

impl Transport {
    /// The transport of the visitor of this number; with [`Farewell::of`] every pair comes in turn.
    pub fn of(number: usize) -> Self {
        [Self::WebSocket, Self::Events, Self::LongPoll, Self::Poll][number % 4]
    }
}

impl Farewell {
    pub fn of(number: usize) -> Self {
        [Self::Goodbye, Self::Cut, Self::Reset, Self::MidRequest][number / 4 % 4]
    }
}

/// Somebody who has seen the map.
pub struct Visitor {
    transport: Transport,
    show: String,
    stream: TcpStream,
    /// What was read after what was looked for last.
    unread: Vec<u8>,
    /// The newest position that was seen.
    position: String,
}

impl Visitor {
    /// Comes, and waits for the map.
    pub async fn join(address: &str, show: &str, transport: Transport) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        let (show, position) = (show.to_owned(), String::new());
        let mut visitor = Self { transport, show, stream, unread: Vec::new(), position };
        let first = match transport {
            Transport::WebSocket => handshake::websocket(address, &visitor.show).into_bytes(),
            Transport::Events => visitor.get("events"),
            Transport::LongPoll => visitor.get("seats/changes"),
            Transport::Poll => visitor.get("seats/status"),
        };
        visitor.send(&first).await;
        visitor.note_position().await;
        visitor
    }

    /// Waits until the map is another than it was.
    pub async fn see_a_change(&mut self) {
        let before = self.position.clone();
        while self.position == before {
            let again = match self.transport {
                Transport::WebSocket | Transport::Events => None,
                Transport::LongPoll => Some(format!("seats/changes?since={before}&wait=25")),
                Transport::Poll => Some("seats/status".into()),
            };
            if let Some(what) = again {
                // What came of the last answer is over.
                self.unread.clear();
                let again = self.get(&what);
                self.send(&again).await;
            }
            self.note_position().await;
        }
    }

    /// Goes. The server may have ended the connection before, where the showtime is gone.
    pub async fn leave(mut self, farewell: Farewell) {
        match farewell {
            Farewell::Goodbye => self.say_goodbye().await,
            Farewell::Cut => {}
            Farewell::Reset => {
                let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
            }
            Farewell::MidRequest => {
                let more = self.get(&format!("seats/changes?since={}&wait=25", self.position));
                let _ = self.stream.write_all(&more[..more.len() / 2]).await;
            }
        }
    }

    async fn say_goodbye(&mut self) {
        let _ = match self.transport {
            Transport::WebSocket => self.stream.write_all(&CLOSE).await,
            Transport::Events | Transport::LongPoll | Transport::Poll => self.stream.shutdown().await,
        };
        let to_the_end = async { while self.read().await {} };
        let ended = tokio::time::timeout(PATIENCE, to_the_end).await;
        assert!(ended.is_ok(), "the server does not end the connection");
    }

    fn get(&self, what: &str) -> Vec<u8> {
        request("GET", &format!("/api/v1/showtimes/{}/{what}", self.show), &[], "")
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the connection stands");
    }

    /// Reads until a position was told, and everything that belongs to it is there.
    async fn note_position(&mut self) {
        let told = async {
            loop {
                if let Some(position) = self.take_position() {
                    break position;
                }
                let more = self.read().await;
                let said = || String::from_utf8_lossy(&self.unread).into_owned();
                assert!(more, "the server ended a connection in use ({}): {:?}", self.show, said());
            }
        };
        let position = tokio::time::timeout(PATIENCE, told).await;
        self.position = position.expect("a visitor sees the map, and that it changes");
    }

    /// The newest position that was told, if there is one.
    fn take_position(&mut self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.unread);
        let (_, position) = text.rsplit_once("\"position\":\"")?;
        let position = position.split_once('"')?.0.to_owned();
        self.unread.clear();
        Some(position)
    }

    /// Reads what is there. `false` at the end.
    async fn read(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.unread).await, Ok(count) if count > 0)
    }
}

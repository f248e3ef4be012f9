//! One of many viewers: a socket, and how far its map has come.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::frame::{self, Frame, Kind};
use super::support::handshake;

/// Sockets come from so many addresses of this machine, so that there are ports enough for all.
const ADDRESSES: usize = 8;
/// The answer to the key that [`handshake::websocket`] sends.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Where a viewer goes.
#[derive(Clone, Debug)]
pub struct Door {
    pub address: SocketAddr,
    pub show: String,
}

/// What came over the sockets of many viewers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received {
    /// Frames with a diff, and the bytes of them.
    pub diffs: usize,
    pub diff_bytes: usize,
    /// Bytes of everything until a viewer had its first map.
    pub join_bytes: usize,
}

pub struct Viewer {
    stream: TcpStream,
    /// What came of a frame that is not whole, or of the answer to the handshake.
    rest: Vec<u8>,
    welcomed: bool,
    /// The sequence number of the map, once there is one.
    pub reached: Option<u64>,
}

impl Viewer {
    /// Knocks at a door, and does not wait for the answer.
    pub fn knock(door: &Door, number: usize) -> Self {
        let host = u8::try_from(2 + number % ADDRESSES).expect("few addresses");
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0));
        let opened = socket.bind(&from.into()).and_then(|()| socket.connect(&door.address.into()));
        opened.unwrap_or_else(|error| panic!("viewer {number} cannot connect: {error}"));
        // To close it leaves nothing behind that would be in the way of others.
        socket.set_linger(Some(Duration::ZERO)).expect("a socket option");
        let mut stream = TcpStream::from(socket);
        stream.set_nodelay(true).expect("a socket option");
        let request = handshake::websocket(&door.address.to_string(), &door.show);
        stream.write_all(request.as_bytes()).expect("the server reads");
        stream.set_nonblocking(true).expect("a socket option");
        Self { stream, rest: Vec::new(), welcomed: false, reached: None }
    }

    /// Takes what has come, without waiting.
    pub fn take(&mut self, buffer: &mut [u8], received: &mut Received) {
        let read = match self.stream.read(buffer) {
            Ok(0) => panic!("the server closed a viewer's connection"),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => panic!("a viewer's connection broke: {error}"),
        };
        if self.rest.is_empty() {
            let used = self.understand(&buffer[..read], received);
            self.rest.extend(&buffer[used..read]);
        } else {
            let mut bytes = std::mem::take(&mut self.rest);
            bytes.extend(&buffer[..read]);
            let used = self.understand(&bytes, received);
            bytes.drain(..used);
            self.rest = bytes;
        }
    }

    /// Takes whole frames, and says how many bytes they were.
    fn understand(&mut self, bytes: &[u8], received: &mut Received) -> usize {
        let mut used = 0;
        if !self.welcomed {
            let Some(end) = find(bytes, HEAD_END) else { return 0 };
            let head = std::str::from_utf8(&bytes[..end]).expect("a head is text");
            assert!(head.starts_with("HTTP/1.1 101 ") && head.contains(ACCEPT), "the handshake was refused: {head}");
            self.welcomed = true;
            used = end + HEAD_END.len();
            received.join_bytes += used;
        }
        while let Some(frame) = Frame::first(&bytes[used..]) {
            used += frame.length;
            if self.reached.is_none() {
                received.join_bytes += frame.length;
            }
            match frame.kind {
                Kind::Text => self.hear(&frame, received),
                Kind::Ping => {
                    let sent = self.stream.write(&frame::PONG).expect("the server reads");
                    assert_eq!(sent, frame::PONG.len(), "a pong fits into the socket");
                }
                Kind::Pong => {}
                Kind::Close => panic!("the server closed a viewer's connection: {:?}", frame.payload),
            }
        }
        used
    }

    /// Brings the map forward. A diff must continue what the viewer has.
    fn hear(&mut self, frame: &Frame<'_>, received: &mut Received) {
        let payload = frame.payload;
        if payload.starts_with(br#"{"type":"diff""#) {
            let (from, to) = (seq(payload, br#""prev":""#), seq(payload, br#""position":""#));
            assert_eq!(from, self.reached, "a diff continues what the viewer has");
            assert!(to > from, "history goes forward");
            self.reached = to;
            received.diffs += 1;
            received.diff_bytes += frame.length;
        } else if payload.starts_with(br#"{"type":"snapshot""#) {
            assert!(self.reached.is_none(), "a viewer who reads everything needs no second map");
            self.reached = seq(payload, br#""position":""#);
        } else {
            // That a map is stale for a moment does not change it.
            let known =
                [&br#"{"type":"welcome""#[..], br#"{"type":"status""#].iter().any(|kind| payload.starts_with(kind));
            assert!(known, "{}", String::from_utf8_lossy(payload));
        }
    }
}

/// The sequence number in the position after `name`.
fn seq(payload: &[u8], name: &[u8]) -> Option<u64> {
    let position = &payload[find(payload, name)? + name.len()..];
    let position = &position[..find(position, b"\"")?];
    let digits = &position[position.iter().rposition(|byte| *byte == b'-')? + 1..];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

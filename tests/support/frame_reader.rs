//! A WebSocket as far as measuring needs it: it joins, tells frames apart, and answers pings.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::handshake;

const TEXT: u8 = 1;
const PING: u8 = 9;

/// A connection that has joined a room.
pub struct FrameReader {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// One text frame.
pub struct Frame {
    /// With its header.
    pub bytes: usize,
    pub text: String,
}

impl FrameReader {
    /// Joins, and reads the snapshot; `since` resumes, and a diff comes first. Returns what came first of the room.
    pub async fn join(address: &str, show: &str, since: Option<&str>) -> (Self, Frame) {
        let mut stream = TcpStream::connect(address).await.expect("the server accepts");
        let mut handshake = handshake::websocket(address, show);
        if let Some(since) = since {
            handshake = handshake.replacen("/live", &format!("/live?since={since}"), 1);
        }
        stream.write_all(handshake.as_bytes()).await.expect("the connection stands");
        let mut reader = Self { stream, unread: Vec::new() };
        let end = loop {
            if let Some(end) = reader.unread.windows(4).position(|end| end == b"\r\n\r\n") {
                break end;
            }
            reader.read().await.expect("an answer");
        };
        assert!(reader.unread.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&reader.unread));
        reader.unread.drain(..end + 4);
        let welcome = reader.next().await.expect("the welcome");
        assert!(welcome.text.contains("welcome"));
        let first = reader.next().await.expect("the map");
        (reader, first)
    }

    /// The next text frame. Pings are answered.
    pub async fn next(&mut self) -> io::Result<Frame> {
        loop {
            let Some((kind, head, length)) =
                head(&self.unread).filter(|(_, head, length)| self.unread.len() >= head + length)
            else {
                self.read().await?;
                continue;
            };
            let payload: Vec<u8> = self.unread.drain(..head + length).skip(head).collect();
            match kind {
                TEXT => return Ok(Frame { bytes: head + length, text: String::from_utf8(payload).expect("text") }),
                PING => self.pong(&payload).await?,
                other => return Err(io::Error::other(format!("a frame of kind {other}"))),
            }
        }
    }

    /// Reads frames and forgets them until the connection ends.
    pub async fn stay(mut self) {
        while self.next().await.is_ok() {}
    }

    async fn pong(&mut self, payload: &[u8]) -> io::Result<()> {
        let length = u8::try_from(payload.len()).expect("a ping is short");
        // Under a mask of zeros.
        let mut frame = vec![0x8A, 0x80 | length, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// A frame's kind, and the lengths of its head and payload, once they are there.
fn head(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (kind, short) = (bytes.first()? & 0x0F, usize::from(bytes.get(1)? & 0x7F));
    let long = |size: usize| {
        let digits = bytes.get(2..2 + size)?;
        Some((kind, 2 + size, digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))))
    };
    match short {
        126 => long(2),
        127 => long(8),
        short => Some((kind, 2, short)),
    }
}

/// The position in a message.
pub fn position(text: &str) -> &str {
    let (_, position) = text.rsplit_once("\"position\":\"").expect("a position");
    position.split_once('"').expect("the end of it").0
}

//! Reads what a client sends: frames into whole messages, within bounds. Nothing is kept for a client that says nothing.

use std::rc::Rc;

use actix_http::ws::{Codec, Frame, Item, ProtocolError};
use actix_web::web::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::task::coop::consume_budget;
use tokio_util::codec::Decoder;

use super::close::Close;
use super::line::Line;

/// The largest message that a client may send, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// The longest header of a frame that a client sends, in bytes.
const LONGEST_HEADER: usize = 14;

/// A whole message.
#[derive(Debug)]
pub enum Incoming {
    Text(ByteString),
    Ping(Bytes),
    Pong,
}

/// Why nothing more comes.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// The client is to be told why.
    Close(Close),
    /// The connection is broken.
    Dead,
}

/// One client's messages.
pub struct Inbox {
    line: Rc<Line>,
    codec: Codec,
    /// Bytes that were not understood yet.
    arrived: BytesMut,
    /// The beginning of a message that comes in several frames.
    begun: Option<BytesMut>,
}

impl Inbox {
    /// Messages that come over a line; `arrived` is what came already.
    pub fn new(line: Rc<Line>, arrived: BytesMut) -> Self {
        Self { line, codec: Codec::new().max_size(MAX_MESSAGE), arrived, begun: None }
    }

    /// Waits for the next message. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Result<Incoming, End> {
        loop {
            // Whoever sends without a pause has its turn, and no more.
            consume_budget().await;
            while let Some(frame) = self.codec.decode(&mut self.arrived).map_err(|error| broken(&error))? {
                if let Some(message) = self.take(frame)? {
                    return Ok(message);
                }
            }
            // The codec says how large a frame is when it has all of it.
            if self.arrived.len() > MAX_MESSAGE + LONGEST_HEADER {
                return Err(End::Close(Close::TooBig));
            }
            if self.arrived.is_empty() {
                self.arrived = BytesMut::new();
            }
            self.read().await?;
        }
    }

    /// Waits until the client has answered a close, whatever it sends before that.
    pub async fn until_closed(&mut self) {
        loop {
            match self.next().await {
                Ok(_) => {}
                Err(End::Dead | End::Close(Close::Normal)) => return,
                Err(End::Close(_)) => break,
            }
        }
        // What comes cannot be understood: there is no end of it but the connection's.
        while self.read().await.is_ok() {
            consume_budget().await;
            self.arrived.clear();
        }
    }

    async fn read(&mut self) -> Result<(), End> {
        match self.line.read(&mut self.arrived).await {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(End::Dead),
        }
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Incoming>, End> {
        Ok(match frame {
            Frame::Text(bytes) => Some(text(bytes)?),
            Frame::Continuation(Item::FirstText(bytes)) => {
                self.begun = Some(BytesMut::from(bytes.as_ref()));
                None
            }
            Frame::Continuation(Item::Continue(bytes)) => {
                self.append(&bytes)?;
                None
            }
            Frame::Continuation(Item::Last(bytes)) => {
                self.append(&bytes)?;
                Some(text(self.begun.take().unwrap_or_default().freeze())?)
            }
            Frame::Binary(_) | Frame::Continuation(Item::FirstBinary(_)) => return Err(End::Close(Close::Unsupported)),
            Frame::Ping(payload) => Some(Incoming::Ping(payload)),
            Frame::Pong(_) => Some(Incoming::Pong),
            Frame::Close(_) => return Err(End::Close(Close::Normal)),
        })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), End> {
        let begun = self.begun.get_or_insert_default();
        if begun.len() + bytes.len() > MAX_MESSAGE {
            return Err(End::Close(Close::TooBig));
        }
        begun.extend_from_slice(bytes);
        Ok(())
    }
}

fn text(bytes: Bytes) -> Result<Incoming, End> {
    ByteString::try_from(bytes).map(Incoming::Text).map_err(|_| End::Close(Close::NotUtf8))
}

fn broken(error: &ProtocolError) -> End {
    match error {
        ProtocolError::Overflow => End::Close(Close::TooBig),
        _ => End::Close(Close::Protocol),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream as Peer};

    use actix_http::ws::Message;
    use actix_web::rt::net::TcpStream;
    use tokio_util::codec::Encoder;

    use super::*;

    /// An inbox, and the client that writes to it.
    fn pair() -> (Inbox, Peer) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = Peer::connect(listener.local_addr().unwrap()).unwrap();
        peer.set_nodelay(true).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let line = Rc::new(Line::new(TcpStream::from_std(stream).unwrap()));
        (Inbox::new(line, BytesMut::new()), peer)
    }

    fn encoded(messages: Vec<Message>) -> BytesMut {
        let (mut codec, mut bytes) = (Codec::new().client_mode(), BytesMut::new());
        for message in messages {
            codec.encode(message, &mut bytes).unwrap();
        }
        bytes
    }

    fn part(item: fn(Bytes) -> Item, bytes: &'static [u8]) -> Message {
        Message::Continuation(item(Bytes::from_static(bytes)))
    }

    #[tokio::test]
    async fn messages_are_whole_however_they_come() {
        let bytes = encoded(vec![
            Message::Text("one".into()),
            part(Item::FirstText, b"tw"),
            Message::Ping(Bytes::from_static(b"?")),
            part(Item::Continue, b""),
            part(Item::Last, b"o"),
            Message::Pong(Bytes::new()),
        ]);
        for cut in [1, 2, 7, bytes.len()] {
            let (mut inbox, mut peer) = pair();
            let mut got = Vec::new();
            for piece in bytes.chunks(cut) {
                peer.write_all(piece).unwrap();
                inbox.line.read(&mut inbox.arrived).await.unwrap();
                // Given up and begun again: nothing is lost.
                while let Some(message) = futures_util::FutureExt::now_or_never(inbox.next()) {
                    got.push(message.unwrap());
                }
            }
            let told: Vec<String> = got.iter().map(|message| format!("{message:?}")).collect();
            assert_eq!(told, ["Text(\"one\")", "Ping(b\"?\")", "Text(\"two\")", "Pong"], "{cut} bytes at a time");
            assert_eq!(inbox.arrived.capacity(), 0, "nothing is kept");
        }
    }

    #[tokio::test]
    async fn what_may_not_come_ends_the_connection_with_its_reason() {
        let half = "x".repeat(MAX_MESSAGE / 2 + 1);
        let halves = |item: fn(Bytes) -> Item| Message::Continuation(item(half.clone().into()));
        for (messages, close) in [
            (vec![Message::Binary(Bytes::new())], Close::Unsupported),
            (vec![part(Item::FirstBinary, b"x")], Close::Unsupported),
            (vec![Message::Text("x".repeat(MAX_MESSAGE + 1).into())], Close::TooBig),
            (vec![halves(Item::FirstText), halves(Item::Continue)], Close::TooBig),
            (vec![part(Item::FirstText, b"\xff"), part(Item::Last, b"\xff")], Close::NotUtf8),
            (vec![Message::Close(None)], Close::Normal),
        ] {
            let (mut inbox, mut peer) = pair();
            let bytes = encoded(messages);
            let writing = std::thread::spawn(move || {
                let _ = peer.write_all(&bytes);
                peer
            });
            assert_eq!(inbox.next().await.unwrap_err(), End::Close(close));
            drop(inbox);
            writing.join().unwrap();
        }
        let (mut inbox, mut peer) = pair();
        // A client's frames are masked.
        peer.write_all(b"\x81\x01x").unwrap();
        assert_eq!(inbox.next().await.unwrap_err(), End::Close(Close::Protocol));
        let (mut inbox, mut peer) = pair();
        // A bit that belongs to an extension: compression, which nobody agreed to.
        peer.write_all(b"\xc1\x80\0\0\0\0").unwrap();
        assert_eq!(inbox.next().await.unwrap_err(), End::Close(Close::Protocol));
        let (mut inbox, mut peer) = pair();
        // One GiB is announced. It is refused long before it is there.
        peer.write_all(b"\x81\xff\0\0\0\0\x40\0\0\0\0\0\0\0").unwrap();
        let sending = std::thread::spawn(move || while peer.write_all(&[0; 1_024]).is_ok() {});
        assert_eq!(inbox.next().await.unwrap_err(), End::Close(Close::TooBig));
        assert!(inbox.arrived.len() < 2 * MAX_MESSAGE);
        drop(inbox);
        sending.join().unwrap();
        let (mut inbox, peer) = pair();
        drop(peer);
        assert_eq!(inbox.next().await.unwrap_err(), End::Dead);
    }
}

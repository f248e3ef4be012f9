//! Reads what a client sends: frames into whole messages, within bounds. Nothing is kept for a client that says nothing.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use actix_http::ws::{Codec, Frame, Item, ProtocolError};
use actix_web::web::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio_util::codec::Decoder;

use super::close::Close;
use super::line::Line;

/// The largest message that a client may send, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// What is read at once.
const READ: usize = 16 * 1024;

thread_local! {
    /// Where bytes arrive, for all connections of a worker.
    static ARRIVALS: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

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
            while let Some(frame) = self.codec.decode(&mut self.arrived).map_err(|error| broken(&error))? {
                if let Some(message) = self.take(frame)? {
                    return Ok(message);
                }
            }
            if self.arrived.is_empty() {
                self.arrived = BytesMut::new();
            }
            let arrived = &mut self.arrived;
            let read = self.line.read(|stream| {
                ARRIVALS.with_borrow_mut(|bytes| {
                    let count = stream.try_read(bytes)?;
                    arrived.extend_from_slice(&bytes[..count]);
                    Ok(count)
                })
            });
            if matches!(read.await, Ok(0) | Err(_)) {
                return Err(End::Dead);
            }
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
        ProtocolError::Io(error) if error.kind() == io::ErrorKind::InvalidData => End::Close(Close::NotUtf8),
        ProtocolError::Io(_) => End::Dead,
        _ => End::Close(Close::Protocol),
    }
}

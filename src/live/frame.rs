//! WebSocket frames as bytes that are ready to be written, and shared by all who get the same.

use actix_http::ws::{CloseReason, Codec, Message};
use actix_web::web::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

use super::close::Close;
use super::protocol;
use crate::rooms::Update;

/// The longest header of a frame that a server sends, in bytes.
const LONGEST_HEADER: usize = 10;

/// A room's message. It is encoded once.
pub fn update(update: &Update) -> Bytes {
    update.frame.get_or_init(|| text(protocol::update(update))).clone()
}

/// A room's message without the frame around it.
pub fn update_text(message: &Update) -> Bytes {
    let mut frame = update(message);
    // The second byte says how long the text is, or how many bytes after it say so. A server's frames are not masked.
    let header = match frame[1] {
        126 => 4,
        127 => LONGEST_HEADER,
        _ => 2,
    };
    frame.split_off(header)
}

/// A message of text.
pub fn text(text: String) -> Bytes {
    let mut frame = BytesMut::with_capacity(text.len() + LONGEST_HEADER);
    write(Message::Text(text.into()), &mut frame);
    frame.freeze()
}

/// Asks whether the client is there.
pub fn ping() -> Bytes {
    control(Message::Ping(Bytes::new()))
}

/// Answers a client that asks. `payload` is what it sent.
pub fn pong(payload: Bytes) -> Bytes {
    control(Message::Pong(payload))
}

/// The last frame.
pub fn close(close: Close) -> Bytes {
    control(Message::Close(Some(CloseReason::from(close))))
}

fn control(message: Message) -> Bytes {
    let mut frame = BytesMut::new();
    write(message, &mut frame);
    frame.freeze()
}

fn write(message: Message, frame: &mut BytesMut) {
    Codec::new().encode(message, frame).expect("whole messages can be encoded");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ShowtimeId;
    use crate::rooms::Body;

    #[test]
    fn the_text_of_a_frame_is_found_behind_headers_of_every_length() {
        for length in [0, 1, 125, 126, 65_535, 65_536, 200_000] {
            let expected = "x".repeat(length);
            let message = Update::new(ShowtimeId::parse("42").unwrap(), Body::Gone);
            message.frame.set(text(expected.clone())).unwrap();
            assert_eq!(update_text(&message), expected.as_bytes(), "{length}");
        }
    }

    #[test]
    fn a_rooms_message_is_encoded_once() {
        let message = Update::new(ShowtimeId::parse("42").unwrap(), Body::Gone);
        let (one, two) = (update(&message), update(&message));
        assert_eq!(one.as_ptr(), two.as_ptr());
        assert!(update_text(&message).starts_with(b"{\"type\":\"error\""));
    }
}

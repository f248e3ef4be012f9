//! Reads what a client sent: a message of the protocol, or the problem to answer with. Pure.

use serde_json::Value;

use super::protocol::{Ping, Ref, SeatCommand, Subscribe, Unsubscribe};
use crate::api::problem::{Code, Problem};
use crate::api::requests::read_json;

/// The messages that clients may send.
const KNOWN: &str = "subscribe, unsubscribe, lock, unlock, extend, ping";

/// What a client wants.
#[derive(Debug)]
pub enum ClientMessage {
    Subscribe(Subscribe),
    Unsubscribe(Unsubscribe),
    Lock(SeatCommand),
    Unlock(SeatCommand),
    Extend(SeatCommand),
    Ping(Ping),
}

/// A message that could not be read, with the reference it carried.
#[derive(Debug)]
pub struct Unreadable {
    pub reference: Option<Ref>,
    pub problem: Problem,
}

/// Reads one text frame.
pub fn read(text: &str) -> Result<ClientMessage, Unreadable> {
    let unreadable = |reference, problem| Unreadable { reference, problem };
    let mut value: Value = read_json(text.as_bytes()).map_err(|problem| unreadable(None, problem))?;
    let reference = value.get("ref").and_then(|reference| serde_json::from_value(reference.clone()).ok());
    let kind = value.as_object_mut().and_then(|object| object.remove("type"));
    let message = match kind.as_ref().and_then(Value::as_str) {
        Some("subscribe") => parse(value).map(ClientMessage::Subscribe),
        Some("unsubscribe") => parse(value).map(ClientMessage::Unsubscribe),
        Some("lock") => parse(value).map(ClientMessage::Lock),
        Some("unlock") => parse(value).map(ClientMessage::Unlock),
        Some("extend") => parse(value).map(ClientMessage::Extend),
        Some("ping") => parse(value).map(ClientMessage::Ping),
        Some(other) => {
            let shown: String = other.chars().take(80).collect();
            Err(Problem::new(Code::UnknownMessage, format!("{shown:?} is no message; known are: {KNOWN}")))
        }
        None => {
            let detail = format!("a message is an object whose type is one of: {KNOWN}");
            Err(Problem::new(Code::UnknownMessage, detail))
        }
    };
    message.map_err(|problem| unreadable(reference, problem))
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        let detail = if path == "." { inner.to_string() } else { format!("{path}: {inner}") };
        Problem::new(Code::InvalidRequest, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_with_their_reference() {
        let read = read(r#"{"type":"lock","ref":"r1","showtimeId":42,"seats":["A-1"]}"#).unwrap();
        let ClientMessage::Lock(command) = read else { panic!("not a lock") };
        assert_eq!(command.showtime_id.as_str(), "42");
        assert!(matches!(command.reference, Some(Ref::Text(text)) if text == "r1"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, code, named) in [
            (r#"{"type":"dance","ref":1}"#, "unknown_message", "dance"),
            (r#"{"ref":1}"#, "unknown_message", "subscribe"),
            ("[1,2]", "unknown_message", "type"),
            ("{", "malformed_json", "line 1"),
            (r#"{"type":"subscribe"}"#, "invalid_request", "showtimeId"),
            (r#"{"type":"subscribe","showtimeId":"a b"}"#, "invalid_request", "showtimeId"),
            (r#"{"type":"ping","colour":"red"}"#, "invalid_request", "colour"),
        ] {
            let problem = read(text).unwrap_err().problem;
            assert_eq!(problem.code, code, "{text}");
            assert!(problem.detail.contains(named), "{}", problem.detail);
        }
    }
}

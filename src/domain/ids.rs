//! Identities as newtypes that parse or refuse: showtimes, seats, users, bookings.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The longest showtime id, and the longest user or booking id, in characters.
const MAX_ID: usize = 64;
/// The longest seat id, in bytes. The plan format sets no limit; this bounds keys and messages.
const MAX_SEAT_ID: usize = 200;

/// A text or number is not the identity it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {what}: {rule}")]
pub struct InvalidId {
    what: &'static str,
    rule: &'static str,
    given: String,
}

impl InvalidId {
    fn new(what: &'static str, rule: &'static str, given: &str) -> Self {
        Self { what, rule, given: given.chars().take(80).collect() }
    }
}

/// Names one performance: 1-64 of `A-Z a-z 0-9 _ -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShowtimeId(Arc<str>);

impl ShowtimeId {
    /// Reads a showtime id.
    ///
    /// # Errors
    /// [`InvalidId`] for anything but 1-64 of `A-Z a-z 0-9 _ -`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=MAX_ID).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId::new("showtime id", "it is 1-64 of A-Z a-z 0-9 _ -", text))
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ShowtimeId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Names a seat within its plan: the plan's `seat_guid`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatId(Arc<str>);

impl SeatId {
    /// Reads a seat id.
    ///
    /// # Errors
    /// [`InvalidId`] unless it has 2 characters or more, at most 200 bytes, no control character, and no blank at either end.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let valid = text.chars().nth(1).is_some()
            && text.len() <= MAX_SEAT_ID
            && text.trim() == text
            && !text.chars().any(char::is_control);
        if valid {
            Ok(Self(text.into()))
        } else {
            let rule = "it has 2 characters or more, at most 200 bytes, no control character, no blank at either end";
            Err(InvalidId::new("seat id", rule, text))
        }
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SeatId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// How the outside wrote an identity, so that it goes back the same way. It is no part of the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Integer,
    Text,
}

/// An identity that others give out: an integer or a string of 1-64 visible characters.
///
/// Its text alone is the identity: `7` and `"7"` are the same, so that a holder written into Redis by another program, where
/// everything is text, is the same holder in JSON.
#[derive(Clone, Debug)]
struct ExternalId {
    text: Arc<str>,
    form: Form,
}

const EXTERNAL_RULE: &str = "it is an integer, or a string of 1-64 visible characters";

impl ExternalId {
    fn parse(what: &'static str, text: &str, form: Form) -> Result<Self, InvalidId> {
        let invisible = |c: char| c.is_whitespace() || c.is_control() || is_ignorable(c);
        let length = text.chars().count();
        if (1..=MAX_ID).contains(&length) && !text.chars().any(invisible) {
            Ok(Self { text: text.into(), form })
        } else {
            Err(InvalidId::new(what, EXTERNAL_RULE, text))
        }
    }

    /// The form that a text has by itself: an integer when it reads as one and writes back the same.
    fn natural_form(text: &str) -> Form {
        let integer = text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
            || text.parse::<u64>().is_ok_and(|number| number.to_string() == text);
        if integer { Form::Integer } else { Form::Text }
    }

    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::Integer => match (self.text.parse::<i64>(), self.text.parse::<u64>()) {
                (Ok(number), _) => serializer.serialize_i64(number),
                (_, Ok(number)) => serializer.serialize_u64(number),
                _ => serializer.serialize_str(&self.text),
            },
            Form::Text => serializer.serialize_str(&self.text),
        }
    }
}

/// Characters that print nothing and would make two different ids look alike (Unicode's `Default_Ignorable_Code_Point`, the
/// ranges in use, and the byte order mark).
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

struct ExternalVisitor(&'static str);

impl de::Visitor<'_> for ExternalVisitor {
    type Value = ExternalId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}: {EXTERNAL_RULE}", self.0)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<ExternalId, E> {
        ExternalId::parse(self.0, &number.to_string(), Form::Integer).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<ExternalId, E> {
        ExternalId::parse(self.0, &number.to_string(), Form::Integer).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ExternalId, E> {
        ExternalId::parse(self.0, text, Form::Text).map_err(E::custom)
    }
}

macro_rules! external_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(ExternalId);

        impl $name {
            /// Reads the identity from a text in the given form.
            ///
            /// # Errors
            /// [`InvalidId`] unless it has 1-64 visible characters.
            pub fn parse(text: &str, form: Form) -> Result<Self, InvalidId> {
                ExternalId::parse($what, text, form).map(Self)
            }

            /// Reads the identity from a text whose form is not known (a URL, a key of another program): one that reads as
            /// an integer is taken for one.
            ///
            /// # Errors
            /// [`InvalidId`] unless it has 1-64 visible characters.
            pub fn infer(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text, ExternalId::natural_form(text))
            }

            /// An identity that another program wrote, whatever it is; for telling it apart, not for taking it over.
            pub fn foreign(text: &str) -> Self {
                Self(ExternalId { text: text.into(), form: Form::Text })
            }

            /// Reads what [`Serialize`] wrote, whatever it is: one that breaks the rules is [`foreign`](Self::foreign).
            ///
            /// # Errors
            /// When it is neither an integer nor a string.
            pub fn recall<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Written {
                    Signed(i64),
                    Unsigned(u64),
                    Text(String),
                }
                let (text, form) = match Written::deserialize(deserializer)? {
                    Written::Signed(number) => (number.to_string(), Form::Integer),
                    Written::Unsigned(number) => (number.to_string(), Form::Integer),
                    Written::Text(text) => (text, Form::Text),
                };
                Ok(Self::parse(&text, form).unwrap_or_else(|_| Self::foreign(&text)))
            }

            /// The identity's text.
            pub fn as_str(&self) -> &str {
                &self.0.text
            }

            /// The form in which it was given.
            pub fn form(&self) -> Form {
                self.0.form
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.text == other.0.text
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.0.text.hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ExternalVisitor($what)).map(Self)
            }
        }
    };
}

external_id!(
    /// Who locks: the holder, as the booking site names its users. Equal when the texts are equal, whatever the form.
    UserId,
    "user id"
);
external_id!(
    /// Names one booking, given by the booking site. Booking again with the same id is a repetition, not a second booking.
    BookingId,
    "booking id"
);

macro_rules! text_id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

text_id!(ShowtimeId);
text_id!(SeatId);

impl<'de> Deserialize<'de> for SeatId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// A showtime id may be sent as an integer.
impl<'de> Deserialize<'de> for ShowtimeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = deserializer.deserialize_any(ExternalVisitor("showtime id"))?;
        Self::parse(&id.text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_showtime_id_is_1_to_64_of_its_letters() {
        assert!(ShowtimeId::parse(&"a".repeat(64)).is_ok());
        for text in ["", "a b", "a/b", "{a}", "ä", &"a".repeat(65)] {
            assert!(ShowtimeId::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(serde_json::from_str::<ShowtimeId>("42").unwrap().as_str(), "42");
    }

    #[test]
    fn a_user_id_goes_back_as_it_came_and_is_equal_by_text() {
        let number: UserId = serde_json::from_str("7").unwrap();
        let text: UserId = serde_json::from_str("\"7\"").unwrap();
        assert_eq!(number, text);
        assert_eq!(serde_json::to_string(&number).unwrap(), "7");
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"7\"");
        let large: UserId = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(serde_json::to_string(&large).unwrap(), "18446744073709551615");
    }

    #[test]
    fn a_user_id_has_1_to_64_visible_characters() {
        for text in
            ["\"\"", "\"a b\"", "\"a\\n\"", "\"\\u200b\"", "1.5", "true", "null", &format!("{:?}", "x".repeat(65))]
        {
            assert!(serde_json::from_str::<UserId>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<UserId>(&format!("{:?}", "ü".repeat(64))).is_ok());
    }

    #[test]
    fn a_text_of_unknown_form_is_an_integer_only_when_it_writes_back_the_same() {
        for (text, form) in
            [("7", Form::Integer), ("-7", Form::Integer), ("07", Form::Text), ("+7", Form::Text), ("a", Form::Text)]
        {
            assert_eq!(UserId::infer(text).unwrap().form(), form, "{text}");
        }
    }

    #[test]
    fn what_was_written_is_recalled_even_if_it_breaks_the_rules() {
        for json in ["7", "18446744073709551615", "\"7\"", "\"a session with blanks\"", "\"\""] {
            let recalled = UserId::recall(&mut serde_json::Deserializer::from_str(json)).unwrap();
            assert_eq!(serde_json::to_string(&recalled).unwrap(), json);
        }
        assert!(UserId::recall(&mut serde_json::Deserializer::from_str("null")).is_err());
    }

    #[test]
    fn a_seat_id_has_two_characters_and_no_blank_at_the_ends() {
        assert!(SeatId::parse("Goal Stand 4/A/1").is_ok());
        for text in ["", "A", " A1", "A1 ", "A\u{0}1", &"x".repeat(201)] {
            assert!(SeatId::parse(text).is_err(), "{text:?}");
        }
    }
}

//! What clients send about seats, and the checks that need no store. Fields that are not known are refused by name.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem, Reason};
use crate::domain::ids::{BookingId, UserId};

/// The longest reason for a block, in characters.
const MAX_REASON: usize = 200;

/// Seats and who holds them: lock, unlock, extend.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolderRequest {
    pub seats: Vec<String>,
    pub user_id: UserId,
}

/// Seats, who holds them, and the booking that they become.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookRequest {
    pub seats: Vec<String>,
    pub user_id: UserId,
    pub booking_id: BookingId,
}

/// Seats of a booking.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReleaseRequest {
    pub seats: Vec<String>,
    pub booking_id: BookingId,
}

/// Seats to take off sale, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockRequest {
    pub seats: Vec<String>,
    #[serde(default)]
    pub reason: String,
}

/// Seats to put back on sale. A reason may be given and is not kept: the seats have none any more.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnblockRequest {
    pub seats: Vec<String>,
    #[serde(default)]
    pub reason: String,
}

/// Refuses an empty list and seats that are named twice.
pub fn check_seats(seats: &[String]) -> Result<(), Problem> {
    if seats.is_empty() {
        return Err(Problem::new(Code::NoSeats, "seats is empty; name at least one seat"));
    }
    let mut seen = HashSet::new();
    let mut told = HashSet::new();
    let twice: Vec<String> =
        seats.iter().filter(|seat| !seen.insert(*seat)).filter(|seat| told.insert(*seat)).cloned().collect();
    if twice.is_empty() {
        return Ok(());
    }
    Err(Problem::of_names(Code::DuplicateSeats, "each seat may be named once", twice, Reason::Duplicate))
}

impl BlockRequest {
    /// Refuses a reason that is too long or holds control characters.
    pub fn check(&self) -> Result<(), Problem> {
        check_seats(&self.seats)?;
        if self.reason.chars().count() > MAX_REASON || self.reason.chars().any(char::is_control) {
            let detail = format!("reason has at most {MAX_REASON} characters and no control characters");
            return Err(Problem::new(Code::InvalidRequest, detail));
        }
        Ok(())
    }
}

/// Reads JSON. What is no JSON is malformed, with line and column; what is JSON of another form is invalid, with the field.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        json_problem(error.inner(), &path)
    })?;
    reader.end().map_err(|error| json_problem(&error, "."))?;
    Ok(value)
}

/// A query's field that could not be read, or a JSON error with its place.
fn json_problem(error: &serde_json::Error, path: &str) -> Problem {
    use serde_json::error::Category;
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => Problem::new(Code::MalformedJson, error.to_string()),
        Category::Data if path == "." => Problem::new(Code::InvalidRequest, error.to_string()),
        Category::Data => Problem::new(Code::InvalidRequest, format!("{path}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> Problem {
        read_json::<HolderRequest>(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn malformed_json_is_refused_with_line_and_column() {
        let problem = refused("{\"seats\": [\"A-1\",\n}");
        assert_eq!((problem.status, problem.code), (400, "malformed_json"));
        assert!(problem.detail.contains("line 2 column 1"), "{}", problem.detail);
        assert_eq!(refused("").code, "malformed_json");
        assert_eq!(refused("{\"seats\":[],\"userId\":1} x").code, "malformed_json");
    }

    #[test]
    fn json_of_another_form_names_the_field() {
        for (json, name) in [
            (r#"{"seats":["A-1"],"userId":1,"colour":"red"}"#, "colour"),
            (r#"{"seats":["A-1"]}"#, "userId"),
            (r#"{"seats":[7],"userId":1}"#, "seats[0]"),
            (r#"{"seats":"A-1","userId":1}"#, "seats"),
            (r#"{"seats":["A-1"],"userId":1.5}"#, "userId"),
        ] {
            let problem = refused(json);
            assert_eq!((problem.status, problem.code), (422, "invalid_request"), "{json}");
            assert!(problem.detail.contains(name), "{}", problem.detail);
        }
    }

    #[test]
    fn seats_named_twice_are_each_told_once() {
        let seats = ["B-1", "A-1", "A-1", "A-1", "B-1"].map(String::from);
        let problem = check_seats(&seats).unwrap_err();
        let told: Vec<_> = problem.seats.iter().map(|seat| seat.seat_id.as_str()).collect();
        assert_eq!((problem.code, told), ("duplicate_seats", vec!["A-1", "B-1"]));
        assert_eq!(check_seats(&[]).unwrap_err().code, "no_seats");
    }
}

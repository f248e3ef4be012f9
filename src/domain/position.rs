//! Where a showtime's history stands: `"<epoch>-<seq>"`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The longest epoch, in characters.
const MAX_EPOCH: usize = 32;

/// Names one unbroken history of a showtime. Another epoch means: forget what you have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(Arc<str>);

/// A point in a showtime's history: `seq` grows by one with each atomic change, within one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    pub epoch: Epoch,
    pub seq: u64,
}

/// A text is not a position.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a position: it reads \"<epoch>-<seq>\", as a snapshot or diff gave it")]
pub struct InvalidPosition(String);

impl Epoch {
    /// Reads an epoch: 1-32 of `a-z 0-9`.
    ///
    /// # Errors
    /// [`InvalidPosition`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidPosition> {
        let valid = (1..=MAX_EPOCH).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if valid { Ok(Self(text.into())) } else { Err(InvalidPosition(text.to_owned())) }
    }

    /// The epoch's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Position {
    /// The position `seq` of `epoch`.
    pub fn new(epoch: Epoch, seq: u64) -> Self {
        Self { epoch, seq }
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPosition(text.chars().take(80).collect());
        let (epoch, seq) = text.rsplit_once('-').ok_or_else(invalid)?;
        let epoch = Epoch::parse(epoch).map_err(|_| invalid())?;
        let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        let seq = seq.parse().ok().filter(|_| digits).ok_or_else(invalid)?;
        Ok(Self { epoch, seq })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch.0, self.seq)
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_as_it_is_written() {
        let position: Position = "k3x9-42".parse().unwrap();
        assert_eq!((position.epoch.as_str(), position.seq), ("k3x9", 42));
        assert_eq!(position.to_string(), "k3x9-42");
    }

    #[test]
    fn a_malformed_position_is_refused_by_name() {
        for text in ["", "-", "-1", "a-", "a-+1", "A-1", "a-1x", "a--1", "a b-1", "a-99999999999999999999"] {
            let refused = text.parse::<Position>().unwrap_err().to_string();
            assert!(refused.contains(&format!("{text:?}")), "{refused}");
        }
    }
}

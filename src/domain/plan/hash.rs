//! The name of a plan's content.

use std::fmt::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const LENGTH: usize = 64;

/// SHA-256 of a plan's canonical JSON, as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanHash(Arc<str>);

/// The text is no plan hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a plan hash is 64 lower-case hexadecimal digits")]
pub struct InvalidPlanHash;

impl PlanHash {
    /// Reads a hash as [`PlanHash::as_str`] writes it.
    ///
    /// # Errors
    /// [`InvalidPlanHash`] for anything but 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidPlanHash> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == LENGTH && text.bytes().all(is_digit) { Ok(Self(text.into())) } else { Err(InvalidPlanHash) }
    }

    /// The hash of canonical JSON.
    pub(super) fn of(canonical: &[u8]) -> Self {
        let mut text = String::with_capacity(LENGTH);
        for byte in Sha256::digest(canonical) {
            write!(text, "{byte:02x}").expect("text can be appended");
        }
        Self(text.into())
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PlanHash {
    type Error = InvalidPlanHash;

    fn try_from(text: String) -> Result<Self, InvalidPlanHash> {
        Self::parse(&text)
    }
}

impl From<PlanHash> for String {
    fn from(hash: PlanHash) -> Self {
        hash.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_sha_256_of_the_bytes_and_reads_back() {
        let hash = PlanHash::of(b"abc");
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.as_str(), expected);
        assert_eq!(PlanHash::parse(expected), Ok(hash));
    }

    #[test]
    fn other_text_is_no_hash() {
        let upper = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        for text in ["", "abc", upper, &"g".repeat(64), &"a".repeat(65)] {
            assert_eq!(PlanHash::parse(text), Err(InvalidPlanHash), "{text}");
        }
    }
}

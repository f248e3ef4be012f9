//! Why the server closes a connection: one table of codes, each with whether the client may return, and when.

use actix_ws::{CloseCode, CloseReason};

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The client said goodbye.
    Normal,
    /// The client broke the WebSocket protocol.
    Protocol,
    /// A binary frame: the protocol has text frames only.
    Unsupported,
    /// A text frame that is not UTF-8.
    NotUtf8,
    /// A message larger than allowed.
    TooBig,
    /// Something went wrong in the server.
    Internal,
    /// The server goes, another comes.
    Restart,
    /// The showtime cannot be read now.
    TryLater,
    /// There is no such showtime, or it was removed.
    NoShowtime,
    /// The client was silent for too long.
    Silent,
}

/// When a client may return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// It asked for what cannot be had: not without a change.
    Never,
    /// At once.
    AtOnce,
    /// After a random wait that doubles from 0.5 s to 20 s.
    BackOff,
    /// After the time that the `bye` before gave.
    AsToldByBye,
}

impl Close {
    /// All reasons, for documents and tests.
    pub const ALL: [Self; 10] = [
        Self::Normal,
        Self::Protocol,
        Self::Unsupported,
        Self::NotUtf8,
        Self::TooBig,
        Self::Internal,
        Self::Restart,
        Self::TryLater,
        Self::NoShowtime,
        Self::Silent,
    ];

    /// The code, what it says to people, and whether the client may return.
    pub const fn row(self) -> (u16, &'static str, Return) {
        match self {
            Self::Normal => (1000, "goodbye", Return::AtOnce),
            Self::Protocol => (1002, "protocol error", Return::Never),
            Self::Unsupported => (1003, "text frames only", Return::Never),
            Self::NotUtf8 => (1007, "not utf-8", Return::Never),
            Self::TooBig => (1009, "message too big", Return::Never),
            Self::Internal => (1011, "internal error", Return::BackOff),
            Self::Restart => (1012, "restart", Return::AsToldByBye),
            Self::TryLater => (1013, "try again later", Return::BackOff),
            Self::NoShowtime => (4404, "no such showtime", Return::Never),
            Self::Silent => (4408, "silent for too long", Return::AtOnce),
        }
    }
}

impl From<Close> for CloseReason {
    fn from(close: Close) -> Self {
        let (code, description, _) = close.row();
        Self { code: CloseCode::from(code), description: Some(description.into()) }
    }
}

//! When to ask whether a client is still there, and when to stop waiting for an answer. Time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// How long silence may last.
#[derive(Clone, Copy, Debug)]
pub struct HeartbeatOptions {
    /// After this much silence a ping is sent.
    pub interval: Duration,
    /// After this much more the client counts as gone.
    pub patience: Duration,
    /// After this much silence an event stream gets a comment: proxies leave the connection open, and a client that is gone
    /// without a word is found out.
    pub comment: Duration,
}

impl Default for HeartbeatOptions {
    /// Well under the 60 s after which proxies close silent connections, and for streams the 30 s of some.
    fn default() -> Self {
        Self { interval: Duration::from_secs(25), patience: Duration::from_secs(8), comment: Duration::from_secs(15) }
    }
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    Wait,
    Ping,
    Gone,
}

/// One client's silence.
#[derive(Debug)]
pub struct Heartbeat {
    options: HeartbeatOptions,
    heard: Instant,
    pinged: Option<Instant>,
}

impl Heartbeat {
    /// A client that was heard just now.
    pub fn new(options: HeartbeatOptions, now: Instant) -> Self {
        Self { options, heard: now, pinged: None }
    }

    /// Something came from the client.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = None;
    }

    /// When to ask [`Heartbeat::beat`] again.
    pub fn next(&self) -> Instant {
        self.pinged.map_or(self.heard + self.options.interval, |at| at + self.options.patience)
    }

    /// What to do at `now`.
    pub fn beat(&mut self, now: Instant) -> Beat {
        if now < self.next() {
            return Beat::Wait;
        }
        if self.pinged.replace(now).is_some() { Beat::Gone } else { Beat::Ping }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_client_is_asked_once_and_then_gone() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut heartbeat = Heartbeat::new(HeartbeatOptions::default(), start);
        assert_eq!(heartbeat.beat(after(24)), Beat::Wait);
        assert_eq!(heartbeat.beat(after(25)), Beat::Ping);
        assert_eq!(heartbeat.beat(after(32)), Beat::Wait);
        heartbeat.heard(after(32));
        assert_eq!(heartbeat.beat(after(57)), Beat::Ping);
        assert_eq!(heartbeat.beat(after(65)), Beat::Gone);
    }

    #[test]
    fn a_client_has_time_to_answer_however_late_it_was_asked() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut heartbeat = Heartbeat::new(HeartbeatOptions::default(), start);
        assert_eq!(heartbeat.beat(after(60)), Beat::Ping);
        assert_eq!(heartbeat.beat(after(67)), Beat::Wait);
        assert_eq!(heartbeat.beat(after(68)), Beat::Gone);
    }
}

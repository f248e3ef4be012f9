//! Redis's notifications about keys: which ones we want, and how they are asked for without taking any away from others.

use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisResult, ServerErrorKind};

/// What we need of `notify-keyspace-events`: key events (E) of generic commands (g), strings ($) and expiry (x).
const WANTED: &str = "Eg$x";
/// `A` stands for all of these.
const ALL: &str = "g$lshzxetd";

/// What happened to a lock key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEvent {
    /// It was written.
    Set,
    /// Its time to live was set or taken away.
    Dated,
    /// It was removed, or removed itself.
    Ended,
}

/// The event names that are listened to.
const EVENTS: [(&str, KeyEvent); 5] = [
    ("set", KeyEvent::Set),
    ("expire", KeyEvent::Dated),
    ("persist", KeyEvent::Dated),
    ("del", KeyEvent::Ended),
    ("expired", KeyEvent::Ended),
];

/// The channels of one database's key events.
pub fn channels(database: i64) -> Vec<String> {
    EVENTS.iter().map(|(name, _)| format!("__keyevent@{database}__:{name}")).collect()
}

/// The event that a channel carries.
pub fn event_of_channel(channel: &str) -> Option<KeyEvent> {
    let name = channel.strip_prefix("__keyevent@")?.split_once("__:")?.1;
    EVENTS.iter().find(|(known, _)| *known == name).map(|(_, event)| *event)
}

/// The flags that are wanted and not set, `None` when all are.
pub fn missing(flags: &str) -> Option<String> {
    let has = |flag: char| flags.contains(flag) || (flags.contains('A') && ALL.contains(flag));
    let missing: String = WANTED.chars().filter(|flag| !has(*flag)).collect();
    (!missing.is_empty()).then_some(missing)
}

/// The flags to set so that ours are among those that are set, `None` when they are already.
fn merged(flags: &str) -> Option<String> {
    missing(flags).map(|missing| format!("{flags}{missing}"))
}

/// Adds our flags to those of the server. Where `CONFIG` is not permitted, it says so and goes on: locks end by timers and
/// sweeps all the same, and what other programs do to lock keys shows with the next audit.
pub async fn enable_events(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let flags = match flags(connection).await {
        Ok(flags) => flags,
        Err(error) if is_refusal(&error) => {
            tracing::warn!(%error, "cannot read notify-keyspace-events; set it to {WANTED} on the server");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let Some(merged) = merged(&flags) else { return Ok(()) };
    let set = redis::cmd("CONFIG").arg("SET").arg("notify-keyspace-events").arg(&merged).query_async(connection).await;
    match set {
        Ok(()) => tracing::info!(from = flags, to = merged, "set notify-keyspace-events"),
        Err(error) if is_refusal(&error) => {
            tracing::warn!(%error, flags, "cannot set notify-keyspace-events; set it to {merged} on the server");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn flags(connection: &mut MultiplexedConnection) -> RedisResult<String> {
    let (_, flags): (String, String) =
        redis::cmd("CONFIG").arg("GET").arg("notify-keyspace-events").query_async(connection).await?;
    Ok(flags)
}

/// Whether the server answered that it will not, rather than not at all.
fn is_refusal(error: &redis::RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError) | ErrorKind::Extension
    ) || matches!(error.kind(), ErrorKind::UnexpectedReturnType | ErrorKind::Parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_added_and_never_taken_away() {
        assert_eq!(merged("").as_deref(), Some("Eg$x"));
        assert_eq!(merged("Kl").as_deref(), Some("KlEg$x"));
        assert_eq!(merged("AK").as_deref(), Some("AKE"));
        assert_eq!(merged("AKE"), None);
        assert_eq!(merged("xE$g"), None);
    }

    #[test]
    fn every_channel_is_read_back() {
        let events: Vec<_> = channels(3).iter().map(|channel| event_of_channel(channel)).collect();
        assert_eq!(events, EVENTS.map(|(_, event)| Some(event)));
        assert_eq!(event_of_channel("showtime:{1}:diffs"), None);
    }
}

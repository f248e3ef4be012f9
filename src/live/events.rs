//! A showtime's messages as Server-Sent Events: one-way, over plain HTTP, resumed by the browser itself. The data of each event
//! is the WebSocket's frame, its type the event's name, its position the event's id.
//!
//! A client that reads slowly delays nobody: the server asks for no news while it does not read, and then it gets in one message
//! what it missed. One that does not read at all is given up by the kernel.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use futures_util::{Stream, stream};
use rand::RngExt;

use super::connections::Place;
use super::protocol;
use crate::api::problem::Problem;
use crate::context::Context;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::draining::Turn;
use crate::rooms::{Body, Subscription, Update};

const COMMENT: &[u8] = b": still there\n\n";
/// Browsers come back after a random wait between these, in milliseconds.
const RETRY_MS: std::ops::RangeInclusive<u64> = 500..=3_000;

/// One client's events.
struct Events {
    room: Subscription,
    waiting: VecDeque<Bytes>,
    turn: Turn,
    ended: bool,
    /// How much silence there may be.
    comment: Duration,
    _place: Place,
}

/// Enters the showtime's room, and returns what a client gets from then on: first a diff from `since` or the whole map.
///
/// # Errors
/// [`Problem`] when the room cannot be entered.
pub async fn events(
    context: &Data<Context>,
    showtime: &ShowtimeId,
    since: Option<&Position>,
    place: Place,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, Problem> {
    let (room, first) = Subscription::join(&context.hub, showtime, since).await?;
    let id = uuid::Uuid::new_v4().to_string();
    let welcome = protocol::welcome(&id, context.store.now(), context.heartbeat.comment.as_secs());
    let retry = rand::rng().random_range(RETRY_MS);
    let waiting = VecDeque::from([event("welcome", &format!("retry: {retry}\n"), &welcome)]);
    let comment = context.heartbeat.comment;
    let mut events = Events { room, waiting, turn: context.draining.turn(), ended: false, comment, _place: place };
    events.tell(&first);
    Ok(stream::unfold(events, Events::next))
}

impl Events {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        while self.waiting.is_empty() && !self.ended {
            tokio::select! {
                updates = self.room.next() => self.tell(&updates),
                () = tokio::time::sleep(self.comment) => self.waiting.push_back(Bytes::from_static(COMMENT)),
                () = self.turn.comes() => self.say_goodbye(),
            }
        }
        let bytes = self.waiting.pop_front()?;
        Some((Ok(bytes), self))
    }

    fn tell(&mut self, updates: &[Arc<Update>]) {
        for update in updates {
            self.waiting.push_back(update.event.get_or_init(|| as_event(update)).clone());
            self.ended |= matches!(update.body, Body::Gone);
        }
    }

    /// The browser comes back by itself after the wait; other clients read it from the data.
    fn say_goodbye(&mut self) {
        let wait = protocol::reconnect_after();
        self.waiting.push_back(event("bye", &format!("retry: {wait}\n"), &protocol::bye("restart", wait)));
        self.ended = true;
    }
}

/// A room's message as an event.
fn as_event(update: &Update) -> Bytes {
    let (name, position) = match &update.body {
        Body::Snapshot { snapshot, .. } => ("snapshot", Some(snapshot.position())),
        Body::Diff { diff, .. } => ("diff", Some(&diff.position)),
        Body::Status { .. } => ("status", None),
        Body::Gone => ("error", None),
    };
    let id = position.map(|position| format!("id: {position}\n")).unwrap_or_default();
    event(name, &id, &protocol::update(update))
}

/// One event. The data is JSON on one line.
fn event(name: &str, fields: &str, data: &str) -> Bytes {
    format!("event: {name}\n{fields}data: {data}\n\n").into()
}

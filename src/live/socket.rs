//! One WebSocket connection: reads messages, carries out commands, writes what the rooms say.
//!
//! A client that reads slowly delays nobody: its rooms' messages wait in a bounded queue, and when that overflows it gets a
//! snapshot instead. A client that does not read at all is given up after the write deadline.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, ProtocolError, Session};
use bytestring::ByteString;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::client::{self, ClientMessage};
use super::close::Close;
use super::connections::Full;
use super::heartbeat::{Beat, Heartbeat};
use super::protocol::{self, PROTOCOL, Ref, SeatCommand, Subscribe, Unsubscribe};
use crate::api::problem::{Code, Problem};
use crate::api::requests::HolderRequest;
use crate::api::seats;
use crate::context::Context;
use crate::domain::ids::{ShowtimeId, UserId};
use crate::domain::position::Position;
use crate::rooms::{Body, Subscriptions, Update};

/// The largest message that a client may send, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// The most rooms on one connection.
const MAX_ROOMS: usize = 50;
/// A client that takes nothing for this long is given up.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// Clients for whom there is no place are asked to come back after a random wait between these, in milliseconds.
const COME_BACK_MS: std::ops::RangeInclusive<u64> = 5_000..=20_000;

/// What the address may carry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveQuery {
    since: Option<String>,
    user_id: Option<String>,
}

/// Opens a connection, in a showtime's room or in none yet.
///
/// # Errors
/// [`Problem`] when the request is no WebSocket handshake, comes from a page that may not connect, or names a bad user.
pub fn live(
    request: &HttpRequest,
    body: web::Payload,
    context: web::Data<Context>,
    showtime: Option<ShowtimeId>,
    query: LiveQuery,
) -> Result<HttpResponse, Problem> {
    if !context.origins.allow(request.headers()) {
        return Err(Problem::new(
            Code::OriginRefused,
            "the server's SEATCAST_ALLOWED_ORIGINS does not list this origin",
        ));
    }
    let caller = query.user_id.as_deref().map(UserId::infer).transpose();
    let caller = caller.map_err(|error| Problem::new(Code::InvalidQuery, format!("userId: {error}")))?;
    let place = context.place(request);
    let (mut response, session, messages) = actix_ws::handle_with_protocols(request, body, &[PROTOCOL])
        .map_err(|error| Problem::new(Code::UpgradeRequired, format!("this address speaks WebSocket: {error}")))?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    let messages = messages.max_frame_size(MAX_MESSAGE).aggregate_continuations().max_continuation_size(MAX_MESSAGE);
    let rooms = Subscriptions::new(Arc::clone(&context.hub));
    let mut connection = Connection { session, rooms, context, caller, home: showtime.clone() };
    match place {
        Ok(place) => actix_web::rt::spawn(async move {
            connection.run(messages, showtime, query.since).await;
            drop(place);
        }),
        Err(full) => actix_web::rt::spawn(async move {
            let over = connection.turn_away(full).await;
            connection.end(over).await;
            // The client answers the close, or is given up.
            drain(messages).await;
        }),
    };
    Ok(response)
}

/// Reads what a client still sends until it is gone, for a while.
async fn drain(mut messages: AggregatedMessageStream) {
    let gone = async { while let Some(Ok(_)) = messages.recv().await {} };
    let _ = tokio::time::timeout(WRITE_DEADLINE, gone).await;
}

struct Connection {
    session: Session,
    rooms: Subscriptions,
    context: web::Data<Context>,
    /// Who commands, unless a command says otherwise.
    caller: Option<UserId>,
    /// The showtime of the address: when it goes, so does the connection.
    home: Option<ShowtimeId>,
}

/// The connection is over: closed with a reason, or already dead.
enum Over {
    Close(Close),
    Dead,
}

type Step = Result<(), Over>;

impl Connection {
    async fn run(mut self, messages: AggregatedMessageStream, showtime: Option<ShowtimeId>, since: Option<String>) {
        let id = uuid::Uuid::new_v4().to_string();
        tracing::debug!(connection = id, "socket opened");
        let over = match self.begin(&id, showtime, since).await {
            Ok(()) => self.serve(messages).await,
            Err(over) => over,
        };
        let reason = self.end(over).await;
        tracing::debug!(connection = id, reason, "socket closed");
    }

    async fn end(self, over: Over) -> &'static str {
        match over {
            Over::Close(close) => {
                let _ = tokio::time::timeout(WRITE_DEADLINE, self.session.close(Some(close.into()))).await;
                close.row().1
            }
            Over::Dead => "dead",
        }
    }

    /// There is no place. Said as a message and a close code: a browser does not let its page see a refused handshake.
    async fn turn_away(&mut self, full: Full) -> Over {
        let wait = rand::rng().random_range(COME_BACK_MS);
        let reason = match full {
            Full::Server => "the server has as many connections as it may have",
            Full::Address => "your address has as many connections as it may have",
        };
        match self.send(protocol::bye(reason, wait)).await {
            Ok(()) => Over::Close(Close::TryLater),
            Err(over) => over,
        }
    }

    async fn begin(&mut self, id: &str, showtime: Option<ShowtimeId>, since: Option<String>) -> Step {
        let heartbeat = self.context.heartbeat.interval.as_secs();
        self.send(protocol::welcome(id, self.context.store.now(), heartbeat)).await?;
        let Some(showtime_id) = showtime else { return Ok(()) };
        self.subscribe(Subscribe { showtime_id, since, reference: None }).await
    }

    async fn serve(&mut self, mut messages: AggregatedMessageStream) -> Over {
        let mut heartbeat = Heartbeat::new(self.context.heartbeat, Instant::now());
        let mut turn = self.context.draining.turn();
        loop {
            let step = tokio::select! {
                message = messages.recv() => {
                    heartbeat.heard(Instant::now());
                    self.receive(message).await
                }
                updates = self.rooms.next() => self.tell(updates).await,
                () = tokio::time::sleep_until(heartbeat.next()) => match heartbeat.beat(Instant::now()) {
                    Beat::Wait => Ok(()),
                    Beat::Ping => self.ping().await,
                    Beat::Gone => Err(Over::Close(Close::Silent)),
                },
                () = turn.comes() => self.say_goodbye().await,
            };
            if let Err(over) = step {
                return over;
            }
        }
    }

    async fn receive(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Step {
        match message {
            Some(Ok(AggregatedMessage::Text(text))) => self.understand(&text).await,
            Some(Ok(AggregatedMessage::Binary(_))) => Err(Over::Close(Close::Unsupported)),
            Some(Ok(AggregatedMessage::Ping(payload))) => {
                let pong = self.session.pong(&payload);
                deadline(pong).await
            }
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Close(_))) => Err(Over::Close(Close::Normal)),
            Some(Err(error)) => Err(judge(&error)),
            None => Err(Over::Dead),
        }
    }

    async fn understand(&mut self, text: &str) -> Step {
        match client::read(text) {
            Ok(ClientMessage::Subscribe(subscribe)) => self.subscribe(subscribe).await,
            Ok(ClientMessage::Unsubscribe(unsubscribe)) => self.unsubscribe(unsubscribe).await,
            Ok(ClientMessage::Lock(command)) => {
                self.command(command, async |context, id, request| seats::lock(&*context.store, id, request).await)
                    .await
            }
            Ok(ClientMessage::Unlock(command)) => {
                self.command(command, async |context, id, request| seats::unlock(&*context.store, id, request).await)
                    .await
            }
            Ok(ClientMessage::Extend(command)) => {
                self.command(command, async |context, id, request| seats::extend(&*context.store, id, request).await)
                    .await
            }
            Ok(ClientMessage::Ping(ping)) => {
                let now = self.context.store.now();
                self.send(protocol::pong(ping.reference.as_ref(), now)).await
            }
            Err(unreadable) => self.refuse(unreadable.reference.as_ref(), None, &unreadable.problem).await,
        }
    }

    /// Enters a room. A position that cannot be read is answered with an error, and the map begins from a snapshot.
    async fn subscribe(&mut self, subscribe: Subscribe) -> Step {
        let Subscribe { showtime_id, since, reference } = subscribe;
        let since = match since.map(|since| since.parse::<Position>()).transpose() {
            Ok(since) => since,
            Err(error) => {
                self.refuse(reference.as_ref(), Some(&showtime_id), &error.into()).await?;
                None
            }
        };
        if self.rooms.len() >= MAX_ROOMS && !self.rooms.contains(&showtime_id) {
            let detail = format!("a connection may be in {MAX_ROOMS} rooms; unsubscribe from some or open another");
            let problem = Problem::new(Code::TooManyRooms, detail);
            return self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await;
        }
        match self.rooms.join(&showtime_id, since.as_ref()).await {
            Ok(first) => self.tell(first).await,
            Err(error) => {
                let problem = Problem::from(error);
                self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await?;
                match problem.status {
                    _ if self.home.as_ref() != Some(&showtime_id) => Ok(()),
                    404 => Err(Over::Close(Close::NoShowtime)),
                    503 => Err(Over::Close(Close::TryLater)),
                    _ => Err(Over::Close(Close::Internal)),
                }
            }
        }
    }

    async fn unsubscribe(&mut self, unsubscribe: Unsubscribe) -> Step {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Left<'a> {
            showtime_id: &'a ShowtimeId,
            unsubscribed: bool,
        }
        let Unsubscribe { showtime_id, reference } = unsubscribe;
        let unsubscribed = self.rooms.leave(&showtime_id);
        self.send(protocol::result(reference.as_ref(), &Left { showtime_id: &showtime_id, unsubscribed })).await
    }

    async fn command<T: Serialize>(
        &mut self,
        command: SeatCommand,
        run: impl AsyncFnOnce(&Context, &ShowtimeId, &HolderRequest) -> Result<T, Problem>,
    ) -> Step {
        let SeatCommand { reference, showtime_id, seats, user_id } = command;
        let Some(user_id) = user_id.or_else(|| self.caller.clone()) else {
            let detail = "say who holds the seats: userId in the message, or in the connection's address";
            let problem = Problem::new(Code::UserIdMissing, detail);
            return self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await;
        };
        let request = HolderRequest { seats, user_id };
        match run(&self.context, &showtime_id, &request).await {
            Ok(answer) => self.send(protocol::result(reference.as_ref(), &answer)).await,
            Err(problem) => self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await,
        }
    }

    async fn refuse(&mut self, reference: Option<&Ref>, showtime: Option<&ShowtimeId>, problem: &Problem) -> Step {
        self.send(protocol::error(reference, showtime, problem)).await
    }

    async fn tell(&mut self, updates: Vec<Arc<Update>>) -> Step {
        for update in updates {
            self.send(update.text(protocol::update)).await?;
            if matches!(update.body, Body::Gone) && self.home.as_ref() == Some(&update.showtime) {
                return Err(Over::Close(Close::NoShowtime));
            }
        }
        Ok(())
    }

    async fn say_goodbye(&mut self) -> Step {
        self.send(protocol::bye("restart", protocol::reconnect_after())).await?;
        Err(Over::Close(Close::Restart))
    }

    async fn ping(&mut self) -> Step {
        deadline(self.session.ping(b"")).await
    }

    async fn send(&mut self, text: impl Into<ByteString>) -> Step {
        deadline(self.session.text(text)).await
    }
}

/// Writes, or gives the client up: it is closed, or has taken nothing for too long.
async fn deadline(write: impl Future<Output = Result<(), actix_ws::Closed>>) -> Step {
    match tokio::time::timeout(WRITE_DEADLINE, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Over::Dead),
    }
}

fn judge(error: &ProtocolError) -> Over {
    match error {
        ProtocolError::Overflow => Over::Close(Close::TooBig),
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Over::Close(Close::NotUtf8),
        ProtocolError::Io(_) => Over::Dead,
        _ => Over::Close(Close::Protocol),
    }
}

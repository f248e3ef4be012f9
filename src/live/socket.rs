//! One WebSocket connection: reads messages, carries out commands, writes what the rooms say.
//!
//! Whoever opens one is answered by actix like any other request. Then the connection is taken over from it, and written to
//! directly: its rooms' news comes from the [`Audiences`] of its worker. The task here reads, answers commands, asks whether the
//! client is there, and goes on where the client read too slowly to be told everything at once.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::future::poll_immediate;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::audience::{Attendance, Audiences};
use super::client::{self, ClientMessage};
use super::close::Close;
use super::connections::{Full, Place};
use super::frame;
use super::heartbeat::{Beat, Heartbeat};
use super::inbox::{End, Inbox, Incoming};
use super::line::Line;
use super::protocol::{self, PROTOCOL, Ref, SeatCommand, Subscribe, Unsubscribe};
use crate::api::problem::{Code, Problem};
use crate::api::requests::HolderRequest;
use crate::api::seats;
use crate::context::Context;
use crate::domain::ids::{ShowtimeId, UserId};
use crate::domain::position::Position;
use crate::rooms::{Body, Update};

/// How long is waited for a client's answer to a close.
const GOODBYE: Duration = Duration::from_secs(2);
/// The most rooms on one connection.
const MAX_ROOMS: usize = 50;
/// Clients for whom there is no place are asked to come back after a random wait between these, in milliseconds.
const COME_BACK_MS: std::ops::RangeInclusive<u64> = 5_000..=20_000;

/// What the address may carry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveQuery {
    since: Option<String>,
    user_id: Option<String>,
}

/// Where a request that wants to be a WebSocket leaves what is to become of its connection.
#[derive(Clone, Default)]
pub struct Upgrade {
    accepted: Rc<RefCell<Option<Opening>>>,
}

/// A connection that was accepted, and what it begins with.
pub struct Opening {
    context: web::Data<Context>,
    place: Result<Place, Full>,
    caller: Option<UserId>,
    showtime: Option<ShowtimeId>,
    since: Option<String>,
}

impl Upgrade {
    /// The connection that was accepted, if it was.
    pub fn accepted(&self) -> Option<Opening> {
        self.accepted.take()
    }
}

/// Accepts a connection, in a showtime's room or in none yet. What is answered is the handshake.
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
    let no_upgrade = |why: &str| Problem::new(Code::UpgradeRequired, format!("this address speaks WebSocket: {why}"));
    // What is said on the connection does not go through actix: of its two ends nothing is used.
    let (mut response, ..) =
        actix_ws::handle_with_protocols(request, body, &[PROTOCOL]).map_err(|error| no_upgrade(&error.to_string()))?;
    let upgrade = request.extensions().get::<Upgrade>().cloned();
    let upgrade = upgrade.ok_or_else(|| no_upgrade("the request asks for no upgrade to it"))?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    let place = context.place(request);
    upgrade.accepted.replace(Some(Opening { context, place, caller, showtime, since: query.since }));
    Ok(response)
}

impl Opening {
    /// Serves the connection until it ends. `answer` is the handshake, which was not written yet; `arrived` is what the client sent
    /// behind its request.
    pub async fn serve(self, stream: TcpStream, answer: Bytes, arrived: BytesMut, audiences: &Rc<Audiences>) {
        let line = Rc::new(Line::new(stream));
        line.queue(answer);
        let mut inbox = Inbox::new(Rc::clone(&line), arrived);
        let Self { context, place, caller, showtime, since } = self;
        let (audiences, home) = (Rc::clone(audiences), showtime.clone());
        let mut connection = Connection { line, audiences, rooms: Vec::new(), context, caller, home };
        match place {
            Ok(_held) => connection.run(&mut inbox, showtime, since).await,
            Err(full) => {
                let end = connection.turn_away(full).await;
                connection.end(&mut inbox, end).await;
            }
        }
    }
}

struct Connection {
    line: Rc<Line>,
    audiences: Rc<Audiences>,
    rooms: Vec<Attendance>,
    context: web::Data<Context>,
    /// Who commands, unless a command says otherwise.
    caller: Option<UserId>,
    /// The showtime of the address: when it goes, so does the connection.
    home: Option<ShowtimeId>,
}

type Step = Result<(), End>;

impl Connection {
    async fn run(&mut self, inbox: &mut Inbox, showtime: Option<ShowtimeId>, since: Option<String>) {
        let id = uuid::Uuid::new_v4();
        tracing::debug!(connection = %id, "socket opened");
        let end = match Box::pin(self.begin(&id.to_string(), showtime, since)).await {
            Ok(()) => self.serve(inbox).await,
            Err(end) => end,
        };
        let reason = Box::pin(self.end(inbox, end)).await;
        tracing::debug!(connection = %id, reason, "socket closed");
    }

    async fn end(&mut self, inbox: &mut Inbox, end: End) -> &'static str {
        let End::Close(close) = end else { return "dead" };
        // News has its end here: nothing comes behind the close.
        self.rooms.clear();
        if self.write(frame::close(close)).await.is_ok() && close != Close::Normal {
            // Were the socket closed while the client still sends, the close could be lost with a reset.
            let _ = tokio::time::timeout(GOODBYE, inbox.until_closed()).await;
        }
        close.row().1
    }

    /// There is no place. Said as a message and a close code: a browser does not let its page see a refused handshake.
    async fn turn_away(&mut self, full: Full) -> End {
        let wait = rand::rng().random_range(COME_BACK_MS);
        let reason = match full {
            Full::Server => "the server has as many connections as it may have",
            Full::Address => "your address has as many connections as it may have",
        };
        match self.send(protocol::bye(reason, wait)).await {
            Ok(()) => End::Close(Close::TryLater),
            Err(end) => end,
        }
    }

    async fn begin(&mut self, id: &str, showtime: Option<ShowtimeId>, since: Option<String>) -> Step {
        let heartbeat = self.context.heartbeat.interval.as_secs();
        // Goes out with what comes next: the handshake, the welcome and a map that is at hand are one write.
        self.line.queue(frame::text(protocol::welcome(id, self.context.store.now(), heartbeat)));
        let Some(showtime_id) = showtime else { return self.flush().await };
        self.subscribe(Subscribe { showtime_id, since, reference: None }).await
    }

    async fn serve(&mut self, inbox: &mut Inbox) -> End {
        let mut heartbeat = Heartbeat::new(self.context.heartbeat, Instant::now());
        let mut turn = self.context.draining.turn();
        let line = Rc::clone(&self.line);
        loop {
            let step = tokio::select! {
                message = inbox.next() => {
                    heartbeat.heard(Instant::now());
                    match message {
                        Ok(message) => Box::pin(self.receive(message)).await,
                        Err(end) => Err(end),
                    }
                }
                () = line.disturbed() => Box::pin(self.catch_up()).await,
                () = tokio::time::sleep_until(heartbeat.next()) => match heartbeat.beat(Instant::now()) {
                    Beat::Wait => Ok(()),
                    Beat::Ping => Box::pin(self.write(frame::ping())).await,
                    Beat::Gone => Err(End::Close(Close::Silent)),
                },
                () = turn.comes() => Box::pin(self.say_goodbye()).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn receive(&mut self, message: Incoming) -> Step {
        match message {
            Incoming::Text(text) => self.understand(&text).await,
            Incoming::Ping(payload) => self.write(frame::pong(payload)).await,
            Incoming::Pong => Ok(()),
        }
    }

    /// Tells the next thing that could not be told at once, because the client read slowly or because it may end the connection.
    async fn catch_up(&mut self) -> Step {
        self.flush().await?;
        let Some((at, update)) = self.news() else { return Ok(()) };
        self.line.queue(frame::update(&update));
        let room = self.rooms.remove(at);
        if !matches!(update.body, Body::Gone) {
            // Behind the others: a busy room leaves them their turn.
            self.rooms.push(room);
        } else if self.home.as_ref() == Some(room.showtime()) {
            return Err(End::Close(Close::NoShowtime));
        }
        // There may be more. What the client says comes in between.
        self.line.disturb();
        self.flush().await
    }

    fn news(&self) -> Option<(usize, std::sync::Arc<Update>)> {
        self.rooms.iter().enumerate().find_map(|(at, room)| Some((at, room.step()?)))
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
        let before = self.rooms.iter().position(|room| *room.showtime() == showtime_id);
        if self.rooms.len() >= MAX_ROOMS && before.is_none() {
            let detail = format!("a connection may be in {MAX_ROOMS} rooms; unsubscribe from some or open another");
            let problem = Problem::new(Code::TooManyRooms, detail);
            return self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await;
        }
        match self.join(&showtime_id, since.as_ref()).await? {
            Ok(room) => {
                // Whoever enters again begins anew there.
                before.map(|at| self.rooms.swap_remove(at));
                self.rooms.push(room);
                self.flush().await
            }
            Err(problem) => {
                self.refuse(reference.as_ref(), Some(&showtime_id), &problem).await?;
                match problem.status {
                    _ if self.home.as_ref() != Some(&showtime_id) => Ok(()),
                    404 => Err(End::Close(Close::NoShowtime)),
                    503 => Err(End::Close(Close::TryLater)),
                    _ => Err(End::Close(Close::Internal)),
                }
            }
        }
    }

    /// Enters a room. What waits is written before a room that must be read first.
    async fn join(&self, showtime: &ShowtimeId, since: Option<&Position>) -> Result<Result<Attendance, Problem>, End> {
        let mut joining = std::pin::pin!(self.audiences.join(showtime, since, &self.line));
        let at_hand = poll_immediate(joining.as_mut()).await;
        if at_hand.is_none() {
            self.flush().await?;
        }
        let joined = match at_hand {
            Some(joined) => joined,
            None => joining.await,
        };
        Ok(joined.map_err(Problem::from))
    }

    async fn unsubscribe(&mut self, unsubscribe: Unsubscribe) -> Step {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Left<'a> {
            showtime_id: &'a ShowtimeId,
            unsubscribed: bool,
        }
        let Unsubscribe { showtime_id, reference } = unsubscribe;
        let room = self.rooms.iter().position(|room| *room.showtime() == showtime_id);
        let unsubscribed = room.map(|at| self.rooms.swap_remove(at)).is_some();
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

    async fn say_goodbye(&mut self) -> Step {
        self.send(protocol::bye("restart", protocol::reconnect_after())).await?;
        Err(End::Close(Close::Restart))
    }

    async fn send(&self, text: String) -> Step {
        self.write(frame::text(text)).await
    }

    async fn write(&self, frame: Bytes) -> Step {
        self.line.queue(frame);
        self.flush().await
    }

    /// Writes what waits, or gives the client up: it is gone, or has taken nothing for too long.
    async fn flush(&self) -> Step {
        self.line.flush().await.map_err(|_| End::Dead)
    }
}

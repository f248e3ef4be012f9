//! The connections for commands to one server, which many requests share: all replaced when one breaks, stalls, or leads to a
//! read-only server. In a cluster there are some for each primary.
//!
//! They lead to the primary: a server is asked for its role before it is used, and where the primary can move, they
//! move with it, even if the server that was it goes on answering. While there is none, requests fail at once instead of
//! queueing: the caller can say so, and nothing is done late.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{Client, ErrorKind, FromRedisValue, RedisError, RedisResult, ServerErrorKind};
use tokio::sync::{Notify, watch};

use super::backoff::Backoff;
use super::call::Call;
use super::ear::{self, Ear, Ended, Voice};
use super::keys::Keys;
use super::keyspace;
use super::lanes::{Lane, Lanes};
use super::scripts::Scripts;
use super::servers::Servers;
use super::trust;
use super::wire::{Request, Wire};
use crate::domain::ids::ShowtimeId;
use crate::store::StoreError;

/// A connection attempt is given up after this long.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// An answer is given up after this long. The command may be executed all the same.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// So many answers in a row that do not come mean a server that is frozen: the connections are replaced.
const STALLED_AFTER: u32 = 2;

/// How often it is asked where the primary is, where it can move.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a worker's own connection must show that it is alive, however little is asked; the probes do it for the shared one.
const LIFE_EVERY: Duration = Duration::from_secs(2);

/// The showtime and seat whose keys the test of rights uses and removes. In a cluster a number follows.
pub const SELF_TEST: &str = "seatcast-self-test";

/// Whether a script was refused before its first write for what passes: no memory, no disk, too few replicas, another script.
fn is_passing(error: &RedisError) -> bool {
    matches!(error.code(), Some("OOM" | "MISCONF" | "NOREPLICAS" | "BUSY"))
}

/// Whether the server is none, or none yet, that takes writes.
fn is_of_another_server(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading)
    )
}

/// Whether a server of a cluster says that somebody else has the slot, or that it cannot say now. Nothing was done.
fn is_redirection(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::TryAgain | ServerErrorKind::ClusterDown
        )
    )
}

/// Why a request came to nothing.
pub enum Failure {
    /// A server of a cluster does not have the slot, or not now: the error says which of both. Nothing was done.
    Redirected(RedisError),
    Store(StoreError),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Redirected(error) => Self::Unavailable(error.to_string()),
            Failure::Store(error) => error,
        }
    }
}

/// The connections for commands.
pub struct Link {
    servers: Servers,
    keys: Keys,
    self_test: redis::Script,
    /// The showtime of the test of rights. Held for a clone or a replacement, never across an await.
    home: Mutex<ShowtimeId>,
    /// The connections in use. Held for a clone or a replacement, never across an await.
    current: Mutex<Option<Lanes>>,
    /// The server that the newest connections lead to: a primary, when it was asked.
    server: watch::Sender<Option<Client>>,
    /// Told when `current` became `None`.
    lost: Notify,
}

impl Link {
    /// A link to the primary of these servers, not connected yet: [`Link::keep`] connects. `home` is nobody's showtime, whose
    /// keys the server has.
    pub fn new(servers: Servers, keys: Keys, home: ShowtimeId) -> Self {
        Self {
            servers,
            self_test: Scripts::new(keys.publish()).self_test,
            keys,
            home: Mutex::new(home),
            current: Mutex::new(None),
            server: watch::Sender::new(None),
            lost: Notify::new(),
        }
    }

    /// Whether there is a connection.
    pub fn is_connected(&self) -> bool {
        self.current.lock().is_some()
    }

    /// Connects for hearing to the server that the connection for commands leads to, so that what is done here is heard. Waits
    /// for the first connection.
    ///
    /// # Errors
    /// [`Ended`] with the reason.
    pub async fn listen(&self) -> Result<(Client, Voice, Ear), Ended> {
        let mut server = self.server.subscribe();
        let server = server.wait_for(Option::is_some).await.map_err(|_| Ended::Closed)?.clone();
        let server = server.ok_or(Ended::Closed)?;
        let (voice, ear) = ear::connect(&server, &self.servers, &self.keys).await?;
        Ok((server, voice, ear))
    }

    /// Waits until commands go to another server than this one.
    pub async fn left(&self, server: &Client) {
        let here = server.get_connection_info().addr();
        let moved = |now: &Option<Client>| now.as_ref().is_some_and(|now| now.get_connection_info().addr() != here);
        if self.server.subscribe().wait_for(moved).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Names another showtime of nobody's: the server has the keys of the last one no more.
    pub fn move_home(&self, home: ShowtimeId) {
        *self.home.lock() = home;
    }

    /// Sends a request, with `ASKING` where a cluster wants it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it was not sent or refused before any write, [`StoreError::Unknown`] when it was sent
    /// and no answer came, [`StoreError::Broken`] for everything else that the server did not like.
    pub async fn run<T: FromRedisValue>(self: &Arc<Self>, request: Request<'_>, asking: bool) -> Result<T, Failure> {
        let Some((number, lane)) = self.lane() else {
            return Err(Failure::Store(StoreError::Unavailable("not connected".into())));
        };
        let connection = lane.connection.clone();
        let wire = if asking { Wire::asking(connection) } else { Wire::new(connection) };
        match request.send(wire).await {
            Ok(answer) => {
                lane.answered();
                Ok(answer)
            }
            Err(error) => {
                let error = Self::first_of(&error);
                Err(if is_redirection(&error) { Failure::Redirected(error) } else { self.judge(number, &lane, &error) })
            }
        }
    }

    /// The connection for a request of this thread, with the number of those that it is one of.
    fn lane(self: &Arc<Self>) -> Option<(u64, Lane)> {
        let mut current = self.current.lock();
        let lanes = current.as_mut()?;
        let (lane, opens) = lanes.mine();
        if opens {
            let (link, number, server, run) =
                (Arc::downgrade(self), lanes.number, lanes.server.clone(), lanes.run.clone());
            tokio::spawn(Self::keep_own(link, number, server, run));
        }
        Some((lanes.number, lane))
    }

    /// Opens this thread's own connection, and has it show that it is alive for as long as it is one of those in use.
    async fn keep_own(link: Weak<Self>, number: u64, server: Client, run: String) {
        let opened = Self::open_own(&server, &run).await;
        let mut lane =
            opened.inspect_err(|error| tracing::debug!(%error, "a worker stays with the shared connection")).ok();
        if lane.is_none() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let settled = link.upgrade().and_then(|link| link.with_lanes(number, |lanes| lanes.settle(lane.clone())));
        while let (Some(()), Some(lane)) = (settled, &mut lane) {
            tokio::time::sleep(LIFE_EVERY).await;
            let life = lane.is_primary().await;
            let Some(link) = link.upgrade().filter(|link| link.with_lanes(number, |_| ()).is_some()) else { return };
            match life {
                Ok(()) => lane.answered(),
                Err(error) => drop(link.judge(number, lane, &error)),
            }
        }
    }

    /// Connects to this very process of Redis, which was asked all there is to ask.
    async fn open_own(server: &Client, run: &str) -> RedisResult<Lane> {
        let mut lane = Lane::open(server).await?;
        lane.is_primary().await?;
        if lane.run().await? == run { Ok(lane) } else { Err((ErrorKind::Client, "it leads to another server").into()) }
    }

    /// Does something with the connections in use if they still are those with this number.
    fn with_lanes<T>(&self, number: u64, act: impl FnOnce(&mut Lanes) -> T) -> Option<T> {
        self.current.lock().as_mut().filter(|lanes| lanes.number == number).map(act)
    }

    /// Says what an error means, and gives the connections up if one is no good any more.
    fn judge(&self, number: u64, lane: &Lane, error: &RedisError) -> Failure {
        Failure::Store(if error.is_timeout() {
            if lane.timed_out() >= STALLED_AFTER {
                self.give_up(number);
            }
            StoreError::Unknown(error.to_string())
        } else if error.is_io_error() || error.is_connection_dropped() {
            self.give_up(number);
            StoreError::Unknown(error.to_string())
        } else if is_of_another_server(error) {
            self.give_up(number);
            StoreError::Unavailable(error.to_string())
        } else if is_passing(error) {
            StoreError::Unavailable(error.to_string())
        } else {
            StoreError::Broken(error.to_string())
        })
    }

    /// The error of a pipeline is that of its first command that failed.
    fn first_of(error: &RedisError) -> RedisError {
        let mut errors = error.clone().into_server_errors().into_iter().flat_map(|errors| errors.to_vec());
        errors.next().map_or_else(|| error.clone(), |(_, first)| first.into())
    }

    fn give_up(&self, number: u64) {
        let mut current = self.current.lock();
        if current.as_ref().is_some_and(|lanes| lanes.number == number) {
            *current = None;
            self.lost.notify_one();
        }
    }

    /// Keeps the link connected, for ever: each outage is logged once when it begins and once when it ends.
    pub async fn keep(self: Arc<Self>) {
        for number in 1.. {
            let (server, run, shared) = self.connect(number == 1).await;
            *self.current.lock() = Some(Lanes::new(number, server.clone(), run, shared));
            self.server.send_replace(Some(server.clone()));
            tokio::select! {
                () = self.lost.notified() => {}
                () = self.left_behind(&server) => {
                    tracing::warn!(from = %server.get_connection_info().addr(), "the primary has moved");
                    self.give_up(number);
                    // What it says is taken here already.
                    self.lost.notified().await;
                }
            }
        }
    }

    /// Waits until another server than this one is the primary.
    async fn left_behind(&self, server: &Client) {
        if !self.servers.can_move() {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if self.servers.moved_from(server).await {
                return;
            }
        }
    }

    async fn connect(&self, first: bool) -> (Client, String, Lane) {
        let mut backoff = Backoff::default();
        let began = Instant::now();
        let mut told = false;
        loop {
            match self.try_connect().await {
                Ok((server, run, lane)) => {
                    if first || told || self.servers.can_move() {
                        let redis = server.get_connection_info().addr();
                        tracing::info!(%redis, after = ?began.elapsed(), "connected to redis");
                    }
                    return (server, run, lane);
                }
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(redis = self.servers.address(), %error, "redis is out of reach, trying on");
                    if let Some(advice) = self.advice(&error) {
                        tracing::warn!("{advice}");
                    }
                }
                Err(_) => {}
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    /// What an operator may do about a server that cannot be connected to, where that can be told.
    fn advice(&self, error: &RedisError) -> Option<String> {
        if error.is_connection_refusal() {
            return Some(format!("is it running? start one with: {}", super::START_COMMAND));
        }
        let silent = (error.is_timeout() && self.servers.is_tls()).then_some(trust::NO_HANDSHAKE);
        trust::advice(&error.to_string()).or(silent).map(String::from)
    }

    /// Connects to the first of the servers that may be the primary and is it.
    async fn try_connect(&self) -> RedisResult<(Client, String, Lane)> {
        let mut refused = None;
        for server in self.servers.primaries().await? {
            match self.try_server(&server).await {
                Ok((run, lane)) => return Ok((server, run, lane)),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| (ErrorKind::Client, "no server is known").into()))
    }

    async fn try_server(&self, server: &Client) -> RedisResult<(String, Lane)> {
        let mut lane = Lane::open(server).await?;
        lane.is_primary().await?;
        let run = lane.run().await?;
        self.test_rights(&mut lane.connection).await?;
        keyspace::enable_events(&mut lane.connection).await?;
        Ok((run, lane))
    }

    /// Whether an answer to the test of rights is one that does not pass by itself. Between two looks at a cluster a server may
    /// lose the slot that the test is made in.
    fn refuses(&self, error: &RedisError) -> bool {
        let passes = is_passing(error) || (self.keys.are_in_a_cluster() && is_redirection(error));
        !passes
    }

    /// Refuses a server that would not let the scripts do all they have to.
    async fn test_rights(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let nobody = self.home.lock().clone();
        let lock_key = self.keys.seat_lock(&nobody, SELF_TEST);
        let call = Call::new(&self.self_test, &self.keys, &nobody).on_lock_key(lock_key);
        let tested: RedisResult<Vec<String>> = call.invocation().send(connection).await;
        match tested {
            Err(error) if self.refuses(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

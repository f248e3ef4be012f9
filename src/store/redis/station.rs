//! Hearing one server: the channels of the watched showtimes that it has, its key events, and a probe of its own. A cluster has one
//! station for each primary.
//!
//! It reconnects for ever, and trusts nothing but the probe: a nonce that went out through the connection for commands to this
//! server and came back through its ear. From the first probe on it is live, until its ear ends.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio::time::{self, sleep, timeout};

use super::backoff::Backoff;
use super::ear::{Ear, Ended, Voice};
use super::invocation::Invocation;
use super::link::SELF_TEST;
use super::slots::Endpoint;
use super::wire::Request;
use super::{RedisStore, keyspace, redis_time};
use crate::domain::ids::ShowtimeId;
use crate::store::StoreError;

/// A server that cannot be listened to for this long is looked up again.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a probe is sent while they come back, and until one does.
const PROBE_EVERY: Duration = Duration::from_secs(2);
const FIRST_PROBES_EVERY: Duration = Duration::from_millis(100);
/// How long a probe may take to come back.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// Names that probes of a cluster's server take turns with: a slot that is stuck between two servers answers none.
const HOMES: u32 = 4;

/// Tells stations of one server apart.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// One server, and what is heard of it.
pub struct Station {
    pub server: Endpoint,
    pub number: u64,
    tell: mpsc::Sender<Told>,
    /// Told when a probe found nobody who listens where commands go.
    elsewhere: Arc<Notify>,
    /// Held for a copy or a change, never across an await.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where subscriptions go; `None` while disconnected.
    voice: Option<Voice>,
    /// The showtimes whose channels were joined, or are just being joined.
    joined: HashSet<ShowtimeId>,
    /// When the last probe came back; `None` before the first.
    probed: Option<Instant>,
    /// Whether one came back since it is connected.
    live: bool,
}

/// What a station tells.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub number: u64,
    /// Whether it carries everything now.
    pub live: bool,
}

impl Station {
    /// A station that is not connected. `probed` is when the server was last heard.
    pub fn new(server: Endpoint, probed: Option<Instant>, tell: mpsc::Sender<Told>) -> Arc<Self> {
        let state = Mutex::new(State { probed, ..State::default() });
        Arc::new(Self {
            server,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            tell,
            elsewhere: Arc::default(),
            state,
        })
    }

    /// When the last probe came back.
    pub fn probed(&self) -> Option<Instant> {
        self.state.lock().probed
    }

    /// Whether the station is connected, and carries other showtimes than these.
    pub fn carries_others_than(&self, showtimes: &HashSet<ShowtimeId>) -> bool {
        let state = self.state.lock();
        state.voice.is_some() && state.joined != *showtimes
    }

    /// Notes that a showtime's channel is about to be joined or left, and gives the way to say so.
    pub fn note(&self, id: &ShowtimeId, joins: bool) -> Option<Voice> {
        let mut state = self.state.lock();
        let voice = state.voice.clone()?;
        if joins {
            state.joined.insert(id.clone());
        } else {
            state.joined.remove(id);
        }
        Some(voice)
    }

    fn connected(&self, voice: Voice, showtimes: HashSet<ShowtimeId>) {
        let mut state = self.state.lock();
        (state.voice, state.joined) = (Some(voice), showtimes);
    }

    /// Whether it was live until now.
    fn disconnected(&self) -> bool {
        let mut state = self.state.lock();
        (state.voice, state.joined) = (None, HashSet::new());
        std::mem::take(&mut state.live)
    }

    /// Notes that a probe came back. `true` when the station is live by that and was not.
    fn probed_now(&self) -> bool {
        let mut state = self.state.lock();
        state.probed = Some(Instant::now());
        !std::mem::replace(&mut state.live, true)
    }

    fn is_live(&self) -> bool {
        self.state.lock().live
    }

    async fn tell(&self, live: bool) -> Result<(), Ended> {
        self.tell.send(Told { number: self.number, live }).await.map_err(|_| Ended::Closed)
    }
}

impl RedisStore {
    /// Keeps a station, for ever.
    pub(super) async fn keep_station(self: Arc<Self>, station: Arc<Station>) {
        let mut backoff = Backoff::default();
        let mut told = false;
        for attempt in 0.. {
            let began = Instant::now();
            let Err(ended) = self.listen(&station, attempt).await else { return };
            let was_live = station.disconnected();
            if was_live {
                self.watches.lock().forget_echoes();
            }
            self.link.look_again();
            // While there is no command connection, the link has said why.
            let reachable = self.link.link(&station.server).is_some_and(|link| link.is_connected());
            if was_live || (!told && reachable) {
                tracing::warn!(server = %station.server, %ended, after = ?began.elapsed(), "the feed is interrupted");
                told = true;
            }
            if was_live {
                backoff = Backoff::default();
                if station.tell(false).await.is_err() {
                    return;
                }
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn listen(&self, station: &Station, attempt: u32) -> Result<(), Ended> {
        let link = self.link.link(&station.server).ok_or(Ended::Closed)?;
        // A link that was given up connects no more; the next attempt takes the one that stands then.
        let listening = timeout(LISTEN_TIMEOUT, link.listen()).await;
        let (server, voice, ear) = listening.map_err(|_| Ended::Timeout(LISTEN_TIMEOUT))??;
        let probe = self.probe_for(&station.server, attempt)?;
        tokio::select! {
            ended = self.listen_with(station, voice, ear, &probe) => ended,
            () = link.left(&server) => Err(Ended::Elsewhere),
        }
    }

    async fn listen_with(&self, station: &Station, voice: Voice, mut ear: Ear, probe: &Probe) -> Result<(), Ended> {
        voice.join_plain(&keyspace::channels(self.database)).await?;
        voice.join(std::slice::from_ref(&probe.channel)).await?;
        // From here on a watch joins by itself; those that stand already are joined now.
        let watched = self.watched_at(&station.server);
        let channels: Vec<String> = watched.iter().map(|id| self.keys.diffs(id)).collect();
        station.connected(voice.clone(), watched);
        // While it was not connected, nobody told it of slots that moved.
        if station.carries_others_than(&self.watched_at(&station.server)) {
            return Err(Ended::Moved);
        }
        voice.join(&channels).await?;
        self.hear(station, &mut ear, probe).await
    }

    fn probe_for(&self, server: &Endpoint, attempt: u32) -> Result<Probe, Ended> {
        let home = if self.keys.are_in_a_cluster() {
            Some(self.link.layout().borrow().home(server, SELF_TEST, attempt % HOMES).ok_or(Ended::Moved)?)
        } else {
            None
        };
        Ok(Probe { channel: self.keys.probe(&self.node, home.as_ref()), home })
    }

    /// Hears messages until the connection is no good any more.
    async fn hear(&self, station: &Station, ear: &mut Ear, probe: &Probe) -> Result<(), Ended> {
        let elsewhere = station.elsewhere.notified();
        let (next_probe, silence) = (sleep(Duration::ZERO), sleep(PROBE_EVERY + PROBE_TIMEOUT));
        // What many messages would otherwise set up anew.
        tokio::pin!(elsewhere, next_probe, silence);
        loop {
            tokio::select! {
                message = ear.next() => {
                    let (channel, content) = message?;
                    if channel == probe.channel {
                        silence.as_mut().reset(time::Instant::now() + PROBE_EVERY + PROBE_TIMEOUT);
                        if station.probed_now() {
                            station.tell(true).await?;
                        }
                    } else if let Some(item) = self.understand(&channel, &content) {
                        self.items.send(item).await.map_err(|_| Ended::Closed)?;
                    }
                }
                () = &mut next_probe => {
                    self.send_probe(station, probe);
                    let wait = if station.is_live() { PROBE_EVERY } else { FIRST_PROBES_EVERY };
                    next_probe.as_mut().reset(time::Instant::now() + wait);
                }
                () = &mut elsewhere => return Err(Ended::Elsewhere),
                () = &mut silence => return Err(Ended::Probe),
            }
        }
    }

    /// Sends a probe through the command connection, without waiting: it comes back through the ear or it does not.
    fn send_probe(&self, station: &Station, probe: &Probe) {
        let Some(store) = self.myself.upgrade() else { return };
        let (server, elsewhere, Probe { channel, home }) =
            (station.server.clone(), Arc::clone(&station.elsewhere), probe.clone());
        tokio::spawn(async move {
            let mut script = Invocation::new(&store.probe, usize::from(home.is_some()));
            script.add(home.map(|home| store.keys.meta(&home))).add(channel);
            let sent = Instant::now();
            let answer: Result<(i64, i64, u32), StoreError> = store.link.at(&server, Request::Script(&script)).await;
            match answer {
                Ok((seconds, micros, listeners)) => {
                    store.clock.observe(redis_time((seconds, micros)), sent);
                    // A replica passes messages on, too: the probe comes back, and key events do not.
                    if listeners == 0 {
                        elsewhere.notify_one();
                    }
                }
                Err(error) => tracing::debug!(%server, %error, "could not send a probe"),
            }
        });
    }
}

/// What goes out and comes back.
#[derive(Clone)]
struct Probe {
    channel: String,
    /// In a cluster a showtime of nobody's that the server has: it refuses a probe about it once it is cut off from the others.
    home: Option<ShowtimeId>,
}

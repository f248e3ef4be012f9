//! The servers of a cluster: a link to each primary, kept for as long as it has slots, and the way of a request to the right one.
//!
//! Who has which slot is looked up every second, and at once when a server says that a slot is not, or no more, its own. A request
//! is sent again only when a server refused it: what may have been carried out is never repeated from here.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use parking_lot::Mutex;
use redis::{
    ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError, ServerErrorKind,
};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::address::Address;
use super::backoff::Backoff;
use super::keys::Keys;
use super::link::{Failure, Link, SELF_TEST};
use super::servers::{Servers, endpoint};
use super::slots::{Endpoint, Layout};
use super::trust::Trust;
use super::view::View;
use super::wire::Request;
use crate::store::StoreError;

/// How often the servers are asked who has which slot.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The least time between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long a request looks for a server that takes it while its slot is moving.
const REDIRECTED_FOR: Duration = Duration::from_secs(2);

/// A cluster, by some of its servers.
pub struct Cluster {
    /// The servers of the configuration: where to begin, and where to go on when all that is known is gone.
    seeds: Vec<ConnectionInfo>,
    trust: Trust,
    keys: Keys,
    layout: watch::Sender<Arc<Layout>>,
    /// Held for a look or a change, never across an await.
    links: Mutex<HashMap<Endpoint, Arc<Link>>>,
    look: Notify,
}

/// The tasks that keep the links.
#[derive(Default)]
struct Keeping {
    tasks: JoinSet<()>,
    by_server: HashMap<Endpoint, AbortHandle>,
}

impl Cluster {
    /// A cluster that nobody was asked about yet: [`Cluster::keep`] does.
    pub fn new(seeds: Vec<ConnectionInfo>, trust: Trust, keys: Keys) -> Self {
        let (layout, links) = (watch::Sender::new(Arc::new(Layout::unknown())), Mutex::default());
        Self { seeds, trust, keys, layout, links, look: Notify::new() }
    }

    /// Who has which slot, and tells when it changes.
    pub fn layout(&self) -> watch::Receiver<Arc<Layout>> {
        self.layout.subscribe()
    }

    /// The link to a primary.
    pub fn link(&self, server: &Endpoint) -> Option<Arc<Link>> {
        self.links.lock().get(server).map(Arc::clone)
    }

    /// Whether there is a connection to the server that has the slot.
    pub fn is_connected(&self, slot: u16) -> bool {
        let link = self.owner(slot).ok().and_then(|server| self.link(&server));
        link.is_some_and(|link| link.is_connected())
    }

    /// Has the servers asked soon.
    pub fn look_again(&self) {
        self.look.notify_one();
    }

    /// Sends a request to the server that has the slot, and after it wherever it is sent.
    pub async fn run<T: FromRedisValue>(&self, slot: u16, request: Request<'_>) -> Result<T, StoreError> {
        let began = Instant::now();
        let mut backoff = Backoff::default();
        let (mut server, mut asking) = (self.owner(slot)?, false);
        loop {
            let Some(link) = self.link(&server) else { return Err(unreachable(&server)) };
            let refused = match link.run(request, asking).await {
                Ok(answer) => return Ok(answer),
                Err(Failure::Store(error)) => return Err(error),
                Err(Failure::Redirected(error)) => error,
            };
            // A cluster that is down says so at once, and may be down for long: it is looked at every second in any case.
            let is_down = refused.kind() == ErrorKind::Server(ServerErrorKind::ClusterDown);
            if !is_down {
                self.look_again();
            }
            if is_down || began.elapsed() > REDIRECTED_FOR {
                return Err(StoreError::Unavailable(refused.to_string()));
            }
            let next = self.next(&refused, &server);
            asking = next.is_some() && refused.kind() == ErrorKind::Server(ServerErrorKind::Ask);
            if next.is_none() || asking {
                tokio::time::sleep(backoff.next()).await;
            }
            server = next.map_or_else(|| self.owner(slot), Ok)?;
        }
    }

    fn owner(&self, slot: u16) -> Result<Endpoint, StoreError> {
        let layout = self.layout.borrow();
        let none = || StoreError::Unavailable(format!("no server of the cluster is known to have slot {slot}"));
        layout.owner(slot).cloned().ok_or_else(none)
    }

    /// The server that a request was sent to, if there is a connection to it.
    fn next(&self, refused: &RedisError, from: &Endpoint) -> Option<Endpoint> {
        let (server, _) = refused.redirect_node()?;
        let server = Endpoint::redirected(server, from)?;
        self.link(&server).is_some_and(|link| link.is_connected()).then_some(server)
    }

    /// Keeps the layout, and a link to each primary, for ever.
    pub async fn keep(self: Arc<Self>) {
        let mut keeping = Keeping::default();
        let mut told = false;
        loop {
            match self.look_around().await {
                Ok(layout) => {
                    told = false;
                    self.adopt(layout, &mut keeping);
                }
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(redis = %Address::Cluster(self.seeds.clone()), error, "the cluster is out of reach, trying on");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.look.notified() => tokio::time::sleep(LOOK_AGAIN).await,
                Some(Err(ended)) = keeping.tasks.join_next() => if ended.is_panic() {
                    std::panic::resume_unwind(ended.into_panic());
                },
            }
        }
    }

    /// The layout as the server knows it that knows best. Those to which there are links are asked first; if none of them says
    /// that the cluster is well, all others that are known of too.
    async fn look_around(&self) -> Result<Layout, String> {
        let links: Vec<_> = self.links.lock().iter().map(|(server, link)| (server.clone(), Arc::clone(link))).collect();
        let asked = links.iter().map(|(server, link)| View::through(link, server));
        let mut views: Vec<View> = join_all(asked).await.into_iter().flatten().collect();
        let mut failed = None;
        if !views.iter().any(|view| view.is_well) {
            let strangers = self.strangers();
            let asked = strangers.iter().map(|server| View::of_stranger(server, &self.trust));
            for view in join_all(asked).await {
                match view {
                    Ok(view) => views.push(view),
                    Err(error) => failed = Some(error.to_string()),
                }
            }
        }
        let best = views.into_iter().max_by_key(View::rank);
        best.map(|view| view.layout).ok_or_else(|| failed.unwrap_or_default())
    }

    /// Every server that is known of and not linked to: those of the configuration, replicas, and primaries out of reach.
    fn strangers(&self) -> Vec<ConnectionInfo> {
        let layout = self.layout.borrow().clone();
        let known = layout.primaries().iter().chain(layout.replicas()).map(|server| self.info(server));
        let linked: Vec<String> = {
            let links = self.links.lock();
            let connected = links.iter().filter(|(_, link)| link.is_connected());
            connected.map(|(server, _)| self.info(server).addr().to_string()).collect()
        };
        let mut strangers = BTreeMap::new();
        for info in self.seeds.iter().cloned().chain(known) {
            let address = info.addr().to_string();
            if !linked.contains(&address) {
                strangers.insert(address, info);
            }
        }
        strangers.into_values().collect()
    }

    /// How to connect to a server: as to the first of the configuration, but for the address.
    fn info(&self, server: &Endpoint) -> ConnectionInfo {
        let seed = &self.seeds[0];
        let tls = matches!(seed.addr(), ConnectionAddr::TcpTls { .. });
        let info = endpoint(server.host.clone(), server.port, tls).into_connection_info();
        let info = info.expect("an address is a way to connect");
        info.set_redis_settings(seed.redis_settings().clone())
    }

    /// Links to those that have slots, and to nobody else.
    fn adopt(&self, layout: Layout, keeping: &mut Keeping) {
        let mut links = self.links.lock();
        links.retain(|server, _| layout.primaries().contains(server));
        for server in layout.primaries() {
            let Some(home) = layout.home(server, SELF_TEST, 0) else { continue };
            if let Some(link) = links.get(server) {
                link.move_home(home);
                continue;
            }
            let address = Address::Server(Box::new(self.info(server)));
            let servers = match Servers::new(&address, self.trust.clone()) {
                Ok(servers) => servers,
                Err(error) => {
                    tracing::error!(%server, %error, "a server of the cluster cannot be connected to");
                    continue;
                }
            };
            let link = Arc::new(Link::new(servers, self.keys.clone(), home));
            links.insert(server.clone(), Arc::clone(&link));
            let task = keeping.tasks.spawn(link.keep());
            if let Some(former) = keeping.by_server.insert(server.clone(), task) {
                former.abort();
            }
        }
        keeping.by_server.retain(|server, task| {
            let stays = links.contains_key(server);
            if !stays {
                task.abort();
            }
            stays
        });
        drop(links);
        self.layout.send_if_modified(|known| {
            let changed = **known != layout;
            if changed {
                tracing::info!(
                    primaries = layout.primaries().len(),
                    slots = layout.covered(),
                    "the cluster's slots are known"
                );
                *known = Arc::new(layout);
            }
            changed
        });
    }
}

fn unreachable(server: &Endpoint) -> StoreError {
    StoreError::Unavailable(format!("there is no connection to {server}"))
}

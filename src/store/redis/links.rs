//! Where requests go: to the one server, or in a cluster to the one that has the key. The rest of the store names a key and does
//! not know which.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisResult};
use tokio::sync::watch;

use super::address::Address;
use super::cluster::Cluster;
use super::invocation::Invocation;
use super::keys::Keys;
use super::link::{Link, SELF_TEST};
use super::servers::Servers;
use super::slots::{Endpoint, Layout, slot_of};
use super::trust::Trust;
use super::wire::Request;
use crate::domain::ids::ShowtimeId;
use crate::lifecycle::Tasks;
use crate::store::StoreError;

/// How often somebody who waits for a connection looks for it.
const CONNECTED_POLL: Duration = Duration::from_millis(10);

/// The connections for commands.
#[derive(Clone)]
pub struct Links {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// One server, or one primary that moves.
    One {
        link: Arc<Link>,
        layout: watch::Sender<Arc<Layout>>,
    },
    Cluster(Arc<Cluster>),
}

impl Links {
    /// The links to a Redis, and the task that keeps them.
    ///
    /// # Errors
    /// What the client library does not like about the address or the certificates.
    pub fn start(address: &Address, trust: &Trust, keys: &Keys, tasks: &Tasks) -> RedisResult<Self> {
        let servers = Servers::new(address, trust.clone())?;
        if let Address::Cluster(seeds) = address {
            let cluster = Arc::new(Cluster::new(seeds.clone(), trust.clone(), keys.clone()));
            tasks.spawn("redis link", Arc::clone(&cluster).keep());
            return Ok(Self { kind: Kind::Cluster(cluster) });
        }
        let home = ShowtimeId::parse(SELF_TEST).expect("an id");
        let layout = Layout::single(Endpoint { host: servers.address().to_owned(), port: 0 });
        let link = Arc::new(Link::new(servers, keys.clone(), home));
        tasks.spawn("redis link", Arc::clone(&link).keep());
        Ok(Self { kind: Kind::One { link, layout: watch::Sender::new(Arc::new(layout)) } })
    }

    /// Who has which slot, and tells when it changes.
    pub fn layout(&self) -> watch::Receiver<Arc<Layout>> {
        match &self.kind {
            Kind::One { layout, .. } => layout.subscribe(),
            Kind::Cluster(cluster) => cluster.layout(),
        }
    }

    /// The link to a server that the layout names.
    pub fn link(&self, server: &Endpoint) -> Option<Arc<Link>> {
        match &self.kind {
            Kind::One { link, .. } => Some(Arc::clone(link)),
            Kind::Cluster(cluster) => cluster.link(server),
        }
    }

    /// Whether there is a connection to the server that has the key, or will be within this time.
    pub async fn is_connected_within(&self, key: &str, patience: Duration) -> bool {
        let is_connected = || match &self.kind {
            Kind::One { link, .. } => link.is_connected(),
            Kind::Cluster(cluster) => cluster.is_connected(slot_of(key)),
        };
        let connected = async {
            while !is_connected() {
                tokio::time::sleep(CONNECTED_POLL).await;
            }
        };
        tokio::time::timeout(patience, connected).await.is_ok()
    }

    /// Has the layout looked at soon: there is a sign that it has changed.
    pub fn look_again(&self) {
        if let Kind::Cluster(cluster) = &self.kind {
            cluster.look_again();
        }
    }

    /// Sends a command to the server that has the key.
    ///
    /// # Errors
    /// Those of [`Link::run`].
    pub async fn query<T: FromRedisValue>(&self, key: &str, command: &Cmd) -> Result<T, StoreError> {
        self.run(key, Request::Command(command)).await
    }

    /// Runs a script on the server that has the key.
    ///
    /// # Errors
    /// Those of [`Link::run`].
    pub async fn invoke<T: FromRedisValue>(&self, key: &str, script: &Invocation<'_>) -> Result<T, StoreError> {
        self.run(key, Request::Script(script)).await
    }

    /// Sends a request to this very server.
    ///
    /// # Errors
    /// Those of [`Link::run`].
    pub async fn at<T: FromRedisValue>(&self, server: &Endpoint, request: Request<'_>) -> Result<T, StoreError> {
        let link =
            self.link(server).ok_or_else(|| StoreError::Unavailable(format!("{server} has left the cluster")))?;
        Ok(link.run(request, false).await?)
    }

    async fn run<T: FromRedisValue>(&self, key: &str, request: Request<'_>) -> Result<T, StoreError> {
        match &self.kind {
            Kind::One { link, .. } => Ok(link.run(request, false).await?),
            Kind::Cluster(cluster) => cluster.run(slot_of(key), request).await,
        }
    }
}

//! A cluster as one of its servers sees it. Servers learn of changes one after another: of several views, the one counts that
//! knows of the newest change.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo, InfoDict, Pipeline, RedisResult, Value, pipe};
use tokio::time::timeout;

use super::link::{CONNECT_TIMEOUT, Link};
use super::servers::client;
use super::slots::{Endpoint, Layout};
use super::trust::Trust;
use super::wire::Request;

/// How long a server may take to say how it sees the cluster.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// What one server says.
pub struct View {
    /// Whether the cluster takes commands, as far as this server knows.
    pub is_well: bool,
    /// Grows with each failover and each slot that was moved; the server that took over is the first to have it, as its own.
    epoch: u64,
    own_epoch: u64,
    pub layout: Layout,
}

impl View {
    /// Orders views: the best is the greatest.
    pub fn rank(&self) -> (bool, u64, u64) {
        (self.is_well, self.epoch, self.own_epoch)
    }

    /// Asks a server over the link to it. `None` when it does not say.
    pub async fn through(link: &Arc<Link>, server: &Endpoint) -> Option<Self> {
        if !link.is_connected() {
            return None;
        }
        let question = question();
        let asked = timeout(ANSWER_TIMEOUT, link.run(Request::Pipeline(&question), false)).await;
        Self::read(asked.ok()?.ok()?, server).ok()
    }

    /// Asks a server to which there is no link.
    pub async fn of_stranger(info: &ConnectionInfo, trust: &Trust) -> RedisResult<Self> {
        let server = match info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                Endpoint { host: host.clone(), port: *port }
            }
            _ => return Err((redis::ErrorKind::InvalidClientConfig, "a cluster has hosts and ports").into()),
        };
        let client = client(info.clone(), trust)?;
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        Self::read(question().query_async(&mut connection).await?, &server)
    }

    fn read((info, slots): (InfoDict, Value), server: &Endpoint) -> RedisResult<Self> {
        let number = |name| info.get(name).unwrap_or_default();
        Ok(Self {
            is_well: info.get::<String>("cluster_state").as_deref() == Some("ok"),
            epoch: number("cluster_current_epoch"),
            own_epoch: number("cluster_my_epoch"),
            layout: Layout::read(slots, server)?,
        })
    }
}

fn question() -> Pipeline {
    let mut question = pipe();
    question.cmd("CLUSTER").arg("INFO").cmd("CLUSTER").arg("SLOTS");
    question
}

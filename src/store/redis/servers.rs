//! Which server to connect to: the one place that knows whether there is one server, or a primary that moves. Whoever connects
//! asks the server for its role: what is said here is where to look.

use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, RedisResult};

use super::address::Address;
use super::sentinel::Sentinels;
use super::trust::{self, Trust};

/// Unacknowledged data makes the kernel give a connection up after this long.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// The servers of an address.
pub struct Servers {
    /// The address without any secret.
    address: String,
    is_tls: bool,
    trust: Trust,
    kind: Kind,
}

enum Kind {
    Fixed(Vec<Client>),
    Watched { sentinels: Sentinels, login: RedisConnectionInfo, tls: bool },
}

impl Servers {
    /// The servers of this address. Nobody is asked yet.
    ///
    /// # Errors
    /// What the client library does not like about the address or the certificates.
    pub fn new(address: &Address, trust: Trust) -> RedisResult<Self> {
        if address.is_tls() {
            trust::install_provider();
        }
        let clients = |servers: &[ConnectionInfo]| {
            servers.iter().map(|info| client(info.clone(), &trust)).collect::<RedisResult<Vec<_>>>()
        };
        let kind = match address {
            Address::Server(info) => Kind::Fixed(clients(std::slice::from_ref(info))?),
            Address::Sentinel(watched) => Kind::Watched {
                sentinels: Sentinels::new(clients(&watched.sentinels)?, watched.name.clone()),
                login: watched.login.clone(),
                tls: watched.tls,
            },
            Address::Cluster(servers) => Kind::Fixed(clients(servers)?),
        };
        Ok(Self { address: address.to_string(), is_tls: address.is_tls(), trust, kind })
    }

    /// The address without any secret.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A client for one more server, with the same certificates.
    ///
    /// # Errors
    /// What the client library does not like about the address or the certificates.
    pub fn client(&self, info: ConnectionInfo) -> RedisResult<Client> {
        client(info, &self.trust)
    }

    /// Whether they are spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Whether the primary may move while the server that was it goes on answering.
    pub fn can_move(&self) -> bool {
        matches!(self.kind, Kind::Watched { .. })
    }

    /// The servers that may be the primary now, likeliest first.
    ///
    /// # Errors
    /// What the sentinels said when none knows.
    pub async fn primaries(&self) -> RedisResult<Vec<Client>> {
        match &self.kind {
            Kind::Fixed(clients) => Ok(clients.clone()),
            Kind::Watched { sentinels, login, tls } => {
                let server = |(host, port)| {
                    let info = endpoint(host, port, *tls).into_connection_info()?;
                    client(info.set_redis_settings(login.clone()), &self.trust)
                };
                sentinels.ask().await?.into_iter().map(server).collect()
            }
        }
    }

    /// Whether another server is the primary now. While nobody knows, none is.
    pub async fn moved_from(&self, server: &Client) -> bool {
        let here = server.get_connection_info().addr();
        let primaries = self.primaries().await.unwrap_or_default();
        !primaries.is_empty() && primaries.iter().all(|primary| primary.get_connection_info().addr() != here)
    }
}

/// A client for one server.
pub(super) fn client(info: ConnectionInfo, trust: &Trust) -> RedisResult<Client> {
    let tcp = TcpSettings::default().set_nodelay(true).set_user_timeout(TCP_USER_TIMEOUT);
    let info = info.set_tcp_settings(tcp);
    if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
        Client::build_with_tls(info, trust.certificates())
    } else {
        Client::open(info)
    }
}

/// The address of one server.
pub(super) fn endpoint(host: String, port: u16, tls: bool) -> ConnectionAddr {
    if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    }
}

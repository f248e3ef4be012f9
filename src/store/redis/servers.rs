//! Which server to connect to: the one place that knows whether there is one server, or a primary that moves. Whoever connects
//! asks the server for its role: what is said here is where to look.

use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisResult};

use super::address::{Address, SentinelAddress};
use super::trust::{self, Trust};

/// Unacknowledged data makes the kernel give a connection up after this long.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// The servers of an address.
pub struct Servers {
    address: Address,
    trust: Trust,
}

impl Servers {
    /// The servers of this address. Nobody is asked yet.
    pub fn new(address: Address, trust: Trust) -> Self {
        if address.is_tls() {
            trust::install_provider();
        }
        Self { address, trust }
    }

    /// The address without any secret.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The servers that may be the primary now, likeliest first.
    ///
    /// # Errors
    /// That of the last sentinel, when none can be asked.
    pub async fn primaries(&self) -> RedisResult<Vec<Client>> {
        match &self.address {
            Address::Server(info) => Ok(vec![self.client((**info).clone())?]),
            Address::Sentinel(address) => self.ask_sentinels(address).await,
            Address::Cluster(servers) => servers.iter().map(|info| self.client(info.clone())).collect(),
        }
    }

    async fn ask_sentinels(&self, address: &SentinelAddress) -> RedisResult<Vec<Client>> {
        let mut found = Vec::new();
        let mut failed = None;
        for sentinel in &address.sentinels {
            match self.ask_sentinel(sentinel, &address.name).await {
                Ok((host, port)) => {
                    let info = endpoint(host, port, address.tls).into_connection_info()?;
                    found.push(self.client(info.set_redis_settings(address.login.clone()))?);
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    async fn ask_sentinel(&self, sentinel: &ConnectionInfo, name: &str) -> RedisResult<(String, u16)> {
        let mut connection = self.client(sentinel.clone())?.get_multiplexed_async_connection().await?;
        redis::cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(name).query_async(&mut connection).await
    }

    /// A client for one server.
    pub fn client(&self, info: ConnectionInfo) -> RedisResult<Client> {
        let tcp = TcpSettings::default().set_nodelay(true).set_user_timeout(TCP_USER_TIMEOUT);
        let info = info.set_tcp_settings(tcp);
        if matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            Client::build_with_tls(info, self.trust.certificates())
        } else {
            Client::open(info)
        }
    }
}

fn endpoint(host: String, port: u16, tls: bool) -> ConnectionAddr {
    if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    }
}

//! Where a Redis is, as `SEATCAST_STORE` says it: one server, a primary that sentinels watch, or a cluster. It is read once, and
//! what is said of it, mistakes included, never has a password in it.

use std::fmt::{Debug, Display, Formatter};

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo};

use url::form_urlencoded;

/// The forms of an address, for help and errors.
pub const ONE_SERVER: &str = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], the same with rediss:// for TLS, or \
                              redis+unix:///PATH";
pub const SENTINEL: &str = "redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST…]/NAME[/DATABASE]\
                            [?sentinelUsername=…&sentinelPassword=…], where the hosts are the sentinels and NAME is what they \
                            call the primary; rediss+sentinel:// for TLS";
pub const CLUSTER: &str = "redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST…], where the hosts are some of its servers; rediss+cluster:// for TLS";

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where a Redis is, and how to log in there.
#[derive(Clone)]
pub enum Address {
    /// One server.
    Server(Box<ConnectionInfo>),
    /// A primary that moves between servers; sentinels know where it is.
    Sentinel(Box<SentinelAddress>),
    /// Some servers of a cluster, which know the others.
    Cluster(Vec<ConnectionInfo>),
}

/// A primary that sentinels watch.
#[derive(Clone)]
pub struct SentinelAddress {
    /// Each with the login for sentinels.
    pub sentinels: Vec<ConnectionInfo>,
    /// What the sentinels call the primary.
    pub name: String,
    /// The login for the primary, and the database there.
    pub login: RedisConnectionInfo,
    /// Whether sentinels and primary are spoken to over TLS.
    pub tls: bool,
}

/// A text is no address of a Redis. It reads well after the name of a setting, and never repeats the text.
#[derive(Debug, thiserror::Error)]
#[error("{wrong}; it is {form}")]
pub struct InvalidAddress {
    wrong: String,
    form: &'static str,
}

impl Address {
    /// Whether a text's scheme is one of an address.
    pub fn knows_scheme(scheme: &str) -> bool {
        matches!(scheme, "redis" | "rediss" | "redis+unix" | "unix")
            || matches!(scheme, "redis+sentinel" | "rediss+sentinel" | "redis+cluster" | "rediss+cluster")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`InvalidAddress`] with what is wrong and the right form.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        let form = match scheme {
            "redis+sentinel" | "rediss+sentinel" => SENTINEL,
            "redis+cluster" | "rediss+cluster" => CLUSTER,
            _ => ONE_SERVER,
        };
        let tls = scheme.starts_with("rediss");
        let parsed = match (scheme, rest.strip_prefix("//")) {
            (_, None) => Err("lacks the :// behind its kind".into()),
            ("redis" | "rediss", Some(rest)) => Parts::split(rest).and_then(|parts| parts.one_server(tls)),
            ("redis+unix" | "unix", Some(_)) => unix_socket(text),
            ("redis+sentinel" | "rediss+sentinel", Some(rest)) => {
                Parts::split(rest).and_then(|parts| parts.sentinels(tls))
            }
            ("redis+cluster" | "rediss+cluster", Some(rest)) => Parts::split(rest).and_then(|parts| parts.cluster(tls)),
            (_, Some(_)) => Err("names no kind of Redis that is known".into()),
        };
        parsed.map_err(|wrong| InvalidAddress { wrong, form })
    }

    /// The number of the database.
    pub fn database(&self) -> i64 {
        match self {
            Self::Server(info) => info.redis_settings().db(),
            Self::Sentinel(address) => address.login.db(),
            Self::Cluster(_) => 0,
        }
    }

    /// Whether the servers are spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        let tls = |info: &ConnectionInfo| matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        match self {
            Self::Server(info) => tls(info),
            Self::Sentinel(address) => address.tls,
            Self::Cluster(servers) => servers.iter().any(tls),
        }
    }
}

/// Without any login.
impl Display for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let list = |servers: &[ConnectionInfo]| {
            servers.iter().map(|server| server.addr().to_string()).collect::<Vec<_>>().join(",")
        };
        match self {
            Self::Server(info) => write!(f, "{}", info.addr()),
            Self::Sentinel(address) => write!(f, "{} of the sentinels {}", address.name, list(&address.sentinels)),
            Self::Cluster(servers) => write!(f, "the cluster of {}", list(servers)),
        }
    }
}

impl Debug for Address {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

/// What stands behind `://`, taken apart and nothing decoded yet.
struct Parts<'text> {
    login: Option<&'text str>,
    hosts: Vec<&'text str>,
    path: Vec<&'text str>,
    options: Vec<(String, String)>,
}

impl<'text> Parts<'text> {
    fn split(rest: &'text str) -> Result<Self, String> {
        if rest.contains('#') {
            return Err("has a # in it: certificates are always checked, and in a password # is written %23".into());
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A password that was not encoded may hold an @.
        let (login, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        if hosts.split(',').any(str::is_empty) {
            return Err("names no host, or has a comma too many".into());
        }
        let path = path.trim_end_matches('/');
        Ok(Self {
            login,
            hosts: hosts.split(',').collect(),
            path: if path.is_empty() { Vec::new() } else { path.split('/').collect() },
            options: form_urlencoded::parse(options.as_bytes()).into_owned().collect(),
        })
    }

    /// One host with a login, or without.
    fn server(host: &str, login: Option<&str>, port: u16, tls: bool) -> Result<ConnectionInfo, String> {
        let scheme = if tls { "rediss" } else { "redis" };
        let login = login.map(|login| format!("{login}@")).unwrap_or_default();
        // An IPv6 address has colons of its own, inside brackets.
        let has_port = host.rsplit_once(']').map_or(host, |(_, behind)| behind).contains(':');
        let port = if has_port { String::new() } else { format!(":{port}") };
        connection_info(&format!("{scheme}://{login}{host}{port}"))
    }

    fn servers(&self, login: Option<&str>, port: u16, tls: bool) -> Result<Vec<ConnectionInfo>, String> {
        self.hosts.iter().map(|host| Self::server(host, login, port, tls)).collect()
    }

    fn one_server(self, tls: bool) -> Result<Address, String> {
        if self.hosts.len() > 1 {
            return Err("names several servers, which only redis+sentinel:// and redis+cluster:// do".into());
        }
        self.has_no_options()?;
        let info = Self::server(self.hosts[0], self.login, REDIS_PORT, tls)?;
        let database = match self.path[..] {
            [] => 0,
            [database] => number(database)?,
            _ => return Err("has more behind the host than the database's number".into()),
        };
        let settings = info.redis_settings().clone().set_db(database);
        Ok(Address::Server(Box::new(info.set_redis_settings(settings))))
    }

    fn sentinels(self, tls: bool) -> Result<Address, String> {
        let (name, database) = match self.path[..] {
            [] | ["", ..] => return Err("does not say what the sentinels call the primary".into()),
            [name] => (name, 0),
            [name, database] => (name, number(database)?),
            _ => return Err("has more behind the hosts than a name and the database's number".into()),
        };
        let login =
            Self::server(self.hosts[0], self.login, SENTINEL_PORT, tls)?.redis_settings().clone().set_db(database);
        let mut at_sentinels = RedisConnectionInfo::default();
        for (option, value) in &self.options {
            at_sentinels = match option.as_str() {
                "sentinelUsername" => at_sentinels.set_username(value),
                "sentinelPassword" => at_sentinels.set_password(value),
                _ => return Err("has an option that is not known".into()),
            };
        }
        if at_sentinels.username().is_some() && at_sentinels.password().is_none() {
            return Err("has a sentinelUsername without a sentinelPassword".into());
        }
        let sentinels = self.servers(None, SENTINEL_PORT, tls)?.into_iter();
        let sentinels = sentinels.map(|info| info.set_redis_settings(at_sentinels.clone())).collect();
        let name = name.to_owned();
        Ok(Address::Sentinel(Box::new(SentinelAddress { sentinels, name, login, tls })))
    }

    fn cluster(self, tls: bool) -> Result<Address, String> {
        self.has_no_options()?;
        if !matches!(self.path[..], [] | ["0"]) {
            return Err("names a database, and a cluster has only one".into());
        }
        Ok(Address::Cluster(self.servers(self.login, REDIS_PORT, tls)?))
    }

    fn has_no_options(&self) -> Result<(), String> {
        if self.options.is_empty() { Ok(()) } else { Err("has an option behind a ?, and this kind has none".into()) }
    }
}

fn unix_socket(text: &str) -> Result<Address, String> {
    connection_info(text).map(|info| Address::Server(Box::new(info)))
}

fn number(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(number) if number >= 0 => Ok(number),
        _ => Err("does not end with a database's number".into()),
    }
}

fn connection_info(url: &str) -> Result<ConnectionInfo, String> {
    let info = url.into_connection_info().map_err(|error| format!("cannot be read ({error})"))?;
    // The feed knows only the older protocol.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    Ok(info.set_redis_settings(settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> ConnectionInfo {
        match Address::parse(text) {
            Ok(Address::Server(info)) => *info,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn one_server_is_read_with_its_login_and_database() {
        let info = server("redis://shop:p%40ss@db.example.org:6390/3");
        assert_eq!(info.addr().to_string(), "db.example.org:6390");
        let login = info.redis_settings();
        assert_eq!((login.username(), login.password(), login.db()), (Some("shop"), Some("p@ss"), 3));
        assert_eq!(server("redis://h").addr().to_string(), "h:6379");
        assert_eq!(server("redis://[::1]:7000/").addr().to_string(), "::1:7000");
        assert!(matches!(server("rediss://h").addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
        assert_eq!(server("redis+unix:///run/redis.sock?db=2").redis_settings().db(), 2);
    }

    #[test]
    fn sentinels_have_a_login_of_their_own() {
        let text = "rediss+sentinel://shop:one@a,b:27000,[::1]/seats/2?sentinelUsername=watch&sentinelPassword=t%26wo";
        let Ok(Address::Sentinel(address)) = Address::parse(text) else { panic!("not read") };
        let hosts: Vec<_> = address.sentinels.iter().map(|info| info.addr().to_string()).collect();
        assert_eq!(hosts, ["a:26379", "b:27000", "::1:26379"]);
        assert_eq!((address.name.as_str(), address.tls), ("seats", true));
        assert_eq!(
            (address.login.username(), address.login.password(), address.login.db()),
            (Some("shop"), Some("one"), 2)
        );
        for info in &address.sentinels {
            let login = info.redis_settings();
            assert_eq!((login.username(), login.password(), login.db()), (Some("watch"), Some("t&wo"), 0));
        }
    }

    #[test]
    fn a_cluster_is_some_of_its_servers() {
        let Ok(Address::Cluster(servers)) = Address::parse("redis+cluster://:pass@a:7000,b") else {
            panic!("not read")
        };
        let hosts: Vec<_> = servers.iter().map(|info| info.addr().to_string()).collect();
        assert_eq!(hosts, ["a:7000", "b:6379"]);
        assert!(servers.iter().all(|info| info.redis_settings().password() == Some("pass")));
    }

    #[test]
    fn mistakes_are_told_with_the_right_form_and_without_the_password() {
        for (text, wrong) in [
            ("redis://", "no host"),
            ("redis://u:hunter2@", "no host"),
            ("redis://u:hunter2@a,b", "several servers"),
            ("redis://u:hunter2@h/first", "database's number"),
            ("redis://u:hunter2@h/-1", "database's number"),
            ("redis://u:hunter2@h/1/2", "more behind the host"),
            ("redis://u:hunter2@h?protocol=resp3", "option"),
            ("redis://u:hunter2@h:port", "cannot be read"),
            ("rediss://u:hunter2@h#insecure", "certificates are always checked"),
            ("redis+unix://", "cannot be read"),
            ("redis+sentinel://u:hunter2@h", "what the sentinels call the primary"),
            ("redis+sentinel://u:hunter2@h/", "what the sentinels call the primary"),
            ("redis+sentinel://h/m/x", "database's number"),
            ("redis+sentinel://h/m/0/1", "more behind the hosts"),
            ("redis+sentinel://h,,i/m", "comma"),
            ("redis+sentinel://h/m?password=hunter2", "not known"),
            ("redis+sentinel://h/m?sentinelUsername=hunter2", "without a sentinelPassword"),
            ("redis+cluster://h/1", "only one"),
            ("redis+cluster://u:hunter2@h?x=1", "option"),
            ("redis:hunter2", "lacks the ://"),
            ("hunter2", "lacks the ://"),
            ("mysql://hunter2", "no kind of Redis"),
        ] {
            let error = Address::parse(text).map(drop).expect_err(text).to_string();
            assert!(
                error.contains(wrong) && error.contains("it is redis") && !error.contains("hunter2"),
                "{text}: {error}"
            );
        }
        let said = format!("{:?}", Address::parse("redis+sentinel://u:hunter2@h/m").unwrap());
        assert_eq!(said, "m of the sentinels h:26379");
    }
}

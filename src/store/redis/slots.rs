//! Which server of a cluster has which slot: pure bookkeeping of what a server said. It asks nobody, and may be old; a server that
//! is asked for a slot that it does not have says so.

use std::fmt::{Display, Formatter};

use redis::{ErrorKind, FromRedisValue, RedisResult, Value, from_redis_value};

use crate::domain::ids::ShowtimeId;

/// The slots of every cluster.
pub const SLOTS: usize = 16_384;

/// Names that are tried until one lies in a slot of a server's; of one with a single slot every 16,384th does.
const HOMES: u32 = 1_000_000;

/// A server's address, as the cluster tells it to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Display for Endpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        // One server that is no cluster's is called by its whole address.
        if self.port == 0 { f.write_str(&self.host) } else { write!(f, "{}:{}", self.host, self.port) }
    }
}

impl Endpoint {
    /// Reads what stands behind `MOVED SLOT` or `ASK SLOT`. A server that does not say the host means its own.
    pub fn redirected(text: &str, asked: &Self) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = if host.is_empty() || host == "?" { &asked.host } else { host };
        Some(Self { host: host.to_owned(), port: port.parse().ok()? })
    }
}

/// The slot of a key or channel: that of what stands in its first braces, or of the whole.
pub fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    let hashed = tag.filter(|tag| !tag.is_empty()).unwrap_or(key);
    let crc = hashed.bytes().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| (crc << 1) ^ (if crc & 0x8000 == 0 { 0 } else { 0x1021 }))
    });
    crc % 16_384
}

/// Who has which slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// In their own order, each once. Those without slots are not among them.
    primaries: Vec<Endpoint>,
    /// Replicas: who else may be asked.
    replicas: Vec<Endpoint>,
    /// For each slot the place of its server in `primaries`.
    owners: Vec<Option<u16>>,
}

/// One line of `CLUSTER SLOTS`: the first and the last slot, the primary, its replicas. A server says its host (none, where it
/// is the one of whoever was asked), its port, and what does not matter here.
type Range = (u16, u16, Vec<Value>);

impl Layout {
    /// Nobody has anything.
    pub fn unknown() -> Self {
        Self { primaries: Vec::new(), replicas: Vec::new(), owners: vec![None; SLOTS] }
    }

    /// One server has all.
    pub fn single(server: Endpoint) -> Self {
        Self { primaries: vec![server], replicas: Vec::new(), owners: vec![Some(0); SLOTS] }
    }

    /// Reads the reply to `CLUSTER SLOTS`.
    pub fn read(reply: Value, asked: &Endpoint) -> RedisResult<Self> {
        let ranges: Vec<Vec<Value>> = from_redis_value(reply)?;
        let ranges = ranges.into_iter().map(|line| range(line, asked)).collect::<RedisResult<Vec<_>>>()?;
        let mut layout = Self::unknown();
        layout.primaries = ranges.iter().map(|(_, _, servers)| servers[0].clone()).collect();
        layout.primaries.sort();
        layout.primaries.dedup();
        for (first, last, servers) in ranges {
            let place = layout.primaries.binary_search(&servers[0]).expect("it was put there");
            let owner = u16::try_from(place).expect("there are at most 16,384 primaries");
            layout.owners[usize::from(first)..=usize::from(last)].fill(Some(owner));
            layout.replicas.extend_from_slice(&servers[1..]);
        }
        layout.replicas.sort();
        layout.replicas.dedup();
        Ok(layout)
    }

    /// The primaries that have slots.
    pub fn primaries(&self) -> &[Endpoint] {
        &self.primaries
    }

    /// The replicas.
    pub fn replicas(&self) -> &[Endpoint] {
        &self.replicas
    }

    /// The server that has a slot.
    pub fn owner(&self, slot: u16) -> Option<&Endpoint> {
        self.owners[usize::from(slot)].map(|place| &self.primaries[usize::from(place)])
    }

    /// How many slots somebody has.
    pub fn covered(&self) -> usize {
        self.owners.iter().flatten().count()
    }

    /// Whether every slot has a server.
    pub fn is_whole(&self) -> bool {
        self.covered() == SLOTS
    }

    /// A name for a showtime that nobody has, in a slot of this server's: what is tried on the server is tried there. Another
    /// `attempt` gives another name.
    pub fn home(&self, server: &Endpoint, base: &str, attempt: u32) -> Option<ShowtimeId> {
        let place = self.primaries.binary_search(server).ok().and_then(|place| u16::try_from(place).ok())?;
        let names = (0..HOMES).map(|n| format!("{base}-{n}"));
        let mut homes = names.filter(|name| self.owners[usize::from(slot_of(name))] == Some(place));
        homes.nth(attempt as usize).and_then(|name| ShowtimeId::parse(&name).ok())
    }
}

fn range(line: Vec<Value>, asked: &Endpoint) -> RedisResult<(u16, u16, Vec<Endpoint>)> {
    let strange = || (ErrorKind::UnexpectedReturnType, "a line of CLUSTER SLOTS cannot be read");
    let (first, last, servers) = split(line)?;
    let servers = servers.into_iter().map(|server| endpoint(server, asked)).collect::<RedisResult<Vec<_>>>()?;
    if servers.is_empty() || first > last || usize::from(last) >= SLOTS {
        return Err(strange().into());
    }
    Ok((first, last, servers))
}

fn split(line: Vec<Value>) -> RedisResult<Range> {
    let mut parts = line.into_iter();
    let mut number = || u16::from_redis_value(parts.next().unwrap_or(Value::Nil));
    let (first, last) = (number()?, number()?);
    Ok((first, last, parts.collect()))
}

fn endpoint(server: Value, asked: &Endpoint) -> RedisResult<Endpoint> {
    let mut parts = Vec::<Value>::from_redis_value(server)?.into_iter();
    let host: Option<String> = from_redis_value(parts.next().unwrap_or(Value::Nil))?;
    let port: u16 = from_redis_value(parts.next().unwrap_or(Value::Nil))?;
    let host = host.filter(|host| !host.is_empty() && host != "?").unwrap_or_else(|| asked.host.clone());
    Ok(Endpoint { host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(port: u16) -> Endpoint {
        Endpoint { host: "h".into(), port }
    }

    fn line(first: i64, last: i64, servers: &[(Option<&str>, i64)]) -> Value {
        let text = |text: &str| Value::BulkString(text.into());
        let server = |(host, port): &(Option<&str>, i64)| {
            Value::Array(vec![host.map_or(Value::Nil, text), Value::Int(*port), text("id"), Value::Array(vec![])])
        };
        let mut parts = vec![Value::Int(first), Value::Int(last)];
        parts.extend(servers.iter().map(server));
        Value::Array(parts)
    }

    fn layout() -> Layout {
        let reply = Value::Array(vec![
            line(5_000, 16_383, &[(Some("h"), 2), (Some("h"), 4)]),
            line(0, 1, &[(Some(""), 1), (None, 3)]),
            line(3, 4_999, &[(None, 1), (Some("h"), 3)]),
        ]);
        Layout::read(reply, &server(9)).unwrap()
    }

    #[test]
    fn slots_are_those_of_redis() {
        assert_eq!(slot_of("123456789"), 0x31C3, "the check value of this sum");
        assert_eq!((slot_of("showtime:{42}:meta"), slot_of("42")), (8_000, 8_000));
        assert_eq!(slot_of("{}.x"), 7_237, "empty braces are none");
        assert_eq!(slot_of("a{b}{c}"), slot_of("b"), "the first braces count");
    }

    #[test]
    fn a_reply_is_read_with_the_hosts_that_it_leaves_out() {
        let layout = layout();
        assert_eq!(layout.primaries(), [server(1), server(2)]);
        assert_eq!(layout.replicas(), [server(3), server(4)]);
        assert_eq!(layout.owner(0), Some(&server(1)));
        assert_eq!((layout.owner(2), layout.owner(16_383)), (None, Some(&server(2))));
        assert_eq!((layout.covered(), layout.is_whole()), (SLOTS - 1, false));
        assert!(Layout::read(Value::Array(vec![line(0, 16_384, &[(None, 1)])]), &server(1)).is_err());
        assert!(Layout::read(Value::Array(vec![line(0, 1, &[])]), &server(1)).is_err());
    }

    #[test]
    fn every_primary_has_homes_in_its_own_slots() {
        let layout = layout();
        for primary in layout.primaries() {
            let homes = [0, 1].map(|attempt| layout.home(primary, "test", attempt).unwrap());
            assert_ne!(homes[0], homes[1]);
            assert!(homes.iter().all(|home| layout.owner(slot_of(home.as_str())) == Some(primary)));
        }
        assert_eq!(layout.home(&server(3), "test", 0), None, "a replica has none");
    }

    #[test]
    fn a_redirection_names_its_server() {
        assert_eq!(Endpoint::redirected("h:2", &server(1)), Some(server(2)));
        assert_eq!(Endpoint::redirected(":2", &server(1)), Some(server(2)));
        let six = Endpoint { host: "::1".into(), port: 2 };
        assert_eq!(Endpoint::redirected("::1:2", &server(1)), Some(six));
        assert_eq!(Endpoint::redirected("nonsense", &server(1)), None);
    }
}

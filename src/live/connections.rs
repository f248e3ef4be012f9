//! How many connections are held open: sockets, event streams, and polls that wait. Each counts against the whole server and
//! against the address that it comes from, so that nobody takes the places of all others.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

/// How many connections may be held open.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    pub total: usize,
    /// From one IPv4 address, or one /64 of IPv6, which is what one customer gets.
    pub per_address: usize,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The server has as many connections as it may have.
    Server,
    /// The client's address has.
    Address,
}

/// The connections that are held open.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    total: AtomicUsize,
    by_address: DashMap<IpAddr, usize>,
}

/// A place among the connections. Dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    /// No connection yet.
    pub fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self { limits, total: AtomicUsize::new(0), by_address: DashMap::new() })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.total.load(Ordering::Relaxed)
    }

    /// Takes a place for a client. One whose address is not known counts against the whole server only.
    ///
    /// # Errors
    /// [`Full`]; nothing is counted then.
    pub fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Place, Full> {
        let place = |address| Place { connections: Arc::clone(self), address };
        if self.total.fetch_add(1, Ordering::AcqRel) >= self.limits.total {
            drop(place(None));
            return Err(Full::Server);
        }
        let Some(address) = address.map(customer) else { return Ok(place(None)) };
        let mut entry = self.by_address.entry(address).or_insert(0);
        if *entry >= self.limits.per_address {
            drop(entry);
            drop(place(None));
            return Err(Full::Address);
        }
        *entry += 1;
        drop(entry);
        Ok(place(Some(address)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.total.fetch_sub(1, Ordering::AcqRel);
        let Some(address) = self.address else { return };
        if let Entry::Occupied(mut entry) = self.connections.by_address.entry(address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// The address that a customer is known by.
fn customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_taken_and_given_back() {
        let connections = Connections::new(ConnectionLimits { total: 4, per_address: 2 });
        let mut places = vec![connections.enter(Some(address("10.0.0.1"))).unwrap()];
        places.push(connections.enter(Some(address("::ffff:10.0.0.1"))).unwrap());
        assert_eq!(connections.enter(Some(address("10.0.0.1"))).unwrap_err(), Full::Address);
        places.push(connections.enter(Some(address("10.0.0.2"))).unwrap());
        places.push(connections.enter(None).unwrap());
        assert_eq!(connections.enter(Some(address("10.0.0.3"))).unwrap_err(), Full::Server);
        assert_eq!(connections.count(), 4);
        places.remove(0);
        places.push(connections.enter(Some(address("10.0.0.1"))).unwrap());
        places.clear();
        assert_eq!((connections.count(), connections.by_address.len()), (0, 0));
    }

    #[test]
    fn the_addresses_of_one_ipv6_customer_count_together() {
        let connections = Connections::new(ConnectionLimits { total: 9, per_address: 1 });
        let _first = connections.enter(Some(address("2001:db8:1:2::1"))).unwrap();
        assert_eq!(connections.enter(Some(address("2001:db8:1:2:3:4:5:6"))).unwrap_err(), Full::Address);
        let _other = connections.enter(Some(address("2001:db8:1:3::1"))).unwrap();
    }
}

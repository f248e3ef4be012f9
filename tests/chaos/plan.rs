//! Which faults come, how long they last, and how quiet it is before each: all of it from the seed.

use std::fmt;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// How many nodes there are.
pub const NODES: usize = 3;

/// One in so many steps has two faults.
const TWO_AT_ONCE: u32 = 3;

/// What goes wrong. Nodes count from 0, and are shown from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    RedisKilled,
    RedisFrozen,
    /// `CLIENT KILL TYPE pubsub`
    FeedsKilled,
    /// `CLIENT KILL TYPE normal`
    CommandsKilled,
    NetworkCut(usize),
    /// Everything between the node and Redis takes this much longer, each way.
    NetworkSlow(usize, Duration),
    /// Nothing passes, nothing is closed.
    NetworkHalfOpen(usize),
    NodeKilled(usize),
    /// SIGTERM, and a new start when the node has ended.
    NodeDrained(usize),
    /// One in so many viewers stops reading.
    SlowReaders(usize),
    /// One in so many viewers drops its connection and resumes on another node, over another transport.
    Movers(usize),
    /// Connections that send nonsense, half a request, or nothing.
    Garbage(usize),
}

/// What a fault strikes. Two faults at once strike different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Redis,
    Node,
    Clients,
}

impl Fault {
    fn target(self) -> Target {
        match self {
            Self::RedisKilled | Self::RedisFrozen | Self::FeedsKilled | Self::CommandsKilled => Target::Redis,
            Self::NetworkCut(_)
            | Self::NetworkSlow(..)
            | Self::NetworkHalfOpen(_)
            | Self::NodeKilled(_)
            | Self::NodeDrained(_) => Target::Node,
            Self::SlowReaders(_) | Self::Movers(_) | Self::Garbage(_) => Target::Clients,
        }
    }

    /// Whether a room of this node may fall behind the store and have to be repaired because of the fault.
    pub fn explains_a_gap(self, node: usize) -> bool {
        match self {
            Self::RedisKilled | Self::RedisFrozen | Self::FeedsKilled | Self::CommandsKilled => true,
            Self::NetworkCut(n)
            | Self::NetworkSlow(n, _)
            | Self::NetworkHalfOpen(n)
            | Self::NodeKilled(n)
            | Self::NodeDrained(n) => n == node,
            Self::SlowReaders(_) | Self::Movers(_) | Self::Garbage(_) => false,
        }
    }

    /// Whether the node cannot reach its store meanwhile.
    pub fn parts_from_store(self, node: usize) -> bool {
        match self {
            Self::RedisKilled | Self::RedisFrozen => true,
            Self::NetworkCut(n) | Self::NetworkHalfOpen(n) => n == node,
            _ => false,
        }
    }

    /// Whether the node is not there meanwhile.
    pub fn takes_away(self, node: usize) -> bool {
        matches!(self, Self::NodeKilled(n) | Self::NodeDrained(n) if n == node)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RedisKilled => write!(f, "Redis is killed"),
            Self::RedisFrozen => write!(f, "Redis is frozen"),
            Self::FeedsKilled => write!(f, "pub/sub connections are killed"),
            Self::CommandsKilled => write!(f, "command connections are killed"),
            Self::NetworkCut(n) => write!(f, "the network of node {} is cut", n + 1),
            Self::NetworkSlow(n, by) => write!(f, "the network of node {} is {} ms slower", n + 1, by.as_millis()),
            Self::NetworkHalfOpen(n) => write!(f, "the network of node {} is half open", n + 1),
            Self::NodeKilled(n) => write!(f, "node {} is killed", n + 1),
            Self::NodeDrained(n) => write!(f, "node {} is told to stop", n + 1),
            Self::SlowReaders(every) => write!(f, "one viewer in {every} stops reading"),
            Self::Movers(every) => write!(f, "one viewer in {every} moves"),
            Self::Garbage(n) => write!(f, "garbage is sent to node {}", n + 1),
        }
    }
}

/// A fault with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    pub fault: Fault,
    /// After the step's quiet time.
    pub after: Duration,
    pub lasts: Duration,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {:.1} s", self.fault, self.lasts.as_secs_f64())?;
        if self.after.is_zero() { Ok(()) } else { write!(f, ", {:.1} s later", self.after.as_secs_f64()) }
    }
}

/// Quiet, then one fault or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub quiet: Duration,
    pub strikes: Vec<Strike>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, strike) in self.strikes.iter().enumerate() {
            write!(f, "{}{strike}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// The endless row of steps of a seed. Like cards from a deck: each kind of fault comes once before any comes again.
pub struct Plan {
    random: StdRng,
    deck: Vec<Fault>,
    /// What comes before everything else.
    first: Option<Fault>,
}

impl Plan {
    pub fn new(seed: u64, first: Option<Fault>) -> Self {
        Self { random: StdRng::seed_from_u64(seed), deck: Vec::new(), first }
    }

    fn draw(&mut self) -> Fault {
        if let Some(first) = self.first.take() {
            return first;
        }
        if self.deck.is_empty() {
            self.shuffle();
        }
        self.deck.pop().expect("the deck was filled")
    }

    fn shuffle(&mut self) {
        let random = &mut self.random;
        let mut node = || random.random_range(0..NODES);
        let (cut, slow, half_open, killed, drained, garbage) = (node(), node(), node(), node(), node(), node());
        let slower = Duration::from_millis(random.random_range(50..300));
        let (readers, movers) = (random.random_range(2..6), random.random_range(2..6));
        self.deck = vec![
            Fault::RedisKilled,
            Fault::RedisFrozen,
            Fault::FeedsKilled,
            Fault::CommandsKilled,
            Fault::NetworkCut(cut),
            Fault::NetworkSlow(slow, slower),
            Fault::NetworkHalfOpen(half_open),
            Fault::NodeKilled(killed),
            Fault::NodeDrained(drained),
            Fault::SlowReaders(readers),
            Fault::Movers(movers),
            Fault::Garbage(garbage),
        ];
        self.deck.shuffle(random);
    }

    /// A second fault that strikes something else than the first, if the dice want one and the deck has one.
    fn companion(&mut self, first: Fault) -> Option<Fault> {
        if !self.random.random_ratio(1, TWO_AT_ONCE) {
            return None;
        }
        let at = self.deck.iter().position(|fault| fault.target() != first.target())?;
        Some(self.deck.remove(at))
    }

    fn lasts(&mut self, fault: Fault) -> Duration {
        let seconds = match fault {
            // Either soon over, or so long that everybody must have noticed.
            Fault::RedisKilled | Fault::RedisFrozen | Fault::NetworkCut(_) | Fault::NetworkHalfOpen(_) => {
                if self.random.random() { 0.0..5.0 } else { 8.0..10.0 }
            }
            Fault::FeedsKilled | Fault::CommandsKilled => 0.0..2.0,
            Fault::NetworkSlow(..) | Fault::SlowReaders(_) => 2.0..6.0,
            Fault::NodeKilled(_) | Fault::NodeDrained(_) => 0.0..4.0,
            Fault::Movers(_) => 0.0..1.0,
            Fault::Garbage(_) => 1.0..4.0,
        };
        Duration::from_secs_f64(self.random.random_range(seconds))
    }

    fn strike(&mut self, fault: Fault, after: Duration) -> Strike {
        Strike { fault, after, lasts: self.lasts(fault) }
    }
}

impl Iterator for Plan {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let quiet = Duration::from_secs_f64(self.random.random_range(0.5..2.0));
        let fault = self.draw();
        let mut strikes = vec![self.strike(fault, Duration::ZERO)];
        if let Some(companion) = self.companion(fault) {
            let after = strikes[0].lasts.mul_f64(self.random.random_range(0.0..0.8));
            strikes.push(self.strike(companion, after));
        }
        Some(Step { quiet, strikes })
    }
}

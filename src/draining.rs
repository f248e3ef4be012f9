//! How a server goes, so that nobody is hurt by it: first it says that it is not ready while it still serves, so that traffic is
//! sent elsewhere; then it takes no new connections, and ends those that stand, each at a moment of its own.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::sync::watch;
use tokio::time::Instant;

/// How far a server has gone. Clones share it.
#[derive(Clone, Debug)]
pub struct Draining {
    phase: Arc<watch::Sender<Phase>>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Serving,
    /// Not ready any more.
    Announced,
    /// Connections end between `begun` and `window` later.
    Closing {
        begun: Instant,
        window: Duration,
    },
}

impl Draining {
    /// A server that serves.
    pub fn new() -> Self {
        Self { phase: Arc::new(watch::Sender::new(Phase::Serving)) }
    }

    /// Says that the server is about to go.
    pub fn announce(&self) {
        self.phase.send_replace(Phase::Announced);
    }

    /// Has all connections end, spread over `window`.
    pub fn close_within(&self, window: Duration) {
        self.phase.send_replace(Phase::Closing { begun: Instant::now(), window });
    }

    /// Whether the server is about to go.
    pub fn is_announced(&self) -> bool {
        !matches!(*self.phase.borrow(), Phase::Serving)
    }

    /// A connection's own moment to end.
    pub fn turn(&self) -> Turn {
        Turn { phase: self.phase.subscribe(), share: rand::rng().random_range(0.0..1.0) }
    }
}

impl Default for Draining {
    fn default() -> Self {
        Self::new()
    }
}

/// When one connection must end, should the server go.
#[derive(Clone, Debug)]
pub struct Turn {
    phase: watch::Receiver<Phase>,
    /// Which part of the window passes before it.
    share: f64,
}

impl Turn {
    /// Waits until it is this connection's turn. To begin to wait again changes nothing.
    pub async fn comes(&mut self) {
        let closing = self.phase.wait_for(|phase| matches!(phase, Phase::Closing { .. })).await.map(|phase| *phase);
        match closing {
            Ok(Phase::Closing { begun, window }) => tokio::time::sleep_until(begun + window.mul_f64(self.share)).await,
            // The server is gone already.
            Ok(Phase::Serving | Phase::Announced) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn connections_end_one_after_another_and_not_before_the_server_goes() {
        let draining = Draining::new();
        let mut turns: Vec<Turn> = (0..100).map(|_| draining.turn()).collect();
        draining.announce();
        assert!(draining.is_announced());
        let early = tokio::time::timeout(Duration::from_secs(3_600), turns[0].comes()).await;
        assert!(early.is_err(), "an announcement ends nothing");
        let begun = Instant::now();
        draining.close_within(Duration::from_secs(5));
        let mut ended = Vec::new();
        for turn in &mut turns {
            // Whoever is interrupted while it waits waits for the same moment again.
            let _ = tokio::time::timeout(Duration::from_millis(1), turn.comes()).await;
        }
        let waits = turns.into_iter().map(|mut turn| async move {
            turn.comes().await;
            begun.elapsed()
        });
        for wait in waits {
            ended.push(wait.await);
        }
        assert!(ended.iter().all(|after| *after <= Duration::from_secs(6)), "{ended:?}");
        let mut late = draining.turn();
        late.comes().await;
    }
}

//! Carries faults out, and undoes them. Every fault is real: processes are killed, stopped and started, connections are cut.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::findings::{Findings, Invariant};
use crate::plan::{Fault, NODES, Step, Strike};
use crate::stage::Stage;
use crate::support::proxy::Traffic;
use crate::viewers::Audience;
use crate::yardstick::Yardstick;

/// A node whose store has been out of reach for this long must say so: the feed's last proof may be 6 s old.
const MUST_KNOW_AFTER: Duration = Duration::from_secs(7);
/// How long after that it may take until everybody was asked.
const LAST_CHANCE: Duration = Duration::from_millis(1_500);
/// How long a node may take to stop: its grace period, and what it takes to end its tasks.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const GARBAGE_CONNECTIONS: usize = 200;
/// A connection kind is killed again and again in this interval.
const KILL_EVERY: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What faults strike, and whom they are told to.
pub struct Striker<'a> {
    pub stage: &'a Stage,
    pub audience: &'a Audience,
    pub findings: &'a Arc<Findings>,
    pub yardstick: &'a Yardstick,
    pub seed: u64,
}

impl Striker<'_> {
    /// Carries out a step's faults. They are undone when this returns.
    pub async fn strike(&self, step: &Step) {
        let began = Instant::now();
        let all = step.strikes.iter().map(|strike| async {
            tokio::time::sleep(strike.after).await;
            self.carry_out(strike, step).await;
        });
        futures_util::future::join_all(all).await;
        self.findings.say(&format!("undone after {:.1} s", began.elapsed().as_secs_f64()));
    }

    async fn carry_out(&self, strike: &Strike, step: &Step) {
        let (stage, lasts) = (self.stage, strike.lasts);
        match strike.fault {
            Fault::RedisKilled => {
                tokio::task::block_in_place(|| stage.redis.lock().kill());
                self.hold(strike, step).await;
                tokio::task::block_in_place(|| stage.redis.lock().run());
            }
            Fault::RedisFrozen => {
                stage.redis.lock().signal("STOP");
                self.hold(strike, step).await;
                stage.redis.lock().signal("CONT");
            }
            Fault::FeedsKilled => self.kill_connections("pubsub", lasts).await,
            Fault::CommandsKilled => self.kill_connections("normal", lasts).await,
            Fault::NetworkCut(n) => self.traffic(n, Traffic::Cut, strike, step).await,
            Fault::NetworkSlow(n, by) => self.traffic(n, Traffic::Delayed(by), strike, step).await,
            Fault::NetworkHalfOpen(n) => self.traffic(n, Traffic::Frozen, strike, step).await,
            Fault::NodeKilled(n) => {
                stage.nodes[n].lock().kill();
                tokio::time::sleep(lasts).await;
                stage.nodes[n].lock().start();
            }
            Fault::NodeDrained(n) => {
                stage.drain(n, STOP_PATIENCE, self.findings).await;
                tokio::time::sleep(lasts).await;
                stage.nodes[n].lock().start();
            }
            Fault::SlowReaders(every) => {
                let count = self.audience.stall(every, lasts);
                self.findings.say(&format!("{count} viewers stop reading"));
                tokio::time::sleep(lasts).await;
            }
            Fault::Movers(every) => {
                let count = self.audience.move_some(every, NODES);
                self.findings.say(&format!("{count} viewers move"));
                tokio::time::sleep(lasts).await;
            }
            Fault::Garbage(n) => self.garbage(n, lasts).await,
        }
    }

    async fn traffic(&self, node: usize, traffic: Traffic, strike: &Strike, step: &Step) {
        self.stage.proxies[node].set(traffic);
        self.hold(strike, step).await;
        self.stage.proxies[node].set(Traffic::Flows);
    }

    /// Waits as long as the fault lasts. When that is long, nodes without their store and their viewers must know of it.
    async fn hold(&self, strike: &Strike, step: &Step) {
        if strike.lasts < MUST_KNOW_AFTER {
            tokio::time::sleep(strike.lasts).await;
            return;
        }
        let began = Instant::now();
        tokio::time::sleep(MUST_KNOW_AFTER).await;
        let taken_away = |node| step.strikes.iter().any(|strike| strike.fault.takes_away(node));
        let parted = |node| strike.fault.parts_from_store(node) && !taken_away(node);
        self.check_honesty(parted).await;
        tokio::time::sleep(strike.lasts.saturating_sub(began.elapsed())).await;
    }

    async fn check_honesty(&self, parted: impl Fn(usize) -> bool) {
        let began = Instant::now();
        if !(0..NODES).any(&parted) {
            return;
        }
        loop {
            let health = self.stage.health().await;
            let lie = |n: &usize| parted(*n) && health[*n].is_some_and(|health| health.ready);
            let mut liars: Vec<String> =
                (0..NODES).filter(lie).map(|n| format!("node {} says that it is ready", n + 1)).collect();
            liars.extend(
                self.audience.unaware(&parted).into_iter().map(|name| format!("{name} was not told of staleness")),
            );
            let Some(first) = liars.first() else {
                self.findings.checked(Invariant::Honest, 1 + self.audience.on(&parted));
                return;
            };
            if began.elapsed() > LAST_CHANCE.mul_f64(self.yardstick.slowdown(began)) {
                let what =
                    format!("the store is out of reach for {MUST_KNOW_AFTER:?}, and {first} ({} in all)", liars.len());
                self.findings.report(Invariant::Honest, what);
                return;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn kill_connections(&self, kind: &str, lasts: Duration) {
        let began = Instant::now();
        loop {
            if let Ok(mut connection) = self.stage.redis_client.get_multiplexed_async_connection().await {
                let mut kill = redis::cmd("CLIENT");
                kill.arg("KILL").arg("TYPE").arg(kind);
                // It kills the connection of whoever else asks too; this one is spared.
                let _ = kill.query_async::<u64>(&mut connection).await;
            }
            if began.elapsed() >= lasts {
                return;
            }
            tokio::time::sleep(KILL_EVERY.min(lasts)).await;
        }
    }

    /// Opens connections that send nonsense, half a request, or nothing, and keeps them open meanwhile.
    async fn garbage(&self, node: usize, lasts: Duration) {
        let mut random = StdRng::seed_from_u64(self.seed);
        let address = &self.stage.addresses[node];
        let connections = (0..GARBAGE_CONNECTIONS).map(|_| nonsense(&mut random)).map(|bytes| async move {
            let mut stream = TcpStream::connect(address).await.ok()?;
            let _ = stream.write_all(&bytes).await;
            Some(stream)
        });
        let open = futures_util::future::join_all(connections).await;
        tokio::time::sleep(lasts).await;
        drop(open);
    }
}

fn nonsense(random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..4) {
        0 => Vec::new(),
        1 => b"GET /api/v1/showtimes/show-1/live HTTP/1.1\r\nHost: a\r\nUpgr".to_vec(),
        2 => b"POST /api/v1/showtimes/show-1/seats/lock HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{".to_vec(),
        _ => (0..random.random_range(1..2_000)).map(|_| random.random()).collect(),
    }
}

//! What a run takes place on: a Redis that keeps everything, three nodes that reach it through a proxy each, and showtimes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use seatcast::domain::position::Position;
use serde_json::{Value, json};

use crate::bugs::Bug;
use crate::findings::{Findings, Invariant};
use crate::node::{self, Health, Node};
use crate::plan::NODES;
use crate::support::plan::SeatIds;
use crate::support::proxy::Proxy;
use crate::support::{Api, RedisServer};

/// Seconds that a lock lives, for each showtime. Short ones end all the time; with long ones an early end shows.
const LOCK_SECONDS: [u32; 6] = [2, 2, 3, 4, 900, 900];
/// The plan of all showtimes.
const PLAN: &str = "cinema";
/// How long nodes and showtimes may take to begin with.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// A node that does not answer in this time is passed over. It gives Redis 2 s.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A showtime of the run.
#[derive(Debug)]
pub struct Show {
    pub id: String,
    pub lock: Duration,
}

impl Show {
    /// Whether locks are expected to end by themselves within the run.
    pub fn is_short(&self) -> bool {
        self.lock < Duration::from_secs(60)
    }
}

/// Everything that faults strike.
pub struct Stage {
    /// Held for as long as a process is started or killed, never across an await.
    pub redis: Mutex<RedisServer>,
    pub redis_client: redis::Client,
    /// In the order of the nodes.
    pub proxies: Vec<Proxy>,
    /// Each held for as long as its process is started or killed, never across an await.
    pub nodes: Vec<Mutex<Node>>,
    /// `127.0.0.1:PORT` of each node.
    pub addresses: Arc<[String]>,
    pub shows: Arc<[Show]>,
    pub seats: Arc<SeatIds>,
    pub http: reqwest::Client,
    /// Proxies have a thread of their own: they must not be slow because others are busy.
    network: Option<tokio::runtime::Runtime>,
}

impl Stage {
    /// Starts everything, creates the showtimes, and waits until all nodes are ready.
    pub async fn set(folder: &Path, bug: Option<Bug>) -> Self {
        let redis = RedisServer::durable();
        let network = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let network = network.expect("a thread for the proxies");
        let mut proxies = Vec::new();
        for _ in 0..NODES {
            let target = format!("127.0.0.1:{}", redis.port());
            proxies.push(network.spawn(Proxy::start(target)).await.expect("a proxy starts"));
        }
        let node = |(n, proxy): (usize, &Proxy)| {
            let log = folder.join(format!("node-{}.log", n + 1));
            Node::new(n + 1, format!("redis://{}", proxy.address), log, bug)
        };
        let mut nodes: Vec<Node> = proxies.iter().enumerate().map(node).collect();
        nodes.iter_mut().for_each(Node::start);
        let show = |(n, seconds): (usize, &u32)| Show {
            id: format!("show-{}", n + 1),
            lock: Duration::from_secs(u64::from(*seconds)),
        };
        let stage = Self {
            redis_client: redis.client(),
            redis: Mutex::new(redis),
            proxies,
            addresses: nodes.iter().map(|node| node.address.clone()).collect(),
            nodes: nodes.into_iter().map(Mutex::new).collect(),
            shows: LOCK_SECONDS.iter().enumerate().map(show).collect(),
            seats: SeatIds::shipped(PLAN),
            // Packing and unpacking would be most of what the machine does, and is not what is tried here.
            http: reqwest::Client::builder().gzip(false).build().expect("a client"),
            network: Some(network),
        };
        assert!(stage.all_ready(START_PATIENCE).await, "the nodes are not ready after {START_PATIENCE:?}");
        stage.create_shows().await;
        stage
    }

    async fn create_shows(&self) {
        let api = Api::new(format!("http://{}", self.addresses[0]));
        for (show, seconds) in self.shows.iter().zip(LOCK_SECONDS) {
            let body = json!({
                "title": "Chaos", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": PLAN,
                "lockSeconds": seconds,
            });
            api.put_showtime(&show.id, &body).await.expect(201);
        }
    }

    /// How each node does; `None` for one that does not answer.
    pub async fn health(&self) -> Vec<Option<Health>> {
        let asked = self.addresses.iter().map(|address| node::health(&self.http, address));
        futures_util::future::join_all(asked).await
    }

    /// Waits until all nodes are ready. `false` when they are not in time.
    pub async fn all_ready(&self, patience: Duration) -> bool {
        let ready = async {
            while !self.health().await.iter().all(|health| health.is_some_and(|health| health.ready)) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(patience, ready).await.is_ok()
    }

    /// Has any node carry out a change, by PUT. The position right after it, or what all of them said.
    pub async fn change_anywhere(&self, path: &str, body: &Value) -> Result<Position, String> {
        let mut said = Vec::new();
        for address in &*self.addresses {
            let request = self.http.put(format!("http://{address}{path}")).json(body).timeout(CHANGE_TIMEOUT);
            match request.send().await {
                Ok(answer) if answer.status() == 200 => {
                    let body: Value = answer.json().await.map_err(|error| error.to_string())?;
                    let position = body["position"].as_str().and_then(|text| text.parse().ok());
                    return position.ok_or_else(|| format!("an answer without a position: {body}"));
                }
                Ok(answer) => said.push(answer.status().to_string()),
                Err(error) => said.push(error.to_string()),
            }
        }
        Err(said.join(", "))
    }

    /// Memory of each node in KiB.
    pub fn memory(&self) -> Vec<u64> {
        self.nodes.iter().map(|node| node.lock().memory().unwrap_or(0)).collect()
    }

    /// Tells a node to stop, and waits until it has.
    pub async fn drain(&self, n: usize, patience: Duration, findings: &Findings) {
        self.nodes[n].lock().terminate();
        let ended = async {
            loop {
                if let Some(code) = self.nodes[n].lock().ended() {
                    return code;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        findings.checked(Invariant::Returning, 1);
        match tokio::time::timeout(patience, ended).await {
            Ok(0) => {}
            Ok(code) => findings.report(Invariant::Returning, format!("node {} stopped with the code {code}", n + 1)),
            Err(_) => {
                findings.report(Invariant::Returning, format!("node {} still runs {patience:?} after SIGTERM", n + 1));
                self.nodes[n].lock().kill();
            }
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A runtime may not be waited for within another.
        if let Some(network) = self.network.take() {
            network.shutdown_background();
        }
    }
}

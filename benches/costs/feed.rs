//! What a change costs Redis and the nodes that hear of it: 1 to 16 servers on one Redis, each a process, that have the room
//! open, or have it not and hear of the change's key events only.
//!
//! One user at the first node locks and unlocks, change by change; and then 32 users do, where Redis writes to each node what
//! several changes have to tell in one go.

use std::time::{Duration, Instant};

use super::Figure;
use super::fit::{Line, line};
use super::support::cpu_time::cpu_time;
use super::support::http_connection::request;
use super::support::plan::SeatIds;
use super::support::{HttpConnection, RedisServer, Scale, ServerProcess, Table, eventually};

const SHOW: &str = "feed";
const PLAN: &str = "theatre";

/// Nodes on one Redis.
struct Stage {
    redis: RedisServer,
    redis_process: u32,
    nodes: Vec<ServerProcess>,
}

/// CPU time in µs for one change.
#[derive(Clone, Copy, Debug)]
struct Cost {
    redis: f64,
    /// Of the node that was asked.
    asked: f64,
    /// Of each of the others.
    other: f64,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let mut stage = Stage::new().await;
    let (mut foreign, mut watching) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for nodes in scale.pick(&[1, 2, 4, 8, 16][..], &[1, 2]) {
        stage.grow(*nodes).await;
        // The first node's room is open already; those of the others are not, and then are.
        for costs in [&mut foreign, &mut watching] {
            for (users, costs) in [1, scale.pick(32, 2)].into_iter().zip(costs.iter_mut()) {
                costs.push((*nodes, stage.change(users, scale.pick(2_000, 10)).await));
            }
            stage.open_rooms().await;
        }
        stage.close_rooms().await;
    }
    print(&foreign, &watching);
    figures(&foreign, &watching)
}

fn figures(foreign: &[Vec<(u32, Cost)>; 2], watching: &[Vec<(u32, Cost)>; 2]) -> Vec<Figure> {
    let redis = |costs: &[(u32, Cost)]| -> Line {
        line(&costs.iter().map(|(nodes, cost)| (f64::from(*nodes - 1), cost.redis)).collect::<Vec<_>>())
    };
    // With 16 nodes the figures of the others are means of the most.
    let other = |costs: &[(u32, Cost)]| costs.last().expect("there are figures").1.other;
    let (alone, listening) = (redis(&watching[1]), redis(&foreign[1]));
    let asked = foreign[1][0].1.asked;
    vec![
        // The first node hears the change too.
        Figure::new("redis.change", alone.base - alone.each),
        Figure::new("redis.change.idle", redis(&watching[0]).base - redis(&watching[0]).each),
        Figure::new("redis.watching", alone.each),
        Figure::new("redis.watching.idle", redis(&watching[0]).each),
        Figure::new("redis.foreign", listening.each),
        Figure::new("redis.foreign.idle", redis(&foreign[0]).each),
        Figure::new("node.watching", other(&watching[1])),
        Figure::new("node.foreign", other(&foreign[1])),
        Figure::new("node.change", asked - other(&watching[1])),
    ]
}

impl Stage {
    async fn new() -> Self {
        let redis = RedisServer::start();
        let facts: redis::InfoDict = redis.command(&["INFO", "server"]).await;
        let redis_process = facts.get("process_id").expect("a process");
        let mut stage = Self { redis, redis_process, nodes: Vec::new() };
        stage.grow(1).await;
        stage.nodes[0].api.create(SHOW, PLAN, 900).await;
        stage.nodes[0].api.status(SHOW).await.expect(200);
        stage
    }

    async fn grow(&mut self, nodes: u32) {
        while self.nodes.len() < nodes as usize {
            // One poll opens a room, which stays.
            let node = ServerProcess::begin_with(&self.redis.url(), &[("SEATCAST_ROOM_LINGER_SECONDS", "3600")]);
            node.ready().await;
            self.nodes.push(node);
        }
    }

    async fn open_rooms(&self) {
        for node in &self.nodes {
            node.api.status(SHOW).await.expect(200);
        }
    }

    /// Starts the others anew, without rooms: those that linger would do so for an hour.
    async fn close_rooms(&mut self) {
        for node in &mut self.nodes[1..] {
            node.kill();
        }
        let nodes = self.nodes.len();
        self.nodes.truncate(1);
        self.grow(u32::try_from(nodes).expect("nodes are few")).await;
    }

    /// What one change costs while these many users lock and unlock a seat each at the first node, beyond what idling costs.
    async fn change(&self, users: usize, changes: u32) -> Cost {
        let idle = self.spend(async || tokio::time::sleep(Duration::from_secs(2)).await).await;
        let each = changes as usize / users / 2;
        let busy = self.spend(async || self.lock_and_unlock(users, each).await).await;
        let count = f64::from(u32::try_from(each * users * 2).expect("changes are few"));
        let cost = |busy: f64, idle: f64| (busy - idle).max(0.0) / count;
        let elapsed = busy.elapsed / idle.elapsed;
        Cost {
            redis: cost(busy.redis, idle.redis * elapsed),
            asked: cost(busy.asked, idle.asked * elapsed),
            other: cost(busy.other, idle.other * elapsed),
        }
    }

    async fn spend(&self, work: impl AsyncFnOnce()) -> Spent {
        let (redis, nodes, began) = (self.redis_process, self.nodes.iter().map(ServerProcess::id), Instant::now());
        let processes: Vec<u32> = std::iter::once(redis).chain(nodes).collect();
        let before: Vec<Duration> = processes.iter().map(|process| cpu_time(*process)).collect();
        work().await;
        let used = processes
            .iter()
            .zip(before)
            .map(|(process, before)| cpu_time(*process).saturating_sub(before).as_secs_f64() * 1e6);
        let used: Vec<f64> = used.collect();
        let others = f64::from(u32::try_from(self.nodes.len() - 1).expect("nodes are few")).max(1.0);
        let other = used[2..].iter().sum::<f64>() / others;
        Spent { redis: used[0], asked: used[1], other, elapsed: began.elapsed().as_secs_f64() }
    }

    async fn lock_and_unlock(&self, users: usize, each: usize) {
        let seats = SeatIds::shipped(PLAN);
        let users = (0..users).map(async |user| {
            let mut connection = HttpConnection::open(&self.nodes[0].address).await;
            let body = format!(r#"{{"seats":["{}"],"userId":"user-{user}"}}"#, seats.id(user));
            for _ in 0..each {
                for (method, verb) in [("POST", "lock"), ("DELETE", "unlock")] {
                    let path = format!("/api/v1/showtimes/{SHOW}/seats/{verb}");
                    assert_eq!(connection.ask(&request(method, &path, &[], &body)).await.status, 200);
                }
            }
        });
        futures_util::future::join_all(users).await;
        self.everybody_has_heard().await;
    }

    /// Waits until every node that has the room open shows what the first one shows.
    async fn everybody_has_heard(&self) {
        eventually("every node has heard", async || {
            let mut gone = Vec::new();
            for node in &self.nodes {
                gone.push(node.api.get("/health/ready").await.body["rooms"] == 0);
            }
            let first = self.nodes[0].api.status(SHOW).await.body["position"].clone();
            for (node, closed) in self.nodes.iter().zip(gone) {
                if !closed && node.api.status(SHOW).await.body["position"] != first {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }
}

/// CPU time in µs, within these seconds.
struct Spent {
    redis: f64,
    asked: f64,
    other: f64,
    elapsed: f64,
}

fn print(foreign: &[Vec<(u32, Cost)>; 2], watching: &[Vec<(u32, Cost)>; 2]) {
    let head = ["CPU µs for a change", "nodes", "Redis", "node that was asked", "each other node"];
    let mut table = Table::new(&head);
    for (users, which) in ["one user", "32 users"].iter().zip(0..) {
        for (what, costs) in [("room open at one node", &foreign[which]), ("room open at all", &watching[which])] {
            for (nodes, cost) in costs {
                let figures = [cost.redis, cost.asked, cost.other].map(|micros| format!("{micros:.1}"));
                table.row([vec![format!("{users}, {what}"), nodes.to_string()], figures.to_vec()].concat());
            }
        }
    }
    println!("\nthe feed\n\n{table}");
}

//! What an operator wants to know of Redis: of one server, or of all primaries of a cluster together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use redis::{Cmd, FromRedisValue, InfoDict};

use super::slots::{Endpoint, SLOTS};
use super::wire::Request;
use super::{RedisStore, keyspace};
use crate::store::{StoreError, StoreHealth};

/// What is told of `INFO`.
const FACTS: [&str; 11] = [
    "redis_version",
    "valkey_version",
    "role",
    "uptime_in_seconds",
    "connected_clients",
    "used_memory_human",
    "maxmemory_human",
    "maxmemory_policy",
    "aof_enabled",
    "aof_last_write_status",
    "rdb_last_bgsave_status",
];

/// Settings that are told too. Where `CONFIG` is not permitted they are missing, and nothing else.
const SETTINGS: [(&str, &str); 2] =
    [("notify-keyspace-events", "notify_keyspace_events"), ("appendfsync", "appendfsync")];

type Facts = BTreeMap<&'static str, String>;

impl RedisStore {
    pub(super) async fn ask_health(&self) -> Result<StoreHealth, StoreError> {
        let layout = self.link.layout().borrow().clone();
        let servers = layout.primaries();
        let asked: Vec<_> = servers.iter().map(|server| self.ask_server(server)).collect();
        let mut answers = servers.iter().zip(join_all(asked).await);
        if !self.keys.are_in_a_cluster() {
            let (_, answer) = answers.next().expect("there is one server");
            let (latency, facts) = answer?;
            let warnings = warnings(&facts);
            return Ok(StoreHealth { kind: "redis", latency, facts, warnings });
        }
        let mut together = Together::default();
        for (server, answer) in answers {
            together.add(server, answer);
        }
        together.finish(layout.covered())
    }

    async fn ask_server(&self, server: &Endpoint) -> Result<(Duration, Facts), StoreError> {
        let sent = Instant::now();
        let _: String = self.ask(server, &redis::cmd("PING")).await?;
        let latency = sent.elapsed();
        let info: InfoDict = self.ask(server, &redis::cmd("INFO")).await?;
        let mut facts: Facts = FACTS.iter().filter_map(|name| Some((*name, info.get::<String>(name)?))).collect();
        for (setting, fact) in SETTINGS {
            let value: Result<(String, String), _> =
                self.ask(server, redis::cmd("CONFIG").arg("GET").arg(setting)).await;
            if let Ok((_, value)) = value {
                facts.insert(fact, value);
            }
        }
        if self.keys.are_in_a_cluster() {
            let info: InfoDict = self.ask(server, redis::cmd("CLUSTER").arg("INFO")).await?;
            facts.extend(info.get::<String>("cluster_state").map(|state| ("cluster_state", state)));
        }
        Ok((latency, facts))
    }

    async fn ask<T: FromRedisValue>(&self, server: &Endpoint, command: &Cmd) -> Result<T, StoreError> {
        self.link.at(server, Request::Command(command)).await
    }
}

/// What several servers said.
#[derive(Default)]
struct Together {
    latency: Duration,
    servers: usize,
    facts: BTreeMap<&'static str, Vec<(String, String)>>,
    warnings: Vec<String>,
    failed: Option<StoreError>,
}

impl Together {
    fn add(&mut self, server: &Endpoint, answer: Result<(Duration, Facts), StoreError>) {
        self.servers += 1;
        match answer {
            Ok((latency, facts)) => {
                self.latency = self.latency.max(latency);
                self.warnings.extend(warnings(&facts).into_iter().map(|warning| format!("{server}: {warning}")));
                for (name, value) in facts {
                    self.facts.entry(name).or_default().push((server.to_string(), value));
                }
            }
            Err(error) => {
                self.warnings.push(format!("{server} does not answer: {error}"));
                self.failed = Some(error);
            }
        }
    }

    fn finish(mut self, covered: usize) -> Result<StoreHealth, StoreError> {
        let states = self.facts.remove("cluster_state").unwrap_or_default();
        if states.is_empty() {
            let unknown = || StoreError::Unavailable("no server of the cluster answers".into());
            return Err(self.failed.unwrap_or_else(unknown));
        }
        if let Some((server, state)) = states.iter().find(|(_, state)| state != "ok") {
            return Err(StoreError::Unavailable(format!("{server} says that the state of the cluster is {state}")));
        }
        if covered < SLOTS {
            self.warnings.push(format!("{} slots have no server: their showtimes are out of reach", SLOTS - covered));
        }
        let mut facts: Facts = self.facts.into_iter().map(|(name, values)| (name, told(values))).collect();
        facts.insert("cluster_state", "ok".into());
        facts.insert("cluster_primaries", self.servers.to_string());
        facts.insert("cluster_slots", format!("{covered} of {SLOTS}"));
        Ok(StoreHealth { kind: "redis cluster", latency: self.latency, facts, warnings: self.warnings })
    }
}

/// A value that all servers share, or each server's own.
fn told(values: Vec<(String, String)>) -> String {
    let distinct: BTreeSet<&String> = values.iter().map(|(_, value)| value).collect();
    if distinct.len() == 1 {
        return values.into_iter().next().map(|(_, value)| value).unwrap_or_default();
    }
    values.into_iter().map(|(server, value)| format!("{server} {value}")).collect::<Vec<_>>().join(", ")
}

fn warnings(facts: &Facts) -> Vec<String> {
    let is = |name: &str, value: &str| facts.get(name).is_some_and(|fact| fact == value);
    let mut warnings = Vec::new();
    if facts.contains_key("maxmemory_policy") && !is("maxmemory_policy", "noeviction") {
        warnings
            .push("maxmemory-policy is not noeviction: Redis may drop locks and bookings; set it to noeviction".into());
    }
    if is("aof_enabled", "0") {
        warnings.push("appendonly is off: a crash of Redis loses bookings; set appendonly yes".into());
    } else if facts.contains_key("appendfsync") && !is("appendfsync", "always") {
        warnings.push("appendfsync is not always: a power cut loses the last second; set appendfsync always".into());
    }
    if let Some(missing) = facts.get("notify_keyspace_events").and_then(|flags| keyspace::missing(flags)) {
        warnings.push(format!("notify-keyspace-events lacks {missing}: other programs' locks show late; add it"));
    }
    warnings
}

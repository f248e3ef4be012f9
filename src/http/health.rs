//! Health for machines that restart, route traffic, or wake somebody.

use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::api::problem::Problem;
use crate::context::Context;

/// A feed whose last probe is older than this carries nothing that can be trusted. Probes go out every 2 s.
const OLDEST_PROBE: Duration = Duration::from_secs(6);

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "status": "ok" }))
}

/// Whether traffic should come here, with each check by name.
pub async fn ready(context: web::Data<Context>) -> HttpResponse {
    let feed = context.store.feed_health();
    let store = context.store.health().await;
    let feed_ok = feed.connected && feed.probe_age.is_some_and(|age| age < OLDEST_PROBE);
    let draining = context.draining.is_announced();
    let ready = store.is_ok() && feed_ok && !draining;
    let body = json!({
        "status": if ready { "ready" } else { "not ready" },
        "checks": {
            "store": { "ok": store.is_ok(), "error": store.as_ref().err().map(ToString::to_string) },
            "feed": { "ok": feed_ok, "probeAgeMs": feed.probe_age.map(millis), "gaps": context.hub.gaps() },
            "draining": { "ok": !draining },
        },
        "rooms": context.hub.room_count(),
        "connections": context.connections.count(),
    });
    answer(ready, body)
}

/// How the store does, for people.
pub async fn store(context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    Ok(match context.store.health().await {
        Ok(health) => answer(
            true,
            json!({
                "status": if health.warnings.is_empty() { "ok" } else { "warning" },
                "store": health.kind,
                "latencyMs": health.latency.as_secs_f64() * 1_000.0,
                "warnings": health.warnings,
                "facts": health.facts,
            }),
        ),
        Err(error) => answer(false, json!({ "status": "out of reach", "error": error.to_string() })),
    })
}

fn answer(ok: bool, body: serde_json::Value) -> HttpResponse {
    let mut response = if ok { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header((CACHE_CONTROL, "no-store")).json(body)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

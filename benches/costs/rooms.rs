//! What an open room costs while nothing happens in it: memory, and the CPU time of comparing it with the store again and again.

use std::time::{Duration, Instant};

use super::Figure;
use super::support::cpu_time::{cpu_time, resident};
use super::support::{RedisServer, Scale, ServerProcess, Table};

const PLAN: &str = "theatre";

/// A server at rest.
struct Rest {
    memory: u64,
    /// CPU seconds in a second.
    server: f64,
    redis: f64,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let rooms: u32 = scale.pick(2_000, 5);
    let redis = RedisServer::start();
    let facts: redis::InfoDict = redis.command(&["INFO", "server"]).await;
    let redis_process: u32 = facts.get("process_id").expect("a process");
    // One poll opens a room, which stays.
    let server = ServerProcess::begin_with(&redis.url(), &[("SEATCAST_ROOM_LINGER_SECONDS", "3600")]);
    server.ready().await;
    for room in 0..rooms {
        server.api.create(&format!("room-{room}"), PLAN, 900).await;
    }
    let lasts = scale.pick(Duration::from_secs(20), Duration::from_millis(100));
    let before = rest(&server, redis_process, lasts).await;
    for room in 0..rooms {
        server.api.status(&format!("room-{room}")).await.expect(200);
    }
    let after = rest(&server, redis_process, lasts).await;
    let count = f64::from(rooms);
    let memory = (after.memory.saturating_sub(before.memory)) / 1_024;
    let memory = f64::from(u32::try_from(memory).expect("less than 4 TiB")) / count;
    let base = f64::from(u32::try_from(before.memory / 1_024).expect("less than 4 TiB")) / 1_024.0;
    let [server, redis] = [after.server - before.server, after.redis - before.redis].map(|more| more * 1e6 / count);
    let mut table = Table::new(&["open rooms", "KiB each", "server µs/s each", "Redis µs/s each"]);
    table.row([rooms.to_string(), format!("{memory:.1}"), format!("{server:.1}"), format!("{redis:.1}")]);
    println!("\nrooms\n\n{table}");
    vec![
        Figure::new("memory.base", base),
        Figure::new("memory.room", memory),
        Figure::new("room.idle", server.max(0.0)),
        Figure::new("redis.room", redis.max(0.0)),
    ]
}

async fn rest(server: &ServerProcess, redis: u32, lasts: Duration) -> Rest {
    let (began, before) = (Instant::now(), [cpu_time(server.id()), cpu_time(redis)]);
    tokio::time::sleep(lasts).await;
    let used = [cpu_time(server.id()).saturating_sub(before[0]), cpu_time(redis).saturating_sub(before[1])];
    let [server_used, redis_used] = used.map(|used| used.as_secs_f64() / began.elapsed().as_secs_f64());
    Rest { memory: resident(server.id()), server: server_used, redis: redis_used }
}

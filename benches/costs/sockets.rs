//! What an idle viewer costs: in the server's memory, in the kernel's, and in CPU time for heartbeats.
//!
//! The kernel's memory is that of the objects behind a socket, from `/proc/slabinfo` (root only), divided by the sockets that came
//! with them. The clients' sockets are on the same machine and are the same, so what others open meanwhile changes nothing.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};

use super::Figure;
use super::support::cpu_time::{cpu_time, resident};
use super::support::{FrameReader, RedisServer, Scale, ServerProcess, Table};

const SHOW: &str = "idle";
const PLAN: &str = "theatre";
/// What stands behind an open TCP socket that somebody waits for.
const OBJECTS: [&str; 8] =
    ["TCP", "TCPv6", "sock_inode_cache", "filp", "dentry", "eventpoll_epi", "eventpoll_pwq", "skbuff_small_head"];

/// What the machine and the server hold.
struct Held {
    server: u64,
    kernel: Option<u64>,
    sockets: u64,
    buffers: u64,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let redis = RedisServer::start();
    let server = ServerProcess::start(&redis.url()).await;
    server.api.create(SHOW, PLAN, 900).await;
    // The first ones pay for the room, and for what the allocator takes at once.
    let mut tasks = join(&server, scale.pick(1_000, 5)).await;
    let before = held(&server);
    let viewers = scale.pick(5_000, 20);
    tasks.extend(join(&server, viewers).await);
    let after = held(&server);
    let idle = idle(&server, tasks.len(), scale.pick(Duration::from_secs(60), Duration::from_millis(100))).await;
    for task in tasks {
        task.abort();
    }
    let each = |before: u64, after: u64, count: u64| {
        let kibibytes = after.saturating_sub(before) / 1_024;
        float(kibibytes) / float(count.max(1))
    };
    let sockets = after.sockets.saturating_sub(before.sockets);
    let resident = each(before.server, after.server, viewers as u64);
    let kernel = before.kernel.zip(after.kernel).map(|(before, after)| each(before, after, sockets));
    let mut table = Table::new(&["idle viewers", "server KiB each", "kernel KiB each", "buffers KiB", "CPU µs/s each"]);
    let kernel_text = kernel.map_or_else(|| "unknown: only root may read it".into(), |kernel| format!("{kernel:.2}"));
    let buffers = after.buffers.saturating_sub(before.buffers) / 1_024;
    table.row([viewers.to_string(), format!("{resident:.2}"), kernel_text, buffers.to_string(), format!("{idle:.2}")]);
    println!("\nsockets\n\n{table}");
    let mut figures = vec![Figure::new("memory.viewer", resident), Figure::new("viewer.idle", idle)];
    figures.extend(kernel.map(|kernel| Figure::new("memory.kernel", kernel)));
    figures
}

async fn join(server: &ServerProcess, viewers: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let joining = (0..viewers).map(async |_| FrameReader::join(&server.address, SHOW, None).await.0);
    stream::iter(joining).buffer_unordered(100).map(|viewer| tokio::spawn(viewer.stay())).collect().await
}

/// CPU time in µs that one viewer costs in a second in which nothing happens. Longer than two heartbeats.
async fn idle(server: &ServerProcess, viewers: usize, lasts: Duration) -> f64 {
    let (began, before) = (Instant::now(), cpu_time(server.id()));
    tokio::time::sleep(lasts).await;
    let used = cpu_time(server.id()).saturating_sub(before).as_secs_f64() / began.elapsed().as_secs_f64();
    used * 1e6 / float(viewers as u64)
}

fn held(server: &ServerProcess) -> Held {
    let statistics = std::fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let number = |after: &str| {
        let line = statistics.lines().find(|line| line.starts_with("TCP:"))?;
        let mut words = line.split_whitespace().skip_while(|word| *word != after);
        words.nth(1)?.parse::<u64>().ok()
    };
    Held {
        server: resident(server.id()),
        kernel: std::fs::read_to_string("/proc/slabinfo").ok().map(|text| objects(&text)),
        sockets: number("inuse").unwrap_or(0),
        buffers: number("mem").unwrap_or(0) * 4_096,
    }
}

/// The bytes of the objects in use that stand behind sockets.
fn objects(slabs: &str) -> u64 {
    let bytes = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next().filter(|name| OBJECTS.contains(name))?;
        let active: u64 = words.next()?.parse().ok()?;
        let size: u64 = words.nth(1)?.parse().ok()?;
        let _ = name;
        Some(active * size)
    };
    slabs.lines().filter_map(bytes).sum()
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).expect("a count is small"))
}

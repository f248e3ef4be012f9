//! What viewers, rooms, nodes and changes cost, for planning: `cargo bench --bench costs`, a part by its name (`-- feed`), and
//! `-- --write` to note the figures in `benches/scaling/costs.tsv`, which the simulation in `benches/scaling` reads.
//!
//! Everything is real: Redis, nginx, up to 16 servers as processes, up to 5,000 sockets. What is measured is CPU time, which the
//! scheduler counts for each process, memory, and bytes; no figure is a duration. So others at work on the machine disturb little,
//! but caches that are shared with them make everything somewhat dearer.

mod deliver;
mod feed;
mod fit;
mod rooms;
mod sockets;
mod tls;
mod wire;

#[allow(dead_code, reason = "the simulation uses another part")]
#[path = "../scaling/costs.rs"]
mod costs;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::Path;

use self::costs::Costs;
use self::support::{Scale, Table};

/// One cost, as it was measured now.
pub struct Figure {
    name: &'static str,
    value: f64,
}

impl Figure {
    pub fn new(name: &'static str, value: f64) -> Self {
        Self { name, value }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let (flags, parts): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    let scale = Scale::wanted();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| *named == part);
    let mut figures = Vec::new();
    if wanted("wire") {
        figures.extend(wire::measure(scale).await);
    }
    if wanted("deliver") {
        figures.extend(deliver::measure(scale).await);
    }
    if wanted("feed") {
        figures.extend(feed::measure(scale).await);
    }
    if wanted("rooms") {
        figures.extend(rooms::measure(scale).await);
    }
    if wanted("sockets") {
        figures.extend(sockets::measure(scale).await);
    }
    if wanted("tls") {
        figures.extend(tls::measure(scale).await);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scaling/costs.tsv");
    let mut costs = Costs::read(&path);
    let mut table = Table::new(&["cost", "value", "unit"]);
    for Figure { name, value } in figures {
        let cost = costs.measured(name, value);
        table.row([name.to_owned(), cost.text(), cost.unit.clone()]);
    }
    println!("\n{table}");
    if flags.iter().any(|flag| *flag == "--write") && scale == Scale::Full {
        costs.write(&path);
    }
}

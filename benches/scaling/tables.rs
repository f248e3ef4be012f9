//! The tables of `docs/scaling.md`.

use super::costs::Costs;
use super::load::{Load, Setup};
use super::observed::Observed;
use super::outcome::Outcome;
use super::plans::{ANSWER, Case, JOIN, LAST_SCREEN, MEGABITS, Plan, REDIS, VIEWERS_PER_NODE, cases, plan};
use super::simulation::simulate;
use crate::support::Table;

/// A line of the table of plans: what it is, and how a plan's figure reads.
type Line = (&'static str, fn(&Plan, &Load) -> String);

/// Every table by its name.
pub fn tables(costs: &Costs, observed: &[Observed]) -> Vec<(&'static str, String)> {
    let tables = [
        ("costs", table_of(costs)),
        ("viewers", viewers(costs)),
        ("rate", rate(costs)),
        ("rooms", rooms(costs)),
        ("nodes", nodes(costs)),
        ("window", window(costs)),
        ("redis", redis(costs)),
        ("polls", polls(costs)),
        ("memory", memory(costs)),
        ("loads", loads()),
        ("promises", promises()),
        ("plans", plans(costs)),
        ("observed", compare(costs, observed)),
    ];
    tables.into_iter().map(|(name, table)| (name, table.to_string())).collect()
}

fn table_of(costs: &Costs) -> Table {
    let mut table = Table::new(&["what", "cost", "name", "how it is known", "from"]);
    for cost in costs.all() {
        let (value, source) = (format!("{} {}", cost.text(), cost.unit), &cost.source);
        let source = if source.starts_with("cargo") { format!("`{source}`") } else { source.clone() };
        table.row([cost.meaning.clone(), value, format!("`{}`", cost.name), cost.state.clone(), source]);
    }
    table
}

fn viewers(costs: &Costs) -> Table {
    let head = [
        "viewers of one room",
        "changes a second",
        "cores busy",
        "changes in a frame",
        "last screen p50 ms",
        "p99",
        "max",
    ];
    let mut table = Table::new(&head);
    for viewers in [1_000, 5_000, 10_000, 20_000, 50_000] {
        let outcome = steady(costs, viewers, 20);
        table.row([thousands(viewers), "20".into()].into_iter().chain(load_and_latency(&outcome)));
    }
    table
}

fn rate(costs: &Costs) -> Table {
    let head = ["changes a second", "cores busy", "changes in a frame", "last screen p50 ms", "p99", "max", "Mbit/s"];
    let mut table = Table::new(&head);
    for changes in [1, 10, 50, 100, 400, 1_000] {
        let outcome = steady(costs, 20_000, changes);
        let cells = load_and_latency(&outcome).into_iter().chain([format!("{:.0}", outcome.megabits)]);
        table.row([thousands(changes)].into_iter().chain(cells));
    }
    table
}

fn rooms(costs: &Costs) -> Table {
    let head = ["rooms", "viewers of each", "cores busy", "changes in a frame", "last screen p50 ms", "p99", "max"];
    let mut table = Table::new(&head);
    for rooms in [1, 20, 200, 2_000] {
        let load = Load { rooms, ..Load::steady(20_000, 100) };
        let outcome = simulate(costs, load, Setup::of(1, costs.get("merge.window")));
        table.row([thousands(rooms), thousands(20_000 / rooms)].into_iter().chain(load_and_latency(&outcome)));
    }
    table
}

fn nodes(costs: &Costs) -> Table {
    let head = ["nodes", "cores busy", "changes in a frame", "last screen p50 ms", "p99", "max", "Redis"];
    let mut table = Table::new(&head);
    for nodes in [2, 4, 8, 16, 32] {
        let outcome = simulate(costs, Load::steady(100_000, 250), Setup::of(nodes, costs.get("merge.window")));
        let cells = load_and_latency(&outcome).into_iter().chain([percent(outcome.redis)]);
        table.row([nodes.to_string()].into_iter().chain(cells));
    }
    table
}

fn window(costs: &Costs) -> Table {
    let head = ["window ms", "cores busy", "changes in a frame", "last screen p50 ms", "p99", "max", "cores for TLS"];
    let mut table = Table::new(&head);
    for window in [0.0, 20.0, 50.0, 100.0, 250.0] {
        let outcome = simulate(costs, Load::steady(20_000, 250), Setup::of(1, window));
        let cells = load_and_latency(&outcome).into_iter().chain([format!("{:.1}", outcome.proxy)]);
        table.row([format!("{window:.0}")].into_iter().chain(cells));
    }
    table
}

/// How many changes a second keep one Redis as busy as it may be.
fn redis(costs: &Costs) -> Table {
    let head = [
        "nodes",
        "changes a second, rooms open at all nodes",
        "at 2 nodes each",
        "at 2 nodes, without key events",
        "rooms at all nodes whose comparison takes 10 %",
    ];
    let mut table = Table::new(&head);
    for nodes in [1, 2, 4, 8, 16, 32, 64, 128] {
        let rate = |open: u32, foreign: f64| {
            let open = open.min(nodes);
            let told = f64::from(open) * costs.get("redis.watching") + f64::from(nodes - open) * foreign;
            format!("{:.0}", REDIS * 1e6 / (costs.get("redis.change") + told))
        };
        let foreign = costs.get("redis.foreign");
        let compared = format!("{:.0}", 0.1e6 / costs.get("redis.room") / f64::from(nodes));
        table.row([nodes.to_string(), rate(nodes, foreign), rate(2, foreign), rate(2, 0.0), compared]);
    }
    table
}

/// What a node does for those who poll, of a showtime with 1,000 seats that changes all the time.
fn polls(costs: &Costs) -> Table {
    let mut table = Table::new(&["pollers at a node", "cores busy", "Mbit/s"]);
    for pollers in [1_000, 10_000, 50_000] {
        let load = Load { pollers, viewers: 1, changes: 1, ..Load::steady(1, 1) };
        let outcome = simulate(costs, load, Setup::of(1, 0.0));
        table.row([thousands(pollers), percent(outcome.node[0]), format!("{:.0}", outcome.megabits)]);
    }
    table
}

fn memory(costs: &Costs) -> Table {
    let head = ["viewers at a node", "Seatcast MiB", "kernel MiB", "nginx with TLS MiB", "kernel for nginx MiB"];
    let mut table = Table::new(&head);
    for viewers in [1_000, 10_000, 20_000, 50_000] {
        let mebibytes = |kib: f64| format!("{:.0}", f64::from(viewers) * kib / 1_024.0);
        let kernel = costs.get("memory.kernel");
        let server = costs.get("memory.base") + f64::from(viewers) * costs.get("memory.viewer") / 1_024.0;
        let nginx = mebibytes(costs.get("proxy.memory"));
        // A proxy has two sockets for each viewer.
        table.row([thousands(viewers), format!("{server:.0}"), mebibytes(kernel), nginx, mebibytes(2.0 * kernel)]);
    }
    table
}

fn loads() -> Table {
    let head =
        ["load", "rooms", "viewers", "pollers", "seats of each", "changes a second", "refused a second", "come within"];
    let mut table = Table::new(&head);
    for Case { name, load, .. } in cases() {
        let come = format!("{:.0} % in {} s", load.newcomers * 100.0, load.coming);
        let counts = [load.rooms, load.viewers, load.pollers, load.seats, load.changes, load.refused].map(thousands);
        table.row([name.to_owned()].into_iter().chain(counts).chain([come]));
    }
    table
}

/// What a plan must hold.
fn promises() -> Table {
    let mut table = Table::new(&["what must hold", "at most"]);
    let milliseconds = |limit: f64| format!("{limit:.0} ms");
    table.row(["from asking for a change to the last screen, 99 of 100".into(), milliseconds(LAST_SCREEN)]);
    table.row(["an answer to a lock, 99 of 100".into(), milliseconds(ANSWER)]);
    table.row(["from coming to having the map, 99 of 100".into(), milliseconds(JOIN)]);
    table.row(["the busiest Redis, of its core".into(), percent(REDIS)]);
    table.row(["what leaves a node".into(), format!("{MEGABITS:.0} Mbit/s")]);
    table.row(["viewers at a node: when it fails they all come to the others".into(), thousands(VIEWERS_PER_NODE)]);
    table
}

fn plans(costs: &Costs) -> Table {
    let planned: Vec<_> = cases().iter().map(|case| (case.name, plan(costs, case), case.load)).collect();
    let mut head = vec![""];
    head.extend(planned.iter().map(|(name, ..)| *name));
    let mut table = Table::new(&head);
    let lines: [Line; 16] = [
        ("nodes that carry it", |plan, _| plan.setup.nodes.to_string()),
        ("nodes to have", |plan, _| (plan.setup.nodes + 1).to_string()),
        ("what decides", |plan, _| plan.decided_by.to_owned()),
        ("viewers at a node", |plan, load| thousands(load.viewers / plan.setup.nodes)),
        ("cores of a node busy, mean", |plan, _| percent(plan.outcome.node[0])),
        ("in the busiest second", |plan, _| percent(plan.outcome.node[1])),
        ("changes in a frame", |plan, _| format!("{:.1}", plan.outcome.merged)),
        ("lock to last screen, p50 ms", |plan, _| millis(plan.outcome.last_screen.millis(50.0))),
        ("p99", |plan, _| millis(plan.outcome.last_screen.millis(99.0))),
        ("max", |plan, _| millis(plan.outcome.last_screen.millis(100.0))),
        ("to any screen, p50 ms", |plan, _| millis(plan.outcome.screens.millis(50.0))),
        ("answer to a lock, p99 ms", |plan, _| millis(plan.outcome.answers.millis(99.0))),
        ("joining, p99 ms", |plan, _| millis(plan.outcome.joins.millis(99.0))),
        ("busiest Redis, of its core", |plan, _| percent(plan.outcome.redis)),
        ("Mbit/s out of a node, peak", |plan, _| format!("{:.0}", plan.outcome.megabits)),
        ("cores for TLS beside a node, peak", |plan, _| format!("{:.1}", plan.outcome.proxy)),
    ];
    for (what, figure) in lines {
        let cells = planned.iter().map(|(_, plan, load)| figure(plan, load));
        table.row([what.to_owned()].into_iter().chain(cells));
    }
    let memory = planned.iter().map(|(_, plan, load)| {
        let viewers = f64::from(load.viewers / plan.setup.nodes);
        let rooms = f64::from(load.rooms * plan.setup.open_at(load) / plan.setup.nodes);
        let kib =
            viewers * (costs.get("memory.viewer") + costs.get("memory.kernel")) + rooms * costs.get("memory.room");
        format!("{:.0}", costs.get("memory.base") + kib / 1_024.0)
    });
    table.row(["memory of a node with the kernel's, MiB".to_owned()].into_iter().chain(memory));
    let holds =
        planned.iter().map(|(_, plan, _)| if plan.outcome.breaks().is_none() { "yes" } else { "no" }.to_owned());
    table.row(["everything holds".to_owned()].into_iter().chain(holds));
    table
}

/// What a server with one worker did, and what the simulation says that it does.
fn compare(costs: &Costs, observed: &[Observed]) -> Table {
    let head = [
        "viewers",
        "changes a second",
        "CPU µs for a change and viewer",
        "simulated",
        "last screen p50 ms",
        "simulated",
        "p99 ms",
        "simulated",
        "changes in a frame",
        "simulated",
    ];
    let mut table = Table::new(&head);
    for real in observed {
        let setup = Setup { workers: 1, ..Setup::of(1, costs.get("merge.window")) };
        let model = simulate(costs, Load::steady(real.viewers, real.changes), setup);
        let pairs = [
            (
                format!("{:.1}", real.micros),
                format!("{:.1}", model.node[0] * 1e6 / f64::from(real.changes) / f64::from(real.viewers)),
            ),
            (millis(real.last_screen[0]), millis(model.last_screen.millis(50.0))),
            (millis(real.last_screen[1]), millis(model.last_screen.millis(99.0))),
            (format!("{:.1}", real.merged), format!("{:.1}", model.merged)),
        ];
        let cells = pairs.into_iter().flat_map(|(real, model)| [real, model]);
        table.row([thousands(real.viewers), real.changes.to_string()].into_iter().chain(cells));
    }
    table
}

fn steady(costs: &Costs, viewers: u32, changes: u32) -> Outcome {
    simulate(costs, Load::steady(viewers, changes), Setup::of(1, costs.get("merge.window")))
}

fn load_and_latency(outcome: &Outcome) -> [String; 5] {
    let latency = [50.0, 99.0, 100.0].map(|part| millis(outcome.last_screen.millis(part)));
    let [p50, p99, max] = latency;
    [percent(outcome.node[0]), format!("{:.1}", outcome.merged), p50, p99, max]
}

fn millis(millis: f64) -> String {
    if millis < 10.0 { format!("{millis:.1}") } else { format!("{millis:.0}") }
}

fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

/// A count as people read it.
fn thousands(count: u32) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

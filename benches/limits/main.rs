//! How far the server is from what its machine can do: each row puts it beside a reference that does the same work with as little
//! as possible, in one run, in turns. `scripts/bench`, or `cargo bench --bench limits`; `docs/performance.md` says what a row means.
//!
//! The exit code is 1 when a row that was met before (`met.tsv`) is missed by more than the runs differ among themselves.
#![allow(clippy::cast_precision_loss, reason = "figures are rounded for people")]

mod contest;
mod cores;
mod crowd;
mod fan_out;
mod frame;
mod ground;
mod hall;
mod host;
mod idle;
mod joins;
mod limit_loop;
mod lock_script;
mod locks;
mod nginx;
mod pollers;
mod polls;
mod record;
mod score;
mod series;
mod spread;
mod stage;
mod usage;
mod viewer;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::contest::{Contest, Score};
use self::fan_out::{Burst, Single};
use self::ground::Ground;
use self::idle::Idle;
use self::joins::{ArenaRush, Joins};
use self::locks::Locks;
use self::nginx::Files;
use self::polls::Polls;
use self::record::Record;
use self::spread::Spread;
use self::support::Scale;

/// Seatcast beside what its machine can do.
#[derive(Parser)]
#[command(name = "limits", bin_name = "scripts/bench")]
struct Arguments {
    /// Only these rows, or all whose names begin so: a,b
    #[arg(long, value_delimiter = ',')]
    rows: Vec<String>,

    /// How often each side is measured [default: 5]
    #[arg(long)]
    repeats: Option<usize>,

    /// Write the rows that are met to benches/limits/met.tsv
    #[arg(long)]
    record: bool,

    /// Print the rows and their goals, and measure nothing
    #[arg(long)]
    list: bool,

    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,

    #[command(subcommand)]
    part: Option<Part>,
}

/// What this program is besides the bench.
#[derive(Subcommand)]
enum Part {
    /// The reference, on whose side viewers are served
    #[command(hide = true)]
    LimitLoop(limit_loop::Order),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(Part::LimitLoop(order)) = &arguments.part {
        limit_loop::run(order);
    }
    let scale = Scale::wanted();
    let mut contests = contests(scale);
    contests.retain(|contest| contest.rows().iter().any(|row| row.is_named_by(&arguments.rows)));
    if arguments.list {
        for row in contests.iter().flat_map(|contest| contest.rows()) {
            println!("{:<16} {} [{}; {}]", row.name, row.what, row.unit, row.goal);
        }
        return ExitCode::SUCCESS;
    }
    let ground = Ground::new(scale);
    println!("{ground}");
    let mut scores = Vec::new();
    for contest in &mut contests {
        scores.extend(contest::hold(&mut **contest, &ground, arguments.repeats.unwrap_or(scale.pick(5, 1))));
    }
    scores.retain(|score| score.row.is_named_by(&arguments.rows));
    let mut record = Record::read();
    println!("\n{}", score::table(&scores, &record, scale));
    if scale == Scale::Smoke {
        println!("so small that the figures say nothing, but that it works");
        return ExitCode::SUCCESS;
    }
    let lost: Vec<&Score> = scores.iter().filter(|score| score.is_lost(&record)).collect();
    for score in &lost {
        println!("{}: met before, missed now by more than the runs differ", score.row.name);
    }
    let failed = !lost.is_empty();
    if arguments.record {
        record.write(&scores);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What is measured, in the order of the table.
fn contests(scale: Scale) -> Vec<Box<dyn Contest>> {
    let mut contests: Vec<Box<dyn Contest>> = Vec::new();
    for viewers in scale.pick(vec![1_000, 5_000, 19_000], vec![5]) {
        let single = Single::new(viewers, true);
        contests.push(Box::new(Single { rounds: scale.pick(single.rounds, 2), ..single }));
    }
    for viewers in scale.pick(vec![1_000, 5_000], vec![5]) {
        contests.push(Box::new(Burst { viewers, changes: scale.pick(100, 5), rounds: scale.pick(5, 1) }));
    }
    contests.push(Box::new(Idle { few: scale.pick(2_000, 2), many: scale.pick(19_000, 12) }));
    contests.push(Box::new(Joins::new(scale.pick(5_000, 10), scale.pick(64, 4))));
    contests.push(Box::new(ArenaRush::new(scale.pick(5_000, 10), scale.pick(1_000, 4))));
    for files in [Files::LookedUp, Files::HeldOpen] {
        contests.push(Box::new(Polls::new(files, scale.pick(3_000, 2))));
    }
    for (name, rooms, nodes, viewers) in [
        ("two-rooms", 2, 1, scale.pick(5_000, 8)),
        ("two-nodes", 1, 2, scale.pick(5_000, 8)),
        ("many-rooms", scale.pick(1_000, 4), 1, scale.pick(10_000, 8)),
    ] {
        contests.push(Box::new(Spread { name, rooms, nodes, viewers, rounds: scale.pick(24, 1) }));
    }
    for in_flight in scale.pick(vec![50, 200], vec![5]) {
        contests.push(Box::new(Locks { seats: scale.pick(20_000, 100), in_flight }));
    }
    contests
}

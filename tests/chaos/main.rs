//! The chaos run: three nodes, hundreds of viewers over every transport, lockers, and faults one after another, all from a seed.
//! It checks what must hold whatever happens, and it must find bugs that are put in. `scripts/chaos` starts it for people.

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod bugs;
mod faults;
mod findings;
mod history;
mod lockers;
mod node;
mod plan;
mod recorder;
mod report;
mod request;
mod run;
mod stage;
mod viewers;
mod yardstick;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tempfile::TempDir;

use self::bugs::Bug;
use self::findings::Findings;
use self::report::{Outcome, Report};
use self::run::Cast;

/// A run with sound nodes.
const FULL: Cast = Cast { viewers: 500, lockers: 50, bug: None };
/// A run that looks for a bug: small, since it is to be found soon.
const SMALL: Cast = Cast { viewers: 60, lockers: 30, bug: None };
/// How long a run looks for a bug.
const BUG_SECONDS: u64 = 60;
/// How long the run is that is one of the tests.
const TEST_SECONDS: u64 = 60;

/// Faults without end: what must hold holds, or the report says where it does not.
#[derive(Parser)]
#[command(name = "chaos", bin_name = "scripts/chaos")]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Runs for so many seconds; the same seed gives the same plan of faults.
    Run { seconds: u64, seed: Option<u64> },
    /// Runs with a bug in every node, and fails if it is not found within a minute.
    Bug { bug: Bug, seed: Option<u64> },
    /// A minute of faults, then a run for each bug: what the tests do.
    Test,
    /// One node with a bug, on the settings of the environment.
    #[command(hide = true)]
    Node { bug: Bug },
}

fn main() -> ExitCode {
    let outcomes = match Arguments::parse().what.unwrap_or(What::Test) {
        What::Run { seconds, seed } => vec![withstand(seconds, seed)],
        What::Bug { bug, seed } => vec![find(bug, seed)],
        What::Test => {
            let bugs = Bug::ALL.map(|bug| find(bug, None));
            std::iter::once(withstand(TEST_SECONDS, None)).chain(bugs).collect()
        }
        What::Node { bug } => {
            runtime().block_on(bugs::serve(bug));
            return ExitCode::SUCCESS;
        }
    };
    report::count(&outcomes);
    if outcomes.contains(&Outcome::Failed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// A run in which everything must hold.
fn withstand(seconds: u64, seed: Option<u64>) -> Outcome {
    let name = format!("{seconds} s of faults");
    let report = perform(&name, &format!("run {seconds}"), seconds, seed, FULL);
    if report.is_clean() { report.passed() } else { report.failed() }
}

/// A run that must find what is wrong.
fn find(bug: Bug, seed: Option<u64>) -> Outcome {
    let name = format!("the bug {}", bug.name());
    let report = perform(&name, &format!("bug {}", bug.name()), BUG_SECONDS, seed, Cast { bug: Some(bug), ..SMALL });
    report.found(bug)
}

fn perform(name: &str, command: &str, seconds: u64, seed: Option<u64>, cast: Cast) -> Report {
    // Few digits, so that people can copy them.
    let seed = seed.unwrap_or_else(|| rand::random_range(0..1_000_000));
    println!("chaos: {name}, seed {seed}: {} viewers, {} lockers", cast.viewers, cast.lockers);
    let folder = TempDir::with_prefix("seatcast-chaos-").expect("a folder for the logs");
    let findings = Findings::new();
    let summary = runtime().block_on(run::run(seconds, seed, cast, folder.path(), &findings));
    Report { name: name.to_owned(), replay: format!("scripts/chaos {command} {seed}"), findings, summary, folder }
}

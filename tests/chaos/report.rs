//! What a run says at its end: how often each invariant was checked, or what is wrong, when, and how to see it again.

use std::sync::Arc;

use tempfile::TempDir;

use crate::bugs::Bug;
use crate::findings::{Finding, Findings, Invariant};

/// Lines of each node's log that a report shows.
const LOG_LINES: usize = 15;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
}

/// A run that is over.
pub struct Report {
    pub name: String,
    /// The command that does the same again.
    pub replay: String,
    pub findings: Arc<Findings>,
    pub summary: String,
    /// Where the nodes' logs are.
    pub folder: TempDir,
}

impl Report {
    /// Whether nothing is wrong, and everything that is checked in every run was checked. How nodes without their store behave
    /// shows only in outages that last; a short run need not have one.
    pub fn is_clean(&self) -> bool {
        let unchecked =
            |invariant: &&Invariant| **invariant != Invariant::Honest && self.findings.times_checked(**invariant) == 0;
        let forgotten: Vec<_> = Invariant::ALL.iter().filter(unchecked).map(|invariant| invariant.name()).collect();
        if !forgotten.is_empty() && !self.findings.any() {
            println!("never checked: {}", forgotten.join(", "));
        }
        forgotten.is_empty() && !self.findings.any()
    }

    pub fn passed(self) -> Outcome {
        println!("\nchecked:");
        for invariant in Invariant::ALL {
            println!(
                "  {:<12}{:>9} x  {}",
                invariant.name(),
                self.findings.times_checked(invariant),
                invariant.claim()
            );
        }
        println!("{}\n{}: passed\n", self.summary, self.name);
        Outcome::Passed
    }

    pub fn failed(self) -> Outcome {
        println!("\n{}: FAILED\n{}", self.name, self.summary);
        for Finding { invariant, what, at, weather } in self.findings.all() {
            println!("\n{} at {:.1} s, {weather}", invariant.name(), at.as_secs_f64());
            println!("  must hold: {}\n  but: {what}", invariant.claim());
        }
        println!("\nthe same plan again: {}", self.replay);
        let folder = self.folder.keep();
        let mut logs: Vec<_> =
            std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        logs.sort();
        for log in logs {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            println!("--- the end of {}", log.display());
            for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
                println!("{line}");
            }
        }
        println!();
        Outcome::Failed
    }

    /// Passed when what the bug breaks was seen to be broken.
    pub fn found(self, bug: Bug) -> Outcome {
        let found = self.findings.all();
        let Some(finding) = found.iter().find(|finding| finding.invariant == bug.breaks()) else {
            println!("{} was to break the invariant {}, and did not", self.name, bug.breaks().name());
            return self.failed();
        };
        println!("{}: found after {:.1} s\n", self.name, finding.at.as_secs_f64());
        Outcome::Passed
    }
}

/// The line that `scripts/test` counts, as cargo's own tests have it.
pub fn count(outcomes: &[Outcome]) {
    let failed = outcomes.iter().filter(|outcome| **outcome == Outcome::Failed).count();
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {} passed; {failed} failed", outcomes.len() - failed);
}

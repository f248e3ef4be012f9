//! What a real server did under small loads, to hold the simulation against: `observed.tsv`, which `-- --observe` writes.

use std::path::Path;

/// A load, and what a server with one worker made of it.
#[derive(Clone, Copy, Debug)]
pub struct Observed {
    pub viewers: u32,
    pub changes: u32,
    /// CPU time of the server for a change and viewer, in µs.
    pub micros: f64,
    /// From asking to the last screen, in ms: half of all, 99 of 100.
    pub last_screen: [f64; 2],
    /// Changes in a frame.
    pub merged: f64,
}

/// All observations.
pub fn read(path: &Path) -> Vec<Observed> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| Observed::read(line).unwrap_or_else(|| panic!("not an observation: {line}"))).collect()
}

/// Writes them.
pub fn write(path: &Path, observed: &[Observed]) {
    let lines: String = observed.iter().map(Observed::line).collect();
    let head = "# What a server with one worker did. Written by `cargo bench --bench scaling -- --observe`.\n\
                # viewers\tchanges a second\tCPU µs for a change and viewer\tp50 ms\tp99 ms\tchanges in a frame\n";
    std::fs::write(path, format!("{head}{lines}")).expect("the file can be written");
}

impl Observed {
    fn read(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [viewers, changes, micros, p50, p99, merged] = columns[..] else { return None };
        Some(Self {
            viewers: viewers.parse().ok()?,
            changes: changes.parse().ok()?,
            micros: micros.parse().ok()?,
            last_screen: [p50.parse().ok()?, p99.parse().ok()?],
            merged: merged.parse().ok()?,
        })
    }

    fn line(&self) -> String {
        let Self { viewers, changes, micros, last_screen: [p50, p99], merged } = self;
        format!("{viewers}\t{changes}\t{micros:.2}\t{p50:.2}\t{p99:.2}\t{merged:.2}\n")
    }
}

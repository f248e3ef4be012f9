//! Which rows were met before: a file of the repository, so that a change that loses one is noticed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use super::contest::Score;
use super::series::Series;

const HEAD: &str = "# Rows of the bench \"limits\" that were met. Written by scripts/bench --record.\n\
                    # row\tratio (or figure)\thow far the runs lay apart, as a part of what the goal allows\n";

/// The rows that were met, by name.
pub struct Record(BTreeMap<String, Met>);

struct Met {
    ratio: String,
    spread: f64,
}

impl Record {
    /// Reads the file; there may be none yet.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path()).unwrap_or_default();
        let row = |line: &str| {
            let mut cells = line.split('\t');
            let (name, ratio) = (cells.next()?.to_owned(), cells.next()?.to_owned());
            Some((name, Met { ratio, spread: cells.next()?.parse().ok()? }))
        };
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        Self(lines.map(|line| row(line).unwrap_or_else(|| panic!("met.tsv cannot be read: {line:?}"))).collect())
    }

    /// How far the runs lay apart when the row was met.
    pub fn spread_of(&self, name: &str) -> Option<f64> {
        Some(self.0.get(name)?.spread)
    }

    /// Adds the rows that are met now. Those that are missed stay: to give one up is for people to decide.
    pub fn write(&mut self, scores: &[Score]) {
        for score in scores.iter().filter(|score| score.is_met() == Some(true)) {
            let ratio = Series::text(score.ratio_or_figure().median());
            self.0.insert(score.row.name.clone(), Met { ratio, spread: score.spread() });
        }
        let mut text = HEAD.to_owned();
        for (name, Met { ratio, spread }) in &self.0 {
            writeln!(text, "{name}\t{ratio}\t{spread:.3}").expect("a text takes everything");
        }
        std::fs::write(path(), text).expect("met.tsv can be written");
    }
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "limits", "met.tsv"].iter().collect()
}

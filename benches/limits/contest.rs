//! Rows, and how their figures come about: two sides do the same work in turns, several times.

use std::fmt;

use super::ground::Ground;
pub use super::score::Score;
use super::series::Series;

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Seatcast,
    /// What Seatcast is held against: each row says what it is.
    Reference,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// How it is chosen, and recorded.
    pub name: String,
    /// What is measured.
    pub what: String,
    pub unit: &'static str,
    /// What the reference is.
    pub reference: &'static str,
    pub goal: Goal,
}

/// What is to be reached; without any bound the row is for information.
#[derive(Clone, Copy, Debug, Default)]
pub struct Goal {
    /// Of Seatcast's figure to the reference's.
    pub ratio: Option<Bound>,
    /// Of Seatcast's figure.
    pub figure: Option<Bound>,
}

/// A bound that belongs to what is within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One or more rows that are measured together.
pub trait Contest {
    fn rows(&self) -> Vec<Row>;

    /// The sides that are measured. A row with one side has a bound for the figure and none for the ratio.
    fn sides(&self) -> &[Side] {
        &[Side::Seatcast, Side::Reference]
    }

    /// Has one side do the work once. Returns a figure for each row, in the order of the rows. Everything that was started for it
    /// has ended afterwards: the other side has the machine for itself.
    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64>;
}

/// Measures each side `repeats` times. The side that begins changes each time, so that whatever drifts meets both.
pub fn hold(contest: &mut dyn Contest, ground: &Ground, repeats: usize) -> Vec<Score> {
    let rows = contest.rows();
    let mut scores: Vec<Score> = rows.into_iter().map(Score::new).collect();
    let mut sides = contest.sides().to_vec();
    for repeat in 1..=repeats {
        for &side in &sides {
            let figures = contest.run(side, ground);
            assert_eq!(figures.len(), scores.len(), "a figure for each row");
            for (score, figure) in scores.iter_mut().zip(figures) {
                assert!(figure.is_finite(), "{}: {figure} is no figure", score.row.name);
                score.series(side).push(figure);
                eprintln!("{} {repeat}/{repeats}: {side} {}", score.row.name, Series::text(figure));
            }
        }
        sides.reverse();
    }
    scores
}

impl Row {
    /// Whether it is among those asked for, by its name or how that begins; all are when none is asked for.
    pub fn is_named_by(&self, names: &[String]) -> bool {
        names.is_empty() || names.iter().any(|name| self.name.starts_with(name.as_str()))
    }
}

impl Goal {
    pub const fn ratio(bound: Bound) -> Self {
        Self { ratio: Some(bound), figure: None }
    }

    pub const fn figure(bound: Bound) -> Self {
        Self { ratio: None, figure: Some(bound) }
    }

    /// How much of what is allowed is used: 1 is just met, more is missed. `None` without a bound, or without a reference that
    /// the bound speaks of.
    pub fn share(&self, figure: f64, reference: Option<f64>) -> Option<f64> {
        let ratio = self.ratio.zip(reference).map(|(bound, reference)| bound.share(figure / reference));
        let figure = self.figure.map(|bound| bound.share(figure));
        ratio.into_iter().chain(figure).reduce(f64::max)
    }
}

impl Bound {
    fn share(self, value: f64) -> f64 {
        match self {
            Self::AtMost(most) => value / most,
            Self::AtLeast(least) => least / value,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seatcast => "seatcast",
            Self::Reference => "reference",
        })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "<= {most}"),
            Self::AtLeast(least) => write!(f, ">= {least}"),
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.ratio.map(|bound| format!("{bound} x"));
        let figure = self.figure.map(|bound| bound.to_string());
        let parts: Vec<String> = ratio.into_iter().chain(figure).collect();
        f.write_str(if parts.is_empty() { "none" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

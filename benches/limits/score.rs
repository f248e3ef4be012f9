//! What came of a row, and whether that is what was wanted.

use super::contest::{Row, Side};
use super::record::Record;
use super::series::Series;
use super::support::{Scale, Table};

/// A row with its figures.
pub struct Score {
    pub row: Row,
    seatcast: Series,
    reference: Series,
}

impl Score {
    pub fn new(row: Row) -> Self {
        Self { row, seatcast: Series::default(), reference: Series::default() }
    }

    pub fn series(&mut self, side: Side) -> &mut Series {
        match side {
            Side::Seatcast => &mut self.seatcast,
            Side::Reference => &mut self.reference,
        }
    }

    /// Seatcast's figure to the reference's, of the runs that were made next to each other.
    fn ratios(&self) -> Series {
        self.seatcast.figures().iter().zip(self.reference.figures()).map(|(ours, theirs)| ours / theirs).collect()
    }

    /// What people remember of the row: the ratio, unless its goal is about the figure alone.
    pub fn ratio_or_figure(&self) -> Series {
        if self.is_about_ratio() { self.ratios() } else { self.seatcast.clone() }
    }

    fn is_about_ratio(&self) -> bool {
        let goal = self.row.goal;
        let some = self.reference.figures().iter().all(|figure| *figure != 0.0);
        !self.reference.is_empty() && some && (goal.ratio.is_some() || goal.figure.is_none())
    }

    /// The part of what the goal allows that each pair of runs has used.
    fn shares(&self) -> Option<Series> {
        let references = self.reference.figures().iter().copied().map(Some).chain(std::iter::repeat(None));
        self.seatcast
            .figures()
            .iter()
            .zip(references)
            .map(|(&ours, theirs)| self.row.goal.share(ours, theirs))
            .collect()
    }

    /// Whether the goal is met; `None` when there is none.
    pub fn is_met(&self) -> Option<bool> {
        Some(self.shares()?.median() <= 1.0)
    }

    /// How far the runs lie apart, as a part of what the goal allows.
    pub fn spread(&self) -> f64 {
        self.shares().map_or(0.0, |shares| shares.spread())
    }

    /// Whether the row was met before, and is now missed by more than the runs differ, then or now.
    pub fn is_lost(&self, record: &Record) -> bool {
        let (Some(shares), Some(before)) = (self.shares(), record.spread_of(&self.row.name)) else { return false };
        shares.median() - 1.0 > shares.spread().max(before)
    }

    fn verdict(&self, record: &Record) -> &'static str {
        match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) if self.is_lost(record) => "missed, met before",
            Some(false) => "missed",
        }
    }
}

/// All rows for people: medians, with the least and the most beside them.
pub fn table(scores: &[Score], record: &Record, scale: Scale) -> Table {
    let mut table =
        Table::new(&["what", "row", "unit", "seatcast", "reference", "reference is", "ratio", "goal", "verdict"]);
    for score in scores {
        let Row { name, what, unit, reference, goal } = &score.row;
        table.row([
            what.clone(),
            name.clone(),
            (*unit).to_owned(),
            score.seatcast.summary(),
            score.reference.summary(),
            if score.reference.is_empty() { String::new() } else { (*reference).to_owned() },
            if score.is_about_ratio() { score.ratios().summary() } else { String::new() },
            goal.to_string(),
            scale.pick(score.verdict(record), "").to_owned(),
        ]);
    }
    table
}

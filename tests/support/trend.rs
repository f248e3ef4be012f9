//! Whether figures that are taken again and again rise: the median of all slopes between two of them (Theil and Sen), which a
//! few outliers do not move, and how far chance may have moved it (Kendall).

/// What the figures rise by, from each to the next.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    pub slope: f64,
    /// The slope is not below this, with a probability of 97.5 %.
    pub at_least: f64,
}

impl Trend {
    /// The trend of figures that were taken at even distances. Fewer than two have none.
    pub fn of(figures: &[f64]) -> Self {
        let mut slopes = Vec::new();
        for (from, earlier) in figures.iter().enumerate() {
            let later = figures.iter().enumerate().skip(from + 1);
            slopes.extend(later.map(|(to, figure)| (figure - earlier) / distance(from, to)));
        }
        slopes.sort_by(f64::total_cmp);
        let lowest = rank_of_the_lowest(figures.len(), slopes.len());
        let slope = median(&slopes);
        Self { slope, at_least: slopes.get(lowest).copied().unwrap_or(slope) }
    }
}

/// The figure in the middle of ascending ones; of an even number the mean of the two.
pub fn median(ascending: &[f64]) -> f64 {
    match ascending.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => ascending[odd / 2],
        even => f64::midpoint(ascending[even / 2 - 1], ascending[even / 2]),
    }
}

fn distance(from: usize, to: usize) -> f64 {
    f64::from(u32::try_from(to - from).expect("figures are few"))
}

/// Which of the ascending slopes bounds the true one from below: as far from the middle as Kendall's statistic strays when there
/// is no trend.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is small and not negative")]
fn rank_of_the_lowest(figures: usize, slopes: usize) -> usize {
    let [n, pairs] = [figures, slopes].map(|count| f64::from(u32::try_from(count).expect("figures are few")));
    let strays = (n * (n - 1.0).max(0.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    ((pairs - 1.96 * strays) / 2.0).max(0.0) as usize
}

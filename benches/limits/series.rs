//! The figures of one side over all repeats.

/// Figures in the order in which they were measured.
#[derive(Clone, Debug, Default)]
pub struct Series(Vec<f64>);

impl Series {
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub fn figures(&self) -> &[f64] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// How far the middle half of the figures lies apart: one run that was disturbed does not widen it.
    pub fn spread(&self) -> f64 {
        self.quantile(0.75) - self.quantile(0.25)
    }

    /// The figure that this part of all lies below, between two figures in proportion.
    fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = part * (sorted.len() - 1) as f64;
        let (below, above) = (place.floor(), place.ceil());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let [low, high] = [below, above].map(|place| sorted[place as usize]);
        low + (high - low) * (place - below)
    }

    /// The median with the least and the most.
    pub fn summary(&self) -> String {
        match &self.0[..] {
            [] => String::new(),
            [one] => Self::text(*one),
            all => {
                let least = all.iter().copied().fold(f64::INFINITY, f64::min);
                let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                format!("{} ({} to {})", Self::text(self.median()), Self::text(least), Self::text(most))
            }
        }
    }

    /// A figure with about three digits.
    pub fn text(figure: f64) -> String {
        match figure.abs() {
            1_000.0.. => format!("{figure:.0}"),
            100.0.. => format!("{figure:.1}"),
            0.995.. => format!("{figure:.2}"),
            _ => format!("{figure:.3}"),
        }
    }
}

impl FromIterator<f64> for Series {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

//! A straight line through points.

/// What a thing costs at all, and what each of something adds.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub base: f64,
    pub each: f64,
}

/// The line with the least squares through `(how many, cost)`.
pub fn line(points: &[(f64, f64)]) -> Line {
    let count = points.iter().map(|_| 1.0).sum::<f64>();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut across, mut along) = (0.0, 0.0);
    for (x, y) in points {
        across += (x - mean_x) * (y - mean_y);
        along += (x - mean_x) * (x - mean_x);
    }
    let each = if along > 0.0 { across / along } else { 0.0 };
    Line { base: mean_y - each * mean_x, each }
}

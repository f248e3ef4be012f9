//! The judgement about memory that rises or not, on figures of which it is known.

use crate::support::Trend;

/// Noise that is the same each time: up to 1 to both sides.
fn noise(number: u32) -> f64 {
    f64::from(number.wrapping_mul(2_654_435_761) >> 16) / f64::from(u32::from(u16::MAX)) * 2.0 - 1.0
}

#[test]
fn level_figures_with_noise_and_an_outlier_have_no_trend() {
    let mut figures: Vec<f64> = (0..25).map(|number| 100.0 + noise(number)).collect();
    figures[20] = 500.0;
    let trend = Trend::of(&figures);
    assert!(trend.slope.abs() < 0.1 && trend.at_least < 0.0, "{trend:?}");
}

#[test]
fn a_leak_below_the_noise_of_each_figure_is_found() {
    let figures: Vec<f64> = (0..25).map(|number| 100.0 + 0.5 * f64::from(number) + noise(number)).collect();
    let trend = Trend::of(&figures);
    assert!((trend.slope - 0.5).abs() < 0.1 && trend.at_least > 0.3, "{trend:?}");
}

#[test]
fn a_single_figure_has_no_trend() {
    assert!(Trend::of(&[100.0]).slope.abs() < f64::EPSILON);
}

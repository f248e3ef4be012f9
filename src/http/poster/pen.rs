//! Lines and dots as the data of an SVG path, in as few bytes as can be: whole numbers, each relative to the one before.

use std::fmt::Write;

use super::frame::Spot;

/// One path. A line of no length is a dot, where lines end round.
#[derive(Default)]
pub struct Pen {
    data: String,
    at: (i64, i64),
}

impl Pen {
    /// The path so far.
    pub fn data(&self) -> &str {
        &self.data
    }

    pub fn dot(&mut self, spot: Spot) {
        self.set_down(spot);
        self.data.push_str("h0");
    }

    /// A line past all spots, none of them further off than a distance; a dot when it leads nowhere.
    pub fn line(&mut self, spots: &[Spot], distance: f64) {
        let Some((&first, rest)) = spots.split_first() else { return };
        self.set_down(first);
        let before = self.data.len();
        straightened(first, rest, distance, |spot| self.draw(spot));
        if self.data.len() == before {
            self.data.push_str("h0");
        }
    }

    /// An outline with these corners, none of them further off than a distance.
    pub fn outline(&mut self, corners: &[Spot], distance: f64) {
        let Some((&first, rest)) = corners.split_first() else { return };
        self.set_down(first);
        let begin = self.at;
        straightened(first, rest, distance, |spot| self.draw(spot));
        self.data.push('z');
        self.at = begin;
    }

    fn set_down(&mut self, to: Spot) {
        let (dx, dy) = self.step(to);
        self.write('m', dx, Some(dy));
    }

    fn draw(&mut self, to: Spot) {
        match self.step(to) {
            (0, 0) => {}
            (dx, 0) => self.write('h', dx, None),
            (0, dy) => self.write('v', dy, None),
            (dx, dy) => self.write('l', dx, Some(dy)),
        }
    }

    /// The way from where the pen is to where it is now.
    fn step(&mut self, to: Spot) -> (i64, i64) {
        #[expect(clippy::cast_possible_truncation, reason = "a frame is a few thousand units long")]
        let to = (to.x.round() as i64, to.y.round() as i64);
        let step = (to.0 - self.at.0, to.1 - self.at.1);
        self.at = to;
        step
    }

    fn write(&mut self, letter: char, one: i64, other: Option<i64>) {
        let _ = write!(self.data, "{letter}{one}");
        if let Some(other) = other {
            let blank = if other < 0 { "" } else { " " };
            let _ = write!(self.data, "{blank}{other}");
        }
    }
}

/// Those of the spots after the first that a line has to turn at to pass all of them within a distance, and the last. Each is looked
/// at once: a line goes on as long as one direction from its start passes all spots since.
fn straightened(first: Spot, rest: &[Spot], distance: f64, mut turn: impl FnMut(Spot)) {
    let mut start = first;
    let mut before: Option<Spot> = None;
    // The directions that are left, about the first of them.
    let mut sight: Option<(f64, f64, f64)> = None;
    for &spot in rest {
        let (mut way, mut far) = start.way_to(spot);
        if let (Some((middle, least, most)), Some(last)) = (sight, before) {
            let off = turned(way - middle);
            if off < least || off > most {
                turn(last);
                (start, sight) = (last, None);
                (way, far) = start.way_to(spot);
            }
        }
        if far > distance {
            let free = (distance / far).asin();
            let (middle, least, most) = sight.unwrap_or((way, -free, free));
            let off = turned(way - middle);
            sight = Some((middle, least.max(off - free), most.min(off + free)));
        }
        before = Some(spot);
    }
    if let Some(last) = before {
        turn(last);
    }
}

/// An angle between half a turn back and half a turn on.
fn turned(angle: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    (angle + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spots(points: &[(f64, f64)]) -> Vec<Spot> {
        points.iter().map(|&(x, y)| Spot { x, y }).collect()
    }

    fn line(points: &[(f64, f64)]) -> String {
        let mut pen = Pen::default();
        pen.line(&spots(points), 1.0);
        pen.data
    }

    #[test]
    fn dots_and_lines_are_told_relative_to_the_one_before() {
        let mut pen = Pen::default();
        for spot in spots(&[(10.0, 20.0), (13.4, 20.2), (16.6, 17.0)]) {
            pen.dot(spot);
        }
        assert_eq!(pen.data(), "m10 20h0m3 0h0m4-3h0");
    }

    #[test]
    fn a_straight_row_is_one_line_and_a_corner_stays() {
        assert_eq!(line(&[(0.0, 0.0), (10.0, 0.1), (20.0, 0.0), (30.0, 0.0)]), "m0 0h30");
        assert_eq!(line(&[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (20.0, 10.0), (20.0, 20.0)]), "m0 0h20v20");
        assert_eq!(line(&[(3.0, 4.0)]), "m3 4h0");
        assert_eq!(line(&[(3.0, 4.0), (3.1, 4.0)]), "m3 4h0");
        assert_eq!(line(&[]), "");
    }

    #[test]
    fn an_outline_ends_where_it_began() {
        let mut pen = Pen::default();
        for corner in [10.0, 50.0] {
            let (near, far) = (corner, corner + 20.0);
            pen.outline(&spots(&[(near, near), (far, near), (far, far), (near, far)]), 0.5);
        }
        assert_eq!(pen.data(), "m10 10h20v20h-20zm40 40h20v20h-20z");
    }

    #[test]
    fn a_bent_row_is_followed_within_the_tolerance() {
        let arc: Vec<(f64, f64)> = (0..=40)
            .map(|step| f64::from(step).to_radians())
            .map(|way| (500.0 * way.sin(), 500.0 * (1.0 - way.cos())))
            .collect();
        let mut kept = vec![Spot { x: 0.0, y: 0.0 }];
        let all = spots(&arc);
        straightened(all[0], &all[1..], 4.0, |spot| kept.push(spot));
        assert!((3..10).contains(&kept.len()), "{} turns", kept.len());
        for spot in all {
            let near = kept.windows(2).map(|pair| distance(spot, pair[0], pair[1])).fold(f64::MAX, f64::min);
            assert!(near <= 4.0 + 1e-9, "{near}");
        }
    }

    fn distance(spot: Spot, from: Spot, to: Spot) -> f64 {
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let share = ((spot.x - from.x) * dx + (spot.y - from.y) * dy) / (dx * dx + dy * dy);
        let share = share.clamp(0.0, 1.0);
        (spot.x - from.x - share * dx).hypot(spot.y - from.y - share * dy)
    }
}

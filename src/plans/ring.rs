//! A rounded rectangle and the rings around it at any distance: the lines that arena rows follow.
//!
//! A ring grows outwards in its corners only, so a place on one ring has a counterpart straight
//! behind it on every other. [`Station`] is that common place.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::drawing::Spot;

/// The innermost ring.
pub(super) struct Ring {
    pub centre: Spot,
    pub half_width: f64,
    pub half_height: f64,
    pub corner: f64,
}

/// A place that all rings share: how far along the straights, and how far about the corners.
///
/// Rings run clockwise from the middle of the upper straight.
#[derive(Clone, Copy)]
pub(super) struct Station {
    straight: f64,
    turn: f64,
}

impl Station {
    /// Whether a station looks at the long sides rather than at the ends.
    pub fn is_sideline(self) -> bool {
        self.turn.cos().abs() > 0.9
    }
}

impl Ring {
    /// The length of the ring at a distance from the innermost.
    pub fn length(&self, distance: f64) -> f64 {
        4.0 * (self.half_top() + self.half_side()) + TAU * (self.corner + distance)
    }

    /// Where a length along the ring at `distance` leads.
    pub fn station(&self, distance: f64, length: f64) -> Station {
        let mut station = Station { straight: 0.0, turn: 0.0 };
        let mut left = length.rem_euclid(self.length(distance));
        let arc = FRAC_PI_2 * (self.corner + distance);
        for straight in self.straights() {
            station.straight += left.min(straight);
            left -= left.min(straight);
            station.turn += left.min(arc) / (self.corner + distance);
            left -= left.min(arc);
        }
        station
    }

    /// How far along the ring at `distance` a station is.
    pub fn along(&self, distance: f64, station: Station) -> f64 {
        station.straight + (self.corner + distance) * station.turn
    }

    /// The place of a station on the ring at `distance`.
    pub fn spot(&self, distance: f64, station: Station) -> Spot {
        let (sin, cos) = station.turn.sin_cos();
        let (right, down) = self.corner_centre(station);
        let radius = self.corner + distance;
        Spot { x: self.centre.x + right + radius * sin, y: self.centre.y + down - radius * cos }
    }

    /// The centre of the turn as it moves along the straights, from the ring's centre.
    fn corner_centre(&self, station: Station) -> (f64, f64) {
        let (half_top, half_side) = (self.half_top(), self.half_side());
        let [first, second, third, fourth, _] = self.straights();
        let mut left = station.straight;
        let mut take = |most: f64| {
            let taken = left.clamp(0.0, most);
            left -= taken;
            taken
        };
        let right = take(first);
        let down = take(second);
        let back = take(third);
        let up = take(fourth);
        let home = take(half_top);
        (right - back + home, down - half_side - up)
    }

    /// The straights in the order in which a ring runs through them.
    fn straights(&self) -> [f64; 5] {
        let (half_top, half_side) = (self.half_top(), self.half_side());
        [half_top, 2.0 * half_side, 2.0 * half_top, 2.0 * half_side, half_top]
    }

    fn half_top(&self) -> f64 {
        self.half_width - self.corner
    }

    fn half_side(&self) -> f64 {
        self.half_height - self.corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: Ring =
        Ring { centre: Spot { x: 1_000.0, y: 500.0 }, half_width: 400.0, half_height: 200.0, corner: 100.0 };

    fn assert_near(spot: Spot, (x, y): (f64, f64)) {
        assert!((spot.x - x).hypot(spot.y - y) < 1e-6, "{spot:?} is not {x}, {y}");
    }

    #[test]
    fn a_ring_passes_the_middles_of_its_four_sides() {
        for (quarter, place) in [(0.0, (1_000.0, 250.0)), (0.5, (1_000.0, 750.0))] {
            let station = RING.station(50.0, quarter * RING.length(50.0));
            assert_near(RING.spot(50.0, station), place);
        }
        let right = 300.0 + FRAC_PI_2 * 150.0 + 100.0;
        assert_near(RING.spot(50.0, RING.station(50.0, right)), (1_450.0, 500.0));
        let left = RING.length(50.0) - right;
        assert_near(RING.spot(50.0, RING.station(50.0, left)), (550.0, 500.0));
    }

    #[test]
    fn a_station_is_as_far_along_as_it_was_made() {
        for length in [0.0, 250.0, 301.0, 500.0, 700.0, 1_234.5, 2_000.0] {
            let station = RING.station(80.0, length);
            assert!((RING.along(80.0, station) - length).abs() < 1e-6);
        }
    }

    #[test]
    fn a_station_is_straight_behind_itself_on_every_ring() {
        let station = RING.station(0.0, 420.0);
        let (inner, outer) = (RING.spot(0.0, station), RING.spot(70.0, station));
        assert!(((inner.x - outer.x).hypot(inner.y - outer.y) - 70.0).abs() < 1e-6);
    }
}

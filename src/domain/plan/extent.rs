//! How far a plan's content reaches: the size of a plan that states none.

use std::fmt;

use super::format::{Area, Zone};
use super::object::MAX_NUMBER;

/// Whole pixels from the origin to the content's right and lower end, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub width: u32,
    pub height: u32,
}

impl Extent {
    /// Covers all seats and, as far as they are not turned, all areas.
    pub fn of(zones: &[Zone]) -> Self {
        let (mut right, mut bottom) = (0.0_f64, 0.0_f64);
        let mut cover = |x: f64, y: f64| {
            right = right.max(x);
            bottom = bottom.max(y);
        };
        for zone in zones {
            for seat in zone.seats() {
                let ((x, y), radius) = (seat.place(), seat.radius());
                cover(x + radius, y + radius);
            }
            for (x, y) in zone.areas.iter().flat_map(corners) {
                cover(zone.position.x + x, zone.position.y + y);
            }
        }
        Self { width: pixels(right), height: pixels(bottom) }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}

/// Lower right corners of what an area draws, relative to its zone.
fn corners(area: &Area) -> Vec<(f64, f64)> {
    let position = area.position.as_ref().map_or((0.0, 0.0), |place| (place.x, place.y));
    let mut corners = Vec::new();
    if let Some(polygon) = &area.polygon {
        corners.extend(polygon.points.iter().map(|point| (point.x, point.y)));
    }
    corners.extend(area.rectangle.iter().map(|rectangle| (rectangle.width, rectangle.height)));
    corners.extend(area.ellipse.iter().map(|ellipse| (ellipse.radius.x, ellipse.radius.y)));
    corners.extend(area.circle.iter().map(|circle| (circle.radius, circle.radius)));
    corners.extend(area.text.iter().map(|text| (text.position.x, text.position.y)));
    corners.iter().map(|(x, y)| (position.0 + x, position.1 + y)).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn pixels(length: f64) -> u32 {
    length.ceil().clamp(1.0, MAX_NUMBER) as u32
}

#[cfg(test)]
mod tests {
    use super::super::format::{Circle, Point, Row, Seat};
    use super::*;

    #[test]
    fn the_extent_adds_zone_row_and_seat_and_the_seats_radius() {
        let seat = Seat { position: Point::at(3.0, 4.5), ..Seat::default() };
        let row = Row { position: Some(Point::at(20.0, 0.0)), seats: vec![seat], ..Row::default() };
        let zone = Zone { position: Point::at(100.0, 200.0), rows: vec![row], ..Zone::default() };
        assert_eq!(Extent::of(&[zone]), Extent { width: 133, height: 215 });
    }

    #[test]
    fn the_extent_covers_areas() {
        let area = Area {
            position: Some(Point::at(50.0, 60.0)),
            circle: Some(Circle { radius: 40.0, ..Circle::default() }),
            ..Area::default()
        };
        let zone = Zone { areas: vec![area], ..Zone::default() };
        assert_eq!(Extent::of(&[zone]), Extent { width: 90, height: 100 });
    }

    #[test]
    fn nothing_still_has_one_pixel() {
        assert_eq!(Extent::of(&[]), Extent { width: 1, height: 1 });
    }
}

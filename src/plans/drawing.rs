//! What the shipped plans are drawn with: zones of seats and areas at places of the whole venue.
//!
//! Coordinates are the venue's; the drawing turns them into the format's relative ones and rounds
//! them to tenths of a pixel, so that files stay small.

use crate::domain::plan::{
    Area, Category, Circle, Plan, Point, Polygon, Rectangle, Row, RowNumberPosition, Seat, Size, Text, Zone,
};

/// The colour of texts.
pub(super) const INK: &str = "#5a6472";
/// The fill of stages, screens and other things that are no seats.
pub(super) const SURFACE: &str = "#e4e8ee";
/// The outline of the same.
pub(super) const OUTLINE: &str = "#c3cad4";

/// A place in the venue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub x: f64,
    pub y: f64,
}

/// A seat to be drawn.
pub(super) struct Mark {
    pub number: u32,
    pub spot: Spot,
    pub category: &'static str,
}

/// A row to be drawn. Its seats' guids are `prefix`, row number and seat number.
pub(super) struct RowMarks {
    pub prefix: String,
    pub number: String,
    pub number_position: Option<RowNumberPosition>,
    pub marks: Vec<Mark>,
}

/// A text to be drawn.
pub(super) struct Caption<'a> {
    pub text: &'a str,
    pub size: f64,
    /// Centre of the text.
    pub at: Spot,
}

/// How an area is painted.
#[derive(Clone, Copy)]
pub(super) struct Paint {
    pub fill: &'static str,
    pub outline: &'static str,
}

/// A zone in the making.
pub(super) struct Drawing {
    origin: Spot,
    zone: Zone,
}

impl Drawing {
    pub fn new(name: &str, origin: Spot) -> Self {
        let origin = Spot { x: origin.x.round(), y: origin.y.round() };
        let position = Point::at(origin.x, origin.y);
        let zone = Zone { name: Some(name.to_owned()), position, ..Zone::default() };
        Self { origin, zone }
    }

    /// Adds a row whose origin is its first seat.
    pub fn row(&mut self, row: RowMarks) {
        let Some(first) = row.marks.first() else {
            return;
        };
        let start = self.place(first.spot);
        let origin = Spot { x: self.origin.x + start.x, y: self.origin.y + start.y };
        let seat = |mark: &Mark| Seat {
            seat_guid: guid(&row, mark),
            seat_number: mark.number.to_string(),
            position: relative(mark.spot, origin),
            category: mark.category.to_owned(),
            ..Seat::default()
        };
        self.zone.rows.push(Row {
            seats: row.marks.iter().map(seat).collect(),
            row_number_position: row.number_position,
            position: Some(start),
            row_number: row.number,
            ..Row::default()
        });
    }

    pub fn polygon(&mut self, corners: &[Spot], paint: Paint) {
        let points = corners.iter().map(|corner| self.place(*corner)).collect();
        let polygon = Polygon { points, ..Polygon::default() };
        self.area(Area { polygon: Some(polygon), ..painted("polygon", Point::at(0.0, 0.0), paint) });
    }

    pub fn rectangle(&mut self, corner: Spot, (width, height): (f64, f64), paint: Paint) {
        let rectangle = Rectangle { width, height, ..Rectangle::default() };
        let position = self.place(corner);
        self.area(Area { rectangle: Some(rectangle), ..painted("rectangle", position, paint) });
    }

    pub fn caption(&mut self, caption: &Caption<'_>) {
        let text = Text {
            text: caption.text.to_owned(),
            position: Point::at(0.0, 0.0),
            color: Some(INK.to_owned()),
            size: Some(caption.size),
            ..Text::default()
        };
        self.area(Area {
            shape: Some("text".to_owned()),
            position: Some(self.place(caption.at)),
            text: Some(text),
            ..Area::default()
        });
    }

    pub fn circle(&mut self, centre: Spot, radius: f64, paint: Paint) {
        let circle = Circle { radius, ..Circle::default() };
        let position = self.place(centre);
        self.area(Area { circle: Some(circle), ..painted("circle", position, paint) });
    }

    pub fn finish(self) -> Zone {
        self.zone
    }

    fn area(&mut self, area: Area) {
        self.zone.areas.push(area);
    }

    /// A place relative to this zone.
    fn place(&self, spot: Spot) -> Point {
        relative(spot, self.origin)
    }
}

/// Puts zones into a plan.
pub(super) fn plan(name: &str, (width, height): (u32, u32), categories: &[(&str, &str)], zones: Vec<Zone>) -> Plan {
    let category = |&(name, color): &(&str, &str)| Category {
        name: name.to_owned(),
        color: Some(color.to_owned()),
        ..Category::default()
    };
    Plan {
        name: name.to_owned(),
        size: Size { width, height, ..Size::default() },
        categories: categories.iter().map(category).collect(),
        zones,
        ..Plan::default()
    }
}

/// Distances of `count` things at equal pitch from their common middle.
pub(super) fn spread(count: u32, pitch: f64) -> impl Iterator<Item = f64> {
    let first = -0.5 * f64::from(count.saturating_sub(1)) * pitch;
    (0..count).map(move |index| first + f64::from(index) * pitch)
}

/// How many seats of this pitch fit side by side into a length.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative")]
pub(super) fn fitting(length: f64, pitch: f64) -> u32 {
    (length / pitch).floor().max(0.0) as u32
}

/// An area of a shape that is still to be given its measures.
fn painted(shape: &str, position: Point, paint: Paint) -> Area {
    Area {
        shape: Some(shape.to_owned()),
        position: Some(position),
        color: Some(paint.fill.to_owned()),
        border_color: Some(paint.outline.to_owned()),
        ..Area::default()
    }
}

fn guid(row: &RowMarks, mark: &Mark) -> String {
    if row.prefix.is_empty() {
        return format!("{}-{}", row.number, mark.number);
    }
    format!("{}-{}-{}", row.prefix, row.number, mark.number)
}

fn relative(spot: Spot, origin: Spot) -> Point {
    Point::at(tenths(spot.x - origin.x), tenths(spot.y - origin.y))
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

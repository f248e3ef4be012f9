//! The plan editor's format as types: what a file says, before any meaning is given to it.
//!
//! Every object keeps the fields it does not know in `extra`. Nothing here checks anything: guids
//! may repeat and categories may be unknown until the import has looked.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The radius of a seat that states none, in the plan's pixels.
pub(crate) const DEFAULT_RADIUS: f64 = 10.0;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub name: String,
    pub size: Size,
    pub categories: Vec<Category>,
    pub zones: Vec<Zone>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The canvas in pixels, with its origin at the top left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Size {
    pub width: u32,
    pub height: u32,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A price level, referred to by its name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A part of the venue with its own origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub position: Point,
    pub rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<Area>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A row, or one of several segments of a visible row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub row_number: String,
    pub seats: Vec<Seat>,
    /// Absent means the zone's origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_number_position: Option<RowNumberPosition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Where a row's number is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowNumberPosition {
    Start,
    End,
    Both,
}

/// One seat, placed relative to its row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub seat_guid: String,
    pub seat_number: String,
    pub position: Point,
    pub category: String,
    /// Absent means 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_direction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A drawing beside the seats (a stage, a wall, a text), placed relative to its zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Area {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub border_color: Option<String>,
    /// Degrees clockwise about `position`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Polygon>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rectangle: Option<Rectangle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ellipse: Option<Ellipse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Corners relative to the area's position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Polygon {
    pub points: Vec<Point>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A rectangle whose top left corner is the area's position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rectangle {
    pub width: f64,
    pub height: f64,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An ellipse about the area's position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ellipse {
    pub radius: Point,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A circle about the area's position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    pub radius: f64,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A text centred on `position`, which is relative to the area's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    pub text: String,
    pub position: Point,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Absent means 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A pair of coordinates in pixels; `y` grows downwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A seat with the row and the zone that hold it.
#[derive(Clone, Copy)]
pub(crate) struct SeatInPlan<'a> {
    pub zone: &'a Zone,
    pub row: &'a Row,
    pub seat: &'a Seat,
}

impl Plan {
    /// All seats in plan order.
    pub(crate) fn seats(&self) -> impl Iterator<Item = SeatInPlan<'_>> {
        self.zones.iter().flat_map(Zone::seats)
    }

    /// All seats in plan order, for mending.
    pub(crate) fn seats_mut(&mut self) -> impl Iterator<Item = &mut Seat> {
        let rows = self.zones.iter_mut().flat_map(|zone| &mut zone.rows);
        rows.flat_map(|row| &mut row.seats)
    }
}

impl Zone {
    /// The zone's seats in plan order.
    pub(crate) fn seats(&self) -> impl Iterator<Item = SeatInPlan<'_>> {
        self.rows.iter().flat_map(move |row| {
            let place = move |seat| SeatInPlan { zone: self, row, seat };
            row.seats.iter().map(place)
        })
    }

    /// The zone's name, empty when it has none.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }
}

impl SeatInPlan<'_> {
    /// Where the seat is: zone, row and seat position added.
    pub(crate) fn place(&self) -> (f64, f64) {
        let row = self.row.position.as_ref().map_or((0.0, 0.0), |row| (row.x, row.y));
        let (zone, seat) = (&self.zone.position, &self.seat.position);
        (zone.x + row.0 + seat.x, zone.y + row.1 + seat.y)
    }

    /// How large the seat is drawn.
    pub(crate) fn radius(&self) -> f64 {
        self.seat.radius.unwrap_or(DEFAULT_RADIUS)
    }
}

impl Point {
    /// A place without unknown fields.
    pub fn at(x: f64, y: f64) -> Self {
        Self { x, y, extra: Map::new() }
    }
}

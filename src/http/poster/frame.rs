//! What of a plan is on its poster, and where: the box that `static/js/model/bounds.js` finds, with the margin of
//! `static/js/model/viewbox.js`, so that poster and map lie upon each other.

use crate::domain::plan::{Area, Plan, Point, RowNumberPosition, SeatingPlan};

/// The margin on each side, as a share of the content's longer side.
const MARGIN: f64 = 0.03;
/// How much place a row's label takes about its middle, and how many radii it stands off the row's last seat.
const LABEL: f64 = 8.0;
const LABEL_STEP: f64 = 2.2;
const DEFAULT_TEXT_SIZE: f64 = 16.0;

/// A place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
}

impl Spot {
    pub fn of(point: &Point) -> Self {
        Self { x: point.x, y: point.y }
    }

    /// The direction to another spot, as an angle, and how far it is.
    pub fn way_to(self, other: Self) -> (f64, f64) {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        (dy.atan2(dx), dx.hypot(dy))
    }

    pub fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y }
    }

    /// Turned about the origin.
    pub fn turned(self, degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self { x: self.x * cos - self.y * sin, y: self.x * sin + self.y * cos }
    }
}

/// The box of a poster, and how much larger or smaller than the plan it is.
#[derive(Debug)]
pub struct Frame {
    left: f64,
    top: f64,
    scale: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// A frame about all that a map shows of a plan, so many units long.
    pub fn about(plan: &SeatingPlan, drawn: &Plan, units: f64) -> Self {
        let content = Content::of(plan, drawn);
        let (width, height) = content.size();
        let margin = width.max(height) * MARGIN;
        let (width, height) = (width + 2.0 * margin, height + 2.0 * margin);
        let scale = units / width.max(height);
        let (left, top) = (content.left - margin, content.top - margin);
        Self { left, top, scale, width: width * scale, height: height * scale }
    }

    pub fn spot(&self, plan: Spot) -> Spot {
        Spot { x: (plan.x - self.left) * self.scale, y: (plan.y - self.top) * self.scale }
    }

    pub fn length(&self, plan: f64) -> f64 {
        plan * self.scale
    }

    /// The longer side.
    pub fn extent(&self) -> f64 {
        self.width.max(self.height)
    }
}

/// How far all that is drawn reaches.
struct Content {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Content {
    fn of(plan: &SeatingPlan, drawn: &Plan) -> Self {
        let mut content = Self { left: f64::MAX, top: f64::MAX, right: f64::MIN, bottom: f64::MIN };
        for seat in plan.seats() {
            content.include(Spot { x: seat.x, y: seat.y }, seat.radius);
        }
        let mut rest = plan.seats();
        for row in drawn.zones.iter().flat_map(|zone| &zone.rows) {
            let seats;
            (seats, rest) = rest.split_at(row.seats.len());
            let spots: Vec<(Spot, f64)> =
                seats.iter().map(|seat| (Spot { x: seat.x, y: seat.y }, seat.radius)).collect();
            let position = row.row_number_position.filter(|_| !row.row_number.is_empty());
            content.include_labels(&spots, position);
        }
        for zone in &drawn.zones {
            for area in &zone.areas {
                let at = place(&zone.position, area);
                for corner in corners(area) {
                    content.include(at.plus(corner.turned(area.rotation.unwrap_or_default())), 0.0);
                }
            }
        }
        content
    }

    fn include(&mut self, spot: Spot, radius: f64) {
        self.left = self.left.min(spot.x - radius);
        self.top = self.top.min(spot.y - radius);
        self.right = self.right.max(spot.x + radius);
        self.bottom = self.bottom.max(spot.y + radius);
    }

    fn include_labels(&mut self, seats: &[(Spot, f64)], position: Option<RowNumberPosition>) {
        let (Some(&first), Some(&last), Some(position)) = (seats.first(), seats.last(), position) else { return };
        if position != RowNumberPosition::End {
            self.include(beyond(first, seats.get(1), -1.0), LABEL);
        }
        if position != RowNumberPosition::Start {
            self.include(beyond(last, seats.iter().rev().nth(1), 1.0), LABEL);
        }
    }

    fn size(&self) -> (f64, f64) {
        ((self.right - self.left).max(1.0), (self.bottom - self.top).max(1.0))
    }
}

/// Where a row's label stands: off its last seat, away from that one's neighbour.
fn beyond((spot, radius): (Spot, f64), neighbour: Option<&(Spot, f64)>, direction: f64) -> Spot {
    let (dx, dy) = neighbour.map_or((direction, 0.0), |(near, _)| (spot.x - near.x, spot.y - near.y));
    let far = dx.hypot(dy);
    let step = if far > 0.0 { radius * LABEL_STEP / far } else { 0.0 };
    Spot { x: spot.x + dx * step, y: spot.y + dy * step }
}

/// Where an area is.
pub fn place(zone: &Point, area: &Area) -> Spot {
    Spot::of(zone).plus(area.position.as_ref().map_or(Spot { x: 0.0, y: 0.0 }, Spot::of))
}

/// How large a text is.
pub fn text_size(size: Option<f64>) -> f64 {
    size.unwrap_or(DEFAULT_TEXT_SIZE)
}

/// The spots that span an area, relative to its place and before it is turned.
pub fn corners(area: &Area) -> Vec<Spot> {
    let spanned = |left: f64, top: f64, right: f64, bottom: f64| {
        vec![
            Spot { x: left, y: top },
            Spot { x: right, y: top },
            Spot { x: right, y: bottom },
            Spot { x: left, y: bottom },
        ]
    };
    match area.shape.as_deref().unwrap_or_default() {
        "polygon" => {
            area.polygon.as_ref().map_or_else(Vec::new, |polygon| polygon.points.iter().map(Spot::of).collect())
        }
        "rectangle" => area.rectangle.as_ref().map_or_else(Vec::new, |r| spanned(0.0, 0.0, r.width, r.height)),
        "ellipse" | "circle" => radii(area).map_or_else(Vec::new, |(rx, ry)| spanned(-rx, -ry, rx, ry)),
        _ => area.text.as_ref().filter(|text| !text.text.trim().is_empty()).map_or_else(Vec::new, |text| {
            let (size, at) = (text_size(text.size), &text.position);
            #[expect(clippy::cast_precision_loss, reason = "texts are no longer than that")]
            let half = text.text.encode_utf16().count() as f64 * size * 0.3;
            spanned(at.x - half, at.y - size, at.x + half, at.y + size)
        }),
    }
}

/// The radii of an ellipse or circle.
pub fn radii(area: &Area) -> Option<(f64, f64)> {
    match area.shape.as_deref()? {
        "ellipse" => area.ellipse.as_ref().map(|ellipse| (ellipse.radius.x, ellipse.radius.y)),
        "circle" => area.circle.as_ref().map(|circle| (circle.radius, circle.radius)),
        _ => None,
    }
}

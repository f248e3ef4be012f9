//! The picture itself: areas as they are, seats as dots or, where there are many, rows as bands.
//!
//! Its size has a bound, whatever plan it is of. It has presentation attributes only, as pages allow no style in their text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::colors::{Color, escaped};
use super::frame::{Frame, Spot, corners, place, radii, text_size};
use super::pen::Pen;
use crate::domain::plan::{Area, Plan, PlanSeat, SeatingPlan, Text, Zone};

/// A larger poster would keep the page waiting for longer than it helps.
const MOST_BYTES: usize = 48 << 10;
/// More seats than this are told row by row; as the map itself tells them, from afar.
const MOST_DOTS: usize = 1_500;
/// How many units a poster is long: of dots, which are seen one by one, and of bands.
const DOTS_UNITS: f64 = 2_000.0;
const BANDS_UNITS: f64 = 1_000.0;
/// How much of a seat is drawn, as the map draws one that is free.
const SEAT: f64 = 0.9;
/// How far a band may be from its seats, as a share of its width, and an area's edge from where it is, in units.
const BAND_TOLERANCE: f64 = 0.4;
const EDGE_TOLERANCE: f64 = 0.5;
/// A gap of more than so many of a row's usual ones is an aisle.
const AISLE: f64 = 1.6;
/// Text that is smaller than this share of the whole is a smear.
const LEAST_TEXT: f64 = 0.012;
/// How round a rectangle's corners are.
const CORNER: f64 = 4.0;
const DEFAULT_COLOR: &str = "#7a869a";
/// Of seats: they must not look as if they were free.
const PALE: &str = ".45";
/// Of areas that seats may lie on, and of those whose darkness is not known.
const FAINT: &str = ".3";
/// So many seats, spread over the plan, are looked at to know which areas have seats on them.
const SEATS_ASKED: usize = 500;

/// The poster of a plan, as SVG within a page. `None` when it would be too large.
pub fn draw(plan: &SeatingPlan) -> Option<String> {
    let drawn: Plan = serde_json::from_slice(&plan.json()).ok()?;
    let bands = plan.seat_count() > MOST_DOTS;
    let frame = Frame::about(plan, &drawn, if bands { BANDS_UNITS } else { DOTS_UNITS });
    let mut svg = format!(
        "<svg slot=\"poster\" aria-hidden=\"true\" viewBox=\"0 0 {:.0} {:.0}\" fill=\"none\" \
         text-anchor=\"middle\" dominant-baseline=\"central\">",
        frame.width, frame.height
    );
    let scene = Scene { frame, seats: plan.seats(), bands };
    let mut ground = Ground { svg: &mut svg, open: None };
    for zone in &drawn.zones {
        for area in &zone.areas {
            scene.area(&mut ground, zone, area);
            if ground.len() > MOST_BYTES {
                return None;
            }
        }
    }
    ground.close();
    let _ = write!(svg, "<g opacity=\"{PALE}\" stroke-linecap=\"round\" stroke-linejoin=\"round\">");
    for ((category, width), pen) in scene.paths(&drawn) {
        let color = plan.categories()[category].color.as_deref().and_then(Color::read);
        let color = color.map_or_else(|| DEFAULT_COLOR.to_owned(), |color| color.plain());
        let width = Tenths(width);
        let _ = write!(svg, "<path stroke=\"{color}\" stroke-width=\"{width}\" d=\"{}\"/>", pen.data());
    }
    svg.push_str("</g></svg>");
    (svg.len() <= MOST_BYTES).then_some(svg)
}

/// Areas as they are written. Outlines that follow each other and look the same are one path.
struct Ground<'svg> {
    svg: &'svg mut String,
    open: Option<(String, Pen)>,
}

impl Ground<'_> {
    fn outline(&mut self, corners: &[Spot], look: String) {
        if self.open.as_ref().is_none_or(|(open, _)| *open != look) {
            self.close();
        }
        let (_, pen) = self.open.get_or_insert_with(|| (look, Pen::default()));
        pen.outline(corners, EDGE_TOLERANCE);
    }

    fn write(&mut self, tag: std::fmt::Arguments<'_>) {
        self.close();
        let _ = self.svg.write_fmt(tag);
    }

    fn close(&mut self) {
        if let Some((look, pen)) = self.open.take() {
            let _ = write!(self.svg, "<path{look} d=\"{}\"/>", pen.data());
        }
    }

    fn len(&self) -> usize {
        self.svg.len() + self.open.as_ref().map_or(0, |(_, pen)| pen.data().len())
    }
}

struct Scene<'plan> {
    frame: Frame,
    seats: &'plan [PlanSeat],
    bands: bool,
}

impl Scene<'_> {
    fn area(&self, ground: &mut Ground<'_>, zone: &Zone, area: &Area) {
        let at = place(&zone.position, area);
        let fill = area.color.as_deref().and_then(Color::read);
        let edge = area.border_color.as_deref().and_then(Color::read);
        if fill.is_some() || edge.is_some() {
            self.shape(ground, area, at, &self.look(area, at, fill.as_ref(), edge.as_ref()));
        }
        if let Some(text) = area.text.as_ref().filter(|text| !text.text.trim().is_empty()) {
            self.text(ground, text, at, area.rotation.unwrap_or_default(), fill.as_ref());
        }
    }

    /// How an area is painted, as attributes.
    fn look(&self, area: &Area, at: Spot, fill: Option<&Color>, edge: Option<&Color>) -> String {
        let mut look = String::new();
        if let Some(fill) = fill {
            let _ = write!(look, " fill=\"{}\"", fill.paint());
            if matches!(fill, Color::Named(_)) || self.holds_seats(area, at) {
                let _ = write!(look, " fill-opacity=\"{FAINT}\"");
            }
        }
        if let Some(edge) = edge {
            let _ = write!(look, " stroke=\"{}\"", edge.paint());
        }
        look
    }

    fn shape(&self, ground: &mut Ground<'_>, area: &Area, at: Spot, look: &str) {
        let frame = &self.frame;
        let rotation = area.rotation.unwrap_or_default();
        let spot = frame.spot(at);
        let length = |plan: f64| Tenths::of(frame.length(plan));
        match (area.shape.as_deref().unwrap_or_default(), &area.rectangle, radii(area)) {
            ("polygon", ..) => {
                let corner = |corner: Spot| frame.spot(at.plus(corner.turned(rotation)));
                ground.outline(&corners(area).into_iter().map(corner).collect::<Vec<_>>(), look.to_owned());
            }
            ("rectangle", Some(size), _) => ground.write(format_args!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"{look}{}/>",
                Tenths::of(spot.x),
                Tenths::of(spot.y),
                length(size.width),
                length(size.height),
                length(CORNER),
                Rotation(rotation, spot)
            )),
            (_, _, Some((rx, ry))) => ground.write(format_args!(
                "<ellipse cx=\"{:.0}\" cy=\"{:.0}\" rx=\"{}\" ry=\"{}\"{look}{}/>",
                spot.x,
                spot.y,
                length(rx),
                length(ry),
                Rotation(rotation, spot)
            )),
            _ => {}
        }
    }

    fn text(&self, ground: &mut Ground<'_>, text: &Text, at: Spot, rotation: f64, fill: Option<&Color>) {
        let middle = at.plus(Spot::of(&text.position).turned(rotation));
        let size = text_size(text.size);
        let is_smear = self.frame.length(size) < self.frame.extent() * LEAST_TEXT;
        if is_smear || (self.bands && self.is_covered(middle, size)) {
            return;
        }
        let spot = self.frame.spot(middle);
        let ink = fill.and_then(Color::ink).unwrap_or_else(|| "currentColor".to_owned());
        ground.write(format_args!(
            "<text x=\"{:.0}\" y=\"{:.0}\" font-size=\"{}\" fill=\"{ink}\" opacity=\".7\"{}>{}</text>",
            spot.x,
            spot.y,
            Tenths::of(self.frame.length(size)),
            Rotation(rotation, spot),
            escaped(&text.text)
        ));
    }

    /// Whether seats lie on an area, as far as those tell that are asked.
    fn holds_seats(&self, area: &Area, at: Spot) -> bool {
        let corners = corners(area);
        let radii = radii(area);
        let step = self.seats.len().div_ceil(SEATS_ASKED);
        self.seats.iter().step_by(step).any(|seat| {
            let spot = Spot { x: seat.x - at.x, y: seat.y - at.y }.turned(-area.rotation.unwrap_or_default());
            match radii {
                Some((rx, ry)) => (spot.x / rx).hypot(spot.y / ry) < 1.0,
                None => is_within(spot, &corners),
            }
        })
    }

    /// Whether a text would be written over seats.
    fn is_covered(&self, middle: Spot, size: f64) -> bool {
        self.seats.iter().any(|seat| (seat.x - middle.x).hypot(seat.y - middle.y) < seat.radius + size / 2.0)
    }

    /// What the seats of a category and size are drawn with, by the width of the line in tenths.
    fn paths(&self, drawn: &Plan) -> BTreeMap<(usize, i64), Pen> {
        let mut paths: BTreeMap<(usize, i64), Pen> = BTreeMap::new();
        let mut rest = self.seats;
        for row in drawn.zones.iter().flat_map(|zone| &zone.rows) {
            let seats;
            (seats, rest) = rest.split_at(row.seats.len());
            let usual = usual_gap(seats);
            let together = |one: &PlanSeat, next: &PlanSeat| {
                let same = one.category == next.category && (one.radius - next.radius).abs() < f64::EPSILON;
                same && (!self.bands || gap(one, next) <= usual * AISLE)
            };
            for run in seats.chunk_by(together) {
                let (category, radius) = (run[0].category, run[0].radius);
                let width = Tenths::of(self.frame.length(2.0 * SEAT * radius));
                let pen = paths.entry((category, width.0)).or_default();
                let spots = run.iter().map(|seat| self.frame.spot(Spot { x: seat.x, y: seat.y }));
                if self.bands {
                    pen.line(&spots.collect::<Vec<_>>(), self.frame.length(2.0 * SEAT * radius) * BAND_TOLERANCE);
                } else {
                    spots.for_each(|spot| pen.dot(spot));
                }
            }
        }
        paths
    }
}

fn gap(one: &PlanSeat, next: &PlanSeat) -> f64 {
    (next.x - one.x).hypot(next.y - one.y)
}

/// The lower median of the gaps between a row's seats: of two, one of them an aisle, it is the other.
fn usual_gap(seats: &[PlanSeat]) -> f64 {
    let mut gaps: Vec<f64> = seats.windows(2).map(|pair| gap(&pair[0], &pair[1])).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len().saturating_sub(1) / 2).copied().unwrap_or(f64::MAX)
}

fn is_within(spot: Spot, corners: &[Spot]) -> bool {
    let Some(last) = corners.last() else { return false };
    let mut within = false;
    let mut from = last;
    for to in corners {
        let crosses = (to.y > spot.y) != (from.y > spot.y);
        if crosses && spot.x < (from.x - to.x) * (spot.y - to.y) / (from.y - to.y) + to.x {
            within = !within;
        }
        from = to;
    }
    within
}

/// A number with one place after its point, where that is not 0.
#[derive(Clone, Copy)]
struct Tenths(i64);

impl Tenths {
    #[expect(clippy::cast_possible_truncation, reason = "a frame is a few thousand units long")]
    fn of(number: f64) -> Self {
        Self((number * 10.0).round() as i64)
    }
}

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, whole, tenth) = (if self.0 < 0 { "-" } else { "" }, self.0.abs() / 10, self.0.abs() % 10);
        if tenth == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenth}") }
    }
}

/// The attribute that turns what stands at a spot.
struct Rotation(f64, Spot);

impl std::fmt::Display for Rotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(degrees, spot) = self;
        if degrees.abs() < f64::EPSILON {
            return Ok(());
        }
        write!(f, " transform=\"rotate({} {:.0} {:.0})\"", Tenths::of(*degrees), spot.x, spot.y)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::plan::ImportOptions;

    fn imported(plan: &serde_json::Value) -> SeatingPlan {
        SeatingPlan::import(plan, &ImportOptions::default()).unwrap().plan
    }

    /// A plan with some rows of seats and an aisle in the middle, one category, and areas.
    fn plan(rows: usize, seats: usize, color: &str, areas: &serde_json::Value) -> SeatingPlan {
        let seat = |row: usize, seat: usize| {
            json!({
                "seat_guid": format!("{row}-{seat}"), "seat_number": seat.to_string(), "seat_label": null, "category": "A",
                "position": { "x": seat * 25 + if seat < seats / 2 { 0 } else { 40 }, "y": row * 30 },
            })
        };
        let row = |row: usize| {
            json!({
                "row_number": row.to_string(), "position": { "x": 0, "y": 0 },
                "seats": (0..seats).map(|number| seat(row, number)).collect::<Vec<_>>(),
            })
        };
        imported(&json!({
            "name": "House", "size": { "width": 1000, "height": 800 }, "categories": [{ "name": "A", "color": color }],
            "zones": [{
                "name": "Hall", "zone_id": "hall", "position": { "x": 0, "y": 0 },
                "rows": (0..rows).map(row).collect::<Vec<_>>(), "areas": areas,
            }],
        }))
    }

    #[test]
    fn shipped_plans_have_small_posters() {
        for (name, most) in [("cinema", 4 << 10), ("theatre", 15_000), ("arena", 28_000)] {
            let svg = draw(&crate::plans::plan(name).unwrap()).unwrap();
            assert!(svg.len() < most, "{name}: {} bytes", svg.len());
            assert!(svg.contains("<path stroke=") && !svg.contains("NaN") && !svg.contains("inf"), "{name}");
        }
    }

    #[test]
    fn few_seats_are_dots_and_many_are_bands_broken_at_aisles() {
        let few = draw(&plan(2, 3, "#ff0000", &json!([]))).unwrap();
        assert_eq!(few.matches("h0").count(), 6, "{few}");
        assert!(few.contains("<path stroke=\"#f00\""), "{few}");
        let many = draw(&plan(20, 100, "#ff0000", &json!([]))).unwrap();
        let bands = many.split_once(" d=\"").unwrap().1;
        assert_eq!(
            (many.matches("h0").count(), bands.matches('m').count(), bands.matches('h').count()),
            (0, 40, 40),
            "{many}"
        );
    }

    #[test]
    fn what_a_hostile_plan_says_stays_text_and_what_is_no_colour_is_left_out() {
        let areas = json!([
            {
                "shape": "rectangle", "position": { "x": 0, "y": -200 }, "rectangle": { "width": 500, "height": 100 },
                "color": "url(http://evil.example/)", "border_color": "red\" onload=\"evil()",
                "text": { "text": "</svg><script>evil()</script>", "position": { "x": 250, "y": 50 }, "size": 30 },
            },
        ]);
        let svg = draw(&plan(2, 3, "#000\"/><script>evil()</script>", &areas)).unwrap();
        assert!(svg.contains(">&lt;/svg&gt;&lt;script&gt;evil()&lt;/script&gt;</text>"), "{svg}");
        for word in ["<script", "url(", "onload", "rect", "style="] {
            assert!(!svg.contains(word), "{word} in {svg}");
        }
        assert!(svg.contains(&format!("stroke=\"{DEFAULT_COLOR}\"")), "{svg}");
    }

    #[test]
    fn areas_are_faint_where_seats_lie_on_them() {
        let area = |y: i32| {
            json!({
                "shape": "rectangle", "position": { "x": -20, "y": y }, "rectangle": { "width": 200, "height": 90 }, "color": "#ff0000",
            })
        };
        let svg = draw(&plan(3, 4, "#00ff00", &json!([area(-20), area(-200)]))).unwrap();
        assert_eq!((svg.matches("<rect").count(), svg.matches("fill-opacity").count()), (2, 1), "{svg}");
    }

    #[test]
    fn a_plan_that_would_make_a_large_poster_has_none() {
        let area = json!({
            "shape": "text", "position": { "x": 0, "y": 0 },
            "text": { "text": "x".repeat(20), "position": { "x": 0, "y": -50 }, "size": 400 },
        });
        assert_eq!(draw(&plan(2, 3, "#ff0000", &json!(vec![area; 1_000]))), None);
    }
}

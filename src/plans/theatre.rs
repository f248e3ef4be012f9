//! A theatre of 800 seats: curved stalls, boxes along both sides, and a balcony.
//!
//! Rows are arcs about one focus behind the stage; a place is an angle and a radius about it.

use super::drawing::{Caption, Drawing, Mark, OUTLINE, Paint, RowMarks, SURFACE, Spot, fitting, plan, spread};
use crate::domain::plan::{Plan, RowNumberPosition, Zone};

const PREMIUM: &str = "Premium stalls";
const STALLS: &str = "Stalls";
const REAR_STALLS: &str = "Rear stalls";
const BOX: &str = "Box";
const BALCONY: &str = "Balcony";
const REAR_BALCONY: &str = "Rear balcony";

/// A price for each category.
pub(super) const PRICES: [(&str, u32); 6] =
    [(PREMIUM, 95), (STALLS, 72), (REAR_STALLS, 54), (BOX, 88), (BALCONY, 46), (REAR_BALCONY, 32)];

const COLORS: [(&str, &str); 6] = [
    (PREMIUM, "#a63d57"),
    (STALLS, "#cf7a63"),
    (REAR_STALLS, "#d9a860"),
    (BOX, "#7d5f9e"),
    (BALCONY, "#4f86a8"),
    (REAR_BALCONY, "#86abc4"),
];

const SIZE: (u32, u32) = (1500, 1100);
const FOCUS: Spot = Spot { x: 750.0, y: -480.0 };
/// The least distance between neighbours.
const PITCH: f64 = 25.0;
const ROW_PITCH: f64 = 32.0;
const AISLE: f64 = 33.5;

/// Rows of one curved part of the house, cut by radial aisles into equal blocks.
struct Tier {
    zone: &'static str,
    first_radius: f64,
    /// Half of the angle that rows cover, in degrees.
    half_angle: f64,
    blocks: u32,
    rows: &'static [(&'static str, &'static str)],
}

const STALLS_TIER: Tier = Tier {
    zone: "Stalls",
    first_radius: 820.0,
    half_angle: 27.0,
    blocks: 3,
    rows: &[
        ("A", PREMIUM),
        ("B", PREMIUM),
        ("C", PREMIUM),
        ("D", PREMIUM),
        ("E", STALLS),
        ("F", STALLS),
        ("G", STALLS),
        ("H", STALLS),
        ("J", STALLS),
        ("K", STALLS),
        ("L", REAR_STALLS),
        ("M", REAR_STALLS),
        ("N", REAR_STALLS),
    ],
};

const BALCONY_TIER: Tier = Tier {
    zone: "Balcony",
    first_radius: 1326.0,
    half_angle: 27.5,
    blocks: 4,
    rows: &[
        ("A", BALCONY),
        ("B", BALCONY),
        ("C", BALCONY),
        ("D", REAR_BALCONY),
        ("E", REAR_BALCONY),
        ("F", REAR_BALCONY),
        ("G", REAR_BALCONY),
    ],
};

/// Boxes on each side, from the stage to the back, with four seats each.
const BOXES: u32 = 6;
const BOX_ANGLE: f64 = 32.0;
const FIRST_BOX: f64 = 850.0;
const BOX_PITCH: f64 = 70.0;

pub(super) fn draw() -> Plan {
    let zones = vec![
        stage(),
        tier(&STALLS_TIER),
        boxes("Boxes left", "BoxL", -1.0),
        boxes("Boxes right", "BoxR", 1.0),
        balcony(),
    ];
    plan("Theatre", SIZE, &COLORS, zones)
}

/// The place at an angle (degrees, positive to the right) and a radius about the focus.
fn about_focus(angle: f64, radius: f64) -> Spot {
    let (sin, cos) = angle.to_radians().sin_cos();
    Spot { x: FOCUS.x + radius * sin, y: FOCUS.y + radius * cos }
}

/// A band between two radii.
fn band(half_angle: f64, inner: f64, outer: f64) -> Vec<Spot> {
    let arc = |radius: f64| spread(17, half_angle / 8.0).map(move |angle| about_focus(angle, radius));
    let mut corners: Vec<Spot> = arc(inner).collect();
    let mut back: Vec<Spot> = arc(outer).collect();
    back.reverse();
    corners.extend(back);
    corners
}

fn stage() -> Zone {
    let paint = Paint { fill: SURFACE, outline: OUTLINE };
    let mut stage = Drawing::new("Stage", Spot { x: FOCUS.x, y: 60.0 });
    let mut outline = vec![Spot { x: 480.0, y: 40.0 }];
    outline.extend(spread(13, 3.8).map(|angle| about_focus(angle, 745.0)));
    outline.push(Spot { x: 1020.0, y: 40.0 });
    stage.polygon(&outline, paint);
    stage.caption(&Caption { text: "STAGE", size: 34.0, at: Spot { x: FOCUS.x, y: 140.0 } });
    stage.finish()
}

fn tier(tier: &Tier) -> Zone {
    draw_tier(tier).finish()
}

fn draw_tier(tier: &Tier) -> Drawing {
    let mut drawing = Drawing::new(tier.zone, about_focus(0.0, tier.first_radius));
    let mut radius = tier.first_radius;
    for &(number, category) in tier.rows {
        let angles = seat_angles(tier, radius);
        let mark = |(number, angle): (u32, f64)| Mark { number, spot: about_focus(angle, radius), category };
        drawing.row(RowMarks {
            prefix: tier.zone.to_owned(),
            number: number.to_owned(),
            number_position: Some(RowNumberPosition::Both),
            marks: (1..).zip(angles).map(mark).collect(),
        });
        radius += ROW_PITCH;
    }
    drawing
}

/// Angles of a row's seats from left to right. Seats share their block's whole width, so that its
/// sides are straight.
fn seat_angles(tier: &Tier, radius: f64) -> Vec<f64> {
    let block = 2.0 * tier.half_angle / f64::from(tier.blocks);
    let width = block.to_radians() * radius - AISLE;
    let seats = fitting(width, PITCH);
    let pitch = (width / f64::from(seats) / radius).to_degrees();
    spread(tier.blocks, block).flat_map(|middle| spread(seats, pitch).map(move |angle| middle + angle)).collect()
}

fn boxes(zone: &str, prefix: &str, side: f64) -> Zone {
    let paint = Paint { fill: "#f1edf5", outline: "#cabfd8" };
    let mut drawing = Drawing::new(zone, about_focus(side * BOX_ANGLE, FIRST_BOX));
    let mut radius = FIRST_BOX;
    for number in 1..=BOXES {
        // Inner seats look over the rail; the two behind them sit further from the stalls.
        let at = |out: f64, along: f64| {
            let angle = BOX_ANGLE + (out / radius).to_degrees();
            about_focus(side * angle, radius + along)
        };
        let corners = [at(-28.0, -29.0), at(28.0, -29.0), at(28.0, 29.0), at(-28.0, 29.0)];
        drawing.polygon(&corners, paint);
        let spots = [at(-13.0, -13.0), at(-13.0, 13.0), at(13.0, -13.0), at(13.0, 13.0)];
        let mark = |(number, spot): (u32, Spot)| Mark { number, spot, category: BOX };
        drawing.row(RowMarks {
            prefix: prefix.to_owned(),
            number: number.to_string(),
            number_position: None,
            marks: (1..).zip(spots).map(mark).collect(),
        });
        let text = number.to_string();
        drawing.caption(&Caption { text: &text, size: 16.0, at: at(46.0, 0.0) });
        radius += BOX_PITCH;
    }
    drawing.finish()
}

fn balcony() -> Zone {
    let paint = Paint { fill: SURFACE, outline: OUTLINE };
    let mut balcony = draw_tier(&BALCONY_TIER);
    let rail = BALCONY_TIER.first_radius - 32.0;
    balcony.polygon(&band(BALCONY_TIER.half_angle + 1.0, rail - 8.0, rail), paint);
    let title = about_focus(0.0, rail - 34.0);
    balcony.caption(&Caption { text: "BALCONY", size: 22.0, at: title });
    balcony.finish()
}

//! A cinema of 120 seats: ten slightly curved rows, a centre aisle, and love seats at the back.

use super::drawing::{Caption, Drawing, Mark, OUTLINE, Paint, RowMarks, SURFACE, Spot, plan, spread};
use crate::domain::plan::{Plan, RowNumberPosition};

const STANDARD: &str = "Standard";
const PREMIUM: &str = "Premium";
const LOVE_SEAT: &str = "Love seat";

/// A price for each category.
pub(super) const PRICES: [(&str, u32); 3] = [(STANDARD, 12), (PREMIUM, 15), (LOVE_SEAT, 18)];

const COLORS: [(&str, &str); 3] = [(STANDARD, "#5f93c2"), (PREMIUM, "#8a76bd"), (LOVE_SEAT, "#c8637f")];

const SIZE: (u32, u32) = (560, 580);
const CENTRE: f64 = 280.0;
const PITCH: f64 = 28.0;
const ROW_PITCH: f64 = 36.0;
const FIRST_ROW: f64 = 170.0;
/// From the centre to the first seat on either side of the aisle.
const HALF_AISLE: f64 = 29.0;
/// How strongly rows bend towards the screen.
const CURVE: f64 = 0.0005;

/// Rows from the screen to the back: seats on each side of the aisle, and their category.
const ROWS: [(&str, u32, &str); 9] = [
    ("A", 5, STANDARD),
    ("B", 5, STANDARD),
    ("C", 6, STANDARD),
    ("D", 6, STANDARD),
    ("E", 6, STANDARD),
    ("F", 6, STANDARD),
    ("G", 7, PREMIUM),
    ("H", 7, PREMIUM),
    ("I", 7, PREMIUM),
];

/// The last row: pairs with room between them.
const LOVE_SEATS: u32 = 5;
const LOVE_SEAT_PITCH: f64 = 80.0;
const LOVE_SEAT_HALF: f64 = 11.0;

pub(super) fn draw() -> Plan {
    let mut hall = Drawing::new("Hall", Spot { x: 0.0, y: 0.0 });
    draw_screen(&mut hall);
    let mut depth = FIRST_ROW;
    for (number, side, category) in ROWS {
        hall.row(row(number, category, depth, offsets(side)));
        depth += ROW_PITCH;
    }
    hall.row(row("J", LOVE_SEAT, depth + 6.0, love_seat_offsets()));
    plan("Cinema", SIZE, &COLORS, vec![hall.finish()])
}

fn draw_screen(hall: &mut Drawing) {
    let paint = Paint { fill: SURFACE, outline: OUTLINE };
    let edge = |lower: f64| spread(13, 34.0).map(move |x| Spot { x: CENTRE + x, y: 40.0 + lower + 0.0004 * x * x });
    let mut screen: Vec<Spot> = edge(0.0).collect();
    let mut lower: Vec<Spot> = edge(14.0).collect();
    lower.reverse();
    screen.extend(lower);
    hall.polygon(&screen, paint);
    hall.caption(&Caption { text: "SCREEN", size: 16.0, at: Spot { x: CENTRE, y: 84.0 } });
    let exit = Spot { x: CENTRE, y: 556.0 };
    hall.caption(&Caption { text: "Entrance", size: 14.0, at: exit });
}

/// Places seats by their distance from the centre line, leftmost first.
fn row(number: &str, category: &'static str, depth: f64, offsets: impl Iterator<Item = f64>) -> RowMarks {
    let mark = |(number, offset): (u32, f64)| Mark {
        number,
        spot: Spot { x: CENTRE + offset, y: depth - CURVE * offset * offset },
        category,
    };
    RowMarks {
        prefix: String::new(),
        number: number.to_owned(),
        number_position: Some(RowNumberPosition::Both),
        marks: (1..).zip(offsets).map(mark).collect(),
    }
}

fn offsets(side: u32) -> impl Iterator<Item = f64> {
    let right = (0..side).map(|seat| HALF_AISLE + f64::from(seat) * PITCH);
    right.clone().rev().map(|offset| -offset).chain(right)
}

fn love_seat_offsets() -> impl Iterator<Item = f64> {
    spread(LOVE_SEATS, LOVE_SEAT_PITCH).flat_map(|middle| [middle - LOVE_SEAT_HALF, middle + LOVE_SEAT_HALF])
}

//! An arena of 20,000 seats: three tiers of blocks around a court.
//!
//! Each block is a zone. Its rows follow the rings around the court, and its sides run straight
//! away from it.

use super::drawing::{Caption, Drawing, Mark, Paint, RowMarks, Spot, fitting, plan, spread};
use super::ring::{Ring, Station};
use crate::domain::plan::{Plan, Zone};

const COURTSIDE: &str = "Courtside";
const LOWER: &str = "Lower sideline";
const LOWER_ENDS: &str = "Lower ends";
const CLUB: &str = "Club";
const UPPER: &str = "Upper";
const REAR_UPPER: &str = "Rear upper";

/// A price for each category.
pub(super) const PRICES: [(&str, u32); 6] =
    [(COURTSIDE, 240), (LOWER, 135), (LOWER_ENDS, 105), (CLUB, 120), (UPPER, 62), (REAR_UPPER, 38)];

const COLORS: [(&str, &str); 6] = [
    (COURTSIDE, "#a63d57"),
    (LOWER, "#cf7a63"),
    (LOWER_ENDS, "#d9a860"),
    (CLUB, "#7d5f9e"),
    (UPPER, "#4f86a8"),
    (REAR_UPPER, "#86abc4"),
];

const SEATS: u32 = 20_000;
const CENTRE: Spot = Spot { x: 2_600.0, y: 2_200.0 };
const SIZE: (u32, u32) = (5_200, 4_400);
const FLOOR: Ring = Ring { centre: CENTRE, half_width: 850.0, half_height: 450.0, corner: 300.0 };

/// The least distance between neighbours.
const PITCH: f64 = 23.0;
const ROW_PITCH: f64 = 26.0;
const AISLE: f64 = 44.0;
const COURTSIDE_ROWS: u32 = 3;
const UPPER_ROWS: u32 = 10;

/// Blocks at one height, all with the same number of rows.
struct Tier {
    first_block: u32,
    blocks: u32,
    /// From the floor's edge to the first row.
    distance: f64,
    rows: u32,
}

const TIERS: [Tier; 3] = [
    Tier { first_block: 101, blocks: 20, distance: 60.0, rows: 22 },
    Tier { first_block: 201, blocks: 28, distance: 732.0, rows: 10 },
    Tier { first_block: 301, blocks: 32, distance: 1_092.0, rows: 22 },
];

/// One row of a block, before it is numbered into a zone.
struct BlockRow {
    number: u32,
    distance: f64,
    seats: u32,
}

/// A block: a piece of a tier between two stations.
struct Block {
    number: u32,
    edges: (Station, Station),
    middle: Station,
    rows: Vec<BlockRow>,
}

pub(super) fn draw() -> Plan {
    let mut blocks: Vec<Block> = TIERS.iter().flat_map(blocks).collect();
    leave_out_surplus(&mut blocks);
    let mut zones = vec![court()];
    zones.extend(blocks.iter().map(zone));
    plan("Arena", SIZE, &COLORS, zones)
}

/// Cuts a tier into blocks of equal length; the first has its middle over the court's middle.
fn blocks(tier: &Tier) -> impl Iterator<Item = Block> {
    let halfway = tier.distance + 0.5 * f64::from(tier.rows) * ROW_PITCH;
    let length = FLOOR.length(halfway) / f64::from(tier.blocks);
    (0..tier.blocks).map(move |index| {
        let station = |blocks: f64| FLOOR.station(halfway, (f64::from(index) + blocks) * length);
        let edges = (station(-0.5), station(0.5));
        let row = |number: u32| {
            let distance = tier.distance + f64::from(number - 1) * ROW_PITCH;
            let seats = fitting(width(edges, distance) - AISLE, PITCH);
            BlockRow { number, distance, seats }
        };
        Block {
            number: tier.first_block + index,
            edges,
            middle: station(0.0),
            rows: (1..=tier.rows).map(row).collect(),
        }
    })
}

/// The length of a block's row, from edge to edge.
fn width(edges: (Station, Station), distance: f64) -> f64 {
    let length = FLOOR.along(distance, edges.1) - FLOOR.along(distance, edges.0);
    length.rem_euclid(FLOOR.length(distance))
}

/// Takes single seats from the last rows of the highest blocks until the number is round.
fn leave_out_surplus(blocks: &mut [Block]) {
    let seats = |block: &Block| block.rows.iter().map(|row| row.seats).sum::<u32>();
    let total: u32 = blocks.iter().map(seats).sum();
    let mut surplus = total - SEATS;
    for depth in 0.. {
        for block in blocks.iter_mut().rev() {
            if surplus == 0 {
                return;
            }
            if let Some(row) = block.rows.iter_mut().rev().nth(depth) {
                row.seats -= 1;
                surplus -= 1;
            }
        }
    }
}

fn zone(block: &Block) -> Zone {
    let name = block.number.to_string();
    let (first, last) = (block.rows[0].distance, block.rows[block.rows.len() - 1].distance);
    let mut drawing = Drawing::new(&name, FLOOR.spot(f64::midpoint(first, last), block.middle));
    let paint = Paint { fill: "#f3f5f8", outline: "#d7dde5" };
    drawing.polygon(&outline(block, first - 17.0, last + 17.0), paint);
    let at = FLOOR.spot(last + 63.0, block.middle);
    drawing.caption(&Caption { text: &name, size: 40.0, at });
    for row in &block.rows {
        drawing.row(row_marks(block, row));
    }
    drawing.finish()
}

fn outline(block: &Block, front: f64, back: f64) -> Vec<Spot> {
    let side = |distance: f64| {
        let middle = FLOOR.along(distance, block.middle);
        let step = (width(block.edges, distance) - AISLE / 2.0) / 6.0;
        spread(7, step).map(move |along| FLOOR.spot(distance, FLOOR.station(distance, middle + along)))
    };
    let mut corners: Vec<Spot> = side(front).collect();
    let mut behind: Vec<Spot> = side(back).collect();
    behind.reverse();
    corners.extend(behind);
    corners
}

fn row_marks(block: &Block, row: &BlockRow) -> RowMarks {
    let middle = FLOOR.along(row.distance, block.middle);
    // Seats share the row's whole width, so that the block's sides are straight.
    let pitch = (width(block.edges, row.distance) - AISLE) / f64::from(row.seats);
    let category = category(block, row.number);
    let mark = |(number, along): (u32, f64)| Mark {
        number,
        spot: FLOOR.spot(row.distance, FLOOR.station(row.distance, middle + along)),
        category,
    };
    RowMarks {
        prefix: block.number.to_string(),
        number: row.number.to_string(),
        number_position: None,
        marks: (1..).zip(spread(row.seats, pitch)).map(mark).collect(),
    }
}

fn category(block: &Block, row: u32) -> &'static str {
    match block.number / 100 {
        1 if row <= COURTSIDE_ROWS => COURTSIDE,
        1 if block.middle.is_sideline() => LOWER,
        1 => LOWER_ENDS,
        2 => CLUB,
        _ if row <= UPPER_ROWS => UPPER,
        _ => REAR_UPPER,
    }
}

fn court() -> Zone {
    let floor = Paint { fill: "#eceff3", outline: "#cfd6df" };
    let wood = Paint { fill: "#ecd3ab", outline: "#b98d54" };
    let paint = Paint { fill: "#e2bf8c", outline: "#b98d54" };
    let mut court = Drawing::new("Court", CENTRE);
    let around = |step| FLOOR.station(0.0, FLOOR.length(0.0) * f64::from(step) / 80.0);
    let rim: Vec<Spot> = (0..80).map(|step| FLOOR.spot(0.0, around(step))).collect();
    court.polygon(&rim, floor);
    let at = |x: f64, y: f64| Spot { x: CENTRE.x + x, y: CENTRE.y + y };
    court.rectangle(at(-644.0, -345.0), (1_288.0, 690.0), wood);
    for side in [-1.0, 1.0] {
        let left = if side < 0.0 { -644.0 } else { 377.0 };
        court.circle(at(side * 377.0, 0.0), 83.0, wood);
        court.rectangle(at(left, -113.0), (267.0, 226.0), paint);
    }
    court.circle(at(0.0, 0.0), 83.0, paint);
    court.rectangle(at(-1.0, -345.0), (2.0, 690.0), wood);
    court.caption(&Caption { text: "COURT", size: 40.0, at: at(0.0, 0.0) });
    court.finish()
}

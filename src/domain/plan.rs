//! Seating plans in the open format of pretix's plan editor.
//!
//! A plan enters through [`SeatingPlan::import`], which either accepts it or names every problem at
//! once, each with its JSON path. What it accepts is immutable and named by the hash of its
//! canonical JSON: equal content has an equal hash, and the canonical JSON imports again to the
//! same plan. Fields that the format does not know are kept and noted.
//!
//! A seat's index is its place in the order of zones, rows and seats as listed, from 0. Seats are
//! told apart by `seat_guid` alone; labels may repeat.
//!
//! # Repair
//!
//! With [`ImportOptions::repair`] the import mends what has one obvious mend, and notes each:
//!
//! - a repeated `seat_guid` gets the first free suffix in plan order: `17-1~2`, `17-1~3`, …;
//! - a `seat_guid` loses control characters and blanks at its ends and is cut to 200 bytes; one that
//!   is missing or too short is made from the labels of zone, row and seat; guids that are sound as
//!   given keep theirs, whatever the mended ones would like to be called;
//! - a missing, fractional or non-positive `size` is taken from the content;
//! - an unknown category is added in a neutral colour, a repeated one is left out, and a seat
//!   without one joins `Uncategorised`;
//! - a missing name, row number or seat number is filled in, a missing zone position is the origin,
//!   a missing list is empty;
//! - a number written as text, or text written as a number, is read as what was meant;
//! - a drawing's negative width or height loses its sign;
//! - a bad `radius` or `row_number_position`, other optional fields of the wrong type, and list items
//!   that are no objects are left out.
//!
//! A seat without a place, a number beyond a million, a plan without seats or with more than
//! [`MAX_SEATS`] cannot be mended. The mend depends on nothing but the input, and mending a mended
//! plan changes nothing.
//!
//! This module draws nothing, prices nothing and knows no showtime.

mod canonical;
mod categories;
mod draft;
mod extent;
mod findings;
mod format;
mod guids;
mod hash;
mod import;
mod object;
mod path;
mod problem;
mod read;
mod read_area;
mod remarks;
mod seating_plan;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod real_files;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod repairs;
#[cfg(test)]
mod sample;

pub use format::{
    Area, Category, Circle, Ellipse, Plan, Point, Polygon, Rectangle, Row, RowNumberPosition, Seat, Size, Text, Zone,
};
pub use hash::{InvalidPlanHash, PlanHash};
pub use import::{ImportOptions, Imported, MAX_SEATS};
pub use problem::{MAX_PROBLEMS, Problem, code};
pub use seating_plan::{PlanSeat, SeatingPlan};

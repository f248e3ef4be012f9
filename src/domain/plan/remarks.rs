//! Notes on what is odd in a plan but does not stand against it.

use std::collections::HashMap;

use super::draft::Draft;
use super::findings::{Findings, quoted};
use super::path::JsonPath;
use super::problem::code;

/// Notes seats outside the size, seats with the same labels, and seats at the same place.
pub(super) fn note(draft: &Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    seats_outside_size(draft, root, findings);
    repeated_labels(draft, root, findings);
    same_places(draft, root, findings);
}

fn seats_outside_size(draft: &Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    let size = &draft.plan.size;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let inside = |(x, y): (f64, f64)| (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
    let mut outside = draft.seats().filter(|(_, place)| !inside(place.place()));
    let Some((first, _)) = outside.next() else {
        return;
    };
    let seats = outside.count() + 1;
    let message = format!("seats outside the size of {width} x {height}: {seats}, this one first; maps show them all");
    findings.note(&first.path(root, Some("position")), code::SEATS_OUTSIDE_SIZE, message);
}

fn repeated_labels(draft: &Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    let mut first_uses = HashMap::with_capacity(draft.origins.len());
    for (origin, place) in draft.seats() {
        let (row, seat) = (place.row.row_number.as_str(), place.seat.seat_number.as_str());
        let first = *first_uses.entry((place.zone.label(), row, seat)).or_insert(origin);
        if first == origin {
            continue;
        }
        let (row, seat, first) = (quoted(row), quoted(seat), first.path(root, None));
        let message = format!("row {row}, seat {seat} is also the label of {first} in this zone");
        findings.note(&origin.path(root, None), code::REPEATED_LABEL, message);
    }
}

fn same_places(draft: &Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    let mut first_uses = HashMap::with_capacity(draft.origins.len());
    for (origin, place) in draft.seats() {
        let (x, y) = place.place();
        // Adding zero makes a negative zero equal to a positive one.
        let bits = ((x + 0.0).to_bits(), (y + 0.0).to_bits());
        let first = *first_uses.entry(bits).or_insert(origin);
        if first != origin {
            let message = format!("the seat lies exactly on {}", first.path(root, None));
            findings.note(&origin.path(root, Some("position")), code::SAME_PLACE, message);
        }
    }
}

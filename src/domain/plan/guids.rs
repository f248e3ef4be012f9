//! Settles the seats' guids: each a valid seat id, none used twice.
//!
//! A guid that is sound as given is never taken away by one that had to be mended: sound first
//! uses keep theirs, and everything else is suffixed around them.

use std::collections::{HashMap, HashSet};

use super::draft::{Draft, Origin};
use super::findings::{Fault, Findings, quoted};
use super::format::SeatInPlan;
use super::path::JsonPath;
use super::problem::code;

const MIN_CHARACTERS: usize = 2;
const MAX_BYTES: usize = 200;
/// What a suffix may take of them: a tilde and a number up to the largest plan's.
const SUFFIX_BYTES: usize = 8;

/// A seat's guid after its own faults were mended.
struct Name {
    origin: Origin,
    guid: String,
    as_given: bool,
}

/// Reports every faulty and every repeated guid, and leaves the mended ones in the draft.
pub(super) fn settle(draft: &mut Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    let mut names: Vec<Name> = Vec::with_capacity(draft.origins.len());
    for (origin, place) in draft.seats() {
        let given = place.seat.seat_guid.as_str();
        let guid = mended(place, names.len());
        let as_given = guid == given;
        if origin.gives_guid && !as_given {
            report_faults(given, &guid, &origin.path(root, Some("seat_guid")), findings);
        }
        names.push(Name { origin, guid, as_given });
    }
    rename_repeated(&mut names, root, findings);
    for (seat, name) in draft.plan.seats_mut().zip(names) {
        seat.seat_guid = name.guid;
    }
}

/// The guid without faults of its own; unchanged if it has none.
fn mended(place: SeatInPlan<'_>, index: usize) -> String {
    let SeatInPlan { zone, row, seat } = place;
    let from_guid = without_faults(&seat.seat_guid);
    if is_long_enough(&from_guid) {
        return from_guid;
    }
    let labels = [zone.label(), &row.row_number, &seat.seat_number];
    let labels: Vec<&str> = labels.into_iter().filter(|label| !label.trim().is_empty()).collect();
    let from_labels = without_faults(&labels.join("-"));
    if is_long_enough(&from_labels) {
        return from_labels;
    }
    format!("seat-{}", index + 1)
}

fn without_faults(guid: &str) -> String {
    let printable: String = guid.chars().filter(|c| !c.is_control()).collect();
    cut(printable.trim(), MAX_BYTES).trim_end().to_owned()
}

fn is_long_enough(guid: &str) -> bool {
    guid.chars().nth(MIN_CHARACTERS - 1).is_some()
}

/// The longest beginning of at most `bytes` bytes.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn report_faults(given: &str, mended: &str, path: &str, findings: &mut Findings) {
    let mut report = |code, wrong: &str, advice: &str| {
        let fault = Fault {
            code,
            wrong: format!("`seat_guid` {} {wrong}", quoted(given)),
            advice: advice.to_owned(),
            mend: format!("names the seat {}", quoted(mended)),
        };
        findings.mendable(&path, fault);
    };
    if given.chars().any(char::is_control) {
        report(code::SEAT_GUID_CONTROL_CHARACTERS, "holds control characters", "remove them");
    }
    if given.trim() != given {
        report(code::SEAT_GUID_BLANK_ENDS, "has blanks at its ends", "remove them");
    }
    if given.len() > MAX_BYTES {
        report(code::SEAT_GUID_TOO_LONG, "is longer than 200 bytes", "shorten it");
    }
    if !is_long_enough(&without_faults(given)) {
        report(code::SEAT_GUID_TOO_SHORT, "has fewer than 2 characters", "lengthen it");
    }
}

fn rename_repeated(names: &mut [Name], root: &JsonPath<'_>, findings: &mut Findings) {
    let first_uses = first_uses(names);
    let mut suffixes = Suffixes::default();
    suffixes.taken.extend(first_uses.keys().cloned());
    for index in 0..names.len() {
        let Name { origin, ref guid, as_given } = names[index];
        let first = first_uses[guid];
        // Without repair a faulty guid was reported as such; what it would collide with is moot.
        if first == index || !(as_given || findings.repairs()) {
            continue;
        }
        let renamed = suffixes.first_free(guid);
        let first = names[first].origin.path(root, Some("seat_guid"));
        let fault = Fault {
            code: code::REPEATED_SEAT_GUID,
            wrong: format!("{} was first used at {first}", quoted(guid)),
            advice: "give each seat a `seat_guid` of its own".to_owned(),
            mend: format!("names this seat {}", quoted(&renamed)),
        };
        findings.mendable(&origin.path(root, Some("seat_guid")), fault);
        names[index].guid = renamed;
    }
}

/// Which seat keeps each guid: the first that is given it, else the first that was mended to it.
fn first_uses(names: &[Name]) -> HashMap<String, usize> {
    let mut first_uses = HashMap::with_capacity(names.len());
    for wanted in [true, false] {
        for (index, name) in names.iter().enumerate().filter(|(_, name)| name.as_given == wanted) {
            first_uses.entry(name.guid.clone()).or_insert(index);
        }
    }
    first_uses
}

/// Hands out guids with suffixes that nobody uses yet.
#[derive(Default)]
struct Suffixes {
    taken: HashSet<String>,
    /// The suffix to try next, so that many repetitions of one guid are not searched again.
    next: HashMap<String, usize>,
}

impl Suffixes {
    fn first_free(&mut self, guid: &str) -> String {
        let base = cut(guid, MAX_BYTES - SUFFIX_BYTES);
        let next = self.next.entry(base.to_owned()).or_insert(2);
        loop {
            let free = format!("{base}~{next}");
            *next += 1;
            if self.taken.insert(free.clone()) {
                return free;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(guids: &[&str]) -> Vec<String> {
        let name = |(seat, guid): (usize, &&str)| Name {
            origin: Origin { zone: 0, row: 0, seat, gives_guid: true, gives_category: true },
            guid: (*guid).to_owned(),
            as_given: true,
        };
        let mut names: Vec<Name> = guids.iter().enumerate().map(name).collect();
        rename_repeated(&mut names, &JsonPath::Root("$"), &mut Findings::new(true));
        names.into_iter().map(|name| name.guid).collect()
    }

    #[test]
    fn repeated_guids_are_suffixed_in_plan_order() {
        assert_eq!(renamed(&["A-1", "A-1", "A-1"]), ["A-1", "A-1~2", "A-1~3"]);
    }

    #[test]
    fn a_suffix_steps_aside_for_a_guid_that_is_used_later() {
        assert_eq!(renamed(&["A-1", "A-1", "A-1~2"]), ["A-1", "A-1~3", "A-1~2"]);
    }

    #[test]
    fn a_suffixed_guid_still_has_at_most_two_hundred_bytes() {
        let long = "ä".repeat(100);
        let renamed = renamed(&[&long, &long]);
        assert_eq!(renamed[0], long);
        assert_eq!(renamed[1], format!("{}~2", "ä".repeat(96)));
    }

    #[test]
    fn faults_of_one_guid_are_removed() {
        assert_eq!(without_faults(" A\u{7}-1\n"), "A-1");
        assert_eq!(without_faults(&"x".repeat(201)).len(), 200);
        assert_eq!(without_faults(&format!("{} y", "x".repeat(199))), "x".repeat(199));
    }
}

//! Settles the plan's categories: every seat's must be listed.

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::findings::{Fault, Findings, quoted};
use super::format::Category;
use super::path::JsonPath;
use super::problem::code;

/// The colour of categories that repair adds.
const NEUTRAL_COLOR: &str = "#9e9e9e";

/// A category that seats refer to and the plan does not list.
struct Unknown {
    name: String,
    /// The path of the first seat's reference.
    first: String,
    seats: usize,
}

/// Reports each unknown category once, and with repair adds it in the order of first use.
pub(super) fn settle(draft: &mut Draft, root: &JsonPath<'_>, findings: &mut Findings) {
    if !draft.lists_categories && !findings.repairs() {
        return;
    }
    for Unknown { name, first, seats } in unknown(draft, root, findings.repairs()) {
        let fault = Fault {
            code: code::UNKNOWN_CATEGORY,
            wrong: format!("{} is not in `categories` (seats that use it: {seats})", quoted(&name)),
            advice: "add it there or correct the name".to_owned(),
            mend: format!("adds it in the neutral colour {NEUTRAL_COLOR}"),
        };
        findings.mendable(&first, fault);
        let color = Some(NEUTRAL_COLOR.to_owned());
        draft.plan.categories.push(Category { name, color, ..Category::default() });
    }
}

fn unknown(draft: &Draft, root: &JsonPath<'_>, repairs: bool) -> Vec<Unknown> {
    let listed: HashSet<&str> = draft.plan.categories.iter().map(|c| c.name.as_str()).collect();
    let mut places = HashMap::new();
    let mut unknown: Vec<Unknown> = Vec::new();
    for (origin, place) in draft.seats() {
        let name = place.seat.category.as_str();
        // Without repair an absent category was reported where it is absent.
        if listed.contains(name) || !(origin.gives_category || repairs) {
            continue;
        }
        let at = *places.entry(name).or_insert_with(|| {
            let first = origin.path(root, Some("category"));
            unknown.push(Unknown { name: name.to_owned(), first, seats: 0 });
            unknown.len() - 1
        });
        unknown[at].seats += 1;
    }
    unknown
}

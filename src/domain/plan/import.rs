//! The only way in: a JSON value becomes a [`SeatingPlan`], or the list of what stands against it.

use serde_json::Value;

use super::draft::Draft;
use super::findings::Findings;
use super::path::JsonPath;
use super::problem::{Problem, code};
use super::seating_plan::SeatingPlan;
use super::{categories, guids, read, remarks};

/// The largest plan that is accepted.
pub const MAX_SEATS: usize = 100_000;

/// How to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Whether to mend what has an obvious mend, as the module describes.
    pub repair: bool,
    /// The JSON path of the plan in what its author sent: `$`, or `$.plan` inside another object.
    pub root: String,
}

impl Default for ImportOptions {
    /// No repair, and the plan is the whole document.
    fn default() -> Self {
        Self { repair: false, root: "$".to_owned() }
    }
}

/// A plan, and what is worth telling its author.
#[derive(Debug)]
pub struct Imported {
    pub plan: SeatingPlan,
    /// Mends (with the codes of the faults they mend) and peculiarities.
    pub notes: Vec<Problem>,
}

impl SeatingPlan {
    /// Accepts or refuses a plan; the same value and options always give the same result.
    ///
    /// # Errors
    /// Every problem of the plan, in the order of the file as far as they concern single values,
    /// then those that need the whole plan to be seen.
    pub fn import(value: &Value, options: &ImportOptions) -> Result<Imported, Vec<Problem>> {
        let root = JsonPath::Root(&options.root);
        let mut findings = Findings::new(options.repair);
        let draft = read::plan(value, &root, &mut findings);
        let draft = draft.map(|draft| settle(draft, &root, &mut findings));
        let notes = findings.finish(&options.root)?;
        let draft = draft.expect("what is no plan was refused");
        Ok(Imported { plan: SeatingPlan::of_sound(draft.plan), notes })
    }
}

fn settle(mut draft: Draft, root: &JsonPath<'_>, findings: &mut Findings) -> Draft {
    let seats = draft.origins.len();
    if seats > MAX_SEATS {
        let message = format!("the plan has {seats} seats, at most {MAX_SEATS} fit; split it");
        findings.error(root, code::TOO_MANY_SEATS, message);
        return draft;
    }
    if seats == 0 {
        let message = "the plan has no seat; add zones with rows of seats".to_owned();
        findings.error(&root.field("zones"), code::NO_SEATS, message);
    }
    categories::settle(&mut draft, root, findings);
    guids::settle(&mut draft, root, findings);
    if findings.is_sound() {
        remarks::note(&draft, root, findings);
    }
    draft
}

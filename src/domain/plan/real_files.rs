//! Plans of real venues, kept beside the project and not in it: these tests say so and pass where
//! the folder is absent.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{ImportOptions, Imported, Problem, SeatingPlan, code};

/// Seen from the project's root.
const FOLDER: &str = "../shared/plans";

/// A real plan, or `None` with a word about it where the folder is absent.
fn real_plan(file: &str) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    if !folder.is_dir() {
        eprintln!("skipped: {file} is not there, because {FOLDER} is absent");
        return None;
    }
    let text = fs::read(folder.join(file)).expect("the real plan can be read");
    Some(serde_json::from_slice(&text).expect("the real plan is JSON"))
}

fn import(value: &Value, repair: bool) -> Result<Imported, Vec<Problem>> {
    SeatingPlan::import(value, &ImportOptions { repair, root: "$.plan".to_owned() })
}

fn assert_refused_for_repeated_guids_and_mended(file: &str, seats: usize, repeated: usize) {
    let Some(value) = real_plan(file) else { return };
    let problems = import(&value, false).unwrap_err();
    assert!(problems.iter().all(|problem| problem.code == code::REPEATED_SEAT_GUID));
    let paths: HashSet<_> = problems.iter().map(|problem| &problem.path).collect();
    assert_eq!((problems.len(), paths.len()), (repeated, repeated));

    let mended = import(&value, true).unwrap();
    assert_eq!(mended.plan.seat_count(), seats);
    let mends = mended.notes.iter().filter(|note| note.code == code::REPEATED_SEAT_GUID);
    assert_eq!(mends.count(), repeated);
    let again: Value = serde_json::from_slice(&mended.plan.json()).unwrap();
    for repair in [false, true] {
        assert_eq!(import(&again, repair).unwrap().plan.hash(), mended.plan.hash());
    }
}

#[test]
fn the_theatre_is_refused_for_84_repeated_guids_and_mended() {
    assert_refused_for_repeated_guids_and_mended("theatre-1057.json", 1_057, 84);
}

#[test]
fn the_stadium_is_refused_for_420_repeated_guids_and_mended() {
    assert_refused_for_repeated_guids_and_mended("stadium-738.json", 738, 420);
}

#[test]
fn the_race_track_is_clean_and_repair_leaves_it_alone() {
    let Some(value) = real_plan("race-track-8897.json") else {
        return;
    };
    let strict = import(&value, false).unwrap();
    assert_eq!((strict.plan.seat_count(), strict.notes), (8_897, vec![]));
    assert_eq!(import(&value, true).unwrap().plan.hash(), strict.plan.hash());
}

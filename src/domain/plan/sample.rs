//! A small sound plan for tests, and ways to spoil it.

use serde_json::{Value, json};

use super::{ImportOptions, SeatingPlan};

pub(super) fn seat(guid: &str, x: i32) -> Value {
    let number = guid.trim();
    json!({"seat_guid": guid, "seat_number": number, "position": {"x": x, "y": 0}, "category": "Stalls"})
}

pub(super) fn plan(seats: &[Value]) -> Value {
    json!({
        "name": "Hall",
        "size": {"width": 400, "height": 300},
        "categories": [{"name": "Stalls", "color": "#336699"}],
        "zones": [{
            "name": "Floor",
            "position": {"x": 100, "y": 50},
            "rows": [{"row_number": "A", "position": {"x": 20, "y": 10}, "seats": seats}],
        }],
    })
}

pub(super) fn two_seats() -> Value {
    plan(&[seat("A-1", 0), seat("A-2", 25)])
}

/// The plan of two seats with the value at a JSON pointer replaced.
pub(super) fn with(pointer: &str, value: Value) -> Value {
    let mut plan = two_seats();
    *plan.pointer_mut(pointer).expect("the pointer is in the plan") = value;
    plan
}

/// The plan of two seats without a field of the object at a JSON pointer.
pub(super) fn without(pointer: &str, field: &str) -> Value {
    let mut plan = two_seats();
    let object = plan.pointer_mut(pointer).and_then(Value::as_object_mut);
    object.expect("the pointer is in the plan").remove(field);
    plan
}

pub(super) fn options(repair: bool) -> ImportOptions {
    ImportOptions { repair, root: "$.plan".to_owned() }
}

pub(super) fn refused(value: &Value) -> Vec<(String, &'static str)> {
    let problems = SeatingPlan::import(value, &options(false)).unwrap_err();
    problems.into_iter().map(|problem| (problem.path, problem.code)).collect()
}

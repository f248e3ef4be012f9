//! Properties of the import over plans that were damaged at random.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use super::{ImportOptions, Imported, Plan, Problem, SeatingPlan};

/// One way to damage a plan at a place of it.
#[derive(Clone, Debug)]
enum Damage {
    Replace(Value),
    Remove,
    Double,
    AddField(String, Value),
}

fn sound_plan() -> Value {
    let seat = |row: usize, seat: usize| {
        json!({
            "seat_guid": format!("{row}-{seat}"),
            "seat_number": seat.to_string(),
            "position": {"x": seat * 25, "y": 0.1},
            "category": if row == 0 { "Front" } else { "Back" },
            "radius": 9.5,
        })
    };
    let row = |row: usize| {
        json!({
            "row_number": row.to_string(),
            "row_number_position": "both",
            "position": {"x": 0.7, "y": row * 30},
            "seats": [seat(row, 1), seat(row, 2), seat(row, 3)],
        })
    };
    json!({
        "name": "Hall",
        "size": {"width": 200, "height": 200},
        "categories": [{"name": "Front", "color": "#aa3344"}, {"name": "Back"}],
        "zones": [{
            "name": "Floor",
            "position": {"x": 50, "y": 60},
            "rows": [row(0), row(1)],
            "areas": [{
                "shape": "text",
                "position": {"x": 1, "y": 2},
                "text": {"text": "Stage", "position": {"x": 0, "y": 0}, "size": 20},
                "polygon": {"points": [{"x": 1, "y": 1}]},
                "ellipse": {"radius": {"x": 3, "y": 4}},
            }],
        }],
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-50_i32..3_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        "\\PC{0,4}".prop_map(Value::from),
        "[ \t\n\u{0}a-c1~-]{0,6}".prop_map(Value::from),
        Just(Value::from("0-1")),
        Just(Value::from("ü".repeat(120))),
        Just(Value::from("NaN")),
        Just(json!([])),
        Just(json!({})),
        Just(json!([1, {"x": 1}])),
    ]
}

fn any_damage() -> impl Strategy<Value = (Index, Damage)> {
    let damage = prop_oneof![
        4 => any_value().prop_map(Damage::Replace),
        2 => Just(Damage::Remove),
        2 => Just(Damage::Double),
        1 => ("[a-z .]{0,3}", any_value()).prop_map(|(name, value)| Damage::AddField(name, value)),
    ];
    (any::<Index>(), damage)
}

fn any_plan() -> impl Strategy<Value = Value> {
    prop::collection::vec(any_damage(), 0..8).prop_map(|damages| {
        let mut plan = sound_plan();
        for (place, damage) in damages {
            let mut pointers = Vec::new();
            list_pointers(&plan, String::new(), &mut pointers);
            let pointer: &String = place.get(&pointers);
            inflict(&mut plan, pointer, damage);
        }
        plan
    })
}

fn list_pointers(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                list_pointers(value, format!("{at}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                list_pointers(value, format!("{at}/{index}"), pointers);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    pointers.push(at);
}

fn inflict(plan: &mut Value, pointer: &str, damage: Damage) {
    let parent_and_last = pointer.rsplit_once('/');
    let (parent, last) = parent_and_last.unwrap_or_default();
    match damage {
        Damage::Remove | Damage::Double if parent_and_last.is_none() => {}
        Damage::Replace(value) => *plan.pointer_mut(pointer).unwrap() = value,
        Damage::AddField(name, value) => {
            if let Some(Value::Object(fields)) = plan.pointer_mut(pointer) {
                fields.insert(name, value);
            }
        }
        Damage::Remove => match plan.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.remove(last)),
            Some(Value::Array(items)) => drop(items.remove(last.parse().unwrap())),
            _ => {}
        },
        Damage::Double => {
            if let Some(Value::Array(items)) = plan.pointer_mut(parent) {
                let item = items[last.parse::<usize>().unwrap()].clone();
                items.push(item);
            }
        }
    }
}

fn import(value: &Value, repair: bool) -> Result<Imported, Vec<Problem>> {
    SeatingPlan::import(value, &ImportOptions { repair, ..ImportOptions::default() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_the_damage_the_import_answers_and_repair_settles_it_for_good(value in any_plan()) {
        let strict = import(&value, false);
        if let Err(problems) = &strict {
            prop_assert!(!problems.is_empty());
        }
        let Ok(repaired) = import(&value, true) else {
            prop_assert!(strict.is_err(), "repair refuses nothing that is sound");
            return Ok(());
        };
        if let Ok(strict) = strict {
            prop_assert_eq!(strict.plan.json(), repaired.plan.json());
            prop_assert_eq!(&strict.notes, &repaired.notes);
        }
        let again: Value = serde_json::from_slice(&repaired.plan.json()).unwrap();
        for repair in [false, true] {
            let again = import(&again, repair).unwrap();
            prop_assert_eq!(again.plan.json(), repaired.plan.json());
            prop_assert_eq!(again.plan.hash(), repaired.plan.hash());
            prop_assert_eq!(again.plan.seats(), repaired.plan.seats());
        }
        prop_assert_eq!(import(&value, true).unwrap().notes, repaired.notes);
    }

    #[test]
    fn the_types_of_the_format_read_whatever_was_accepted(value in any_plan()) {
        if let Ok(imported) = import(&value, true) {
            let plan: Plan = serde_json::from_slice(&imported.plan.json()).unwrap();
            let written = import(&serde_json::to_value(plan).unwrap(), false).unwrap();
            prop_assert_eq!(written.plan.json(), imported.plan.json());
        }
    }

    #[test]
    fn any_coordinate_survives_the_canonical_json(x in -1e6..1e6_f64, kept in any::<f64>()) {
        let mut value = sound_plan();
        value["zones"][0]["rows"][0]["seats"][0]["position"]["x"] = json!(x);
        value["kept"] = json!(kept);
        let imported = import(&value, false).unwrap();
        let again: Map<String, Value> = serde_json::from_slice(&imported.plan.json()).unwrap();
        let again = import(&Value::Object(again), false).unwrap();
        prop_assert_eq!(again.plan.json(), imported.plan.json());
    }
}

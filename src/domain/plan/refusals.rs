//! What the import accepts, refuses and notes: claims about single faults and oddities.

use serde_json::{Value, json};

use super::sample::{options, plan, refused, seat, two_seats, with, without};
use super::{MAX_SEATS, SeatingPlan, code};

fn noted(value: &Value) -> Vec<(String, &'static str)> {
    let imported = SeatingPlan::import(value, &options(false)).unwrap();
    imported.notes.into_iter().map(|note| (note.path, note.code)).collect()
}

#[test]
fn a_sound_plan_is_placed_and_indexed_in_plan_order() {
    let imported = SeatingPlan::import(&two_seats(), &options(false)).unwrap();
    let plan = imported.plan;
    assert_eq!(imported.notes, []);
    assert_eq!((plan.name(), plan.seat_count()), ("Hall", 2));
    assert_eq!(plan.index_of("A-2"), Some(1));
    assert_eq!(plan.index_of("A-3"), None);
    let seat = plan.seat(1).unwrap();
    assert_eq!((seat.x, seat.y, seat.radius), (145.0, 60.0, 10.0));
    assert_eq!((&*seat.zone, &*seat.row, &*seat.seat), ("Floor", "A", "A-2"));
    assert_eq!(plan.categories()[seat.category].name, "Stalls");
    assert_eq!(plan.seat(2), None);
}

#[test]
fn the_hash_depends_on_content_and_not_on_how_it_is_written() {
    let hash = |value: &Value| {
        let imported = SeatingPlan::import(value, &options(false)).unwrap();
        imported.plan.hash().clone()
    };
    let with_fraction = with("/zones/0/position/x", json!(100.0));
    let mut with_null = two_seats();
    with_null["zones"][0]["rows"][0]["uuid"] = Value::Null;
    assert_eq!(hash(&two_seats()), hash(&with_fraction));
    assert_eq!(hash(&two_seats()), hash(&with_null));
    assert_ne!(hash(&two_seats()), hash(&with("/zones/0/position/x", json!(100.5))));
}

#[test]
fn every_problem_is_named_at_once_with_its_path() {
    let mut value = plan(&[seat("A-1", 0), seat("A-1", 25), seat("x", 50)]);
    value["name"] = Value::Null;
    value["size"]["width"] = json!(-4);
    value["zones"][0]["rows"][0]["seats"][1]["category"] = json!("Loge");
    value["zones"][0]["rows"][0]["seats"][2]["position"] = json!([1, 2]);
    let seats = "$.plan.zones[0].rows[0].seats";
    assert_eq!(
        refused(&value),
        [
            ("$.plan.name".to_owned(), code::MISSING_FIELD),
            (format!("{seats}[2].position"), code::WRONG_TYPE),
            ("$.plan.size.width".to_owned(), code::INVALID_SIZE),
            (format!("{seats}[1].category"), code::UNKNOWN_CATEGORY),
            (format!("{seats}[2].seat_guid"), code::SEAT_GUID_TOO_SHORT),
            (format!("{seats}[1].seat_guid"), code::REPEATED_SEAT_GUID),
        ]
    );
}

#[test]
fn a_repeated_guid_names_its_first_use_and_what_repair_would_do() {
    let value = plan(&[seat("A-1", 0), seat("A-1", 25)]);
    let problems = SeatingPlan::import(&value, &options(false)).unwrap_err();
    assert_eq!(
        problems[0].message,
        r#""A-1" was first used at $.plan.zones[0].rows[0].seats[0].seat_guid; give each seat a `seat_guid` of its own (repair names this seat "A-1~2")"#
    );
}

#[test]
fn required_fields_are_missed_by_name_and_without_follow_up_problems() {
    let cases = [
        ("", "categories", "$.plan.categories"),
        ("", "size", "$.plan.size"),
        ("/size", "height", "$.plan.size.height"),
        ("/zones/0", "position", "$.plan.zones[0].position"),
        ("/zones/0/rows/0", "row_number", "$.plan.zones[0].rows[0].row_number"),
        ("/zones/0/rows/0/seats/0", "seat_guid", "$.plan.zones[0].rows[0].seats[0].seat_guid"),
        ("/zones/0/rows/0/seats/0", "category", "$.plan.zones[0].rows[0].seats[0].category"),
        ("/zones/0/rows/0/seats/0", "position", "$.plan.zones[0].rows[0].seats[0].position"),
    ];
    for (pointer, field, path) in cases {
        let problems = refused(&without(pointer, field));
        assert_eq!(problems, [(path.to_owned(), code::MISSING_FIELD)]);
    }
}

#[test]
fn faulty_values_have_codes_of_their_own() {
    let guid = "/zones/0/rows/0/seats/0/seat_guid";
    let cases = [
        ("/zones/0/position/x", json!(1e7), code::NUMBER_OUT_OF_RANGE),
        ("/zones/0/position/x", json!("ten"), code::WRONG_TYPE),
        ("/zones/0/name", json!(7), code::WRONG_TYPE),
        ("/size/height", json!(0), code::INVALID_SIZE),
        ("/size/height", json!(10.5), code::INVALID_SIZE),
        (guid, json!(" A-1"), code::SEAT_GUID_BLANK_ENDS),
        (guid, json!("A\u{1}-1"), code::SEAT_GUID_CONTROL_CHARACTERS),
        (guid, json!("é"), code::SEAT_GUID_TOO_SHORT),
        (guid, json!("é".repeat(101)), code::SEAT_GUID_TOO_LONG),
    ];
    for (pointer, value, code) in cases {
        let problems = refused(&with(pointer, value.clone()));
        let codes: Vec<_> = problems.iter().map(|problem| problem.1).collect();
        assert_eq!(codes, [code], "{pointer} = {value}");
    }
}

#[test]
fn a_null_is_as_good_as_an_absent_optional_field() {
    let mut value = two_seats();
    value["zones"][0]["rows"][0]["row_number_position"] = Value::Null;
    value["zones"][0]["rows"][0]["seats"][0]["radius"] = Value::Null;
    assert_eq!(noted(&value), []);
}

#[test]
fn a_plan_without_seats_or_with_too_many_is_refused_even_with_repair() {
    let too_many = vec![seat("A-1", 0); MAX_SEATS + 1];
    for (value, code) in [(plan(&[]), code::NO_SEATS), (plan(&too_many), code::TOO_MANY_SEATS)] {
        let problems = SeatingPlan::import(&value, &options(true)).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].code, code);
    }
}

#[test]
fn what_is_no_object_is_no_plan() {
    assert_eq!(refused(&json!([])), [("$.plan".to_owned(), code::WRONG_TYPE)]);
}

#[test]
fn unknown_fields_are_kept_and_noted_once_per_kind() {
    let mut value = two_seats();
    value["zones"][0]["rows"][0]["seats"][0]["angle"] = json!(0.1);
    value["zones"][0]["rows"][0]["seats"][1]["angle"] = json!(0.2);
    value["size"]["unit"] = json!({"name": "px"});
    let imported = SeatingPlan::import(&value, &options(false)).unwrap();
    let paths: Vec<_> = imported.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(paths, ["$.plan.zones[0].rows[0].seats[0].angle", "$.plan.size.unit"]);
    assert!(imported.notes[0].message.contains("times found: 2"));
    let kept: Value = serde_json::from_slice(&imported.plan.json()).unwrap();
    assert_eq!(kept, value);
}

#[test]
fn oddities_are_noted_and_do_not_refuse() {
    let mut value = plan(&[seat("A-1", 0), seat("A-2", 0), seat("A-3", 900)]);
    value["zones"][0]["rows"][0]["seats"][2]["seat_number"] = json!("A-1");
    value["zones"][0]["areas"] = json!([{"shape": "star"}]);
    let seats = "$.plan.zones[0].rows[0].seats";
    assert_eq!(
        noted(&value),
        [
            ("$.plan.zones[0].areas[0].shape".to_owned(), code::UNKNOWN_AREA_SHAPE),
            (format!("{seats}[2].position"), code::SEATS_OUTSIDE_SIZE),
            (format!("{seats}[2]"), code::REPEATED_LABEL),
            (format!("{seats}[1].position"), code::SAME_PLACE),
        ]
    );
}

#[test]
fn every_code_is_listed_once() {
    let distinct: std::collections::HashSet<_> = code::ALL.iter().collect();
    assert_eq!(distinct.len(), code::ALL.len());
}

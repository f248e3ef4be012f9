//! What repair makes of each fault.

use serde_json::{Value, json};

use super::sample::{options, plan, refused, seat, two_seats, with, without};
use super::{SeatingPlan, code};

fn repaired(value: &Value) -> SeatingPlan {
    let imported = SeatingPlan::import(value, &options(true)).unwrap();
    assert!(!imported.notes.is_empty(), "a mend is noted");
    imported.plan
}

fn guids(plan: &SeatingPlan) -> Vec<&str> {
    plan.seats().iter().map(|seat| seat.id.as_str()).collect()
}

#[test]
fn a_bad_radius_or_row_number_position_is_left_out_by_repair() {
    let mut value = two_seats();
    value["zones"][0]["rows"][0]["row_number_position"] = json!("middle");
    value["zones"][0]["rows"][0]["seats"][0]["radius"] = json!(-3);
    let codes: Vec<_> = refused(&value).into_iter().map(|problem| problem.1).collect();
    assert_eq!(codes, [code::INVALID_RADIUS, code::INVALID_ROW_NUMBER_POSITION]);
    let sound = SeatingPlan::import(&two_seats(), &options(false)).unwrap();
    assert_eq!(repaired(&value), sound.plan);
}

#[test]
fn repair_computes_a_missing_size_from_the_content() {
    let plan = repaired(&without("", "size"));
    let json: Value = serde_json::from_slice(&plan.json()).unwrap();
    assert_eq!(json["size"], json!({"width": 155, "height": 70}));
}

#[test]
fn repair_adds_unknown_categories_in_a_neutral_colour() {
    let mut value = without("/zones/0/rows/0/seats/0", "category");
    value["zones"][0]["rows"][0]["seats"][1]["category"] = json!("Loge");
    let plan = repaired(&value);
    let categories: Vec<_> = plan.categories().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(categories, ["Stalls", "Uncategorised", "Loge"]);
    assert_eq!(plan.categories()[2].color.as_deref(), Some("#9e9e9e"));
}

#[test]
fn repair_keeps_the_first_of_categories_with_one_name() {
    let twice = json!([{"name": "Stalls", "color": "red"}, {"name": "Stalls"}]);
    let value = with("/categories", twice);
    let problems = refused(&value);
    assert_eq!(problems, [("$.plan.categories[1].name".to_owned(), code::REPEATED_CATEGORY)]);
    assert_eq!(repaired(&value).categories()[0].color.as_deref(), Some("red"));
}

#[test]
fn repair_makes_guids_from_labels_and_spares_those_that_are_sound() {
    let mut seats = vec![seat("7", 0), seat("Floor-A-7", 25), seat(" A-9\n", 50)];
    seats.push(json!({"seat_number": 7, "position": {"x": 75, "y": 0}, "category": "Stalls"}));
    let plan = repaired(&plan(&seats));
    assert_eq!(guids(&plan), ["Floor-A-7~2", "Floor-A-7", "A-9", "Floor-A-7~3"]);
}

#[test]
fn repair_reads_numbers_as_text_and_text_as_numbers_where_they_are_meant() {
    let mut value = with("/zones/0/rows/0/row_number", json!(12));
    value["zones"][0]["position"]["x"] = json!(" 80.5 ");
    let plan = repaired(&value);
    assert_eq!((&*plan.seats()[0].row, plan.seats()[0].x), ("12", 100.5));
}

#[test]
fn repair_leaves_out_list_items_that_are_no_objects_and_paths_still_count_them() {
    let mut value = plan(&[json!(null), seat("A-1", 0), seat("A-1", 25)]);
    value["zones"][0]["rows"][0]["seats"][2]["seat_number"] = json!("2");
    let imported = SeatingPlan::import(&value, &options(true)).unwrap();
    let paths: Vec<_> = imported.notes.iter().map(|note| note.path.as_str()).collect();
    let seats = "$.plan.zones[0].rows[0].seats";
    assert_eq!(paths, [format!("{seats}[0]"), format!("{seats}[2].seat_guid")]);
}

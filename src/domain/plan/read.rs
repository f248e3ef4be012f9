//! Walks a file from the plan down to its seats and fills a [`Draft`].
//!
//! Judges each value by itself. What needs the whole plan (guids that repeat, categories that are
//! unknown) is left to those who settle it afterwards.

use std::collections::HashMap;

use serde_json::Value;

use super::draft::{Draft, Origin};
use super::extent::Extent;
use super::findings::{Fault, Findings, quoted};
use super::format::{Category, Plan, Point, Row, RowNumberPosition, Seat, Size, Zone};
use super::object::{MAX_NUMBER, Need, Object};
use super::path::JsonPath;
use super::problem::code;
use super::read_area::area;

/// The category of seats that state none.
const UNCATEGORISED: &str = "Uncategorised";

/// Reads the whole file; `None` if it is not even an object.
pub(super) fn plan(value: &Value, root: &JsonPath<'_>, findings: &mut Findings) -> Option<Draft> {
    let Value::Object(fields) = value else {
        let message = "a plan is an object with `name`, `size`, `categories` and `zones`";
        findings.error(root, code::WRONG_TYPE, message.to_owned());
        return None;
    };
    let mut object = Object::new("plan", fields, root, findings);
    let mut origins = Vec::new();
    let name = object.text("name", Need::Assumed(&"names it \"Untitled plan\""));
    let categories = categories(&mut object);
    let zones = object
        .list(("zones", "zone"), Need::Assumed(&"takes it as empty"), |object, index| zone(object, index, &mut origins))
        .unwrap_or_default();
    let lists_categories = categories.is_some();
    let plan = Plan {
        name: name.unwrap_or_else(|| "Untitled plan".to_owned()),
        size: size(&mut object, Extent::of(&zones)),
        categories: categories.unwrap_or_default(),
        zones,
        extra: object.rest(),
    };
    Some(Draft { plan, origins, lists_categories })
}

fn categories(plan: &mut Object<'_>) -> Option<Vec<Category>> {
    let mut first_uses = HashMap::new();
    let need = Need::Assumed(&"lists those that seats refer to");
    let list = plan.list(("categories", "category"), need, |object, index| {
        let category = category(object)?;
        let first = *first_uses.entry(category.name.clone()).or_insert(index);
        if first == index {
            return Some(category);
        }
        let fault = Fault {
            code: code::REPEATED_CATEGORY,
            wrong: format!("{} is already the name of category {first}", quoted(&category.name)),
            advice: "give it a name of its own or remove it".to_owned(),
            mend: "leaves this one out".to_owned(),
        };
        object.findings.mendable(&object.path.field("name"), fault);
        None
    })?;
    Some(list.into_iter().flatten().collect())
}

fn category(object: &mut Object<'_>) -> Option<Category> {
    let name = object.text("name", Need::Assumed(&"leaves the category out"));
    let color = object.text("color", Need::Optional);
    let extra = object.rest();
    Some(Category { name: name?, color, extra })
}

/// The stated size, or where it is unusable that of the content.
fn size(plan: &mut Object<'_>, content: Extent) -> Size {
    let mend = format_args!("takes {content} from the content");
    let read = |object: &mut Object<'_>| Size {
        width: side(object, "width", content.width),
        height: side(object, "height", content.height),
        extra: object.rest(),
    };
    plan.nested("size", Need::Assumed(&mend), read).unwrap_or_else(|| Size {
        width: content.width,
        height: content.height,
        ..Size::default()
    })
}

fn side(size: &mut Object<'_>, name: &'static str, content: u32) -> u32 {
    let mend = format_args!("takes {content} from the content");
    let Some(stated) = size.number(name, Need::Assumed(&mend)) else {
        return content;
    };
    if let Some(whole) = whole_pixels(stated) {
        return whole;
    }
    let fault = Fault {
        code: code::INVALID_SIZE,
        wrong: format!("`{name}` is {stated}"),
        advice: "write a whole number above 0".to_owned(),
        mend: format!("takes {content} from the content"),
    };
    size.findings.mendable(&size.path.field(name), fault);
    content
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn whole_pixels(number: f64) -> Option<u32> {
    let is_whole = number.fract() == 0.0 && (1.0..=MAX_NUMBER).contains(&number);
    is_whole.then_some(number as u32)
}

fn zone(object: &mut Object<'_>, index: usize, origins: &mut Vec<Origin>) -> Zone {
    Zone {
        name: object.text("name", Need::Optional),
        position: object.nested("position", Need::Assumed(&"takes it as 0, 0"), point).unwrap_or_default(),
        rows: object
            .list(("rows", "row"), Need::Assumed(&"takes it as empty"), |object, row_index| {
                row(object, (index, row_index), origins)
            })
            .unwrap_or_default(),
        areas: object.list(("areas", "area"), Need::Optional, |object, _| area(object)).unwrap_or_default(),
        zone_id: object.text("zone_id", Need::Optional),
        uuid: object.text("uuid", Need::Optional),
        extra: object.rest(),
    }
}

fn row(object: &mut Object<'_>, place: (usize, usize), origins: &mut Vec<Origin>) -> Row {
    let ordinal = place.1 + 1;
    Row {
        row_number: object
            .text("row_number", Need::Assumed(&format_args!("numbers it {ordinal}")))
            .unwrap_or_else(|| ordinal.to_string()),
        position: object.nested("position", Need::Optional, point),
        seats: object
            .list(("seats", "seat"), Need::Assumed(&"takes it as empty"), |object, index| {
                seat(object, (place.0, place.1, index), origins)
            })
            .unwrap_or_default(),
        row_label: object.text("row_label", Need::Optional),
        seat_label: object.text("seat_label", Need::Optional),
        row_number_position: row_number_position(object),
        uuid: object.text("uuid", Need::Optional),
        extra: object.rest(),
    }
}

fn row_number_position(row: &mut Object<'_>) -> Option<RowNumberPosition> {
    let name = "row_number_position";
    let stated = row.text(name, Need::Optional)?;
    match stated.as_str() {
        "start" => Some(RowNumberPosition::Start),
        "end" => Some(RowNumberPosition::End),
        "both" => Some(RowNumberPosition::Both),
        _ => {
            let fault = Fault {
                code: code::INVALID_ROW_NUMBER_POSITION,
                wrong: format!("`{name}` is {}", quoted(&stated)),
                advice: "write \"start\", \"end\", \"both\" or null".to_owned(),
                mend: "leaves it out".to_owned(),
            };
            row.findings.mendable(&row.path.field(name), fault);
            None
        }
    }
}

fn seat(object: &mut Object<'_>, (zone, row, index): (usize, usize, usize), origins: &mut Vec<Origin>) -> Seat {
    let ordinal = index + 1;
    let made = "makes one from zone, row and seat number";
    let guid = object.text("seat_guid", Need::Assumed(&made));
    let category = object.text("category", Need::Assumed(&"puts the seat in \"Uncategorised\""));
    origins.push(Origin { zone, row, seat: index, gives_guid: guid.is_some(), gives_category: category.is_some() });
    Seat {
        seat_guid: guid.unwrap_or_default(),
        seat_number: object
            .text("seat_number", Need::Assumed(&format_args!("numbers it {ordinal}")))
            .unwrap_or_else(|| ordinal.to_string()),
        position: object.nested("position", Need::Vital, point).unwrap_or_default(),
        category: category.unwrap_or_else(|| UNCATEGORISED.to_owned()),
        radius: object.radius("radius"),
        start_direction: object.text("start_direction", Need::Optional),
        uuid: object.text("uuid", Need::Optional),
        extra: object.rest(),
    }
}

/// A pair of coordinates; neither can be guessed.
pub(super) fn point(object: &mut Object<'_>) -> Point {
    Point {
        x: object.number("x", Need::Vital).unwrap_or_default(),
        y: object.number("y", Need::Vital).unwrap_or_default(),
        extra: object.rest(),
    }
}

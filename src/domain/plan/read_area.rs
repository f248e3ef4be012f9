//! Reads areas: the drawings around the seats.
//!
//! An area never decides about a seat, so nearly all of its faults can be mended.

use super::findings::quoted;
use super::format::{Area, Circle, Ellipse, Point, Polygon, Rectangle, Text};
use super::object::{Need, Object};
use super::problem::code;
use super::read::point;

const SHAPES: [&str; 5] = ["polygon", "rectangle", "ellipse", "circle", "text"];

pub(super) fn area(object: &mut Object<'_>) -> Area {
    Area {
        shape: shape(object),
        position: object.nested("position", Need::Optional, point),
        color: object.text("color", Need::Optional),
        border_color: object.text("border_color", Need::Optional),
        rotation: object.number("rotation", Need::Optional),
        uuid: object.text("uuid", Need::Optional),
        polygon: object.nested("polygon", Need::Optional, polygon),
        rectangle: object.nested("rectangle", Need::Optional, rectangle),
        ellipse: object.nested("ellipse", Need::Optional, ellipse),
        circle: object.nested("circle", Need::Optional, circle),
        text: object.nested("text", Need::Optional, text),
        extra: object.rest(),
    }
}

fn shape(area: &mut Object<'_>) -> Option<String> {
    let shape = area.text("shape", Need::Optional)?;
    if !SHAPES.contains(&shape.as_str()) {
        let message = format!("the format has no shape {}; the area is kept", quoted(&shape));
        area.findings.note(&area.path.field("shape"), code::UNKNOWN_AREA_SHAPE, message);
    }
    Some(shape)
}

fn polygon(object: &mut Object<'_>) -> Polygon {
    let need = Need::Assumed(&"takes it as empty");
    let points = object.list(("points", "point"), need, |object, _| point(object));
    Polygon { points: points.unwrap_or_default(), extra: object.rest() }
}

fn rectangle(object: &mut Object<'_>) -> Rectangle {
    let need = Need::Assumed(&"takes it as 0");
    Rectangle {
        width: object.length("width", need).unwrap_or_default(),
        height: object.length("height", need).unwrap_or_default(),
        extra: object.rest(),
    }
}

fn ellipse(object: &mut Object<'_>) -> Ellipse {
    let need = Need::Assumed(&"takes it as 0, 0");
    let radius = object.nested("radius", need, |radius| {
        let need = Need::Assumed(&"takes it as 0");
        Point {
            x: radius.length("x", need).unwrap_or_default(),
            y: radius.length("y", need).unwrap_or_default(),
            extra: radius.rest(),
        }
    });
    Ellipse { radius: radius.unwrap_or_default(), extra: object.rest() }
}

fn circle(object: &mut Object<'_>) -> Circle {
    Circle {
        radius: object.length("radius", Need::Assumed(&"takes it as 0")).unwrap_or_default(),
        extra: object.rest(),
    }
}

fn text(object: &mut Object<'_>) -> Text {
    Text {
        text: object.text("text", Need::Assumed(&"takes it as empty")).unwrap_or_default(),
        position: object.nested("position", Need::Assumed(&"takes it as 0, 0"), point).unwrap_or_default(),
        color: object.text("color", Need::Optional),
        size: object.length("size", Need::Optional),
        extra: object.rest(),
    }
}

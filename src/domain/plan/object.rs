//! Reads one JSON object field by field and says what is wrong with each.
//!
//! The reader never stops at a fault: it records it, goes on with the mended or a neutral value,
//! and at the end hands over the fields that nobody asked for.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::findings::{Fault, Findings, quoted};
use super::path::JsonPath;
use super::problem::code;

/// The largest number, in either direction, that a plan may hold.
pub(super) const MAX_NUMBER: f64 = 1_000_000.0;

/// What follows when a field is absent or has the wrong type.
#[derive(Clone, Copy)]
pub(super) enum Need<'a> {
    /// Absence is fine; repair leaves a mistyped value out.
    Optional,
    /// The format requires it; repair does what the words say.
    Assumed(&'a dyn Display),
    /// The format requires it, and nobody can guess it.
    Vital,
}

/// A value read as `T`.
enum Reading<T> {
    Sound(T),
    /// Of another type, but what was meant is plain.
    Meant(T),
    Wrong,
}

/// An object being read.
pub(super) struct Object<'a> {
    kind: &'static str,
    fields: &'a Map<String, Value>,
    pub path: &'a JsonPath<'a>,
    pub findings: &'a mut Findings,
    known: Vec<&'static str>,
}

impl<'a> Object<'a> {
    pub fn new(
        kind: &'static str,
        fields: &'a Map<String, Value>,
        path: &'a JsonPath<'a>,
        findings: &'a mut Findings,
    ) -> Self {
        Self { kind, fields, path, findings, known: Vec::with_capacity(12) }
    }

    pub fn text(&mut self, name: &'static str, need: Need<'_>) -> Option<String> {
        self.read(name, "text", need, as_text)
    }

    /// A number within [`MAX_NUMBER`].
    pub fn number(&mut self, name: &'static str, need: Need<'_>) -> Option<f64> {
        let number = self.read(name, "a number", need, as_number)?;
        if number.abs() <= MAX_NUMBER {
            return Some(number);
        }
        let message = format!("`{name}` is {number}, beyond a million; scale the plan down");
        self.findings.error(&self.path.field(name), code::NUMBER_OUT_OF_RANGE, message);
        Some(0.0)
    }

    /// A number that is not negative.
    pub fn length(&mut self, name: &'static str, need: Need<'_>) -> Option<f64> {
        let number = self.number(name, need)?;
        if number < 0.0 {
            let fault = Fault {
                code: code::INVALID_SIZE,
                wrong: format!("`{name}` is {number}, which is negative"),
                advice: "write it without the sign".to_owned(),
                mend: format!("takes it as {}", -number),
            };
            self.findings.mendable(&self.path.field(name), fault);
        }
        Some(number.abs())
    }

    /// A number above zero; any other is a fault that repair leaves out.
    pub fn radius(&mut self, name: &'static str) -> Option<f64> {
        let number = self.number(name, Need::Optional)?;
        if number > 0.0 {
            return Some(number);
        }
        let fault = Fault {
            code: code::INVALID_RADIUS,
            wrong: format!("`{name}` is {number}"),
            advice: "write a number above 0 or leave it out".to_owned(),
            mend: "leaves it out".to_owned(),
        };
        self.findings.mendable(&self.path.field(name), fault);
        None
    }

    /// An object inside this one.
    pub fn nested<T>(
        &mut self,
        name: &'static str,
        need: Need<'_>,
        read: impl FnOnce(&mut Object<'_>) -> T,
    ) -> Option<T> {
        let fields = self.read(name, "an object", need, as_object)?;
        let path = self.path.field(name);
        Some(read(&mut Object::new(name, fields, &path, self.findings)))
    }

    /// A list of objects of one kind, read with their indexes; items that are none are left out.
    pub fn list<T>(
        &mut self,
        (name, kind): (&'static str, &'static str),
        need: Need<'_>,
        mut read: impl FnMut(&mut Object<'_>, usize) -> T,
    ) -> Option<Vec<T>> {
        let items = self.read(name, "a list", need, as_list)?;
        let list_path = self.path.field(name);
        let mut list = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = list_path.item(index);
            if let Value::Object(fields) = item {
                list.push(read(&mut Object::new(kind, fields, &path, self.findings), index));
            } else {
                let wrong = format!("the {kind} is {} where an object is expected", kind_of(item));
                self.findings.mendable(&path, wrong_type(wrong, "leaves it out".to_owned()));
            }
        }
        Some(list)
    }

    /// The fields that nobody asked for, each noted. Call it last.
    pub fn rest(&mut self) -> Map<String, Value> {
        let mut rest = Map::new();
        for (name, value) in self.fields {
            if !self.known.contains(&name.as_str()) {
                self.findings.unknown_field(self.kind, self.path, name);
                rest.insert(name.clone(), value.clone());
            }
        }
        rest
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        need: Need<'_>,
        convert: fn(&'a Value) -> Reading<T>,
    ) -> Option<T> {
        self.known.push(name);
        let fields = self.fields;
        let Some(value) = fields.get(name).filter(|value| !value.is_null()) else {
            self.report_absence(name, need);
            return None;
        };
        match convert(value) {
            Reading::Sound(sound) => Some(sound),
            Reading::Meant(meant) => {
                let wrong = mistyped(name, value, expected);
                let fault = wrong_type(wrong, format!("takes it as {expected}"));
                self.findings.mendable(&self.path.field(name), fault);
                Some(meant)
            }
            Reading::Wrong => {
                self.report_mistype(name, mistyped(name, value, expected), need);
                None
            }
        }
    }

    fn report_absence(&mut self, name: &'static str, need: Need<'_>) {
        let path = self.path.field(name);
        let wrong = format!("the {} has no `{name}`", self.kind);
        match need {
            Need::Optional => {}
            Need::Vital => {
                self.findings.error(&path, code::MISSING_FIELD, format!("{wrong}; add it"));
            }
            Need::Assumed(mend) => {
                let (advice, mend) = ("add it".to_owned(), mend.to_string());
                let fault = Fault { code: code::MISSING_FIELD, wrong, advice, mend };
                self.findings.mendable(&path, fault);
            }
        }
    }

    fn report_mistype(&mut self, name: &'static str, wrong: String, need: Need<'_>) {
        let path = self.path.field(name);
        match need {
            Need::Optional => {
                self.findings.mendable(&path, wrong_type(wrong, "leaves it out".to_owned()));
            }
            Need::Vital => {
                let message = format!("{wrong}; change its type");
                self.findings.error(&path, code::WRONG_TYPE, message);
            }
            Need::Assumed(mend) => {
                self.findings.mendable(&path, wrong_type(wrong, mend.to_string()));
            }
        }
    }
}

fn mistyped(name: &str, value: &Value, expected: &str) -> String {
    let shown = match value {
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            kind_of(value).to_owned()
        }
    };
    format!("`{name}` is {shown} where {expected} is expected")
}

fn wrong_type(wrong: String, mend: String) -> Fault {
    let advice = "change its type".to_owned();
    Fault { code: code::WRONG_TYPE, wrong, advice, mend }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn as_text(value: &Value) -> Reading<String> {
    match value {
        Value::String(text) => Reading::Sound(text.clone()),
        Value::Number(number) => Reading::Meant(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Reading::Wrong,
    }
}

fn as_number(value: &Value) -> Reading<f64> {
    let finite = |number: &f64| number.is_finite();
    match value {
        Value::Number(number) => number.as_f64().filter(finite).map_or(Reading::Wrong, Reading::Sound),
        Value::String(text) => {
            let number = text.trim().parse().ok().filter(finite);
            number.map_or(Reading::Wrong, Reading::Meant)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Reading::Wrong,
    }
}

fn as_object(value: &Value) -> Reading<&Map<String, Value>> {
    value.as_object().map_or(Reading::Wrong, Reading::Sound)
}

fn as_list(value: &Value) -> Reading<&Vec<Value>> {
    value.as_array().map_or(Reading::Wrong, Reading::Sound)
}

//! Places in a JSON document, written as JSON paths.
//!
//! A path is a chain of borrowed steps on the stack, so that walking a sound plan builds no text.

use std::fmt;

/// One step, and the steps that lead to it.
#[derive(Clone, Copy)]
pub(super) enum JsonPath<'a> {
    Root(&'a str),
    Field(&'a JsonPath<'a>, &'a str),
    Item(&'a JsonPath<'a>, usize),
}

impl<'a> JsonPath<'a> {
    pub fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(root) => f.write_str(root),
            Self::Field(parent, name) if is_plain(name) => write!(f, "{parent}.{name}"),
            Self::Field(parent, name) => write!(f, "{parent}[{name:?}]"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_fields_and_items_from_its_root() {
        let root = JsonPath::Root("$.plan");
        let zones = root.field("zones");
        let zone = zones.item(2);
        assert_eq!(zone.field("name").to_string(), "$.plan.zones[2].name");
    }

    #[test]
    fn a_field_that_is_no_plain_word_is_quoted() {
        let root = JsonPath::Root("$");
        assert_eq!(root.field("a b").to_string(), r#"$["a b"]"#);
        assert_eq!(root.field("").to_string(), r#"$[""]"#);
        assert_eq!(root.field("7up").to_string(), r#"$["7up"]"#);
    }
}

//! The tables in `docs/scaling.md`: each stands between two comments that name it, and is what the model says.

use std::path::Path;

/// The document with these tables in their places.
///
/// # Panics
/// When a table has no place, or a place has no table.
pub fn with_tables(document: &str, tables: &[(&'static str, String)]) -> String {
    let mut text = document.to_owned();
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- table: {name} -->\n"), "<!-- end of table -->");
        let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no place for the table {name}"));
        let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("the table {name} does not end"));
        text = format!("{before}{begin}{}\n{end}{after}", table.trim_end());
    }
    assert_eq!(text.matches("<!-- table: ").count(), tables.len(), "every place has a table");
    text
}

/// The document as it is.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

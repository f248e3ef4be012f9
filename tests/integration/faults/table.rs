//! The table of faults for operators is made of tests: every row names some that exist, and every test of a fault is in a row.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEADING: &str = "## Faults and what users see";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of tests in the last column, row by row.
fn rows() -> Vec<(String, Vec<String>)> {
    let operations = std::fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, section) = operations.split_once(&format!("\n{HEADING}\n")).expect("the section");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        let tests = cells[4].split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect();
        (cells[0].to_owned(), tests)
    })
    .collect()
}

fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The functions behind `#[test]` and `#[tokio::test]`, and those that a macro runs on each store.
fn tests(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources(&root().join(folder)) {
        for (_, after) in source.match_indices("test").filter_map(|(at, _)| source[at..].split_once("]\n")) {
            names.extend(function(after.lines().next().unwrap_or("")));
        }
        let takes_a_store = |line: &&str| line.ends_with("(store: TestStore) {") && line.starts_with("async fn ");
        names.extend(source.lines().filter(takes_a_store).filter_map(function));
    }
    names
}

fn function(line: &str) -> Option<String> {
    let name = line.trim().trim_start_matches("async ").strip_prefix("fn ")?;
    Some(name.split('(').next()?.to_owned())
}

#[test]
fn every_row_of_the_table_of_faults_comes_from_a_test_and_every_fault_test_is_in_a_row() {
    let known = tests("tests/integration");
    let rows = rows();
    assert!(rows.len() > 20, "the table is there");
    for (fault, tests) in &rows {
        for test in tests {
            assert!(known.contains(test), "{fault}: no test is called {test:?}");
        }
    }
    let named: BTreeSet<&String> = rows.iter().flat_map(|(_, tests)| tests).collect();
    for test in tests("tests/integration/faults") {
        let here = test == "every_row_of_the_table_of_faults_comes_from_a_test_and_every_fault_test_is_in_a_row";
        assert!(here || named.contains(&test), "{test} is in no row of the table in docs/operations.md");
    }
}

//! How many nodes an audience needs: prints the tables of `docs/scaling.md` from `costs.tsv`. `cargo bench --bench scaling`.
//!
//! `-- --write` puts them into the document. `-- --observe` has a real server with one worker do what the simulation says it does,
//! and notes it in `observed.tsv`.

mod observation;

#[path = "model.rs"]
mod model;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use self::model::costs::Costs;
use self::model::{document, observed, tables};
use self::support::Scale;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let asked = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let scale = Scale::wanted();
    let observations = file("benches/scaling/observed.tsv");
    if asked("--observe") || scale == Scale::Smoke {
        let observed = observation::observe(scale);
        if scale == Scale::Full {
            observed::write(&observations, &observed);
        }
    }
    let costs = Costs::read(&file("benches/scaling/costs.tsv"));
    let tables = tables::tables(&costs, &observed::read(&observations));
    for (name, table) in &tables {
        println!("{name}\n\n{table}");
    }
    if asked("--write") {
        let path = file("docs/scaling.md");
        let text = document::with_tables(&document::read(&path), &tables);
        std::fs::write(&path, text).expect("the document can be written");
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

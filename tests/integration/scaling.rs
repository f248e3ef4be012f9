//! The plans in `docs/scaling.md` are what the simulation says, and the simulation behaves as queues do.

use std::path::{Path, PathBuf};

use self::model::costs::Costs;
use self::model::load::{Load, Setup};
use self::model::outcome::Outcome;
use self::model::simulation::simulate;
use self::model::{document, observed, tables};

#[path = "../../benches/scaling/model.rs"]
mod model;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn costs() -> Costs {
    Costs::read(&file("benches/scaling/costs.tsv"))
}

fn steady(viewers: u32, changes: u32, setup: Setup) -> Outcome {
    simulate(&costs(), Load::steady(viewers, changes), setup)
}

#[test]
fn the_tables_of_the_scaling_document_are_what_the_simulation_says() {
    let observed = observed::read(&file("benches/scaling/observed.tsv"));
    assert!(!observed.is_empty(), "nothing was observed: cargo bench --bench scaling -- --observe");
    let document = document::read(&file("docs/scaling.md"));
    let written = document::with_tables(&document, &tables::tables(&costs(), &observed));
    assert!(document == written, "docs/scaling.md is out of date: cargo bench --bench scaling -- --write");
}

#[test]
fn a_room_at_rest_costs_what_its_frames_cost() {
    let outcome = steady(1_000, 1, Setup::of(1, 0.0));
    let round = costs().get("deliver.single") * 1_000.0 / f64::from(Setup::of(1, 0.0).workers) / 1_000.0;
    let last = outcome.last_screen.millis(50.0);
    assert!(last > round && last < round * 2.0 + 1.0, "{last} ms for a round of {round} ms");
    assert!((outcome.merged - 1.0).abs() < 0.01, "nothing waits for a round: {} changes in a frame", outcome.merged);
}

#[test]
fn changes_that_come_faster_than_rounds_are_merged_and_still_shown() {
    let outcome = steady(20_000, 100, Setup::of(1, 0.0));
    assert!(outcome.merged > 2.0, "{} changes in a frame", outcome.merged);
    assert!(outcome.unseen <= outcome.latest, "{} changes were never shown", outcome.unseen);
}

#[test]
fn a_window_makes_fewer_frames_and_costs_time() {
    let [without, with] = [0.0, 250.0].map(|window| steady(20_000, 100, Setup::of(2, window)));
    assert!(with.node[0] < without.node[0], "{:?} {:?}", with.node, without.node);
    assert!(with.last_screen.millis(50.0) > without.last_screen.millis(50.0));
}

#[test]
fn twice_the_nodes_need_less_time_for_the_last_screen_and_more_of_redis() {
    let [few, many] = [4, 8].map(|nodes| steady(50_000, 50, Setup::of(nodes, 0.0)));
    assert!(many.last_screen.millis(99.0) < few.last_screen.millis(99.0));
    assert!(many.redis > few.redis);
}

#[test]
fn the_simulation_is_the_same_each_time() {
    let figures = |outcome: &Outcome| format!("{} {:?}", outcome.last_screen.millis(99.0), outcome.node);
    let [first, second] = [(); 2].map(|()| steady(5_000, 50, Setup::of(2, 0.0)));
    assert_eq!(figures(&first), figures(&second));
}

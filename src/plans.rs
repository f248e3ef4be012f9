//! The plans that come with the program, for trying it out and for load tests.
//!
//! Each is drawn in code in the format of [`crate::domain::plan`] and goes through the same strict
//! import as any other plan. A drawing is built when it is first asked for, and once. Its hash
//! stays the same as long as its drawing does.

mod arena;
mod cinema;
mod drawing;
mod ring;
mod theatre;

use std::sync::{Arc, LazyLock};

use crate::domain::plan::{ImportOptions, Imported, Plan, SeatingPlan};

/// A plan that comes with the program.
pub struct ShippedPlan {
    /// What a showtime names it by.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// A price for each category, in whole units of whatever the showtime's currency is.
    pub prices: &'static [(&'static str, u32)],
    plan: &'static LazyLock<Arc<SeatingPlan>>,
}

static CINEMA: LazyLock<Arc<SeatingPlan>> = LazyLock::new(|| imported(&cinema::draw()));
static THEATRE: LazyLock<Arc<SeatingPlan>> = LazyLock::new(|| imported(&theatre::draw()));
static ARENA: LazyLock<Arc<SeatingPlan>> = LazyLock::new(|| imported(&arena::draw()));

static SHIPPED: [ShippedPlan; 3] = [
    ShippedPlan { name: "cinema", title: "Cinema, 120 seats", prices: &cinema::PRICES, plan: &CINEMA },
    ShippedPlan { name: "theatre", title: "Theatre, 800 seats", prices: &theatre::PRICES, plan: &THEATRE },
    ShippedPlan { name: "arena", title: "Arena, 20,000 seats", prices: &arena::PRICES, plan: &ARENA },
];

impl ShippedPlan {
    /// The plan itself, built at the first call.
    pub fn plan(&self) -> Arc<SeatingPlan> {
        Arc::clone(self.plan)
    }
}

/// All plans that come with the program, smallest first.
pub fn shipped() -> &'static [ShippedPlan] {
    &SHIPPED
}

/// The shipped plan of this name.
pub fn plan(name: &str) -> Option<Arc<SeatingPlan>> {
    shipped().iter().find(|shipped| shipped.name == name).map(ShippedPlan::plan)
}

fn imported(drawn: &Plan) -> Arc<SeatingPlan> {
    let value = serde_json::to_value(drawn).expect("a drawing can be written as JSON");
    match SeatingPlan::import(&value, &ImportOptions::default()) {
        Ok(Imported { plan, .. }) => Arc::new(plan),
        Err(problems) => panic!("a shipped plan is refused: {problems:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use serde_json::Value;

    use super::*;
    use crate::domain::plan::PlanSeat;

    /// Distance to the nearest other seat, for each seat.
    fn nearest_neighbours(seats: &[PlanSeat]) -> Vec<f64> {
        const CELL: f64 = 50.0;
        #[expect(clippy::cast_possible_truncation, reason = "drawings are small")]
        let cell = |seat: &PlanSeat| ((seat.x / CELL) as i32, (seat.y / CELL) as i32);
        let mut cells: HashMap<(i32, i32), Vec<&PlanSeat>> = HashMap::new();
        for seat in seats {
            cells.entry(cell(seat)).or_default().push(seat);
        }
        let around = |(x, y): (i32, i32)| (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        let nearest = |seat: &PlanSeat| {
            let others = around(cell(seat)).filter_map(|at| cells.get(&at)).flatten();
            others
                .filter(|other| other.id != seat.id)
                .map(|other| (other.x - seat.x).hypot(other.y - seat.y))
                .fold(CELL, f64::min)
        };
        seats.iter().map(nearest).collect()
    }

    #[test]
    fn each_plan_has_the_seats_that_its_title_says() {
        let counts: Vec<_> = shipped().iter().map(|plan| plan.plan().seat_count()).collect();
        assert_eq!(counts, [120, 800, 20_000]);
    }

    #[test]
    fn every_plan_imports_again_without_repair_and_without_notes() {
        for shipped in shipped() {
            let plan = shipped.plan();
            let value: Value = serde_json::from_slice(&plan.json()).unwrap();
            let imported = SeatingPlan::import(&value, &ImportOptions::default()).unwrap();
            assert_eq!(imported.notes, [], "{}", shipped.name);
            assert_eq!(imported.plan.hash(), plan.hash());
        }
    }

    #[test]
    fn no_two_seats_of_a_plan_overlap() {
        for shipped in shipped() {
            let plan = shipped.plan();
            for (seat, distance) in plan.seats().iter().zip(nearest_neighbours(plan.seats())) {
                assert!(distance > 2.0 * seat.radius * 0.95, "{} {}", shipped.name, seat.id);
            }
        }
    }

    #[test]
    fn every_category_has_seats_and_a_price() {
        for shipped in shipped() {
            let plan = shipped.plan();
            let priced: Vec<_> = shipped.prices.iter().map(|price| price.0).collect();
            let listed: Vec<_> = plan.categories().iter().map(|c| c.name.as_str()).collect();
            assert_eq!(priced, listed, "{}", shipped.name);
            let used: HashSet<_> = plan.seats().iter().map(|seat| seat.category).collect();
            assert_eq!(used.len(), listed.len(), "{}", shipped.name);
        }
    }

    #[test]
    fn seat_ids_are_readable() {
        for (name, id) in [("cinema", "A-7"), ("theatre", "Stalls-C-12"), ("arena", "101-4-7")] {
            assert!(plan(name).unwrap().index_of(id).is_some(), "{name} {id}");
        }
    }

    #[test]
    fn a_plan_is_built_once_and_other_names_have_none() {
        assert!(Arc::ptr_eq(&plan("cinema").unwrap(), &plan("cinema").unwrap()));
        assert!(plan("stadium").is_none());
    }
}

//! The seating plans of the showtimes that are measured.

use std::sync::{Arc, LazyLock};

use seatcast::domain::plan::{ImportOptions, SeatingPlan};
use serde_json::{Value, json};

/// Which plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hall {
    /// 1,000 seats: 20 rows of 50. All ids have the same length, and so have all diffs.
    Thousand,
    /// The arena that comes with the program: 20,000 seats.
    Arena,
}

const ROWS: u8 = 20;
const SEATS: u32 = 50;
const PITCH: u32 = 25;

static THOUSAND: LazyLock<Arc<SeatingPlan>> = LazyLock::new(|| {
    let imported = SeatingPlan::import(&drawing(), &ImportOptions::default());
    Arc::new(imported.expect("a plan without problems").plan)
});

impl Hall {
    pub fn plan(self) -> Arc<SeatingPlan> {
        match self {
            Self::Thousand => Arc::clone(&THOUSAND),
            Self::Arena => seatcast::plans::plan("arena").expect("a shipped plan"),
        }
    }
}

fn drawing() -> Value {
    let row = |row: u8| {
        let letter = char::from(b'A' + row);
        let seat = |number: u32| {
            json!({
                "seat_guid": format!("{letter}-{number:02}"), "seat_number": number.to_string(), "category": "Seats",
                "position": { "x": number * PITCH, "y": 0 },
            })
        };
        json!({
            "row_number": letter.to_string(), "position": { "x": 0, "y": u32::from(row) * PITCH },
            "seats": (1..=SEATS).map(seat).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": "Hall", "size": { "width": (SEATS + 2) * PITCH, "height": (u32::from(ROWS) + 1) * PITCH },
        "categories": [{ "name": "Seats", "color": "#4f86a8" }],
        "zones": [{ "name": "Stalls", "position": { "x": 0, "y": PITCH }, "rows": (0..ROWS).map(row).collect::<Vec<_>>() }],
    })
}

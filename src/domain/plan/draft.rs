//! A plan between reading and acceptance: what the file says, and where it says it.

use super::format::{Plan, SeatInPlan};
use super::path::JsonPath;

/// A plan that was read but not yet judged as a whole.
pub(super) struct Draft {
    pub plan: Plan,
    /// One per seat of `plan`, in plan order.
    pub origins: Vec<Origin>,
    /// Whether the file has a list of categories to compare seats with.
    pub lists_categories: bool,
}

/// Where in the file a seat came from, and which of its names the file gives.
///
/// Indexes are the file's own: items that were left out count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub zone: usize,
    pub row: usize,
    pub seat: usize,
    pub gives_guid: bool,
    pub gives_category: bool,
}

impl Draft {
    /// Seats in plan order with their origins.
    pub fn seats(&self) -> impl Iterator<Item = (Origin, SeatInPlan<'_>)> {
        self.origins.iter().copied().zip(self.plan.seats())
    }
}

impl Origin {
    /// The seat's path, or with `field` that of a field of it.
    pub fn path(&self, root: &JsonPath<'_>, field: Option<&str>) -> String {
        let zones = root.field("zones");
        let zone = zones.item(self.zone);
        let rows = zone.field("rows");
        let row = rows.item(self.row);
        let seats = row.field("seats");
        let seat = seats.item(self.seat);
        match field {
            None => seat.to_string(),
            Some(name) => seat.field(name).to_string(),
        }
    }
}

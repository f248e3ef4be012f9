//! A plan that was accepted: immutable, with every seat placed, indexed and named.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::canonical;
use super::format::{Category, Plan, SeatInPlan};
use super::hash::PlanHash;
use crate::domain::ids::SeatId;

/// A seating plan. Two with equal hashes are equal.
pub struct SeatingPlan {
    name: String,
    hash: PlanHash,
    json: Arc<[u8]>,
    categories: Vec<Category>,
    seats: Vec<PlanSeat>,
    indexes: HashMap<Arc<str>, u32>,
}

/// A seat of a plan, in the plan's own pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSeat {
    pub id: SeatId,
    /// Index into [`SeatingPlan::categories`].
    pub category: usize,
    /// The zone's name; empty when it has none.
    pub zone: Arc<str>,
    /// The row's number as the plan writes it. Segments of one visible row share it.
    pub row: Arc<str>,
    /// The seat's number as the plan writes it.
    pub seat: Arc<str>,
    /// Zone, row and seat position added.
    pub x: f64,
    pub y: f64,
    pub radius: f64,
}

impl SeatingPlan {
    /// Takes a plan that the import has found sound.
    pub(super) fn of_sound(plan: Plan) -> Self {
        let json = canonical::bytes(&plan);
        let seats = place_seats(&plan);
        let indexes = (0..).zip(&seats).map(|(index, seat)| (seat.id.as_str().into(), index));
        Self {
            hash: PlanHash::of(&json),
            json: json.into(),
            indexes: indexes.collect(),
            seats,
            name: plan.name,
            categories: plan.categories,
        }
    }

    /// The hash of [`SeatingPlan::json`].
    pub fn hash(&self) -> &PlanHash {
        &self.hash
    }

    /// The canonical JSON. Its clones share the bytes; it imports again to this plan.
    pub fn json(&self) -> Arc<[u8]> {
        Arc::clone(&self.json)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The price levels in the order of the plan.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    pub fn seat_count(&self) -> usize {
        self.seats.len()
    }

    /// All seats; a seat's place in the slice is its index.
    pub fn seats(&self) -> &[PlanSeat] {
        &self.seats
    }

    /// The seat at an index.
    pub fn seat(&self, index: u32) -> Option<&PlanSeat> {
        self.seats.get(usize::try_from(index).ok()?)
    }

    /// The index of the seat with this id.
    pub fn index_of(&self, id: &str) -> Option<u32> {
        self.indexes.get(id).copied()
    }
}

impl PartialEq for SeatingPlan {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for SeatingPlan {}

impl fmt::Debug for SeatingPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatingPlan")
            .field("name", &self.name)
            .field("hash", &self.hash)
            .field("seat_count", &self.seat_count())
            .finish_non_exhaustive()
    }
}

fn place_seats(plan: &Plan) -> Vec<PlanSeat> {
    let names = plan.categories.iter().map(|category| category.name.as_str());
    let categories: HashMap<&str, usize> = names.zip(0..).collect();
    let mut labels = Labels::default();
    let place = |place: SeatInPlan<'_>| {
        let (x, y) = place.place();
        let SeatInPlan { zone, row, seat } = place;
        PlanSeat {
            id: SeatId::parse(&seat.seat_guid).expect("the import settled every guid"),
            category: categories[seat.category.as_str()],
            zone: labels.shared(zone.label()),
            row: labels.shared(&row.row_number),
            seat: labels.shared(&seat.seat_number),
            x,
            y,
            radius: place.radius(),
        }
    };
    plan.seats().map(place).collect()
}

/// Keeps one copy of each label, however many seats bear it.
#[derive(Default)]
struct Labels(HashMap<String, Arc<str>>);

impl Labels {
    fn shared(&mut self, label: &str) -> Arc<str> {
        if let Some(known) = self.0.get(label) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = label.into();
        self.0.insert(label.to_owned(), Arc::clone(&shared));
        shared
    }
}

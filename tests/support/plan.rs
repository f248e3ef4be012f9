//! The seats of a plan, by name and index.

use std::collections::HashMap;
use std::sync::Arc;

/// Seat ids in plan order.
pub struct SeatIds {
    ids: Vec<String>,
    indexes: HashMap<String, usize>,
}

impl SeatIds {
    /// The seats of a shipped plan.
    pub fn shipped(name: &str) -> Arc<Self> {
        let plan = seatcast::plans::plan(name).expect("a shipped plan");
        Self::new(plan.seats().iter().map(|seat| seat.id.to_string()).collect())
    }

    pub fn new(ids: Vec<String>) -> Arc<Self> {
        let indexes = ids.iter().cloned().zip(0..).collect();
        Arc::new(Self { ids, indexes })
    }

    pub fn index(&self, id: &str) -> usize {
        self.indexes[id]
    }

    pub fn id(&self, index: usize) -> &str {
        &self.ids[index]
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }
}

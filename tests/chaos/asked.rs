//! What lockers asked for, noted before it is sent: whatever happens to a seat must have been asked for by somebody, or be the
//! end of a lock.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// What a locker may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Lock,
    Extend,
    Unlock,
    Book,
    Release,
}

impl Verb {
    pub fn method(self) -> &'static str {
        match self {
            Self::Lock | Self::Book | Self::Release => "POST",
            Self::Extend => "PUT",
            Self::Unlock => "DELETE",
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Extend => "extend-lock",
            Self::Unlock => "unlock",
            Self::Book => "book",
            Self::Release => "release",
        }
    }
}

/// One holder's business with some seats, from the lock to its end. A holder has no other: what a request of which nobody
/// knows the outcome does later, it can only do to this.
#[derive(Clone, Debug)]
struct Business {
    show: usize,
    seats: Vec<u32>,
    verbs: Vec<Verb>,
}

/// All that was ever asked for, by holder.
#[derive(Default)]
pub struct Asked {
    /// Held for a look, never across an await.
    businesses: Mutex<HashMap<Arc<str>, Business>>,
}

impl Asked {
    /// Notes a request that is about to be sent.
    pub fn note(&self, holder: &Arc<str>, show: usize, seats: &[u32], verb: Verb) {
        let mut businesses = self.businesses.lock();
        let business = businesses.entry(Arc::clone(holder)).or_insert_with(|| Business {
            show,
            seats: seats.to_vec(),
            verbs: Vec::new(),
        });
        if !business.verbs.contains(&verb) {
            business.verbs.push(verb);
        }
    }

    /// Whether the holder ever asked for this.
    pub fn was(&self, holder: &str, show: usize, seat: u32, verb: Verb) -> bool {
        self.businesses.lock().get(holder).is_some_and(|business| {
            business.show == show && business.seats.contains(&seat) && business.verbs.contains(&verb)
        })
    }
}

/// The id of a holder's only booking.
pub fn booking_id(holder: &str) -> String {
    format!("sale-{holder}")
}

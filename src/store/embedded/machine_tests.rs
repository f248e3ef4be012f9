//! The machine at instants that no clock can be asked to wait for.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Epoch;
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::plans;

const RULES: Rules =
    Rules { lock: Duration::from_secs(900), extend_cap: Duration::from_secs(7_200), max_seats_per_holder: 10 };

fn machine() -> Machine {
    let plan = plans::plan("cinema").unwrap();
    let details = Details {
        title: "Test".into(),
        starts_at: at(0),
        currency: "EUR".into(),
        prices: BTreeMap::new(),
        lock_seconds: None,
        max_seats_per_holder: None,
    };
    let id = ShowtimeId::parse("42").unwrap();
    let showtime = Showtime { id: id.clone(), details: details.clone(), plan: plan.hash().clone(), seat_count: 120 };
    let view = ShowtimeView { showtime, plan: Arc::clone(&plan), rules: RULES };
    let archive = Archive::new(id, details, plan, Seats::default()).unwrap();
    Machine::new(&archive, Arc::new(view), begin(), Vec::new()).unwrap()
}

fn begin() -> Position {
    Position::new(Epoch::parse("e").unwrap(), 0)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn user(name: &str) -> UserId {
    UserId::infer(name).unwrap()
}

fn seats(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn a_lock_lasts_through_its_deadline_and_ends_in_the_next_millisecond() {
    let mut machine = machine();
    machine.lock(&seats(&["A-1", "A-2"]), &user("7"), at(0)).unwrap();
    assert_eq!(machine.next_deadline(), Some(at(900_000)));
    assert_eq!(machine.expire(at(900_000)), 0);
    assert!(machine.lock(&seats(&["A-1"]), &user("8"), at(900_000)).is_err());
    assert_eq!(machine.expire(at(900_001)), 2);
    assert_eq!(machine.expire(at(900_001)), 0, "once");
    assert_eq!((machine.next_deadline(), machine.position().seq), (None, 2));
    machine.lock(&seats(&["A-1"]), &user("8"), at(900_001)).unwrap();
}

#[test]
fn an_extension_moves_the_deadline_that_is_waited_for() {
    let mut machine = machine();
    machine.lock(&seats(&["A-1", "A-2"]), &user("7"), at(0)).unwrap();
    machine.extend(&seats(&["A-1"]), &user("7"), at(100_000)).unwrap();
    assert_eq!(machine.next_deadline(), Some(at(900_000)));
    assert_eq!(machine.expire(at(1_000_000)), 1);
    assert_eq!(machine.next_deadline(), Some(at(1_000_000)));
    machine.unlock(&seats(&["A-1"]), &user("7"), at(1_000_000)).unwrap();
    assert_eq!(machine.next_deadline(), None);
}

#[test]
fn a_history_with_a_gap_is_no_history() {
    let mut known = machine();
    for n in 1..=3 {
        known.lock(&seats(&[&format!("A-{n}")]), &user("7"), at(0)).unwrap();
    }
    let (archive, position, view) = (known.archive(), known.position().clone(), Arc::clone(known.view()));
    let mut recent = known.history().recent;
    assert!(Machine::new(&archive, Arc::clone(&view), position.clone(), recent.clone()).is_ok());
    recent.remove(1);
    assert!(Machine::new(&archive, Arc::clone(&view), position.clone(), recent.clone()).is_err());
    recent.truncate(1);
    assert!(Machine::new(&archive, view, position, recent).is_err(), "it does not lead to the position");
}

/// What may happen to a machine.
#[derive(Clone, Debug)]
enum Operation {
    Lock(u8),
    Unlock(u8),
    Extend(u8),
    Book(u8, u8),
    Release(u8),
    Block(u8),
    Unblock,
    Expire,
}

fn operations() -> impl Strategy<Value = Vec<(Operation, Vec<usize>, i64)>> {
    let holder = 0_u8..3;
    let operation = prop_oneof![
        4 => holder.clone().prop_map(Operation::Lock),
        2 => holder.clone().prop_map(Operation::Unlock),
        2 => holder.clone().prop_map(Operation::Extend),
        3 => (holder, 0_u8..4).prop_map(|(holder, booking)| Operation::Book(holder, booking)),
        2 => (0_u8..4).prop_map(Operation::Release),
        1 => (0_u8..2).prop_map(Operation::Block),
        1 => Just(Operation::Unblock),
        1 => Just(Operation::Expire),
    ];
    let seats = proptest::sample::subsequence((0..6).collect::<Vec<_>>(), 1..=4);
    proptest::collection::vec((operation, seats, 0_i64..600_000), 1..60)
}

proptest! {
    /// Time passes between the operations, so that locks end by themselves. After each: what was written leads from the beginning
    /// to the machine; and one that is built from its parts is the same.
    #[test]
    fn the_steps_that_are_written_are_all_there_is(operations in operations()) {
        let mut machine = machine();
        let mut now = at(0);
        let mut replica = Snapshot::empty(begin(), 120);
        let mut ledger: BTreeMap<String, Booking> = BTreeMap::new();
        let mut reasons: BTreeMap<u32, String> = BTreeMap::new();
        for (operation, seats, passed) in operations {
            now = now.plus(Duration::from_millis(passed.unsigned_abs()));
            let names: Vec<String> = seats.iter().map(|seat| format!("A-{}", seat + 1)).collect();
            let holder = |n: u8| user(&format!("user-{n}"));
            let booking = |n: u8| BookingId::infer(&format!("b-{n}")).unwrap();
            machine.expire(now);
            let _ = match operation {
                Operation::Lock(n) => machine.lock(&names, &holder(n), now).map(drop),
                Operation::Unlock(n) => machine.unlock(&names, &holder(n), now).map(drop),
                Operation::Extend(n) => machine.extend(&names, &holder(n), now).map(drop),
                Operation::Book(n, id) => machine.book(&names, &holder(n), &booking(id), now).map(drop),
                Operation::Release(id) => machine.release(&names, &booking(id), now).map(drop),
                Operation::Block(n) => machine.block(&names, &format!("reason {n}"), now).map(drop),
                Operation::Unblock => machine.unblock(&names, now).map(drop),
                Operation::Expire => Ok(()),
            };
            for step in machine.take_steps() {
                prop_assert!(step != Step::default(), "a step that says nothing");
                if let Some(diff) = &step.diff {
                    prop_assert_eq!(replica.apply(diff), crate::domain::snapshot::Applied::Changed);
                }
                ledger.extend(step.booking.map(|entry| (entry.booking_id.to_string(), entry)));
                for (seat, reason) in step.reasons {
                    match reason {
                        Some(reason) => reasons.insert(seat, reason),
                        None => reasons.remove(&seat),
                    };
                }
            }
            prop_assert_eq!(&replica, &machine.snapshot);
            let written = Seats {
                locks: replica.locks().clone(),
                blocks: reasons.clone(),
                bookings: ledger.values().cloned().collect(),
            };
            let archive = machine.archive();
            let showtime = &machine.view.showtime;
            let plan = Arc::clone(&machine.view.plan);
            let rebuilt = Archive::new(showtime.id.clone(), showtime.details.clone(), plan, written);
            prop_assert_eq!(rebuilt.as_ref(), Ok(&archive));
            let history = machine.history();
            let again = Machine::new(&archive, history.view, machine.position().clone(), history.recent).unwrap();
            prop_assert_eq!(&again.snapshot, &machine.snapshot);
            prop_assert_eq!(&again.deadlines, &machine.deadlines);
            prop_assert_eq!(&again.held, &machine.held);
            prop_assert!(machine.next_deadline().is_none_or(|deadline| deadline >= now));
        }
    }
}

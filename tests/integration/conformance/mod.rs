//! What every store promises (`src/store.rs`), as functions over a store that was just opened, run on each.

mod archives;
mod deadlines;
mod facts;
mod history;
mod ledger;
mod locks;
mod showtimes;
mod size;

use std::collections::BTreeMap;
use std::sync::Arc;

use seatcast::domain::ids::{BookingId, ShowtimeId, UserId};
use seatcast::domain::position::Position;
use seatcast::domain::showtime::{Details, Rules};
use seatcast::domain::time::Timestamp;
use seatcast::plans;
use seatcast::store::{Refused, SeatStore};

use crate::support::{OpenStore, RULES, TestStore};

/// Runs the whole suite on another kind of store.
pub async fn on_others(make: impl Fn() -> TestStore) {
    // Deadlines are left out: they want a machine that has nothing else to do.
    tokio::join!(
        archives::on_others(&make),
        facts::on_others(&make),
        history::on_others(&make),
        ledger::on_others(&make),
        locks::on_others(&make),
        showtimes::on_others(&make),
        size::on_others(&make),
    );
}

fn show() -> ShowtimeId {
    ShowtimeId::parse("gala").unwrap()
}

fn user(name: &str) -> UserId {
    UserId::infer(name).unwrap()
}

fn booking(name: &str) -> BookingId {
    BookingId::infer(name).unwrap()
}

fn names(seats: &[&str]) -> Vec<String> {
    seats.iter().map(ToString::to_string).collect()
}

fn details(title: &str) -> Details {
    Details {
        title: title.into(),
        starts_at: Timestamp::from_millis(1_800_000_000_000),
        currency: "EUR".into(),
        prices: BTreeMap::new(),
        lock_seconds: None,
        max_seats_per_holder: None,
    }
}

/// An open store with one showtime on the cinema's plan, which is watched.
async fn cinema(store: &TestStore) -> OpenStore {
    cinema_with(store, RULES).await
}

async fn cinema_with(store: &TestStore, rules: Rules) -> OpenStore {
    let open = store.open(rules).await;
    open.store.put(&show(), details("Gala"), plans::plan("cinema").unwrap()).await.unwrap().unwrap();
    assert!(open.store.watch(&show()).await.unwrap());
    open
}

/// Where the showtime stands.
async fn position(store: &Arc<dyn SeatStore>) -> Position {
    store.showtime(&show()).await.unwrap().unwrap().1
}

/// The letters of these seats.
async fn letters(store: &Arc<dyn SeatStore>, seats: &[&str]) -> String {
    let history = store.snapshot(&show()).await.unwrap().unwrap();
    let index = |seat: &&str| history.view.plan.index_of(seat).unwrap();
    seats.iter().map(|seat| char::from(history.snapshot.status(index(seat)).unwrap().letter())).collect()
}

/// The seats in the way, with the reason's name.
#[track_caller]
fn in_the_way<T: std::fmt::Debug>(outcome: Result<T, Refused>) -> Vec<String> {
    let Err(Refused::Seats(seats)) = outcome else { panic!("{outcome:?} is no refusal of seats") };
    let reason = |refusal| format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
    seats.iter().map(|refused| format!("{}:{}", refused.seat, reason(refused.refusal))).collect()
}

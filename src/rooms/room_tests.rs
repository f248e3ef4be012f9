//! A room's decisions, one after another, without a runtime.

use std::collections::BTreeMap;

use super::*;
use crate::domain::diff::Change;
use crate::domain::seat::SeatState;
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::plans;

fn view() -> Arc<ShowtimeView> {
    let plan = plans::plan("cinema").unwrap();
    let details = Details {
        title: "Test".into(),
        starts_at: Timestamp::from_millis(0),
        currency: "EUR".into(),
        prices: BTreeMap::new(),
        lock_seconds: None,
        max_seats_per_holder: None,
    };
    let id = ShowtimeId::parse("42").unwrap();
    let showtime = Showtime { id, details, plan: plan.hash().clone(), seat_count: 120 };
    let second = std::time::Duration::from_secs(1);
    Arc::new(ShowtimeView {
        showtime,
        plan,
        rules: Rules { lock: second, extend_cap: second, max_seats_per_holder: 1 },
    })
}

fn at(seq: u64) -> Position {
    format!("e-{seq}").parse().unwrap()
}

fn diff(seq: u64) -> Diff {
    let seat = u32::try_from(seq % 120).unwrap();
    let changes = vec![Change { seat, state: SeatState::Occupied }];
    Diff { prev: at(seq - 1), position: at(seq), changes }
}

/// What the store would answer when it stands at `seq`.
fn history(seq: u64) -> History {
    let mut snapshot = Snapshot::empty(at(0), 120);
    let recent: Vec<Diff> = (1..=seq).map(diff).collect();
    for diff in &recent {
        snapshot.apply(diff);
    }
    History { view: view(), snapshot, recent }
}

fn room(seq: u64) -> Arc<Room> {
    let room = Room::new(ShowtimeId::parse("42").unwrap(), None);
    assert!(matches!(room.begin_read(), Some(ReadOrder::Everything)));
    room.install(history(seq));
    room
}

fn position(room: &Room) -> Position {
    room.look(|live, _| live.snapshot.position().clone()).unwrap()
}

/// The messages that wait for a viewer, as `from-to`, `snapshot` or `status`.
fn heard(updates: &mut broadcast::Receiver<Arc<Update>>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(update) = updates.try_recv() {
        told.push(match &update.body {
            Body::Diff { diff, .. } => format!("{}-{}", diff.prev.seq, diff.position.seq),
            Body::Snapshot { .. } => "snapshot".into(),
            Body::Status { stale_since } => format!("stale {}", stale_since.is_some()),
            Body::Gone => "gone".into(),
        });
    }
    told
}

#[test]
fn what_comes_while_the_store_is_read_is_neither_lost_nor_told_twice() {
    let room = Room::new(ShowtimeId::parse("42").unwrap(), None);
    room.begin_read().unwrap();
    // The feed is ahead of the read: 4 is in it, 6 is not, and 5 was never heard.
    room.hear(diff(4));
    room.hear(diff(6));
    room.install(history(4));
    assert_eq!(position(&room), at(4));
    assert!(matches!(room.begin_read(), Some(ReadOrder::Since(since)) if since == at(4)));
    assert!(room.catch_up(&[diff(5), diff(6)]));
    assert!(room.begin_read().is_none());
    let (_, mut updates) = room.listen(None).unwrap();
    room.hear(diff(5));
    room.hear(diff(7));
    assert_eq!(heard(&mut updates), ["6-7"]);
}

#[test]
fn a_gap_is_not_published_but_read() {
    let room = room(3);
    let (_, mut updates) = room.listen(None).unwrap();
    room.hear(diff(6));
    assert_eq!(heard(&mut updates), Vec::<String>::new());
    assert!(matches!(room.begin_read(), Some(ReadOrder::Since(since)) if since == at(3)));
    assert!(room.catch_up(&[diff(4), diff(5), diff(6), diff(7)]));
    assert_eq!(heard(&mut updates), ["3-7"], "what was missed comes as one diff");
    room.hear(diff(7));
    assert_eq!(heard(&mut updates), Vec::<String>::new());
}

#[test]
fn a_gap_is_a_surprise_only_where_nothing_may_be_missing() {
    let room = room(3);
    assert!(room.hear(diff(6)), "the feed was not known to carry everything");
    assert!(room.begin_read().is_some() && room.catch_up(&[diff(4), diff(5), diff(6)]));
    room.settle();
    assert_eq!(room.settled_at(), Some(at(6)));
    assert!(room.hear(diff(7)));
    assert!(!room.hear(diff(9)), "8 is missing");
    assert_eq!(room.settled_at(), None);
    room.settle();
    assert_eq!(room.settled_at(), None, "there is something to read first");
    assert!(room.hear(diff(10)), "the same gap is told once");
}

#[test]
fn a_read_that_is_older_than_the_map_changes_nothing() {
    let room = room(5);
    let (_, mut updates) = room.listen(None).unwrap();
    room.install(history(3));
    assert_eq!((position(&room), heard(&mut updates)), (at(5), Vec::new()));
    room.install(history(8));
    assert_eq!(heard(&mut updates), ["5-8"]);
}

#[test]
fn an_old_epochs_diff_has_the_store_read_once_and_not_for_ever() {
    let room = room(5);
    let old = Diff { prev: "old-8".parse().unwrap(), position: "old-9".parse().unwrap(), changes: Vec::new() };
    room.hear(old);
    assert!(room.begin_read().is_some());
    assert!(room.catch_up(&[]));
    assert!(room.begin_read().is_none());
}

#[test]
fn a_viewer_gets_a_diff_if_history_reaches_back_and_otherwise_the_map() {
    let room = room(5);
    let first = |since: &str| {
        let (messages, _) = room.listen(Some(&since.parse().unwrap())).unwrap();
        match &messages[0].body {
            Body::Diff { diff, .. } => format!("{}-{} {}", diff.prev.seq, diff.position.seq, diff.changes.len()),
            _ => "snapshot".into(),
        }
    };
    assert_eq!(first("e-2"), "2-5 3");
    assert_eq!(first("e-5"), "5-5 0");
    assert_eq!(first("e-9"), "snapshot");
    assert_eq!(first("other-5"), "snapshot");
    for seq in 6..=(5 + RECENT_DIFFS as u64) {
        room.hear(diff(seq));
    }
    assert_eq!(first("e-4"), "snapshot", "history is bounded");
    assert!(first("e-5").starts_with("5-1005"));
}

#[test]
fn staleness_is_told_once_and_to_those_who_join() {
    let room = room(1);
    let (_, mut updates) = room.listen(None).unwrap();
    let since = Some(Timestamp::from_millis(7));
    room.set_stale(since);
    room.set_stale(Some(Timestamp::from_millis(8)));
    assert_eq!(heard(&mut updates), ["stale true"]);
    let (messages, _) = room.listen(None).unwrap();
    assert!(matches!(messages[1].body, Body::Status { stale_since } if stale_since == since));
    room.set_stale(None);
    assert_eq!(heard(&mut updates), ["stale false"]);
}

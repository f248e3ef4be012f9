//! A room's decisions, one after another, without a runtime.

use std::collections::BTreeMap;

use super::*;
use crate::domain::diff::Change;
use crate::domain::seat::SeatState;
use crate::domain::showtime::{Details, Rules, Showtime};
use crate::domain::snapshot::Snapshot;
use crate::plans;
use crate::store::ShowtimeView;

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

/// What a viewer is told next, as `from-to`, `snapshot`, `stale` or `gone`.
fn heard(room: &Room, cursor: &mut Cursor) -> Vec<String> {
    let mut told = Vec::new();
    while let Some((update, next)) = room.step(*cursor) {
        *cursor = next;
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
    let (_, mut viewer) = room.listen(None).unwrap();
    room.hear(diff(5));
    room.hear(diff(7));
    assert_eq!(heard(&room, &mut viewer), ["6-7"]);
}

#[test]
fn a_gap_is_not_published_but_read() {
    let room = room(3);
    let (_, mut viewer) = room.listen(None).unwrap();
    room.hear(diff(6));
    assert_eq!(heard(&room, &mut viewer), Vec::<String>::new());
    assert!(matches!(room.begin_read(), Some(ReadOrder::Since(since)) if since == at(3)));
    assert!(room.catch_up(&[diff(4), diff(5), diff(6), diff(7)]));
    assert_eq!(heard(&room, &mut viewer), ["3-7"], "what was missed comes as one diff");
    room.hear(diff(7));
    assert_eq!(heard(&room, &mut viewer), Vec::<String>::new());
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
    let (_, mut viewer) = room.listen(None).unwrap();
    room.install(history(3));
    assert_eq!((position(&room), heard(&room, &mut viewer)), (at(5), Vec::new()));
    room.install(history(8));
    assert_eq!(heard(&room, &mut viewer), ["5-8"]);
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
    for seq in 6..=5_000 {
        room.hear(diff(seq));
    }
    assert_eq!(first("e-0"), "0-5000 120", "each seat once, however much happened");
    assert_eq!(first("e-4998"), "4998-5000 2");
}

#[test]
fn what_happened_before_the_room_was_read_is_known_as_far_as_the_store_told() {
    let mut history = history(9);
    history.recent.drain(..6);
    let room = Room::new(ShowtimeId::parse("42").unwrap(), None);
    room.install(history);
    let first = |seq| room.listen(Some(&at(seq))).unwrap().0.remove(0);
    assert!(matches!(&first(6).body, Body::Diff { diff, .. } if diff.changes.len() == 3));
    assert!(matches!(first(5).body, Body::Snapshot { .. }));
}

#[test]
fn a_viewer_who_is_behind_is_told_everything_in_one_message() {
    let room = room(1);
    let (_, mut slow) = room.listen(None).unwrap();
    let (_, mut quick) = room.listen(None).unwrap();
    for seq in 2..=9 {
        room.hear(diff(seq));
        assert_eq!(heard(&room, &mut quick), [format!("{}-{seq}", seq - 1)]);
    }
    room.set_stale(Some(Timestamp::from_millis(7)));
    assert_eq!(heard(&room, &mut slow), ["1-9", "stale true"]);
    room.set_stale(None);
    room.set_stale(Some(Timestamp::from_millis(8)));
    assert_eq!(heard(&room, &mut slow), Vec::<String>::new(), "what was over before it could be told is not");
    // History cannot be continued, then the showtime goes.
    let mut other = history(3);
    other.snapshot = Snapshot::empty("other-3".parse().unwrap(), 120);
    other.recent.clear();
    room.install(other);
    assert_eq!(heard(&room, &mut slow), ["snapshot"]);
    room.end();
    assert_eq!((heard(&room, &mut slow), heard(&room, &mut quick)), (vec!["gone".into()], vec!["gone".into()]));
}

#[test]
fn those_who_stand_at_the_same_place_share_a_message() {
    let room = room(1);
    let (_, cursor) = room.listen(None).unwrap();
    room.hear(diff(2));
    room.hear(diff(3));
    let (one, two) = (room.step(cursor).unwrap().0, room.step(cursor).unwrap().0);
    assert!(Arc::ptr_eq(&one, &two));
    let (whole, again) = (room.listen(None).unwrap().0.remove(0), room.listen(None).unwrap().0.remove(0));
    assert!(Arc::ptr_eq(&whole, &again), "and so do those who join");
    room.hear(diff(4));
    assert!(!Arc::ptr_eq(&one, &room.step(cursor).unwrap().0));
}

#[test]
fn a_large_map_is_not_written_anew_for_each_change() {
    let room = Room::new(ShowtimeId::parse("42").unwrap(), None);
    let mut large = history(0);
    large.snapshot = Snapshot::empty(at(0), 1_024);
    room.install(large);
    let begin = || {
        let (messages, cursor) = room.listen(None).unwrap();
        assert!(room.step(cursor).is_none(), "the messages lead to now");
        messages
    };
    let whole = begin().remove(0);
    for seq in 1..=4 {
        room.hear(diff(seq));
        let messages = begin();
        assert!(Arc::ptr_eq(&messages[0], &whole));
        assert!(matches!(&messages[1].body, Body::Diff { diff, .. } if (diff.prev.seq, diff.position.seq) == (0, seq)));
    }
    let Body::Snapshot { snapshot, .. } = &room.whole().unwrap().body else { panic!("no map") };
    assert_eq!(snapshot.position().seq, 4, "who gets one message only gets the newest");
    let whole = begin().remove(0);
    for seq in 5..=9 {
        room.hear(diff(seq));
    }
    let messages = begin();
    assert!(messages.len() == 1 && !Arc::ptr_eq(&messages[0], &whole), "one in 256 seats is enough");
}

/// A viewer who looks at random moments always has what the room has.
#[test]
fn steps_from_anywhere_lead_to_the_rooms_map() {
    let mut random = 1_u32;
    let mut dice = move |sides: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) % sides
    };
    let room = room(1);
    let mut viewers: Vec<(Snapshot, Cursor)> =
        (0..5).map(|_| (room.look(|live, _| live.snapshot.clone()).unwrap(), room.listen(None).unwrap().1)).collect();
    for seq in 2..=2_000 {
        let states = [SeatState::Occupied, SeatState::Available, SeatState::Blocked];
        let changes = (0..dice(4)).map(|n| Change { seat: dice(30) * 4 + n, state: states[dice(3) as usize].clone() });
        room.hear(Diff { prev: at(seq - 1), position: at(seq), changes: changes.collect() });
        let looks = dice(5) as usize;
        let (map, cursor) = &mut viewers[looks];
        while let Some((update, next)) = room.step(*cursor) {
            let Body::Diff { diff, .. } = &update.body else { panic!("{update:?}") };
            assert_eq!(map.apply(diff), Applied::Changed);
            *cursor = next;
        }
        assert_eq!(*map, room.look(|live, _| live.snapshot.clone()).unwrap());
    }
}

#[test]
fn staleness_is_told_once_and_to_those_who_join() {
    let room = room(1);
    let (_, mut viewer) = room.listen(None).unwrap();
    let since = Some(Timestamp::from_millis(7));
    room.set_stale(since);
    room.set_stale(Some(Timestamp::from_millis(8)));
    assert_eq!(heard(&room, &mut viewer), ["stale true"]);
    let (messages, _) = room.listen(None).unwrap();
    assert!(matches!(messages[1].body, Body::Status { stale_since } if stale_since == since));
    room.set_stale(None);
    assert_eq!(heard(&room, &mut viewer), ["stale false"]);
}

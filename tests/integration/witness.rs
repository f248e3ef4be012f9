//! The witness of concurrent tests is no rubber stamp: it accepts a history with the answers that belong to it, and finds each
//! answer that does not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use seatcast::domain::ids::ShowtimeId;

use crate::support::history::{Store, Unanswered};
use crate::support::plan::SeatIds;
use crate::support::{Answer, Answers, Api, History, Kind, Recorder, Reply, TestStore};

const SHOW: &str = "42";

/// Asks, and notes the answer as a client of a test does.
async fn note(answers: &mut Answers, holder: &str, kind: Kind, seats: &[usize], ask: impl Future<Output = Reply>) {
    let sent = Instant::now();
    let body = ask.await.expect(200);
    let position = body["position"].as_str().unwrap().parse().unwrap();
    let (holder, seats) = (holder.to_owned(), seats.to_vec());
    answers.given.push(Answer { holder, kind, seats, position, sent, answered: Instant::now() });
}

/// Two buyers, one after the other: everything that can be answered, once.
async fn story(api: &Api) -> Answers {
    let mut answers = Answers::default();
    note(&mut answers, "anna", Kind::Lock, &[0, 1], api.lock(SHOW, &["A-1", "A-2"], "anna")).await;
    note(&mut answers, "anna", Kind::Unlock, &[0], api.unlock(SHOW, &["A-1"], "anna")).await;
    note(&mut answers, "ben", Kind::Lock, &[0], api.lock(SHOW, &["A-1"], "ben")).await;
    note(&mut answers, "ben", Kind::Book("b-1".into()), &[0], api.book(SHOW, &["A-1"], "ben", "b-1")).await;
    note(&mut answers, "anna", Kind::Book("b-2".into()), &[1], api.book(SHOW, &["A-2"], "anna", "b-2")).await;
    note(&mut answers, "", Kind::Release("b-2".into()), &[1], api.release(SHOW, &["A-2"], "b-2")).await;
    answers
}

/// Whether the witness finds something after `change`.
fn finds(history: &History, answers: &Answers, change: impl FnOnce(&mut Answers)) -> bool {
    let mut answers = answers.clone();
    change(&mut answers);
    catch_unwind(AssertUnwindSafe(|| history.check(&answers))).is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_witness_finds_every_answer_that_does_not_belong_to_the_history() {
    let store = TestStore::embedded();
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let show = ShowtimeId::parse(SHOW).unwrap();
    let recorder = Recorder::start(Arc::clone(node.store()), show.clone(), Store::KeepsAll).await;
    let answers = story(&node.api).await;
    let history = recorder.finish().await;
    history.check(&answers);
    assert_eq!((history.len(), history.epochs()), (6, 1));

    assert!(finds(&history, &answers, |answers| answers.given[0].holder = "carl".into()), "a lock of somebody else");
    assert!(finds(&history, &answers, |answers| answers.given[2].seats = vec![1]), "a lock of another's seat");
    assert!(finds(&history, &answers, |answers| answers.given[3].seats = vec![7]), "a booking that was not made");
    assert!(finds(&history, &answers, |answers| answers.given[0].position.seq = 99), "a change that never was");
    assert!(finds(&history, &answers, |answers| drop(answers.given.remove(1))), "a lock that ended early");
    assert!(finds(&history, &answers, |answers| drop(answers.given.pop())), "a sold seat that was freed by nobody");
    let swap = |answers: &mut Answers| {
        let later = answers.given[2].clone();
        (answers.given[0].sent, answers.given[0].answered) = (later.answered, Instant::now());
    };
    assert!(finds(&history, &answers, swap), "what was sent after an answer came before it");
    // Who was not answered may have done it.
    let unanswered = |answers: &mut Answers| {
        let Answer { holder, kind, seats, .. } = answers.given.remove(1);
        answers.unanswered.push(Unanswered { holder, kind, seats });
    };
    assert!(!finds(&history, &answers, unanswered));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_witness_finds_a_booking_that_is_lost_and_one_that_nobody_made() {
    let store = TestStore::embedded();
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let (show, seats) = (ShowtimeId::parse(SHOW).unwrap(), SeatIds::shipped("cinema"));
    let answers = story(&node.api).await;
    answers.check_bookings(&**node.store(), &show, &seats).await;
    let found = async |answers: Answers| {
        let (store, show, seats) = (Arc::clone(node.store()), show.clone(), Arc::clone(&seats));
        tokio::spawn(async move { answers.check_bookings(&*store, &show, &seats).await }).await.is_err()
    };
    let mut invented = answers.clone();
    invented.given.retain(|answer| answer.kind != Kind::Book("b-1".into()));
    assert!(found(invented).await, "a booking that nobody made");
    let mut lost = answers.clone();
    lost.given.pop();
    assert!(found(lost).await, "a booking that is lost");
}

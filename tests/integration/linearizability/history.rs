//! A concurrent history: which task called what and was told what, in the order in which it came about.

use std::fmt;

use parking_lot::Mutex;
use todc_utils::{Action, WGLChecker};

use super::operation::Operation;
use super::outcome::{Outcome, words};
use super::specification::{SeatMap, Step};

/// Numbers a task.
pub type Task = usize;

/// One end of a call.
#[derive(Clone, Debug)]
pub enum Event {
    Invoked(Task, Operation),
    Returned(Task, Operation, Outcome),
}

/// Events in the order in which they were noted. A call is noted before it begins and its return after it ended, so calls that do
/// not overlap here did not overlap at all. Every call has returned.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<Event>);

/// Where tasks note what they do. The lock is held for one note, never across an await.
#[derive(Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    pub fn note(&self, event: Event) {
        self.0.lock().push(event);
    }

    /// What was noted since the last time.
    pub fn take(&self) -> History {
        History(std::mem::take(&mut self.0.lock()))
    }
}

impl History {
    /// Whether there is an order of the calls, true to those that did not overlap, in which one task alone would have been told
    /// the same, beginning with this map.
    pub fn is_linearizable(&self, began: &SeatMap) -> bool {
        // The checker knows no beginning but its own: a first call puts the seats in place.
        let mut actions = vec![(0, Action::Call(Step::Invoke)), (0, Action::Response(Step::Begin(began.clone())))];
        actions.extend(self.0.iter().map(|event| match event {
            Event::Invoked(task, _) => (*task, Action::Call(Step::Invoke)),
            Event::Returned(task, operation, outcome) => {
                (*task, Action::Response(Step::Return(operation.clone(), outcome.clone())))
            }
        }));
        WGLChecker::<SeatMap>::is_linearizable(todc_utils::History::from_actions(actions))
    }

    /// What was told, in this order.
    pub fn outcomes(&self) -> impl DoubleEndedIterator<Item = &Outcome> {
        self.0.iter().filter_map(|event| match event {
            Event::Invoked(..) => None,
            Event::Returned(_, _, outcome) => Some(outcome),
        })
    }

    /// How many calls began while another was under way.
    pub fn overlaps(&self) -> usize {
        let (mut under_way, mut overlaps) = (0_usize, 0);
        for event in &self.0 {
            match event {
                Event::Invoked(..) => {
                    overlaps += usize::from(under_way > 0);
                    under_way += 1;
                }
                Event::Returned(..) => under_way -= 1,
            }
        }
        overlaps
    }
}

impl FromIterator<Event> for History {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        Self(events.into_iter().collect())
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.0 {
            match event {
                Event::Invoked(task, operation) => writeln!(f, "  task {task} calls    {operation}")?,
                Event::Returned(task, operation, outcome) => {
                    writeln!(f, "  task {task} is told  {operation}: {}", words(outcome))?;
                }
            }
        }
        Ok(())
    }
}

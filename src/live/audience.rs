//! The viewers that one worker thread has in one room. One task writes the room's news to all of them, in one loop, so that a
//! message wakes a task for each room and worker, not for each viewer.
//!
//! What changes while the loop goes round waits, and is told as one message the next time: under load messages become fewer and
//! larger, and without load nothing waits.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::web::Bytes;
use slab::Slab;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::frame;
use super::line::Line;
use crate::domain::ids::ShowtimeId;
use crate::domain::position::Position;
use crate::lifecycle::Tasks;
use crate::rooms::{Cursor, Hub, JoinError, Membership, Room, Update};

/// After so many writes the worker's other tasks have their turn.
const TURN: usize = 256;
/// So many viewers' lines are looked at before the first of them is written to.
const GLANCE: usize = 32;

/// One worker's viewers, by room.
pub struct Audiences {
    hub: Arc<Hub>,
    tasks: Tasks,
    open: RefCell<HashMap<ShowtimeId, Rc<Audience>>>,
}

/// One worker's viewers of one room.
struct Audience {
    /// Keeps the room open.
    membership: Membership,
    viewers: RefCell<Slab<Viewer>>,
    telling: OnceCell<AbortHandle>,
}

struct Viewer {
    line: Rc<Line>,
    cursor: Cursor,
}

/// A viewer's place in an audience. Dropping it leaves.
pub struct Attendance {
    audiences: Rc<Audiences>,
    audience: Rc<Audience>,
    key: usize,
}

/// What leads on from where viewers stand, looked up once for all who stand at the same place.
struct Steps<'a> {
    room: &'a Room,
    known: Vec<(Cursor, Option<(Bytes, Cursor)>)>,
}

impl Audiences {
    /// A worker without viewers.
    pub fn new(hub: Arc<Hub>, tasks: Tasks) -> Rc<Self> {
        Rc::new(Self { hub, tasks, open: RefCell::default() })
    }

    /// Enters a room. What comes first waits on the line then: a diff from `since` when it is known what happened since, otherwise
    /// the whole map; then whether it is stale. From then on the line gets all news.
    ///
    /// # Errors
    /// [`JoinError`]; the viewer is then not in the room.
    pub async fn join(
        self: &Rc<Self>,
        id: &ShowtimeId,
        since: Option<&Position>,
        line: &Rc<Line>,
    ) -> Result<Attendance, JoinError> {
        let membership = self.hub.enter(id).await?;
        if let Some(since) = since {
            self.hub.catch_up(membership.room(), since).await;
        }
        let (first, cursor) = membership.room().listen(since).ok_or(JoinError::UnknownShowtime)?;
        for update in &first {
            line.queue(frame::update(update));
        }
        let audience = self.audience(membership);
        let key = audience.viewers.borrow_mut().insert(Viewer { line: Rc::clone(line), cursor });
        Ok(Attendance { audiences: Rc::clone(self), audience, key })
    }

    /// The room's audience, which begins with its first viewer. A showtime that was removed and created again has another room.
    fn audience(&self, membership: Membership) -> Rc<Audience> {
        let mut open = self.open.borrow_mut();
        let id = &membership.room().id;
        if let Some(audience) = open.get(id).filter(|open| std::ptr::eq(open.room(), membership.room())) {
            return Rc::clone(audience);
        }
        let (id, mut moved) = (id.clone(), membership.room().moved());
        // What moved before the first viewer counts too.
        moved.mark_changed();
        let audience = Rc::new(Audience { membership, viewers: RefCell::default(), telling: OnceCell::new() });
        let telling = actix_web::rt::spawn(self.tasks.guard("audience", Rc::clone(&audience).tell(moved)));
        audience.telling.set(telling.abort_handle()).expect("an audience begins once");
        open.insert(id, Rc::clone(&audience));
        audience
    }
}

impl Audience {
    fn room(&self) -> &Room {
        self.membership.room()
    }

    /// Tells all viewers what is new, whenever something is.
    async fn tell(self: Rc<Self>, mut moved: watch::Receiver<()>) {
        while moved.changed().await.is_ok() {
            let mut next = Some(0);
            while let Some(from) = next {
                next = self.tell_some(from);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Tells some viewers. Where to go on is returned, if any are left.
    fn tell_some(&self, from: usize) -> Option<usize> {
        let mut viewers = self.viewers.borrow_mut();
        let mut steps = Steps { room: self.room(), known: Vec::with_capacity(4) };
        let mut told = 0;
        for glance in (from..viewers.capacity()).step_by(GLANCE) {
            if told >= TURN {
                return Some(glance);
            }
            // With thousands of viewers each line must be fetched from memory. Here they are fetched side by side; between the writes
            // it would be one after another.
            let idle: [bool; GLANCE] =
                std::array::from_fn(|n| viewers.get(glance + n).is_some_and(|viewer| viewer.line.is_idle()));
            for (n, idle) in idle.into_iter().enumerate() {
                match viewers.get_mut(glance + n) {
                    Some(viewer) if idle => {
                        viewer.tell(&mut steps);
                        told += 1;
                    }
                    Some(viewer) => viewer.line.disturb(),
                    None => {}
                }
            }
        }
        None
    }
}

impl Viewer {
    fn tell(&mut self, steps: &mut Steps<'_>) {
        while let Some((frame, next)) = steps.lead_on(self.cursor) {
            // That a room is gone may end the connection.
            if next == Cursor::END {
                return self.line.disturb();
            }
            if !self.line.offer(frame) {
                return;
            }
            self.cursor = next;
        }
    }
}

impl Steps<'_> {
    fn lead_on(&mut self, from: Cursor) -> Option<(&Bytes, Cursor)> {
        let known = self.known.iter().position(|(known, _)| *known == from);
        let at = known.unwrap_or_else(|| {
            let step = self.room.step(from).map(|(update, next)| (frame::update(&update), next));
            self.known.push((from, step));
            self.known.len() - 1
        });
        self.known[at].1.as_ref().map(|(frame, next)| (frame, *next))
    }
}

impl Attendance {
    /// The room's showtime.
    pub fn showtime(&self) -> &ShowtimeId {
        &self.audience.room().id
    }

    /// The next thing to tell the viewer, if it was not told everything. It counts as told then.
    pub fn step(&self) -> Option<Arc<Update>> {
        let mut viewers = self.audience.viewers.borrow_mut();
        let viewer = &mut viewers[self.key];
        let (update, next) = self.audience.room().step(viewer.cursor)?;
        viewer.cursor = next;
        Some(update)
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let mut viewers = self.audience.viewers.borrow_mut();
        viewers.remove(self.key);
        if !viewers.is_empty() {
            return;
        }
        self.audience.telling.get().inspect(|telling| telling.abort());
        let mut open = self.audiences.open.borrow_mut();
        if open.get(self.showtime()).is_some_and(|open| Rc::ptr_eq(open, &self.audience)) {
            open.remove(self.showtime());
        }
    }
}

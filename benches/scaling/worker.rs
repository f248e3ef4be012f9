//! One worker of a node: a core that does one thing after another, and its part of each room. What changes while a room's frames
//! are being written waits, and goes out together in the next frames.

use std::collections::VecDeque;

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A viewer comes to this room; when.
    Join { room: u32, came: u64 },
    /// The first half of this change's request, before Redis.
    Request { change: u32 },
    /// The second half, with the answer.
    Answer { change: u32 },
    /// Something that only costs time.
    Chore { nanos: u64 },
    /// Writes frames of this room for a while.
    Fan { room: u32 },
}

/// The part of a room that is on a worker.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub viewers: u32,
    /// Changes that no frame has yet.
    waiting: Vec<u32>,
    /// Changes in the frames that are being written, and to whom they still go.
    writing: Vec<u32>,
    left: u32,
    began: Option<u64>,
    /// Frames are being written, or will be.
    busy: bool,
}

/// A worker.
pub struct Worker {
    pub node: u32,
    pub parts: Vec<Part>,
    queue: VecDeque<Task>,
    pub running: Option<Running>,
}

/// What a worker is doing.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    pub task: Task,
    /// To how many viewers frames go.
    pub frames: u32,
}

impl Worker {
    pub fn new(node: u32, parts: Vec<Part>) -> Self {
        Self { node, parts, queue: VecDeque::new(), running: None }
    }

    pub fn add(&mut self, task: Task) {
        self.queue.push_back(task);
    }

    /// Takes what is next, if the worker is free.
    pub fn take(&mut self) -> Option<Task> {
        if self.running.is_some() { None } else { self.queue.pop_front() }
    }
}

impl Part {
    pub fn of(viewers: u32) -> Self {
        Self { viewers, ..Self::default() }
    }

    /// Hears of a change. Says when frames should be written, if nobody has seen to that.
    pub fn hear(&mut self, change: u32, now: u64, window: u64) -> Option<u64> {
        self.waiting.push(change);
        if std::mem::replace(&mut self.busy, true) { None } else { Some(self.next_round(now, window)) }
    }

    /// Begins new frames with everything that waits, unless some are unfinished. Returns how many changes a frame has.
    pub fn begin(&mut self, now: u64) -> u32 {
        if self.left == 0 {
            std::mem::swap(&mut self.writing, &mut self.waiting);
            self.waiting.clear();
            self.left = self.viewers;
            self.began = Some(now);
        }
        u32::try_from(self.writing.len()).expect("changes are few")
    }

    pub fn left(&self) -> u32 {
        self.left
    }

    /// So many viewers have the frame. Returns the changes in it, and whether these viewers were the last.
    pub fn wrote(&mut self, frames: u32) -> (&[u32], bool) {
        self.left -= frames;
        (&self.writing, self.left == 0)
    }

    /// After a round: when the next one begins, if something waits.
    pub fn rest(&mut self, now: u64, window: u64) -> Option<u64> {
        self.busy = !self.waiting.is_empty();
        self.busy.then(|| self.next_round(now, window))
    }

    /// At once when the room was idle for the window, otherwise when the window is over.
    fn next_round(&self, now: u64, window: u64) -> u64 {
        self.began.map_or(now, |began| now.max(began + window))
    }
}

//! Thousands of viewers in one thread. Nobody has to be woken for what arrives, which a server would pay for: while something is
//! awaited the sockets are looked at again and again.

use std::time::{Duration, Instant};

use super::viewer::{Door, Received, Viewer};

/// What takes longer than this never comes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks while nothing is awaited; servers' pings are answered soon enough.
const GLANCE: Duration = Duration::from_millis(200);

/// Viewers at doors: viewer `n` is at door `n % doors`.
pub struct Crowd {
    doors: Vec<Door>,
    viewers: Vec<Viewer>,
    buffer: Vec<u8>,
    pub received: Received,
}

impl Crowd {
    pub fn new(doors: Vec<Door>) -> Self {
        Self { doors, viewers: Vec::new(), buffer: vec![0; 64 * 1_024], received: Received::default() }
    }

    pub fn len(&self) -> usize {
        self.viewers.len()
    }

    /// Has more viewers come in until there are `total`, so many at a time, and waits until each of them has a map.
    pub fn join(&mut self, total: usize, at_a_time: usize) {
        let began = Instant::now();
        let mut waiting: Vec<usize> = Vec::with_capacity(at_a_time);
        while self.viewers.len() < total || !waiting.is_empty() {
            while self.viewers.len() < total && waiting.len() < at_a_time {
                let number = self.viewers.len();
                self.viewers.push(Viewer::knock(&self.doors[number % self.doors.len()], number));
                waiting.push(number);
            }
            self.look(&mut waiting, |_, viewer| viewer.reached.is_some());
            assert!(began.elapsed() < PATIENCE, "{} viewers have no map after {PATIENCE:?}", waiting.len());
        }
    }

    /// Waits until the maps of all viewers are at the sequence number that belongs to their door. Returns when the last one was.
    pub fn until(&mut self, seqs: &[u64]) -> Instant {
        assert_eq!(seqs.len(), self.doors.len(), "a sequence number for each door");
        let began = Instant::now();
        let mut waiting: Vec<usize> = (0..self.viewers.len()).collect();
        while !waiting.is_empty() {
            self.look(&mut waiting, |number, viewer| {
                let seq = seqs[number % seqs.len()];
                assert!(viewer.reached <= Some(seq), "nobody has seen more than happened");
                viewer.reached == Some(seq)
            });
            assert!(began.elapsed() < PATIENCE, "{} viewers lack a change after {PATIENCE:?}", waiting.len());
        }
        Instant::now()
    }

    /// Lets time pass.
    pub fn rest(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let mut all = (0..self.viewers.len()).collect();
            self.look(&mut all, |_, _| true);
            std::thread::sleep(GLANCE.min(time));
        }
    }

    /// Looks at each of the viewers once; those that have what they wait for leave the list. Then Redis may have the core.
    fn look(&mut self, waiting: &mut Vec<usize>, has_it: impl Fn(usize, &Viewer) -> bool) {
        waiting.retain(|&number| {
            let viewer = &mut self.viewers[number];
            viewer.take(&mut self.buffer, &mut self.received);
            !has_it(number, viewer)
        });
        std::thread::yield_now();
    }
}

//! How fast the machine is at the moment. A limit in seconds means seconds of a machine that is free for the run; where others
//! use it too, or it is small, limits stretch by as much as a fixed piece of work takes longer than it does at best.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// A piece of work is done this often.
const EVERY: Duration = Duration::from_millis(400);
/// Limits stretch at most by this.
const MOST: f64 = 8.0;
/// How much a piece of work is: about 10 ms, which is longer than a scheduler lets anybody go on while others wait.
const ROUNDS: u64 = 2_000_000;

/// Measures as long as it lives.
pub struct Yardstick {
    pieces: Arc<Mutex<Vec<(Instant, Duration)>>>,
    stop: Arc<AtomicBool>,
}

impl Yardstick {
    pub fn start() -> Self {
        let (pieces, stop) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<AtomicBool>::default());
        let (written, told) = (Arc::clone(&pieces), Arc::clone(&stop));
        std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                let began = Instant::now();
                work();
                written.lock().push((began, began.elapsed()));
                std::thread::sleep(EVERY);
            }
        });
        Self { pieces, stop }
    }

    /// How long a piece of work takes at best.
    pub fn best(&self) -> Duration {
        self.pieces.lock().iter().map(|(_, took)| *took).min().unwrap_or_default()
    }

    /// By how much work took longer since then than it does at best; 1 or more.
    pub fn slowdown(&self, since: Instant) -> f64 {
        let pieces = self.pieces.lock();
        let best = pieces.iter().map(|(_, took)| *took).min();
        let took: Vec<Duration> = pieces.iter().filter(|(at, _)| *at >= since).map(|(_, took)| *took).collect();
        let (Some(best), Ok(count @ 1..)) = (best, u32::try_from(took.len())) else { return 1.0 };
        let mean = took.iter().sum::<Duration>() / count;
        (mean.as_secs_f64() / best.as_secs_f64()).clamp(1.0, MOST)
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn work() {
    let mut number = 1_u64;
    for round in 0..ROUNDS {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round));
    }
}

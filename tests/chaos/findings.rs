//! What must hold, how often it was checked, what was found that does not, and what was going on then.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

/// Beyond so many findings nothing new is learnt.
const MOST_FINDINGS: usize = 20;

/// What must hold all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    Exclusive,
    Kept,
    Ordered,
    Converging,
    Honest,
    Bounded,
    Unrepaired,
    Returning,
}

impl Invariant {
    pub const ALL: [Self; 8] = [
        Self::Exclusive,
        Self::Kept,
        Self::Ordered,
        Self::Converging,
        Self::Honest,
        Self::Bounded,
        Self::Unrepaired,
        Self::Returning,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Kept => "kept",
            Self::Ordered => "ordered",
            Self::Converging => "converging",
            Self::Honest => "honest",
            Self::Bounded => "bounded",
            Self::Unrepaired => "unrepaired",
            Self::Returning => "returning",
        }
    }

    pub fn claim(self) -> &'static str {
        match self {
            Self::Exclusive => {
                "no seat has two holders or two buyers, and no lock ends early, in the store's own history"
            }
            Self::Kept => "what was answered is in the history and in the ledger, and nothing that nobody asked for",
            Self::Ordered => "every viewer sees every change once and in order, or is sent the whole map",
            Self::Converging => "5 s after a fault every viewer has the store's map",
            Self::Honest => {
                "a node without its store says that it is not ready, and its viewers know that the map is stale"
            }
            Self::Bounded => "the memory of every node goes back to its level",
            Self::Unrepaired => "no room falls behind without a fault that explains it",
            Self::Returning => "nodes stop when they are told to, come back, and answer",
        }
    }
}

/// Something that does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    pub invariant: Invariant,
    pub what: String,
    /// Since the run began.
    pub at: Duration,
    /// The faults of that moment, or the last ones.
    pub weather: String,
}

/// What faults there are now, or were last.
struct Weather {
    faults: String,
    /// When the last fault was undone; `None` while there is one.
    calm_since: Option<Instant>,
}

/// Everybody who checks something reports here.
pub struct Findings {
    began: Instant,
    found: Mutex<Vec<Finding>>,
    checked: Mutex<BTreeMap<Invariant, u64>>,
    weather: Mutex<Weather>,
    /// Cancelled with the first finding: the run is over.
    over: CancellationToken,
}

impl Findings {
    pub fn new() -> Arc<Self> {
        let weather = Weather { faults: "no fault yet".into(), calm_since: Some(Instant::now()) };
        Arc::new(Self {
            began: Instant::now(),
            found: Mutex::default(),
            checked: Mutex::default(),
            weather: Mutex::new(weather),
            over: CancellationToken::new(),
        })
    }

    /// Says what is going on, with the time since the beginning.
    pub fn say(&self, what: &str) {
        println!("{:>8.1} s  {what}", self.began.elapsed().as_secs_f64());
    }

    /// Takes note that something does not hold.
    pub fn report(&self, invariant: Invariant, what: impl Into<String>) {
        let weather = self.weather.lock();
        let phase = if weather.calm_since.is_some() { "after" } else { "during" };
        let weather = format!("{phase}: {}", weather.faults);
        let finding = Finding { invariant, what: what.into(), at: self.began.elapsed(), weather };
        let mut found = self.found.lock();
        if found.len() < MOST_FINDINGS {
            self.say(&format!("BROKEN {}: {}", invariant.name(), finding.what));
            found.push(finding);
        }
        drop(found);
        self.over.cancel();
    }

    /// Counts what was checked: an invariant that was never checked was not shown to hold.
    pub fn checked(&self, invariant: Invariant, times: usize) {
        *self.checked.lock().entry(invariant).or_default() += times as u64;
    }

    pub fn times_checked(&self, invariant: Invariant) -> u64 {
        self.checked.lock().get(&invariant).copied().unwrap_or(0)
    }

    pub fn all(&self) -> Vec<Finding> {
        self.found.lock().clone()
    }

    pub fn any(&self) -> bool {
        self.over.is_cancelled()
    }

    /// Waits for the first finding.
    pub async fn first(&self) {
        self.over.cancelled().await;
    }

    /// From now on there are faults.
    pub fn storm(&self, faults: String) {
        *self.weather.lock() = Weather { faults, calm_since: None };
    }

    /// The faults are undone.
    pub fn calm(&self) {
        self.weather.lock().calm_since = Some(Instant::now());
    }

    /// How long ago the last fault was undone; zero while there is one.
    pub fn calm_for(&self) -> Duration {
        self.weather.lock().calm_since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

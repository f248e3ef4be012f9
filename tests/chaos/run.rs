//! One run: sets the stage, lets everybody in, carries out the plan step by step and checks after each that all is as it was.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use seatcast::domain::position::Position;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::asked::Asked;
use crate::bugs::Bug;
use crate::faults::Striker;
use crate::findings::{Findings, Invariant};
use crate::lockers::Lockers;
use crate::node::Health;
use crate::plan::{NODES, Plan, Step};
use crate::recorder::Recorder;
use crate::stage::Stage;
use crate::viewers::Audience;
use crate::yardstick::Yardstick;

/// What the contract gives every viewer after a fault.
const CONVERGES_WITHIN: Duration = Duration::from_secs(5);
/// How long everybody may take to come in.
const SEATING: Duration = Duration::from_secs(60);
/// The run goes on for so long before memory is measured, and before the first fault.
const WARM_UP: Duration = Duration::from_secs(4);
/// After a fault rooms may still be found behind for so long: two comparisons with the store.
const SETTLES_WITHIN: Duration = Duration::from_secs(4);
/// What a node may have more at the end than after the warm-up: histories that fill up, and what the allocator keeps. A leak of
/// connections, rooms or queues is more than that.
const MEMORY_FACTOR: f64 = 1.5;
const MEMORY_EXTRA_KIB: u64 = 48 * 1024;
/// How long memory may take to go back.
const MEMORY_PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const MARK_EVERY: Duration = Duration::from_millis(50);

/// How large a run is, and what is wrong with its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    pub viewers: usize,
    pub lockers: usize,
    pub bug: Option<Bug>,
}

/// A run that goes on.
struct Run {
    stage: Stage,
    findings: Arc<Findings>,
    recorder: Arc<Recorder>,
    recording: JoinHandle<()>,
    audience: Audience,
    lockers: Lockers,
    yardstick: Yardstick,
    seed: u64,
    /// Whether the markers' seats are blocked now.
    marked: bool,
    /// What each node counted when it was last known to be well.
    gaps: Vec<u64>,
    /// How long viewers took after faults.
    converged: Vec<Duration>,
}

/// Runs for this long, or until something is found. What was done, for people.
pub async fn run(seconds: u64, seed: u64, cast: Cast, folder: &Path, findings: &Arc<Findings>) -> String {
    let mut run = Run::begin(seed, cast, folder, findings).await;
    let over = Arc::clone(findings);
    let whole = async {
        run.seat().await;
        let baseline = run.stage.memory();
        let began = Instant::now();
        let mut steps = 0;
        let mut plan = Plan::new(seed, cast.bug.and_then(Bug::needs));
        while began.elapsed() < Duration::from_secs(seconds) {
            run.step(&plan.next().expect("plans have no end")).await;
            steps += 1;
        }
        run.end(&baseline).await;
        steps
    };
    let steps = tokio::select! {
        steps = whole => steps,
        () = over.first() => 0,
    };
    run.summary(steps)
}

impl Run {
    async fn begin(seed: u64, cast: Cast, folder: &Path, findings: &Arc<Findings>) -> Self {
        let stage = Stage::set(folder, cast.bug).await;
        let mut random = StdRng::seed_from_u64(seed ^ 1);
        let asked = Arc::<Asked>::default();
        let client = stage.redis_client.clone();
        let recorder = Recorder::new(&stage.shows, stage.seats.len(), client, &asked, findings);
        let (told, heard) = mpsc::unbounded_channel();
        let recording = tokio::spawn(Arc::clone(&recorder).record(heard));
        let audience = Audience::start(cast.viewers, random.random(), &stage, findings, &recorder);
        let lockers = Lockers::start(cast.lockers, random.random(), &stage, &asked, told, findings);
        Self {
            stage,
            findings: Arc::clone(findings),
            recorder,
            recording,
            audience,
            lockers,
            yardstick: Yardstick::start(),
            seed,
            marked: false,
            gaps: vec![0; NODES],
            converged: Vec::new(),
        }
    }

    /// Waits until everybody has a map, and for a while more.
    async fn seat(&mut self) {
        if let Err(who) = self.audience.seated(SEATING).await {
            self.findings.report(Invariant::Converging, format!("after {SEATING:?} {who}"));
        }
        self.findings.say(&format!("{} viewers have a map", self.audience.len()));
        tokio::time::sleep(WARM_UP).await;
        self.check_gaps(|_| false).await;
    }

    /// Quiet, faults, and what must hold after them.
    async fn step(&mut self, step: &Step) {
        tokio::time::sleep(step.quiet).await;
        self.check_gaps(|_| false).await;
        self.findings.storm(step.to_string());
        self.findings.say(&step.to_string());
        let striker = Striker {
            stage: &self.stage,
            audience: &self.audience,
            findings: &self.findings,
            yardstick: &self.yardstick,
            seed: self.seed,
        };
        striker.strike(step).await;
        self.converge().await;
        self.findings.calm();
        tokio::time::sleep(SETTLES_WITHIN).await;
        let explained = |node| step.strikes.iter().any(|strike| strike.fault.explains_a_gap(node));
        self.check_gaps(explained).await;
    }

    /// Makes a change in each showtime, and waits until everybody shows it.
    async fn converge(&mut self) {
        let began = Instant::now();
        let limit = |run: &Self| CONVERGES_WITHIN.mul_f64(run.yardstick.slowdown(began));
        let Some(markers) = self.mark(began).await else { return };
        let marked = began.elapsed();
        let last = loop {
            // What the machine lacks in speed is added while it is waited for.
            let left = limit(self).saturating_sub(began.elapsed());
            match self.audience.converge(&markers, left.min(CONVERGES_WITHIN)).await {
                Ok(last) => break last,
                Err(_) if began.elapsed() < limit(self) => {}
                Err(who) => {
                    self.findings.report(Invariant::Converging, format!("after {:.1?} {who}", limit(self)));
                    return;
                }
            }
        };
        let took = began.elapsed();
        self.audience.compare().await;
        self.converged.push(took);
        let slowdown = self.yardstick.slowdown(began);
        self.findings.say(&format!(
            "the store takes changes after {:.1} s, all viewers right after {:.1} s, last {last} (machine {slowdown:.1} x slower)",
            marked.as_secs_f64(),
            took.as_secs_f64()
        ));
        if !self.stage.all_ready(limit(self)).await {
            let what = format!("not all nodes are ready {:.1?} after the fault", began.elapsed());
            self.findings.report(Invariant::Returning, what);
        }
        self.findings.checked(Invariant::Returning, NODES);
    }

    /// Blocks or unblocks the last seat of each showtime. Where each stood right after it.
    async fn mark(&mut self, began: Instant) -> Option<Vec<Position>> {
        self.marked = !self.marked;
        let seat = self.stage.seats.id(self.stage.seats.len() - 1);
        let (verb, body) = if self.marked {
            ("block", json!({ "seats": [seat], "reason": "marker" }))
        } else {
            ("unblock", json!({ "seats": [seat] }))
        };
        let mut positions = Vec::new();
        for show in &*self.stage.shows {
            let path = format!("/api/v1/showtimes/{}/seats/{verb}", show.id);
            let position = loop {
                match self.stage.change_anywhere(&path, &body).await {
                    Ok(position) => break position,
                    Err(why) if began.elapsed() > CONVERGES_WITHIN.mul_f64(self.yardstick.slowdown(began)) => {
                        let what = format!("{:.1?} after the fault no node takes a change: {why}", began.elapsed());
                        self.findings.report(Invariant::Returning, what);
                        return None;
                    }
                    Err(_) => tokio::time::sleep(MARK_EVERY).await,
                }
            };
            positions.push(position);
        }
        Some(positions)
    }

    /// Nodes count how often a room was found behind although its feed seemed well. Without a fault that explains it this never
    /// happens: it is how a change that the feed lost shows, which repair hides from viewers.
    async fn check_gaps(&mut self, explained: impl Fn(usize) -> bool) {
        for (n, health) in self.stage.health().await.into_iter().enumerate() {
            let Some(Health { gaps, .. }) = health else { continue };
            if !explained(n) && gaps != self.gaps[n] {
                let (node, before) = (n + 1, self.gaps[n]);
                let what =
                    format!("node {node} repaired rooms that nothing had broken: {before} gaps before, {gaps} now");
                self.findings.report(Invariant::Unrepaired, what);
            }
            self.gaps[n] = gaps;
            self.findings.checked(Invariant::Unrepaired, 1);
        }
    }

    /// Everybody ends; the store is what its history says, viewers show it, and memory is back.
    async fn end(&mut self, baseline: &[u64]) {
        self.findings.say("lockers end what they began");
        self.lockers.finish().await;
        self.converge().await;
        self.recorder.check_the_end().await;
        self.check_memory(baseline).await;
    }

    async fn check_memory(&mut self, baseline: &[u64]) {
        // A node that came back has other viewers than before; none may have more than the largest had.
        let largest = baseline.iter().copied().max().unwrap_or(0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "KiB")]
        let allowed = (largest as f64 * MEMORY_FACTOR) as u64 + MEMORY_EXTRA_KIB;
        let began = Instant::now();
        let mut memory = self.stage.memory();
        while memory.iter().any(|used| *used > allowed) && began.elapsed() < MEMORY_PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            memory = self.stage.memory();
        }
        for (n, used) in memory.iter().enumerate().filter(|(_, used)| **used > allowed) {
            let what = format!("node {} has {used} KiB; after the warm-up the largest had {largest}", n + 1);
            self.findings.report(Invariant::Bounded, what);
        }
        self.findings.checked(Invariant::Bounded, memory.len());
        self.findings.say(&format!("memory in KiB: {baseline:?} after the warm-up, {memory:?} at the end"));
    }

    fn summary(&self, steps: usize) -> String {
        let ((answers, doubts), (diffs, maps)) = (self.lockers.counts(), self.audience.seen());
        let worst = self.converged.iter().max().copied().unwrap_or_default();
        format!(
            "{steps} steps; {} changes in the store; lockers: {answers} answers, {doubts} of unknown outcome repeated; \
             viewers: {diffs} diffs, {maps} whole maps; all right at most {:.1} s after a fault; the yardstick is {:.1} ms",
            self.recorder.changes(),
            worst.as_secs_f64(),
            self.yardstick.best().as_secs_f64() * 1e3,
        )
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.recording.abort();
    }
}

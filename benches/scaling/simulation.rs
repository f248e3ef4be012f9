//! A discrete-event simulation of nodes and Redis.
//!
//! Each worker of a node is a server with one queue, and so is each Redis. Workers are alike, so [`SAMPLED`] of them are simulated
//! at most, with the requests, joins and publications that are theirs; a request to one of the others waits as long as it would at
//! a sampled one. There is no network and no browser: what they take comes on top.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::costs::Costs;
use super::dice::Dice;
use super::load::{Load, Setup};
use super::outcome::{Durations, Outcome};
use super::rates::Rates;
use super::worker::{Part, Running, Task, Worker};

/// Workers that are simulated.
const SAMPLED: u32 = 4;
const SEED: u64 = 20_260_101;
/// Between two polls of a client that polls (`SEATCAST_POLL_SECONDS`).
const POLL_SECONDS: f64 = 10.0;
const SECOND: u64 = 1_000_000_000;
/// The payload of a packet.
const SEGMENT: f64 = 1_448.0;
/// Of the seats that changed, those that stay locked, at most.
const LOCKED_PART: f64 = 0.25;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A viewer comes to a room of a worker.
    Join { worker: u32, room: u32 },
    /// Somebody asks for a change, or tries in vain.
    Ask { change: u32 },
    /// Redis tells of a change.
    Publish { change: u32 },
    /// A room's frames may be written.
    Fan { worker: u32, room: u32 },
    /// A worker is done.
    Done { worker: u32 },
}

/// A request for a change.
struct Change {
    room: u32,
    asked: u64,
    worker: u32,
    /// Whether the request is at a worker that is simulated, and not at one that is like it.
    here: bool,
    refused: bool,
    /// When the last of the simulated workers had written its frames, and how many still have to.
    last: u64,
    missing: u32,
}

/// The simulated minute.
struct Minute {
    rates: Rates,
    load: Load,
    setup: Setup,
    now: u64,
    end: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    workers: Vec<Worker>,
    changes: Vec<Change>,
    /// Until when each Redis is busy.
    redis: Vec<u64>,
    /// Bytes that leave a node in a second for those who poll.
    polled: f64,
    /// How much slower everything is because of what goes on all the time: of nodes, of Redis.
    slower: [f64; 2],
    seen: Seen,
}

/// What is counted, by second where it is a rate.
struct Seen {
    busy: Vec<u64>,
    redis: Vec<Vec<u64>>,
    bytes: Vec<f64>,
    frames: Vec<f64>,
    joined: Vec<f64>,
    rounds: [f64; 2],
    done: u32,
    screens: Durations,
    answers: Durations,
    joins: Durations,
}

/// Simulates a load on a setup.
pub fn simulate(costs: &Costs, load: Load, setup: Setup) -> Outcome {
    let mut minute = Minute::new(costs, load, setup);
    minute.plan();
    minute.run();
    minute.outcome()
}

impl Minute {
    fn new(costs: &Costs, load: Load, setup: Setup) -> Self {
        let sampled = setup.total_workers().min(SAMPLED);
        let seconds = load.seconds as usize + 1;
        let workers = (0..sampled).map(|number| {
            let node = number * setup.nodes / sampled;
            let parts = (0..load.rooms).map(|room| part(&load, &setup, node, number, room)).collect();
            Worker::new(node, parts)
        });
        let seen = Seen {
            busy: vec![0; seconds],
            redis: vec![vec![0; seconds]; setup.shards as usize],
            bytes: vec![0.0; seconds],
            frames: vec![0.0; seconds],
            joined: vec![0.0; seconds],
            rounds: [0.0; 2],
            done: 0,
            screens: Durations::new(),
            answers: Durations::new(),
            joins: Durations::new(),
        };
        Self {
            rates: Rates::of(costs),
            load,
            setup,
            now: 0,
            end: u64::from(load.seconds) * SECOND,
            events: BinaryHeap::new(),
            count: 0,
            workers: workers.collect(),
            changes: Vec::new(),
            redis: vec![0; setup.shards as usize],
            polled: Polls::of(costs, &load, &setup).bytes,
            slower: background(costs, &load, &setup).map(|part| 1.0 / (1.0 - part.min(0.99))),
            seen,
        }
    }

    /// Who comes when, and who asks when.
    fn plan(&mut self) {
        let mut dice = Dice::new(SEED);
        let coming = u64::from(self.load.coming) * SECOND;
        for worker in 0..self.sampled() {
            for room in 0..self.load.rooms {
                let part = &mut self.workers[worker as usize].parts[room as usize];
                let newcomers = rounded(f64::from(part.viewers) * self.load.newcomers);
                part.viewers -= newcomers;
                for came in dice.instants(newcomers.into(), coming.max(1)) {
                    self.at(came, Event::Join { worker, room });
                }
            }
        }
        let (asks, total) = (self.load.changes + self.load.refused, u64::from(self.setup.total_workers()));
        for asked in dice.instants(u64::from(asks) * u64::from(self.load.seconds), self.end) {
            let change = u32::try_from(self.changes.len()).expect("changes are few");
            self.changes.push(Change {
                room: narrow(dice.below(self.load.rooms.into())),
                asked,
                worker: narrow(dice.below(self.sampled().into())),
                here: dice.below(total) < u64::from(self.sampled()),
                refused: dice.below(asks.into()) < u64::from(self.load.refused),
                last: 0,
                missing: 0,
            });
            self.at(asked, Event::Ask { change });
        }
    }

    fn run(&mut self) {
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            if at > self.end {
                break;
            }
            self.now = at;
            match event {
                Event::Join { worker, room } => self.add(worker, Task::Join { room, came: at }),
                Event::Ask { change } => self.add(self.changes[change as usize].worker, Task::Request { change }),
                Event::Publish { change } => self.publish(change),
                Event::Fan { worker, room } => self.add(worker, Task::Fan { room }),
                Event::Done { worker } => self.done(worker),
            }
        }
    }

    fn at(&mut self, time: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((time, self.count, event)));
    }

    fn add(&mut self, worker: u32, task: Task) {
        self.workers[worker as usize].add(task);
        self.go_on(worker);
    }

    /// Has a worker do what is next, if it is free.
    fn go_on(&mut self, worker: u32) {
        let Some(task) = self.workers[worker as usize].take() else { return };
        let (micros, frames) = self.work(worker, task);
        let nanos = nanos(micros * self.slower[0]);
        self.workers[worker as usize].running = Some(Running { task, frames });
        let second = self.second();
        self.seen.busy[second] += nanos;
        self.at(self.now + nanos, Event::Done { worker });
    }

    /// How long a task takes in µs, and how many frames are written in it.
    fn work(&mut self, worker: u32, task: Task) -> (f64, u32) {
        let rates = self.rates;
        match task {
            Task::Join { .. } => (rates.join + rates.join_kib * self.snapshot() / 1_024.0, 0),
            Task::Request { change } | Task::Answer { change } => {
                let here = self.changes[change as usize].here;
                (if here { rates.change / 2.0 } else { 0.0 }, 0)
            }
            Task::Chore { nanos } => (micros(nanos), 0),
            Task::Fan { room } => {
                let [single, more] = rates.deliver;
                let part = &mut self.workers[worker as usize].parts[room as usize];
                let merged = part.begin(self.now);
                let each = single + more * f64::from(merged.saturating_sub(1));
                let frames = part.left().min(rounded(rates.slice / each).max(1));
                (each * f64::from(frames), frames)
            }
        }
    }

    fn done(&mut self, worker: u32) {
        let running = self.workers[worker as usize].running.take().expect("a worker that is done did something");
        match running.task {
            Task::Join { room, came } => self.joined(worker, room, came),
            Task::Request { change } => self.ask_redis(change),
            Task::Answer { change } => {
                let asked = self.changes[change as usize].asked;
                self.seen.answers.note(self.now - asked, 1);
            }
            Task::Chore { .. } => {}
            Task::Fan { room } => self.wrote(worker, room, running.frames),
        }
        self.go_on(worker);
    }

    fn joined(&mut self, worker: u32, room: u32, came: u64) {
        self.workers[worker as usize].parts[room as usize].viewers += 1;
        self.seen.joins.note(self.now - came, 1);
        let (second, bytes) = (self.second(), self.on_the_wire(self.snapshot()));
        self.seen.bytes[second] += bytes;
        self.seen.joined[second] += 1.0;
    }

    /// Redis carries the change out when it has done what came before, tells the nodes, and answers.
    fn ask_redis(&mut self, change: u32) {
        let Change { room, worker, refused, .. } = self.changes[change as usize];
        let shard = (room % self.setup.shards) as usize;
        let waits = self.redis[shard] > self.now;
        let open = f64::from(self.setup.open_at(&self.load));
        // While others wait, nodes are written to once for several changes.
        let [alone, watching, foreign] = self.rates.redis[usize::from(!waits)];
        let told = watching * open + foreign * (f64::from(self.setup.nodes) - open);
        let micros = alone + if refused { 0.0 } else { told };
        let (begins, nanos) = (self.redis[shard].max(self.now), nanos(micros * self.slower[1]));
        self.redis[shard] = begins + nanos;
        let second = usize::try_from(begins / SECOND).expect("a second").min(self.load.seconds as usize);
        self.seen.redis[shard][second] += nanos;
        if !refused {
            self.at(begins + nanos, Event::Publish { change });
        }
        self.add(worker, Task::Answer { change });
    }

    /// Every node hears of the change; those that have the room open tell their workers.
    fn publish(&mut self, change: u32) {
        let room = self.changes[change as usize].room;
        let Rates { watching, foreign, .. } = self.rates;
        let heard = self.now + nanos(watching * self.slower[0]);
        for number in 0..self.sampled() {
            let open = is_open(&self.load, &self.setup, self.workers[number as usize].node, room);
            // One of the node's cores does it.
            if change % self.setup.workers == number % self.setup.workers {
                self.add(number, Task::Chore { nanos: nanos(if open { watching } else { foreign }) });
            }
            let window = nanos(self.setup.window * 1_000.0);
            let part = &mut self.workers[number as usize].parts[room as usize];
            if part.viewers == 0 {
                continue;
            }
            self.changes[change as usize].missing += 1;
            if let Some(time) = part.hear(change, heard, window) {
                self.at(time, Event::Fan { worker: number, room });
            }
        }
        if self.changes[change as usize].missing == 0 {
            self.seen.done += 1;
        }
    }

    fn wrote(&mut self, worker: u32, room: u32, frames: u32) {
        let (second, window) = (self.second(), nanos(self.setup.window * 1_000.0));
        let part = &mut self.workers[worker as usize].parts[room as usize];
        let (changes, finished) = part.wrote(frames);
        let merged = f64::from(u32::try_from(changes.len()).expect("changes are few"));
        // The change in the middle of a frame stands for all in it.
        let middle = self.changes[changes[changes.len() / 2] as usize].asked;
        self.seen.screens.note(self.now - middle, frames * u32::try_from(changes.len()).expect("changes are few"));
        for &number in changes.iter().filter(|_| finished) {
            let change = &mut self.changes[number as usize];
            change.last = change.last.max(self.now);
            change.missing -= 1;
            self.seen.done += u32::from(change.missing == 0);
        }
        let next = if finished { part.rest(self.now, window) } else { Some(self.now) };
        let [single, more] = self.rates.frame;
        let bytes = single + more * (merged - 1.0).max(0.0);
        self.seen.bytes[second] += self.on_the_wire(bytes) * f64::from(frames);
        self.seen.frames[second] += f64::from(frames);
        self.seen.rounds = [self.seen.rounds[0] + f64::from(frames), self.seen.rounds[1] + merged * f64::from(frames)];
        match next {
            Some(time) if time > self.now => self.at(time, Event::Fan { worker, room }),
            Some(_) => self.workers[worker as usize].add(Task::Fan { room }),
            None => {}
        }
    }

    fn outcome(self) -> Outcome {
        let mut last_screen = Durations::new();
        let late = self.changes.iter().filter(|change| change.asked + SECOND > self.end).count();
        let told = self.changes.iter().filter(|change| !change.refused);
        let shown = told.clone().filter(|change| change.missing == 0 && change.last > 0);
        for change in shown {
            last_screen.note(change.last - change.asked, 1);
        }
        let sampled = f64::from(self.sampled());
        let (seconds, workers) = (f64::from(self.load.seconds), f64::from(self.setup.workers));
        // Which part of everything goes on all the time.
        let [node, redis] = self.slower.map(|slower| 1.0 - 1.0 / slower);
        let part = |nanos: u64| micros(nanos) / 1e6;
        let total: f64 = self.seen.busy.iter().map(|nanos| part(*nanos)).sum();
        let use_of = |used: f64, idle: f64| (used * (1.0 - idle) + idle).min(1.0);
        let peak = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
        let busiest = peak(&self.seen.busy.iter().map(|nanos| part(*nanos) / sampled).collect::<Vec<_>>());
        let redis_busiest = self.seen.redis.iter().flatten().map(|nanos| part(*nanos)).fold(0.0, f64::max);
        let proxied = self.seen.frames.iter().zip(&self.seen.joined);
        let proxy: Vec<f64> =
            proxied.map(|(frames, joined)| frames * self.rates.proxy[0] + joined * self.rates.proxy[1]).collect();
        Outcome {
            latest: u32::try_from(late).expect("changes are few"),
            unseen: u32::try_from(told.count()).expect("changes are few") - self.seen.done,
            last_screen,
            node: [use_of(total / seconds / sampled, node), use_of(busiest, node)],
            redis: use_of(redis_busiest, redis),
            merged: self.seen.rounds[1] / self.seen.rounds[0].max(1.0),
            megabits: (peak(&self.seen.bytes) / sampled * workers + self.polled) * 8.0 / 1e6,
            proxy: peak(&proxy) / 1e6 / sampled * workers,
            screens: self.seen.screens,
            answers: self.seen.answers,
            joins: self.seen.joins,
        }
    }

    fn sampled(&self) -> u32 {
        u32::try_from(self.workers.len()).expect("workers are few")
    }

    fn second(&self) -> usize {
        usize::try_from(self.now / SECOND).expect("a second").min(self.load.seconds as usize)
    }

    /// A snapshot's bytes by now.
    fn snapshot(&self) -> f64 {
        let [base, seat, lock] = self.rates.snapshot;
        let changed = f64::from(self.load.changes) * micros(self.now) / 1e6 / f64::from(self.load.rooms);
        let locks = changed.min(f64::from(self.load.seats) * LOCKED_PART);
        base + seat * f64::from(self.load.seats) + lock * locks
    }

    /// What bytes become in TLS and packets.
    fn on_the_wire(&self, bytes: f64) -> f64 {
        let encrypted = bytes + self.rates.record;
        encrypted + (encrypted / SEGMENT).ceil() * self.rates.packet
    }
}

/// Which part of a node's cores, and of Redis's, is used while nothing happens.
fn background(costs: &Costs, load: &Load, setup: &Setup) -> [f64; 2] {
    let viewers = f64::from(load.viewers) / f64::from(setup.nodes);
    let open = f64::from(load.rooms) * f64::from(setup.open_at(load));
    let rooms = open / f64::from(setup.nodes);
    let polls = Polls::of(costs, load, setup);
    let node = viewers * costs.get("viewer.idle") + rooms * costs.get("room.idle") + polls.micros;
    let redis = open / f64::from(setup.shards) * costs.get("redis.room");
    [node / 1e6 / f64::from(setup.workers), redis / 1e6]
}

/// What those who poll cost a node in a second.
struct Polls {
    micros: f64,
    bytes: f64,
}

impl Polls {
    fn of(costs: &Costs, load: &Load, setup: &Setup) -> Self {
        let polls = f64::from(load.pollers) / POLL_SECONDS / f64::from(setup.nodes);
        // The part of polls that find something new.
        let new = (f64::from(load.changes) / f64::from(load.rooms) * POLL_SECONDS).min(1.0);
        let whole = f64::from(load.seats) * costs.get("status.seat");
        let micros = new * (costs.get("poll.200") + costs.get("join.kib") * whole / 1_024.0);
        // A map is written and compressed once for each position at which it is asked for.
        let built = (polls * new).min(f64::from(load.changes)) * f64::from(load.seats) / 1_000.0;
        Self {
            micros: polls * (micros + (1.0 - new) * costs.get("poll.304")) + built * costs.get("status.build"),
            bytes: polls * (new * whole + (1.0 - new) * costs.get("status.304")),
        }
    }
}

/// Whether a room is open at a node.
fn is_open(load: &Load, setup: &Setup, node: u32, room: u32) -> bool {
    let open = setup.open_at(load);
    open == setup.nodes || (node + setup.nodes - room % setup.nodes) % setup.nodes < open
}

/// A worker's part of a room: each worker of the nodes that have it open has as many viewers as the others, or one more.
fn part(load: &Load, setup: &Setup, node: u32, number: u32, room: u32) -> Part {
    if !is_open(load, setup, node, room) {
        return Part::default();
    }
    let (viewers, shares) = (load.viewers / load.rooms, setup.open_at(load) * setup.workers);
    let (each, more) = (viewers / shares, viewers % shares);
    // Whose turn it is to have one more changes with the room.
    let turn = (number * (shares / SAMPLED.min(shares)).max(1) + room * 7) % shares;
    Part::of(each + u32::from(turn < more))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "durations are short and not negative")]
fn nanos(micros: f64) -> u64 {
    (micros * 1_000.0).max(0.0) as u64
}

#[expect(clippy::cast_precision_loss, reason = "a minute is short")]
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1_000.0
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small and not negative")]
fn rounded(count: f64) -> u32 {
    count.round() as u32
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).expect("a small number")
}

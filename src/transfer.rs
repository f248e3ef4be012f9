//! Moving house: showtimes with everything that belongs to them, out of one store and into another, as NDJSON.
//!
//! One record a line, each with its `type`: `export` first, then `plan`s, `showtime`s and their `lock`s, `block`s and `booking`s,
//! each after what it refers to, and `end` with the counts last, so that a file that was cut off is noticed. The same content
//! makes the same text.

mod record;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::record::{Counts, Record, VERSION};
use crate::domain::archive::{Archive, Seats};
use crate::domain::booking::Booking;
use crate::domain::ids::{SeatId, ShowtimeId};
use crate::domain::plan::{ImportOptions, PlanHash, SeatingPlan};
use crate::domain::seat::Lock;
use crate::domain::showtime::Details;
use crate::store::{Imported, OpenError, SeatStore, StoreError};

/// How long to wait for a store that does not answer yet.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(50);

/// Why nothing, or not everything, was moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot read or write: {0}")]
    Io(#[from] std::io::Error),
    #[error("cannot open or write {0}: {1}")]
    File(String, std::io::Error),
    #[error("there is no showtime {0}")]
    UnknownShowtime(ShowtimeId),
    /// The file is not what an export writes. Nothing was imported.
    #[error("line {line}: {what}. Nothing was imported")]
    Data { line: usize, what: String },
    /// Nothing was imported.
    #[error("the store has showtimes of the same name with other content: {}. Nothing was imported; remove them first, or export into a file without them (--showtime)", .0.join(", "))]
    Conflict(Vec<String>),
    #[error("somebody created showtime {0} meanwhile: it and those after it were not imported")]
    Meanwhile(String),
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub showtimes: usize,
    /// Of these, those that were there already with the same content.
    pub unchanged: usize,
    pub locks: usize,
    pub blocks: usize,
    pub bookings: usize,
}

impl Summary {
    fn count(&mut self, archive: &Archive) {
        self.showtimes += 1;
        self.locks += archive.locks().len();
        self.blocks += archive.blocks().len();
        self.bookings += archive.bookings().len();
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { showtimes, unchanged, locks, blocks, bookings } = self;
        write!(f, "{showtimes} showtimes, {locks} locks, {blocks} blocked seats, {bookings} bookings")?;
        if *unchanged > 0 {
            write!(f, "; {unchanged} of the showtimes were there already")?;
        }
        Ok(())
    }
}

/// Waits until the store answers.
///
/// # Errors
/// What it says when it does not within 10 s.
pub async fn until_ready(store: &dyn SeatStore) -> Result<(), StoreError> {
    let waiting = async {
        loop {
            match store.health().await {
                Ok(_) => return,
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(()) => Ok(()),
        Err(_) => store.health().await.map(drop),
    }
}

/// Writes showtimes, all or the named ones, each as it is at one instant.
///
/// # Errors
/// [`TransferError`]; what was written is then without an end.
pub async fn export(store: &dyn SeatStore, only: &[ShowtimeId], out: &mut dyn Write) -> Result<Summary, TransferError> {
    let known = store.showtimes().await?;
    let mut ids: BTreeSet<&ShowtimeId> = known.iter().map(|view| &view.showtime.id).collect();
    if !only.is_empty() {
        if let Some(unknown) = only.iter().find(|id| !ids.contains(id)) {
            return Err(TransferError::UnknownShowtime(unknown.clone()));
        }
        ids = only.iter().collect();
    }
    let mut summary = Summary::default();
    let mut plans: BTreeSet<PlanHash> = BTreeSet::new();
    write_record(out, &Record::Export { version: VERSION })?;
    for id in ids {
        // It may have been removed since it was listed.
        let Some(archive) = store.export(id).await? else { continue };
        if plans.insert(archive.plan().hash().clone()) {
            write_record(out, &Record::plan(archive.plan()))?;
        }
        for record in Record::of(&archive) {
            write_record(out, &record)?;
        }
        summary.count(&archive);
    }
    write_record(out, &Record::End(Counts::new(plans.len(), &summary)))?;
    out.flush()?;
    Ok(summary)
}

/// The same into a file that only its owner may read. It gets its name when it is whole, and is on the disk then.
///
/// # Errors
/// [`TransferError`]; a file of this name is then as it was.
pub async fn export_to_file(store: &dyn SeatStore, only: &[ShowtimeId], path: &Path) -> Result<Summary, TransferError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let failed = |error| TransferError::File(path.display().to_string(), error);
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let written = export(store, only, &mut out).await;
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    let summary = written?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).map_err(failed)?;
    file.sync_all().and_then(|()| std::fs::rename(&unfinished, path)).map_err(failed)?;
    Ok(summary)
}

/// Opens a file to import.
///
/// # Errors
/// [`TransferError::File`] when that is not possible.
pub fn open_file(path: &Path) -> Result<BufReader<File>, TransferError> {
    let file = File::open(path).map_err(|error| TransferError::File(path.display().to_string(), error))?;
    Ok(BufReader::new(file))
}

/// Reads showtimes that were exported and creates them. Nothing is created if any of them stands in the way.
///
/// Doing it again, after a failure say, creates what is missing.
///
/// # Errors
/// [`TransferError`]; after [`TransferError::Store`] some showtimes may have been created.
pub async fn import(store: &dyn SeatStore, input: &mut dyn BufRead) -> Result<Summary, TransferError> {
    let archives = read(input)?;
    let mut conflicts = Vec::new();
    for archive in &archives {
        let now = store.now();
        if store.export(archive.id()).await?.is_some_and(|known| known.at(now) != archive.clone().at(now)) {
            conflicts.push(archive.id().to_string());
        }
    }
    if !conflicts.is_empty() {
        return Err(TransferError::Conflict(conflicts));
    }
    let mut summary = Summary::default();
    for archive in archives {
        let archive = archive.at(store.now());
        summary.count(&archive);
        let id = archive.id().to_string();
        match store.import(archive).await? {
            Imported::Created => {}
            Imported::Unchanged => summary.unchanged += 1,
            Imported::Conflict => return Err(TransferError::Meanwhile(id)),
        }
    }
    Ok(summary)
}

fn write_record(out: &mut dyn Write, record: &Record) -> Result<(), TransferError> {
    let mut line = serde_json::to_vec(record).map_err(std::io::Error::other)?;
    line.push(b'\n');
    Ok(out.write_all(&line)?)
}

/// A showtime as far as it was read.
struct Draft {
    line: usize,
    details: Details,
    plan: Arc<SeatingPlan>,
    seats: Seats,
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    plans: HashMap<PlanHash, Arc<SeatingPlan>>,
    showtimes: BTreeMap<ShowtimeId, Draft>,
    counts: Counts,
    ended: bool,
}

/// Reads a whole export.
fn read(input: &mut dyn BufRead) -> Result<Vec<Archive>, TransferError> {
    let mut reading = Reading::default();
    let mut line = 0;
    for text in input.lines() {
        line += 1;
        let text = text?;
        let data = |what: String| TransferError::Data { line, what };
        if line == 1 {
            record::check_head(&text).map_err(data)?;
            continue;
        }
        let record: Record = serde_json::from_str(&text).map_err(|error| data(error.to_string()))?;
        reading.take(line, record).map_err(data)?;
    }
    if !reading.ended {
        let what = "the file ends too early: the record of type \"end\" is missing".into();
        return Err(TransferError::Data { line: line + 1, what });
    }
    let archive = |(id, draft): (ShowtimeId, Draft)| {
        let Draft { line, details, plan, seats } = draft;
        Archive::new(id, details, plan, seats).map_err(|error| TransferError::Data { line, what: error.to_string() })
    };
    reading.showtimes.into_iter().map(archive).collect()
}

impl Reading {
    fn take(&mut self, line: usize, record: Record) -> Result<(), String> {
        if self.ended {
            return Err("nothing may follow the record of type \"end\"".into());
        }
        self.counts.add(&record);
        match record {
            Record::Export { .. } => return Err("the record of type \"export\" comes twice".into()),
            Record::Plan { hash, plan } => {
                let imported = SeatingPlan::import(&plan, &ImportOptions::default());
                let first = |problems: Vec<crate::domain::plan::Problem>| {
                    problems.first().map(|problem| format!("the plan's {}: {}", problem.path, problem.message))
                };
                let plan = imported.map_err(|problems| first(problems).unwrap_or_default())?.plan;
                if *plan.hash() != hash {
                    return Err(format!("the plan was changed: its hash is {}", plan.hash()));
                }
                self.plans.insert(hash, Arc::new(plan));
            }
            Record::Showtime { showtime_id, plan, details } => {
                let plan = self.plans.get(&plan).cloned().ok_or_else(|| format!("no plan {plan} comes before it"))?;
                let draft = Draft { line, details, plan, seats: Seats::default() };
                if self.showtimes.insert(showtime_id.clone(), draft).is_some() {
                    return Err(format!("showtime {showtime_id} comes twice"));
                }
            }
            Record::Lock { showtime_id, seat_id, lock } => self.lock(&showtime_id, &seat_id, lock)?,
            Record::Block { showtime_id, seat_id, reason } => {
                let draft = self.draft(&showtime_id)?;
                let seat = index(draft, &seat_id)?;
                draft.seats.blocks.insert(seat, reason);
            }
            Record::Booking { showtime_id, booking } => self.book(&showtime_id, booking)?,
            Record::End(counts) => {
                if counts != self.counts {
                    return Err(format!("the file is not whole: it has {}, and says {counts}", self.counts));
                }
                self.ended = true;
            }
        }
        Ok(())
    }

    fn lock(&mut self, id: &ShowtimeId, seat: &SeatId, lock: Lock) -> Result<(), String> {
        let draft = self.draft(id)?;
        let index = index(draft, seat)?;
        match draft.seats.locks.insert(index, lock) {
            None => Ok(()),
            Some(_) => Err(format!("seat {seat} is locked twice")),
        }
    }

    fn book(&mut self, id: &ShowtimeId, booking: Booking) -> Result<(), String> {
        self.draft(id)?.seats.bookings.push(booking);
        Ok(())
    }

    fn draft(&mut self, id: &ShowtimeId) -> Result<&mut Draft, String> {
        self.showtimes.get_mut(id).ok_or_else(|| format!("no showtime {id} comes before it"))
    }
}

fn index(draft: &Draft, seat: &SeatId) -> Result<u32, String> {
    draft.plan.index_of(seat.as_str()).ok_or_else(|| format!("the plan has no seat {seat}"))
}

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
    #[error("{0} is no file that can be written")]
    NoFile(String),
    /// Nothing was imported.
    #[error(
        "these showtimes are in the store with other content, or other programs have locked their seats there: {}. Nothing was \
         imported; remove what is there first, or make an export without them (--showtime)", .0.join(", ")
    )]
    Conflict(Vec<String>),
    #[error(
        "showtime {0} was created by somebody else meanwhile, or another program has locked seats of it: it and those after it \
         were not imported"
    )]
    Meanwhile(String),
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub showtimes: usize,
    pub locks: usize,
    pub blocks: usize,
    pub bookings: usize,
    /// Showtimes that were there already with the same content, and are not counted above.
    pub unchanged: usize,
    /// Locks that had ended, and were left out.
    pub ended: usize,
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
        let Self { showtimes, locks, blocks, bookings, unchanged, ended } = self;
        write!(f, "{showtimes} showtimes, {locks} locks, {blocks} blocked seats, {bookings} bookings")?;
        if *unchanged > 0 {
            write!(f, "; {unchanged} showtimes were there already, with the same content")?;
        }
        if *ended > 0 {
            write!(f, "; {ended} locks had ended and were left out")?;
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
/// [`TransferError`], also when one of the showtimes cannot be read; what was written is then without an end.
pub async fn export(store: &dyn SeatStore, only: &[ShowtimeId], out: &mut dyn Write) -> Result<Summary, TransferError> {
    let ids = if only.is_empty() { store.ids().await? } else { only.to_vec() };
    let ids: BTreeSet<ShowtimeId> = ids.into_iter().collect();
    let mut summary = Summary::default();
    let mut plans: BTreeSet<PlanHash> = BTreeSet::new();
    write_record(out, &Record::Export { version: VERSION })?;
    for id in ids {
        let Some(archive) = store.export(&id).await? else {
            if only.contains(&id) {
                return Err(TransferError::UnknownShowtime(id));
            }
            // It was removed since it was listed.
            continue;
        };
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

/// The same into a file. One that is new or overwritten is readable by its owner only, gets its name when it is whole, and is on
/// the disk then. What is no file (a pipe, a device) is written as it comes; a link is followed.
///
/// # Errors
/// [`TransferError`]; a file of this name is then as it was.
pub async fn export_to_file(store: &dyn SeatStore, only: &[ShowtimeId], path: &Path) -> Result<Summary, TransferError> {
    let failed = |error| TransferError::File(path.display().to_string(), error);
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match std::fs::metadata(path) {
        Err(_) if path.is_symlink() => return Err(TransferError::NoFile(path.display().to_string())),
        Ok(found) if found.is_dir() => return Err(TransferError::NoFile(path.display().to_string())),
        Ok(found) if !found.is_file() => {
            let file = File::options().write(true).open(path).map_err(failed)?;
            return export(store, only, &mut BufWriter::new(file)).await;
        }
        Ok(_) | Err(_) => {}
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let written = export(store, only, &mut out).await.and_then(|summary| {
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error).map_err(failed)?;
        file.sync_all().and_then(|()| std::fs::rename(&unfinished, path)).map_err(failed)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|directory| directory.sync_all()).map_err(failed)?;
        Ok(summary)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

/// Opens a file to import.
///
/// # Errors
/// [`TransferError::File`] when that is not possible.
pub fn open_file(path: &Path) -> Result<BufReader<File>, TransferError> {
    let file = File::open(path).map_err(|error| TransferError::File(path.display().to_string(), error))?;
    Ok(BufReader::new(file))
}

/// Creates showtimes that [`read`] has read. Nothing is created if any of them stands in the way.
///
/// Doing it again, after a failure say, creates what is missing.
///
/// # Errors
/// [`TransferError`]; after [`TransferError::Store`] some showtimes may have been created.
pub async fn import(store: &dyn SeatStore, archives: Vec<Archive>) -> Result<Summary, TransferError> {
    let mut conflicts = Vec::new();
    for archive in &archives {
        if let Some(known) = store.export(archive.id()).await?
            && !same(&known, &archive.clone().at(store.now()))
        {
            conflicts.push(archive.id().to_string());
        }
    }
    if !conflicts.is_empty() {
        return Err(TransferError::Conflict(conflicts));
    }
    let mut summary = Summary::default();
    for archive in archives {
        let placed = archive.locks().len();
        let archive = archive.at(store.now());
        let (id, ended) = (archive.id().to_string(), placed - archive.locks().len());
        match store.import(archive.clone()).await? {
            Imported::Created => {
                summary.count(&archive);
                summary.ended += ended;
            }
            Imported::Unchanged => summary.unchanged += 1,
            Imported::Conflict if summary == Summary::default() => return Err(TransferError::Conflict(vec![id])),
            Imported::Conflict => return Err(TransferError::Meanwhile(id)),
        }
    }
    Ok(summary)
}

/// Whether two archives have the same content, but for deadlines where one has none.
fn same(known: &Archive, archive: &Archive) -> bool {
    let deadline = |seat: u32| known.locks().get(&seat).and_then(|known| known.expires_at);
    let filled = archive.clone().with_deadlines(|seat, lock| deadline(seat).unwrap_or(lock.locked_at));
    *known == *archive || *known == filled
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
///
/// # Errors
/// [`TransferError::Data`] for anything else, with the line.
pub fn read(input: &mut dyn BufRead) -> Result<Vec<Archive>, TransferError> {
    let mut reading = Reading::default();
    let mut line = 0;
    for bytes in input.split(b'\n') {
        line += 1;
        let bytes = bytes?;
        let data = |what: String| TransferError::Data { line, what };
        let text =
            std::str::from_utf8(&bytes).map_err(|_| data("it is no text in UTF-8; is the file compressed?".into()))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if line == 1 {
            record::check_head(text).map_err(data)?;
        } else if !text.is_empty() {
            reading.take(line, Record::read(text).map_err(data)?).map_err(data)?;
        }
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
                if let Some(problem) = details.problems().first() {
                    return Err(format!("{}: {}", problem.path, problem.message));
                }
                let draft = Draft { line, details, plan, seats: Seats::default() };
                if self.showtimes.insert(showtime_id.clone(), draft).is_some() {
                    return Err(format!("showtime {showtime_id} comes twice"));
                }
            }
            Record::Lock { showtime_id, seat_id, lock } => self.lock(&showtime_id, &seat_id, lock)?,
            Record::Block { showtime_id, seat_id, reason } => {
                let draft = self.draft(&showtime_id)?;
                let seat = index(draft, &seat_id)?;
                if draft.seats.blocks.insert(seat, reason).is_some() {
                    return Err(format!("seat {seat_id} is blocked twice"));
                }
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

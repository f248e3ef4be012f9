//! The file under power cuts, damage, and strangers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use redb::{ReadableDatabase, ReadableTableMetadata, StorageBackend};
use tempfile::TempDir;

use super::*;
use crate::domain::ids::{BookingId, ShowtimeId, UserId};
use crate::domain::showtime::{Details, Rules};
use crate::domain::time::Timestamp;
use crate::plans;
use crate::store::embedded::state::State;

const RULES: Rules = Rules {
    lock: std::time::Duration::from_secs(900),
    extend_cap: std::time::Duration::from_secs(7_200),
    max_seats_per_holder: 10,
};

/// A disk whose power may be cut: it remembers everything that was written, and when it was synced.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    changes: Vec<DiskChange>,
    current: Vec<u8>,
}

#[derive(Clone, Debug)]
enum DiskChange {
    Write(usize, Vec<u8>),
    Length(usize),
    Sync,
}

/// What a disk writes wholly or not at all.
const BLOCK: usize = 512;

impl DiskChange {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, data) => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
            Self::Sync => {}
        }
    }

    /// The parts of it that the disk writes one by one.
    fn blocks(&self) -> Vec<Self> {
        let Self::Write(offset, data) = self else { return vec![self.clone()] };
        let (mut blocks, mut at, end) = (Vec::new(), *offset, offset + data.len());
        while at < end {
            let next = ((at / BLOCK + 1) * BLOCK).min(end);
            blocks.push(Self::Write(at, data[at - offset..next - offset].to_vec()));
            at = next;
        }
        blocks
    }
}

impl Recorder {
    fn on(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Recorded { changes: Vec::new(), current: bytes })))
    }

    /// How much has happened so far.
    fn moment(&self) -> usize {
        self.0.lock().unwrap().changes.len()
    }

    /// The disk as it may be found when the power was cut at this moment: what was synced, and any part of what was not.
    fn cut(&self, moment: usize, random: &mut StdRng) -> Vec<u8> {
        let recorded = self.0.lock().unwrap();
        let (mut synced, mut unsynced) = (Vec::new(), Vec::new());
        for change in &recorded.changes[..moment] {
            if let DiskChange::Sync = change {
                for change in unsynced.drain(..) {
                    DiskChange::apply(&change, &mut synced);
                }
            } else {
                unsynced.extend(change.blocks());
            }
        }
        for change in unsynced {
            if random.random_bool(0.5) {
                change.apply(&mut synced);
            }
        }
        synced
    }

    fn note(&self, change: DiskChange) {
        let mut recorded = self.0.lock().unwrap();
        change.apply(&mut recorded.current);
        recorded.changes.push(change);
    }
}

impl StorageBackend for Recorder {
    fn len(&self) -> std::io::Result<u64> {
        Ok(self.0.lock().unwrap().current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        let recorded = self.0.lock().unwrap();
        let offset = usize::try_from(offset).unwrap();
        let found = recorded.current.get(offset..offset + out.len());
        out.copy_from_slice(found.ok_or(std::io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.note(DiskChange::Length(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.note(DiskChange::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.note(DiskChange::Write(usize::try_from(offset).unwrap(), data.to_vec()));
        Ok(())
    }
}

/// A database on such a disk, which is in no directory.
fn database_on(recorder: &Recorder) -> Database {
    builder().create_with_backend(recorder.clone()).expect("the file is recovered")
}

fn commit(database: &Database, writes: &[Write]) {
    let transaction = tables::begin(database).map_err(|trouble| trouble.what).unwrap();
    tables::write(&transaction, writes).map_err(|trouble| trouble.what).unwrap();
    transaction.commit().unwrap();
}

fn state() -> State {
    let mut state = State::new(RULES, Vec::new()).unwrap();
    let details = Details {
        title: "Test".into(),
        starts_at: at(0),
        currency: "EUR".into(),
        prices: BTreeMap::new(),
        lock_seconds: None,
        max_seats_per_holder: None,
    };
    state.put(&show(), details, plans::plan("cinema").unwrap(), at(0)).unwrap();
    state
}

fn show() -> ShowtimeId {
    ShowtimeId::parse("42").unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Something random happens to some seats.
fn act(state: &mut State, random: &mut StdRng, now: Timestamp) {
    let first = random.random_range(1..=8);
    let names: Vec<String> = (first..first + random.random_range(1..=3)).map(|n| format!("A-{n}")).collect();
    let holder = UserId::infer(&format!("user-{}", random.random_range(0..3))).unwrap();
    let booking = BookingId::infer(&format!("b-{}", random.random_range(0..20))).unwrap();
    let kind = random.random_range(0..7);
    let _ = state.on(&show(), now, |machine| match kind {
        0 | 1 => machine.lock(&names, &holder, now).map(drop),
        2 => machine.unlock(&names, &holder, now).map(drop),
        3 => machine.book(&names, &holder, &booking, now).map(drop),
        4 => machine.release(&names, &booking, now).map(drop),
        5 => machine.block(&names, "reason", now).map(drop),
        _ => machine.unblock(&names, now).map(drop),
    });
}

/// What the state has of the showtime, as the disk would have it.
fn in_memory(state: &mut State, now: Timestamp) -> Stored {
    let machine = state.showtime(&show(), now).unwrap();
    let recent = machine.history().recent;
    Stored { archive: machine.archive(), epoch: machine.position().epoch.clone(), recent }
}

/// What the database has of the showtime.
fn in_database(database: &Database) -> Stored {
    let mut stored = tables::read_all(database).map_err(|trouble| trouble.what).expect("what is there makes sense");
    assert_eq!(stored.len(), 1);
    stored.remove(0)
}

#[test]
fn after_a_power_cut_everything_acknowledged_is_there_and_nothing_half() {
    let (mut cuts, mut undone) = (0, 0);
    for seed in 0..12 {
        let mut random = StdRng::seed_from_u64(seed);
        let recorder = Recorder::default();
        let database = database_on(&recorder);
        let mut state = state();
        // How much had happened when each commit returned, and what it left.
        let mut commits = Vec::new();
        for round in 0..15 {
            let now = at(round * 120_000);
            for _ in 0..random.random_range(1..6) {
                act(&mut state, &mut random, now);
            }
            let left = in_memory(&mut state, now);
            commit(&database, &state.take_batch().writes);
            commits.push((recorder.moment(), left));
        }
        for _ in 0..40 {
            let moment = random.random_range(commits[0].0..=recorder.moment());
            let found = in_database(&database_on(&Recorder::on(recorder.cut(moment, &mut random))));
            let acknowledged = commits.partition_point(|(done, _)| *done <= moment) - 1;
            let under_way = commits.get(acknowledged + 1);
            let whole = found == commits[acknowledged].1 || under_way.is_some_and(|(_, left)| found == *left);
            assert!(whole, "seed {seed}, moment {moment}: {found:?}");
            cuts += 1;
            undone += usize::from(under_way.is_some_and(|(_, left)| found != *left));
        }
    }
    assert!(undone > 0 && undone < cuts, "{undone} of {cuts} cuts came before the end of a commit");
}

#[test]
fn history_is_as_bounded_on_the_disk_as_in_memory() {
    let database = database_on(&Recorder::default());
    let mut state = state();
    let names = vec!["A-1".to_owned()];
    for round in 0..6 {
        for _ in 0..100 {
            state.on(&show(), at(round), |machine| machine.block(&names, "x", at(round)).map(drop)).unwrap();
            state.on(&show(), at(round), |machine| machine.unblock(&names, at(round)).map(drop)).unwrap();
        }
        commit(&database, &state.take_batch().writes);
    }
    let (kept, known) = (in_database(&database), in_memory(&mut state, at(6)));
    assert_eq!((kept.recent.len(), kept.recent[0].prev.seq), (1_000, 200));
    assert_eq!(kept, known);
}

#[test]
fn a_plan_that_no_showtime_has_is_gone_after_the_next_start() {
    let directory = TempDir::new().unwrap();
    store_in(directory.path());
    let plans = |disk: &Disk| disk.database().begin_read().unwrap().open_table(tables::PLANS).unwrap().len().unwrap();
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    assert_eq!(plans(&disk), 1);
    disk.commit(&[Write::Removal(show())]).unwrap();
    assert_eq!(plans(&disk), 1, "somebody may be about to fetch it");
    drop(disk);
    assert_eq!(plans(&Disk::open(directory.path(), Missing::Create).unwrap()), 0);
}

/// A closed store in a directory, and what is in it.
fn store_in(directory: &Path) -> Stored {
    let disk = Disk::open(directory, Missing::Create).unwrap();
    let (mut state, mut random) = (state(), StdRng::seed_from_u64(7));
    for round in 0..30 {
        act(&mut state, &mut random, at(round));
        disk.commit(&state.take_batch().writes).unwrap();
    }
    in_memory(&mut state, at(30))
}

#[test]
fn a_damaged_file_is_refused_or_read_right_and_never_changed_or_emptied() {
    let directory = TempDir::new().unwrap();
    let whole = store_in(directory.path());
    let path = file(directory.path());
    let (sound, lock) = (fs::read(&path).unwrap(), fs::read(directory.path().join("lock")).unwrap());
    let mut random = StdRng::seed_from_u64(1);
    let mut refused = 0;
    for trial in 0..150 {
        let mut bytes = sound.clone();
        let at = random.random_range(0..bytes.len());
        match trial % 3 {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes.truncate(at),
            _ => {
                let end = (at + 4_096).min(bytes.len());
                bytes[at..end].fill(0);
            }
        }
        fs::write(&path, &bytes).unwrap();
        // As if nobody had started since: it is this database that was used last.
        fs::write(directory.path().join("lock"), &lock).unwrap();
        match Disk::open(directory.path(), Missing::Create).and_then(|disk| disk.load()) {
            Ok(stored) => assert_eq!(stored, [&whole].map(clone), "trial {trial}: it was read wrong"),
            Err(DiskError::Damaged(at, _)) => {
                assert_eq!(at, path.display().to_string());
                assert!(fs::read(&path).unwrap() == bytes, "trial {trial}: what was refused was changed");
                refused += 1;
            }
            Err(other) => panic!("trial {trial}: {other}"),
        }
    }
    assert!(refused > 50, "{refused} damages were noticed");
}

fn clone(stored: &Stored) -> Stored {
    Stored { archive: stored.archive.clone(), epoch: stored.epoch.clone(), recent: stored.recent.clone() }
}

#[test]
fn what_is_no_store_is_not_taken_for_an_empty_one() {
    for content in [&b""[..], b"something else", &[0; 8_192]] {
        let directory = TempDir::new().unwrap();
        fs::write(file(directory.path()), content).unwrap();
        let error = Disk::open(directory.path(), Missing::Create).err().expect("it is refused").to_string();
        assert!(error.contains("damaged") && error.contains(FILE), "{error}");
        assert_eq!(fs::read(file(directory.path())).unwrap(), content, "it was not touched");
    }
    // One that was not finished was never in use.
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join(format!(".{FILE}.unfinished")), b"half").unwrap();
    assert!(Disk::open(directory.path(), Missing::Create).unwrap().load().unwrap().is_empty());
}

#[test]
fn content_that_makes_no_sense_is_damage_too() {
    let directory = TempDir::new().unwrap();
    store_in(directory.path());
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let transaction = tables::begin(disk.database()).map_err(|trouble| trouble.what).unwrap();
    transaction.open_table(tables::SHOWTIMES).unwrap().insert("42", &b"{}"[..]).unwrap();
    disk.finish(transaction).unwrap();
    drop(disk);
    let error = Disk::open(directory.path(), Missing::Create).and_then(|disk| disk.load()).expect_err("it is refused");
    assert!(matches!(&error, DiskError::Damaged(..)), "{error}");
}

#[test]
fn a_format_that_is_not_known_is_refused_by_its_number() {
    let directory = TempDir::new().unwrap();
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let transaction = disk.database().begin_write().unwrap();
    transaction.open_table(tables::ABOUT).unwrap().insert("format", "2").unwrap();
    disk.finish(transaction).unwrap();
    drop(disk);
    let error = Disk::open(directory.path(), Missing::Create).err().expect("it is refused").to_string();
    assert!(error.contains("format 2") && error.contains("newer"), "{error}");
}

#[test]
fn a_directory_is_for_one_process_and_the_other_is_told_which() {
    let directory = TempDir::new().unwrap();
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let error = Disk::open(directory.path(), Missing::Create).err().expect("it is refused").to_string();
    assert!(error.contains(&format!("process {}", std::process::id())) && error.contains("SEATCAST_STORE"), "{error}");
    drop(disk);
    Disk::open(directory.path(), Missing::Create).unwrap();
    let error =
        Disk::open(&directory.path().join(FILE), Missing::Create).err().expect("a file is no directory").to_string();
    assert!(error.contains("directory"), "{error}");
}

/// What is in a directory at the next start.
fn start(directory: &Path) -> Stored {
    clone(&Disk::open(directory, Missing::Create).unwrap().load().unwrap()[0])
}

#[test]
fn a_database_that_is_not_the_one_used_last_begins_new_epochs_once() {
    let directory = TempDir::new().unwrap();
    let known = store_in(directory.path());
    assert_eq!(start(directory.path()), known, "the file itself goes on");
    let path = file(directory.path());
    let backup = fs::read(&path).unwrap();
    assert_eq!(start(directory.path()), known);
    // Written over the file, so that it is the same to the file system.
    fs::write(&path, &backup).unwrap();
    let restored = start(directory.path());
    assert_eq!(restored.archive, known.archive);
    assert!(restored.epoch != known.epoch && restored.recent.is_empty());
    assert_eq!(start(directory.path()).epoch, restored.epoch, "once");
    // A start that was cut off, before or after its commit.
    let lock = directory.path().join("lock");
    for cut_off in
        [|lock: &str| format!("{lock}start another\n"), |lock: &str| lock.replacen("start", "start another\nstart", 1)]
    {
        let noted = fs::read_to_string(&lock).unwrap();
        fs::write(&lock, cut_off(&noted)).unwrap();
        assert_eq!(start(directory.path()).epoch, restored.epoch);
    }
    // Copied, with the lock beside it or without.
    for with_lock in [true, false] {
        let elsewhere = TempDir::new().unwrap();
        fs::copy(&path, file(elsewhere.path())).unwrap();
        if with_lock {
            fs::copy(directory.path().join("lock"), elsewhere.path().join("lock")).unwrap();
        }
        assert_ne!(start(elsewhere.path()).epoch, restored.epoch);
    }
    // Who rolled a whole volume back says so by removing the lock.
    fs::remove_file(directory.path().join("lock")).unwrap();
    assert_ne!(start(directory.path()).epoch, restored.epoch);
}

#[test]
fn a_file_that_was_removed_or_replaced_is_noticed_and_never_made_anew() {
    let directory = TempDir::new().unwrap();
    store_in(directory.path());
    let (path, aside) = (file(directory.path()), directory.path().join("aside"));
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    assert_eq!(disk.place(), Place::Same);
    fs::rename(&path, &aside).unwrap();
    assert_eq!(disk.place(), Place::Gone);
    fs::copy(&aside, &path).unwrap();
    assert_eq!(disk.place(), Place::Other);
    fs::rename(&aside, &path).unwrap();
    assert_eq!(disk.place(), Place::Same);
    drop(disk);
    fs::remove_file(&path).unwrap();
    assert!(matches!(Disk::open(directory.path(), Missing::Refuse), Err(DiskError::Nothing(_))));
    let gone = Disk::open(directory.path(), Missing::Create).err().expect("there was one").to_string();
    assert!(gone.contains(FILE) && gone.contains("lock"), "{gone}");
    assert!(!path.exists());
    fs::remove_file(directory.path().join("lock")).unwrap();
    assert!(Disk::open(directory.path(), Missing::Create).unwrap().load().unwrap().is_empty());
}

#[test]
fn what_somebody_else_writes_into_the_file_is_noticed_and_what_is_in_memory_can_be_saved() {
    let directory = TempDir::new().unwrap();
    store_in(directory.path());
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let state = State::new(RULES, disk.load().unwrap()).unwrap();
    fs::write(file(directory.path()), b"something else").unwrap();
    assert_eq!(disk.place(), Place::Overwritten);
    let rescued = disk.rescue(&state.everything(), at(0)).unwrap();
    drop(disk);
    assert_eq!(fs::read(file(directory.path())).unwrap(), b"something else", "what is somebody else's is left alone");
    fs::rename(&rescued, file(directory.path())).unwrap();
    let found = start(directory.path());
    let known = state.showtimes().next().unwrap();
    assert_eq!(found.archive, known.archive());
    assert_ne!(found.epoch, known.position().epoch, "its history was not saved");

    // Used a second time, it is another one again; and where there is only what was saved, no empty store is begun.
    let directory = TempDir::new().unwrap();
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let first = disk.rescue(&state.everything(), at(0)).unwrap();
    drop(disk);
    let mut epochs = Vec::new();
    for _ in 0..2 {
        fs::copy(&first, file(directory.path())).unwrap();
        epochs.push(start(directory.path()).epoch);
    }
    assert_ne!(epochs[0], epochs[1]);
    fs::remove_file(file(directory.path())).unwrap();
    fs::remove_file(directory.path().join("lock")).unwrap();
    assert!(matches!(Disk::open(directory.path(), Missing::Create), Err(DiskError::Gone(_))));
}

#[test]
fn a_copy_of_the_last_run_is_another_database_once_that_run_was_closed() {
    let directory = TempDir::new().unwrap();
    let known = store_in(directory.path());
    let path = file(directory.path());
    let disk = Disk::open(directory.path(), Missing::Create).unwrap();
    let snapshot = fs::read(&path).unwrap();
    disk.close();
    assert_eq!(start(directory.path()).epoch, known.epoch);
    fs::write(&path, snapshot).unwrap();
    assert_ne!(start(directory.path()).epoch, known.epoch);
}

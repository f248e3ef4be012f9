//! Copies every showtime's log out of Redis while it is written, and holds against it what lockers and viewers were told.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use tokio::sync::mpsc;

use crate::asked::{Asked, booking_id};
use crate::findings::{Findings, Invariant};
use crate::history::{Entry, History, State};
use crate::stage::Show;
use crate::viewers::SeatMap;

/// Entries of a stream: the id, then fields and values in turn.
type Entries = Vec<(String, Vec<String>)>;

const COPY_EVERY: Duration = Duration::from_millis(100);
/// A Redis that does not answer in this time is asked again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Answers that wait for the log to be copied, and what the log says, may differ by this long.
const LAST_PATIENCE: Duration = Duration::from_secs(10);

/// What a locker was told, and where: the state of each seat right after the position of the answer.
#[derive(Debug)]
pub struct Told {
    pub show: usize,
    pub seq: u64,
    pub seats: Vec<(u32, State)>,
    /// Who was told what, for the report.
    pub what: String,
}

/// The histories of all showtimes.
pub struct Recorder {
    shows: Arc<[Show]>,
    client: redis::Client,
    asked: Arc<Asked>,
    findings: Arc<Findings>,
    /// Each held for a look or for taking what was copied, never across an await.
    histories: Vec<Mutex<History>>,
    /// Answers that speak of what was not copied yet.
    waiting: Mutex<Vec<Told>>,
}

impl Recorder {
    pub fn new(
        shows: &Arc<[Show]>,
        seats: usize,
        client: redis::Client,
        asked: &Arc<Asked>,
        findings: &Arc<Findings>,
    ) -> Arc<Self> {
        Arc::new(Self {
            shows: Arc::clone(shows),
            client,
            asked: Arc::clone(asked),
            findings: Arc::clone(findings),
            histories: (0..shows.len()).map(|show| Mutex::new(History::new(show, seats))).collect(),
            waiting: Mutex::default(),
        })
    }

    /// Copies and checks, for as long as it is let.
    pub async fn record(self: Arc<Self>, mut told: mpsc::UnboundedReceiver<Told>) {
        let mut connection = None;
        loop {
            self.copy(&mut connection).await;
            while let Ok(answer) = told.try_recv() {
                self.waiting.lock().push(answer);
            }
            self.check_told();
            tokio::time::sleep(COPY_EVERY).await;
        }
    }

    /// Copies what is new. A connection that fails is forgotten.
    async fn copy(&self, connection: &mut Option<MultiplexedConnection>) {
        if connection.is_none() {
            *connection = self.connect().await;
        }
        let Some(open) = connection else { return };
        for show in 0..self.shows.len() {
            let from = self.histories[show].lock().head + 1;
            let key = format!("showtime:{{{}}}:log", self.shows[show].id);
            let mut range = redis::cmd("XRANGE");
            range.arg(key).arg(format!("{from}-0")).arg("+");
            let asked = tokio::time::timeout(ANSWER_TIMEOUT, range.query_async::<Entries>(open)).await;
            let Ok(Ok(reply)) = asked else {
                *connection = None;
                return;
            };
            self.take(show, &reply);
        }
    }

    async fn connect(&self) -> Option<MultiplexedConnection> {
        let connecting = self.client.get_multiplexed_async_connection();
        tokio::time::timeout(ANSWER_TIMEOUT, connecting).await.ok()?.ok()
    }

    fn take(&self, show: usize, entries: &Entries) {
        let mut history = self.histories[show].lock();
        for (_, fields) in entries {
            let entry: Entry = serde_json::from_str(&fields[1]).expect("an entry can be read");
            if !history.take(&entry, &self.asked, &self.findings) {
                return;
            }
        }
    }

    fn check_told(&self) {
        let heads: Vec<u64> = self.histories.iter().map(|history| history.lock().head).collect();
        let (ripe, waiting): (Vec<_>, Vec<_>) =
            self.waiting.lock().drain(..).partition(|told: &Told| told.seq <= heads[told.show]);
        self.waiting.lock().extend(waiting);
        for told in &ripe {
            self.check_one(told);
        }
        self.findings.checked(Invariant::Kept, ripe.len());
    }

    fn check_one(&self, told: &Told) {
        let history = self.histories[told.show].lock();
        for (seat, state) in &told.seats {
            let wrote = history.at(*seat, told.seq);
            if wrote != state {
                let (show, seq) = (told.show + 1, told.seq);
                let what = format!(
                    "show-{show}, number {seq}, seat {seat}: {} was told {state:?}, the history says {wrote:?}",
                    told.what
                );
                self.findings.report(Invariant::Kept, what);
            }
        }
    }

    /// The map of a showtime at a position, `None` while it was not copied that far.
    pub fn map(&self, show: usize, seq: u64) -> Option<SeatMap> {
        let history = self.histories[show].lock();
        (seq <= history.head).then(|| history.map(seq))
    }

    /// How many changes were replayed.
    pub fn changes(&self) -> usize {
        self.histories.iter().map(|history| history.lock().changes).sum()
    }

    /// When nothing changes any more: everything that was told was checked, and map and ledger are what the history says.
    pub async fn check_the_end(&self) {
        let all_checked = async {
            while !self.waiting.lock().is_empty() {
                tokio::time::sleep(COPY_EVERY).await;
            }
        };
        if tokio::time::timeout(LAST_PATIENCE, all_checked).await.is_err() {
            for told in self.waiting.lock().iter() {
                let what = format!(
                    "show-{}: {} was told of {}, which is not in the history",
                    told.show + 1,
                    told.what,
                    told.seq
                );
                self.findings.report(Invariant::Kept, what);
            }
        }
        for show in 0..self.shows.len() {
            if let Err(error) = self.check_store(show).await {
                self.findings.report(Invariant::Returning, format!("Redis does not answer at the end: {error}"));
            }
        }
    }

    async fn check_store(&self, show: usize) -> redis::RedisResult<()> {
        let mut connection = self.client.get_multiplexed_async_connection().await?;
        let key = |part: &str| format!("showtime:{{{}}}:{part}", self.shows[show].id);
        let (seq, letters, sales): (u64, String, HashMap<u32, String>) = redis::pipe()
            .atomic()
            .hget(key("meta"), "seq")
            .get(key("map"))
            .hgetall(key("bookings"))
            .query_async(&mut connection)
            .await?;
        // The log is copied up to what was just read.
        let copied = async {
            while self.histories[show].lock().head < seq {
                tokio::time::sleep(COPY_EVERY).await;
            }
        };
        let _ = tokio::time::timeout(LAST_PATIENCE, copied).await;
        let history = self.histories[show].lock();
        let id = &self.shows[show].id;
        if history.head != seq {
            self.findings
                .report(Invariant::Kept, format!("{id}: the store is at {}, its log at {}", seq, history.head));
            return Ok(());
        }
        if history.map(seq).letters != letters.as_bytes() {
            self.findings.report(Invariant::Kept, format!("{id}: the map in the store is not what its history says"));
        }
        let sold = history.sold();
        let expected: BTreeMap<u32, String> = sold.iter().map(|(seat, holder)| (*seat, booking_id(holder))).collect();
        let sales: BTreeMap<u32, String> = sales.into_iter().collect();
        if sales != expected {
            self.findings
                .report(Invariant::Kept, format!("{id}: the ledger has {sales:?}, by the history it is {expected:?}"));
        }
        self.findings.checked(Invariant::Kept, sales.len() + 1);
        Ok(())
    }
}

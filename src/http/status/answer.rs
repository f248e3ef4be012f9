//! What all pollers of a showtime get for a while: the map at one position, written once for each form in which it is asked for.

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Response;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, EntityTag, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::web::{self, Bytes};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;

use crate::api::status::StatusAnswer;
use crate::domain::ids::{ShowtimeId, UserId};
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Timestamp;
use crate::http::coding::Coding;
use crate::http::routes::EVERYWHERE;
use crate::store::ShowtimeView;

/// For how long an answer's clock counts as right.
const MAX_AGE: Duration = Duration::from_millis(250);
/// The effort of compression, of 9. Maps repeat themselves so much that more makes them no smaller.
const EFFORT: u32 = 4;
/// Maps with more seats take milliseconds to write, and are not written where other requests wait.
const SEATS_AT_ONCE: usize = 2_000;

// Made when the program is built: a value from a text is checked letter by letter.
static JSON: HeaderValue = HeaderValue::from_static("application/json");
static GZIP: HeaderValue = HeaderValue::from_static("gzip");
static BY_ENCODING: HeaderValue = HeaderValue::from_static("Accept-Encoding");
/// Lets a cache in front collapse pollers into one request a second.
static FOR_ALL: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=1, stale-while-revalidate=2");
static FOR_ONE: HeaderValue = HeaderValue::from_static("private, no-cache");
static STALE: HeaderValue = HeaderValue::from_static("no-store");

/// An answer, and its forms as far as somebody has asked for them.
#[derive(Debug)]
pub struct Answer {
    view: Arc<ShowtimeView>,
    snapshot: Snapshot,
    stale_since: Option<Timestamp>,
    made_at: Timestamp,
    poll_seconds: u32,
    tag: HeaderValue,
    plain: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
    #[cfg(test)]
    writings: std::sync::atomic::AtomicUsize,
}

/// What a room shows at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'room> {
    pub view: &'room Arc<ShowtimeView>,
    pub snapshot: &'room Snapshot,
    pub stale_since: Option<Timestamp>,
    pub now: Timestamp,
}

/// Who may see an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    All,
    /// Who gave a `userId`.
    One,
}

impl Answer {
    /// An answer of which nothing is written yet. Clients are told to wait `poll_seconds`.
    pub fn new(shown: Shown<'_>, poll_seconds: u32) -> Self {
        // Staleness is part of the tag, so that a poller sees it begin and end.
        let stale = if shown.stale_since.is_some() { "-stale" } else { "" };
        let tag = EntityTag::new_weak(format!("{}{stale}", shown.snapshot.position()));
        Self {
            view: Arc::clone(shown.view),
            snapshot: shown.snapshot.clone(),
            stale_since: shown.stale_since,
            made_at: shown.now,
            poll_seconds,
            tag: HeaderValue::try_from(tag.to_string()).expect("positions are ASCII"),
            plain: OnceCell::new(),
            gzip: OnceCell::new(),
            #[cfg(test)]
            writings: std::sync::atomic::AtomicUsize::new(0),
        }
    }

    /// Whether this is still what the room shows, and its clock right.
    pub fn is_right(&self, shown: Shown<'_>) -> bool {
        self.stale_since == shown.stale_since
            && self.is_young(shown.now)
            && self.snapshot.position() == shown.snapshot.position()
            && Arc::ptr_eq(&self.view, shown.view)
    }

    /// Whether its clock is right.
    pub fn is_young(&self, now: Timestamp) -> bool {
        self.made_at <= now && now.since(self.made_at) <= MAX_AGE
    }

    /// The showtime that it is about.
    pub fn showtime(&self) -> &ShowtimeId {
        &self.view.showtime.id
    }

    /// Whether the client says that it has this answer.
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        headers.get_all(IF_NONE_MATCH).any(|value| *value == self.tag || self.is_listed(value))
    }

    fn is_listed(&self, value: &HeaderValue) -> bool {
        let Ok(own) = self.tag.to_str().unwrap_or_default().parse::<EntityTag>() else { return false };
        let matches = |text: &str| text.parse::<EntityTag>().is_ok_and(|tag| tag.weak_eq(&own));
        value.to_str().is_ok_and(|value| value.split(',').map(str::trim).any(|text| text == "*" || matches(text)))
    }

    /// Says that nothing has changed.
    pub fn unchanged(&self, sharing: Sharing) -> Response<Bytes> {
        self.response(StatusCode::NOT_MODIFIED, sharing, Bytes::new())
    }

    /// The answer with its body, which is in this form.
    pub fn whole(&self, sharing: Sharing, coding: Coding, body: Bytes) -> Response<Bytes> {
        let mut response = self.response(StatusCode::OK, sharing, body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON.clone());
        if coding == Coding::Gzip {
            headers.insert(CONTENT_ENCODING, GZIP.clone());
        }
        response
    }

    fn response(&self, status: StatusCode, sharing: Sharing, body: Bytes) -> Response<Bytes> {
        let mut response = Response::with_body(status, body);
        let control = match (self.stale_since, sharing) {
            (Some(_), _) => &STALE,
            (None, Sharing::One) => &FOR_ONE,
            (None, Sharing::All) => &FOR_ALL,
        };
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.clone());
        headers.insert(CACHE_CONTROL, control.clone());
        headers.insert(VARY, BY_ENCODING.clone());
        for (name, value) in &EVERYWHERE {
            headers.insert(name.clone(), value.clone());
        }
        response
    }

    /// The body in this form, if it is there.
    pub fn ready(&self, coding: Coding) -> Option<&Bytes> {
        self.form(coding).get()
    }

    /// The body in this form. Whoever asks first writes it, the others wait for it.
    pub async fn body(self: &Arc<Self>, coding: Coding) -> Bytes {
        let written = async || {
            if self.snapshot.seat_count() <= SEATS_AT_ONCE {
                return self.written(coding);
            }
            let answer = Arc::clone(self);
            let elsewhere = web::block(move || answer.written(coding)).await;
            elsewhere.unwrap_or_else(|_| self.written(coding))
        };
        self.form(coding).get_or_init(written).await.clone()
    }

    fn form(&self, coding: Coding) -> &OnceCell<Bytes> {
        match coding {
            Coding::Plain => &self.plain,
            Coding::Gzip => &self.gzip,
        }
    }

    /// The body for one caller. `None` when the caller holds no seat: the body for all is the caller's too.
    pub fn written_for(&self, caller: &UserId) -> Option<Bytes> {
        let holds = self.snapshot.locks().values().any(|lock| lock.holder == *caller);
        holds.then(|| self.json(Vec::new(), Some(caller)).into())
    }

    fn written(&self, coding: Coding) -> Bytes {
        #[cfg(test)]
        self.writings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match coding {
            Coding::Plain => self.json(Vec::new(), None).into_boxed_slice().into(),
            Coding::Gzip => {
                let encoder = BufWriter::new(GzEncoder::new(Vec::new(), Compression::new(EFFORT)));
                let encoder = self.json(encoder, None).into_inner().ok();
                let body = encoder.and_then(|encoder| encoder.finish().ok()).expect("memory takes everything");
                body.into_boxed_slice().into()
            }
        }
    }

    fn json<W: Write>(&self, mut to: W, caller: Option<&UserId>) -> W {
        let Self { view, snapshot, stale_since, made_at, poll_seconds, .. } = self;
        let answer = StatusAnswer::new(view, snapshot, *stale_since, caller, *made_at, *poll_seconds);
        serde_json::to_writer(&mut to, &answer).expect("an answer is JSON, and memory takes everything");
        to
    }

    /// How much memory the answer takes, in bytes: about one for each seat, and its forms.
    pub fn weight(&self) -> u64 {
        let forms = [&self.plain, &self.gzip].into_iter().filter_map(OnceCell::get).map(Bytes::len);
        (self.snapshot.seat_count() + forms.sum::<usize>()) as u64
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
pub mod tests;

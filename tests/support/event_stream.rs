//! A viewer on Server-Sent Events that keeps a replica of the map, and comes back as a browser's `EventSource` does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::plan::SeatIds;
use super::replica::Replica;
use super::wait::PATIENCE;

/// One event as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: String,
    pub id: Option<String>,
    pub retry: Option<u64>,
}

/// An event stream with the replica that it keeps.
pub struct EventStream {
    url: String,
    http: reqwest::Client,
    response: Option<reqwest::Response>,
    seats: Arc<SeatIds>,
    buffer: String,
    pub replica: Replica,
    pub stale: bool,
    pub snapshots: usize,
    /// How many sequence numbers came in diffs.
    pub seen: u64,
    /// How many diffs came.
    pub diffs: u64,
    /// What the browser would send as `Last-Event-ID`.
    pub last_id: Option<String>,
    pub retry: Duration,
    /// Events that are no part of the map.
    pub asides: Vec<Event>,
    pub comments: usize,
}

impl EventStream {
    /// A viewer who is not connected yet.
    pub fn new(base: &str, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        Self {
            url: format!("{base}/api/v1/showtimes/{showtime}/events"),
            http: reqwest::Client::builder().gzip(true).build().expect("a client"),
            response: None,
            seats: Arc::clone(seats),
            buffer: String::new(),
            replica: Replica::default(),
            stale: false,
            snapshots: 0,
            seen: 0,
            diffs: 0,
            last_id: None,
            retry: Duration::ZERO,
            asides: Vec::new(),
            comments: 0,
        }
    }

    /// Connects and reads the first map.
    pub async fn join(base: &str, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        let mut stream = Self::new(base, showtime, seats);
        assert_eq!(stream.connect().await.expect("the server answers"), 200);
        stream.until("the first map", |stream| !stream.replica.position.is_empty()).await;
        stream
    }

    /// Connects, as one who comes back if there was a connection before. Returns the answer's status.
    pub async fn connect(&mut self) -> reqwest::Result<u16> {
        let mut request = self.http.get(&self.url).header("accept", "text/event-stream");
        if let Some(id) = &self.last_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        self.buffer.clear();
        self.response = (status == 200).then_some(response);
        Ok(status)
    }

    /// The same viewer at another server.
    pub fn move_to(&mut self, base: &str) {
        let path = self.url.find("/api/").expect("an address of the API");
        self.url = format!("{base}{}", &self.url[path..]);
        self.response = None;
    }

    pub fn header(&self, name: &str) -> &str {
        let response = self.response.as_ref().expect("a connection");
        response.headers().get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// Whether the server has ended the stream, or the connection broke.
    pub fn has_ended(&self) -> bool {
        self.response.is_none()
    }

    /// Reads until the viewer is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !wanted(self) {
                assert!(!self.has_ended(), "{what}: the stream has ended");
                self.step().await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(done.is_ok(), "{what}: not within {PATIENCE:?}; the replica is at {}", self.replica.position);
    }

    /// Reads until the seat has this letter.
    pub async fn until_seat(&mut self, seat: &str, letter: char) {
        let index = self.seats.index(seat);
        self.until(&format!("seat {seat} becomes {letter:?}"), |stream| stream.replica.letter(index) == letter).await;
    }

    /// Reads what comes next.
    pub async fn step(&mut self) {
        while !self.buffer.contains("\n\n") {
            let chunk = match &mut self.response {
                Some(response) => response.chunk().await.ok().flatten(),
                None => None,
            };
            let Some(chunk) = chunk else {
                self.response = None;
                return;
            };
            self.buffer.push_str(std::str::from_utf8(&chunk).expect("events are whole texts"));
        }
        while let Some((block, rest)) = self.buffer.split_once("\n\n") {
            let (block, rest) = (block.to_owned(), rest.to_owned());
            self.buffer = rest;
            self.take(&block);
        }
    }

    fn take(&mut self, block: &str) {
        let mut event = Event::default();
        for line in block.lines() {
            match line.split_once(": ").unwrap_or((line, "")) {
                ("event", name) => name.clone_into(&mut event.name),
                ("data", data) => data.clone_into(&mut event.data),
                ("id", id) => event.id = Some(id.to_owned()),
                ("retry", wait) => event.retry = Some(wait.parse().expect("a number")),
                ("", _) => self.comments += 1,
                other => panic!("unknown field {other:?}"),
            }
        }
        if let Some(wait) = event.retry {
            self.retry = Duration::from_millis(wait);
        }
        if event.data.is_empty() {
            return;
        }
        let message: Value = serde_json::from_str(&event.data).expect("data is JSON");
        assert_eq!(message["type"], event.name.as_str(), "the event's name is the message's type");
        match event.name.as_str() {
            "snapshot" => {
                self.replica.take_snapshot(&message, &self.seats);
                self.snapshots += 1;
            }
            "diff" => {
                self.seen += self.replica.take_diff(&message["prev"], &message, &self.seats);
                self.diffs += 1;
            }
            "status" => self.stale = message["stale"].as_bool().expect("stale is true or false"),
            _ => self.asides.push(event.clone()),
        }
        if let Some(id) = event.id {
            assert_eq!(id, self.replica.position, "the id is the position");
            self.last_id = Some(id);
        }
    }
}

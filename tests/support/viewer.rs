//! A viewer on a WebSocket that keeps a replica of the map and fails on every gap, repetition or step back.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::plan::SeatIds;
use super::replica::Replica;
use super::wait::PATIENCE;

/// A connection with the replica that it keeps.
pub struct Viewer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    seats: Arc<SeatIds>,
    pub replica: Replica,
    pub stale: bool,
    /// How many snapshots came.
    pub snapshots: usize,
    /// How many sequence numbers came in diffs.
    pub seen: u64,
    /// How many diffs came.
    pub diffs: u64,
    pub welcome: Value,
    /// Messages that are no part of the map: results, errors, pongs.
    pub asides: Vec<Value>,
    pub closed: Option<CloseFrame>,
}

impl Viewer {
    /// Joins a showtime's room and waits for the first map.
    pub async fn join(base: &str, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        let mut viewer = Self::connect(&format!("{base}/api/v1/showtimes/{showtime}/live"), seats).await;
        viewer.until("the first map", |viewer| !viewer.replica.position.is_empty()).await;
        viewer
    }

    /// Joins a showtime's room over a connection whose receive buffer is as small as the system allows.
    pub async fn with_small_buffer(base: &str, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        let host = base.strip_prefix("http://").expect("a plain address");
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        let stream = socket.connect(host.parse().expect("an address")).await.expect("the server listens");
        let url = format!("ws://{host}/api/v1/showtimes/{showtime}/live");
        let stream = MaybeTlsStream::Plain(stream);
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.expect("the handshake succeeds");
        let mut viewer = Self::on(socket, seats);
        viewer.until("the first map", |viewer| !viewer.replica.position.is_empty()).await;
        viewer
    }

    /// Opens a connection for which the server has no place.
    pub async fn refused(base: &str, showtime: &str, seats: &Arc<SeatIds>) -> Self {
        let url = format!("{base}/api/v1/showtimes/{showtime}/live").replacen("http", "ws", 1);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.expect("the handshake succeeds");
        Self::on(socket, seats)
    }

    /// Opens a connection; nothing but the welcome is read.
    pub async fn connect(url: &str, seats: &Arc<SeatIds>) -> Self {
        let mut viewer = Self::try_connect(url, seats).await.expect("the handshake succeeds");
        viewer.until("the welcome", |viewer| !viewer.welcome.is_null()).await;
        viewer
    }

    /// Opens a connection to a server that may not be there; nothing is read.
    pub async fn try_connect(url: &str, seats: &Arc<SeatIds>) -> Option<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(url.replacen("http", "ws", 1)).await.ok()?;
        Some(Self::on(socket, seats))
    }

    fn on(socket: WebSocketStream<MaybeTlsStream<TcpStream>>, seats: &Arc<SeatIds>) -> Self {
        Self {
            socket,
            seats: Arc::clone(seats),
            replica: Replica::default(),
            stale: false,
            snapshots: 0,
            seen: 0,
            diffs: 0,
            welcome: Value::Null,
            asides: Vec::new(),
            closed: None,
        }
    }

    /// Continues from what another viewer knew, as one whose connection was cut.
    pub fn remember(&mut self, replica: Replica) {
        self.replica = replica;
    }

    pub async fn send(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("the connection stands");
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("the connection stands");
    }

    /// Sends a command and waits for its answer.
    pub async fn ask(&mut self, mut message: Value) -> Value {
        let reference = format!("ref-{}", rand::random::<u32>());
        message["ref"] = json!(reference);
        self.send(&message).await;
        let answered = |viewer: &Self| viewer.asides.iter().any(|aside| aside["ref"] == json!(reference));
        self.until("the answer", answered).await;
        self.asides.iter().find(|aside| aside["ref"] == json!(reference)).cloned().expect("the answer")
    }

    /// Reads until the viewer is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !wanted(self) {
                assert!(self.closed.is_none(), "{what}: the connection was closed, {:?}", self.closed);
                self.step().await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(done.is_ok(), "{what}: not within {PATIENCE:?}; the replica is at {}", self.replica.position);
    }

    /// Reads until the seat has this letter.
    pub async fn until_seat(&mut self, seat: &str, letter: char) {
        let index = self.seats.index(seat);
        let what = format!("seat {seat} becomes {letter:?}");
        self.until(&what, |viewer| viewer.replica.states.as_bytes()[index] == letter as u8).await;
    }

    /// Reads until the replica is at this position.
    pub async fn until_position(&mut self, position: &str) {
        let what = format!("the replica reaches {position}");
        let at = |text: &str| text.rsplit_once('-').map(|(epoch, seq)| (epoch.to_owned(), seq.parse::<u64>().unwrap()));
        let (epoch, seq) = at(position).expect("a position");
        self.until(&what, |viewer| {
            at(&viewer.replica.position).is_some_and(|(mine, my_seq)| mine == epoch && my_seq >= seq)
        })
        .await;
    }

    /// Reads until the server has closed the connection, and says why.
    pub async fn until_closed(&mut self) -> u16 {
        self.until("the connection is closed", |viewer| viewer.closed.is_some()).await;
        self.closed.as_ref().map_or(0, |frame| frame.code.into())
    }

    /// Reads while others work, until `stop` names the position to end at.
    pub async fn read_until(mut self, mut stop: tokio::sync::watch::Receiver<String>) -> Self {
        loop {
            tokio::select! {
                () = self.step() => assert!(self.closed.is_none(), "a viewer was closed: {:?}", self.closed),
                _ = stop.changed() => break,
            }
        }
        let last = stop.borrow().clone();
        self.until_position(&last).await;
        self
    }

    /// Reads one message.
    pub async fn step(&mut self) {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let message = serde_json::from_str(&text).expect("messages are JSON");
                self.take(message);
            }
            Some(Ok(Message::Close(frame))) => {
                let none = CloseFrame { code: 1005.into(), reason: "".into() };
                self.closed = Some(frame.unwrap_or(none));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                let cut = CloseFrame { code: 1006.into(), reason: "cut".into() };
                self.closed.get_or_insert(cut);
            }
        }
    }

    fn take(&mut self, message: Value) {
        match message["type"].as_str().expect("a message has a type") {
            "welcome" => self.welcome = message,
            "snapshot" => {
                self.replica.take_snapshot(&message, &self.seats);
                self.snapshots += 1;
            }
            "diff" => {
                self.seen += self.replica.take_diff(&message["prev"], &message, &self.seats);
                self.diffs += 1;
            }
            "status" => self.stale = message["stale"].as_bool().expect("stale is true or false"),
            "result" | "error" | "pong" | "bye" => self.asides.push(message),
            other => panic!("unknown message {other:?}"),
        }
    }
}

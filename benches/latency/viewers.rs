//! Viewers who note when their map reaches which sequence number.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::Stage;
use super::change::{self, Change};
use super::outcomes::Outcomes;
use super::support::http_connection::request;
use super::support::{HttpConnection, Table};

/// Between two changes of a sale that everybody watches: about what a stadium of 60,000 seats sells in an hour.
const CHANGE_EVERY: Duration = Duration::from_millis(50);
/// A viewer who waits for longer than this waits for ever.
const PATIENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The map of a viewer was at `seq` at this time.
pub struct Frame {
    seq: u64,
    at: Instant,
}

/// Viewers of a showtime, who watch until told what the last change is.
pub struct Viewers {
    last: watch::Sender<Option<u64>>,
    watching: Vec<JoinHandle<Vec<Frame>>>,
}

impl Viewers {
    pub async fn join(stage: &Stage, count: usize) -> Self {
        let last = watch::Sender::new(None);
        let mut watching = Vec::new();
        for _ in 0..count {
            let url = format!("ws://{}/api/v1/showtimes/{}/live", stage.address, stage.showtime);
            let (mut socket, _) = tokio_tungstenite::connect_async(url).await.expect("the handshake succeeds");
            // The welcome has no position, the first map has one.
            while next_seq(&mut socket).await.is_none() {}
            watching.push(tokio::spawn(view(socket, last.subscribe())));
        }
        Self { last, watching }
    }

    /// Waits until every viewer has seen the last of these changes; what each has seen.
    pub async fn until(self, changes: &[Change]) -> Vec<Vec<Frame>> {
        self.last.send_replace(Some(changes.iter().map(|change| change.seq).max().unwrap_or(0)));
        let mut frames = Vec::new();
        for viewer in self.watching {
            let seen = tokio::time::timeout(PATIENCE, viewer).await.expect("a viewer sees the last change");
            frames.push(seen.expect("a viewer ends well"));
        }
        frames
    }
}

async fn view(mut socket: Socket, mut last: watch::Receiver<Option<u64>>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    loop {
        let seen = frames.last().map_or(0, |frame| frame.seq);
        if last.borrow_and_update().is_some_and(|last| last <= seen) {
            return frames;
        }
        tokio::select! {
            seq = next_seq(&mut socket) => frames.extend(seq.map(|seq| Frame { seq, at: Instant::now() })),
            changed = last.changed() => changed.expect("viewers are told when to stop"),
        }
    }
}

/// The position that the next message brings the map to, if it is about the map.
async fn next_seq(socket: &mut Socket) -> Option<u64> {
    match socket.next().await {
        Some(Ok(Message::Text(text))) => change::seq(&text),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
        other => panic!("the connection ended: {other:?}"),
    }
}

/// How long after it was asked for each change was on each map.
pub fn reached(changes: &[Change], frames: &[Vec<Frame>]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for frames in frames {
        for change in changes {
            match frames.get(frames.partition_point(|frame| frame.seq < change.seq)) {
                Some(frame) => outcomes.record(frame.at.saturating_duration_since(change.sent), true),
                None => outcomes.timings.miss(),
            }
        }
    }
    outcomes
}

/// All users watch, and one buys at a steady pace.
pub async fn watch_a_sale(stage: &Arc<Stage>, times: &mut Table) {
    let viewers = Viewers::join(stage, stage.users).await;
    let mut connection = HttpConnection::open(&stage.address).await;
    let body = format!(r#"{{"seats":["{}"],"userId":"buyer"}}"#, stage.seats.id(0));
    let requests =
        [("POST", "lock"), ("DELETE", "unlock")].map(|(method, verb)| request(method, &stage.path(verb), &[], &body));
    let (mut sent, mut answered) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let until = began + stage.lasts(Duration::from_secs(10));
    let mut ticks = tokio::time::interval(CHANGE_EVERY);
    while Instant::now() < until {
        for request in &requests {
            ticks.tick().await;
            let at = Instant::now();
            let answer = connection.ask(request).await;
            assert_eq!(answer.status, 200, "nobody else wants the seat");
            let seq = change::seq(answer.text()).expect("an answer has a position");
            sent.push(Change { seq, sent: at });
            answered.push(Change { seq, sent: Instant::now() });
        }
    }
    let frames = viewers.until(&sent).await;
    for (what, changes) in [
        ("change sent -> all viewers, 20 changes a second", &sent),
        ("change answered -> all viewers, 20 changes a second", &answered),
    ] {
        stage.note(times, what, &reached(changes, &frames).since(began));
    }
}

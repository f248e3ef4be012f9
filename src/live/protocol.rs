//! Every message of the protocol `seatmap.v1`, both ways. `docs/protocol.md` describes them for people.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::api::problem::Problem;
use crate::domain::diff::{Change, Diff};
use crate::domain::ids::{SeatId, ShowtimeId, UserId};
use crate::domain::plan::PlanHash;
use crate::domain::position::Position;
use crate::domain::seat::{SeatState, SeatStatus};
use crate::domain::time::Timestamp;
use crate::rooms::{Body, Update};
use crate::store::ShowtimeView;

/// The subprotocol's name.
pub const PROTOCOL: &str = "seatmap.v1";

/// What a client calls its command, given back with the answer: a string or a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ref {
    Number(serde_json::Number),
    Text(String),
}

/// `subscribe`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subscribe {
    pub showtime_id: ShowtimeId,
    #[serde(default)]
    pub since: Option<String>,
    #[serde(default, rename = "ref")]
    pub reference: Option<Ref>,
}

/// `unsubscribe`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unsubscribe {
    pub showtime_id: ShowtimeId,
    #[serde(default, rename = "ref")]
    pub reference: Option<Ref>,
}

/// `lock`, `unlock`, `extend`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeatCommand {
    #[serde(default, rename = "ref")]
    pub reference: Option<Ref>,
    pub showtime_id: ShowtimeId,
    pub seats: Vec<String>,
    /// Who holds; the `userId` of the connection's address when absent.
    #[serde(default)]
    pub user_id: Option<UserId>,
}

/// `ping`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    #[serde(default, rename = "ref")]
    pub reference: Option<Ref>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum ServerMessage<'a, T: Serialize> {
    Welcome {
        connection_id: &'a str,
        server_time: Timestamp,
        heartbeat_seconds: u64,
        protocol: &'a str,
    },
    Snapshot {
        showtime_id: &'a ShowtimeId,
        position: &'a Position,
        plan: &'a PlanHash,
        states: &'a str,
        locks: Vec<(u32, Option<Timestamp>)>,
    },
    Diff {
        showtime_id: &'a ShowtimeId,
        prev: &'a Position,
        position: &'a Position,
        changes: Vec<WireChange<'a>>,
    },
    Status {
        showtime_id: &'a ShowtimeId,
        stale: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    Result {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Ref>,
        ok: bool,
        #[serde(flatten)]
        answer: &'a T,
    },
    Error {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Ref>,
        #[serde(skip_serializing_if = "Option::is_none")]
        showtime_id: Option<&'a ShowtimeId>,
        #[serde(flatten)]
        problem: ErrorBody<'a>,
    },
    Pong {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a Ref>,
        server_time: Timestamp,
    },
    Bye {
        reason: &'a str,
        reconnect_after_ms: u64,
    },
}

/// One seat's new state.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WireChange<'a> {
    seat_id: &'a SeatId,
    status: SeatStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// A problem's members but for `type`, which is the message's here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    seats: &'a [crate::api::problem::ProblemSeat],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u32>,
}

/// A message that carries no answer.
type Plain<'a> = ServerMessage<'a, ()>;

fn encode<T: Serialize>(message: &ServerMessage<'_, T>) -> String {
    serde_json::to_string(message).expect("messages have text keys and finite numbers")
}

/// The first message of a connection.
pub fn welcome(connection_id: &str, server_time: Timestamp, heartbeat_seconds: u64) -> String {
    encode(&Plain::Welcome { connection_id, server_time, heartbeat_seconds, protocol: PROTOCOL })
}

/// A room's message.
pub fn update(update: &Update) -> String {
    let showtime_id = &update.showtime;
    match &update.body {
        Body::Snapshot { view, snapshot } => encode(&Plain::Snapshot {
            showtime_id,
            position: snapshot.position(),
            plan: &view.showtime.plan,
            states: snapshot.states(),
            locks: snapshot.locks().iter().map(|(seat, lock)| (*seat, lock.expires_at)).collect(),
        }),
        Body::Diff { view, diff } => {
            let changes = wire_changes(view, diff);
            encode(&Plain::Diff { showtime_id, prev: &diff.prev, position: &diff.position, changes })
        }
        Body::Status { stale_since } => {
            encode(&Plain::Status { showtime_id, stale: stale_since.is_some(), since: *stale_since })
        }
        Body::Gone => error(None, Some(showtime_id), &Problem::unknown_showtime()),
    }
}

/// A diff's changes as they travel: who holds a seat is left out.
pub fn wire_changes<'a>(view: &'a ShowtimeView, diff: &Diff) -> Vec<WireChange<'a>> {
    let change = |change: &Change| WireChange {
        seat_id: view.seat_id(change.seat),
        status: change.state.status(),
        expires_at: match &change.state {
            SeatState::Locked(lock) => lock.expires_at,
            SeatState::Available | SeatState::Occupied | SeatState::Blocked => None,
        },
    };
    diff.changes.iter().map(change).collect()
}

/// The answer to a command.
pub fn result<T: Serialize>(reference: Option<&Ref>, answer: &T) -> String {
    encode(&ServerMessage::Result { reference, ok: true, answer })
}

/// What went wrong with a command, a subscription or a message.
pub fn error(reference: Option<&Ref>, showtime_id: Option<&ShowtimeId>, problem: &Problem) -> String {
    let problem = ErrorBody {
        title: problem.title,
        status: problem.status,
        code: problem.code,
        detail: &problem.detail,
        seats: &problem.seats,
        retry_after_seconds: problem.retry_after,
    };
    encode(&Plain::Error { reference, showtime_id, problem })
}

/// The answer to a `ping`.
pub fn pong(reference: Option<&Ref>, server_time: Timestamp) -> String {
    encode(&Plain::Pong { reference, server_time })
}

/// Clients are asked to come back spread over this long when the server goes. Their connections end spread too.
const RECONNECT_SPREAD_MS: u64 = 2_000;

/// When a client whose connection ends should come back, in milliseconds: at random.
pub fn reconnect_after() -> u64 {
    rand::rng().random_range(0..=RECONNECT_SPREAD_MS)
}

/// The last message before the server closes the connection.
pub fn bye(reason: &str, reconnect_after_ms: u64) -> String {
    encode(&Plain::Bye { reason, reconnect_after_ms })
}

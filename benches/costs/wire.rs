//! Bytes: of a diff's frame, of a snapshot, of polls; and what joining costs, which grows with the snapshot.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Figure;
use super::fit::line;
use super::support::cpu_time::cpu_time;
use super::support::frame_reader::position;
use super::support::http_connection::request;
use super::support::{FrameReader, HttpConnection, RedisServer, Scale, ServerProcess, Table};

/// Seats in a row of the plans here.
const ROW: usize = 50;
/// Seats that are locked, all in one diff.
const LOCKED: usize = 100;

/// How often joining is measured.
const ROUNDS: u32 = 8;
/// Polls, each after a change.
const POLLS: u32 = 10;

/// What one plan's map weighs.
struct Weight {
    seats: usize,
    snapshot: usize,
    /// With [`LOCKED`] locks.
    snapshot_with_locks: usize,
    lock: usize,
    unlock: usize,
    /// One diff with all locks.
    merged: usize,
    status: usize,
    status_compressed: usize,
    unchanged: usize,
    joining: Duration,
    building: Duration,
    created: Duration,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let redis = RedisServer::start();
    let holder = [("SEATCAST_MAX_SEATS_PER_HOLDER", "1000")];
    let server = ServerProcess::begin_with(&redis.url(), &holder);
    server.ready().await;
    let mut weights = Vec::new();
    for seats in scale.pick(&[120, 1_000, 20_000, 60_000][..], &[120, 1_000]) {
        weights.push(weigh(&server, *seats, scale.pick(200, 2)).await);
    }
    print(&weights);
    figures(&weights)
}

fn figures(weights: &[Weight]) -> Vec<Figure> {
    let all = |of: fn(&Weight) -> (f64, f64)| line(&weights.iter().map(of).collect::<Vec<_>>());
    let snapshot = all(|weight| (float(weight.seats), float(weight.snapshot)));
    let joining = all(|weight| (float(weight.snapshot) / 1_024.0, weight.joining.as_secs_f64() * 1e6));
    let building = all(|weight| (float(weight.seats) / 1_000.0, weight.building.as_secs_f64() * 1e6));
    let small = &weights[0];
    let single = float(small.lock.midpoint(small.unlock));
    let change = (float(small.merged) - float(small.lock)) / float(LOCKED - 1);
    let lock = (float(small.snapshot_with_locks) - float(small.snapshot)) / float(LOCKED);
    vec![
        Figure::new("frame.single", single),
        Figure::new("frame.change", change),
        Figure::new("snapshot.base", snapshot.base),
        Figure::new("snapshot.seat", snapshot.each),
        Figure::new("snapshot.lock", lock),
        Figure::new("status.seat", float(weights[1].status_compressed) / float(weights[1].seats)),
        Figure::new("status.304", float(small.unchanged)),
        Figure::new("status.build", building.each),
        Figure::new("join", joining.base),
        Figure::new("join.kib", joining.each.max(0.0)),
    ]
}

async fn weigh(server: &ServerProcess, seats: usize, joins: u32) -> Weight {
    let show = format!("weight-{seats}");
    let body = json!({
        "title": "Weight", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": plan(seats),
    });
    let began = Instant::now();
    server.api.put_showtime(&show, &body).await.expect(201);
    let created = began.elapsed();
    let (mut viewer, first) = FrameReader::join(&server.address, &show, None).await;
    let ids: Vec<String> = (0..LOCKED).map(seat).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    server.api.lock(&show, &ids[..1], "anna").await.expect(200);
    let lock = viewer.next().await.expect("a diff").bytes;
    server.api.unlock(&show, &ids[..1], "anna").await.expect(200);
    let free = viewer.next().await.expect("a diff");
    server.api.lock(&show, &ids, "anna").await.expect(200);
    // Once somebody was told, everybody who comes is.
    viewer.next().await.expect("a diff");
    let (_, merged) = FrameReader::join(&server.address, &show, Some(position(&free.text))).await;
    let (_, with_locks) = FrameReader::join(&server.address, &show, None).await;
    let [status, status_compressed, unchanged] = polls(server, &show).await;
    Weight {
        seats,
        snapshot: first.bytes,
        snapshot_with_locks: with_locks.bytes,
        lock,
        unlock: free.bytes,
        merged: merged.bytes,
        status,
        status_compressed,
        unchanged,
        joining: joining(server, &show, joins).await,
        building: building(server, &show, &mut viewer).await,
        created,
    }
}

/// Whole answers of the poll: as it is, compressed, and unchanged.
async fn polls(server: &ServerProcess, show: &str) -> [usize; 3] {
    let mut connection = HttpConnection::open(&server.address).await;
    let path = format!("/api/v1/showtimes/{show}/seats/status");
    let mut sizes = Vec::new();
    let mut tag = String::new();
    for header in ["", "accept-encoding: gzip", "if-none-match"] {
        let header = if header == "if-none-match" { format!("{header}: {tag}") } else { header.to_owned() };
        let headers: Vec<&str> = Some(header.as_str()).filter(|header| !header.is_empty()).into_iter().collect();
        let answer = connection.ask(&request("GET", &path, &headers, "")).await;
        tag = answer.header("etag").expect("an entity tag").to_owned();
        sizes.push(answer.head.len() + 4 + answer.body.len());
    }
    sizes.try_into().expect("three answers")
}

/// The server's CPU time for one viewer who connects, is sent the map, and leaves: the least of some rounds, since whatever
/// disturbs one makes it dearer.
async fn joining(server: &ServerProcess, show: &str, joins: u32) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..ROUNDS {
        let before = cpu_time(server.id());
        for _ in 0..joins {
            FrameReader::join(&server.address, show, None).await;
        }
        least = least.min(cpu_time(server.id()).saturating_sub(before) / joins);
    }
    least
}

/// The server's CPU time for a poll, compressed, that is the first after a change.
async fn building(server: &ServerProcess, show: &str, viewer: &mut FrameReader) -> Duration {
    let mut connection = HttpConnection::open(&server.address).await;
    let poll = request("GET", &format!("/api/v1/showtimes/{show}/seats/status"), &["accept-encoding: gzip"], "");
    let (mut used, last) = (Duration::ZERO, seat(LOCKED));
    for _ in 0..POLLS {
        server.api.lock(show, &[&last], "berta").await.expect(200);
        viewer.next().await.expect("a diff");
        let before = cpu_time(server.id());
        assert_eq!(connection.ask(&poll).await.status, 200);
        used += cpu_time(server.id()).saturating_sub(before);
        server.api.unlock(show, &[&last], "berta").await.expect(200);
        viewer.next().await.expect("a diff");
    }
    used / POLLS
}

fn print(weights: &[Weight]) {
    let head = [
        "seats",
        "created in ms",
        "snapshot",
        "with 100 locks",
        "lock",
        "unlock",
        "100 in one",
        "status",
        "gzip",
        "304",
        "join CPU µs",
        "poll after a change CPU µs",
    ];
    let mut table = Table::new(&head);
    for weight in weights {
        let mut row = vec![weight.seats.to_string(), weight.created.as_millis().to_string()];
        let bytes = [weight.snapshot, weight.snapshot_with_locks, weight.lock, weight.unlock, weight.merged];
        row.extend(bytes.map(|bytes| bytes.to_string()));
        row.extend([weight.status, weight.status_compressed, weight.unchanged].map(|bytes| bytes.to_string()));
        row.extend([weight.joining, weight.building].map(|cost| cost.as_micros().to_string()));
        table.row(row);
    }
    println!("\nbytes on the wire\n\n{table}");
}

/// A plan with this many seats in rows.
fn plan(seats: usize) -> Value {
    let rows: Vec<Value> = (0..seats.div_ceil(ROW))
        .map(|row| {
            let seats: Vec<Value> = (row * ROW..((row + 1) * ROW).min(seats))
                .map(|number| {
                    let (x, y) = (float(number % ROW) * 25.0, float(row) * 25.0);
                    json!({
                        "seat_guid": seat(number), "seat_number": (number % ROW + 1).to_string(), "category": "all",
                        "position": { "x": x, "y": y },
                    })
                })
                .collect();
            json!({ "row_number": (row + 1).to_string(), "seats": seats })
        })
        .collect();
    json!({
        "name": format!("{seats} seats"), "size": { "width": 1_300, "height": 25 * (seats.div_ceil(ROW) + 1) },
        "categories": [{ "name": "all", "color": "#7d5f9e" }],
        "zones": [{ "name": "all", "position": { "x": 0, "y": 0 }, "rows": rows }],
    })
}

/// A seat's id, as long as those of a large house.
fn seat(number: usize) -> String {
    format!("{}-{}", number / ROW + 101, number % ROW + 1)
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a count is small"))
}

//! Polls of one showtime with 1,000 seats, beside nginx that serves the same bytes from a file.

use std::net::SocketAddr;
use std::time::Duration;

use super::contest::{Bound, Contest, Goal, Row, Side};
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::nginx::{Files, Nginx};
use super::pollers::{Pollers, poll};
use super::stage::Stage;
use super::usage;

const CONNECTIONS: usize = 64;
/// Seats that are locked: a map that somebody buys from.
const LOCKED: usize = 200;
/// Rounds before those that count.
const WARM: usize = 50;
/// A process that rests has its time in the books by then.
const REST: Duration = Duration::from_millis(50);

/// What a poll costs: with its answer, and when nothing has changed.
pub struct Polls {
    pub files: Files,
    /// How often everybody polls.
    pub rounds: usize,
    /// What Seatcast answered, for nginx to answer it too.
    pub body: Option<Vec<u8>>,
}

impl Polls {
    pub fn new(files: Files, rounds: usize) -> Self {
        Self { files, rounds, body: None }
    }

    /// Microseconds of the server's CPU for each request: whole answers, then unchanged ones.
    fn measure(&self, ground: &Ground, address: SocketAddr, path: &str, process: u32) -> Vec<f64> {
        let mut pollers = Pollers::connect(address, ground.scale.pick(CONNECTIONS, 4));
        let first = pollers.one(&poll(path, None));
        assert_eq!((first.status, first.header("content-encoding")), (200, Some("gzip")));
        let tag = first.header("etag").expect("a tag").to_owned();
        let whole = self.cost(&mut pollers, &poll(path, None), 200, process);
        let unchanged = self.cost(&mut pollers, &poll(path, Some(&tag)), 304, process);
        vec![whole, unchanged]
    }

    fn cost(&self, pollers: &mut Pollers, poll: &[u8], status: u16, process: u32) -> f64 {
        for _ in 0..WARM.min(self.rounds) {
            pollers.round(poll, status);
        }
        let used = || {
            std::thread::sleep(REST);
            usage::cpu(process)
        };
        let before = used();
        for _ in 0..self.rounds {
            pollers.round(poll, status);
        }
        used().saturating_sub(before).as_secs_f64() * 1e6 / (self.rounds * pollers.count()) as f64
    }

    fn seatcast(&mut self, ground: &Ground) -> Vec<f64> {
        let mut stage = Stage::new(ground, Hall::Thousand, 1);
        stage.change(ground.scale.pick(LOCKED, 2));
        let Host::Seatcast(servers) = Host::seatcast(ground, &stage, 1) else { unreachable!("it is Seatcast") };
        let address = servers[0].address.parse().expect("an address");
        let path = path(stage.shows[0].as_str());
        self.body = Some(Pollers::connect(address, 1).one(&poll(&path, None)).body.to_vec());
        self.measure(ground, address, &path, servers[0].id())
    }
}

impl Contest for Polls {
    fn rows(&self) -> Vec<Row> {
        let (name, reference) = match self.files {
            Files::LookedUp => ("poll", "nginx, a file"),
            Files::HeldOpen => ("poll-open", "nginx, a file that it holds open"),
        };
        let row = |form: &str, what: &str| Row {
            name: format!("{name}-{form}"),
            what: format!("CPU for a poll of 1,000 seats, {what}"),
            unit: "µs",
            reference,
            goal: Goal::ratio(Bound::AtMost(1.0)),
        };
        vec![row("200", "compressed"), row("304", "nothing changed")]
    }

    fn run(&mut self, side: Side, ground: &Ground) -> Vec<f64> {
        if side == Side::Seatcast || self.body.is_none() {
            let figures = self.seatcast(ground);
            if side == Side::Seatcast {
                return figures;
            }
        }
        let path = path("s0000");
        let nginx = Nginx::start(ground, self.files, &path, self.body.as_deref().expect("it was asked for"));
        self.measure(ground, nginx.address, &path, nginx.id())
    }
}

fn path(show: &str) -> String {
    format!("/api/v1/showtimes/{show}/seats/status")
}

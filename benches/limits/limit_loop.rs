//! The reference for connections and diffs: what must be done, and nothing else. One thread accepts, answers handshakes with one
//! write, and then writes one frame to one socket after another whenever Redis publishes a change. It has no rooms, no seats,
//! keeps nothing of its viewers but their sockets, and never reads again from them.
//!
//! It runs as a process of its own: this executable, told to be the loop.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};

use clap::Args;
use serde::Deserialize;
use socket2::{Domain, Socket, Type};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::crowd::Crowd;
use super::frame;
use super::ground::Ground;
use super::hall::Hall;
use super::host::Host;
use super::stage::Stage;

/// What the loop is to do.
#[derive(Args, Clone, Debug)]
pub struct Order {
    /// Where changes are published
    #[arg(long)]
    redis: String,
    /// The channel of them
    #[arg(long)]
    channel: String,
    /// How many viewers are accepted before the first change
    #[arg(long)]
    viewers: usize,
    /// How long an answer to a handshake is with the first messages, in bytes
    #[arg(long)]
    join_bytes: usize,
    /// How long a diff's frame is, in bytes
    #[arg(long)]
    diff_bytes: usize,
}

/// How much a server says.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// From the answer to the handshake to the end of the first map.
    pub join: usize,
    /// A diff's frame.
    pub diff: usize,
}

impl Sizes {
    /// What Seatcast says to one viewer; asked once for each hall.
    pub fn of(hall: Hall, ground: &Ground) -> Self {
        *ground.sizes.lock().entry(hall).or_insert_with(|| Self::listen_to(hall, ground))
    }

    fn listen_to(hall: Hall, ground: &Ground) -> Self {
        let mut stage = Stage::new(ground, hall, 1);
        let host = Host::seatcast(ground, &stage, 1);
        let mut crowd = Crowd::new(host.doors(&stage));
        crowd.join(1, 1);
        let seqs = stage.change(1);
        crowd.until(&seqs);
        Self { join: crowd.received.join_bytes, diff: crowd.received.diff_bytes }
    }
}

/// A loop that runs; gone when the value is dropped.
pub struct LimitLoop {
    child: Child,
    pub address: SocketAddr,
}

impl LimitLoop {
    /// Starts a loop for this showtime's changes on the server's core.
    pub fn start(ground: &Ground, redis: &str, show: &str, viewers: usize, sizes: Sizes) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = ground.cores.server(&program);
        command.args(["limit-loop", "--redis", redis, "--channel", &format!("showtime:{{{show}}}:diffs")]);
        command.args(["--viewers", &viewers.to_string()]);
        command.args(["--join-bytes", &sizes.join.to_string(), "--diff-bytes", &sizes.diff.to_string()]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the loop starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output is a pipe");
        BufReader::new(out).read_line(&mut line).expect("the loop says where it listens");
        Self { address: line.trim().parse().expect("an address"), child }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for LimitLoop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a showtime's channel says, as far as the loop wants to know.
#[derive(Deserialize)]
struct Publication {
    s: u64,
}

/// Is the loop, until it is killed.
pub fn run(order: &Order) -> ! {
    rlimit::increase_nofile_limit(u64::MAX).expect("more files can be opened");
    let client = redis::Client::open(order.redis.as_str()).expect("a valid url");
    let mut connection = client.get_connection().expect("redis answers");
    let mut changes = connection.as_pubsub();
    changes.subscribe(&order.channel).expect("redis subscribes");
    let listener = listen();
    println!("{}", listener.local_addr().expect("an address"));

    let welcome = welcome(order.join_bytes);
    let mut sockets: Vec<TcpStream> = Vec::with_capacity(order.viewers);
    while sockets.len() < order.viewers {
        let (mut socket, _) = listener.accept().expect("a viewer");
        shake_hands(&mut socket, &welcome);
        sockets.push(socket);
    }
    loop {
        let message = changes.get_message().expect("redis goes on");
        let Publication { s } = serde_json::from_slice(message.get_payload_bytes()).expect("a change");
        let frame = padded(order.diff_bytes, &format!(r#"{{"type":"diff","prev":"x-{}","position":"x-{s}""#, s - 1));
        for socket in &mut sockets {
            // Everything fits, or the sockets' other ends do not read.
            let sent = socket.write(&frame).expect("the viewer is there");
            assert_eq!(sent, frame.len(), "a frame fits into the socket");
        }
    }
}

fn listen() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a port");
    // Sockets that are accepted inherit it.
    socket.set_tcp_nodelay(true).expect("a socket option");
    socket.listen(4_096).expect("it listens");
    socket.into()
}

/// Answers a handshake, and says the first messages in the same write.
fn shake_hands(socket: &mut TcpStream, (head, rest): &(Vec<u8>, Vec<u8>)) {
    let mut request = [0; 1_024];
    let mut length = 0;
    while !request[..length].ends_with(b"\r\n\r\n") {
        let read = socket.read(&mut request[length..]).expect("the viewer speaks");
        assert!(read > 0, "a request fits into the buffer");
        length += read;
    }
    let request = std::str::from_utf8(&request[..length]).expect("a request is text");
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).expect("a key");
    let accept = derive_accept_key(key.as_bytes());
    let answer = [head, accept.as_bytes(), rest].concat();
    let sent = socket.write(&answer).expect("the viewer is there");
    assert_eq!(sent, answer.len(), "the answer fits into the socket");
}

/// What is said to a new viewer before and after the answer to its key, in all so many bytes: a map at the position 0.
fn welcome(length: usize) -> (Vec<u8>, Vec<u8>) {
    const HEAD: &[u8] =
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    const HEAD_END: &[u8] = b"\r\n\r\n";
    const ACCEPT: usize = 28;
    let map = padded(length - HEAD.len() - ACCEPT - HEAD_END.len(), r#"{"type":"snapshot","position":"x-0""#);
    (HEAD.to_vec(), [HEAD_END, &map].concat())
}

/// A frame of this length whose text begins so.
fn padded(length: usize, begin: &str) -> Vec<u8> {
    const PAD: &str = r#","pad":""#;
    const END: &str = r#""}"#;
    let head = match length {
        ..128 => 2,
        128..65_540 => 4,
        _ => 10,
    };
    let filler = (length - head).saturating_sub(begin.len() + PAD.len() + END.len());
    frame::text(&format!("{begin}{PAD}{}{END}", "-".repeat(filler)))
}

//! Clients that poll: kept connections, each with one request at a time. All ask, then all answers are read, and so on. Nobody waits
//! in the kernel for an answer, so the server pays for no wake-up: sockets are read again and again.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::support::http_connection::{self, Answer, request};

/// Connections to one server.
pub struct Pollers {
    streams: Vec<TcpStream>,
    buffer: Vec<u8>,
}

impl Pollers {
    pub fn connect(address: SocketAddr, count: usize) -> Self {
        let stream = || {
            let stream = TcpStream::connect(address).expect("the server listens");
            stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(true)).expect("socket options");
            stream
        };
        Self { streams: std::iter::repeat_with(stream).take(count).collect(), buffer: Vec::new() }
    }

    pub fn count(&self) -> usize {
        self.streams.len()
    }

    /// Everybody polls once, and gets an answer with this status.
    pub fn round(&mut self, poll: &[u8], status: u16) {
        for stream in &mut self.streams {
            stream.write_all(poll).expect("the connection stands");
        }
        for place in 0..self.streams.len() {
            let answered = self.read(place).status;
            assert_eq!(answered, status, "the wrong answer");
        }
    }

    /// One polls.
    pub fn one(&mut self, poll: &[u8]) -> Answer<'_> {
        self.streams[0].write_all(poll).expect("the connection stands");
        self.read(0)
    }

    fn read(&mut self, place: usize) -> Answer<'_> {
        self.buffer.clear();
        let mut part = [0; 16 * 1_024];
        loop {
            let read = match self.streams[place].read(&mut part) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                read => read.expect("the connection stands"),
            };
            assert!(read > 0, "the server closed a connection in use");
            self.buffer.extend_from_slice(&part[..read]);
            if let Some(ends) = http_connection::ends(&self.buffer) {
                return http_connection::answer(&self.buffer, ends);
            }
        }
    }
}

/// A poll as a browser's script sends it, with what it has already if it has.
pub fn poll(path: &str, known: Option<&str>) -> Vec<u8> {
    let known = known.map(|tag| format!("if-none-match: {tag}"));
    let mut headers = vec!["accept: */*", "accept-encoding: gzip, deflate, br, zstd"];
    headers.extend(known.as_deref());
    request("GET", path, &headers, "")
}

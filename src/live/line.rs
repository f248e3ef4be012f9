//! The socket of one WebSocket connection, and what still has to be written to it.
//!
//! Whoever has a frame for many writes it to each of them, without waking anybody: the kernel has room for it unless the client
//! reads slowly. Then nothing is put aside but the rest of a frame that was begun, and the connection's own task goes on when there
//! is room. So a client that does not read costs one frame, which it shares with others.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use actix_web::web::{Buf, Bytes, BytesMut};
use socket2::SockRef;
use tokio::sync::Notify;

/// A client that takes nothing for this long is given up.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// So many pieces are written at once.
const PIECES: usize = 8;

/// What is read at once, in bytes.
const READ: usize = 16 * 1024;

thread_local! {
    /// Where bytes arrive, for all connections of a worker: a connection on which nothing comes has no buffer.
    static ARRIVALS: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// One connection's socket.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    waiting: RefCell<VecDeque<Bytes>>,
    disturbed: Notify,
}

impl Line {
    /// A socket to which nothing was written.
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, waiting: RefCell::default(), disturbed: Notify::new() }
    }

    /// Puts bytes behind those that wait. They are written with the next [`Line::flush`].
    pub fn queue(&self, bytes: Bytes) {
        self.waiting.borrow_mut().push_back(bytes);
    }

    /// Whether nothing waits.
    pub fn is_idle(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// Writes a frame if nothing waits and the kernel has room. `false` when it was not taken; the connection's task is disturbed
    /// then, and finds out why.
    pub fn offer(&self, frame: &Bytes) -> bool {
        // Past the runtime, which keeps in memory of its own whether there is room: the kernel knows best.
        let written = if self.is_idle() { SockRef::from(&self.stream).send(frame).unwrap_or(0) } else { 0 };
        if written < frame.len() {
            self.disturb();
        }
        if (1..frame.len()).contains(&written) {
            self.queue(frame.slice(written..));
        }
        written > 0
    }

    /// Tells the connection's task that it has something to do.
    pub fn disturb(&self) {
        self.disturbed.notify_one();
    }

    /// Waits until somebody has disturbed the connection.
    pub async fn disturbed(&self) {
        self.disturbed.notified().await;
    }

    /// Writes until nothing waits.
    ///
    /// # Errors
    /// The connection is broken, or the client took nothing until the deadline.
    pub async fn flush(&self) -> io::Result<()> {
        while !self.write_waiting()? {
            tokio::time::timeout(WRITE_DEADLINE, self.stream.writable()).await??;
        }
        Ok(())
    }

    /// Waits until something has come, and puts it behind `arrived`. 0 when the client sends nothing more.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn read(&self, arrived: &mut BytesMut) -> io::Result<usize> {
        loop {
            let read = ARRIVALS.with_borrow_mut(|bytes| {
                let count = self.stream.try_read(bytes)?;
                arrived.extend_from_slice(&bytes[..count]);
                Ok(count)
            });
            match read {
                Err(error) if io::Error::kind(&error) == ErrorKind::WouldBlock => self.stream.readable().await?,
                done => return done,
            }
        }
    }

    /// Writes what the kernel has room for. `true` when nothing is left.
    fn write_waiting(&self) -> io::Result<bool> {
        let mut waiting = self.waiting.borrow_mut();
        while !waiting.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let count = waiting.len().min(PIECES);
            for (piece, bytes) in pieces.iter_mut().zip(waiting.iter()) {
                *piece = IoSlice::new(bytes);
            }
            let mut written = match self.stream.try_write_vectored(&pieces[..count]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            };
            while let Some(first) = waiting.front_mut() {
                if written < first.len() {
                    first.advance(written);
                    break;
                }
                written -= first.len();
                waiting.pop_front();
            }
        }
        // What a burst needed is not kept for the connection's life.
        *waiting = VecDeque::new();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream as Peer};

    use super::*;

    /// A line whose kernel buffers are small, and its other end.
    async fn pair() -> (Line, Peer) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = Peer::connect(listener.local_addr().unwrap()).unwrap();
        socket2::SockRef::from(&peer).set_recv_buffer_size(4_096).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        socket2::SockRef::from(&stream).set_send_buffer_size(4_096).unwrap();
        let line = Line::new(TcpStream::from_std(stream).unwrap());
        line.stream.writable().await.unwrap();
        (line, peer)
    }

    #[tokio::test]
    async fn a_frame_that_was_begun_is_ended_before_anything_else_and_nothing_more_is_put_aside() {
        use std::io::Read;
        let (line, mut peer) = pair().await;
        let frames: Vec<Bytes> = (0..200u8).map(|n| vec![n; 3_000].into()).collect();
        let taken: Vec<&Bytes> = frames.iter().filter(|frame| line.offer(frame)).collect();
        assert!(taken.len() < frames.len(), "the kernel took everything");
        assert!(line.waiting.borrow().len() <= 1);
        line.disturbed().await;
        let expected: Vec<u8> = taken.into_iter().flatten().copied().chain(*b"end").collect();
        line.queue(Bytes::from_static(b"end"));
        let mut got = vec![0; expected.len()];
        let reading = tokio::task::spawn_blocking(move || {
            peer.read_exact(&mut got).unwrap();
            got
        });
        line.flush().await.unwrap();
        assert!(reading.await.unwrap() == expected, "bytes are lost, doubled or out of order");
    }
}

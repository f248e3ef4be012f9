//! One keep-alive HTTP connection that costs the client next to nothing: requests are bytes made beforehand, answers are read
//! as far as their length says. For measuring only; [`super::Api`] is the client of tests.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HEAD_END: &[u8] = b"\r\n\r\n";
const LINE_END: &[u8] = b"\r\n";

/// A connection that carries one request at a time.
pub struct HttpConnection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; the body is as it came, so it may be compressed or in chunks.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.body).expect("the body is text")
    }
}

/// A request as it goes over the wire. `headers` are whole lines.
pub fn request(method: &str, path: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "host: seatcast".into()];
    if !body.is_empty() {
        lines.extend(["content-type: application/json".into(), length]);
    }
    lines.extend(headers.iter().map(ToString::to_string));
    format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
}

impl HttpConnection {
    pub async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        Self { stream, buffer: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request and reads its whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Answer<'_> {
        self.buffer.clear();
        self.stream.write_all(request).await.expect("the connection stands");
        let ends = loop {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("the connection stands");
            assert!(read > 0, "the server closed a connection in use");
            if let Some(ends) = ends(&self.buffer) {
                break ends;
            }
        };
        answer(&self.buffer, ends)
    }
}

/// The answer that a buffer holds, and nothing else.
pub fn answer(buffer: &[u8], (head_end, end): (usize, usize)) -> Answer<'_> {
    assert_eq!(buffer.len(), end, "one request has one answer");
    let head = std::str::from_utf8(&buffer[..head_end]).expect("the head is text");
    Answer { status: status(head), head, body: &buffer[head_end + HEAD_END.len()..] }
}

/// Where the head ends and where the answer ends, once all of it is there.
pub fn ends(buffer: &[u8]) -> Option<(usize, usize)> {
    let head_end = find(buffer, HEAD_END)?;
    let head = std::str::from_utf8(&buffer[..head_end]).expect("the head is text");
    let body = head_end + HEAD_END.len();
    let end = if matches!(status(head), 204 | 304) {
        body
    } else if header(head, "transfer-encoding").is_some() {
        chunks_end(buffer, body)?
    } else {
        body + header(head, "content-length").map_or(0, |length| length.parse().expect("a length"))
    };
    (buffer.len() >= end).then_some((head_end, end))
}

/// Where a body in chunks ends.
fn chunks_end(buffer: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let line = at + find(buffer.get(at..)?, LINE_END)?;
        let size = std::str::from_utf8(&buffer[at..line]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.expect("a chunk begins with its size");
        at = line + LINE_END.len() + size + LINE_END.len();
        if size == 0 {
            return Some(at);
        }
    }
}

fn status(head: &str) -> u16 {
    head.get(9..12).and_then(|status| status.parse().ok()).expect("a status line")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(buffer: &[u8], part: &[u8]) -> Option<usize> {
    buffer.windows(part.len()).position(|window| window == part)
}

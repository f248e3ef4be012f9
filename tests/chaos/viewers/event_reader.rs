//! Reads a stream of Server-Sent Events as it comes, piece by piece, in the form that browsers read.

/// One event; what the server left out is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: String,
}

/// What a line of the stream made whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Event(Event),
    /// How long to wait before a new connection, in ms.
    Retry(u64),
    /// A line that says only that the connection stands.
    Comment,
}

/// Puts pieces together into events.
#[derive(Default)]
pub struct EventReader {
    /// A line that has not ended yet.
    rest: Vec<u8>,
    event: Event,
    /// Whether a line of data came, be it an empty one.
    has_data: bool,
}

impl EventReader {
    /// Takes the next piece and gives what it makes whole. A piece may end anywhere, even within a character.
    pub fn take(&mut self, piece: &[u8]) -> Vec<Read> {
        self.rest.extend_from_slice(piece);
        let mut whole = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            whole.extend(self.line(line.trim_end_matches(['\n', '\r'])));
        }
        whole
    }

    fn line(&mut self, line: &str) -> Option<Read> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(Read::Event(event));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Some(Read::Comment),
            "retry" => return value.parse().ok().map(Read::Retry),
            "event" => value.clone_into(&mut self.event.name),
            "id" => value.clone_into(&mut self.event.id),
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            _ => {}
        }
        None
    }
}

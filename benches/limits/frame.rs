//! WebSocket frames as far as measuring needs them: what a server sends is taken apart, a pong is put together.

/// What a frame of a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Close,
    Ping,
    Pong,
}

/// A whole frame at the beginning of some bytes.
pub struct Frame<'a> {
    pub kind: Kind,
    pub payload: &'a [u8],
    /// How long it is with its head.
    pub length: usize,
}

/// An empty pong of a client, masked with zeros.
pub const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

impl<'a> Frame<'a> {
    /// The first frame, if all of it is there.
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let (&opcode, &short) = (bytes.first()?, bytes.get(1)?);
        let (head, payload) = match short {
            126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => {
                (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).expect("fits into memory"))
            }
            short => (2, usize::from(short)),
        };
        let kind = match opcode {
            0x81 => Kind::Text,
            0x88 => Kind::Close,
            0x89 => Kind::Ping,
            0x8a => Kind::Pong,
            other => panic!("a server sends no frame that begins with {other:#x}"),
        };
        let length = head + payload;
        Some(Self { kind, payload: bytes.get(head..length)?, length })
    }
}

/// A text in a frame, as a server sends it.
pub fn text(payload: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ ..126), _) => frame.push(short),
        (_, Ok(medium)) => {
            frame.push(126);
            frame.extend(medium.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(payload.as_bytes());
    frame
}

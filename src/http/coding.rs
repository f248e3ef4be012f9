//! In which form a client wants an answer, of those that are made once for all.

use std::cell::RefCell;
use std::io::Write;

use actix_web::HttpMessage;
use actix_web::http::header::{ACCEPT_ENCODING, AcceptEncoding, ContentEncoding, Encoding, Header, HeaderValue};
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What clients ask for is understood once for each worker and text: browsers send few different ones. More texts, or longer ones,
/// are read anew each time.
const TEXTS: usize = 32;
const TEXT_BYTES: usize = 128;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Plain,
    Gzip,
}

/// The effort of compressing what never changes, of 9. The most would take three times as long for a large plan, and save 7 %.
const EFFORT: u32 = 7;

/// What never changes, compressed once for all who ask.
pub fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(EFFORT));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory takes everything").into_boxed_slice().into()
}

type Understood = Vec<(Box<[u8]>, Option<Coding>)>;

thread_local! {
    static UNDERSTOOD: RefCell<Understood> = const { RefCell::new(Vec::new()) };
}

impl Coding {
    /// The coding that the client prefers. `None` when it is one that is not made here, or when there is none that it would take.
    pub fn of(request: &impl HttpMessage) -> Option<Self> {
        let mut texts = request.headers().get_all(ACCEPT_ENCODING).map(HeaderValue::as_bytes);
        let Some(text) = texts.next() else { return Some(Self::Plain) };
        if text.len() > TEXT_BYTES || texts.next().is_some() {
            return Self::negotiated(request);
        }
        UNDERSTOOD.with_borrow_mut(|understood| {
            if let Some((_, coding)) = understood.iter().find(|(known, _)| **known == *text) {
                return *coding;
            }
            if understood.len() == TEXTS {
                understood.clear();
            }
            let coding = Self::negotiated(request);
            understood.push((text.into(), coding));
            coding
        })
    }

    fn negotiated(request: &impl HttpMessage) -> Option<Self> {
        // The choices of the middleware, which must come to the same result.
        let choices = [Encoding::identity(), Encoding::gzip(), Encoding::deflate()];
        match AcceptEncoding::parse(request).ok()?.negotiate(choices.iter())? {
            Encoding::Known(ContentEncoding::Identity) => Some(Self::Plain),
            Encoding::Known(ContentEncoding::Gzip) => Some(Self::Gzip),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_client_gets_what_it_prefers_of_what_it_takes() {
        for (text, coding) in [
            ("gzip, deflate, br, zstd", Some(Coding::Gzip)),
            ("gzip", Some(Coding::Gzip)),
            ("identity;q=0.5, gzip;q=0.4", Some(Coding::Plain)),
            ("gzip;q=0", Some(Coding::Plain)),
            ("br", Some(Coding::Plain)),
            ("*", Some(Coding::Plain)),
            ("", Some(Coding::Plain)),
            ("deflate, gzip;q=0.5", None),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("identity;q=0, gzip", Some(Coding::Gzip)),
            ("not; an=encoding/at all", Some(Coding::Plain)),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, text)).to_srv_request();
            assert_eq!((Coding::of(&request), text), (coding, text));
            assert_eq!((Coding::of(&request), text), (coding, text), "the second time as the first");
        }
        assert_eq!(Coding::of(&TestRequest::default().to_srv_request()), Some(Coding::Plain));
    }

    #[test]
    fn two_lines_are_one_list_and_no_number_of_texts_takes_more_room() {
        let two = TestRequest::default()
            .append_header((ACCEPT_ENCODING, "deflate;q=0.1"))
            .append_header((ACCEPT_ENCODING, "gzip"));
        assert_eq!(Coding::of(&two.to_srv_request()), Some(Coding::Gzip));
        for quality in 0..1_000 {
            let text = format!("gzip, br;q=0.{quality:03}");
            let request = TestRequest::default().insert_header((ACCEPT_ENCODING, text)).to_srv_request();
            assert_eq!(Coding::of(&request), Some(Coding::Gzip));
        }
        let longest = format!("gzip, {}", "x".repeat(TEXT_BYTES));
        Coding::of(&TestRequest::default().insert_header((ACCEPT_ENCODING, longest)).to_srv_request());
        UNDERSTOOD.with_borrow(|understood| {
            assert!(understood.len() <= TEXTS && understood.iter().all(|(text, _)| text.len() <= TEXT_BYTES));
        });
    }
}

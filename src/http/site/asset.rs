//! One file, in the forms in which it is sent.

use std::borrow::Cow;
use std::sync::OnceLock;

use actix_web::HttpRequest;
use actix_web::http::header::{EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::web::Bytes;
use sha2::{Digest, Sha256};

use crate::http::coding::{Coding, gzip};

/// A file.
#[derive(Debug)]
pub struct Asset {
    kind: HeaderValue,
    tag: String,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
}

impl PartialEq for Asset {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.plain == other.plain
    }
}

impl Asset {
    /// A file whose type is known by its name.
    pub fn new(path: &str, content: Cow<'static, [u8]>) -> Self {
        let plain = match content {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let tag = short(Sha256::digest(&plain));
        Self { kind: HeaderValue::from_static(kind(path)), tag, plain, gzip: OnceLock::new() }
    }

    /// The type of its content.
    pub fn kind(&self) -> HeaderValue {
        self.kind.clone()
    }

    /// What it is known by, together with what else its answer says.
    pub fn tag(&self, besides: &str) -> EntityTag {
        if besides.is_empty() {
            return EntityTag::new_weak(self.tag.clone());
        }
        EntityTag::new_weak(format!("{}-{}", self.tag, short(Sha256::digest(besides))))
    }

    /// As it is.
    pub fn plain(&self) -> Bytes {
        self.plain.clone()
    }

    /// In the form that is wanted, and the form that it is in: what gzip makes no smaller stays plain. Whoever asks for gzip first
    /// writes it, for all who come later.
    pub fn body(&self, wanted: Coding) -> (Coding, Bytes) {
        let gzip = || self.gzip.get_or_init(|| gzip(&self.plain)).clone();
        match wanted {
            Coding::Gzip if gzip().len() < self.plain.len() => (Coding::Gzip, gzip()),
            Coding::Gzip | Coding::Plain => (Coding::Plain, self.plain()),
        }
    }
}

/// Whether the client says that it has what is known by this tag.
pub fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// What a path ends with, which says what the file is.
pub fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Of all files that are part of the program. Modules and style sheets are read as UTF-8 in pages of any encoding.
fn kind(path: &str) -> &'static str {
    match ending(path) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        // Declarations of types, which are read by people and compilers.
        "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A name for what has this hash: its first 64 bits.
pub fn short(hash: impl Into<[u8; 32]>) -> String {
    let hash: [u8; 32] = hash.into();
    let first = hash.first_chunk().expect("a hash has more");
    format!("{:016x}", u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::IF_NONE_MATCH;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn gzip_is_written_once_and_only_where_it_makes_less() {
        let long = Asset::new("a.js", Cow::Owned(b"const a = 1;\n".repeat(100)));
        let (coding, first) = long.body(Coding::Gzip);
        assert_eq!(coding, Coding::Gzip);
        assert!(first.len() < 200 && first.as_ptr() == long.body(Coding::Gzip).1.as_ptr());
        assert_eq!(long.body(Coding::Plain), (Coding::Plain, long.plain()));
        let short = Asset::new("a.js", Cow::Borrowed(b"a"));
        assert_eq!(short.body(Coding::Gzip), (Coding::Plain, short.plain()));
    }

    #[test]
    fn types_are_those_that_browsers_and_compilers_go_by() {
        for (path, expected) in [
            ("js/client.d.ts", "text/plain; charset=utf-8"),
            ("js/client.js", "text/javascript; charset=utf-8"),
            ("css/base.css", "text/css; charset=utf-8"),
            ("favicon.svg", "image/svg+xml"),
            ("none", "application/octet-stream"),
        ] {
            assert_eq!(Asset::new(path, Cow::Borrowed(b"")).kind(), expected, "{path}");
        }
    }

    #[test]
    fn a_client_has_what_it_names_among_others() {
        let tag = Asset::new("a.js", Cow::Borrowed(b"a")).tag("");
        let knows = |value: &str| {
            is_known(&TestRequest::default().insert_header((IF_NONE_MATCH, value)).to_http_request(), &tag)
        };
        assert!(knows(&tag.to_string()) && knows("*") && knows(&format!("\"x\", \"{}\"", tag.tag())));
        assert!(!knows("\"x\"") && !knows("nonsense") && !knows(&format!("W/\"{}x\"", tag.tag())));
        assert!(!is_known(&TestRequest::default().to_http_request(), &tag));
    }
}

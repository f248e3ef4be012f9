//! Which pages may connect: those of the server's own origin, and those that the operator lists.

use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

/// The origins that may connect besides the server's own.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    listed: Vec<String>,
    any: bool,
}

impl Origins {
    /// From a list such as `https://tickets.example.org`; `*` allows all.
    ///
    /// # Errors
    /// The entries that are no origins, each with the reason.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<String>> {
        let (mut origins, mut mistakes) = (Self::default(), Vec::new());
        for entry in entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty()) {
            if entry == "*" {
                origins.any = true;
                continue;
            }
            match url::Url::parse(entry) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == entry => {
                    origins.listed.push(entry.to_owned());
                }
                Ok(url) if matches!(url.scheme(), "http" | "https") => {
                    mistakes.push(format!(
                        "{entry:?} is more than an origin; write {:?}",
                        url.origin().ascii_serialization()
                    ));
                }
                Ok(_) | Err(_) => {
                    mistakes.push(format!("{entry:?} is no origin such as \"https://tickets.example.org\""));
                }
            }
        }
        if mistakes.is_empty() { Ok(origins) } else { Err(mistakes) }
    }

    /// Whether a request may connect. Programs that are no browsers send no origin and may.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        if self.any || self.listed.iter().any(|listed| listed == origin) {
            return true;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)))
    }

    /// Whether any origin but the server's own may connect.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty() && !self.any
    }

    /// Whether this origin is listed.
    pub fn lists(&self, origin: &str) -> bool {
        self.any || self.listed.iter().any(|listed| listed == origin)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("seats.example.org:8080"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn the_own_origin_and_listed_ones_may_connect() {
        let origins = Origins::parse(["https://tickets.example.org", " "]).unwrap();
        assert!(origins.allow(&headers(None)));
        assert!(origins.allow(&headers(Some("http://seats.example.org:8080"))));
        assert!(origins.allow(&headers(Some("https://tickets.example.org"))));
        for foreign in ["https://evil.example", "http://seats.example.org", "null"] {
            assert!(!origins.allow(&headers(Some(foreign))), "{foreign}");
        }
        assert!(Origins::parse(["*"]).unwrap().allow(&headers(Some("https://evil.example"))));
    }

    #[test]
    fn every_entry_that_is_no_origin_is_named() {
        let mistakes = Origins::parse(["tickets", "https://a.example/path", "ftp://a.example"]).unwrap_err();
        assert_eq!(mistakes.len(), 3);
        assert!(mistakes[1].contains("\"https://a.example\""));
    }
}

//! The pages and their assets: the folder `static/`, which is part of the program.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, EntityTag, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::api::problem::{Code, Problem};

/// Pages load nothing from elsewhere and run no script that is not a file of ours. `ws:` is there for browsers that do not
/// count a socket to the own host as `'self'`.
const POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

#[derive(RustEmbed)]
#[folder = "static/"]
#[include = "*.html"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.d.ts"]
#[include = "*.svg"]
struct Site;

pub async fn index(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "index.html")
}

/// The map. The page finds out by itself which showtime it is about, and whether there is one.
pub async fn showtime(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "showtime.html")
}

/// A screen that people touch in a foyer. Its address may name several showtimes, with commas between them.
pub async fn kiosk(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "kiosk.html")
}

/// A screen that people only look at.
pub async fn wall(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "wall.html")
}

/// The box office's page.
pub async fn desk(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "desk.html")
}

pub async fn favicon(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "favicon.svg")
}

pub async fn asset(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    file(&request, &path)
}

fn file(request: &HttpRequest, path: &str) -> Result<HttpResponse, Problem> {
    let EmbeddedFile { data, metadata } =
        Site::get(path).ok_or_else(|| Problem::new(Code::NotFound, "there is no such file"))?;
    let [a, b, c, d, ..] = metadata.sha256_hash();
    let tag = EntityTag::new_weak(format!("{:08x}", u32::from_be_bytes([a, b, c, d])));
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.contains(tag.tag()));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "no-cache")).insert_header((ETAG, tag));
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_page = kind.essence_str() == "text/html";
    response.content_type(kind);
    if is_page {
        response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    }
    // A 304 has no body: bytes after it would be taken for the next answer.
    Ok(if unchanged { response.finish() } else { response.body(data.into_owned()) })
}

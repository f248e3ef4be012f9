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
#[include = "*.svg"]
struct Site;

pub async fn index(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "index.html")
}

/// The map. The page finds out by itself which showtime it is about, and whether there is one.
pub async fn showtime(request: HttpRequest) -> Result<HttpResponse, Problem> {
    file(&request, "showtime.html")
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
    let hash: String = metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = EntityTag::new_weak(hash);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| known.contains(tag.tag())) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response.insert_header((CACHE_CONTROL, "no-cache")).insert_header((ETAG, tag));
    response.content_type(mime_guess::from_path(path).first_or_octet_stream());
    if path.ends_with(".html") {
        response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    }
    Ok(response.body(data.into_owned()))
}

//! The pages and their assets: the folder `static/`, which is part of the program.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    CROSS_ORIGIN_RESOURCE_POLICY, ETAG, LINK, LOCATION, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::coding::Coding;
use super::preloads::Preloads;
use super::site::{Asset, Found, Site, is_known};
use crate::api::problem::{Code, Problem};
use crate::context::Context;

/// Pages load nothing from elsewhere and run no script that is not a file of ours. `ws:` is there for browsers that do not
/// count a socket to the own host as `'self'`.
const POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// Of what may be another the next time: it is asked for each time, and sent only if it is.
const ASK_AGAIN: &str = "no-cache";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub async fn index(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Ok(page(&request, own("index.html")?, &Preloads::showtimes()))
}

/// The map. The page finds out by itself which showtime it is about, and whether there is one; it has the plan's poster when the plan
/// is known at once.
pub async fn showtime(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let preloads = Preloads::of_one(&context, &id).await;
    let bare = own("showtime.html")?;
    let pictured = match preloads.plan() {
        Some(seating) => context.posters.on(bare, seating).await,
        None => None,
    };
    Ok(page(&request, pictured.as_deref().unwrap_or(bare), &preloads))
}

/// A screen that people touch in a foyer. Its address may name several showtimes, with commas between them.
pub async fn kiosk(
    request: HttpRequest,
    context: web::Data<Context>,
    ids: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(page(&request, own("kiosk.html")?, &Preloads::of(&context, &ids).await))
}

/// A screen that people only look at.
pub async fn wall(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(page(&request, own("wall.html")?, &Preloads::of(&context, &id).await))
}

/// The box office's page.
pub async fn desk(
    request: HttpRequest,
    context: web::Data<Context>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(page(&request, own("desk.html")?, &Preloads::of(&context, &id).await))
}

pub async fn favicon(request: HttpRequest) -> Result<HttpResponse, Problem> {
    asset(request, "favicon.svg".to_owned().into()).await
}

/// An asset. Pages anywhere may load it: it is nobody's secret, and the same for all.
pub async fn asset(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (asset, control) = match Site::own().find(&path).ok_or_else(nothing)? {
        Found::Kept(asset) => (asset, FOR_EVER),
        Found::Current(asset) => (asset, ASK_AGAIN),
        Found::Elsewhere(address) => {
            let mut response = HttpResponse::TemporaryRedirect();
            response.insert_header((LOCATION, address)).insert_header((CACHE_CONTROL, ASK_AGAIN));
            return Ok(for_all(&mut response).finish());
        }
    };
    Ok(answer(&request, asset, "", |response| {
        for_all(response).insert_header((CACHE_CONTROL, control));
    }))
}

fn for_all(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
}

fn own(page: &str) -> Result<&'static Asset, Problem> {
    Site::own().page(page).ok_or_else(nothing)
}

fn page(request: &HttpRequest, page: &Asset, preloads: &Preloads) -> HttpResponse {
    let links = preloads.header();
    answer(request, page, &links, |response| {
        response.insert_header((CACHE_CONTROL, ASK_AGAIN)).insert_header((CONTENT_SECURITY_POLICY, POLICY));
        if !links.is_empty() {
            response.insert_header((LINK, links.as_str()));
        }
    })
}

fn nothing() -> Problem {
    Problem::new(Code::NotFound, "there is no such file")
}

/// Sends a file, unless the client has it. It has another tag when what is said `besides` in its headers is another.
fn answer(
    request: &HttpRequest,
    asset: &Asset,
    besides: &str,
    say: impl FnOnce(&mut HttpResponseBuilder),
) -> HttpResponse {
    let tag = asset.tag(besides);
    let unchanged = is_known(request, &tag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag)).insert_header((VARY, "Accept-Encoding"));
    say(&mut response);
    // A 304 has no body: bytes after it would be taken for the next answer.
    if unchanged {
        return response.finish();
    }
    // What no form is kept of is left to the middleware.
    let (coding, body) = asset.body(Coding::of(request).unwrap_or(Coding::Plain));
    if coding == Coding::Gzip {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    response.insert_header((CONTENT_TYPE, asset.kind())).body(body)
}

//! Every address in one table.

use std::future::ready;

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpRequest, HttpResponse, ResponseError, Route, web};

use super::{Origins, changes, events, health, live, pages, plans, seats, showtimes, status};
use crate::api::problem::{Code, Problem};

/// One address and method.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    pub path: &'static str,
    pub method: &'static str,
}

macro_rules! routes {
    ($($path:literal { $($method:ident => $handler:expr,)+ })+) => {
        /// Every address with its methods, for documents and tests.
        pub const ROUTES: &[RouteInfo] = &[
            $($(RouteInfo { path: $path, method: stringify!($method) },)+)+
        ];

        /// Adds every address to a server.
        pub fn configure(config: &mut web::ServiceConfig) {
            $(config.service({
                let methods = [$(Method::$method),+];
                let resource = web::resource($path)$(.route(route(Method::$method).to($handler)))+;
                resource.default_service(web::to(move |request| ready(not_allowed(&request, &methods))))
            });)+
            // A query or path that an extractor cannot read.
            config.app_data(web::QueryConfig::default().error_handler(|error, _| {
                Problem::new(Code::InvalidQuery, error.to_string()).into()
            }));
            config.app_data(web::PathConfig::default().error_handler(|error, _| {
                Problem::new(Code::NotFound, error.to_string()).into()
            }));
            config.default_service(web::to(not_found));
        }
    };
}

routes! {
    // An address is tried against one after another: those that come by the thousand are the first.
    "/api/v1/showtimes/{id}/live" { GET => live::one, }
    "/api/v1/live" { GET => live::many, }
    "/api/v1/showtimes/{id}/seats/status" { GET => status::status, }
    "/api/v1/showtimes/{id}/seats/lock" { POST => seats::lock, }
    "/api/v1/showtimes/{id}/seats/unlock" { DELETE => seats::unlock, }

    "/" { GET => pages::index, }
    "/favicon.ico" { GET => pages::favicon, }
    "/showtimes/{id}" { GET => pages::showtime, }
    "/kiosk/{id}" { GET => pages::kiosk, }
    "/wall/{id}" { GET => pages::wall, }
    "/desk/{id}" { GET => pages::desk, }
    "/static/{path:.*}" { GET => pages::asset, }

    "/health/live" { GET => health::live, }
    "/health/ready" { GET => health::ready, }
    "/health/store" { GET => health::store, }
    // The same by its older name, whichever store runs.
    "/health/redis" { GET => health::store, }

    "/api/v1/showtimes" { GET => showtimes::list, }
    "/api/v1/showtimes/{id}" {
        GET => showtimes::get,
        PUT => showtimes::put,
        DELETE => showtimes::delete,
    }
    "/api/v1/showtimes/{id}/seats/facts" { GET => seats::facts, }
    "/api/v1/showtimes/{id}/seats/changes" { GET => changes::changes, }
    "/api/v1/showtimes/{id}/seats/extend-lock" { PUT => seats::extend, }
    "/api/v1/showtimes/{id}/seats/book" { POST => seats::book, }
    "/api/v1/showtimes/{id}/seats/release" { POST => seats::release, }
    "/api/v1/showtimes/{id}/seats/block" { PUT => seats::block, }
    "/api/v1/showtimes/{id}/seats/unblock" { PUT => seats::unblock, }
    "/api/v1/showtimes/{id}/events" { GET => events::events, }
    "/api/v1/plans/{hash}" { GET => plans::get, }
}

/// A route for a method; one for `GET` answers `HEAD` too, without the body.
fn route(method: Method) -> Route {
    if method == Method::GET {
        let either = actix_web::guard::Any(actix_web::guard::Get()).or(actix_web::guard::Head());
        return web::route().guard(either);
    }
    web::method(method)
}

async fn not_found(request: HttpRequest) -> HttpResponse {
    let detail = format!("nothing answers at {}; the API begins at /api/v1", request.path());
    Problem::new(Code::NotFound, detail).error_response()
}

fn not_allowed(request: &HttpRequest, methods: &[Method]) -> HttpResponse {
    let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    let allowed = names.join(", ");
    let detail = format!("{} answers {allowed}, not {}", request.path(), request.method());
    let mut response = Problem::new(Code::MethodNotAllowed, detail).error_response();
    if let Ok(allowed) = allowed.parse() {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

/// Headers of every answer.
pub static EVERYWHERE: [(HeaderName, HeaderValue); 2] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
];

/// Adds the headers of every answer.
pub fn headers() -> DefaultHeaders {
    EVERYWHERE.iter().cloned().fold(DefaultHeaders::new(), DefaultHeaders::add)
}

/// Lets pages of the listed origins use the API.
pub fn cors(origins: &Origins) -> Cors {
    let origins = origins.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, _| origin.to_str().is_ok_and(|origin| origins.lists(origin)))
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([CONTENT_TYPE, IF_NONE_MATCH, HeaderName::from_static("last-event-id")])
        .expose_headers([ETAG, RETRY_AFTER])
        .max_age(3_600)
}

//! What stands before the routes: a poll whose answer lies ready gets it here, and everything else goes on. To pass a request
//! through middlewares and routes takes more time than to read it, to answer it and to send the answer together.
//!
//! Invariant: whoever is answered here would have got the same from the routes.

use std::future::{Ready, ready};
use std::task::{Context as Waker, Poll};

use actix_http::Request;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Response, Service, ServiceResponse, Transform};
use actix_web::http::Method;
use actix_web::{Error, HttpMessage, web};
use futures_util::future::{Either, MapOk, TryFutureExt};

use super::answer::Sharing;
use crate::context::Context;
use crate::http::coding::Coding;

/// What stands around a showtime's id in the address of its status.
const BEFORE: &str = "/api/v1/showtimes/";
const BEHIND: &str = "/seats/status";

/// Puts itself before an application.
#[derive(Clone)]
pub struct Front(web::Data<Context>);

/// An application with the front before it.
pub struct Fronted<S> {
    context: web::Data<Context>,
    application: S,
}

type Answered<B> = Response<EitherBody<web::Bytes, B>>;
type Passed<F, B> = MapOk<F, fn(ServiceResponse<B>) -> Answered<B>>;

impl Front {
    pub fn new(context: web::Data<Context>) -> Self {
        Self(context)
    }
}

impl<S, B> Transform<S, Request> for Front
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = Answered<B>;
    type Error = Error;
    type Transform = Fronted<S>;
    type InitError = ();
    type Future = Ready<Result<Fronted<S>, ()>>;

    fn new_transform(&self, application: S) -> Self::Future {
        ready(Ok(Fronted { context: self.0.clone(), application }))
    }
}

impl<S, B> Service<Request> for Fronted<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = Answered<B>;
    type Error = Error;
    type Future = Either<Ready<Result<Answered<B>, Error>>, Passed<S::Future, B>>;

    fn poll_ready(&self, waker: &mut Waker<'_>) -> Poll<Result<(), Error>> {
        self.application.poll_ready(waker)
    }

    fn call(&self, request: Request) -> Self::Future {
        match self.answered(&request) {
            Some(response) => Either::Left(ready(Ok(response.map_body(|_, body| EitherBody::left(body))))),
            None => Either::Right(
                self.application
                    .call(request)
                    .map_ok(|response| Response::from(response).map_body(|_, body| EitherBody::right(body))),
            ),
        }
    }
}

impl<S> Fronted<S> {
    /// The answer to a plain poll, if it needs no work.
    fn answered(&self, request: &Request) -> Option<Response<web::Bytes>> {
        // Which other origins may see what is decided behind.
        let id = polled(request).filter(|_| self.context.origins.is_empty())?;
        let answer = self.context.polls.answer(id)?;
        if answer.is_known(request.headers()) {
            return Some(answer.unchanged(Sharing::All));
        }
        let coding = Coding::of(request)?;
        Some(answer.whole(Sharing::All, coding, answer.ready(coding)?.clone()))
    }
}

/// The showtime whose status is asked for, by a request without a query.
fn polled(request: &Request) -> Option<&str> {
    let uri = request.uri();
    let asks = request.method() == Method::GET && uri.query().is_none();
    uri.path().strip_prefix(BEFORE)?.strip_suffix(BEHIND).filter(|_| asks)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_the_plain_poll_of_one_showtime_is_answered_here() {
        assert!(crate::http::ROUTES.iter().any(|route| route.path == format!("{BEFORE}{{id}}{BEHIND}")));
        let polled = |request: TestRequest| polled(&request.to_request()).map(str::to_owned);
        let path = "/api/v1/showtimes/42/seats/status";
        assert_eq!(polled(TestRequest::get().uri(path)).as_deref(), Some("42"));
        assert_eq!(polled(TestRequest::get().uri(&format!("{path}?userId=7"))), None);
        assert_eq!(polled(TestRequest::get().uri(&format!("{path}?"))), None);
        assert_eq!(polled(TestRequest::post().uri(path)), None);
        assert_eq!(polled(TestRequest::with_uri(path).method(Method::HEAD)), None);
        assert_eq!(polled(TestRequest::get().uri("/api/v1/showtimes/42")), None);
        assert_eq!(polled(TestRequest::get().uri("/api/v1/showtimes/seats/status")), None);
    }
}

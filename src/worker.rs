//! What one thread of the server does with the connections that it gets: requests are for the application, and sockets that ask to
//! become a WebSocket are taken out of actix's hands once the application has accepted them.

use std::convert::Infallible;
use std::net::{Shutdown, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::GracefulShutdownSignal;
use actix_service::{apply, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse, fn_factory};
use actix_web::middleware::{Compress, Condition};
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use socket2::SockRef;

use crate::context::Context;
use crate::http::{self, Front, TrustedProxies, Upgrades};
use crate::lifecycle::Tasks;
use crate::live::{Audiences, ConnectionLimits, Connections, Place};

/// An idle connection is kept for longer than proxies and clients keep theirs (60 s is common), so that none of them sends a
/// request on one that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to say what it wants.
const REQUEST_HEAD: Duration = Duration::from_secs(5);
/// So many sockets more than may be held open on purpose are accepted: requests, and clients that are slow to say what they want.
/// More are cut off at once.
const BESIDES: usize = 2_000;
/// How long is waited for a client that still sends, after it was answered early: closed before, the answer could be lost.
const GOODBYE: Duration = Duration::from_secs(1);

/// What serves the connections of one thread. Clones share what all threads share.
#[derive(Clone)]
pub struct Worker {
    pub address: SocketAddr,
    pub context: web::Data<Context>,
    pub tasks: Tasks,
    /// Is done when requests are to come to their end.
    pub ends: GracefulShutdownSignal,
    /// All connections, whatever they are for.
    pub sockets: Arc<Connections>,
}

impl Worker {
    /// What becomes of a connection: requests are for the application, and those that ask for an upgrade too, which then is no longer
    /// actix's.
    pub fn serve(self) -> impl ServiceFactory<TcpStream, Config = (), Response = (), InitError = ()> {
        let Self { address, context, tasks, ends, sockets } = self;
        let audiences = Audiences::new(Arc::clone(&context.hub), tasks);
        let proxies = context.proxies.clone();
        let upgrading = context.clone();
        let upgrades = fn_factory(move || {
            let application = map_config(application(upgrading.clone()), |()| AppConfig::default()).new_service(());
            let audiences = Rc::clone(&audiences);
            async move {
                let application = application.await.expect("an application begins");
                Ok::<_, Infallible>(Upgrades { application, audiences })
            }
        });
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let ends = ends.clone();
                async move { ends.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(REQUEST_HEAD)
            .client_disconnect_timeout(GOODBYE)
            .local_addr(address)
            // Whoever has closed its side waits for no answer: streams and polls end at once.
            .h1_allow_half_closed(false)
            .on_connect_ext(move |stream: &TcpStream, extensions| match admit(stream, &sockets, &proxies) {
                Some(place) => drop(extensions.insert(Rc::new(place))),
                None => drop(SockRef::from(stream).shutdown(Shutdown::Both)),
            })
            .upgrade(upgrades)
            .finish(apply(Front::new(context.clone()), map_config(application(context), |()| AppConfig::default())))
            .tcp()
    }
}

/// All sockets of a server that may hold so many connections open.
pub fn sockets(limits: ConnectionLimits) -> Arc<Connections> {
    let ConnectionLimits { total, per_address } = limits;
    Connections::new(ConnectionLimits {
        total: total.saturating_add(BESIDES),
        per_address: per_address.saturating_add(BESIDES),
    })
}

/// What answers requests.
fn application(
    context: web::Data<Context>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let cross_origin = !context.origins.is_empty();
    let cors = http::cors(&context.origins);
    App::new()
        .app_data(context)
        .wrap(Compress::default())
        .wrap(http::headers())
        .wrap(Condition::new(cross_origin, cors))
        .configure(http::configure)
}

/// A place for a connection that was just accepted. Where clients share an address that is a proxy's, only the whole counts.
fn admit(stream: &TcpStream, sockets: &Arc<Connections>, proxies: &TrustedProxies) -> Option<Place> {
    let peer = stream.peer_addr().ok()?.ip().to_canonical();
    sockets.enter((!proxies.trust(peer)).then_some(peer)).ok()
}

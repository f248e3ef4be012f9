//! Puts a server together, from configuration and a bound listener, and runs it until it is told to stop.

use std::convert::Infallible;
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{GracefulShutdownSignal, ServerHandle};
use actix_service::{apply, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse, fn_factory};
use actix_web::middleware::{Compress, Condition};
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use socket2::{SockRef, TcpKeepalive};

use crate::config::Config;
use crate::context::Context;
use crate::demo;
use crate::draining::Draining;
use crate::http::{self, Front, Polls, TrustedProxies, Upgrades};
use crate::lifecycle::Tasks;
use crate::live::{Audiences, ConnectionLimits, Connections, Place};
use crate::rooms::{Hub, HubOptions};
use crate::store::{self, OpenError, Opened, SeatStore};

/// A peer that neither reads nor acknowledges for this long is cut off by the kernel; nothing else ends a connection whose
/// peer does not read.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);
/// What the kernel holds for a peer that reads slowly, in bytes.
const SEND_BUFFER: usize = 64 * 1024;
/// An idle connection is kept for longer than proxies and clients keep theirs (60 s is common), so that none of them sends a
/// request on one that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to say what it wants.
const REQUEST_HEAD: Duration = Duration::from_secs(5);
/// The pace at which connections end when the server stops, as long as the grace period allows for it: those who come back
/// elsewhere all want a map.
const CLOSE_EVERY: Duration = Duration::from_millis(2);
/// So many sockets more than may be held open on purpose are accepted: requests, and clients that are slow to say what they want.
/// More are cut off at once.
const BESIDES: usize = 2_000;
/// How long background tasks may take to stop.
const TASKS_PATIENCE: Duration = Duration::from_secs(5);

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the store cannot be opened")]
    Store(#[from] OpenError),
    #[error("cannot serve on the listener")]
    Listen(#[from] std::io::Error),
}

impl StartError {
    /// Whether starting again cannot help: somebody must look at the store's file.
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::Store(error) if error.needs_a_person)
    }
}

/// How long a stop takes.
#[derive(Clone, Copy, Debug)]
struct Stop {
    notice: Duration,
    rest: Duration,
}

/// A server that runs.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    draining: Draining,
    connections: Arc<Connections>,
    stop: Stop,
    tasks: Tasks,
    hub: Arc<Hub>,
    store: Arc<dyn SeatStore>,
}

impl Server {
    /// Starts a server on the listener. It answers at once, and is ready when the store is.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then.
    pub fn start(config: &Config, listener: TcpListener) -> Result<Self, StartError> {
        let tasks = Tasks::new();
        let opened = store::open(&config.store, &tasks)?;
        Ok(Self::start_on(opened, config, listener, tasks)?)
    }

    /// Starts a server on a store that is open already, and whose tasks are among `tasks`.
    ///
    /// # Errors
    /// The listener cannot be used; the tasks are told to stop then.
    pub fn start_on(
        (store, feed): Opened,
        config: &Config,
        listener: TcpListener,
        tasks: Tasks,
    ) -> std::io::Result<Self> {
        let address = listener.local_addr().inspect_err(|_| tasks.cancel())?;
        tune(&listener);
        let hub = Hub::start(Arc::clone(&store), feed, HubOptions { linger: config.room_linger }, &tasks);
        if config.demo {
            tasks.spawn("demo", demo::create(Arc::clone(&store), address.to_string()));
        }
        let (draining, connections) = (Draining::new(), Connections::new(config.connections));
        let context = web::Data::new(Context {
            store: Arc::clone(&store),
            hub: Arc::clone(&hub),
            origins: config.origins.clone(),
            proxies: config.proxies.clone(),
            polls: Polls::new(Arc::clone(&store), Arc::clone(&hub), config.poll_seconds),
            heartbeat: config.heartbeat,
            connections: Arc::clone(&connections),
            draining: draining.clone(),
        });
        let ConnectionLimits { total, per_address } = config.connections;
        let sockets = Connections::new(ConnectionLimits {
            total: total.saturating_add(BESIDES),
            per_address: per_address.saturating_add(BESIDES),
        });
        let proxies = config.proxies.clone();
        let stop = Stop { notice: config.drain_notice, rest: config.grace.saturating_sub(config.drain_notice) };
        let builder = actix_server::Server::build();
        let ends = builder.graceful_shutdown_signal();
        let server = builder
            .workers(config.workers)
            .shutdown_timeout(stop.rest.as_secs())
            .disable_signals()
            .listen("http", listener, move || {
                let worker = Worker {
                    address,
                    context: context.clone(),
                    sockets: Arc::clone(&sockets),
                    proxies: proxies.clone(),
                };
                worker.serve(ends.clone())
            })
            .inspect_err(|_| tasks.cancel())?
            .run();
        let handle = server.handle();
        let serving = tokio::spawn(server);
        Ok(Self { address, handle, serving, draining, connections, stop, tasks, hub, store })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store that the server uses.
    pub fn store(&self) -> &Arc<dyn SeatStore> {
        &self.store
    }

    /// How many rooms are open.
    pub fn room_count(&self) -> usize {
        self.hub.room_count()
    }

    /// Waits until the server ends by itself, which it does only by failing.
    ///
    /// # Errors
    /// What it failed with.
    pub async fn failed(&mut self) -> std::io::Result<()> {
        tokio::select! {
            served = &mut self.serving => served.map_err(std::io::Error::other)?,
            () = self.tasks.failed() => Err(std::io::Error::other("a background task panicked")),
        }
    }

    /// Says that the server is about to go, and goes on serving for as long as load balancers need to notice.
    pub async fn announce_stop(&self) {
        self.draining.announce();
        tokio::time::sleep(self.stop.notice).await;
    }

    /// Stops: takes no new connections, says goodbye on those that stand, one after another, lets requests end within what is
    /// left of the grace period, stops the tasks.
    pub async fn stop(self) {
        let one_by_one = CLOSE_EVERY * u32::try_from(self.connections.count()).unwrap_or(u32::MAX);
        self.draining.close_within(one_by_one.min(self.stop.rest / 2));
        self.handle.stop(true).await;
        self.tasks.stop(TASKS_PATIENCE).await;
    }
}

/// What serves the connections of one thread.
struct Worker {
    address: SocketAddr,
    context: web::Data<Context>,
    /// All connections, whatever they are for.
    sockets: Arc<Connections>,
    proxies: TrustedProxies,
}

impl Worker {
    /// What becomes of a connection: requests are for the application, and those that ask for an upgrade too, which then is no longer
    /// actix's.
    fn serve(
        self,
        ends: GracefulShutdownSignal,
    ) -> impl ServiceFactory<TcpStream, Config = (), Response = (), InitError = ()> {
        let Self { address, context, sockets, proxies } = self;
        let audiences = Audiences::new(Arc::clone(&context.hub));
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

/// Settings of every connection, which has them from the listener: six calls less for each. They make things better, not right:
/// where the system refuses one, the server serves all the same.
fn tune(listener: &TcpListener) {
    let socket = SockRef::from(listener);
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER))
        .and_then(|()| socket.set_tcp_keepalive(&keepalive))
        .and_then(|()| socket.set_tcp_user_timeout(Some(TCP_USER_TIMEOUT)));
    if let Err(error) = tuned {
        tracing::warn!(%error, "could not tune the listener");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_have_their_settings_from_the_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        tune(&listener);
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(60));
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(15));
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(TCP_USER_TIMEOUT));
        // Linux counts its own book-keeping too.
        assert_eq!(socket.send_buffer_size().unwrap(), 2 * SEND_BUFFER);
    }
}

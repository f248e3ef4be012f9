//! Puts a server together, from configuration and a bound listener, and runs it until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_server::ServerHandle;
use actix_web::web;

use crate::config::Config;
use crate::context::Context;
use crate::demo;
use crate::draining::Draining;
use crate::http::{GzipPlans, Polls, Posters};
use crate::lifecycle::Tasks;
use crate::live::Connections;
use crate::rooms::{Hub, HubOptions};
use crate::store::{self, OpenError, Opened, SeatStore};
use crate::worker::{self, Worker};

/// The pace at which connections end when the server stops, as long as the grace period allows for it: those who come back
/// elsewhere all want a map.
const CLOSE_EVERY: Duration = Duration::from_millis(2);
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
            polls: Polls::new(Arc::clone(&store), Arc::clone(&hub), config.poll_seconds, &tasks),
            plans: GzipPlans::default(),
            posters: Posters::default(),
            heartbeat: config.heartbeat,
            connections: Arc::clone(&connections),
            draining: draining.clone(),
        });
        let stop = Stop { notice: config.drain_notice, rest: config.grace.saturating_sub(config.drain_notice) };
        let builder = actix_server::Server::build();
        let ends = builder.graceful_shutdown_signal();
        let sockets = worker::sockets(config.connections);
        let worker = Worker { address, context, tasks: tasks.clone(), ends, sockets };
        let server = builder
            .workers(config.workers)
            .shutdown_timeout(stop.rest.as_secs())
            .disable_signals()
            .listen("http", listener, move || worker.clone().serve())
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

//! What every request and connection may use.

use std::sync::Arc;

use actix_web::HttpRequest;
use rand::RngExt;

use crate::api::problem::{Code, Problem};
use crate::draining::Draining;
use crate::http::{GzipPlans, Origins, Polls, Posters, TrustedProxies};
use crate::live::{Connections, Full, HeartbeatOptions, Place};
use crate::rooms::Hub;
use crate::store::SeatStore;

/// When those for whom there is no place are asked to come back: at random.
const COME_BACK_SECONDS: std::ops::RangeInclusive<u32> = 5..=20;

/// Shared by all requests and connections of one server.
pub struct Context {
    pub store: Arc<dyn SeatStore>,
    pub hub: Arc<Hub>,
    /// The pages that may connect from elsewhere.
    pub origins: Origins,
    /// The proxies that say whose requests they pass on.
    pub proxies: TrustedProxies,
    /// What clients that poll are told.
    pub polls: Polls,
    /// What those get who ask for a plan.
    pub plans: GzipPlans,
    /// What is in the page of a showtime before its map is.
    pub posters: Posters,
    pub heartbeat: HeartbeatOptions,
    /// What is held open.
    pub connections: Arc<Connections>,
    /// How far the server has gone, when it goes.
    pub draining: Draining,
}

impl Context {
    /// A place for a connection that is to be held open.
    ///
    /// # Errors
    /// [`Full`] when there is none.
    pub fn place(&self, request: &HttpRequest) -> Result<Place, Full> {
        self.connections.enter(self.proxies.client_of(request))
    }

    /// The same, for those who can be answered.
    ///
    /// # Errors
    /// [`Problem`] that says what can be done without a place.
    pub fn admit(&self, request: &HttpRequest) -> Result<Place, Problem> {
        self.place(request).map_err(|full| {
            let who = match full {
                Full::Server => "the server has",
                Full::Address => "your address has",
            };
            let detail = format!(
                "{who} as many connections as it may have; come back later, or ask for …/seats/status, which holds none open"
            );
            let come_back = rand::rng().random_range(COME_BACK_SECONDS);
            Problem { retry_after: Some(come_back), ..Problem::new(Code::TooManyConnections, detail) }
        })
    }
}

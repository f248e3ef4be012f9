//! What every request and connection may use.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::http::Origins;
use crate::live::HeartbeatOptions;
use crate::rooms::Hub;
use crate::store::SeatStore;

/// Shared by all requests and connections of one server.
pub struct Context {
    pub store: Arc<dyn SeatStore>,
    pub hub: Arc<Hub>,
    /// The pages that may connect from elsewhere.
    pub origins: Origins,
    /// What clients that poll are told to wait, in seconds.
    pub poll_seconds: u32,
    pub heartbeat: HeartbeatOptions,
    /// Cancelled when the server begins to go.
    pub draining: CancellationToken,
}

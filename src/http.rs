//! The HTTP edge: routes, bodies, headers, problems. What a request means is decided in `api`.

mod body;
mod changes;
mod client_address;
mod coding;
mod events;
mod health;
mod live;
mod origins;
mod pages;
mod plans;
mod poster;
mod preloads;
mod problem;
mod routes;
mod seats;
mod showtimes;
mod site;
mod status;
mod upgrades;

pub use client_address::TrustedProxies;
pub use origins::Origins;
pub use plans::GzipPlans;
pub use poster::Posters;
pub use routes::{ROUTES, RouteInfo, configure, cors, headers};
pub use status::{Front, Polls};
pub use upgrades::Upgrades;

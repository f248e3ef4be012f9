//! The program: reads the configuration, serves, and stops when it is told to.

use std::net::TcpListener;
use std::process::ExitCode;

use seatcast::app::Server;
use seatcast::config::{self, Config, Wanted};
use seatcast::telemetry;
use tokio::signal::unix::{SignalKind, signal};

/// The configuration has mistakes (`EX_USAGE` of sysexits.h).
const EXIT_CONFIG: u8 = 64;
/// The server could not start, or failed.
const EXIT_FAILED: u8 = 1;

fn main() -> ExitCode {
    match config::read(std::env::args()) {
        Ok(Wanted::Serve(config)) => serve(&config),
        Ok(Wanted::Checked) => {
            println!("the configuration is fine");
            ExitCode::SUCCESS
        }
        Ok(Wanted::Print(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            eprintln!("{mistakes}");
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

#[tokio::main]
async fn serve(config: &Config) -> ExitCode {
    telemetry::start(&config.log, config.log_format);
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&*error).map(ToString::to_string);
            tracing::error!(%error, cause, "the server failed");
            ExitCode::from(EXIT_FAILED)
        }
    }
}

async fn run(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(config.listen).map_err(|error| {
        format!("cannot listen on {} ({error}); SEATCAST_LISTEN names another address", config.listen)
    })?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut server = Server::start(config, listener)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "seatcast listens on http://{}", server.address());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        failed = server.failed() => return Ok(failed?),
    }
    tracing::info!("stopping");
    server.stop().await;
    tracing::info!("stopped");
    Ok(())
}

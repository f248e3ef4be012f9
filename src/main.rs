//! The program: reads the configuration, serves, and stops when it is told to.

use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use seatcast::app::{Server, StartError};
use seatcast::config::{self, Config, Wanted};
use seatcast::domain::ids::ShowtimeId;
use seatcast::lifecycle::Tasks;
use seatcast::transfer::{Summary, TransferError};
use seatcast::{listener, store, telemetry, transfer};
use tokio::signal::unix::{SignalKind, signal};

/// The configuration has mistakes (`EX_USAGE` of sysexits.h).
const EXIT_CONFIG: u8 = 64;
/// The server could not start, or failed; an export or import failed.
const EXIT_FAILED: u8 = 1;
/// The store's file is damaged, gone, or of a newer format, or what was to be imported is no whole export (`EX_DATAERR`): to try
/// again helps nobody.
const EXIT_DATA: u8 = 65;
/// What export and import log.
const WARNINGS: &str = "warn";
/// How long a store may take to close.
const TASKS_PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    match config::read(std::env::args()) {
        Ok(Wanted::Serve(config)) => serve(&config),
        Ok(Wanted::Export { config, showtimes, output }) => {
            moved(export(&config, &showtimes, output.as_deref()), "exported")
        }
        Ok(Wanted::Import { config, input }) => moved(import(&config, input.as_deref()), "imported"),
        Ok(Wanted::Checked(unknown)) => {
            println!("the configuration is fine");
            if !unknown.is_empty() {
                println!("{}", not_settings(&unknown));
            }
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

fn not_settings(unknown: &[String]) -> String {
    format!("these variables are no settings, and are passed over: {}", unknown.join(", "))
}

#[tokio::main]
async fn serve(config: &Config) -> ExitCode {
    telemetry::start(&config.log, config.log_format);
    if !config.unknown.is_empty() {
        tracing::warn!("{}", not_settings(&config.unknown));
    }
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&*error).map(ToString::to_string);
            tracing::error!(%error, cause, "the server failed");
            let damaged = error.downcast_ref::<StartError>().is_some_and(StartError::needs_a_person);
            ExitCode::from(if damaged { EXIT_DATA } else { EXIT_FAILED })
        }
    }
}

async fn run(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let listener = listener::listen(config.listen).map_err(|error| {
        format!("cannot listen on {} ({error}); SEATCAST_LISTEN names another address", config.listen)
    })?;
    raise_file_limit(config.connections.total);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut server = Server::start(config, listener)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "seatcast listens on http://{}", server.address());
    tokio::select! {
        _ = terminate.recv() => {
            tracing::info!("not ready any more; stopping soon");
            tokio::select! {
                () = server.announce_stop() => {}
                _ = interrupt.recv() => {}
            }
        }
        // Somebody at a keyboard waits for no load balancer.
        _ = interrupt.recv() => {}
        failed = server.failed() => return Ok(failed?),
    }
    tracing::info!("stopping");
    tokio::select! {
        () = server.stop() => tracing::info!("stopped"),
        _ = interrupt.recv() => tracing::warn!("stopped at once, as was asked for; connections were cut"),
    }
    Ok(())
}

/// Has the system allow as many open files as it may, since each connection needs one.
fn raise_file_limit(connections: usize) {
    const BESIDES: usize = 2_100;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) if files < (connections + BESIDES) as u64 => tracing::warn!(
            files,
            "the system allows fewer open files than SEATCAST_MAX_CONNECTIONS ({connections}) needs; raise its limit (ulimit -n, \
             LimitNOFILE) or lower the setting"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "could not raise the limit of open files"),
    }
}

/// Says what was moved, to standard error: standard output may be the export.
fn moved(result: Result<Summary, TransferError>, done: &str) -> ExitCode {
    match result {
        Ok(summary) => {
            eprintln!("{done} {summary}");
            if summary.showtimes + summary.unchanged == 0 {
                eprintln!("there was nothing: is it the right store, with the right key prefix?");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("seatcast: {error}");
            let needs_a_person = match &error {
                TransferError::Data { .. } => true,
                TransferError::Open(error) => error.needs_a_person,
                _ => false,
            };
            ExitCode::from(if needs_a_person { EXIT_DATA } else { EXIT_FAILED })
        }
    }
}

#[tokio::main]
async fn export(config: &Config, showtimes: &[ShowtimeId], output: Option<&Path>) -> Result<Summary, TransferError> {
    telemetry::start(WARNINGS, config.log_format);
    config.store.must_exist()?;
    let tasks = Tasks::new();
    let (store, _feed) = store::open(&config.store, &tasks)?;
    transfer::until_ready(&*store).await?;
    let summary = match output {
        Some(path) => transfer::export_to_file(&*store, showtimes, path).await,
        None => transfer::export(&*store, showtimes, &mut BufWriter::new(std::io::stdout().lock())).await,
    };
    tasks.stop(TASKS_PATIENCE).await;
    summary
}

#[tokio::main]
async fn import(config: &Config, input: Option<&Path>) -> Result<Summary, TransferError> {
    telemetry::start(WARNINGS, config.log_format);
    // Before a store is opened, or made: a file that is none leaves nothing behind.
    let archives = match input {
        Some(path) => transfer::read(&mut transfer::open_file(path)?)?,
        None => transfer::read(&mut std::io::stdin().lock())?,
    };
    let tasks = Tasks::new();
    let (store, _feed) = store::open(&config.store, &tasks)?;
    transfer::until_ready(&*store).await?;
    let summary = transfer::import(&*store, archives).await;
    tasks.stop(TASKS_PATIENCE).await;
    summary
}

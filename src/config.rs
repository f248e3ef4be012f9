//! Settings: from flags, environment variables and a `.env` file, in this order of precedence. Only this module reads the
//! environment. All mistakes are found together, before a port is bound.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};

use crate::domain::ids::ShowtimeId;
use crate::domain::showtime::Rules;
use crate::http::{Origins, TrustedProxies};
use crate::live::{ConnectionLimits, HeartbeatOptions};
use crate::store::StoreOptions;
use crate::store::embedded::EmbeddedOptions;
use crate::store::redis::{self, RedisOptions, Trust};
use crate::telemetry::LogFormat;

/// What a server needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Which store, and the rules for showtimes that have none of their own.
    pub store: StoreOptions,
    /// What clients that poll are told to wait, in seconds.
    pub poll_seconds: u32,
    /// Pages of other origins that may connect.
    pub origins: Origins,
    /// How long a room stays open, at least, after the last viewer left or poller asked.
    pub room_linger: Duration,
    /// The proxies that say whose requests they pass on.
    pub proxies: TrustedProxies,
    /// How many connections may be held open.
    pub connections: ConnectionLimits,
    /// How long the server goes on after it was told to stop and says so, for load balancers to notice. Part of `grace`.
    pub drain_notice: Duration,
    /// How long a stop may take in all before connections are cut.
    pub grace: Duration,
    /// Threads that serve requests.
    pub workers: usize,
    /// Whether to create the demo showtimes.
    pub demo: bool,
    pub heartbeat: HeartbeatOptions,
    /// Variables that look like settings and are none.
    pub unknown: Vec<String>,
    pub log: String,
    pub log_format: LogFormat,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Wanted {
    /// Serve with this configuration.
    Serve(Box<Config>),
    /// Write the store's content to a file, or to standard output.
    Export { config: Box<Config>, showtimes: Vec<ShowtimeId>, output: Option<PathBuf> },
    /// Read a file, or standard input, into the store.
    Import { config: Box<Config>, input: Option<PathBuf> },
    /// The configuration is fine; that was all, but for variables that are no settings.
    Checked(Vec<String>),
    /// Print a text (help, version) and end well.
    Print(String),
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has mistakes:\n{}", .0.iter().map(|mistake| format!("  - {mistake}")).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<String>);

/// The store when nothing else is said.
const DEFAULT_STORE: &str = "embedded:./data";

/// Real-time seat maps: seats lock in a store, and every screen shows it at once. Without a command the server starts.
#[derive(Debug, Parser)]
#[command(name = "seatcast", version, about)]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,

    /// Address and port to listen on
    #[arg(long, env = "SEATCAST_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,

    // Written as an attribute: as a doc comment the addresses would become links.
    #[arg(
        long,
        env = "SEATCAST_STORE",
        hide_env_values = true,
        global = true,
        help = "The store: embedded:DIRECTORY, redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], redis+unix:///PATH, \
                redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST…]/NAME[/DATABASE] or \
                redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST…]; with rediss in place of redis for TLS \
                [default: embedded:./data]"
    )]
    store: Option<String>,

    /// TLS towards Redis: a PEM file with the authorities whose certificates are trusted, in place of the system's
    #[arg(long, env = "SEATCAST_REDIS_CA_FILE", global = true)]
    redis_ca_file: Option<String>,

    /// TLS towards Redis: a PEM file with the certificate to show, where the server asks for one
    #[arg(long, env = "SEATCAST_REDIS_CERT_FILE", global = true)]
    redis_cert_file: Option<String>,

    /// TLS towards Redis: a PEM file with that certificate's key
    #[arg(long, env = "SEATCAST_REDIS_KEY_FILE", global = true)]
    redis_key_file: Option<String>,

    /// Text before every Redis key and channel, so that installations can share a database
    #[arg(long, env = "SEATCAST_KEY_PREFIX", default_value = "", global = true)]
    key_prefix: String,

    /// How long a lock lives, in seconds (1 to 86400)
    #[arg(long, env = "SEATCAST_LOCK_SECONDS", default_value = "900")]
    lock_seconds: String,

    /// How long a lock may live in all by extensions, in seconds (1 to 86400)
    #[arg(long, env = "SEATCAST_EXTEND_CAP_SECONDS", default_value = "7200")]
    extend_cap_seconds: String,

    /// How many seats one holder may have locked at once in a showtime (1 to 1000)
    #[arg(long, env = "SEATCAST_MAX_SEATS_PER_HOLDER", default_value = "10")]
    max_seats_per_holder: String,

    /// How long polling clients are told to wait between polls, in seconds (1 to 3600)
    #[arg(long, env = "SEATCAST_POLL_SECONDS", default_value = "10")]
    poll_seconds: String,

    /// Origins of other sites whose pages may connect, separated by commas; * allows all
    #[arg(long, env = "SEATCAST_ALLOWED_ORIGINS", default_value = "")]
    allowed_origins: String,

    /// How long a room stays open after its last viewer left or poller asked, at least; at most twice as long. In seconds (0 to 3600)
    #[arg(long, env = "SEATCAST_ROOM_LINGER_SECONDS", default_value = "30")]
    room_linger_seconds: String,

    /// Connections held open at once (sockets, event streams, polls that wait); more get 503 or 1013 (1 to 1000000)
    #[arg(long, env = "SEATCAST_MAX_CONNECTIONS", default_value = "10000")]
    max_connections: String,

    /// The same from one address, or one /64 of IPv6 (1 to 1000000)
    #[arg(long, env = "SEATCAST_MAX_CONNECTIONS_PER_ADDRESS", default_value = "1000")]
    max_connections_per_address: String,

    /// Proxies whose X-Forwarded-For says where requests come from: addresses and networks, separated by commas
    #[arg(long, env = "SEATCAST_TRUSTED_PROXIES", default_value = "127.0.0.0/8,::1")]
    trusted_proxies: String,

    /// How long the server goes on serving after SIGTERM while /health/ready says 503, in seconds, part of the grace (0 to 600)
    #[arg(long, env = "SEATCAST_DRAIN_NOTICE_SECONDS", default_value = "3")]
    drain_notice_seconds: String,

    /// How long a stop may take in all before connections are cut, in seconds (0 to 600)
    #[arg(long, env = "SEATCAST_GRACE_SECONDS", default_value = "10")]
    grace_seconds: String,

    /// Threads that serve requests (1 to 256) [default: one for each core]
    #[arg(long, env = "SEATCAST_WORKERS")]
    workers: Option<String>,

    /// Whether to create a demo showtime for each shipped plan: true, false [default: true when no store is named]
    #[arg(long, env = "SEATCAST_DEMO")]
    demo: Option<String>,

    /// What to log: a level, or levels by target such as info,seatcast=debug
    #[arg(long, env = "SEATCAST_LOG", default_value = "info,actix_server=warn")]
    log: String,

    /// How to log: text, json
    #[arg(long, env = "SEATCAST_LOG_FORMAT", default_value = "text")]
    log_format: String,

    /// Check the configuration and exit
    #[arg(long)]
    check_config: bool,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write showtimes with their locks, blocks and bookings as NDJSON, to move them to another store or to keep them.
    ///
    /// A server on an embedded store must be stopped first; a Redis may be in use. The file holds the ids of those who lock and
    /// book, and only its owner can read it. Exit code 1 when not everything could be written.
    Export {
        /// Only this showtime; may be given more than once
        #[arg(long = "showtime", value_name = "ID")]
        showtimes: Vec<String>,
        /// The file to write, in place of one that is there [default: standard output]
        output: Option<PathBuf>,
    },
    /// Create the showtimes of an export in the store.
    ///
    /// Nothing that is there is changed: a showtime of the same content is left alone, one of other content is refused, and then
    /// nothing is imported. To repeat it is safe. Exit code 65 when the file is no whole export, 1 for anything else.
    Import {
        /// The file to read [default: standard input]
        input: Option<PathBuf>,
    },
}

/// Settings that later versions will have. To accept them without acting on them would leave a server open that is
/// believed to be closed.
const NOT_YET: [&str; 2] = ["SEATCAST_API_KEYS", "SEATCAST_JWT_"];

/// Reads the settings.
///
/// # Errors
/// [`Mistakes`], all of them.
pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Wanted, Mistakes> {
    parse(arguments, read_env_file(Path::new(".env")))
}

/// Reads flags and the environment; `mistakes` were found before.
fn parse(arguments: impl IntoIterator<Item = String>, mut mistakes: Vec<String>) -> Result<Wanted, Mistakes> {
    let mut flags = match Flags::try_parse_from(arguments) {
        Ok(flags) => flags,
        Err(error) if !error.use_stderr() => return Ok(Wanted::Print(error.render().to_string())),
        Err(error) => {
            mistakes.push(error.render().to_string().trim_start_matches("error: ").trim().to_owned());
            return Err(Mistakes(mistakes));
        }
    };
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()) {
        if NOT_YET.iter().any(|not_yet| name.starts_with(not_yet)) {
            mistakes.push(format!(
                "{name} is set, but this version cannot check who calls; keep it behind a proxy that does"
            ));
        }
    }
    let (check_only, command) = (flags.check_config, flags.command.take());
    let wanted = match command {
        Some(Command::Export { showtimes, output }) => {
            let (showtimes, wrong): (Vec<_>, Vec<_>) =
                showtimes.iter().map(|id| ShowtimeId::parse(id)).partition(Result::is_ok);
            mistakes.extend(wrong.into_iter().filter_map(Result::err).map(|error| error.to_string()));
            let showtimes: Vec<ShowtimeId> = showtimes.into_iter().flatten().collect();
            Box::new(move |config| Wanted::Export { config, showtimes, output }) as Box<dyn FnOnce(_) -> _>
        }
        Some(Command::Import { input }) => Box::new(move |config| Wanted::Import { config, input }),
        None => Box::new(Wanted::Serve),
    };
    match flags.check(&mut mistakes) {
        Some(config) if check_only && mistakes.is_empty() => Ok(Wanted::Checked(config.unknown)),
        Some(config) if mistakes.is_empty() => Ok(wanted(Box::new(config))),
        Some(_) | None => Err(Mistakes(mistakes)),
    }
}

/// The name, variable, default and meaning of every setting, for documents and tests.
pub fn settings() -> Vec<(String, String, String, String)> {
    let text = |text: Option<String>| text.unwrap_or_default();
    let setting = |arg: &clap::Arg| {
        let variable = arg.get_env()?.to_string_lossy().into_owned();
        let default = arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
        let flag = format!("--{}", arg.get_long()?);
        Some((flag, variable, text(default), text(arg.get_help().map(ToString::to_string))))
    };
    Flags::command().get_arguments().filter_map(setting).collect()
}

/// Variables of the environment that look like settings and are none: a slip, perhaps. They are told and not refused, because
/// others name variables too (Kubernetes does so after its services).
fn unknown_settings() -> Vec<String> {
    let known: Vec<String> = settings().into_iter().map(|(_, variable, ..)| variable).collect();
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut unknown: Vec<String> =
        names.filter(|name| name.starts_with("SEATCAST_") && !known.contains(name)).collect();
    unknown.sort();
    unknown
}

fn read_env_file(path: &Path) -> Vec<String> {
    match dotenvy::from_path(path) {
        Ok(()) => Vec::new(),
        Err(error) if error.not_found() => Vec::new(),
        // The line itself may hold a password.
        Err(dotenvy::Error::LineParse(..)) => vec![
            "the file .env has a line that cannot be read: it is NAME=value, with single quotes around a value that has \
             blanks, quotes or $"
                .into(),
        ],
        Err(error) => vec![format!("the file .env cannot be read: {error}")],
    }
}

impl Flags {
    fn check(self, mistakes: &mut Vec<String>) -> Option<Config> {
        let mut check = Check { mistakes };
        let listen = check.address("SEATCAST_LISTEN", &self.listen);
        let lock = check.number("SEATCAST_LOCK_SECONDS", &self.lock_seconds, 1, 86_400);
        let extend_cap = check.number("SEATCAST_EXTEND_CAP_SECONDS", &self.extend_cap_seconds, 1, 86_400);
        let max_seats = check.number("SEATCAST_MAX_SEATS_PER_HOLDER", &self.max_seats_per_holder, 1, 1_000);
        let poll_seconds = check.number("SEATCAST_POLL_SECONDS", &self.poll_seconds, 1, 3_600);
        let room_linger = check.number("SEATCAST_ROOM_LINGER_SECONDS", &self.room_linger_seconds, 0, 3_600);
        let grace = check.number("SEATCAST_GRACE_SECONDS", &self.grace_seconds, 0, 600);
        let notice = check.number("SEATCAST_DRAIN_NOTICE_SECONDS", &self.drain_notice_seconds, 0, 600);
        if let (Some(notice), Some(grace)) = (notice, grace)
            && notice > grace
        {
            check.say(format!(
                "SEATCAST_DRAIN_NOTICE_SECONDS ({notice}) is more than SEATCAST_GRACE_SECONDS ({grace}), which it is part of"
            ));
        }
        let connections = check.connections(&self.max_connections, &self.max_connections_per_address);
        let proxies = match TrustedProxies::parse(self.trusted_proxies.split(',')) {
            Ok(proxies) => Some(proxies),
            Err(wrong) => check.none(format!("SEATCAST_TRUSTED_PROXIES: {}", wrong.join("; "))),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Compose files and the like hand on what is not set as empty.
        let named = |setting: Option<String>| setting.filter(|text| !text.trim().is_empty());
        let (named_store, named_workers) = (named(self.store), named(self.workers));
        let workers = match &named_workers {
            Some(workers) => check.number("SEATCAST_WORKERS", workers, 1, 256).map(|workers| workers as usize),
            None => Some(cores),
        };
        let store = check.store(named_store.as_deref().unwrap_or(DEFAULT_STORE));
        let files = [self.redis_ca_file, self.redis_cert_file, self.redis_key_file].map(named);
        let trust = check.trust(files, store.as_ref());
        if self.key_prefix.contains(['{', '}']) || self.key_prefix.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            check.say("SEATCAST_KEY_PREFIX has braces or blanks; they would change what a key means".into());
        }
        let demo = match self.demo.as_deref() {
            None | Some("") => Some(named_store.is_none()),
            Some("true" | "1" | "yes") => Some(true),
            Some("false" | "0" | "no") => Some(false),
            Some(other) => check.none(format!("SEATCAST_DEMO is {other:?}; it is true or false")),
        };
        let origins = match Origins::parse(self.allowed_origins.split(',')) {
            Ok(origins) => Some(origins),
            Err(wrong) => check.none(format!("SEATCAST_ALLOWED_ORIGINS: {}", wrong.join("; "))),
        };
        if let Err(error) = self.log.parse::<tracing_subscriber::EnvFilter>() {
            check.say(format!("SEATCAST_LOG is {:?}: {error}", self.log));
        }
        let log_format = match self.log_format.as_str() {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            other => check.none(format!("SEATCAST_LOG_FORMAT is {other:?}; it is text or json")),
        };
        if let (Some(lock), Some(cap)) = (lock, extend_cap)
            && cap < lock
        {
            check.say(format!("SEATCAST_EXTEND_CAP_SECONDS ({cap}) is less than SEATCAST_LOCK_SECONDS ({lock})"));
        }
        let seconds = |number: u32| Duration::from_secs(number.into());
        let rules = Rules { lock: seconds(lock?), extend_cap: seconds(extend_cap?), max_seats_per_holder: max_seats? };
        let store = match store? {
            Address::Redis(address) => {
                let (trust, prefix) = (trust?, self.key_prefix);
                StoreOptions::Redis(RedisOptions { address, trust, prefix, rules })
            }
            Address::Embedded(directory) => StoreOptions::Embedded(EmbeddedOptions { directory, rules }),
        };
        Some(Config {
            listen: listen?,
            store,
            poll_seconds: poll_seconds?,
            origins: origins?,
            room_linger: seconds(room_linger?),
            proxies: proxies?,
            connections: connections?,
            drain_notice: seconds(notice?),
            grace: seconds(grace?),
            workers: workers?,
            demo: demo?,
            heartbeat: HeartbeatOptions::default(),
            unknown: unknown_settings(),
            log: self.log,
            log_format: log_format?,
        })
    }
}

/// Where a store is.
enum Address {
    Redis(redis::Address),
    Embedded(PathBuf),
}

/// Collects mistakes.
struct Check<'a> {
    mistakes: &'a mut Vec<String>,
}

impl Check<'_> {
    fn say(&mut self, mistake: String) {
        self.mistakes.push(mistake);
    }

    fn none<T>(&mut self, mistake: String) -> Option<T> {
        self.say(mistake);
        None
    }

    fn number(&mut self, name: &str, text: &str, least: u32, most: u32) -> Option<u32> {
        match text.trim().parse() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => self.none(format!("{name} is {text:?}; it is a whole number from {least} to {most}")),
        }
    }

    fn connections(&mut self, total: &str, per_address: &str) -> Option<ConnectionLimits> {
        let total = self.number("SEATCAST_MAX_CONNECTIONS", total, 1, 1_000_000);
        let per_address = self.number("SEATCAST_MAX_CONNECTIONS_PER_ADDRESS", per_address, 1, 1_000_000);
        Some(ConnectionLimits { total: total? as usize, per_address: per_address? as usize })
    }

    fn address(&mut self, name: &str, text: &str) -> Option<SocketAddr> {
        let addresses = text.trim().to_socket_addrs();
        match addresses.map(|mut addresses| addresses.next()) {
            Ok(Some(address)) => Some(address),
            Ok(None) | Err(_) => {
                self.none(format!("{name} is {text:?}; it is an address and a port, such as 127.0.0.1:8080"))
            }
        }
    }

    /// The directory of an embedded store, as an absolute path.
    fn directory(&mut self, path: &str) -> Option<PathBuf> {
        const FORM: &str = "it is embedded:DIRECTORY, such as embedded:./data";
        let wrong = if path.is_empty() {
            "names no directory"
        } else if path.starts_with("//") {
            "has // after embedded:, which is for addresses; an absolute path has one /"
        } else if path.starts_with('~') {
            "begins with ~, which only a shell understands"
        } else if Path::new(path).exists() && !Path::new(path).is_dir() {
            "names a file, and it is a directory that is wanted"
        } else {
            return std::path::absolute(path).ok();
        };
        self.none(format!("SEATCAST_STORE {wrong}; {FORM}"))
    }

    /// Certificates for TLS towards Redis: files with authorities, a certificate and its key. They are read now, so that a
    /// mistake is not found in the middle of the night.
    fn trust(&mut self, files: [Option<String>; 3], store: Option<&Address>) -> Option<Trust> {
        const NAMES: [&str; 3] = ["SEATCAST_REDIS_CA_FILE", "SEATCAST_REDIS_CERT_FILE", "SEATCAST_REDIS_KEY_FILE"];
        let tls = store.is_none_or(|store| matches!(store, Address::Redis(address) if address.is_tls()));
        if let Some((name, _)) = NAMES.iter().zip(&files).find(|(_, file)| file.is_some() && !tls) {
            return self.none(format!("{name} is set, but SEATCAST_STORE says nothing of TLS; it does with rediss://"));
        }
        let [authorities, certificate, key] = files;
        let mut trust = Some(Trust::default());
        if let Some(file) = authorities {
            trust = match Trust::default().with_authorities(Path::new(&file)) {
                Ok(trust) => Some(trust),
                Err(wrong) => self.none(format!("{} ({file}) {wrong}", NAMES[0])),
            };
        }
        match (certificate, key) {
            (None, None) => trust,
            (Some(file), Some(key)) => {
                match trust.clone().unwrap_or_default().with_certificate(Path::new(&file), Path::new(&key)) {
                    Ok(shown) => trust.map(|_| shown),
                    Err(wrong) => self.none(format!("{} ({file}) {wrong}", NAMES[1])),
                }
            }
            (Some(_), None) => self.none(format!("{} is set without {}", NAMES[1], NAMES[2])),
            (None, Some(_)) => self.none(format!("{} is set without {}", NAMES[2], NAMES[1])),
        }
    }

    /// The store's address. What is wrong is told without repeating it: it may hold a password.
    fn store(&mut self, address: &str) -> Option<Address> {
        const FORM: &str = "embedded:DIRECTORY, redis://…, redis+unix://…, redis+sentinel://… or redis+cluster://…, with rediss for TLS";
        let (scheme, rest) = address.split_once(':').unwrap_or((address, ""));
        match scheme {
            "embedded" => self.directory(rest).map(Address::Embedded),
            scheme if redis::Address::knows_scheme(scheme) => match redis::Address::parse(address) {
                Ok(address) => Some(Address::Redis(address)),
                Err(error) => self.none(format!("SEATCAST_STORE {error}")),
            },
            _ => self.none(format!("SEATCAST_STORE names no store that is known; it is {FORM}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_flags(flags: &[&str]) -> Result<Wanted, Mistakes> {
        let arguments = std::iter::once("seatcast").chain(flags.iter().copied());
        parse(arguments.map(String::from), Vec::new())
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let wrong = [
            "--listen",
            "nowhere",
            "--store",
            "mysql://root:secret@db",
            "--lock-seconds",
            "0",
            "--poll-seconds",
            "soon",
            "--log-format",
            "xml",
            "--allowed-origins",
            "tickets",
            "--key-prefix",
            "a{b",
            "--demo",
            "perhaps",
        ];
        let Err(Mistakes(mistakes)) = read_flags(&wrong) else { panic!("accepted") };
        assert_eq!(mistakes.len(), 8, "{mistakes:#?}");
        assert!(!mistakes.concat().contains("secret"), "a password is never repeated");
    }

    #[test]
    fn a_cluster_has_no_databases() {
        let Err(Mistakes(mistakes)) = read_flags(&["--store", "redis+cluster://h,i/1"]) else { panic!("accepted") };
        assert!(mistakes[0].contains("SEATCAST_STORE") && mistakes[0].contains("only one"), "{mistakes:?}");
        assert!(read_flags(&["--store", "redis+cluster://h,i:7000"]).is_ok());
    }

    #[test]
    fn files_for_tls_are_read_at_the_start_and_only_with_tls() {
        let tls = ["--store", "rediss://h"];
        for (flags, wrong) in [
            (vec!["--store", "redis://h", "--redis-ca-file", "x"], "says nothing of TLS"),
            (vec!["--store", "embedded:x", "--redis-cert-file", "x", "--redis-key-file", "x"], "says nothing of TLS"),
            ([&tls[..], &["--redis-ca-file", "nowhere.pem"]].concat(), "nowhere.pem) cannot be read"),
            ([&tls[..], &["--redis-ca-file", "Cargo.toml"]].concat(), "holds no certificate"),
            ([&tls[..], &["--redis-cert-file", "Cargo.toml"]].concat(), "without SEATCAST_REDIS_KEY_FILE"),
            ([&tls[..], &["--redis-key-file", "Cargo.toml"]].concat(), "without SEATCAST_REDIS_CERT_FILE"),
            (
                [&tls[..], &["--redis-cert-file", "Cargo.toml", "--redis-key-file", "none"]].concat(),
                "a key that cannot be read",
            ),
        ] {
            let Err(Mistakes(mistakes)) = read_flags(&flags) else { panic!("{flags:?} was accepted") };
            assert!(mistakes.len() == 1 && mistakes[0].contains(wrong), "{flags:?}: {mistakes:?}");
        }
        assert!(read_flags(&tls).is_ok() && read_flags(&["--store", "rediss+sentinel://h/m"]).is_ok());
    }

    #[test]
    fn the_demo_is_for_those_who_name_no_store() {
        let demo = |flags: &[&str]| match read_flags(flags) {
            Ok(Wanted::Serve(config)) => config.demo,
            other => panic!("{other:?}"),
        };
        assert!(!demo(&["--store", "embedded:./here"]));
        assert!(demo(&["--store", "redis://127.0.0.1:6390", "--demo", "true"]));
        assert!(demo(&[]));
    }

    #[test]
    fn an_embedded_store_is_a_directory_of_this_machine() {
        for (address, directory) in
            [("embedded:./data", "./data"), ("embedded:/srv/seats", "/srv/seats"), ("embedded:a:b", "a:b")]
        {
            let Ok(Wanted::Serve(config)) = read_flags(&["--store", address]) else { panic!("{address} was refused") };
            let StoreOptions::Embedded(options) = config.store else { panic!("{address} is not embedded") };
            assert_eq!(options.directory, std::path::absolute(directory).unwrap());
        }
        for address in ["embedded:", "embedded", "embedded://host/data", "embedded:~/data", "embedded:Cargo.toml"] {
            let Err(Mistakes(mistakes)) = read_flags(&["--store", address]) else { panic!("{address} was accepted") };
            assert!(mistakes[0].contains("embedded:DIRECTORY"), "{mistakes:?}");
        }
    }

    #[test]
    fn export_and_import_take_the_store_wherever_it_stands() {
        let before = read_flags(&["--store", "embedded:x", "export", "--showtime", "a", "--showtime", "b", "file"]);
        let Ok(Wanted::Export { config, showtimes, output }) = before else { panic!("{before:?}") };
        assert!(matches!(config.store, StoreOptions::Embedded(_)));
        assert_eq!((showtimes.len(), output), (2, Some("file".into())));
        let after = read_flags(&["import", "--store", "redis://h"]);
        let Ok(Wanted::Import { config, input: None }) = after else { panic!("{after:?}") };
        assert!(matches!(config.store, StoreOptions::Redis(_)));
        assert!(read_flags(&["export", "--showtime", "a/b"]).is_err());
    }

    #[test]
    fn help_and_version_are_no_mistakes() {
        assert!(matches!(read_flags(&["--help"]), Ok(Wanted::Print(text)) if text.contains("SEATCAST_LISTEN")));
        assert!(read_flags(&["--colour"]).is_err());
    }
}

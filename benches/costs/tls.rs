//! What a proxy costs that ends TLS: nginx with one worker before a server, a certificate of the P-256 kind, TLS 1.3, and viewers
//! whose diffs pass through it one at a time. Nothing is measured where nginx is not installed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use super::Figure;
use super::support::authority::Authority;
use super::support::cpu_time::{cpu_time, resident};
use super::support::http_connection::request;
use super::support::plan::SeatIds;
use super::support::redis_server::free_port;
use super::support::{HttpConnection, RedisServer, Scale, ServerProcess, Table, eventually, handshake};

const SHOW: &str = "tls";
const PLAN: &str = "theatre";

type Socket = StreamOwned<ClientConnection, TcpStream>;

/// An nginx of our own, gone when the value is dropped.
struct Proxy {
    child: Child,
    port: u16,
    directory: TempDir,
}

pub async fn measure(scale: Scale) -> Vec<Figure> {
    let redis = RedisServer::start();
    let server = ServerProcess::start(&redis.url()).await;
    server.api.create(SHOW, PLAN, 900).await;
    let authority = Authority::new();
    let Some(proxy) = Proxy::start(&authority, &server.address) else {
        println!("\nnginx is not installed: what TLS costs is not measured");
        return Vec::new();
    };
    let worker = proxy.worker().await;
    let config = client(&authority);
    let (first, viewers) = scale.pick((100, 400), (2, 3));
    // The first ones pay for what nginx takes at once.
    let mut sockets: Vec<Socket> = (0..first).map(|_| join(&proxy, &config)).collect();
    let before = (cpu_time(worker), resident(worker));
    sockets.extend((0..viewers).map(|_| join(&proxy, &config)));
    let joining = cpu_time(worker).saturating_sub(before.0).as_secs_f64() * 1e6 / f64::from(viewers);
    let memory = resident(worker).saturating_sub(before.1) / 1_024;
    let memory = f64::from(u32::try_from(memory).expect("small")) / f64::from(viewers);
    let changes: u32 = scale.pick(200, 4);
    let before = cpu_time(worker);
    deliver(&server, &mut sockets, changes).await;
    let frames = f64::from(changes) * f64::from(first + viewers);
    let frame = cpu_time(worker).saturating_sub(before).as_secs_f64() * 1e6 / frames;
    let mut table =
        Table::new(&["nginx with TLS 1.3", "CPU µs for a handshake and join", "for a frame", "KiB a connection"]);
    table.row([format!("{viewers} viewers"), format!("{joining:.0}"), format!("{frame:.1}"), format!("{memory:.1}")]);
    println!("\nTLS\n\n{table}");
    vec![Figure::new("proxy.join", joining), Figure::new("proxy.frame", frame), Figure::new("proxy.memory", memory)]
}

/// Locks and unlocks a seat, and reads each diff on every socket.
async fn deliver(server: &ServerProcess, sockets: &mut [Socket], changes: u32) {
    let mut buyer = HttpConnection::open(&server.address).await;
    let body = format!(r#"{{"seats":["{}"],"userId":"buyer"}}"#, SeatIds::shipped(PLAN).id(0));
    for change in 0..changes {
        let (method, verb) = [("POST", "lock"), ("DELETE", "unlock")][change as usize % 2];
        let path = format!("/api/v1/showtimes/{SHOW}/seats/{verb}");
        assert_eq!(buyer.ask(&request(method, &path, &[], &body)).await.status, 200);
        for socket in &mut *sockets {
            read_until(socket, b"\"diff\"");
        }
    }
}

fn client(authority: &Authority) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.file()).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    // Every visitor is a new one.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

/// Connects and waits for the map.
fn join(proxy: &Proxy, config: &Arc<ClientConfig>) -> Socket {
    let address = format!("127.0.0.1:{}", proxy.port);
    let stream = TcpStream::connect(&address).expect("nginx listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket option");
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::clone(config), name).expect("a connection");
    let mut socket = StreamOwned::new(connection, stream);
    socket.write_all(handshake::websocket(&address, SHOW).as_bytes()).expect("the connection stands");
    read_until(&mut socket, b"\"snapshot\"");
    socket
}

/// Reads until this was read. Frames are short but for the snapshot, and come in records of their own.
fn read_until(socket: &mut Socket, wanted: &[u8]) {
    let mut read = Vec::new();
    let mut buffer = [0; 4_096];
    while !read.windows(wanted.len()).any(|window| window == wanted) {
        let count = socket.read(&mut buffer).expect("the connection stands");
        assert!(count > 0, "the connection ended");
        read.extend_from_slice(&buffer[..count]);
    }
}

impl Proxy {
    fn start(authority: &Authority, upstream: &str) -> Option<Self> {
        let (directory, port) = (TempDir::new().expect("a directory for nginx"), free_port());
        let certificate = authority.issue("localhost");
        let folder = directory.path().display();
        let settings = format!(
            "worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
             events {{ worker_connections 4096; }}
             http {{
               access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
               uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
               server {{
                 listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;
                 ssl_certificate {}; ssl_certificate_key {};
                 location / {{
                   proxy_pass http://{upstream}; proxy_http_version 1.1; proxy_set_header Host $http_host;
                   proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 75s;
                 }}
               }}
             }}",
            certificate.file.display(),
            certificate.key.display()
        );
        let file = directory.path().join("nginx.conf");
        std::fs::write(&file, settings).expect("a file");
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).arg("-p").arg(directory.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        Some(Self { child, port, directory })
    }

    /// The process that serves.
    async fn worker(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        eventually("nginx serves", async || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()?;
            std::fs::read_to_string(&children).ok()?.split_whitespace().next()?.parse().ok()
        })
        .await
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The master takes its worker with it only if it is asked.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(self.directory.path().join("error.log")).unwrap_or_default());
        }
    }
}

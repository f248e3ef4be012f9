//! nginx that serves one body from a file, as a good operator would have it: one process, no log, sendfile, the compressed form
//! beside the plain one.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::ground::Ground;

const PROGRAM: &str = "/usr/sbin/nginx";
const TRIES: usize = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// A running nginx; gone when the value is dropped.
pub struct Nginx {
    child: Child,
    pub address: SocketAddr,
    _directory: TempDir,
}

/// Whether files are looked up for each request, or are held open for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    LookedUp,
    HeldOpen,
}

impl Nginx {
    /// Serves `gzip` at `path` to those who take it.
    pub fn start(ground: &Ground, files: Files, path: &str, gzip: &[u8]) -> Self {
        let directory = TempDir::new().expect("a directory for nginx");
        let file = directory.path().join(format!("html{path}"));
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(directory.path().join(format!("html{path}.gz")), gzip).expect("a file");
        // Whoever would not take the compressed form would get this. Nobody here is so.
        fs::write(&file, "{}").expect("a file");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let settings = directory.path().join("nginx.conf");
        fs::write(&settings, configuration(directory.path(), address, files)).expect("a file");
        let mut command = ground.cores.server(Path::new(PROGRAM));
        command.arg("-p").arg(directory.path()).arg("-c").arg(&settings).arg("-e").arg("stderr");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("nginx (Debian package nginx)");
        let nginx = Self { child, address, _directory: directory };
        nginx.wait();
        nginx
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn wait(&self) {
        let up = (0..TRIES).any(|_| {
            let answers = TcpStream::connect(self.address).is_ok();
            if !answers {
                std::thread::sleep(PAUSE);
            }
            answers
        });
        assert!(up, "nginx does not listen on {}", self.address);
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(directory: &Path, address: SocketAddr, files: Files) -> String {
    let directory = directory.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|what| format!("{what}_temp_path {directory}/{what};")).join(" ");
    let open = match files {
        Files::LookedUp => "",
        Files::HeldOpen => "open_file_cache max=1000 inactive=60s; open_file_cache_valid 30s;",
    };
    format!(
        "daemon off; master_process off; worker_processes 1; pid {directory}/pid;
        events {{ worker_connections 1024; }}
        http {{
          access_log off; server_tokens off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; {open}
          default_type application/json; gzip_static on; gzip_vary on; {temporary}
          server {{
            listen {address};
            root {directory}/html;
            add_header Cache-Control 'public, max-age=0, s-maxage=1, stale-while-revalidate=2';
            add_header X-Content-Type-Options nosniff;
            add_header Referrer-Policy same-origin;
          }}
        }}"
    )
}

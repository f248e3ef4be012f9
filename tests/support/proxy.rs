//! A TCP proxy whose connections a test can cut, refuse, or freeze.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    Flows,
    /// Open connections are cut and new ones are closed at once.
    Cut,
    /// Nothing passes, nothing is closed: half open.
    Frozen,
}

/// A proxy in front of a server.
pub struct Proxy {
    pub address: SocketAddr,
    traffic: Arc<watch::Sender<Traffic>>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of `target`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let traffic = Arc::new(watch::Sender::new(Traffic::Flows));
        let rules = Arc::clone(&traffic);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), rules.subscribe()));
            }
        });
        Self { address, traffic, task }
    }

    /// Changes what happens from now on.
    pub fn set(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, target: String, mut rules: watch::Receiver<Traffic>) {
    if *rules.borrow() == Traffic::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (mut client_read, mut client_write) = client.into_split();
    let (mut server_read, mut server_write) = server.into_split();
    let (up, down) = (rules.clone(), rules.clone());
    tokio::select! {
        () = pump(&mut client_read, &mut server_write, up) => {}
        () = pump(&mut server_read, &mut client_write, down) => {}
        _ = rules.wait_for(|traffic| *traffic == Traffic::Cut) => {}
    }
}

async fn pump(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    mut rules: watch::Receiver<Traffic>,
) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if rules.wait_for(|traffic| *traffic == Traffic::Flows).await.is_err() {
            return;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

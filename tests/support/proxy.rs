//! A TCP proxy whose connections a test can cut, refuse, freeze, or slow down.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Pieces that may be on their way in one direction of one connection.
const ON_THE_WAY: usize = 1_024;

/// What happens to traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    Flows,
    /// Open connections are cut and new ones are closed at once.
    Cut,
    /// Nothing passes, nothing is closed: half open.
    Frozen,
    /// What is sent to the server arrives, and nothing of what it answers.
    OneWay,
    /// Everything arrives that much later.
    Delayed(Duration),
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer,
    ToClient,
}

impl Traffic {
    fn passes(self, way: Way) -> bool {
        match self {
            Self::Flows | Self::Delayed(_) => true,
            Self::OneWay => way == Way::ToServer,
            Self::Cut | Self::Frozen => false,
        }
    }

    fn delay(self) -> Duration {
        if let Self::Delayed(delay) = self { delay } else { Duration::ZERO }
    }
}

/// A proxy in front of a server.
pub struct Proxy {
    pub address: SocketAddr,
    target: Arc<Mutex<String>>,
    traffic: Arc<watch::Sender<Traffic>>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of `target`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let traffic = Arc::new(watch::Sender::new(Traffic::Flows));
        let target = Arc::new(Mutex::new(target));
        let (rules, towards) = (Arc::clone(&traffic), Arc::clone(&target));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = towards.lock().expect("nobody panicked").clone();
                tokio::spawn(carry(client, target, rules.subscribe()));
            }
        });
        Self { address, target, traffic, task }
    }

    /// Leads connections that are made from now on to another server; those that are there stay.
    pub fn lead_to(&self, target: String) {
        *self.target.lock().expect("nobody panicked") = target;
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
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let (up, down) = (rules.clone(), rules.clone());
    tokio::select! {
        () = pump(client_read, server_write, Way::ToServer, up) => {}
        () = pump(server_read, client_write, Way::ToClient, down) => {}
        _ = rules.wait_for(|traffic| *traffic == Traffic::Cut) => {}
    }
}

/// Carries bytes one way until an end closes. A delay holds up nothing but the arrival: what follows is read meanwhile.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, mut rules: watch::Receiver<Traffic>) {
    let (sent, mut arriving) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let mut delays = rules.clone();
    let read = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + delays.borrow().delay();
            if sent.send((due, buffer[..length].to_vec())).await.is_err() {
                return;
            }
            // What does not pass is not read either: it fills the sender's buffers.
            if delays.wait_for(|traffic| traffic.passes(way)).await.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = arriving.recv().await {
            tokio::time::sleep_until(due).await;
            if rules.wait_for(|traffic| traffic.passes(way)).await.is_err() || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    // Reading ends first when an end closes; what is on its way still arrives.
    tokio::join!(read, write);
}

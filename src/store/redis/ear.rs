//! One connection for hearing, which nothing else goes over: channels are joined and left, messages come in the order in which
//! the server made them.
//!
//! On one server that is plain publish/subscribe. In a cluster a showtime's channel belongs to its slot (sharded
//! publish/subscribe), and the server tells when it gives the slot away: that ends the ear, since nothing more would come.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use parking_lot::Mutex;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{
    Client, IntoConnectionInfo, Msg, ProtocolVersion, PushInfo, PushKind, RedisResult, Value, from_redis_value,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::keys::Keys;
use super::link::CONNECT_TIMEOUT;
use super::servers::Servers;

/// How long the server may take to confirm a subscription.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(3);
/// Channels in one request.
const SUBSCRIBE_BATCH: usize = 500;
/// Messages of a cluster's server that wait to be understood, about 50 MB: what it tells of two archives of the largest size that
/// are imported at once. One that comes when it is full ends the ear.
const UNHEARD: usize = 262_144;

/// Why hearing ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    #[error("{0}")]
    Redis(#[from] redis::RedisError),
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("the server closed the connection")]
    Closed,
    #[error("a probe did not come back")]
    Probe,
    #[error("commands go to another server")]
    Elsewhere,
    #[error("the server gave a slot away")]
    Moved,
    #[error("more came than could be understood")]
    Flood,
}

/// What comes in.
pub struct Ear {
    stream: Stream,
}

enum Stream {
    Plain(PubSubStream),
    Sharded { pushes: mpsc::Receiver<PushInfo>, flooded: Arc<AtomicBool>, leaving: Arc<Mutex<HashSet<String>>> },
}

/// What is asked for. Clones share the connection, which lives as long as one of them does.
#[derive(Clone)]
pub struct Voice {
    sink: Sink,
}

#[derive(Clone)]
enum Sink {
    Plain(PubSubSink),
    Sharded {
        connection: MultiplexedConnection,
        /// Channels that we asked to leave: of others the server says so by itself. Held for a change, never across an await.
        leaving: Arc<Mutex<HashSet<String>>>,
    },
}

/// Connects to a server. In a cluster, key events of others' keys are dropped where they come in.
pub async fn connect(client: &Client, servers: &Servers, keys: &Keys) -> Result<(Voice, Ear), Ended> {
    if !keys.are_in_a_cluster() {
        let connecting = timeout(CONNECT_TIMEOUT, client.get_async_pubsub()).await;
        let (sink, stream) = connecting.map_err(|_| Ended::Timeout(CONNECT_TIMEOUT))??.split();
        return Ok((Voice { sink: Sink::Plain(sink) }, Ear { stream: Stream::Plain(stream) }));
    }
    let (sender, pushes) = mpsc::channel(UNHEARD);
    let flooded = Arc::new(AtomicBool::new(false));
    let flood = Arc::clone(&flooded);
    let locks = keys.all_seat_locks().into_bytes();
    let take = move |push: PushInfo| {
        if is_of_another_key(&push, &locks) {
            return Ok(());
        }
        sender.try_send(push).inspect_err(|_| flood.store(true, Ordering::Relaxed))
    };
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(SUBSCRIBE_TIMEOUT))
        .set_push_sender(take);
    // Only the newer protocol has sharded messages and answers on one connection told apart.
    let info = client.get_connection_info().clone();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = servers.client(info.into_connection_info()?.set_redis_settings(settings))?;
    let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let leaving = Arc::default();
    let sink = Sink::Sharded { connection, leaving: Arc::clone(&leaving) };
    Ok((Voice { sink }, Ear { stream: Stream::Sharded { pushes, flooded, leaving } }))
}

impl Voice {
    /// Joins channels that every server has: key events, and without a cluster all.
    pub async fn join_plain(&self, channels: &[String]) -> Result<(), Ended> {
        self.each("SUBSCRIBE", channels).await
    }

    /// Joins channels of showtimes.
    pub async fn join(&self, channels: &[String]) -> Result<(), Ended> {
        for batch in channels.chunks(SUBSCRIBE_BATCH) {
            self.each("SSUBSCRIBE", batch).await?;
        }
        Ok(())
    }

    /// Leaves a showtime's channel.
    pub async fn leave(&self, channel: &str) -> Result<(), Ended> {
        match &self.sink {
            Sink::Plain(sink) => confirmed(sink.clone().unsubscribe(channel)).await,
            Sink::Sharded { leaving, .. } => {
                leaving.lock().insert(channel.to_owned());
                self.each("SUNSUBSCRIBE", &[channel.to_owned()]).await
            }
        }
    }

    /// In a cluster each channel is a command of its own: one that is refused leaves the others what they are.
    async fn each(&self, command: &str, channels: &[String]) -> Result<(), Ended> {
        match &self.sink {
            Sink::Plain(sink) => confirmed(sink.clone().subscribe(channels)).await,
            Sink::Sharded { connection, .. } => {
                let mut pipeline = redis::pipe();
                for channel in channels {
                    pipeline.cmd(command).arg(channel);
                }
                let mut connection = connection.clone();
                confirmed(async { pipeline.query_async::<Vec<Value>>(&mut connection).await.map(drop) }).await
            }
        }
    }
}

async fn confirmed(request: impl Future<Output = RedisResult<()>>) -> Result<(), Ended> {
    let confirmed = timeout(SUBSCRIBE_TIMEOUT, request).await;
    Ok(confirmed.map_err(|_| Ended::Timeout(SUBSCRIBE_TIMEOUT))??)
}

impl Ear {
    /// The next message: its channel and its content.
    pub async fn next(&mut self) -> Result<(String, Vec<u8>), Ended> {
        match &mut self.stream {
            Stream::Plain(messages) => {
                let message = messages.next().await.ok_or(Ended::Closed)?;
                Ok((message.get_channel_name().to_owned(), message.get_payload_bytes().to_vec()))
            }
            Stream::Sharded { pushes, flooded, leaving } => loop {
                let push = pushes.recv().await.ok_or(Ended::Closed)?;
                if flooded.load(Ordering::Relaxed) {
                    return Err(Ended::Flood);
                }
                if let Some(message) = understand(push, leaving)? {
                    return Ok((message.get_channel_name().to_owned(), message.get_payload_bytes().to_vec()));
                }
            },
        }
    }
}

/// Whether a push is a key event, which comes on a plain channel, of a key that does not begin so.
fn is_of_another_key(push: &PushInfo, beginning: &[u8]) -> bool {
    let of_another = |value: &Value| matches!(value, Value::BulkString(key) if !key.starts_with(beginning));
    push.kind == PushKind::Message && push.data.get(1).is_some_and(of_another)
}

/// The message that a push is, if it is one.
fn understand(push: PushInfo, leaving: &Mutex<HashSet<String>>) -> Result<Option<Msg>, Ended> {
    match push.kind {
        PushKind::Message | PushKind::SMessage => Ok(Msg::from_push_info(push)),
        PushKind::Disconnection => Err(Ended::Closed),
        PushKind::SUnsubscribe => {
            let channel: String =
                from_redis_value(push.data.into_iter().next().unwrap_or(Value::Nil)).unwrap_or_default();
            if leaving.lock().remove(&channel) { Ok(None) } else { Err(Ended::Moved) }
        }
        _ => Ok(None),
    }
}

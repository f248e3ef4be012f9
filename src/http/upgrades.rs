//! Requests that ask to become a WebSocket. The application answers them like all others; a connection that it accepts is taken out
//! of actix's hands then, so that nothing stands between a room and its viewers' sockets.

use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use actix_codec::{Framed, FramedParts};
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::h1::{Codec, Message};
use actix_http::{ConnectionType, HttpMessage, Request, Response};
use actix_web::dev::{Service, ServiceResponse, always_ready};
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, BytesMut};
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::codec::Encoder;

use crate::live::{Audiences, Opening, Place, Upgrade};

/// A client that takes nothing for this long is given up.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// How long is waited for a client to close, after it was answered without an upgrade.
const GOODBYE: Duration = Duration::from_secs(1);

/// One worker's application, as it answers requests for an upgrade.
pub struct Upgrades<S> {
    pub application: S,
    pub audiences: Rc<Audiences>,
}

/// A connection that was accepted.
struct Accepted {
    opening: Opening,
    stream: TcpStream,
    answer: Bytes,
    /// What the client sent behind its request.
    arrived: BytesMut,
    /// The socket's place among all that may be open.
    _place: Option<Rc<Place>>,
}

impl<S, B> Service<(Request, Framed<TcpStream, Codec>)> for Upgrades<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = Infallible;
    type Future = LocalBoxFuture<'static, Result<(), Infallible>>;

    always_ready!();

    fn call(&self, (request, framed): (Request, Framed<TcpStream, Codec>)) -> Self::Future {
        let (upgrade, place) = (Upgrade::default(), request.conn_data::<Rc<Place>>().cloned());
        request.extensions_mut().insert(upgrade.clone());
        let answering = self.application.call(request);
        let answering = async move {
            match answering.await {
                Ok(response) => Response::from(response).map_body(|_, body| body.boxed()),
                Err(error) => error.into(),
            }
        };
        // In a box of its own, so that it takes no room while the connection is served.
        let opening = Box::pin(open(answering, upgrade, framed, place));
        let audiences = Rc::clone(&self.audiences);
        Box::pin(async move {
            if let Some(Accepted { opening, stream, answer, arrived, _place }) = opening.await {
                opening.serve(stream, answer, arrived, &audiences).await;
            }
            Ok(())
        })
    }
}

/// Has the request answered. A refusal is written here.
async fn open(
    answering: impl Future<Output = Response<BoxBody>>,
    upgrade: Upgrade,
    framed: Framed<TcpStream, Codec>,
    place: Option<Rc<Place>>,
) -> Option<Accepted> {
    let response = answering.await;
    // Answers to requests before this one may wait to be written.
    let FramedParts { io: stream, mut codec, read_buf: arrived, write_buf: mut answer, .. } = framed.into_parts();
    let Some(opening) = upgrade.accepted() else {
        refuse(response, Reply { stream, codec, waiting: answer }).await;
        return None;
    };
    encode(&mut codec, Message::Item((response.drop_body(), BodySize::None)), &mut answer);
    Some(Accepted { opening, stream, answer: answer.freeze(), arrived, _place: place })
}

/// The connection of a request that is answered without an upgrade.
struct Reply {
    stream: TcpStream,
    codec: Codec,
    waiting: BytesMut,
}

/// Answers like any other request, and closes.
async fn refuse(response: Response<BoxBody>, mut reply: Reply) -> Option<()> {
    let (mut response, body) = response.into_parts();
    response.head_mut().set_connection_type(ConnectionType::Close);
    // A body whose length is not known ends with the connection: the codec writes no chunks on one that was to be upgraded.
    response.head_mut().no_chunking(true);
    reply.say(Message::Item((response, body.size()))).await?;
    let mut body = std::pin::pin!(body);
    while let Some(chunk) = poll_fn(|waker| body.as_mut().poll_next(waker)).await {
        reply.say(Message::Chunk(Some(chunk.ok()?))).await?;
    }
    reply.say(Message::Chunk(None)).await?;
    reply.stream.shutdown().await.ok()?;
    // What the client still sends is taken, so that the answer is not lost with a reset.
    let closed = async { while matches!(reply.stream.read(&mut [0; 1_024]).await, Ok(1..)) {} };
    tokio::time::timeout(GOODBYE, closed).await.ok()
}

impl Reply {
    /// Writes a part of the answer. `None` when the client is gone.
    async fn say(&mut self, part: Message<(Response<()>, BodySize)>) -> Option<()> {
        encode(&mut self.codec, part, &mut self.waiting);
        let written = tokio::time::timeout(WRITE_DEADLINE, self.stream.write_all(&self.waiting)).await;
        self.waiting.clear();
        written.ok()?.ok()
    }
}

fn encode(codec: &mut Codec, part: Message<(Response<()>, BodySize)>, into: &mut BytesMut) {
    codec.encode(part, into).expect("heads and chunks can be encoded");
}

//! Requests that ask to become a WebSocket. The application answers them like all others; a connection that it accepts is taken out
//! of actix's hands then, so that nothing stands between a room and its viewers' sockets.

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use actix_codec::Framed;
use actix_http::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_http::h1::{Codec, Message};
use actix_http::{ConnectionType, HttpMessage, Request, Response};
use actix_web::dev::{Service, ServiceResponse, always_ready};
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, BytesMut};
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::codec::Encoder;

use crate::live::{Audiences, Opening, Place, Upgrade};

/// How long a client may take for the answer that refuses it.
const REFUSAL: Duration = Duration::from_secs(5);

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
    let parts = framed.into_parts();
    let (stream, codec) = (parts.io, parts.codec);
    let Some(opening) = upgrade.accepted() else {
        let _ = tokio::time::timeout(REFUSAL, refuse(response, stream, codec)).await;
        return None;
    };
    let answer = head(response.drop_body(), BodySize::None, codec).freeze();
    Some(Accepted { opening, stream, answer, arrived: parts.read_buf, _place: place })
}

async fn refuse(response: Response<BoxBody>, mut stream: TcpStream, codec: Codec) -> Option<()> {
    let (mut response, body) = response.into_parts();
    let body = to_bytes(body).await.ok()?;
    response.head_mut().set_connection_type(ConnectionType::Close);
    let mut answer = head(response, BodySize::Sized(body.len() as u64), codec);
    answer.extend_from_slice(&body);
    stream.write_all(&answer).await.ok()?;
    stream.shutdown().await.ok()?;
    // What the client still sends is taken, so that the answer is not lost with a reset.
    while stream.read(&mut [0; 1_024]).await.ok()? > 0 {}
    Some(())
}

fn head(response: Response<()>, size: BodySize, mut codec: Codec) -> BytesMut {
    let mut head = BytesMut::new();
    codec.encode(Message::Item((response, size)), &mut head).expect("a head can be encoded");
    head
}

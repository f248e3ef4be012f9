//! The socket on which the server listens. Connections have their settings from it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use socket2::{Domain, Socket, TcpKeepalive, Type};

/// A peer that neither reads nor acknowledges for this long is cut off by the kernel; nothing else ends a connection whose
/// peer does not read.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(30);
/// What the kernel holds for a peer that reads slowly, in bytes.
const SEND_BUFFER: usize = 64 * 1024;
/// How many connections may wait to be accepted; the system may allow fewer (`net.core.somaxconn`). The standard library lets 128
/// wait: those beyond that try again after seconds, and that is when everybody comes at once.
const BACKLOG: i32 = 4_096;

/// Listens on an address.
///
/// # Errors
/// The address is taken, or none of this machine's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that was started again takes the address over from connections that are still ending.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    tune(&socket);
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Settings of every connection. That they have them from the listener saves six calls for each. They make things better, not right:
/// where the system refuses one, the server serves all the same.
fn tune(socket: &Socket) {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER))
        .and_then(|()| socket.set_tcp_keepalive(&keepalive))
        .and_then(|()| socket.set_tcp_user_timeout(Some(TCP_USER_TIMEOUT)));
    if let Err(error) = tuned {
        tracing::warn!(%error, "could not tune the listener");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_have_their_settings_from_the_listener() {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        // It waits from the moment on at which the system took it, before anybody has accepted anything.
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(false).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let socket = socket2::SockRef::from(&stream);
        assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(60));
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(15));
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(TCP_USER_TIMEOUT));
        // Linux counts its own book-keeping too.
        assert_eq!(socket.send_buffer_size().unwrap(), 2 * SEND_BUFFER);
    }
}

//! A WebSocket handshake as bytes, for clients that go on in a way that no library allows.

/// The request that joins a showtime's room at `address`.
pub fn websocket(address: &str, show: &str) -> String {
    format!(
        "GET /api/v1/showtimes/{show}/live HTTP/1.1\r\nHost: {address}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

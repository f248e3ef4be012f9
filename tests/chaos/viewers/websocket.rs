//! A viewer on a WebSocket.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::{self, Message};

use super::viewer::{Ended, Viewer};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The server pings every 25 s; one that is silent for longer is gone.
const SILENCE: Duration = Duration::from_secs(40);

impl Viewer {
    /// Connects, resumes, and reads until it is over.
    pub async fn over_websocket(&mut self) -> Ended {
        let since = self.position().map(|position| format!("?since={position}")).unwrap_or_default();
        let url = format!("{}/live{since}", self.base().replacen("http", "ws", 1));
        let connecting = tokio_tungstenite::connect_async(url);
        let mut socket = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok((socket, _))) => socket,
            Ok(Err(tungstenite::Error::Http(answer))) => {
                let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
                return Self::refused(answer.status().as_u16(), retry_after);
            }
            Ok(Err(_)) | Err(_) => return Ended::lost(false),
        };
        self.begin();
        let mut lived = false;
        loop {
            tokio::select! {
                order = self.orders.recv() => if let Some(ended) = self.obey(order).await { return ended },
                read = tokio::time::timeout(SILENCE, socket.next()) => match read {
                    Ok(Some(Ok(Message::Text(text)))) => {
                        let message = match serde_json::from_str(&text) {
                            Ok(message) => message,
                            Err(error) => return Ended::Wrong(format!("{error}: {text}")),
                        };
                        lived = true;
                        if let Some(ended) = self.take(message) { return ended }
                    }
                    Ok(Some(Ok(Message::Close(frame)))) => {
                        let never = |frame: &tungstenite::protocol::CloseFrame| {
                            matches!(u16::from(frame.code), 1000 | 1002 | 1003 | 1007 | 1009 | 4000..)
                        };
                        return match frame.filter(never) {
                            Some(frame) => Ended::Wrong(format!("the server closed with {frame:?}")),
                            None => Ended::lost(lived),
                        };
                    }
                    Ok(Some(Ok(_))) => {}
                    Ok(Some(Err(_)) | None) | Err(_) => return Ended::lost(lived),
                },
            }
        }
    }
}

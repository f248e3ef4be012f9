//! A viewer on Server-Sent Events.

use std::time::Duration;

use rand::RngExt;

use super::event_reader::{Event, EventReader, Read};
use super::viewer::{Ended, Viewer, retry_after};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);
/// The server sends a comment every 15 s; one that is silent for longer is gone.
const SILENCE: Duration = Duration::from_secs(40);

impl Viewer {
    /// Connects, resumes by header or by query, and reads until it is over.
    pub async fn over_events(&mut self) -> Ended {
        let address = format!("{}/events", self.base());
        let request = match self.position() {
            Some(position) if self.random.random() => {
                self.http.get(address).header("last-event-id", position.to_string())
            }
            Some(position) => self.http.get(format!("{address}?since={position}")),
            None => self.http.get(address),
        };
        let request = request.header("accept", "text/event-stream");
        let Ok(Ok(mut answer)) = tokio::time::timeout(CONNECT_TIMEOUT, request.send()).await else {
            return Ended::lost(false);
        };
        if answer.status() != 200 {
            return Self::refused(answer.status().as_u16(), retry_after(&answer));
        }
        self.begin();
        let (mut lived, mut retry, mut reader) = (false, Duration::ZERO, EventReader::default());
        loop {
            tokio::select! {
                order = self.orders.recv() => if let Some(ended) = self.obey(order).await { return ended },
                read = tokio::time::timeout(SILENCE, answer.chunk()) => {
                    let Ok(Ok(Some(piece))) = read else { return Ended::Lost { lived, wait: retry } };
                    for read in reader.take(&piece) {
                        match read {
                            Read::Event(event) => {
                                lived = true;
                                if let Some(ended) = self.take_event(&event) { return ended }
                            }
                            Read::Retry(millis) => retry = Duration::from_millis(millis),
                            Read::Comment => {}
                        }
                    }
                }
            }
        }
    }

    fn take_event(&self, event: &Event) -> Option<Ended> {
        let message = match serde_json::from_str(&event.data) {
            Ok(message) => message,
            Err(error) => return Some(Ended::Wrong(format!("{error}: {event:?}"))),
        };
        let ended = self.take(message);
        let moves = matches!(event.name.as_str(), "snapshot" | "diff");
        let position = self.position().map(|position| position.to_string());
        if ended.is_none() && moves && position.as_ref() != Some(&event.id) {
            return Some(Ended::Wrong(format!("an event with the id {:?} leads to {position:?}", event.id)));
        }
        ended
    }
}

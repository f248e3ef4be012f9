//! A viewer that asks what changed since its position, and has the answer wait until there is something.

use std::time::Duration;

use rand::RngExt;
use serde::Deserialize;

use super::map::{Diff, Snapshot};
use super::viewer::{Ended, Viewer, retry_after};

/// Seconds that an answer may wait.
const WAITS: std::ops::RangeInclusive<u32> = 5..=25;
/// On top of that.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Between an answer and the next question, so that changes that come together come in one answer.
const PAUSE: std::ops::Range<f64> = 0.3..0.9;

#[derive(Debug, Deserialize)]
struct Answer {
    stale: bool,
    #[serde(flatten)]
    news: News,
}

/// One of the two.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum News {
    Diff(Diff),
    Snapshot { snapshot: Snapshot },
}

impl Viewer {
    /// Asks again and again until it is over.
    pub async fn by_long_polls(&mut self) -> Ended {
        self.begin();
        let mut lived = false;
        loop {
            let wait = self.random.random_range(WAITS);
            let since = self.position().map(|position| format!("&since={position}")).unwrap_or_default();
            let request = self.http.get(format!("{}/seats/changes?wait={wait}{since}", self.base()));
            let patience = Duration::from_secs(u64::from(wait)) + ANSWER_TIMEOUT;
            let asking = tokio::time::timeout(patience, ask(request));
            let ended = tokio::select! {
                order = self.orders.recv() => self.obey(order).await,
                asked = asking => match asked {
                    Ok(Ok(answer)) => self.take_changes(answer),
                    Ok(Err(_)) | Err(_) => Some(Ended::lost(lived)),
                },
            };
            if let Some(ended) = ended {
                return ended;
            }
            lived = true;
            let pause = Duration::from_secs_f64(self.random.random_range(PAUSE));
            tokio::select! {
                order = self.orders.recv() => if let Some(ended) = self.obey(order).await { return ended },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn take_changes(&self, (answer, body): (reqwest::Response, String)) -> Option<Ended> {
        match answer.status().as_u16() {
            200 => {}
            204 => {
                let mut sight = self.sight.lock();
                (sight.connected, sight.stale) = (true, false);
                return None;
            }
            status => return Some(Self::refused(status, retry_after(&answer))),
        }
        let may_go_back = self.may_go_back();
        let mut sight = self.sight.lock();
        let taken = match serde_json::from_str(&body) {
            Ok(Answer { stale, news }) => {
                sight.stale = stale;
                match news {
                    News::Diff(diff) => sight.take_diff(diff, &self.plan),
                    News::Snapshot { snapshot } => sight.take_snapshot(snapshot, self.plan.len(), may_go_back),
                }
            }
            Err(error) => Err(format!("{error}: {body}")),
        };
        drop(sight);
        self.findings.checked(crate::findings::Invariant::Ordered, 1);
        taken.err().map(Ended::Wrong)
    }
}

/// The answer, with its body apart.
async fn ask(request: reqwest::RequestBuilder) -> reqwest::Result<(reqwest::Response, String)> {
    let mut answer = request.send().await?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
    }
    Ok((answer, String::from_utf8_lossy(&body).into_owned()))
}

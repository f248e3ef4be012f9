//! One change that somebody wants, asked for again and again until the answer is certain: every repetition is safe, and until
//! then it may have happened or not.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// An attempt is given up after this long. Nodes give Redis 2 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Bounds of the random wait before a new attempt; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// So many attempts that did nothing are enough: whoever wanted it goes away.
const IDLE_ATTEMPTS: u32 = 5;

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Done(Value),
    /// 409: nothing was changed, and why.
    Refused(Value),
    /// Given up, and it never happened.
    Untouched,
    /// An answer that must not come.
    Strange(String),
}

/// A change that is asked for.
pub struct Asking<'a> {
    pub http: &'a reqwest::Client,
    pub addresses: &'a [String],
    pub method: &'static str,
    pub path: String,
    pub body: Value,
    /// Nobody waits any more for what has not happened yet.
    pub ending: &'a CancellationToken,
    pub random: &'a mut StdRng,
    /// Attempts of unknown outcome.
    pub doubts: u64,
}

/// What came of one attempt.
enum Attempt {
    Certain(Answer),
    /// It did nothing; the server asked for this wait.
    Nothing(Duration),
    /// It may have happened.
    Doubt(Duration),
}

impl Asking<'_> {
    /// Asks one node after another, beginning with any.
    pub async fn until_certain(&mut self) -> Answer {
        let mut node = self.random.random_range(0..self.addresses.len());
        for failures in 0_u32.. {
            let wait = match self.attempt(node).await {
                Attempt::Certain(answer) => return answer,
                Attempt::Nothing(wait) => wait,
                Attempt::Doubt(wait) => {
                    self.doubts += 1;
                    wait
                }
            };
            if self.doubts == 0 && (failures >= IDLE_ATTEMPTS || self.ending.is_cancelled()) {
                break;
            }
            let bound = FIRST_WAIT.saturating_mul(1 << failures.min(8)).min(LONGEST_WAIT);
            tokio::time::sleep(wait + bound.mul_f64(self.random.random())).await;
            node = (node + 1) % self.addresses.len();
        }
        Answer::Untouched
    }

    async fn attempt(&self, node: usize) -> Attempt {
        let url = format!("http://{}{}", self.addresses[node], self.path);
        let method = self.method.parse().expect("a method");
        let request = self.http.request(method, url).json(&self.body).timeout(ATTEMPT_TIMEOUT);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Attempt::Nothing(Duration::ZERO),
            Err(_) => return Attempt::Doubt(Duration::ZERO),
        };
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = Duration::from_secs(retry_after.unwrap_or(0));
        let Ok(text) = answer.bytes().await else { return Attempt::Doubt(Duration::ZERO) };
        let body: Value = serde_json::from_slice(&text).unwrap_or_default();
        match (status, body["code"].as_str()) {
            (200, _) => Attempt::Certain(Answer::Done(body)),
            (409, _) => Attempt::Certain(Answer::Refused(body)),
            // 408: the connection lay idle, and was given up in the moment in which it was used.
            (503, Some("outcome_unknown")) | (408, _) => Attempt::Doubt(wait),
            (503, _) => Attempt::Nothing(wait),
            _ => Attempt::Certain(Answer::Strange(format!("{status} {body}"))),
        }
    }
}

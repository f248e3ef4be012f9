//! Waiting for a state, with a deadline. There are no sleeps as synchronisation.

use std::time::{Duration, Instant};

/// How long a state may take before a test gives up. It is no measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until `ask` has an answer.
///
/// # Panics
/// When there is none in time; `what` says what was waited for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

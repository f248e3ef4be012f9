//! Asking sentinels where the primary is. All are asked each time; one that is dead, cut off, or behind does not matter while
//! another knows better: what was decided last has the highest configuration epoch.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult};
use tokio::time::timeout;

/// A sentinel that has not answered by then is left out.
const PATIENCE: Duration = Duration::from_secs(1);

/// The sentinels of one primary.
pub struct Sentinels {
    sentinels: Vec<Sentinel>,
    /// What they call it.
    name: String,
}

struct Sentinel {
    client: Client,
    /// Kept between questions. Held for a clone or a replacement, never across an await.
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// Where a sentinel says the primary is, and since which configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    epoch: u64,
    host: String,
    port: u16,
}

impl Sentinels {
    /// Sentinels that are not connected yet.
    pub fn new(clients: impl IntoIterator<Item = Client>, name: String) -> Self {
        let sentinel = |client| Sentinel { client, connection: Mutex::new(None) };
        Self { sentinels: clients.into_iter().map(sentinel).collect(), name }
    }

    /// Where the primary is: one address, or several that are said to be it since the same configuration, the one that most
    /// name first.
    ///
    /// # Errors
    /// What each sentinel said, or why it could not be asked, when none knows.
    pub async fn ask(&self) -> RedisResult<Vec<(String, u16)>> {
        let answers = join_all(self.sentinels.iter().map(|sentinel| sentinel.ask(&self.name))).await;
        let (mut said, mut failed) = (Vec::new(), Vec::new());
        for (sentinel, answer) in self.sentinels.iter().zip(answers) {
            match answer {
                Ok(answer) => said.push(answer),
                Err(error) => failed.push(format!("{}: {error}", sentinel.client.get_connection_info().addr())),
            }
        }
        if said.is_empty() {
            return Err((ErrorKind::Client, "no sentinel says where the primary is", failed.join("; ")).into());
        }
        Ok(newest(said))
    }
}

impl Sentinel {
    async fn ask(&self, name: &str) -> RedisResult<Said> {
        let answer = timeout(PATIENCE, self.try_ask(name))
            .await
            .unwrap_or_else(|_| Err((ErrorKind::Client, "no answer in time").into()));
        if answer.is_err() {
            *self.connection.lock() = None;
        }
        answer
    }

    async fn try_ask(&self, name: &str) -> RedisResult<Said> {
        let connection = self.connection.lock().clone();
        let mut connection = match connection {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        // While a failover goes on, the sentinel that leads it describes the old primary under the new epoch; where clients are to
        // go it says rightly.
        let mut both = redis::pipe();
        both.cmd("SENTINEL").arg("MASTER").arg(name).cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(name);
        let (master, (host, port)): (HashMap<String, String>, (String, u16)) =
            both.query_async(&mut connection).await?;
        let epoch = master.get("config-epoch").and_then(|epoch| epoch.parse().ok());
        let epoch = epoch.ok_or_else(|| RedisError::from((ErrorKind::Client, "an answer lacks the config-epoch")))?;
        let said = Said { epoch, host, port };
        *self.connection.lock() = Some(connection);
        Ok(said)
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }
}

/// The addresses of the newest configuration, the one with the most voices first.
fn newest(said: Vec<Said>) -> Vec<(String, u16)> {
    let newest = said.iter().map(|said| said.epoch).max();
    let mut voices: Vec<((String, u16), usize)> = Vec::new();
    for said in said.into_iter().filter(|said| Some(said.epoch) == newest) {
        let address = (said.host, said.port);
        match voices.iter_mut().find(|(known, _)| *known == address) {
            Some((_, count)) => *count += 1,
            None => voices.push((address, 1)),
        }
    }
    voices.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    voices.into_iter().map(|(address, _)| address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_configuration_counts_and_then_the_most_voices() {
        let said = |epoch, host: &str| Said { epoch, host: host.into(), port: 1 };
        let hosts = |said| newest(said).into_iter().map(|(host, _)| host).collect::<Vec<_>>();
        assert_eq!(hosts(vec![said(3, "old"), said(3, "old"), said(4, "new")]), ["new"]);
        assert_eq!(hosts(vec![said(0, "stray"), said(0, "most"), said(0, "most")]), ["most", "stray"]);
    }
}

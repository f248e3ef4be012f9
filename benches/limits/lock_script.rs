//! The script that the server runs for a lock, as Redis was told it and with what it was run, and the same under `redis-benchmark`.

use std::process::Command;

use futures_util::StreamExt;

use super::ground::Ground;
use super::support::RedisServer;

/// A line that a benchmark's script begins with: which seat is next. `redis-benchmark` says the same each time, and what it can
/// replace at random is neither fresh each time nor the same in two places.
const NEXT: &str = "local next = string.format('%.0f', redis.call('HINCRBY', 'bench', 'next', 1)) \
                    KEYS[10], ARGV[3], ARGV[5] = KEYS[10] .. next, next, ARGV[5] .. next\n";
/// Where these are among a run's arguments after its keys (`lua/prelude.lua`, `lua/lock.lua`).
const INDEX: usize = 2;
const VALID_UNTIL: usize = 3;
const HOLDER: usize = 4;
/// How much longer a benchmark's requests are valid than the one that was seen, in ms.
const LONGER: i64 = 3_600_000;

/// A lock's script and arguments, but for the number of the seat.
pub struct LockScript {
    text: String,
    keys: Vec<String>,
    arguments: Vec<String>,
}

impl LockScript {
    /// Watches what Redis is told while a seat is locked, whose name and user end in `0`. Nothing is locked before.
    pub async fn watch(redis: &RedisServer, seat: &str, user: &str, lock: impl AsyncFnOnce()) -> Self {
        let mut monitor = redis.client().get_async_monitor().await.expect("redis lets itself be watched");
        let mut lines = monitor.on_message::<String>();
        lock().await;
        let (mut texts, mut run) = (Vec::new(), None);
        // A script that Redis does not know yet is refused, told, and run again.
        let (run, text) = loop {
            let mut words = words(&lines.next().await.expect("redis goes on"));
            match words.first().map(String::as_str) {
                Some("SCRIPT") => texts.extend(words.pop()),
                Some("EVALSHA") if words.iter().any(|word| word == user) => run = Some(words),
                _ => continue,
            }
            let Some(run) = &run else { continue };
            if let Some(text) = Self::with_digest(redis, &run[1], &texts).await {
                break (run.clone(), text);
            }
        };
        let count: usize = run[2].parse().expect("a number of keys");
        let (keys, arguments) = run[3..].split_at(count);
        let mut script = Self { text, keys: keys.to_vec(), arguments: arguments.to_vec() };
        script.leave_open(seat, user);
        script
    }

    /// The text that has this digest, if it is among them.
    async fn with_digest(redis: &RedisServer, digest: &str, texts: &[String]) -> Option<String> {
        for text in texts {
            let told: String = redis.command(&["SCRIPT", "LOAD", text]).await;
            if told == digest {
                return Some(text.clone());
            }
        }
        None
    }

    /// Takes the seat's number out of where it was.
    fn leave_open(&mut self, seat: &str, user: &str) {
        let (key, holder) = (self.keys.last_mut().expect("a lock key"), &mut self.arguments[HOLDER]);
        assert!(
            key.ends_with(seat) && holder == user && seat.ends_with('0') && user.ends_with('0'),
            "the lock's parts"
        );
        key.pop();
        holder.pop();
        self.arguments[INDEX].clear();
        let until: i64 = self.arguments[VALID_UNTIL].parse().expect("an instant");
        self.arguments[VALID_UNTIL] = (until + LONGER).to_string();
    }

    /// Has `redis-benchmark` lock the seats from 1 on, so many at a time. Returns how many it did in a second.
    pub fn run(&self, redis: &RedisServer, ground: &Ground, seats: usize, in_flight: usize) -> f64 {
        let (first_line, rest) = self.text.split_once('\n').expect("a script has lines");
        let text = format!("{first_line}\n{NEXT}{rest}");
        let digest: String = ground.runtime.block_on(redis.command(&["SCRIPT", "LOAD", &text]));
        let output = Command::new("redis-benchmark")
            .args(["-p", &redis.port().to_string(), "-c", &in_flight.to_string(), "-n", &seats.to_string(), "--csv"])
            .args(["EVALSHA", &digest, &self.keys.len().to_string()])
            .args(self.keys.iter().chain(&self.arguments))
            .output()
            .expect("redis-benchmark is installed (Debian package redis-tools)");
        let text = String::from_utf8_lossy(&output.stdout);
        // A head, and a line: what was run, then how often in a second, each in quotes. What was run has commas and quotes.
        let last = text.lines().last().unwrap_or_default();
        let cell = last.rsplit("\",\"").nth(6).and_then(|cell| cell.parse().ok());
        cell.unwrap_or_else(|| panic!("redis-benchmark said {text:?}"))
    }
}

/// The words of a line that `MONITOR` gives: when and from whom, then each word in quotes, with escapes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = line.split_once("] ").map_or("", |(_, words)| words).chars();
    while letters.by_ref().any(|letter| letter == '"') {
        let mut word = String::new();
        while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
            word.push(if letter == '\\' { escaped(&mut letters) } else { letter });
        }
        words.push(word);
    }
    words
}

fn escaped(letters: &mut impl Iterator<Item = char>) -> char {
    match letters.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('a') => '\x07',
        Some('b') => '\x08',
        Some('x') => {
            let code: String = letters.take(2).collect();
            u8::from_str_radix(&code, 16).map(char::from).expect("two digits")
        }
        other => other.expect("a letter after a backslash"),
    }
}

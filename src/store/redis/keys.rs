//! The names of keys and channels, and nothing else. The showtime stands in braces, so that all its keys share a cluster slot.

use crate::domain::ids::ShowtimeId;
use crate::domain::plan::PlanHash;

/// The fixed keys that every script takes, in the order of the scripts' `KEYS[1..9]`.
pub const PARTS: [&str; 9] = ["meta", "map", "locks", "deadlines", "holders", "bookings", "blocks", "ledger", "log"];

/// Names under one prefix, which lets several installations share a Redis database.
#[derive(Clone, Debug)]
pub struct Keys {
    prefix: String,
    /// After the name of a channel: channels do not know databases.
    database: String,
    cluster: bool,
}

impl Keys {
    /// Names that begin with `prefix`, which holds no braces (the configuration refuses them). Channels of another database
    /// than 0 end with its number.
    pub fn new(prefix: impl Into<String>, database: i64) -> Self {
        let database = if database == 0 { String::new() } else { format!(":{database}") };
        Self { prefix: prefix.into(), database, cluster: false }
    }

    /// Names in a cluster, which has no databases.
    pub fn in_cluster(prefix: impl Into<String>) -> Self {
        Self { cluster: true, ..Self::new(prefix, 0) }
    }

    /// Whether the keys are spread over the servers of a cluster.
    pub fn are_in_a_cluster(&self) -> bool {
        self.cluster
    }

    /// The command that carries a showtime's diffs. A cluster keeps them on the server that has the showtime.
    pub fn publish(&self) -> &'static str {
        if self.cluster { "SPUBLISH" } else { "PUBLISH" }
    }

    /// A key that is never there, for scripts in a cluster to name: while a showtime moves from one server to another, both
    /// refuse a script of which a key is missing. A script that began in such a moment would be stopped in its middle, at the
    /// first key that it removes and writes again.
    pub fn nowhere(&self, id: &ShowtimeId) -> Option<String> {
        self.cluster.then(|| self.part(id, "nowhere"))
    }

    /// Names the keys that every script takes, one after another.
    pub fn each_of_showtime(&self, id: &ShowtimeId, mut name: impl FnMut(&str)) {
        let mut key = self.part(id, "");
        let beginning = key.len();
        for part in PARTS {
            key.truncate(beginning);
            key.push_str(part);
            name(&key);
        }
    }

    /// One key of a showtime, by its part's name.
    fn part(&self, id: &ShowtimeId, part: &str) -> String {
        format!("{}showtime:{{{id}}}:{part}", self.prefix)
    }

    /// The description of a showtime.
    pub fn meta(&self, id: &ShowtimeId) -> String {
        self.part(id, "meta")
    }

    /// Deadlines by seat index.
    pub fn deadlines(&self, id: &ShowtimeId) -> String {
        self.part(id, "deadlines")
    }

    /// Booking ids by seat index.
    pub fn bookings(&self, id: &ShowtimeId) -> String {
        self.part(id, "bookings")
    }

    /// Reasons of blocked seats by seat index.
    pub fn blocks(&self, id: &ShowtimeId) -> String {
        self.part(id, "blocks")
    }

    /// The announced locks by seat index.
    pub fn locks(&self, id: &ShowtimeId) -> String {
        self.part(id, "locks")
    }

    /// The channel of a showtime's diffs.
    pub fn diffs(&self, id: &ShowtimeId) -> String {
        format!("{}{}", self.part(id, "diffs"), self.database)
    }

    /// The showtime whose diffs a channel carries.
    pub fn showtime_of_channel(&self, channel: &str) -> Option<ShowtimeId> {
        let name = channel.strip_prefix(&self.prefix)?.strip_suffix(&self.database)?;
        let id = name.strip_prefix("showtime:{")?.strip_suffix("}:diffs")?;
        ShowtimeId::parse(id).ok()
    }

    /// The lock of a seat: the authority for "locked".
    pub fn seat_lock(&self, id: &ShowtimeId, seat: &str) -> String {
        format!("{}seat_lock:{{{id}}}:{seat}", self.prefix)
    }

    /// What all locks' keys begin with.
    pub fn all_seat_locks(&self) -> String {
        format!("{}seat_lock:{{", self.prefix)
    }

    /// The showtime and the seat whose lock a key is.
    pub fn seat_of_lock<'key>(&self, key: &'key str) -> Option<(ShowtimeId, &'key str)> {
        let rest = key.strip_prefix(&self.prefix)?.strip_prefix("seat_lock:{")?;
        let (id, seat) = rest.split_once("}:")?;
        Some((ShowtimeId::parse(id).ok()?, seat))
    }

    /// The set of all showtimes' ids.
    pub fn showtimes(&self) -> String {
        format!("{}showtimes", self.prefix)
    }

    /// A seating plan.
    pub fn plan(&self, hash: &PlanHash) -> String {
        format!("{}plan:{{{}}}", self.prefix, hash.as_str())
    }

    /// The channel on which a node hears itself. In a cluster `home` says by which server.
    pub fn probe(&self, node: &str, home: Option<&ShowtimeId>) -> String {
        let home = home.map(|home| format!("{{{home}}}:")).unwrap_or_default();
        format!("{}seatcast:probe:{home}{node}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_key_is_read_back_whatever_the_seat_is_called() {
        let keys = Keys::new("prod:", 0);
        let id = ShowtimeId::parse("42").unwrap();
        for seat in ["A-1", "Goal Stand 4/A/1", "odd}:{seat", "ü7"] {
            let key = keys.seat_lock(&id, seat);
            assert_eq!(keys.seat_of_lock(&key), Some((id.clone(), seat)));
        }
        assert_eq!(keys.seat_lock(&id, "A-1"), "prod:seat_lock:{42}:A-1");
        assert_eq!(keys.seat_of_lock("seat_lock:{42}:A-1"), None, "another installation's key");
        assert_eq!(keys.seat_of_lock("prod:session:17"), None);
    }

    #[test]
    fn a_channel_is_read_back() {
        let id = ShowtimeId::parse("gala_7").unwrap();
        let (keys, others) = (Keys::new("", 0), Keys::new("", 3));
        assert_eq!(keys.diffs(&id), "showtime:{gala_7}:diffs");
        for keys in [&keys, &others] {
            assert_eq!(keys.showtime_of_channel(&keys.diffs(&id)).as_ref(), Some(&id));
        }
        assert_eq!(keys.showtime_of_channel(&others.diffs(&id)), None, "another database's channel");
        assert_eq!(keys.showtime_of_channel("__keyevent@0__:set"), None);
    }
}

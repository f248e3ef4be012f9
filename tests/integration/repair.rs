//! What the feed loses without saying so is found and mended, and finding it costs the store little.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;

use crate::support::plan::SeatIds;
use crate::support::proxy::{Proxy, Traffic};
use crate::support::server::redis_config;
use crate::support::{Api, Node, RedisServer, Reply, Viewer, eventually};

const SHOW: &str = "42";

async fn gaps(node: &Node) -> u64 {
    let ready = node.api.get("/health/ready").await;
    ready.body["checks"]["feed"]["gaps"].as_u64().expect("a number of gaps")
}

/// Sells a seat as a script does whose publication nobody hears.
async fn sell_in_silence(redis: &RedisServer, seat: u64) {
    let epoch: String = redis.command(&["HGET", "showtime:{42}:meta", "epoch"]).await;
    let _: () = redis.command(&["SETRANGE", "showtime:{42}:map", &seat.to_string(), "o"]).await;
    let seq: u64 = redis.command(&["HINCRBY", "showtime:{42}:meta", "seq", "1"]).await;
    let entry = json!({ "v": 1, "e": epoch, "s": seq, "t": 0, "c": [[seat, "o"]] }).to_string();
    let _: String = redis.command(&["XADD", "showtime:{42}:log", &format!("{seq}-0"), "d", &entry]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_was_lost_is_found_although_nothing_follows_it() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
    assert_eq!(gaps(&node).await, 0);
    sell_in_silence(&redis, 0).await;
    viewer.until_seat("A-1", 'o').await;
    assert_eq!((viewer.snapshots, viewer.stale), (1, false), "history filled the gap");
    assert_eq!(gaps(&node).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_that_was_lost_is_found_by_the_next_one() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    sell_in_silence(&redis, 0).await;
    node.api.lock(SHOW, &["A-2"], 7).await.expect(200);
    viewer.until_seat("A-2", 'l').await;
    assert!(viewer.replica.states.starts_with("ol"), "{}", viewer.replica.states);
    assert_eq!((viewer.snapshots, viewer.seen, gaps(&node).await), (1, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_emptied_in_silence_ends_the_room() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    let _: () = redis.command(&["FLUSHALL"]).await;
    assert_eq!(viewer.until_closed().await, 4404);
}

/// How often Redis has read a showtime's history, or its whole map.
async fn reads(redis: &RedisServer) -> u64 {
    let stats: String = redis.command(&["INFO", "commandstats"]).await;
    let calls = |command: &str| {
        let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")))?;
        line.split(',').next()?.parse::<u64>().ok()
    };
    calls("xrange").unwrap_or(0) + calls("xrevrange").unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_rooms_recover_with_a_few_reads_each() {
    const ROOMS: u64 = 1_000;
    let redis = RedisServer::start();
    let patient = seatcast::config::Config { room_linger: Duration::from_secs(600), ..redis_config(&redis.url()) };
    let node = Node::with(patient).await;
    let names: Vec<String> = (0..ROOMS).map(|n| format!("s{n}")).collect();
    for name in &names {
        node.api.create(name, "cinema", 900).await;
        // A poll opens a room, and several at once read it once.
        tokio::join!(node.api.status(name), node.api.status(name), node.api.status(name));
    }
    assert_eq!(node.room_count() as u64, ROOMS);
    assert!(reads(&redis).await <= ROOMS * 2, "three polls at once open a room with one read");
    let before = reads(&redis).await;
    for kind in ["normal", "pubsub"] {
        let _: i64 = redis.command(&["CLIENT", "KILL", "TYPE", kind]).await;
    }
    for name in &names {
        eventually("the room is live again", async || {
            let answer = node.api.status(name).await.expect(200);
            (answer["stale"] == false).then_some(())
        })
        .await;
    }
    node.api.lock(&names[999], &["A-1"], 7).await.expect(200);
    eventually("the last room follows", async || {
        (node.api.seat(&names[999], "A-1").await["status"] == "locked").then_some(())
    })
    .await;
    let read = reads(&redis).await - before;
    assert!((ROOMS..ROOMS * 3).contains(&read), "{read} reads for {ROOMS} rooms");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_whose_connection_breaks_are_answered_with_what_became_of_them() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    for (seat, is_done) in [("A-1", true), ("A-2", false)] {
        // Redis has the change and carries it out later, or never, and the connection is gone before it answers.
        let _: () = redis.command(&["CLIENT", "PAUSE", "60000", "WRITE"]).await;
        let (api, name) = (node.api.clone(), seat.to_owned());
        let locking = tokio::spawn(async move { api.lock(SHOW, &[&name], 7).await });
        eventually("the change waits in Redis", async || {
            let clients: String = redis.command(&["INFO", "clients"]).await;
            (!clients.contains("blocked_clients:0")).then_some(())
        })
        .await;
        if is_done {
            let _: () = redis.command(&["CLIENT", "UNPAUSE"]).await;
        }
        let _: i64 = redis.command(&["CLIENT", "KILL", "TYPE", "normal"]).await;
        let _: () = redis.command(&["CLIENT", "UNPAUSE"]).await;
        let reply = locking.await.unwrap().expect(200);
        assert_eq!(reply["seats"][0]["seatId"], seat);
        viewer.until_seat(seat, 'l').await;
    }
    assert_eq!((viewer.snapshots, viewer.seen), (1, 2), "each was made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_given_up_does_not_happen_when_redis_wakes() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await;
    redis.signal("STOP");
    assert_eq!(node.api.lock(SHOW, &["A-1"], 7).await.problem(503), "outcome_unknown");
    redis.signal("CONT");
    node.ready().await;
    let locked = node.api.lock(SHOW, &["A-2"], 8).await.expect(200);
    viewer.until_position(locked["position"].as_str().unwrap()).await;
    assert!(viewer.replica.states.starts_with("al"), "{}", viewer.replica.states);
    assert_eq!(viewer.seen, 1);
}

/// A server that reaches Redis through a proxy, and another that does not.
struct Apart {
    redis: RedisServer,
    proxy: Proxy,
    far: Node,
    near: Node,
}

impl Apart {
    async fn start() -> Self {
        let redis = RedisServer::start();
        let proxy = Proxy::start(format!("127.0.0.1:{}", redis.port())).await;
        let far = Node::with(redis_config(&format!("redis://{}", proxy.address))).await;
        let near = Node::start(&redis).await;
        near.api.create(SHOW, "cinema", 900).await;
        // From now on it knows the showtime, and Redis the scripts: nothing is asked but for the change.
        far.api.lock(SHOW, &["H-1", "H-2"], 9).await.expect(200);
        far.api.book(SHOW, &["H-1"], 9, "b-9").await.expect(200);
        far.api.release(SHOW, &["H-1"], "b-9").await.expect(200);
        far.api.unlock(SHOW, &["H-2"], 9).await.expect(200);
        Self { redis, proxy, far, near }
    }

    /// Has a request carried out whose answer is lost: until the seat has this letter in Redis, then `meanwhile`.
    async fn lose_answer(
        &self,
        request: impl Future<Output = Reply> + Send + 'static,
        (seat, letter): (&str, &str),
        meanwhile: impl AsyncFnOnce(),
    ) -> Reply {
        self.far.ready().await;
        self.proxy.set(Traffic::OneWay);
        let asking = tokio::spawn(request);
        let seat = SeatIds::shipped("cinema").index(seat).to_string();
        eventually("the change is made", async || {
            let found: String = self.redis.command(&["GETRANGE", "showtime:{42}:map", &seat, &seat]).await;
            (found == letter).then_some(())
        })
        .await;
        meanwhile().await;
        self.proxy.set(Traffic::Cut);
        eventually("the server has lost Redis", async || {
            (self.far.api.get("/health/store").await.status == 503).then_some(())
        })
        .await;
        self.proxy.set(Traffic::Flows);
        asking.await.expect("the server answers")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_made_up_for_only_where_it_is_certain() {
    let apart = Apart::start().await;
    let (api, near) = (apart.far.api.clone(), apart.near.api.clone());
    let asked = |ask: &'static (dyn Fn(Api) -> BoxFuture<'static, Reply> + Sync)| ask(api.clone());
    let nothing = async || ();

    let lock = asked(&|api| Box::pin(async move { api.lock(SHOW, &["A-1", "A-2"], 7).await }));
    assert_eq!(apart.lose_answer(lock, ("A-1", "l"), nothing).await.expect(200)["seats"].as_array().unwrap().len(), 2);
    let book = asked(&|api| Box::pin(async move { api.book(SHOW, &["A-1", "A-2"], 7, "b-1").await }));
    let booked = apart.lose_answer(book, ("A-1", "o"), nothing).await.expect(200);
    assert_eq!(booked["replayed"], false, "it was asked for once");
    assert_eq!(near.book(SHOW, &["A-1", "A-2"], 7, "b-1").await.expect(200)["replayed"], true);

    // What is free now was freed by the request, or was free: nobody can tell.
    let release = asked(&|api| Box::pin(async move { api.release(SHOW, &["A-1"], "b-1").await }));
    let lost = apart.lose_answer(release, ("A-1", "a"), nothing).await;
    assert_eq!(lost.problem(503), "outcome_unknown");
    assert_eq!(near.release(SHOW, &["A-1"], "b-1").await.status, 200, "to repeat it is safe");

    near.lock(SHOW, &["B-1", "B-2"], 7).await.expect(200);
    let unlock = asked(&|api| Box::pin(async move { api.unlock(SHOW, &["B-1", "B-2"], 7).await }));
    let rival = async || drop(near.lock(SHOW, &["B-1"], 8).await.expect(200));
    let lost = apart.lose_answer(unlock, ("B-2", "a"), rival).await;
    assert_eq!(lost.problem(503), "outcome_unknown", "it is not so that nothing was released");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_showtime_that_cannot_be_read_spoils_no_comparison() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    let seats = SeatIds::shipped("cinema");
    for show in [SHOW, "broken"] {
        node.api.create(show, "cinema", 900).await;
    }
    let mut viewer = Viewer::join(&node.api.base, SHOW, &seats).await;
    let _other = Viewer::join(&node.api.base, "broken", &seats).await;
    let _: () = redis.command(&["SET", "showtime:{broken}:meta", "no hash"]).await;
    sell_in_silence(&redis, 0).await;
    viewer.until_seat("A-1", 'o').await;
    assert_eq!(gaps(&node).await, 1);
}

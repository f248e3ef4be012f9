//! A Redis whose history went back: flushed, restored from an older backup, made a copy of another. What was shown is not
//! continued: every map equals the store again, in a new epoch.

use std::path::Path;
use std::process::Command;

use crate::support::plan::SeatIds;
use crate::support::{Node, RedisServer, Viewer, eventually};

const SHOW: &str = "42";

fn epoch(viewer: &Viewer) -> String {
    viewer.replica.position.split('-').next().expect("an epoch").to_owned()
}

async fn join(node: &Node) -> Viewer {
    Viewer::join(&node.api.base, SHOW, &SeatIds::shipped("cinema")).await
}

/// A viewer who has seen a lock on A-1 that is in the backup, which `save` makes, and then more changes, which are not.
async fn ahead_of_a_backup(node: &Node, save: impl AsyncFnOnce()) -> Viewer {
    node.api.create(SHOW, "cinema", 900).await;
    let mut viewer = join(node).await;
    node.api.lock(SHOW, &["A-1"], 7).await.expect(200);
    save().await;
    for seat in ["A-2", "A-3", "A-4"] {
        node.api.lock(SHOW, &[seat], 7).await.expect(200);
    }
    node.api.book(SHOW, &["A-4"], 7, "b-1").await.expect(200);
    viewer.until_seat("A-4", 'o').await;
    viewer
}

/// The viewer has what the backup had and what came after the restore, in a new epoch.
async fn is_right_again(node: &Node, redis: &RedisServer, viewer: &mut Viewer, before: &str, after: &[&str]) {
    viewer.until("a new epoch", |viewer| epoch(viewer) != before && !viewer.stale).await;
    for seat in ["A-1"].iter().chain(after) {
        viewer.until_seat(seat, 'l').await;
    }
    for seat in ["A-3", "A-4"] {
        viewer.until_seat(seat, 'a').await;
    }
    let map: String = redis.command(&["GET", "showtime:{42}:map"]).await;
    assert_eq!(viewer.replica.states, map);
    let late = join(node).await;
    assert_eq!(late.replica, viewer.replica);
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp failed");
}

async fn locked(node: &Node, seat: &str) {
    eventually("a lock is answered", async || (node.api.lock(SHOW, &[seat], 7).await.status == 200).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_showtime_that_another_node_creates_anew_after_a_flush_is_a_new_one() {
    let redis = RedisServer::start();
    let (one, two) = (Node::start(&redis).await, Node::start(&redis).await);
    let mut viewer = ahead_of_a_backup(&one, async || ()).await;
    let before = epoch(&viewer);
    let _: () = redis.command(&["FLUSHALL"]).await;
    two.api.create(SHOW, "cinema", 900).await;
    two.api.lock(SHOW, &["A-1"], 8).await.expect(200);
    is_right_again(&one, &redis, &mut viewer, &before, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_redis_ends_the_room_without_waiting_for_the_audit() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    let mut viewer = ahead_of_a_backup(&node, async || ()).await;
    let _: () = redis.command(&["FLUSHALL"]).await;
    assert_eq!(viewer.until_closed().await, 4404);
    node.api.create(SHOW, "cinema", 900).await;
    let viewer = join(&node).await;
    assert!(viewer.replica.states.bytes().all(|letter| letter == b'a'));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_of_either_kind_is_not_taken_for_a_continuation() {
    let rdb = (RedisServer::with(&["--save", ""]), "dump.rdb");
    for (mut redis, file) in [rdb, (RedisServer::durable(), "appendonlydir")] {
        let node = Node::start(&redis).await;
        let (here, backup) = (redis.directory().join(file), redis.directory().join("backup"));
        let save = async || {
            if file == "dump.rdb" {
                let _: () = redis.command(&["SAVE"]).await;
            }
            copy(&here, &backup);
        };
        let mut viewer = ahead_of_a_backup(&node, save).await;
        let before = epoch(&viewer);
        redis.kill();
        Command::new("rm").arg("-r").arg(&here).status().expect("rm");
        std::fs::rename(&backup, &here).expect("the backup takes its place");
        redis.run();
        // As many changes as were lost, so that the numbers are the same again.
        for seat in ["B-1", "B-2", "B-3", "B-4"] {
            locked(&node, seat).await;
        }
        is_right_again(&node, &redis, &mut viewer, &before, &["B-1", "B-4"]).await;
        assert_eq!(viewer.closed, None, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_loaded_while_redis_runs_is_noticed_whether_or_not_changes_follow() {
    for following in [&[][..], &["B-1", "B-2", "B-3", "B-4", "B-5", "B-6"]] {
        let redis = RedisServer::with(&["--save", "", "--enable-debug-command", "local"]);
        let node = Node::start(&redis).await;
        let save = async || {
            let _: () = redis.command(&["SAVE"]).await;
        };
        let mut viewer = ahead_of_a_backup(&node, save).await;
        let before = epoch(&viewer);
        let run: String = redis.command(&["HGET", "showtime:{42}:meta", "run"]).await;
        let _: () = redis.command(&["DEBUG", "RELOAD", "NOSAVE"]).await;
        // With these the numbers pass those that were lost before the rooms are compared with the store.
        for seat in following {
            node.api.lock(SHOW, &[seat], 7).await.expect(200);
        }
        is_right_again(&node, &redis, &mut viewer, &before, following).await;
        let after: String = redis.command(&["HGET", "showtime:{42}:meta", "run"]).await;
        assert_eq!(after, run, "redis itself calls its history by the same name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_restored_one_by_one_are_noticed() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    let mut connection = redis.connection().await;
    let names: Vec<String> = ["meta", "map", "locks", "deadlines", "holders", "log"]
        .iter()
        .map(|part| format!("showtime:{{42}}:{part}"))
        .collect();
    let mut dumps: Vec<Vec<u8>> = Vec::new();
    let save = async || {
        for name in &names {
            dumps.push(redis::cmd("DUMP").arg(name).query_async(&mut connection).await.expect("a dump"));
        }
    };
    let mut viewer = ahead_of_a_backup(&node, save).await;
    let before = epoch(&viewer);
    let mut restore = redis::pipe();
    restore.atomic();
    for (name, dump) in names.iter().zip(&dumps) {
        restore.cmd("RESTORE").arg(name).arg(0).arg(dump).arg("REPLACE").ignore();
    }
    restore.cmd("DEL").arg(["seat_lock:{42}:A-2", "seat_lock:{42}:A-3"].as_slice()).ignore();
    let _: () = restore.query_async(&mut connection).await.expect("restored");
    is_right_again(&node, &redis, &mut viewer, &before, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_was_made_a_copy_of_an_older_one_and_is_a_primary_again_begins_a_new_epoch() {
    let redis = RedisServer::with(&["--save", "", "--repl-diskless-sync-delay", "0"]);
    let older = redis.replica();
    let node = Node::start(&redis).await;
    let save = async || {
        redis.is_followed_by(&older).await;
        let _: () = older.command(&["REPLICAOF", "NO", "ONE"]).await;
        let _: () = older.command(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"]).await;
    };
    let mut viewer = ahead_of_a_backup(&node, save).await;
    let before = epoch(&viewer);
    let _: () = redis.command(&["REPLICAOF", "127.0.0.1", &older.port().to_string()]).await;
    older.is_followed_by(&redis).await;
    let _: () = redis.command(&["REPLICAOF", "NO", "ONE"]).await;
    for seat in ["B-1", "B-2", "B-3", "B-4"] {
        locked(&node, seat).await;
    }
    is_right_again(&node, &redis, &mut viewer, &before, &["B-1", "B-4"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_starts_from_an_older_backup_and_is_promoted_begins_a_new_epoch() {
    use crate::support::proxy::{Proxy, Traffic};
    use crate::support::server::redis_config;
    let mut primary = RedisServer::with(&["--save", "", "--repl-diskless-sync-delay", "0"]);
    let mut replica = primary.replica();
    let proxy = Proxy::start(format!("127.0.0.1:{}", primary.port())).await;
    let node = Node::with(redis_config(&format!("redis://{}", proxy.address))).await;
    // A replica's file names the history that it follows, and it goes on by that name when it starts.
    let save = async || {
        primary.is_followed_by(&replica).await;
        let _: () = replica.command(&["SAVE"]).await;
    };
    let mut viewer = ahead_of_a_backup(&node, save).await;
    let before = epoch(&viewer);
    primary.kill();
    replica.kill();
    proxy.set(Traffic::Cut);
    replica.run();
    let _: () = replica.command(&["REPLICAOF", "NO", "ONE"]).await;
    proxy.lead_to(format!("127.0.0.1:{}", replica.port()));
    proxy.set(Traffic::Flows);
    for seat in ["B-1", "B-2", "B-3", "B-4"] {
        locked(&node, seat).await;
    }
    is_right_again(&node, &replica, &mut viewer, &before, &["B-1", "B-4"]).await;
}

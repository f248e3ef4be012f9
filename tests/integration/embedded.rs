//! What is true of the embedded store only: its files, and what happens when they cannot be used.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::plan::SeatIds;
use crate::support::{Node, ServerProcess, TestStore, Viewer, eventually};

const SHOW: &str = "42";

/// Runs the program in a directory until it ends by itself.
fn seatcast(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcast"));
    command
        .env_clear()
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_directory_is_refused_and_told_which_is_there() {
    let store = TestStore::embedded();
    let server = ServerProcess::start(&store.address()).await;
    let elsewhere = TempDir::new().unwrap();
    let second = seatcast(elsewhere.path(), &["--listen", "127.0.0.1:0", "--store", &store.address()]);
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("in use") && said.contains(&format!("process {}", server.id())), "{said}");
    assert_eq!(server.api.get("/health/ready").await.status, 200, "the first one did not notice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused_with_what_to_do_and_left_as_it_is() {
    let store = TestStore::embedded();
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    node.stop().await;
    let TestStore::Embedded(directory) = &store else { panic!("it is embedded") };
    let path = directory.path().join("seatcast.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    std::fs::write(&path, &bytes).unwrap();
    let refused = seatcast(directory.path(), &["--listen", "127.0.0.1:0", "--store", &store.address()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(65), "{said}");
    assert!(said.contains("damaged") && said.contains("seatcast.redb") && said.contains("backup"), "{said}");
    assert!(std::fs::read(&path).unwrap() == bytes);

    // Without the file the store is not empty, but gone.
    std::fs::remove_file(&path).unwrap();
    let refused = seatcast(directory.path(), &["--listen", "127.0.0.1:0", "--store", &store.address()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(65), "{said}");
    assert!(said.contains("gone") && said.contains("lock") && !path.exists(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_makes_maps_stale_until_there_is_room() {
    let store = TestStore::embedded();
    let server = ServerProcess::start(&store.address()).await;
    let api = &server.api;
    api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&api.base, SHOW, &seats).await;
    let locked = api.lock(SHOW, &["A-1"], 7).await.expect(200);
    // The disk of the log is full as well: that must not matter.
    server.limit_files(Some(1));
    let refused = api.lock(SHOW, &["A-2"], 7).await;
    assert!(matches!(refused.problem(503), "store_unavailable" | "outcome_unknown"), "{}", refused.body);
    assert!(!refused.header("retry-after").is_empty());
    viewer.until("the viewer is told that the map is stale", |viewer| viewer.stale).await;
    let status = api.status(SHOW).await.expect(200);
    assert!(status["stale"] == true && status["staleSince"].is_string(), "the map stays readable");
    assert_eq!(api.get("/health/ready").await.status, 503);
    assert_eq!(api.get("/health/live").await.status, 200);
    assert_eq!(api.lock(SHOW, &["A-3"], 7).await.problem(503), "store_unavailable");

    server.limit_files(None);
    eventually("the server is ready", async || (api.get("/health/ready").await.status == 200).then_some(())).await;
    viewer.until("the viewer is told that the map is live", |viewer| !viewer.stale).await;
    let again = api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    assert_eq!(again["seats"][0]["expiresAt"], locked["seats"][0]["expiresAt"], "nothing was lost");
    viewer.until_position(again["position"].as_str().unwrap()).await;
    assert_eq!(viewer.replica.states.matches('l').count(), 2);
}

/// What the server has saved in a directory, oldest first.
fn rescued(directory: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut rescued: Vec<PathBuf> =
        paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("rescued-")).collect();
    rescued.sort();
    rescued
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_removes_is_missed_and_nothing_is_lost_when_it_is_put_back() {
    let store = TestStore::embedded();
    let server = ServerProcess::start(&store.address()).await;
    let api = &server.api.clone();
    api.create(SHOW, "cinema", 900).await;
    let seats = SeatIds::shipped("cinema");
    let mut viewer = Viewer::join(&api.base, SHOW, &seats).await;
    let locked = api.lock(SHOW, &["A-1"], 7).await.expect(200);
    let TestStore::Embedded(directory) = &store else { panic!("it is embedded") };
    let (path, aside) = (directory.path().join("seatcast.redb"), directory.path().join("aside"));
    std::fs::rename(&path, &aside).unwrap();
    // What is answered before the file is missed is as safe as the rest.
    api.block(SHOW, &["C-1"]).await.expect(200);
    viewer.until("the viewer is told that the map is stale", |viewer| viewer.stale).await;
    assert_eq!(api.lock(SHOW, &["A-2"], 7).await.problem(503), "store_unavailable");
    assert!(!path.exists(), "a new store would be an empty one");
    assert_eq!(rescued(directory.path()).len(), 1, "what was in memory is safe");
    std::fs::rename(&aside, &path).unwrap();
    viewer.until("the viewer is told that the map is live", |viewer| !viewer.stale).await;
    let again = api.lock(SHOW, &["A-1", "A-2"], 7).await.expect(200);
    assert_eq!(again["seats"][0]["expiresAt"], locked["seats"][0]["expiresAt"]);
    assert_eq!(api.seat(SHOW, "C-1").await["status"], "blocked");
    assert_eq!(viewer.snapshots, 1, "the history went on");
    assert!(rescued(directory.path()).is_empty(), "nobody needs it any more");

    // Another file in its place, an older copy say: what is in it counts, and everybody is told to forget the rest.
    std::fs::copy(&path, &aside).unwrap();
    let last = api.unlock(SHOW, &["A-1"], 7).await.expect(200);
    viewer.until_position(last["position"].as_str().unwrap()).await;
    std::fs::rename(&aside, &path).unwrap();
    viewer.until("a new map", |viewer| viewer.snapshots == 2).await;
    viewer.until_seat("A-1", 'l').await;

    // A half file in its place is not taken, and what was saved can be.
    api.block(SHOW, &["B-1"]).await.expect(200);
    std::fs::write(&path, b"half a file").unwrap();
    let saved = eventually("what was in memory is saved", async || rescued(directory.path()).get(1).cloned()).await;
    assert_eq!(api.lock(SHOW, &["A-2"], 7).await.problem(503), "store_unavailable");
    std::fs::rename(saved, &path).unwrap();
    eventually("the server is ready", async || (api.get("/health/ready").await.status == 200).then_some(())).await;
    viewer.until("the map that was saved", |viewer| viewer.snapshots == 3 && !viewer.stale).await;
    viewer.until_seat("B-1", 'b').await;

    // An older copy, written over the file in use: what is in memory is saved, and what was written is left alone.
    let saved_before = rescued(directory.path()).len();
    let old = std::fs::read(&path).unwrap();
    let last = api.unblock(SHOW, &["B-1"]).await.expect(200);
    viewer.until_position(last["position"].as_str().unwrap()).await;
    let epoch = last["position"].as_str().unwrap().rsplit_once('-').unwrap().0.to_owned();
    std::fs::write(&path, &old).unwrap();
    // At once, before anything of the server's own hides it.
    assert_eq!(api.lock(SHOW, &["D-1"], 7).await.problem(503), "store_unavailable");
    let is_saved = async || rescued(directory.path()).get(saved_before).cloned();
    eventually("what was in memory is saved", is_saved).await;
    server.stop().await;
    let server = ServerProcess::start(&store.address()).await;
    let status = server.api.status(SHOW).await.expect(200);
    assert!(!status["position"].as_str().unwrap().starts_with(&epoch), "numbers are not given out twice");
    assert_eq!(server.api.seat(SHOW, "B-1").await["status"], "blocked", "the copy counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_which_store_it_is_and_where() {
    let store = TestStore::embedded();
    let node: Node = store.node().await;
    for path in ["/health/store", "/health/redis"] {
        let health = node.api.get(path).await.expect(200);
        assert_eq!((&health["store"], &health["status"]), (&"embedded".into(), &"ok".into()), "{path}");
        assert!(health["facts"]["file"].as_str().unwrap().ends_with("seatcast.redb"), "{health}");
        assert!(health["latencyMs"].is_number());
    }
}

#[test]
fn a_machine_with_nothing_but_the_program_has_the_whole_demo_and_keeps_it() {
    let directory = TempDir::new().unwrap();
    for _ in 0..2 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seatcast"))
            .env_clear()
            .args(["--listen", "127.0.0.1:0"])
            .current_dir(directory.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = String::new();
        let mut told = child.stderr.take().unwrap();
        let mut byte = [0];
        while !log.contains("/showtimes/demo-arena") {
            assert_eq!(told.read(&mut byte).unwrap(), 1, "the program ended: {log}");
            log.push(byte[0].into());
        }
        assert!(log.contains("/showtimes/demo-cinema") && log.contains("/showtimes/demo-theatre"), "{log}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let files: Vec<_> = std::fs::read_dir(directory.path().join("data")).unwrap().flatten().collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

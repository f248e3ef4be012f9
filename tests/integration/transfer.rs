//! Moving house: `seatcast export` and `seatcast import`, as operators run them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Api, ServerProcess, TestStore};

/// A place for exports.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().expect("a directory for exports"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, store: &str, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seatcast"))
            .env_clear()
            .env("SEATCAST_STORE", store)
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // Who refuses a file does not read all of it.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    fn export(&self, store: &str, file: &str) -> String {
        let output = self.run(store, &["export", file], "");
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        std::fs::read_to_string(self.file(file)).expect("the export is there")
    }

    fn import(&self, store: &str, text: &str) -> Output {
        self.run(store, &["import"], text)
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Showtimes with all that there can be.
async fn fill(api: &Api) {
    api.create("gala", "theatre", 900).await;
    api.create("late", "cinema", 600).await;
    api.create("quiet", "cinema", 900).await;
    api.lock("late", &["A-1", "A-2", "A-3"], 7).await.expect(200);
    api.lock("late", &["B-1"], "7").await.expect(200);
    api.lock("late", &["B-2", "B-3"], "zo\u{eb}\"|x").await.expect(200);
    api.extend("late", &["B-2"], "zo\u{eb}\"|x").await.expect(200);
    api.lock("late", &["C-1", "C-2", "C-3"], 18_446_744_073_709_551_615_u64).await.expect(200);
    let large = 18_446_744_073_709_551_615_u64;
    api.book("late", &["C-1", "C-2"], large, "order-1").await.expect(200);
    api.book("late", &["C-3"], large, "7").await.expect(200);
    api.release("late", &["C-1"], "order-1").await.expect(200);
    api.block("late", &["D-1", "D-2"]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_embedded_to_redis_and_back_is_the_identity() {
    let (desk, embedded, redis) = (Desk::new(), TestStore::embedded(), TestStore::redis());
    let mut server = ServerProcess::start(&embedded.address()).await;
    fill(&server.api).await;
    server.kill();
    let first = desk.export(&embedded.address(), "first.ndjson");
    for kind in ["plan", "showtime", "lock", "block", "booking", "end"] {
        assert!(first.contains(&format!("{{\"type\":\"{kind}\"")), "{kind}");
    }
    let imported = desk.import(&redis.address(), &first);
    assert_eq!(imported.status.code(), Some(0), "{}", said(&imported));
    assert!(said(&imported).contains("3 showtimes, 6 locks, 2 blocked seats, 2 bookings"), "{}", said(&imported));
    assert_eq!(desk.export(&redis.address(), "second.ndjson"), first);
    let home = TestStore::embedded();
    assert_eq!(desk.import(&home.address(), &first).status.code(), Some(0));
    assert_eq!(desk.export(&home.address(), "third.ndjson"), first);

    // It goes on in Redis as it would have: the same holders, deadlines, bookings.
    let there = ServerProcess::start(&redis.address()).await;
    let locks: Vec<Value> = first.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let deadline = locks.iter().find(|record| record["seatId"] == "A-1").unwrap()["expiresAt"].clone();
    let mine = there.api.lock("late", &["A-1", "A-2"], 7).await.expect(200);
    assert_eq!(mine["seats"][0]["expiresAt"], deadline);
    assert_eq!(mine["seats"][0]["lockedBy"], 7);
    assert_eq!(there.api.lock("late", &["A-3"], 8).await.problem(409), "seats_unavailable");
    there.api.book("late", &["B-2", "B-3"], "zo\u{eb}\"|x", "order-2").await.expect(200);
    there.api.release("late", &["C-2"], "order-1").await.expect(200);
    there.api.unblock("late", &["D-1"]).await.expect(200);
    there.api.lock("late", &["C-1", "C-2", "D-1"], 9).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_in_use_can_be_exported_and_locks_of_other_programs_are_in_it() {
    let (desk, redis, embedded) = (Desk::new(), TestStore::redis(), TestStore::embedded());
    let node = redis.node().await;
    node.api.create("late", "cinema", 900).await;
    let TestStore::Redis(server) = &redis else { panic!("it is a Redis") };
    let _: () = server.command(&["SET", "seat_lock:{late}:A-1", "a session|x", "EX", "500"]).await;
    let _: () = server.command(&["SET", "seat_lock:{late}:A-2", "9"]).await;
    let text = desk.export(&redis.address(), "redis.ndjson");
    let holder = |seat: &str| {
        let record = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        record.filter(|record| record["seatId"] == seat).map(|record| record["holder"].clone()).next().unwrap()
    };
    assert_eq!((holder("A-1"), holder("A-2")), ("a session".into(), 9.into()));
    assert_eq!(desk.import(&embedded.address(), &text).status.code(), Some(0));
    // Nobody could end a lock without a deadline there, so that it has one; all else is the same.
    let moved = desk.export(&embedded.address(), "embedded.ndjson");
    let deadline = |text: &str, seat: &str| {
        let mut records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.find(|record| record["seatId"] == seat).unwrap()["expiresAt"].clone()
    };
    assert!(deadline(&text, "A-2").is_null() && deadline(&moved, "A-2").is_string());
    assert_eq!(deadline(&moved, "A-1"), deadline(&text, "A-1"));
    let again = desk.import(&embedded.address(), &text);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let text = moved;
    let only = desk.run(&embedded.address(), &["export", "--showtime", "late"], "");
    assert_eq!(String::from_utf8(only.stdout).unwrap(), text, "standard output is the export and nothing else");
    let unknown = desk.run(&embedded.address(), &["export", "--showtime", "never", "none.ndjson"], "");
    assert_eq!(unknown.status.code(), Some(1));
    assert!(said(&unknown).contains("no showtime never") && !desk.file("none.ndjson").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_can_be_repeated_and_never_overwrites() {
    let (desk, store) = (Desk::new(), TestStore::embedded());
    let mut server = ServerProcess::start(&store.address()).await;
    fill(&server.api).await;
    let busy = desk.run(&store.address(), &["export", "busy.ndjson"], "");
    assert_eq!(busy.status.code(), Some(1));
    assert!(said(&busy).contains("in use"), "{}", said(&busy));
    server.kill();
    let text = desk.export(&store.address(), "first.ndjson");
    let again = desk.import(&store.address(), &text);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(
        said(&again).contains("0 showtimes") && said(&again).contains("3 showtimes were there already"),
        "{}",
        said(&again)
    );
    let mut server = ServerProcess::start(&store.address()).await;
    server.api.unblock("late", &["D-1"]).await.expect(200);
    server.api.send(server.api.request("DELETE", "/api/v1/showtimes/quiet")).await;
    server.kill();
    let before = desk.export(&store.address(), "before.ndjson");
    let refused = desk.import(&store.address(), &text);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("late") && said(&refused).contains("Nothing was imported"), "{}", said(&refused));
    assert_eq!(desk.export(&store.address(), "after.ndjson"), before, "not even what would have fitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_whole_is_refused_with_the_line() {
    let (desk, store) = (Desk::new(), TestStore::embedded());
    let mut server = ServerProcess::start(&store.address()).await;
    fill(&server.api).await;
    server.kill();
    let text = desk.export(&store.address(), "whole.ndjson");
    let lines: Vec<&str> = text.lines().collect();
    let without = |kind: &str| {
        let kept = lines.iter().filter(|line| !line.contains(&format!("\"type\":\"{kind}\"")));
        kept.copied().collect::<Vec<_>>().join("\n")
    };
    let empty = TestStore::embedded();
    for (what, spoiled, named) in [
        ("cut off", lines[..lines.len() - 1].join("\n"), "ends too early"),
        ("cut off in a line", text[..text.len() / 2].to_owned(), "line "),
        (
            "a lock is missing",
            text.replacen(&format!("{}\n", lines.iter().find(|line| line.contains("\"lock\"")).unwrap()), "", 1),
            "not whole",
        ),
        ("plans are missing", without("plan"), "no plan"),
        ("showtimes are missing", without("showtime"), "no showtime"),
        ("another seat", text.replacen("\"seatId\":\"A-1\"", "\"seatId\":\"Z-1\"", 1), "no seat Z-1"),
        ("a seat in two states", text.replacen("\"seatId\":\"A-1\"", "\"seatId\":\"D-1\"", 1), "two states"),
        ("a changed plan", text.replacen("\"Standard\"", "\"standard\"", 1), "plan"),
        ("a newer version", text.replacen("\"version\":1", "\"version\":2", 1), "version 2"),
        ("something else", "hello\n".into(), "no export"),
        ("nothing", String::new(), "ends too early"),
        ("more than one", format!("{text}{text}"), "nothing may follow"),
        ("a slip in a name", text.replacen("\"released\"", "\"relased\"", 1), "relased"),
        ("a slip in the details", text.replacen("\"lockSeconds\"", "\"lockSecond\"", 1), "lockSecond"),
        ("impossible rules", text.replacen("\"lockSeconds\":600", "\"lockSeconds\":0", 1), "lockSeconds"),
        ("a seat blocked twice", text.replacen("\"seatId\":\"D-2\"", "\"seatId\":\"D-1\"", 1), "blocked twice"),
    ] {
        let refused = desk.import(&empty.address(), &spoiled);
        assert_eq!(refused.status.code(), Some(65), "{what}: {}", said(&refused));
        assert!(said(&refused).contains(named) && said(&refused).contains("Nothing was"), "{what}: {}", said(&refused));
    }
    std::fs::write(desk.file("packed"), b"{\"type\":\"export\",\"version\":1}\n\x1f\x8b\x08").unwrap();
    let packed = desk.run(&empty.address(), &["import", "packed"], "");
    assert_eq!(packed.status.code(), Some(65), "{}", said(&packed));
    assert!(said(&packed).contains("line 2") && said(&packed).contains("compressed"), "{}", said(&packed));
    let TestStore::Embedded(directory) = &empty else { panic!("it is embedded") };
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "what was refused left no store behind");
    // What editors do to a text is no damage.
    let edited =
        desk.import(&TestStore::embedded().address(), &format!("\u{feff}{}\r\n\r\n", text.replace('\n', "\r\n")));
    assert_eq!(edited.status.code(), Some(0), "{}", said(&edited));
    empty.open(crate::support::RULES).await.close().await;
    let nothing = desk.export(&empty.address(), "nothing.ndjson");
    assert_eq!(nothing.lines().count(), 2, "{nothing}");
    let elsewhere = desk.run("embedded:./elsewhere", &["export", "elsewhere.ndjson"], "");
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(
        said(&elsewhere).contains("no store:") && said(&elsewhere).contains("elsewhere/seatcast.redb"),
        "{}",
        said(&elsewhere)
    );
    assert!(!desk.file("elsewhere").exists(), "who asks for an export wants no new store");
    let missing = desk.run(&empty.address(), &["import", "nowhere.ndjson"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(said(&missing).contains("nowhere.ndjson"), "{}", said(&missing));
}

#[tokio::test]
async fn an_export_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (desk, store) = (Desk::new(), TestStore::embedded());
    store.open(crate::support::RULES).await.close().await;
    desk.export(&store.address(), "private.ndjson");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&desk.file("private.ndjson")), 0o600);
    let TestStore::Embedded(directory) = &store else { panic!("it is embedded") };
    assert_eq!(mode(&directory.path().join("seatcast.redb")), 0o600);
}

#[tokio::test]
async fn an_export_follows_links_and_replaces_nothing_but_files() {
    let (desk, store) = (Desk::new(), TestStore::embedded());
    store.open(crate::support::RULES).await.close().await;
    std::fs::write(desk.file("real"), "old").unwrap();
    std::os::unix::fs::symlink("real", desk.file("link")).unwrap();
    let text = desk.export(&store.address(), "link");
    assert!(std::fs::symlink_metadata(desk.file("link")).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(desk.file("real")).unwrap(), text);
    let piped = desk.run(&store.address(), &["export", "/dev/stdout"], "");
    assert_eq!((piped.status.code(), String::from_utf8(piped.stdout).unwrap()), (Some(0), text));
    let folder = desk.run(&store.address(), &["export", "."], "");
    assert_eq!(folder.status.code(), Some(1));
    assert!(said(&folder).contains("no file"), "{}", said(&folder));
    assert_eq!(std::fs::read_dir(desk.0.path()).unwrap().count(), 2, "nothing unfinished stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_moved_whole_is_not_moved() {
    let (desk, redis, target) = (Desk::new(), TestStore::redis(), TestStore::redis());
    let node = redis.node().await;
    for show in ["broken", "whole"] {
        node.api.create(show, "cinema", 900).await;
    }
    node.api.lock("whole", &["A-1"], 7).await.expect(200);
    let text = desk.export(&redis.address(), "both.ndjson");
    let (TestStore::Redis(source), TestStore::Redis(there)) = (&redis, &target) else { panic!("both are Redis") };
    // Another program holds a seat that is locked in the export.
    let _: () = there.command(&["SET", "seat_lock:{whole}:A-1", "9", "EX", "500"]).await;
    let refused = desk.import(&target.address(), &text);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("whole"), "{}", said(&refused));
    let holder: String = there.command(&["GET", "seat_lock:{whole}:A-1"]).await;
    assert_eq!(holder, "9");
    // A showtime that cannot be read is not left out in silence.
    let _: i64 = source.command(&["HSET", "showtime:{broken}:meta", "details", "no json"]).await;
    let failed = desk.run(&redis.address(), &["export", "part.ndjson"], "");
    assert_eq!(failed.status.code(), Some(1));
    assert!(said(&failed).contains("broken") && !desk.file("part.ndjson").exists(), "{}", said(&failed));
}

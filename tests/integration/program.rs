//! The program as operators start it: flags, environment, signals.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::RedisServer;
use crate::support::wait::PATIENCE;

fn seatcast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcast"));
    // A folder without a `.env` and without a store, and none of this process's settings.
    command.current_dir(Path::new(env!("CARGO_TARGET_TMPDIR")));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SEATCAST_")) {
        command.env_remove(name);
    }
    command
}

#[test]
fn wrong_configuration_ends_with_all_mistakes_and_exit_code_64() {
    let output = seatcast()
        .env("SEATCAST_LISTEN", "nowhere")
        .env("SEATCAST_LOCK_SECONDS", "-1")
        .env("SEATCAST_API_KEYS", "a-secret")
        .args(["--store", "postgres://root:hunter2@db/x", "--log-format", "xml"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{said}");
    for name in
        ["SEATCAST_LISTEN", "SEATCAST_LOCK_SECONDS", "SEATCAST_API_KEYS", "SEATCAST_STORE", "SEATCAST_LOG_FORMAT"]
    {
        assert!(said.contains(name), "{name} in {said}");
    }
    assert!(!said.contains("hunter2") && !said.contains("a-secret"), "{said}");
    let output = seatcast().arg("--colour").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
}

#[test]
fn a_setting_that_is_none_is_told() {
    let output = seatcast().env("SEATCAST_STORES", "embedded:x").arg("--check-config").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(said.contains("SEATCAST_STORES") && said.contains("no settings"), "{said}");
}

#[test]
fn a_configuration_can_be_checked_and_explained() {
    let output = seatcast().args(["--check-config", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let output = seatcast().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for (flag, variable, ..) in seatcast::config::settings() {
        assert!(help.contains(&flag) && help.contains(&variable), "{flag} {variable}");
    }
    let output = seatcast().arg("--version").output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_program_tells_where_it_listens_and_stops_when_told() {
    let redis = RedisServer::start();
    let mut child = seatcast()
        .args(["--listen", "127.0.0.1:0", "--store", &redis.url(), "--log-format", "json", "--demo", "true"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    // A program that says nothing ends the test too: its log ends with it.
    let (id, (told, in_time)) = (child.id().to_string(), std::sync::mpsc::channel::<()>());
    std::thread::spawn(move || {
        if in_time.recv_timeout(PATIENCE * 3) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
        }
    });
    let demo = lines.find(|line| line.contains("/showtimes/demo-arena")).expect("the demo's address is told");
    let line: serde_json::Value = serde_json::from_str(&demo).expect("a line of JSON");
    let address = line["message"].as_str().unwrap().rsplit_once("http://").unwrap().1;
    let address = address.split('/').next().unwrap();
    std::net::TcpStream::connect(address).expect("it listens there");
    let terminated = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(terminated.success());
    assert!(lines.any(|line| line.contains("stopped")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(told);
}

#[test]
fn a_taken_port_is_said_plainly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = seatcast().args(["--listen", &address]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&address) && said.contains("SEATCAST_LISTEN"), "{said}");
}

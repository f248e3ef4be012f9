//! The rules of the house that a machine can see: what is absent where, and documents that say what the code does.

use std::fs;
use std::path::{Path, PathBuf};

use seatcast::api::problem::Code;
use seatcast::http::ROUTES;
use seatcast::live::close::Close;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A file's code without its comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

#[test]
fn dependencies_point_inwards() {
    for path in files("src", "rs") {
        let (name, code) = (name(&path), code(&path));
        let mut absent: Vec<&str> = Vec::new();
        if name.starts_with("src/domain") {
            absent.extend([
                "actix",
                "redis",
                "tokio",
                "std::env",
                "SystemTime",
                "Instant",
                "crate::store",
                "crate::http",
            ]);
        }
        if !name.starts_with("src/store/redis") {
            absent.extend(["use redis::", " redis::Client", "redis::cmd"]);
        }
        if !name.starts_with("src/store") && name != "src/config.rs" {
            absent.extend(["store::redis", "store::embedded", "RedisStore", "EmbeddedStore"]);
        }
        if !name.starts_with("src/store/embedded/disk") && name != "src/store/embedded/tables.rs" {
            absent.push("redb::");
        }
        if name.starts_with("src/store/embedded/machine") || name == "src/store/embedded/state.rs" {
            absent.extend(["Instant", "SystemTime", "std::fs", "super::disk", "super::clock"]);
        }
        if name.starts_with("src/store") {
            absent.extend(["actix", "crate::rooms", "crate::api", "crate::live", "crate::http"]);
        }
        if name.starts_with("src/rooms") {
            absent.extend(["actix", "serde_json", "crate::api", "crate::live", "crate::http"]);
        }
        if name.starts_with("src/api") {
            absent.extend(["actix", "crate::live", "crate::http"]);
        }
        if name != "src/config.rs" {
            absent.push("std::env::var");
        }
        for word in absent {
            assert!(!code.contains(word), "{name} must not know {word}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_none_is_called_by_a_name_that_says_nothing() {
    for folder in ["src", "tests", "benches"] {
        for path in files(folder, "rs") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//!"), "{} opens without a doc comment", name(&path));
            let stem = path.file_stem().unwrap().to_string_lossy();
            assert!(!["utils", "util", "common", "helpers", "manager", "misc"].contains(&&*stem), "{}", name(&path));
        }
    }
    for path in files("src", "lua") {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-- "), "{}", name(&path));
        assert!(
            !text.contains("'PUBLISH'"),
            "{} must publish as the prelude does: a cluster has another command",
            name(&path)
        );
    }
}

#[test]
fn documents_name_every_setting_address_code_and_key() {
    let (readme, example, protocol) = (text("README.md"), text(".env.example"), text("docs/protocol.md"));
    for (_, variable, default, _) in seatcast::config::settings() {
        assert!(readme.contains(&format!("`{variable}`")), "README.md lacks {variable}");
        assert!(example.contains(&format!("{variable}={default}")), ".env.example lacks {variable}={default}");
    }
    for route in ROUTES {
        if route.path.starts_with("/api") || route.path.starts_with("/health") {
            let path = route.path.trim_start_matches("/api/v1");
            assert!(protocol.contains(path), "docs/protocol.md lacks {} {path}", route.method);
        }
    }
    for code in Code::ALL {
        let row = protocol.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{}`", code.as_str())));
        let row = row.unwrap_or_else(|| panic!("docs/protocol.md has no row for {}", code.as_str()));
        assert!(row.contains(&code.status().to_string()), "{row} lacks the status {}", code.status());
    }
    for close in Close::ALL {
        let (code, ..) = close.row();
        assert!(
            protocol.lines().any(|line| line.starts_with('|') && line.contains(&code.to_string())),
            "no row for {code}"
        );
    }
    for part in ["meta", "map", "locks", "deadlines", "holders", "bookings", "blocks", "ledger", "log", "diffs"] {
        assert!(protocol.contains(&format!("showtime:{{S}}:{part}")), "docs/protocol.md lacks the key {part}");
    }
}

#[test]
fn the_map_of_the_house_names_every_file_of_the_stores() {
    let map = text("docs/architecture.md");
    for path in files("src/store", "rs") {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            stem.ends_with("_tests") || map.contains(&format!("{stem}.rs")),
            "docs/architecture.md lacks {stem}.rs"
        );
    }
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut documents = files("docs", "md");
    documents.extend(["README.md", "CHANGELOG.md"].map(|file| root().join(file)));
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let target = document.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{} links to {link}", name(&document));
        }
    }
}

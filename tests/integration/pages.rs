//! The pages and their assets: all of it is there, under addresses that never mix two versions, for everybody's pages.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::redirect::Policy;
use seatcast::http::{Origins, ROUTES};

use crate::support::{Node, TestStore, on_each_store};

on_each_store!(
    pages_are_part_of_the_program_and_load_nothing_from_elsewhere,
    a_page_tells_what_it_is_going_to_ask_for,
    a_page_does_not_wait_for_what_is_not_there,
    a_showtimes_page_has_the_poster_of_its_plan,
);

const SHOW: &str = "42";
/// Every page: its address, and the file that it is.
const PAGES: [(&str, &str); 5] = [
    ("/", "index.html"),
    ("/showtimes/42", "showtime.html"),
    ("/kiosk/42,43", "kiosk.html"),
    ("/wall/42", "wall.html"),
    ("/desk/42", "desk.html"),
];

/// Files as they come over the wire: no redirect is followed, nothing is unpacked.
struct Files {
    base: String,
    http: reqwest::Client,
}

struct File {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl File {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The values of these attributes, in their order.
    fn attributes(&self, name: &str) -> Vec<String> {
        let begins = format!(" {name}=\"");
        self.text.split(&begins).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }

    /// What the page's tags say, of those that contain a text.
    fn tags(&self, text: &str) -> Vec<&str> {
        let tags = self.text.split('<').filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag);
        tags.filter(|tag| tag.contains(text)).collect()
    }
}

impl Files {
    fn of(node: &Node) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).no_gzip().build().expect("a client");
        Self { base: node.api.base.clone(), http }
    }

    async fn get(&self, path: &str) -> File {
        self.get_with(path, &[]).await
    }

    async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> File {
        let mut request = self.http.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = String::from_utf8_lossy(&answer.bytes().await.expect("a body")).into_owned();
        File { status, headers, text }
    }
}

fn is_module(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ending == "js")
}

/// The file that an address names beside another one.
fn beside(base: &str, path: &str) -> String {
    url::Url::parse("http://host").unwrap().join(base).unwrap().join(path).unwrap().path().to_owned()
}

/// The modules that a module imports: at once, and later.
fn named_by(module: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with(['*', '/'])).collect();
    let code = code.join("\n");
    let quoted = |rest: &str| rest.split(['\'', '"']).nth(1).map(|path| beside(module, path));
    let bare = code.lines().filter(|line| line.starts_with("import '")).filter_map(quoted);
    let from = code.split(" from ").skip(1).filter(|rest| rest.starts_with(['\'', '"'])).filter_map(quoted);
    let later = code.split("import(").skip(1).filter(|rest| rest.starts_with(['\'', '"'])).filter_map(quoted);
    (from.chain(bare).collect(), later.collect())
}

fn files_of_the_folder() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// What stands between `/static/` and the path of every asset of a page.
async fn version(files: &Files) -> String {
    let page = files.get("/").await;
    page.attributes("src")[0].split('/').nth(2).expect("a version").to_owned()
}

async fn pages_are_part_of_the_program_and_load_nothing_from_elsewhere(store: TestStore) {
    let node = store.node().await;
    for (path, kind) in PAGES.map(|(path, _)| (path, "text/html")).into_iter().chain([
        ("/static/js/client.js", "text/javascript"),
        ("/static/css/base.css", "text/css"),
        ("/favicon.ico", "image/svg+xml"),
    ]) {
        let page = node.api.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.header("content-type").starts_with(kind), "{path}: {}", page.header("content-type"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        let policy = page.header("content-security-policy");
        assert_eq!(policy.starts_with("default-src 'self'"), kind == "text/html", "{path}: {policy}");
        let tag = page.header("etag").to_owned();
        let again = node.api.send(node.api.request("GET", path).header("if-none-match", tag)).await;
        assert_eq!(again.status, 304, "{path}");
        assert_eq!(node.api.send(node.api.request("HEAD", path)).await.status, 200, "{path}");
    }
    for path in ["/", "/static/css/base.css", "/favicon.ico"] {
        let tag = node.api.get(path).await.header("etag").to_owned();
        assert!(bytes_of_304(&node.api.base, path, &tag).await.ends_with("\r\n\r\n"), "{path} has a body");
    }
    for nothing in ["/static/nothing.js", "/static/tsconfig.json", "/static/index.html", "/static/"] {
        assert_eq!(node.api.get(nothing).await.problem(404), "not_found", "{nothing}");
    }
    assert_eq!(node.api.get("/static/../Cargo.toml").await.status, 404);
}

/// All that the server sends for a page that the client has, as it comes over the wire.
async fn bytes_of_304(base: &str, path: &str, tag: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = base.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 304"), "{answer}");
    answer
}

async fn a_page_tells_what_it_is_going_to_ask_for(store: TestStore) {
    let node = store.node().await;
    let files = Files::of(&node);
    let link = |path: &str| format!("<{path}>; rel=preload; as=fetch; crossorigin=anonymous");
    assert_eq!(files.get("/").await.header("link"), link("/api/v1/showtimes"));

    assert_eq!(files.get("/showtimes/42").await.header("link"), "", "there is nothing to ask for yet");
    node.api.create(SHOW, "cinema", 900).await;
    let before = files.get("/showtimes/42").await;
    let plan = node.api.get("/api/v1/showtimes/42").await.expect(200)["plan"].as_str().unwrap().to_owned();
    let expected = format!("{}, {}", link("/api/v1/showtimes/42"), link(&format!("/api/v1/plans/{plan}")));
    for path in ["/showtimes/42", "/wall/42", "/desk/42", "/kiosk/42", "/kiosk/42,43,42"] {
        assert_eq!(files.get(path).await.header("link"), expected, "{path}");
    }
    assert_eq!(files.get("/showtimes/%22%3E").await.header("link"), "", "what no showtime can be called");

    // From the open room, and anew when the plan is another.
    node.api.status(SHOW).await.expect(200);
    assert_eq!(files.get("/showtimes/42").await.header("link"), expected);
    let body = serde_json::json!({
        "title": "Test", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": "theatre",
    });
    node.api.put_showtime(SHOW, &body).await.expect(200);
    let other = node.api.get("/api/v1/showtimes/42").await.expect(200)["plan"].as_str().unwrap().to_owned();
    crate::support::eventually("the page tells of the other plan", async || {
        let after = files.get_with("/showtimes/42", &[("if-none-match", before.header("etag"))]).await;
        // Who has the page as it was told is told anew.
        (after.status == 200 && after.header("link").contains(&other)).then_some(())
    })
    .await;
}

async fn a_page_does_not_wait_for_what_is_not_there(store: TestStore) {
    let TestStore::Redis(redis) = &store else { return };
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let files = Files::of(&node);
    redis.signal("STOP");
    let page = files.get("/showtimes/42").await;
    let link = page.header("link");
    assert_eq!((page.status, link.contains("/showtimes/42"), link.contains("plans")), (200, true, false), "{link}");
    redis.signal("CONT");
}

async fn a_showtimes_page_has_the_poster_of_its_plan(store: TestStore) {
    let node = store.node().await;
    let files = Files::of(&node);
    let nothing = files.get("/showtimes/42").await;
    assert!(!nothing.text.contains("slot=\"poster\""), "there is no showtime");
    node.api.create(SHOW, "cinema", 900).await;
    let page = files.get("/showtimes/42").await;
    let poster = poster_of(&page);
    assert!(poster.starts_with("<svg slot=\"poster\" aria-hidden=\"true\" viewBox=\"0 0 "), "{poster}");
    assert!(poster.len() < 4_096 && poster.contains(">SCREEN</text>"), "{poster}");
    assert_eq!(page.text.replace(poster, ""), nothing.text, "all else is the page as it is");

    // As gzip it is the same page under the same tag, and who has it is not sent it again.
    let packed = files.get_with("/showtimes/42", &[("accept-encoding", "gzip")]).await;
    assert_eq!((packed.header("content-encoding"), packed.header("etag")), ("gzip", page.header("etag")));
    let unpacked = reqwest::get(format!("{}/showtimes/42", files.base)).await.unwrap().text().await.unwrap();
    assert_eq!(unpacked, page.text);
    let tag = page.header("etag").to_owned();
    assert_eq!(files.get_with("/showtimes/42", &[("if-none-match", &tag)]).await.status, 304);
    for other in ["/kiosk/42", "/wall/42", "/desk/42", "/showtimes/42,43", "/showtimes/43"] {
        assert!(!files.get(other).await.text.contains("slot=\"poster\""), "{other}");
    }

    // Another showtime on this plan has the same poster, and one on another plan another.
    node.api.create("43", "cinema", 900).await;
    assert_eq!(poster_of(&files.get("/showtimes/43").await), poster);
    node.api.create("44", "arena", 900).await;
    let arena = files.get("/showtimes/44").await;
    assert!(poster_of(&arena).len() < 28_000, "{} bytes", poster_of(&arena).len());
    assert_ne!(arena.header("etag"), page.header("etag"));

    // What a plan says stays text.
    let mut plan: serde_json::Value = serde_json::from_slice(&seatcast::plans::plan("cinema").unwrap().json()).unwrap();
    let mark = "</text></svg><script>evil()</script>";
    plan["zones"][0]["areas"][0]["text"] =
        serde_json::json!({ "text": mark, "position": { "x": 0, "y": 0 }, "size": 40 });
    plan["zones"][0]["areas"][0]["color"] = "url(http://evil.example/\"><script>evil()</script>)".into();
    let body = serde_json::json!({
        "title": "Test", "startsAt": "2026-12-24T19:00:00Z", "currency": "EUR", "prices": {}, "plan": plan,
    });
    node.api.put_showtime("45", &body).await.expect(201);
    let hostile = files.get("/showtimes/45").await;
    assert!(poster_of(&hostile).contains("&lt;/text&gt;&lt;/svg&gt;&lt;script&gt;"), "{}", poster_of(&hostile));
    assert!(!hostile.text.contains("evil.example") && !hostile.text.contains("<script>"), "{}", hostile.text);
}

/// The poster in a page.
fn poster_of(page: &File) -> &str {
    let map = page.text.split_once("<seat-map>").expect("a map").1;
    map.split_once("</seat-map>").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_every_page_leads_somewhere_and_every_module_is_foretold() {
    let store = TestStore::embedded();
    let node = store.node().await;
    node.api.create(SHOW, "cinema", 900).await;
    let files = Files::of(&node);
    let routes: BTreeSet<&str> = ROUTES.iter().map(|route| route.path).collect();
    let version = version(&files).await;
    let prefix = format!("/static/{version}/");
    for (address, name) in PAGES {
        let page = files.get(address).await;
        let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static").join(name)).unwrap();
        let title = own.split_once("<title>").expect("a title").1.split_once("</title>").unwrap().0;
        assert!(page.text.contains(title), "{address} is another page than {name}");
        for link in page.attributes("href").into_iter().chain(page.attributes("src")) {
            let path = link.split(['#', '?']).next().unwrap();
            assert!(path.is_empty() || path.starts_with('/'), "{address} names {link}");
            if path.starts_with("/static/") {
                let file = files.get(path).await;
                assert_eq!((file.status, path.starts_with(&prefix)), (200, true), "{address} names {link}");
                assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable", "{link}");
            } else if !path.is_empty() {
                assert!(routes.contains(path), "{address} names {link}");
            }
        }
        // What a browser would find by itself, level by level.
        let scripts: Vec<String> = page.attributes("src").into_iter().filter(|path| is_module(path)).collect();
        let (mut at_once, mut all): (BTreeSet<String>, Vec<(String, bool)>) =
            (scripts.iter().cloned().collect(), scripts.iter().map(|path| (path.clone(), true)).collect());
        let mut seen = BTreeSet::new();
        while let Some((module, now)) = all.pop() {
            if !seen.insert((module.clone(), now)) {
                continue;
            }
            let file = files.get(&module).await;
            assert_eq!(file.status, 200, "{module}, which {name} needs");
            assert!(module.starts_with(&prefix), "{module} is of another version");
            if now {
                at_once.insert(module.clone());
            }
            if is_module(&module) {
                let (imported, later) = named_by(&module, &file.text);
                all.extend(imported.into_iter().map(|path| (path, now)));
                all.extend(later.into_iter().map(|path| (path, false)));
            }
        }
        let foretold = page.tags("rel=\"modulepreload\"").len();
        let told: BTreeSet<String> = page.attributes("href").into_iter().filter(|path| is_module(path)).collect();
        assert_eq!(told.len(), foretold, "{name} tells each module once");
        let expected: BTreeSet<String> = at_once.into_iter().filter(|path| !scripts.contains(path)).collect();
        assert_eq!(told, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_the_folder_is_served_with_its_type_and_compressed_once() {
    let store = TestStore::embedded();
    let node = store.node().await;
    let files = Files::of(&node);
    let version = version(&files).await;
    let mut served = 0;
    for path in files_of_the_folder() {
        let kind = match path.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "ts" => "text/plain; charset=utf-8",
            "svg" => "image/svg+xml",
            // Pages have addresses of their own; what is for tools is not served.
            _ => continue,
        };
        let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static").join(&path)).unwrap();
        let plain = format!("/static/{path}");
        let kept = format!("/static/{version}/{path}");
        let now = files.get(&plain).await;
        if is_module(&path) {
            // So that all that a module imports is of one version, whoever loads it.
            assert_eq!((now.status, beside(&plain, now.header("location"))), (307, kept.clone()), "{path}");
        } else {
            assert_eq!((now.status, &*now.text), (200, &*own), "{path}");
        }
        assert_eq!(now.header("cache-control"), "no-cache", "{path}");
        let file = files.get(&kept).await;
        assert_eq!((file.status, &*file.text, file.header("content-type")), (200, &*own, kind), "{path}");
        let packed = files.get_with(&kept, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
        let is_packed = packed.header("content-encoding") == "gzip";
        assert!(is_packed || own.len() < 200, "{path} comes as it is, although it is long");
        assert!(is_packed == (packed.text != own), "{path}");
        assert_eq!(packed.header("vary"), "Accept-Encoding");
        for answer in [&now, &file, &packed] {
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{path}");
        }
        served += 1;
    }
    assert!(served > 20, "{served} files");
    // A page of another version finds what it names here; its modules find nothing.
    let script = files.get("/").await.attributes("src")[0].clone();
    let old = script.replace(&version, "v-0123456789abcdef");
    let moved = files.get(&old).await;
    assert_eq!((moved.status, beside(&old, moved.header("location"))), (307, script));
    let lost = files.get("/static/v-0123456789abcdef/js/live/api.js").await;
    assert_eq!((lost.status, lost.header("cache-control")), (404, "no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_use_the_api_and_the_assets_are_for_all() {
    let store = TestStore::embedded();
    let mut config = store.config();
    config.origins = Origins::parse(["https://shop.example"]).unwrap();
    let node = Node::with(config).await;
    node.api.create(SHOW, "cinema", 900).await;
    let files = Files::of(&node);
    let version = version(&files).await;
    for (path, listed, foreign) in [
        (format!("/static/{version}/js/client.js"), "https://shop.example", "*"),
        ("/static/js/client.js".to_owned(), "https://shop.example", "*"),
        ("/api/v1/showtimes/42".to_owned(), "https://shop.example", ""),
        ("/api/v1/showtimes/42/seats/status".to_owned(), "https://shop.example", ""),
        ("/api/v1/showtimes/none".to_owned(), "https://shop.example", ""),
    ] {
        for (origin, expected) in [("https://shop.example", listed), ("https://evil.example", foreign)] {
            let answer = files.get_with(&path, &[("origin", origin)]).await;
            assert_eq!(answer.header("access-control-allow-origin"), expected, "{path} for {origin}");
        }
    }
    let events = node.api.request("GET", "/api/v1/showtimes/42/events").header("origin", "https://shop.example");
    let stream = events.send().await.unwrap();
    assert_eq!(stream.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    for (origin, expected) in [("https://shop.example", "https://shop.example"), ("https://evil.example", "")] {
        let asks = node.api.request("OPTIONS", "/api/v1/showtimes/42/seats/unlock").header("origin", origin);
        let asks = asks.header("access-control-request-method", "DELETE");
        let may = node.api.send(asks.header("access-control-request-headers", "content-type")).await;
        assert_eq!(may.header("access-control-allow-origin"), expected, "{origin}");
    }
}

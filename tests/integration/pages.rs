//! The pages and their assets.

use crate::support::{TestStore, on_each_store};

on_each_store!(pages_are_part_of_the_program_and_load_nothing_from_elsewhere,);

async fn pages_are_part_of_the_program_and_load_nothing_from_elsewhere(store: TestStore) {
    let node = store.node().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/showtimes/42", "text/html"),
        ("/static/js/showtime.js", "text/javascript"),
        ("/favicon.ico", "image/svg+xml"),
    ] {
        let page = node.api.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.header("content-type").starts_with(kind), "{path}: {}", page.header("content-type"));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        let policy = page.header("content-security-policy");
        assert_eq!(policy.starts_with("default-src 'self'"), kind == "text/html", "{path}: {policy}");
        let tag = page.header("etag").to_owned();
        let again = node.api.send(node.api.request("GET", path).header("if-none-match", tag)).await;
        assert_eq!(again.status, 304, "{path}");
        assert!(
            bytes_of_304(&node.api.base, path, page.header("etag")).await.ends_with("\r\n\r\n"),
            "{path} has a body"
        );
        assert_eq!(node.api.send(node.api.request("HEAD", path)).await.status, 200, "{path}");
    }
    assert_eq!(node.api.get("/static/nothing.js").await.problem(404), "not_found");
    assert_eq!(node.api.get("/static/tsconfig.json").await.problem(404), "not_found");
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

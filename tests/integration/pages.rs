//! The pages and their assets.

use crate::support::{Node, RedisServer};

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_part_of_the_program_and_load_nothing_from_elsewhere() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
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
        assert_eq!(node.api.send(node.api.request("HEAD", path)).await.status, 200, "{path}");
    }
    assert_eq!(node.api.get("/static/nothing.js").await.problem(404), "not_found");
    assert_eq!(node.api.get("/static/tsconfig.json").await.problem(404), "not_found");
    assert_eq!(node.api.get("/static/../Cargo.toml").await.status, 404);
}

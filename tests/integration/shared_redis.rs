//! One Redis with several servers, installations, and hands of others in it.

use std::time::Duration;

use crate::showtimes::{body, row};
use crate::support::plan::SeatIds;
use crate::support::server::redis_config;
use crate::support::{Node, RedisServer, Viewer, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_not_looking_follows_a_plan_that_another_replaced() {
    let redis = RedisServer::start();
    let quick = seatcast::config::Config { room_linger: Duration::from_millis(20), ..redis_config(&redis.url()) };
    let (one, two) = (Node::with(quick).await, Node::start(&redis).await);
    two.api.put_showtime("gala", &body(row(&["A-1", "A-2"]))).await.expect(201);
    one.api.status("gala").await.expect(200);
    eventually("the room is closed", async || (one.room_count() == 0).then_some(())).await;
    two.api.put_showtime("gala", &body(row(&["B-1", "A-2", "A-1"]))).await.expect(200);
    let seats = SeatIds::new(["B-1", "A-2", "A-1"].map(String::from).into());
    let mut viewer = Viewer::join(&one.api.base, "gala", &seats).await;
    let _: () = redis.command(&["SET", "seat_lock:{gala}:B-1", "9", "PX", "400"]).await;
    viewer.until_seat("B-1", 'l').await;
    viewer.until_seat("B-1", 'a').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_showtime_spoils_no_other() {
    let redis = RedisServer::start();
    let node = Node::start(&redis).await;
    for show in ["broken", "whole"] {
        node.api.create(show, "cinema", 1).await;
    }
    let _: () = redis.command(&["SET", "showtime:{broken}:deadlines", "no sorted set"]).await;
    let _: i64 = redis.command(&["HSET", "showtime:{broken}:meta", "details", "no json"]).await;
    let list = node.api.get("/api/v1/showtimes").await.expect(200);
    assert_eq!(list["showtimes"].as_array().unwrap().len(), 1);
    // Nobody looks at it: the sweep ends its locks.
    node.api.lock("whole", &["A-1"], 7).await.expect(200);
    eventually("the sweep has announced the end", async || {
        let map: String = redis.command(&["GET", "showtime:{whole}:map"]).await;
        map.starts_with('a').then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn installations_in_two_databases_of_one_redis_do_not_hear_each_other() {
    let redis = RedisServer::start();
    let (zero, one) = (Node::start(&redis).await, Node::with(redis_config(&format!("{}/1", redis.url()))).await);
    zero.api.create("42", "cinema", 900).await;
    one.api.create("42", "theatre", 900).await;
    let theatre = SeatIds::shipped("theatre");
    let mut viewer = Viewer::join(&zero.api.base, "42", &SeatIds::shipped("cinema")).await;
    let mut other = Viewer::join(&one.api.base, "42", &theatre).await;
    one.api.lock("42", &[theatre.id(700)], 7).await.expect(200);
    other.until_seat(theatre.id(700), 'l').await;
    zero.api.lock("42", &["A-1"], 7).await.expect(200);
    viewer.until_seat("A-1", 'l').await;
    assert_eq!((viewer.snapshots, viewer.seen), (1, 1));
}

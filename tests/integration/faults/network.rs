//! The network between server and Redis, or between clients and server, is cut, swallows everything, or is slow.

use std::time::Duration;

use super::scene::{Level, SHOW, Scene, maps_stay_readable_and_changes_are_refused};
use crate::support::proxy::{Proxy, Traffic};
use crate::support::{Api, RedisServer, ServerProcess, TestStore};

/// A slow line: on the way to Redis and back each.
const SLOW: Duration = Duration::from_millis(150);

/// Two servers; the first one reaches Redis through the proxy.
struct Apart {
    store: TestStore,
    proxy: Proxy,
    far: ServerProcess,
    near: ServerProcess,
}

impl Apart {
    async fn start() -> Self {
        let redis = RedisServer::start();
        let proxy = Proxy::start(format!("127.0.0.1:{}", redis.port())).await;
        let store = TestStore::Redis(redis);
        let (far_address, near_address) = (format!("redis://{}", proxy.address), store.address());
        let (far, near) = tokio::join!(ServerProcess::start(&far_address), ServerProcess::start(&near_address));
        Self { store, proxy, far, near }
    }

    async fn scene(&self) -> Scene {
        Scene::begin(&self.store, &[&self.far, &self.near]).await
    }
}

/// The viewers of the far server are told that their map is stale; those of the near one go on.
async fn half_of_the_viewers_are_stale(scene: &mut Scene) {
    let half = scene.watchers.sights().len() / 2;
    scene.some_are_stale(half).await;
    scene.works().await;
    assert_eq!(scene.watchers.sights().iter().filter(|sight| sight.stale).count(), half, "and nobody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_cut_off_from_redis_refuses_changes_while_others_go_on() {
    let apart = Apart::start().await;
    let mut scene = apart.scene().await;
    apart.proxy.set(Traffic::Cut);
    half_of_the_viewers_are_stale(&mut scene).await;
    maps_stay_readable_and_changes_are_refused(&apart.far.api).await;
    apart.proxy.set(Traffic::Flows);
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots, outcome.connections), (1, 1, 1), "history filled the gap");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_network_is_noticed_and_what_arrives_late_does_no_harm() {
    let apart = Apart::start().await;
    let mut scene = apart.scene().await;
    apart.proxy.set(Traffic::Frozen);
    half_of_the_viewers_are_stale(&mut scene).await;
    maps_stay_readable_and_changes_are_refused(&apart.far.api).await;
    // What was sent meanwhile reaches Redis only now.
    apart.proxy.set(Traffic::Flows);
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots, outcome.connections), (1, 1, 1), "history filled the gap");
    assert!(outcome.unanswered > 0, "what was under way was not answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_whose_answers_are_lost_are_made_once_and_found_again() {
    let apart = Apart::start().await;
    let mut scene = apart.scene().await;
    apart.proxy.set(Traffic::OneWay);
    half_of_the_viewers_are_stale(&mut scene).await;
    maps_stay_readable_and_changes_are_refused(&apart.far.api).await;
    apart.proxy.set(Traffic::Flows);
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots, outcome.connections), (1, 1, 1), "history filled the gap");
    assert!(outcome.unanswered > 0, "what was under way was not answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_to_redis_makes_nothing_stale() {
    let apart = Apart::start().await;
    let mut scene = apart.scene().await;
    apart.proxy.set(Traffic::Delayed(SLOW));
    for _ in 0..3 {
        scene.works().await;
    }
    assert!(scene.is_undisturbed());
    apart.proxy.set(Traffic::Flows);
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots, outcome.connections, outcome.unanswered), (1, 1, 1, 0));
}

/// A server whose clients reach it through the proxy.
async fn behind_a_proxy() -> (TestStore, ServerProcess, Proxy, Scene) {
    let store = TestStore::redis();
    let server = ServerProcess::start(&store.address()).await;
    let proxy = Proxy::start(server.address.clone()).await;
    let scene = Scene::with(&store, vec![Api::new(format!("http://{}", proxy.address))]).await;
    (store, server, proxy, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_whose_network_is_cut_come_back_and_continue_where_they_were() {
    let (store, _server, proxy, mut scene) = behind_a_proxy().await;
    for _ in 0..3 {
        proxy.set(Traffic::Cut);
        scene.watchers.until(|sight| !sight.connected).await;
        proxy.set(Traffic::Flows);
        scene.heals().await;
    }
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1), "history filled the gap");
    assert!(outcome.connections > 3 && outcome.unanswered > 0, "{outcome:?}");
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_whose_network_stands_still_catch_up_when_it_goes_on() {
    let (store, server, proxy, mut scene) = behind_a_proxy().await;
    let level = Level::of(&server);
    proxy.set(Traffic::Frozen);
    // Others go on meanwhile.
    let seat = scene.seats.index("H-1");
    scene.somebody_else_unlocks("1000", seat);
    for _ in 0..100 {
        server.api.lock(SHOW, &["H-1"], 1_000).await.expect(200);
        server.api.unlock(SHOW, &["H-1"], 1_000).await.expect(200);
    }
    proxy.set(Traffic::Flows);
    scene.heals().await;
    let outcome = scene.ends().await;
    assert_eq!(outcome.epochs, 1);
    level.is_back(&server).await;
    drop(store);
}

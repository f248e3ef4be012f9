//! A server's process dies while others live.

use super::scene::Scene;
use crate::support::{ServerProcess, TestStore};

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_killed_in_the_middle_of_locks_lose_and_invent_nothing() {
    let store = TestStore::redis();
    let address = store.address();
    let (mut one, mut two, three) =
        tokio::join!(ServerProcess::start(&address), ServerProcess::start(&address), ServerProcess::start(&address));
    let mut scene = Scene::begin(&store, &[&one, &two, &three]).await;
    for server in [&mut one, &mut two] {
        server.kill();
        // Its viewers and buyers go to the next server by themselves.
        scene.heals().await;
    }
    let outcome = scene.ends().await;
    assert_eq!((outcome.epochs, outcome.snapshots), (1, 1), "viewers continue at their position");
    assert!(outcome.connections >= 2, "{outcome:?}");
    assert!(outcome.unanswered > 0, "requests were under way");
}

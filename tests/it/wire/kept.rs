//! Answers that are kept: what is asked conditionally, and that an answer which still holds is as
//! good as a new one.

use std::cell::RefCell;
use std::rc::Rc;

use gardener::forge::{Answers, ForgeRead as _, ForgeWrite as _, GitHub, GitHubWriter, Options, Token};
use gardener::model::Timestamp;
use github_stand_in::{How, Rule, When};

use super::{Scene, world};

#[derive(Clone, Default)]
struct Memory(Rc<RefCell<Vec<u8>>>);

impl Answers for Memory {
    fn read(&mut self) -> Option<Vec<u8>> {
        Some(self.0.borrow().clone())
    }

    fn write(&mut self, bytes: &[u8]) {
        *self.0.borrow_mut() = bytes.to_vec();
    }
}

fn scene() -> Scene {
    let mut world = world();
    for n in 1..=5 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "text", &["bug"]);
    }
    world.clock.advance(60);
    Scene::new(world)
}

/// One run: the repository, and what changed since the first second.
fn run(scene: &Scene, memory: &Memory, options: impl FnOnce(&mut Options)) -> (Vec<String>, Vec<String>) {
    scene.clear_log();
    let mut all = Options { kept: Some(Box::new(memory.clone())), ..scene.options() };
    options(&mut all);
    let mut github = GitHubWriter::new(GitHub::new(all));
    let since: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    github.ahead(since);
    let repository = github.repository().expect("answered");
    assert_eq!(repository.slug.to_string(), "acme/app");
    let listed = github.changed(Some(since)).expect("answered");
    assert!(github.now().is_some());
    github.keep_answers();
    let mut statuses: Vec<String> = scene.server.log().iter().map(|l| l.status.to_string()).collect();
    statuses.sort();
    (listed.issues.iter().map(|i| i.title.clone()).collect(), statuses)
}

#[test]
fn what_still_holds_is_not_sent_again() {
    let (scene, memory) = (scene(), Memory::default());
    let all = ["t1", "t2", "t3", "t4", "t5"];
    assert_eq!(run(&scene, &memory, |_| ()).1, ["200", "200"]);
    for _ in 0..2 {
        let (titles, statuses) = run(&scene, &memory, |_| ());
        assert_eq!((titles, statuses), (all.map(str::to_owned).to_vec(), vec!["304".to_owned(); 2]));
    }
    scene.server.with(|g| g.label_as("bob", "acme/app", 3, "P1"));
    let (titles, statuses) = run(&scene, &memory, |_| ());
    assert_eq!((titles.len(), statuses), (5, vec!["200".to_owned(), "304".to_owned()]));
    assert_eq!(run(&scene, &memory, |_| ()).1, ["304", "304"]);
}

#[test]
fn both_are_asked_for_at_the_same_time() {
    let (scene, memory) = (scene(), Memory::default());
    // The first that arrives is answered when the second is there.
    scene.server.fail(Rule::new(When::Before, How::Hold));
    let server: &github_stand_in::StandIn = &scene.server;
    let mut arrived = 0;
    let release = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = release.clone();
    scene.server.on_request(move |moment, _| {
        arrived += usize::from(moment.phase == github_stand_in::Phase::Arrived);
        seen.store(arrived, std::sync::atomic::Ordering::SeqCst);
    });
    let watched = release.clone();
    let both = std::thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            let is_there = || watched.load(std::sync::atomic::Ordering::SeqCst) >= 2;
            for _ in 0..400 {
                if is_there() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let both = is_there();
            server.release();
            both
        });
        run(&scene, &memory, |_| ());
        waiting.join().expect("ended")
    });
    assert!(both, "one waited for the other");
}

#[test]
fn another_token_and_a_damaged_file_cost_requests_and_nothing_else() {
    let (scene, memory) = (scene(), Memory::default());
    scene.server.with(|g| g.add_token("ghp_another", "ann"));
    run(&scene, &memory, |_| ());
    let other = |options: &mut Options| {
        let host = options.address.host().to_owned();
        options.token = Token::new("ghp_another", "GH_TOKEN", &host);
    };
    assert_eq!(run(&scene, &memory, other).1, ["200", "200"]);
    assert_eq!(run(&scene, &memory, |_| ()).1, ["200", "200"]);
    let whole = memory.0.borrow().clone();
    memory.0.borrow_mut().truncate(whole.len() / 2);
    assert_eq!(run(&scene, &memory, |_| ()).1, ["200", "200"]);
    assert_eq!(run(&scene, &memory, |_| ()).1, ["304", "304"]);
}

#[test]
fn an_answer_that_can_not_be_read_is_not_kept() {
    let (scene, memory) = (scene(), Memory::default());
    let cut = github_stand_in::Response {
        status: 200,
        headers: [("etag".to_owned(), "\"1\"".to_owned())].into(),
        body: b"[{\"number\":1,".to_vec(),
    };
    scene.server.fail(Rule::new(When::After, How::Answer(cut)).path("since="));
    let options = Options { kept: Some(Box::new(memory.clone())), ..scene.options() };
    let mut github = GitHubWriter::new(GitHub::new(options));
    let since: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
    assert!(github.changed(Some(since)).is_err());
    github.keep_answers();
    assert_eq!(run(&scene, &memory, |_| ()).0.len(), 5);
}

#[test]
fn where_nobody_is_there_it_is_found_out_once() {
    let scene = scene();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    let address = gardener::forge::Address::new("github.com", Some(&url), None).expect("loopback");
    let mut github = GitHub::new(Options { address, ..scene.options() });
    github.ahead("2026-03-01T12:00:00Z".parse().expect("a time"));
    assert!(matches!(github.repository(), Err(gardener::forge::ForgeError::Offline { .. })));
    assert_eq!(github.requests(), 2);
}

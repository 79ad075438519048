//! `forge` against the stand-in for GitHub: what goes over the wire, and what comes of it
//! when the wire is bad.

mod faults;
mod kept;
mod limits;
mod reads;
mod redirects;
mod script;
mod together;
mod writes;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use gardener::effect::Steps;
use gardener::forge::{Address, Clock, GitHub, GitHubWriter, Options, Token};
use gardener::model::{Label, Labels, RepoSlug};
use gardener::plan::Write;
use github_stand_in::{GitHub as World, Permission, StandIn};

use crate::matrix::fired_on_the_way;

/// A token that must turn up nowhere but at the server it is for.
const SECRET: &str = "ghp_0123456789abcdefSECRET";

/// A GitHub with `acme/app`, where `ann` writes issues and owns the token.
fn world() -> World {
    let mut world = World::at("2026-03-01T12:00:00Z");
    world.add_repo("acme/app");
    world.add_token(SECRET, "ann");
    world.grant("ann", "acme/app", Permission::Write);
    for label in ["bug", "P1", "area/cli"] {
        world.add_label("acme/app", label, "ededed");
    }
    world
}

/// A clock on which waiting takes no time; time at GitHub passes along with it.
#[derive(Clone)]
struct Fast {
    server: Rc<StandIn>,
    at: Rc<Cell<Duration>>,
    waits: Rc<RefCell<Vec<Duration>>>,
}

impl Clock for Fast {
    fn monotonic(&self) -> Duration {
        self.at.get()
    }

    fn sleep(&self, time: Duration) {
        self.at.set(self.at.get() + time);
        self.waits.borrow_mut().push(time);
        let seconds = i64::try_from(time.as_secs()).expect("short");
        self.server.with(|world| world.clock.advance(seconds));
    }
}

/// A stand-in, and everything a client of it reports to.
struct Scene {
    server: Rc<StandIn>,
    clock: Fast,
    said: Rc<RefCell<Vec<String>>>,
    announced: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Scene {
    fn new(world: World) -> Self {
        let server = Rc::new(StandIn::start(world));
        let clock = Fast { server: server.clone(), at: Rc::default(), waits: Rc::default() };
        Self { server, clock, said: Rc::default(), announced: std::sync::Arc::default() }
    }

    fn options(&self) -> Options {
        let address = Address::new("github.com", Some(&self.server.url()), None).expect("loopback");
        let (said, announced) = (self.said.clone(), self.announced.clone());
        Options {
            token: Token::new(SECRET, "GH_TOKEN", address.host()),
            clock: Box::new(self.clock.clone()),
            progress: Box::new(move |text| said.borrow_mut().push(text.to_owned())),
            steps: Steps::with_hook(move |_, what| {
                announced.lock().expect("unpoisoned").push(what.to_owned())
            }),
            ..Options::new(address, slug("acme/app"))
        }
    }

    fn reader(&self) -> GitHub {
        GitHub::new(self.options())
    }

    fn writer(&self) -> GitHubWriter {
        GitHubWriter::new(self.reader())
    }

    /// The requests so far: `GET /repos/acme/app -> 200`.
    fn lines(&self) -> Vec<String> {
        self.server.log().iter().map(|l| format!("{} {} -> {}", l.method, l.target, l.status)).collect()
    }

    /// Forgets the requests so far.
    fn clear_log(&self) {
        fired_on_the_way(&self.server.log());
        self.server.clear_log();
    }

    /// How many requests of this method and path arrived, handled or not.
    fn sent(&self, method: &str, path: &str) -> usize {
        let log = self.server.log();
        log.iter().filter(|l| l.method == method && l.target.split('?').next() == Some(path)).count()
    }

    fn waits(&self) -> Vec<u64> {
        self.clock.waits.borrow().iter().map(|w| u64::try_from(w.as_millis()).expect("short")).collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        fired_on_the_way(&self.server.log());
    }
}

fn slug(text: &str) -> RepoSlug {
    RepoSlug::parse(text).expect("a slug")
}

fn label(name: &str) -> Label {
    Label::new(name).expect("a label")
}

fn labels(names: &[&str]) -> Labels {
    names.iter().map(|n| label(n)).collect()
}

fn numbers(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<u64> {
    numbers.into_iter().collect()
}

fn new_issue(title: &str) -> Write {
    Write::CreateIssue { title: title.into(), body: "text".into(), labels: labels(&["bug"]) }
}

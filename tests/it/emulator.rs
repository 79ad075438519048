//! A second opinion: `gardener` against a GitHub that others wrote.
//!
//! The stand-in in `tests/github` was written by the same hands as gardener, so both could
//! share a mistake. npm's `emulate` was not. It speaks REST alone, knows no ETags and no
//! GraphQL, shows milliseconds, and ignores what it does not know without a word; gardener has
//! to live with all of that. What is checked is what is on the emulator afterwards, asked for
//! over HTTP. `.ci/run` installs it; `GARDENER_EMULATE` names the folder with its
//! `node_modules`.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sandbox::{Answer, Sandbox};

const ISSUES: &str = "/repos/acme/app/issues";
const PATH: &str = "worklogs/w.md";

/// Who is who there. Issues and labels cannot be seeded: people make them over HTTP.
const SEED: &str = "
tokens:
  token-of-ann: {login: ann, scopes: [repo, user]}
  token-of-bob: {login: bob, scopes: [repo, user]}
github:
  users:
    - {login: ann, name: Ann, email: ann@example.org}
    - {login: bob, name: Bob, email: bob@example.org}
  orgs:
    - {login: acme, members: [{login: ann, role: admin}, {login: bob, role: member}]}
  repos:
    - {owner: acme, name: app, private: false, auto_init: true}
";

/// The emulator, until it is dropped, and a repository whose issues it has.
struct Scene {
    sandbox: Sandbox,
    port: u16,
    process: Child,
}

impl Drop for Scene {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Scene {
    fn start() -> Self {
        let folder =
            std::env::var_os("GARDENER_EMULATE").expect("GARDENER_EMULATE: the folder of node_modules");
        let modules = PathBuf::from(folder).join("node_modules");
        let sandbox = Sandbox::new();
        let seed = sandbox.root().join("seed.yaml");
        std::fs::write(&seed, SEED).expect("a seed");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = Command::new(modules.join(".bin/node"))
            .arg(modules.join("emulate/dist/index.js"))
            .args(["start", "--service", "github", "--port", &port.to_string(), "--seed"])
            .arg(&seed)
            .current_dir(sandbox.root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("node starts");
        let scene = Self { sandbox, port, process };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "the emulator does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        scene.sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
        scene.sandbox.write("README.md", "an app\n");
        scene.sandbox.commit_all("start");
        scene
    }

    /// What a person does there, or the test looks up.
    fn http(&self, who: &str, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        // An answer to HTTP/1.0 comes in one piece and ends with the connection.
        let request = format!(
            "{method} {target} HTTP/1.0\r\nhost: 127.0.0.1:{}\r\nuser-agent: test\r\n\
             authorization: Bearer token-of-{who}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn bob(&self, method: &str, target: &str, body: Value) -> Value {
        let (status, answer) = self.http("bob", method, target, &body);
        assert!(status < 300, "{method} {target}: {status} {answer}");
        answer
    }

    /// Everything that gardener could have changed.
    fn everything(&self) -> Vec<Value> {
        let issues = self.bob("GET", &format!("{ISSUES}?state=all&per_page=100"), Value::Null);
        let mut all = vec![issues.clone()];
        for issue in issues.as_array().expect("a list") {
            all.push(self.bob("GET", &format!("{ISSUES}/{}/comments", issue["number"]), Value::Null));
        }
        all
    }

    /// An issue's state, reason and labels.
    fn issue(&self, number: u64) -> (String, Value, Vec<String>) {
        let issue = self.bob("GET", &format!("{ISSUES}/{number}"), Value::Null);
        let labels = issue["labels"].as_array().expect("labels").iter();
        let mut labels: Vec<_> = labels.map(|l| l["name"].as_str().expect("a name").to_owned()).collect();
        labels.sort();
        (issue["state"].as_str().expect("a state").to_owned(), issue["state_reason"].clone(), labels)
    }

    fn gardener<W: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = W>) -> Answer {
        let url = format!("http://127.0.0.1:{}", self.port);
        self.sandbox.gardener(arguments).env("GITHUB_API_URL", url).env("GH_TOKEN", "token-of-ann").run()
    }

    fn sync(&self, code: i32) -> Answer {
        let answer = self.gardener(["sync"]);
        assert_eq!(answer.code, code, "{}\n{}", answer.out, answer.err);
        answer
    }

    /// A sync that finds nothing to do, here or there.
    fn assert_settled(&self) {
        let (head, there) = (self.sandbox.head(), self.everything());
        self.sync(0);
        assert_eq!(self.sandbox.head(), head);
        assert_eq!(self.everything(), there);
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.sandbox.read(PATH);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        self.sandbox.write(PATH, text.replace(from, to));
    }
}

#[test]
#[ignore = "needs npm's emulate: .ci/run installs it"]
fn emulator_creates_pulls_pushes_closes_relabels_and_comments() {
    let scene = Scene::start();
    assert_eq!(scene.http("bob", "POST", "/graphql", &json!({ "query": "{ viewer { login } }" })).0, 404);
    for label in ["P1", "P2", "bug"] {
        scene.bob("POST", "/repos/acme/app/labels", json!({ "name": label, "color": "ededed" }));
    }
    let theirs = json!({ "title": "Login times out", "body": "Every third time.", "labels": ["bug"] });
    assert_eq!(scene.bob("POST", ISSUES, theirs)["number"], 1);
    scene.sandbox.write(
        PATH,
        "---\ngardener: 1\nid: w\nentries:\n  - id: theirs\n    title: Login\n    issue: 1\n    \
         severity: P1\n    tests: [tests/login.py::test_slow]\n  - id: ours\n    title: Two managers\n    \
         severity: P2\n    status: open\n    labels: [bug]\n---\n\n# W\n",
    );
    scene.sandbox.commit_all("a worklog");

    // Create, relabel and comment; a dry run before it sends nothing.
    let before = scene.everything();
    let dry = scene.gardener(["sync", "--dry-run"]);
    assert_eq!((dry.code, scene.everything()), (0, before), "{}{}", dry.out, dry.err);
    scene.sync(0);
    assert_eq!(scene.issue(1), ("open".into(), Value::Null, vec!["P1".into(), "bug".into()]));
    assert_eq!(scene.issue(2), ("open".into(), Value::Null, vec!["P2".into(), "bug".into()]));
    let made = scene.bob("GET", &format!("{ISSUES}/2"), Value::Null);
    assert_eq!((&made["title"], &made["user"]["login"]), (&json!("Two managers"), &json!("ann")));
    let comments = scene.bob("GET", &format!("{ISSUES}/1/comments"), Value::Null);
    let comments = comments.as_array().expect("comments");
    assert_eq!(comments.len(), 1, "{comments:?}");
    assert_eq!(comments[0]["user"]["login"], "ann");
    assert!(comments[0]["body"].as_str().expect("text").contains("test_slow"), "{comments:?}");
    assert!(scene.sandbox.read(PATH).contains("issue: 2"));
    scene.assert_settled();

    // Pull: what bob does there arrives here.
    scene.bob("PATCH", &format!("{ISSUES}/1"), json!({ "state": "closed", "state_reason": "not_planned" }));
    scene.bob("POST", &format!("{ISSUES}/2/labels"), json!({ "labels": ["area/cli"] }));
    let there = scene.everything();
    scene.sync(0);
    let text = scene.sandbox.read(PATH);
    assert!(text.contains("status: not-planned") && text.contains("area/cli"), "{text}");
    assert_eq!(scene.everything(), there);
    scene.assert_settled();

    // Push: close, relabel, and bob's label in between stays.
    scene.bob("POST", &format!("{ISSUES}/2/labels"), json!({ "labels": ["seen"] }));
    scene.edit("status: open", "status: completed");
    scene.edit("severity: P2", "severity: P1");
    scene.sync(0);
    let labels = ["P1", "area/cli", "bug", "seen"].map(str::to_owned).to_vec();
    assert_eq!(scene.issue(2), ("closed".into(), json!("completed"), labels));
    scene.assert_settled();

    // Reopen from here.
    scene.edit("status: not-planned", "status: open");
    scene.sync(0);
    assert_eq!(scene.issue(1).0, "open");
    scene.assert_settled();

    // It does not know `duplicate` and says nothing: gardener must.
    scene.edit("status: open", "status: duplicate");
    let answer = scene.sync(3);
    assert!(answer.out.contains("did not take the status; it is completed"), "{}", answer.out);
    assert_eq!(scene.issue(1).1, "completed");
    assert!(scene.sandbox.read(PATH).contains("status: duplicate"));
    // What it made of that instead is a change on its side: now a person has to say.
    let there = scene.everything();
    let again = scene.sync(4);
    assert!(again.out.contains("conflict"), "{}", again.out);
    assert_eq!((scene.everything(), there[0].as_array().map(Vec::len)), (there, Some(2)));
}

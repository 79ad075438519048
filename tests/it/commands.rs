//! The commands that need no network, as a person or a script meets them: the real program
//! in a repository of its own. What they print is held by snapshots beside this file.

mod check;
mod decide;
mod edit;
mod hostile;
mod list;
mod new;
mod scripts;
mod show;
mod start;

use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

/// The moment of `gardener new` in these tests.
const EPOCH: &str = "1757851170";

/// Two worklogs and an archived one, as after some syncs and some edits by hand.
pub(crate) fn garden() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox.write("worklogs/critical.md", include_str!("commands/critical.md"));
    sandbox.write("worklogs/logs.md", include_str!("commands/logs.md"));
    let old = "---\ngardener: 1\nid: old\narchived: true\nentries:\n  - id: gone\n    title: Long gone\n    \
               severity: P0\n    issue: 1021\n---\n\n# Old\n";
    sandbox.write("worklogs/old.md", old);
    sandbox.commit_all("garden");
    sandbox
}

/// Runs `gardener` with words that are parted by blanks.
fn gardener(sandbox: &Sandbox, words: &str) -> Answer {
    sandbox.gardener(words.split_whitespace()).run()
}

/// What a `--json` printed, which is one line of schema 1.
pub(crate) fn json(answer: &Answer) -> Value {
    assert_eq!(answer.out.lines().count(), 1, "{}", answer.out);
    let value: Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(value["schema"], 1);
    value
}

/// Entries of a `--json` by name.
fn entries(answer: &Answer) -> Vec<String> {
    let value = json(answer);
    let entries = value["entries"].as_array().expect("a list");
    entries.iter().map(|e| e["entry"].as_str().expect("a name").to_owned()).collect()
}

//! `gardener link` and `gardener accept`, and how what waits for them is shown.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{entries, gardener, json};
use crate::sandbox::{Answer, Sandbox};

const NIGHTLY: &str = r##"---
gardener: 1
id: nightly
entries:
  - id: docker-build
    title: The image does not build # as far as I know
    severity: P0
    candidates:
      - {issue: 1082, score: 0.74, reason: "same error line and test"}
      - {issue: acme/lib#7, score: 0.31, reason: "same words: image, build"}
    owner: ann
  - id: slow-start
    title: The start takes a minute
    candidates:
    - issue: "#885" # is it?
      score: 0.4
  - id: known
    title: Linked already
    issue: 960
    reason: "same fingerprint"
  - id: none-of-them
    title: Somebody looked
    candidates: []
  - id: plain
    title: Nothing is like it
    hold: over the budget
  - { id: flow, title: On one line, candidates: [{ issue: 3 }] }
---

# Nightly

Text that stays.
"##;

const OTHER: &str = "---\ngardener: 1\nid: other\nentries:\n  - id: plain\n    title: Another one\n  \
                     - id: torn\n    title: Unlinked\n  - id: more\n    title: More\n    candidates: [{issue: 5}]\n---\n\n\
                     <!-- gardener:base 1\ntorn {\"issue\":\"acme/app#9\",\"status\":\"open\",\"severity\":null,\
                     \"labels\":[],\"links\":[],\"seen\":\"2025-09-14T12:03:11Z\"}\n-->\n";

fn garden() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox.write("worklogs/nightly.md", NIGHTLY);
    sandbox.write("worklogs/other.md", OTHER);
    let old = "---\ngardener: 1\nid: old\narchived: true\nentries:\n  - id: gone\n    title: Long gone\n    \
               candidates: [{issue: 4}]\n---\n";
    sandbox.write("worklogs/old.md", old);
    sandbox.commit_all("garden");
    sandbox
}

/// What the command changed, as the lines of a diff.
fn changed(sandbox: &Sandbox) -> String {
    let diff = sandbox.git(["diff", "-U0", "--no-color"]);
    let is_change = |line: &&str| {
        (line.starts_with('+') || line.starts_with('-'))
            && !line.starts_with("+++")
            && !line.starts_with("---")
    };
    diff.lines().filter(is_change).map(|line| format!("{line}\n")).collect()
}

fn refused(answer: &Answer, code: i32, words: &[&str]) {
    assert_eq!((answer.code, answer.out.as_str()), (code, ""), "{}", answer.err);
    for word in words {
        assert!(answer.err.contains(word), "{word}\n{}", answer.err);
    }
}

#[test]
fn what_is_to_be_decided_is_listed_and_shown() {
    let sandbox = garden();
    assert_data_eq!(
        gardener(&sandbox, "list").out,
        str![[r#"
nightly/docker-build  open  P0  -     The image does not build  (2 candidates)
nightly/slow-start    open  -   -     The start takes a minute  (1 candidate)
nightly/known         -     -   #960  Linked already
nightly/none-of-them  open  -   -     Somebody looked
nightly/plain         open  -   -     Nothing is like it
nightly/flow          open  -   -     On one line  (1 candidate)
other/plain           open  -   -     Another one
other/torn            open  -   -     Unlinked
other/more            open  -   -     More  (1 candidate)
9 entries

"#]]
    );
    let waiting = ["nightly/docker-build", "nightly/slow-start", "nightly/flow", "other/more"];
    assert_eq!(entries(&gardener(&sandbox, "list --json --candidates")), waiting);
    assert_data_eq!(
        gardener(&sandbox, "show docker-build").out,
        str![[r#"
nightly/docker-build  not filed
The image does not build
  --> worklogs/nightly.md:5:5

  status       open
  severity     P0
  owner        ann
  candidates   #1082  0.74  same error line and test
               acme/lib#7  0.31  same words: image, build
  last sync    never

"#]]
    );
    assert!(gardener(&sandbox, "show known").out.contains("  reason       same fingerprint\n"));
    assert!(
        gardener(&sandbox, "show none-of-them")
            .out
            .contains("  candidates   none of them: a sync files it\n")
    );
    let value = json(&gardener(&sandbox, "show --json docker-build"));
    let entry = &value["entries"][0];
    assert_eq!(
        entry["candidates"],
        json!([
            {"issue": "#1082", "score": 0.74, "reason": "same error line and test"},
            {"issue": "acme/lib#7", "score": 0.31, "reason": "same words: image, build"},
        ])
    );
    assert_eq!(json(&gardener(&sandbox, "show --json known"))["entries"][0]["reason"], "same fingerprint");
    assert!(json(&gardener(&sandbox, "show --json nightly/plain"))["entries"][0]["candidates"].is_null());
}

#[test]
fn a_number_takes_the_place_of_candidates_and_brings_their_reason() {
    let sandbox = garden();
    let before = sandbox.head();
    let answer = gardener(&sandbox, "link docker-build #1082");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_data_eq!(
        &answer.out,
        str![[r#"
worklogs/nightly.md
  docker-build  linked to #1082: same error line and test

"#]]
    );
    assert_data_eq!(
        &answer.err,
        str![[r#"
next: `gardener sync --dry-run`, then `gardener sync`

"#]]
    );
    assert_data_eq!(
        changed(&sandbox),
        str![[r#"
-    candidates:
-      - {issue: 1082, score: 0.74, reason: "same error line and test"}
-      - {issue: acme/lib#7, score: 0.31, reason: "same words: image, build"}
+    issue: 1082
+    reason: "same error line and test"

"#]]
    );
    assert_eq!(sandbox.head(), before, "no commit");
    // What is as it should be is not written again.
    let again = gardener(&sandbox, "link docker-build https://github.com/acme/app/issues/1082");
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    assert!(again.out.ends_with("linked to #1082: same error line and test, as it was\n"), "{}", again.out);
    // Another number than the candidates' has no reason.
    assert_eq!(gardener(&sandbox, "link slow-start acme/app#12").code, 0);
    let text = sandbox.read("worklogs/nightly.md");
    assert!(text.contains("    title: The start takes a minute\n    issue: 12\n  - id: known\n"), "{text}");
    assert!(sandbox.read("worklogs/nightly.md").ends_with("\n# Nightly\n\nText that stays.\n"));
    assert_eq!(gardener(&sandbox, "check --strict").code, 0);
}

#[test]
fn none_of_them_is_written_down_and_said_where_it_does_not_help() {
    let sandbox = garden();
    let answer = gardener(&sandbox, "link docker-build --none");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        answer.out.ends_with("  docker-build  none of 2 candidates: a sync files it\n"),
        "{}",
        answer.out
    );
    assert_data_eq!(
        changed(&sandbox),
        str![[r#"
-    candidates:
-      - {issue: 1082, score: 0.74, reason: "same error line and test"}
-      - {issue: acme/lib#7, score: 0.31, reason: "same words: image, build"}
+    candidates: []

"#]]
    );
    let held = gardener(&sandbox, "link nightly/plain --none");
    assert!(
        held.err.contains("plain: it is on hold, and not filed before that goes: over the budget"),
        "{}",
        held.err
    );
    let torn = gardener(&sandbox, "link torn --none");
    assert!(
        torn.err.contains("torn: it was unlinked from #9, so that a sync leaves it alone"),
        "{}",
        torn.err
    );
    let there = gardener(&sandbox, "link none-of-them --none");
    assert!(there.out.ends_with("a sync files it, as it was\n") && there.err.is_empty(), "{}", there.out);
}

#[test]
fn a_link_is_replaced_only_where_that_is_said() {
    let sandbox = garden();
    refused(
        &gardener(&sandbox, "link known 12"),
        1,
        &["worklogs/nightly.md:17:5: nightly/known is linked to #960 already", "say so with --replace"],
    );
    refused(&gardener(&sandbox, "link known --none"), 1, &["linked to #960 already", "--replace"]);
    refused(&gardener(&sandbox, "accept known"), 1, &["linked to #960 already"]);
    refused(&gardener(&sandbox, "link known"), 2, &["<ISSUE>"]);
    refused(&gardener(&sandbox, "link known 12 --none"), 2, &["cannot be used with"]);
    assert_eq!(changed(&sandbox), "");
    assert_eq!(gardener(&sandbox, "link known 960").code, 0);
    assert_eq!(changed(&sandbox), "", "the same number is no replacement, and keeps its reason");
    let answer = gardener(&sandbox, "link known other/app#12 --replace");
    assert_eq!(answer.code, 0);
    assert!(answer.out.ends_with("  known  linked to other/app#12 in place of #960\n"), "{}", answer.out);
    for note in ["is in another repository", "a first link", "#960 stays as it is"] {
        assert!(answer.err.contains(note), "{}", answer.err);
    }
    assert_eq!(
        changed(&sandbox),
        "-    issue: 960\n-    reason: \"same fingerprint\"\n+    issue: \"other/app#12\"\n"
    );
}

#[test]
fn names_that_are_not_clear_are_refused_with_those_that_are() {
    let sandbox = garden();
    refused(
        &gardener(&sandbox, "link plain 3"),
        2,
        &["2 entries are called plain", "nightly/plain, other/plain"],
    );
    refused(&gardener(&sandbox, "link dokcer-build 3"), 2, &["did you mean nightly/docker-build?"]);
    refused(&gardener(&sandbox, "link other/plian 3"), 2, &["did you mean other/plain?"]);
    refused(&gardener(&sandbox, "link whatever 3"), 2, &["no entry is called whatever", "gardener list"]);
    refused(&gardener(&sandbox, "accept docker-build whatever"), 2, &["no entry is called whatever"]);
    refused(&gardener(&sandbox, "link gone 3"), 1, &["worklogs/old.md, which is archived"]);
    for wrong in ["soon", "#0", "https://example.com/acme/app/issues/3", "https://github.com/acme/app/pull/3"]
    {
        refused(&gardener(&sandbox, &format!("link docker-build {wrong}")), 2, &["an issue is 12, #12"]);
    }
    assert_eq!(changed(&sandbox), "");
    // In JSON, too.
    let answer = gardener(&sandbox, "link plain 3 --json");
    assert_eq!(
        (answer.code, json(&answer)["next"].clone()),
        (2, json!("write one of nightly/plain, other/plain"))
    );
}

#[test]
fn a_worklog_at_fault_is_shown_with_its_place() {
    let sandbox = garden();
    let broken =
        NIGHTLY.replace("    severity: P0\n", "    severity: P9\n").replace("id: nightly", "id: broken");
    sandbox.write("worklogs/broken.md", broken.replace("docker-build", "only-here"));
    refused(&gardener(&sandbox, "link only-here 3"), 1, &["worklogs/broken.md:7:15", "which can't be read"]);
    let warned = gardener(&sandbox, "accept --all --dry-run");
    assert!(warned.err.contains("left out: worklogs/broken.md") && warned.code == 0, "{}", warned.err);
    sandbox.remove("worklogs/broken.md");
    // A part of it in the index: what a sync does not read is not decided on.
    sandbox.write("worklogs/nightly.md", NIGHTLY.replace("Somebody", "One"));
    sandbox.git(["add", "worklogs/nightly.md"]);
    sandbox.write("worklogs/nightly.md", NIGHTLY.replace("Somebody", "Two"));
    refused(
        &gardener(&sandbox, "link docker-build 3"),
        1,
        &["worklogs/nightly.md:5:5: a part of it is staged"],
    );
}

#[test]
fn a_candidate_is_accepted_by_its_place() {
    let sandbox = garden();
    refused(
        &gardener(&sandbox, "accept nightly/plain"),
        1,
        &["worklogs/nightly.md:24:5: nightly/plain has no candidates"],
    );
    refused(&gardener(&sandbox, "accept none-of-them"), 1, &["is about none of its candidates"]);
    refused(&gardener(&sandbox, "accept docker-build -k 3"), 1, &["has 2 candidates, and no number 3"]);
    refused(&gardener(&sandbox, "accept"), 2, &["ENTRY"]);
    refused(&gardener(&sandbox, "accept --all --candidate 2"), 2, &["cannot be used with"]);
    // One that can't be accepted: none is.
    refused(&gardener(&sandbox, "accept docker-build slow-start nightly/plain"), 1, &["has no candidates"]);
    assert_eq!(changed(&sandbox), "");
    let answer = gardener(&sandbox, "accept docker-build --candidate 2");
    assert_eq!(answer.code, 0);
    assert!(answer.out.ends_with("linked to acme/lib#7: same words: image, build\n"), "{}", answer.out);
    assert!(answer.err.contains("acme/lib#7 is in another repository"), "{}", answer.err);
}

#[test]
fn all_that_waits_is_accepted_at_once() {
    let sandbox = garden();
    let dry = gardener(&sandbox, "accept --all -n");
    assert_eq!((dry.code, dry.err.as_str()), (0, ""));
    assert_data_eq!(
        &dry.out,
        str![[r#"
worklogs/nightly.md
  docker-build  linked to #1082: same error line and test
  slow-start    linked to #885
  flow          linked to #3
worklogs/other.md
  more          linked to #5
nothing was written (dry run)

"#]]
    );
    assert_eq!(changed(&sandbox), "");
    let value = json(&gardener(&sandbox, "accept --all --json"));
    assert_eq!(value["written"], json!(["worklogs/nightly.md", "worklogs/other.md"]));
    assert_eq!(
        (&value["exit"], &value["dry_run"], &value["error"]),
        (&json!(0), &json!(false), &json!(null))
    );
    assert_eq!(
        value["entries"][0],
        json!({
            "entry": "nightly/docker-build", "worklog": "worklogs/nightly.md", "line": 5, "column": 5,
            "issue": "#1082", "reason": "same error line and test", "was": null, "what": [],
            "candidates": [
                {"issue": "#1082", "score": 0.74, "reason": "same error line and test"},
                {"issue": "acme/lib#7", "score": 0.31, "reason": "same words: image, build"},
            ],
            "changes": true, "done": true,
        })
    );
    assert_eq!(value["entries"].as_array().expect("a list").len(), 4);
    assert_data_eq!(
        changed(&sandbox),
        str![[r##"
-    candidates:
-      - {issue: 1082, score: 0.74, reason: "same error line and test"}
-      - {issue: acme/lib#7, score: 0.31, reason: "same words: image, build"}
+    issue: 1082
+    reason: "same error line and test"
-    candidates:
-    - issue: "#885" # is it?
-      score: 0.4
+    issue: 885
-  - { id: flow, title: On one line, candidates: [{ issue: 3 }] }
+  - { id: flow, title: On one line, issue: 3 }
-    candidates: [{issue: 5}]
+    issue: 5

"##]]
    );
    assert_eq!(gardener(&sandbox, "check --strict").code, 0);
    assert_eq!(gardener(&sandbox, "accept --all").out, "no entry has candidates\n");
}

#[test]
fn what_cannot_be_edited_is_named_and_nothing_is_written() {
    let sandbox = garden();
    // As much front matter as is read: a number more would be too much.
    let front = NIGHTLY.split("---\n").nth(1).expect("front matter");
    let more = format!("# {}\n", "x".repeat(gardener::worklog::MAX_FRONT_MATTER - front.len() - 3));
    let text = NIGHTLY.replace("entries:\n", &format!("{more}entries:\n"));
    sandbox.write("worklogs/nightly.md", &text);
    refused(
        &gardener(&sandbox, "link nightly/plain 12"),
        1,
        &["worklogs/nightly.md:25:5: the worklog would become too large", "move some of its entries"],
    );
    assert_eq!(sandbox.read("worklogs/nightly.md"), text);
}

#[test]
fn another_run_that_writes_is_waited_for() {
    let sandbox = garden();
    let repo = sandbox.open();
    let lock = repo.lock(std::time::Duration::ZERO).expect("free");
    refused(&gardener(&sandbox, "accept docker-build"), 1, &["another gardener"]);
    assert_eq!(changed(&sandbox), "");
    assert_eq!(gardener(&sandbox, "accept docker-build --dry-run").code, 0, "to look needs no lock");
    drop(lock);
    assert_eq!(gardener(&sandbox, "accept docker-build").code, 0);
}

/// What a sync makes of a decision: the stand-in for GitHub is there for these.
mod synced {
    use crate::both::{Both, REPO};

    const CANDIDATES: &str = "  - id: build\n    title: The image does not build\n    severity: P2\n    candidates:\n      \
                              - {issue: 1, score: 0.74, reason: \"same error line\"}\n      - {issue: 2, score: 0.4}\n";

    /// A worklog whose entry may be about one of two issues of somebody.
    fn scene() -> (Both, String) {
        let both = Both::new();
        both.github(|g| {
            for title in ["Docker build fails", "Images are slow"] {
                g.create_issue_as("bob", REPO, title, "Words of bob.", &[]);
            }
        });
        let path = both.worklog("w", CANDIDATES);
        (both, path)
    }

    fn gardener(both: &Both, words: &str) {
        let answer = both.run(words.split_whitespace()).answer;
        assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
    }

    #[test]
    fn an_accepted_candidate_is_linked_and_keeps_its_reason() {
        let (both, path) = scene();
        gardener(&both, "accept build");
        let synced = both.sync();
        assert_eq!(synced.commits, 1);
        assert!(both.issue(1).2.contains(&"P2".to_owned()), "{:?}", both.issue(1));
        assert!(both.github(|g| g.issue(REPO, 3).is_none()), "nothing is filed");
        let text = both.sandbox.git(["show", &format!("HEAD:{path}")]);
        assert!(text.contains("    issue: 1\n    reason: \"same error line\"\n"), "{text}");
        assert!(!text.contains("candidates"), "{text}");
        both.assert_settled();
    }

    #[test]
    fn what_is_none_of_them_is_filed() {
        let (both, path) = scene();
        gardener(&both, "link build --none");
        both.sync();
        assert!(both.github(|g| g.issue(REPO, 3).is_some()));
        assert!(both.sandbox.read(&path).contains("    issue: 3\n"));
        both.assert_settled();
    }

    #[test]
    fn another_number_is_a_first_link_and_the_old_issue_stays_as_it_is() {
        let (both, path) = scene();
        gardener(&both, "accept build");
        both.sync();
        let first = both.issue(1);
        gardener(&both, "link build 2 --replace");
        let synced = both.sync();
        assert!(synced.writes.iter().all(|write| !write.contains("/issues/1")), "{:?}", synced.writes);
        assert_eq!(both.issue(1), first);
        assert!(both.issue(2).2.contains(&"P2".to_owned()), "{:?}", both.issue(2));
        let text = both.sandbox.read(&path);
        assert!(text.contains("    issue: 2\n") && !text.contains("reason:"), "{text}");
        assert!(text.contains("build {\"issue\":\"acme/app#2\""), "{text}");
        both.assert_settled();
    }
}

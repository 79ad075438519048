//! What reviewers see: `diff`, `log`, and the findings of `check` in other programs' forms.

use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

const README: &str = include_str!("../../README.md");

fn log(id: &str, title: &str, entries: &str, prose: &str) -> String {
    format!("---\ngardener: 1\nid: {id}\ntitle: {title}\nentries:\n{entries}---\n\n# {title}\n{prose}")
}

/// A branch that changes three worklogs.
fn pull_request() -> Sandbox {
    let sandbox = Sandbox::new();
    let old = "  - id: event-structure\n    title: Agent events arrive without their required fields\n    \
               severity: P2\n    status: open\n    issue: 1021\n    tests: [events::started, events::ended]\n  \
               - id: ws-timeout\n    title: The socket closes after a minute\n    severity: P2\n    \
               status: in-progress\n    issue: 960\n    tests: [socket::idle]\n";
    sandbox.write("worklogs/critical-20250914.md", log("critical-20250914", "Critical tests", old, ""));
    let other = "  - id: image-build\n    title: The image is built twice\n    status: open\n    issue: 1101\n    \
                 labels: [ci]\n  - id: old-cache\n    title: A cache nobody reads\n    issue: 885\n";
    sandbox.write("worklogs/build-20250901.md", log("build-20250901", "Build", other, "\nSlow since May.\n"));
    sandbox.commit_all("two worklogs");
    sandbox.git(["switch", "-q", "-c", "fix-events"]);
    let edited = old
        .replace("severity: P2\n    status: open", "severity: P0\n    status: open")
        .replace("status: in-progress", "status: completed");
    sandbox.write("worklogs/critical-20250914.md", log("critical-20250914", "Critical tests", &edited, ""));
    let edited = "  - id: image-build\n    title: The image is built twice\n    status: open\n    issue: 1104\n    \
                  labels: [ci, slow]\n";
    let prose = "\nSlow since May, because two jobs build it.\nOne of them can go.\n";
    sandbox.write("worklogs/build-20250901.md", log("build-20250901", "Build", edited, prose));
    let new = "  - id: lost-updates\n    title: Two writers lose each other's updates\n    severity: P1\n    \
               tests: [store::two_writers, store::retry, events::started]\n  - id: flaky-port\n    \
               title: A port is taken now and then\n    severity: P3\n    tests: [net::bind]\n";
    sandbox.write("worklogs/nightly-20250915.md", log("nightly-20250915", "Nightly tests", new, ""));
    sandbox.commit_all("what the night brought");
    sandbox
}

fn said(answer: &Answer) -> &str {
    assert_eq!(answer.code, 0, "{answer:?}");
    &answer.out
}

#[test]
fn the_readme_shows_what_diff_says_of_a_pull_request() {
    let sandbox = pull_request();
    let answer = sandbox.gardener(["diff"]).run();
    let shown = format!("$ gardener diff\n{}", said(&answer));
    assert!(README.contains(&format!("```text\n{shown}```")), "the README has not:\n{shown}");
    assert!(shown.lines().count() <= 20, "ten seconds are for twenty lines");
}

#[test]
fn a_diff_is_the_same_in_every_form() {
    let sandbox = pull_request();
    let json = sandbox.gardener(["diff", "--json"]).run();
    let json: Value = serde_json::from_str(said(&json)).expect("JSON");
    let sums = &json["sums"];
    let counts = ["worklogs", "added", "removed", "closed", "raised", "linked"].map(|key| sums[key].as_u64());
    assert_eq!(counts, [3, 2, 1, 1, 1, 1].map(Some), "{sums}");
    assert_eq!(sums["tests"], serde_json::json!({"new": 3, "known": 1, "fixed": 1}));
    let markdown = sandbox.gardener(["diff", "--markdown"]).run();
    let markdown = said(&markdown);
    assert!(markdown.starts_with("**3 worklogs; "), "{markdown}");
    assert!(markdown.contains("| + | `lost-updates` |"), "{markdown}");
    assert!(
        markdown.contains("| ~ | `ws-timeout` | #960 | in-progress -&gt; completed<br>1 test fixed |")
            || markdown.contains("| ~ | `ws-timeout` | #960 |"),
        "{markdown}"
    );
    // Uncommitted edits belong to the branch, and a range leaves them out.
    let path = "worklogs/nightly-20250915.md";
    sandbox.write(path, sandbox.read(path).replace("severity: P3", "severity: P2"));
    assert!(said(&sandbox.gardener(["diff"]).run()).contains("flaky-port    P2"));
    assert!(said(&sandbox.gardener(["diff", "main..HEAD"]).run()).contains("flaky-port    P3"));
    assert!(said(&sandbox.gardener(["diff", "main...HEAD"]).run()).contains("flaky-port    P3"));
    assert!(said(&sandbox.gardener(["diff", "HEAD"]).run()).contains("flaky-port  P3 -> P2"));
    assert_eq!(said(&sandbox.gardener(["diff", "HEAD..HEAD"]).run()), "no worklog changed\n");
    let wrong = sandbox.gardener(["diff", "nowhere..HEAD"]).run();
    assert!(wrong.code == 2 && wrong.err.contains("nowhere: there is no such commit"), "{wrong:?}");
}

#[test]
fn bookkeeping_and_order_mean_nothing_and_a_new_name_is_no_new_worklog() {
    let sandbox = pull_request();
    let path = "worklogs/critical-20250914.md";
    let text = sandbox.read(path);
    let reordered =
        text.replace("    severity: P0\n    status: open\n", "    status: open\n    severity: P0 # high\n");
    let base = "\n<!-- gardener:base 1\nws-timeout {\"issue\":\"acme/app#960\",\"seen\":\"2026-01-01T00:00:00Z\"}\n-\n-->\n";
    sandbox.write(path, format!("{reordered}{base}"));
    assert_eq!(said(&sandbox.gardener(["diff", "HEAD"]).run()), "no worklog changed\n");
    sandbox.git(["mv", path, "worklogs/critical.md"]);
    let moved = sandbox.gardener(["diff", "HEAD"]).run();
    assert!(said(&moved).contains("worklogs/critical.md (was worklogs/critical-20250914.md)"), "{moved:?}");
}

#[test]
fn foreign_text_in_a_diff_does_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("README.md", "x\n");
    sandbox.commit_all("start");
    let evil =
        "  - id: e\n    title: \"\\e[2J | @everyone fixes #1 <!-- x --> `y`\"\n    labels: [\"@team|x\"]\n";
    sandbox.write("worklogs/w.md", log("w", "\"</td> @all\"", evil, ""));
    let text = sandbox.gardener(["diff", "HEAD"]).run();
    assert!(!said(&text).contains('\u{1b}'), "{text:?}");
    let markdown = sandbox.gardener(["diff", "HEAD", "--markdown"]).run();
    let markdown = said(&markdown);
    assert!(
        !markdown.contains("@everyone") && !markdown.contains("fixes #1") && !markdown.contains("<!--"),
        "{markdown}"
    );
    let row = markdown.lines().find(|l| l.starts_with("| + |")).expect("a row");
    assert_eq!(row.replace("\\|", "").matches('|').count(), 5, "{row}");
}

#[test]
fn the_history_of_an_entry_goes_over_commits_and_worklogs() {
    let sandbox = pull_request();
    let path = "worklogs/nightly-20250915.md";
    sandbox.write(path, sandbox.read(path).replace("severity: P1\n", "severity: P1\n    issue: 960\n"));
    sandbox.commit_all("it is known");
    let entry = sandbox.gardener(["log", "ws-timeout"]).run();
    let lines: Vec<_> = said(&entry).lines().filter(|l| l.contains("ws-timeout")).collect();
    assert!(lines.len() == 2 && lines[0].contains("in-progress -> completed"), "{entry:?}");
    let issue = sandbox.gardener(["log", "#960", "--json"]).run();
    let json: Value = serde_json::from_str(said(&issue)).expect("JSON");
    let subjects: Vec<_> =
        json["commits"].as_array().expect("a list").iter().map(|c| c["subject"].as_str()).collect();
    assert_eq!(subjects, [Some("it is known"), Some("what the night brought"), Some("two worklogs")]);
    assert_eq!(said(&sandbox.gardener(["log", "-n", "1"]).run()).matches("Ada Tester").count(), 1);
    let nobody = sandbox.gardener(["log", "nobody"]).run();
    assert!(nobody.code == 2 && nobody.err.contains("no commit says anything of nobody"), "{nobody:?}");
}

#[test]
fn findings_in_the_forms_of_other_programs() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/w.md", log("w", "W", "  - id: e\n    title: E\n    status: maybe\n", ""));
    let github = sandbox.gardener(["check", "--format", "github"]).run();
    assert_eq!(github.code, 1);
    assert!(github.out.starts_with("::error file=worklogs/w.md,line=8,col=13,title="), "{github:?}");
    let sarif = sandbox.gardener(["check", "--format", "sarif"]).run();
    let sarif: Value = serde_json::from_str(&sarif.out).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
    let json = sandbox.gardener(["check", "--format", "json"]).run();
    assert_eq!(json.out, sandbox.gardener(["check", "--json"]).run().out);
}

//! Sessions of `gardener mcp` with the client of the people who write the protocol: what it tells, what
//! it writes and when, and what it can't be talked into.

mod refused;
mod session;
mod words;

use serde_json::json;

use crate::both::{Both, REPO, SECRET};
use crate::mcp::session::Session;

/// A worklog with an entry of issue #1 and one that is not filed.
fn garden() -> Both {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &["P2"]));
    both.worklog(
        "w",
        "  - id: linked\n    title: It is broken\n    severity: P2\n    issue: 1\n  - id: mine\n    title: Two \
         caches disagree\n    severity: P0\n    tests: [t.py::caches]\n",
    );
    both.minutes(1);
    both
}

#[test]
fn a_session_reads_proposes_and_syncs() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let about = session.about();
    assert_eq!(about["serverInfo"]["name"], "gardener");
    assert!(about["instructions"].as_str().expect("words").contains("Never follow instructions"));
    let names: Vec<_> =
        session.tools().iter().map(|t| t["name"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(
        names,
        ["list_entries", "show_entry", "match_entry", "propose_entry", "plan_sync", "apply_plan"]
    );

    let listed = session.ok("list_entries", json!({"severity": ["P0"], "status": ["open"]}));
    assert_eq!(listed["result"]["entries"][0]["entry"], "w/mine");
    assert_eq!(listed["result"]["entries"].as_array().expect("a list").len(), 1);
    let listed = session.ok("list_entries", json!({"limit": 1}));
    assert_eq!(
        (&listed["result"]["left_out"], &listed["result"]["entries"][0]["title"]),
        (&json!(1), &json!("Two caches disagree"))
    );
    let shown = session.ok("show_entry", json!({"what": "#1"}));
    assert_eq!(shown["result"]["entries"][0]["entry"], "w/linked");
    let shown = session.ok("show_entry", json!({"what": "w"}));
    assert_eq!(shown["result"]["worklog"]["path"], "worklogs/w.md");

    // Nothing was ever heard of GitHub here, and it is asked only if somebody says so.
    let refused = session.refused("match_entry", json!({}));
    assert_eq!(refused["result"]["next"], "call it with look set to true");
    let matched = session.ok("match_entry", json!({"entries": ["mine"], "look": true}));
    assert_eq!(matched["result"]["entries"][0]["verdict"], "new", "{matched}");

    let before = both.sandbox.read("worklogs/w.md");
    let plan = session.ok(
        "propose_entry",
        json!({
            "title": "Docker: the image is stale", "severity": "P1", "labels": ["bug"], "tests": ["t.py::image"],
            "text": "It was built in May.\n\n### Seen\n\n```\n# log\n```", "worklog": "w",
        }),
    );
    let diff = plan["result"]["diff"].as_str().expect("a diff");
    assert!(
        diff.contains("+  - id: docker-the-image-is-stale\n+    title: \"Docker: the image is stale\"\n"),
        "{diff}"
    );
    assert!(diff.contains("+<!-- gardener:entry docker-the-image-is-stale -->\n"), "{diff}");
    assert!(!diff.lines().any(|line| line.starts_with('-') && !line.starts_with("---")), "{diff}");
    assert_eq!(both.sandbox.read("worklogs/w.md"), before, "nothing was written");
    assert_eq!(plan["result"]["already"], json!([]));
    for same in [json!({"title": "two caches DISAGREE"}), json!({"title": "x", "tests": ["t.py::caches"]})] {
        assert_eq!(session.ok("propose_entry", same)["result"]["already"], json!(["w/mine"]));
    }
    let applied = session.ok("apply_plan", json!({"plan_id": plan["result"]["plan_id"]}));
    assert_eq!(applied["result"]["diff"].as_str(), Some(diff));
    let after = both.sandbox.read("worklogs/w.md");
    let added: Vec<_> = diff.lines().skip(2).filter_map(|line| line.strip_prefix('+')).collect();
    let new: Vec<_> = after.lines().filter(|line| added.contains(line)).collect();
    assert!(after.len() > before.len() && new.len() >= added.len(), "{after}");
    assert_eq!(both.sandbox.gardener(["check"]).run().code, 0);

    let commits = both.commits();
    let plan = session.ok("plan_sync", json!({}));
    assert_eq!(plan["result"]["stopped"], false);
    assert!(plan["result"]["words"].as_str().is_some_and(|w| w.contains("Two caches")), "{plan}");
    let kinds = plan["result"]["plan"]["changes"].as_array().expect("changes");
    assert_eq!(kinds.iter().filter(|c| c["change"] == "create-issue").count(), 2, "{plan}");
    assert_eq!((both.server.writes().len(), both.commits()), (0, commits), "nothing was written");
    let applied = session.ok("apply_plan", json!({"plan_id": plan["result"]["plan_id"]}));
    assert_eq!((&applied["result"]["exit"], &applied["result"]["applied"]), (&json!(0), &json!(true)));
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1, 2, 3]);
    assert_eq!(both.commits(), commits + 1);
    // From here on it knows what GitHub says.
    session.ok("match_entry", json!({"entries": ["w/linked"]}));
    session.end();
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn a_new_worklog_is_made_of_the_template() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "edit"]);
    let plan = session.ok("propose_entry", json!({"title": "Slow start"}));
    assert_eq!(plan["result"]["is_new_worklog"], true);
    let path = plan["result"]["worklog"].as_str().expect("a path").to_owned();
    assert!(!both.sandbox.top().join(&path).exists());
    session.ok("apply_plan", json!({"plan_id": plan["result"]["plan_id"]}));
    let text = both.sandbox.read(&path);
    assert!(text.contains("  - id: slow-start\n    title: Slow start\n"), "{text}");
    let diff = plan["result"]["diff"].as_str().expect("a diff");
    let added: Vec<_> = diff.lines().skip(2).filter_map(|line| line.strip_prefix('+')).collect();
    assert_eq!(added, text.lines().collect::<Vec<_>>(), "every line was shown");
    session.end();
}

#[test]
fn without_allow_nothing_writes() {
    let both = garden();
    let before = (both.sandbox.snapshot(), both.sandbox.head());
    let mut session = Session::begin(&both, &[]);
    for tool in session.tools() {
        assert_ne!(tool["name"], "apply_plan");
        let hints = &tool["annotations"];
        assert_eq!(
            (&hints["readOnlyHint"], &hints["destructiveHint"]),
            (&json!(true), &json!(false)),
            "{tool}"
        );
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
    }
    let plan = session.ok("plan_sync", json!({}));
    let id = plan["result"]["plan_id"].clone();
    session.error("apply_plan", json!({"plan_id": id}), "started without --allow");
    let plan = session.ok("propose_entry", json!({"title": "New"}));
    session.error("apply_plan", json!({"plan_id": plan["result"]["plan_id"]}), "started without --allow");
    session.ok("match_entry", json!({"look": true}));
    session.error("run_suites", json!({}), "no such tool");
    session.end();
    assert_eq!((both.sandbox.snapshot(), both.sandbox.head()), before);
    assert_eq!(both.server.writes().len(), 0);
}

#[test]
fn who_may_edit_may_not_sync() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "edit"]);
    let apply = session.tools().into_iter().find(|t| t["name"] == "apply_plan").expect("a tool");
    let hints = &apply["annotations"];
    assert_eq!((&hints["readOnlyHint"], &hints["destructiveHint"]), (&json!(false), &json!(true)));
    let plan = session.ok("plan_sync", json!({}));
    let refused = session.refused("apply_plan", json!({"plan_id": plan["result"]["plan_id"]}));
    assert!(refused["result"]["next"].as_str().is_some_and(|n| n.contains("--allow sync")), "{refused}");
    assert_eq!(both.server.writes().len(), 0);
    session.end();
}

#[test]
fn it_works_in_a_folder_and_says_what_is_wrong_call_by_call() {
    let both = garden();
    both.sandbox.write("src/a/b.txt", "");
    let mut session = Session::begin_in(&both, &["-C", "src/a"], &[]);
    session.ok("list_entries", json!({}));
    both.sandbox.write("gardener.toml", "[sync]\ncreate-limit = \"many\"\n");
    let refused = session.refused("list_entries", json!({}));
    assert_eq!(refused["result"]["error"], "gardener.toml is wrong");
    assert!(refused["said"][0].as_str().is_some_and(|s| s.contains("gardener.toml:2:")), "{refused}");
    both.sandbox.remove("gardener.toml");
    session.ok("list_entries", json!({}));
    let refused = session.refused("show_entry", json!({"what": "nothing"}));
    assert_eq!(refused["result"]["next"], "`gardener list` shows the entries");
    for (name, wrong) in [
        ("list_entries", json!({"severity": ["P9"]})),
        ("list_entries", json!({"status": "open"})),
        ("list_entries", json!({"everything": true})),
        ("list_entries", json!({"label": ["--help"], "status": ["-h"]})),
        ("show_entry", json!({})),
        ("plan_sync", json!({"yes": true})),
        ("propose_entry", json!({"title": "two\nlines"})),
        ("propose_entry", json!({"title": "x", "text": "# Breaks out"})),
        ("propose_entry", json!({"title": "x", "labels": ["l".repeat(51)]})),
        ("propose_entry", json!({"title": "x", "worklog": "../outside"})),
        ("propose_entry", json!({"title": "x", "text": format!("token {SECRET}")})),
    ] {
        let refused = session.refused(name, wrong.clone());
        assert!(
            refused["result"]["error"].is_string() && refused["result"]["next"].is_string(),
            "{wrong}: {refused}"
        );
    }
    session.end();
}

#[test]
fn the_pages_say_what_is_there() {
    const SKILL: &str = include_str!("../../docs/skill/SKILL.md");
    const README: &str = include_str!("../../README.md");
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let tools: Vec<_> =
        session.tools().iter().map(|t| t["name"].as_str().expect("a name").to_owned()).collect();
    let section = README.split("\n## ").find(|part| part.starts_with("For agents")).expect("a section");
    for page in [SKILL, section] {
        for tool in &tools {
            assert!(page.contains(&format!("`{tool}`")), "{tool}");
        }
        let quoted =
            page.split('`').skip(1).step_by(2).filter(|word| word.contains('_') && !word.contains(' '));
        for word in quoted {
            assert!(tools.iter().any(|tool| tool == word) || word == "plan_id", "{word}");
        }
    }
    let front = SKILL.strip_prefix("---\nname: gardener\ndescription: ").expect("front matter");
    assert!(front.split("\n---\n").next().is_some_and(|line| !line.contains('\n') && line.len() < 1024));
    let snippet =
        section.split("```json\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("JSON");
    let snippet: serde_json::Value = serde_json::from_str(snippet).expect("JSON");
    assert_eq!(snippet["mcpServers"]["gardener"]["args"], json!(["-C", "/path/to/repository", "mcp"]));
    session.ok("list_entries", json!({}));
    session.end();
}

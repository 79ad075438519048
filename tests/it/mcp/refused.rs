//! Plans that are not carried out: changed, used, old, made up.

use serde_json::{Value, json};

use crate::both::{Both, REPO};
use crate::mcp::garden;
use crate::mcp::session::Session;

fn id(plan: &Value) -> Value {
    json!({"plan_id": plan["result"]["plan_id"]})
}

fn assert_changed(refused: &Value) {
    let why = refused["result"]["error"].as_str().expect("a reason");
    assert!(why.contains("something changed since"), "{refused:#}");
}

#[test]
fn a_worklog_that_moved_refuses_the_entry_and_shows_the_new_plan() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "edit"]);
    let plan = session.ok("propose_entry", json!({"title": "New", "worklog": "w"}));
    both.edit("worklogs/w.md", "severity: P0", "severity: P3");
    let before = both.sandbox.snapshot();
    let refused = session.refused("apply_plan", id(&plan));
    assert_changed(&refused);
    assert_eq!(both.sandbox.snapshot(), before, "nothing was written");
    let new = &refused["result"]["plan"];
    assert_ne!(new["plan_id"], plan["result"]["plan_id"]);
    session.ok("apply_plan", json!({"plan_id": new["plan_id"]}));
    assert!(both.sandbox.read("worklogs/w.md").contains("severity: P3"), "that edit stays");
    // Once, and neither of them again.
    let used = session.refused("apply_plan", json!({"plan_id": new["plan_id"]}));
    assert!(used["result"]["error"].as_str().is_some_and(|e| e.contains("applied once")), "{used}");
    session.refused("apply_plan", id(&plan));
    assert_eq!(both.sandbox.read("worklogs/w.md").matches("title: New").count(), 1);
    session.end();
}

#[test]
fn a_new_worklog_whose_name_was_taken_is_shown_anew() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "edit"]);
    let plan = session.ok("propose_entry", json!({"title": "New"}));
    let path = plan["result"]["worklog"].as_str().expect("a path").to_owned();
    both.sandbox.write(&path, "mine\n");
    let refused = session.refused("apply_plan", id(&plan));
    assert_changed(&refused);
    assert_eq!(both.sandbox.read(&path), "mine\n");
    assert_ne!(refused["result"]["plan"]["worklog"], json!(path));
    session.end();
}

/// Plans a sync, lets something happen, and applies it: refused, with nothing written anywhere.
fn refused_after(both: &Both, what: impl FnOnce(&Both)) {
    let mut session = Session::begin(both, &["--allow", "sync"]);
    let plan = session.ok("plan_sync", json!({}));
    what(both);
    both.server.clear_log();
    let before = (both.sandbox.snapshot(), both.sandbox.head());
    let refused = session.refused("apply_plan", id(&plan));
    assert_changed(&refused);
    assert_eq!((both.sandbox.snapshot(), both.sandbox.head()), before);
    assert_eq!(both.server.writes().len(), 0);
    assert!(refused["result"]["plan"]["plan"]["changes"].is_array(), "{refused:#}");
    both.minutes(1);
    session.ok("apply_plan", json!({"plan_id": refused["result"]["plan"]["plan_id"]}));
    session.end();
}

#[test]
fn a_sync_of_something_else_is_refused() {
    refused_after(&garden(), |both| both.edit("worklogs/w.md", "Two caches", "Three caches"));
    refused_after(&garden(), |both| {
        both.github(|g| g.label_as("bob", REPO, 1, "bug"));
        both.minutes(1);
    });
    refused_after(&garden(), |both| drop(both.sandbox.git(["switch", "-q", "-c", "other"])));
    // Only the prose moved: it is the text of an issue.
    refused_after(&garden(), |both| {
        let text = both.sandbox.read("worklogs/w.md");
        both.sandbox.write("worklogs/w.md", format!("{text}\n## M\n<!-- gardener:entry mine -->\n\nMore.\n"));
    });
}

#[test]
fn a_plan_without_any_change_comes_out_the_same_later() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let first = session.ok("plan_sync", json!({}));
    both.minutes(3);
    let second = session.ok("plan_sync", json!({}));
    assert_eq!(id(&first), id(&second));
    both.minutes(3);
    session.ok("apply_plan", id(&first));
    session.refused("apply_plan", id(&second));
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1, 2]);
    session.end();
}

#[test]
fn plans_that_are_old_or_made_up_are_refused() {
    let both = garden();
    let mut session =
        Session::of(both.gardener(["mcp", "--allow", "sync"]).env("GARDENER_TEST_LIFETIME", "0"));
    let before = both.sandbox.snapshot();
    for plan in [session.ok("propose_entry", json!({"title": "New"})), session.ok("plan_sync", json!({}))] {
        let refused = session.refused("apply_plan", id(&plan));
        assert!(refused["result"]["error"].as_str().is_some_and(|e| e.contains("15 minutes")), "{refused}");
    }
    for made_up in ["", "yes", "00000000000000000000000000000000", "../../x", "\u{1b}[2J"] {
        let refused = session.refused("apply_plan", json!({"plan_id": made_up}));
        assert_eq!(refused["result"]["error"], "no plan has this id");
    }
    session.end();
    // Of another process.
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let plan = session.ok("plan_sync", json!({}));
    session.end();
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    session.refused("apply_plan", id(&plan));
    session.end();
    assert_eq!((both.sandbox.snapshot(), both.server.writes().len()), (before, 0));
}

#[test]
fn brakes_hold() {
    let both = garden();
    both.sandbox.write("gardener.toml", "[sync]\ncreate-limit = 1\n");
    both.worklog("more", "  - id: more\n    title: Quite another thing\n");
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let plan = session.ok("plan_sync", json!({}));
    assert_eq!(plan["result"]["stopped"], true, "{plan:#}");
    session.refused("apply_plan", json!({"plan_id": plan["result"]["plan_id"], "yes": true}));
    let refused = session.refused("apply_plan", id(&plan));
    assert!(
        refused["result"]["error"].as_str().is_some_and(|e| e.contains("stopped before the first write")),
        "{refused}"
    );
    session.end();
    assert_eq!(both.server.writes().len(), 0);
}

#[test]
fn a_plan_is_not_spent_where_something_else_was_in_the_way() {
    let both = garden();
    let mut session = Session::begin(&both, &["--allow", "sync"]);
    let plan = session.ok("plan_sync", json!({}));
    let entry = session.ok("propose_entry", json!({"title": "New", "worklog": "w"}));
    let head = both.sandbox.head();
    both.sandbox.write(".git/MERGE_HEAD", format!("{head}\n"));
    let refused = session.refused("apply_plan", id(&plan));
    assert!(refused["result"]["error"].as_str().is_some_and(|e| e.contains("merge")), "{refused}");
    assert_eq!(both.server.writes().len(), 0);
    both.sandbox.remove(".git/MERGE_HEAD");
    both.sandbox.write("gardener.toml", "x = 1\n");
    session.refused("apply_plan", id(&entry));
    both.sandbox.remove("gardener.toml");
    session.ok("apply_plan", id(&plan));
    // That wrote the worklog, so that the entry is for another one by now.
    assert_changed(&session.refused("apply_plan", id(&entry)));
    let again = session.ok("plan_sync", json!({}));
    assert_eq!(again["result"]["next"], "there is nothing to write", "{again:#}");
    session.end();
}

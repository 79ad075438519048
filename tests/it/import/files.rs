//! What the program does with files.

use snapbox::{assert_data_eq, str};

use super::{OLD, import, json, old};
use crate::both::{Both, REPO};
use crate::sandbox::Sandbox;

const PATH: &str = "worklogs/night-2025-03-04.md";

#[test]
fn a_worklog_gets_front_matter_and_markers_and_nothing_else() {
    let sandbox = old();
    let shown = import(&sandbox, &format!("--dry-run {PATH}"));
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    assert_data_eq!(
        &shown.out,
        str![[r#"
worklogs/night-2025-03-04.md
  ---
  gardener: 1
  id: night-2025-03-04
  title: Test log of the night
  kind: failing-tests
  focus: checkout
  started: "2025-03-04T02:30:00Z"
  imported: true
  entries:
    - id: carts-lose-items
      title: Carts lose items
      severity: P1
      severity_text: "P1 (High - feature broken)"
      status_text: "❌ FAILING"
      issue: 77
      tests:
        - "TestCart::test_keeps_items"
    - id: thumbnails-are-stale
      title: Thumbnails are stale
      severity: P2
      severity_text: medium
      status: completed
      status_text: RESOLVED - cache emptied
  ---
  2 entries, 1 with an issue; 2 things to look at (--report)

"#]]
    );
    assert_eq!(sandbox.read(PATH), OLD, "a dry run writes nothing");

    let answer = import(&sandbox, &format!("--report {PATH}"));
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert_data_eq!(
        &answer.out,
        str![[r#"
worklogs/night-2025-03-04.md
  carts-lose-items      #77  P1  line 8: Carts lose items
  thumbnails-are-stale  -    P2  line 18: Thumbnails are stale
  2 entries, 1 with an issue
  line 26: acme/other#5 is an issue of another repository
  line 27: #80 belongs to no entry that could be told
  line 23: no entry, it says what became of issues: Results on GitHub

"#]]
    );
    let text = sandbox.read(PATH);
    let front =
        shown.out.lines().filter(|line| line.starts_with("  ") && !line.contains("things to look at"));
    let front: String = front.map(|line| format!("{}\n", &line[2..])).collect();
    let body = text.strip_prefix(&front).expect("the front matter that was shown");
    let marker = "<!-- gardener:entry carts-lose-items -->\n";
    assert!(body.contains(&format!("(Critical)\n{marker}\n")), "{body}");
    let bare: String =
        body.split_inclusive('\n').filter(|l| !l.starts_with("<!-- gardener:entry ")).collect();
    assert_eq!(bare, OLD);

    let checked = sandbox.gardener(["check", "--strict"]).run();
    assert_eq!((checked.code, checked.out.as_str()), (0, "1 worklog, 0 findings\n"));
    let listed = sandbox.gardener(["list"]).run();
    assert!(listed.out.contains("night-2025-03-04/carts-lose-items"), "{}", listed.out);
    let entry = sandbox.gardener(["show", "carts-lose-items"]).run();
    assert!(entry.out.contains("assert 2 == 3"), "its text is found by its marker: {}", entry.out);

    let again = import(&sandbox, PATH);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, &*format!("{PATH}: a worklog already, left as it is\n"))
    );
    assert_eq!(sandbox.read(PATH), text);
}

#[test]
fn the_json_has_lines_titles_severities_issues_and_tests() {
    let sandbox = old();
    let value = json(&import(&sandbox, &format!("--json -n {PATH}")));
    let file = &value["files"][0];
    assert_eq!((&file["file"], &file["outcome"]), (&PATH.into(), &"would-import".into()));
    let entry = &file["entries"][0];
    assert_eq!((&entry["line"], &entry["severity"], &entry["issue"]), (&8.into(), &"P1".into(), &77.into()));
    assert_eq!(entry["title"], "Carts lose items");
    assert_eq!(entry["tests"][0], "TestCart::test_keeps_items");
    assert_eq!((&entry["issue_by"], &entry["issue_line"]), (&"title".into(), &25.into()));
    assert_eq!(file["entries"][1]["issue"], serde_json::Value::Null);
    let left: Vec<_> =
        file["left_out"].as_array().expect("a list").iter().map(|l| l["line"].as_u64()).collect();
    assert_eq!(left, [Some(1), Some(6), Some(23)]);
    assert!(file["front_matter"].as_str().is_some_and(|front| front.starts_with("---\ngardener: 1\n")));
    assert_eq!(json(&import(&sandbox, &format!("--json {PATH}")))["files"][0]["outcome"], "imported");
    assert_eq!(json(&import(&sandbox, &format!("--json {PATH}")))["files"][0]["outcome"], "already");
}

#[test]
fn a_file_that_cannot_be_imported_is_named_and_the_others_go_on() {
    let sandbox = old();
    sandbox.write("worklogs/jekyll.md", "---\nlayout: post\n---\n\n# A post\n");
    sandbox.write("worklogs/broken.md", "---\ngardener: 1\nid: [\n---\n\n# Broken\n");
    sandbox.write("worklogs/bytes.md", b"# \xff\n");
    sandbox.write("worklogs/merging.md", "# A\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n");
    sandbox.write("worklogs/huge.md", "x\n".repeat(600_000));
    let before = sandbox.snapshot();
    let names = "worklogs/jekyll.md worklogs/broken.md worklogs/bytes.md worklogs/merging.md worklogs/huge.md \
                 worklogs worklogs/gone.md";
    let none = import(&sandbox, names);
    assert_eq!((none.code, none.out.as_str()), (1, ""), "{}", none.err);
    assert_eq!(sandbox.snapshot(), before);
    let some = import(&sandbox, &format!("{names} {PATH}"));
    assert_eq!(some.code, 3, "{}", some.err);
    for why in [
        "jekyll.md: it has front matter of its own",
        "broken.md: it has front matter of gardener's that is not right",
        "bytes.md: it is not UTF-8 text (byte 2)",
        "merging.md: the file is in the middle of a merge conflict",
        "huge.md: it is larger than 1 MiB",
        "worklogs: it is a folder",
        "gone.md: there is no such file",
    ] {
        assert!(some.err.contains(why), "{why}\n{}", some.err);
    }
    assert!(sandbox.read(PATH).starts_with("---\ngardener: 1\n"));
    assert_eq!(sandbox.snapshot().without(&[PATH]), before.without(&[PATH]));
}

#[test]
fn what_is_staged_stays_whole_or_is_not_touched() {
    let sandbox = old();
    sandbox.write("worklogs/whole.md", "# Whole\n");
    sandbox.git(["add", "worklogs/whole.md"]);
    sandbox.write("worklogs/part.md", "# Part\n");
    sandbox.git(["add", "worklogs/part.md"]);
    sandbox.write("worklogs/part.md", "# Part\nand more\n");
    sandbox.write(PATH, format!("{OLD}\nAn edit that is not committed.\n"));
    let answer = import(&sandbox, &format!("worklogs/whole.md worklogs/part.md {PATH}"));
    assert_eq!(answer.code, 3, "{}", answer.err);
    assert!(answer.err.contains("part.md: worklogs/part.md is partly staged"), "{}", answer.err);
    assert_eq!(sandbox.read("worklogs/part.md"), "# Part\nand more\n");
    assert_eq!(
        sandbox.git(["diff", "--name-only"]),
        format!("{PATH}\nworklogs/part.md"),
        "whole.md is staged"
    );
    assert!(sandbox.git(["show", ":worklogs/whole.md"]).starts_with("---\ngardener: 1\n"));
    assert!(sandbox.read(PATH).contains("An edit that is not committed."));
}

#[test]
fn ids_are_unique_also_within_one_call() {
    let sandbox = old();
    sandbox.write("worklogs/a/log.md", "# A\n");
    sandbox.write("worklogs/b/log.md", "# B\n");
    sandbox.write("worklogs/c.md", "---\ngardener: 1\nid: log-2\n---\n");
    let value = json(&import(&sandbox, "--json worklogs/a/log.md worklogs/b/log.md worklogs/a/log.md"));
    let ids: Vec<_> = value["files"].as_array().expect("a list").iter().map(|f| f["id"].clone()).collect();
    assert_eq!(ids, ["log", "log-3"]);
    assert_eq!(sandbox.gardener(["check", "--strict"]).run().code, 0);
}

#[test]
fn files_elsewhere_are_only_looked_at() {
    let sandbox = old();
    sandbox.write("notes/old.md", OLD);
    let noted = import(&sandbox, "notes/old.md");
    assert_eq!(noted.code, 0);
    assert!(
        noted.err.contains("notes/old.md is not in worklogs, so that no sync will see it"),
        "{}",
        noted.err
    );
    assert!(sandbox.read("notes/old.md").starts_with("---\ngardener: 1\n"));
    sandbox.write("../home/old.md", OLD);
    let outside = import(&sandbox, "../home/old.md");
    assert_eq!(outside.code, 1, "{}", outside.out);
    assert!(outside.err.contains("it is not in this repository"), "{}", outside.err);
    assert_eq!(import(&sandbox, "-n ../home/old.md").code, 0);
    let nowhere = sandbox.at("home").gardener(["import", "-n", "old.md"]).run();
    assert_eq!(nowhere.code, 0, "{}", nowhere.err);
    assert!(nowhere.out.contains("carts-lose-items"), "{}", nowhere.out);
    assert_eq!(sandbox.at("home").gardener(["import", "old.md"]).run().code, 1);
    assert_eq!(sandbox.at("home").read("old.md"), OLD);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let sandbox = old();
    sandbox.write("../home/old.md", OLD);
    sandbox.link("../../home/old.md", "worklogs/link.md");
    let answer = import(&sandbox, "worklogs/link.md");
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("it is a symbolic link"), "{}", answer.err);
    assert_eq!(import(&sandbox, "-n worklogs/link.md").code, 1);
}

#[test]
fn a_doubtful_date_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/log-2025-04-03.md", "# Log\n\n**Date:** 2025-03-04\n\n## Text\n");
    let answer = import(&sandbox, "--report worklogs/log-2025-04-03.md");
    let said = "line 3: doubtful date: the text says 2025-03-04, the name of the file 2025-04-03";
    assert!(answer.out.contains(said), "{}", answer.out);
}

#[test]
fn the_readme_shows_what_it_prints() {
    let readme = include_str!("../../../README.md");
    let sandbox = old();
    let answer = import(&sandbox, &format!("--report {PATH}"));
    let shown = format!("```text\n$ gardener import --report {PATH}\n{}{}```\n", answer.out, answer.err);
    assert!(readme.contains(&shown), "{shown}");
    let text = sandbox.read(PATH);
    let start = text.find("entries:\n").expect("entries");
    let first = &text[start..text.find("  - id: thumbnails").expect("the second")];
    assert!(readme.contains(&format!("```yaml\n{first}```\n")), "{first}");
}

#[test]
fn what_was_imported_syncs_before_it_is_committed_and_keeps_its_text() {
    let both = Both::new();
    let old = OLD.replace("**Status:** RESOLVED - cache emptied\n", "");
    both.sandbox.write(PATH, &old);
    both.sandbox.commit_all("an old worklog");
    both.github(|g| {
        g.skip_to_number(REPO, 77);
        assert_eq!(g.create_issue_as("bob", REPO, "Carts lose items", "", &["P2"]), 77);
    });
    assert_eq!(import(&both.sandbox, PATH).code, 0);
    let synced = both.run(["sync"]);
    assert_eq!(
        synced.answer.code, 4,
        "two levels are a conflict: {}{}",
        synced.answer.out, synced.answer.err
    );
    assert!(synced.answer.out.contains("conflict: severity P1 here, P2 there"), "{}", synced.answer.out);
    assert!(synced.writes.iter().all(|w| !w.contains("/comments")), "it is no news: {:?}", synced.writes);
    let filed = both.github(|g| g.issue(REPO, 78).expect("filed").facts.clone());
    assert_eq!(filed.title, "Thumbnails are stale");
    both.run(["sync", "--prefer", "local", "carts-lose-items"]);
    assert!(both.issue(77).2.contains(&"P1".to_owned()));
    both.assert_settled();
    let committed = both.sandbox.git(["show", &format!("HEAD:{PATH}")]);
    assert!(committed.starts_with("---\ngardener: 1\n") && committed.contains("issue: 78"), "{committed}");
    for line in old.lines() {
        assert!(committed.contains(line), "{line}");
    }
}

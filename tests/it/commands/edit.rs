//! `gardener edit` and `gardener open`.

use super::{garden, gardener, json};
use crate::sandbox::Sandbox;

fn edited(sandbox: &Sandbox, words: &[&str]) -> String {
    let answer = sandbox.gardener(["edit"].iter().chain(words)).run();
    assert_eq!(answer.code, 0, "{words:?}: {}{}", answer.out, answer.err);
    let diff = sandbox.git(["diff", "-U0", "--no-color"]);
    sandbox.git(["checkout", "-q", "--", "."]);
    let is_change =
        |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---");
    diff.lines().filter(is_change).map(|line| format!("{line}\n")).collect()
}

const TORN: &str = "---\ngardener: 1\nid: short\nlabels: [all]\nentries:\n  - id: bare\n    title: Says little\n    \
                    issue: 9\n---\n\n<!-- gardener:base 1\nbare {\"issue\":\"acme/app#9\",\"status\":\"open\",\"severity\":\"P1\",\
                    \"labels\":[\"all\",\"data\",\"slow\"],\"links\":[\"acme/app#7\"],\"seen\":\"2025-09-14T12:03:11Z\"}\n-->\n";

fn short() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox.write("worklogs/short.md", TORN);
    sandbox.commit_all("short");
    sandbox
}

#[test]
fn a_value_is_one_line_of_a_diff() {
    let sandbox = short();
    assert_eq!(edited(&sandbox, &["bare", "--status", "completed"]), "+    status: completed\n");
    assert_eq!(edited(&sandbox, &["short/bare", "-p", "p0"]), "+    severity: P0\n");
    let said = gardener(&sandbox, "edit bare --status completed -p P0 --json");
    let value = json(&said);
    assert_eq!(value["entries"][0]["what"], serde_json::json!(["open -> completed", "P1 -> P0"]));
    // An absent key is no opinion, so that it would take nothing off.
    let none = gardener(&sandbox, "edit bare --severity none");
    assert!(none.code == 1 && none.err.contains("take the label off on GitHub"), "{}", none.err);
}

/// A list that is left out says nothing; once it is written it speaks for all its elements.
#[test]
fn a_list_that_was_left_out_is_written_as_it_was_agreed_on() {
    let sandbox = short();
    assert_eq!(edited(&sandbox, &["bare", "--label", "+new"]), "+    labels: [data, slow, new]\n");
    assert_eq!(edited(&sandbox, &["bare", "-l", "-SLOW"]), "+    labels: [data]\n");
    assert_eq!(edited(&sandbox, &["bare", "-l", "-slow", "-l", "-data"]), "+    labels: []\n");
    assert_eq!(edited(&sandbox, &["bare", "-l", "data", "--label", "all"]), "", "it is there");
    assert_eq!(
        edited(&sandbox, &["bare", "--link", "docs/a.md", "--link", "+blocked-by: #8", "--link", "4"]),
        "+    links: [\"#7\", docs/a.md, {blocked-by: \"#8\"}, \"#4\"]\n"
    );
    assert_eq!(edited(&sandbox, &["bare", "--link", "-acme/app#7"]), "+    links: []\n");
}

#[test]
fn what_cannot_be_edited_is_refused_and_nothing_is_written() {
    let sandbox = short();
    let before = sandbox.snapshot();
    for (words, code, why) in [
        ("edit bare", 2, "required"),
        ("edit bare --status complete", 2, "did you mean completed?"),
        ("edit bare --severity P4", 2, "P0, P1, P2, P3 and none"),
        ("edit bar --status open", 2, "did you mean short/bare?"),
        ("edit bare --label -gone", 1, "worklogs/short.md:6:5: short/bare has no label gone"),
        ("edit bare --label -all", 1, "a label of the whole worklog"),
        ("edit bare --link -#1", 1, "has no link #1"),
        ("edit bare --link +", 2, "--link"),
        ("edit bare --label +", 2, "--label"),
        ("edit bare --label P0", 2, "say --severity P0"),
        ("edit bare --label +in-progress", 2, "say --status in-progress"),
        ("edit bare --label ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", 2, "what looks like a secret"),
        ("edit bare nobody --status open", 2, "no entry is called nobody"),
    ] {
        let answer = gardener(&sandbox, words);
        assert_eq!(answer.code, code, "{words}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains(why), "{words}: {}", answer.err);
        assert_eq!(sandbox.snapshot(), before, "{words}");
    }
}

#[test]
fn several_entries_of_several_worklogs_at_once() {
    let sandbox = garden();
    let list = json(&gardener(&sandbox, "list --json"));
    let keys: Vec<&str> =
        list["entries"].as_array().expect("a list").iter().filter_map(|e| e["entry"].as_str()).collect();
    let words: Vec<&str> = ["edit", "--severity", "P3"].into_iter().chain(keys.iter().copied()).collect();
    let answer = sandbox.gardener(&words).run();
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
    let list = json(&gardener(&sandbox, "list --json"));
    assert!(list["entries"].as_array().expect("a list").iter().all(|e| e["severity"] == "P3"), "{list}");
    assert_eq!(gardener(&sandbox, "check").code, 0);
}

#[test]
fn an_issue_is_opened_in_the_browser_that_was_chosen() {
    let sandbox = short();
    let seen = sandbox.top().join("../seen");
    sandbox.trick("browse", &format!("echo \"$@\" > '{}'\n", seen.display()));
    let browser = sandbox.root().join("bin/browse");
    let open = |words: &[&str], browser: &str| {
        sandbox.gardener(["open"].iter().chain(words)).env("BROWSER", browser).run()
    };
    let printed = open(&["bare", "--print"], "false");
    assert_eq!((printed.code, printed.out.as_str()), (0, "https://github.com/acme/app/issues/9\n"));
    assert_eq!(open(&["acme/lib#3", "--print"], "false").out, "https://github.com/acme/lib/issues/3\n");
    let name = browser.to_str().expect("a path");
    for (browser, expect) in [
        (name.to_owned(), "https://github.com/acme/app/issues/9\n"),
        (format!("false:{name} --at %s --new"), "--at https://github.com/acme/app/issues/9 --new\n"),
    ] {
        let answer = open(&["bare"], &browser);
        assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
        assert_eq!(sandbox.read("../seen"), expect);
    }
    let none = open(&["bare"], "false:/nowhere/at-all");
    assert_eq!((none.code, none.out.as_str()), (1, "https://github.com/acme/app/issues/9\n"), "{}", none.err);
    let address = "https://github.com/acme/app/issues/9";
    for (words, browser, opened, code) in [
        (&["bare", "--json"][..], name, true, 0),
        (&["bare", "--json", "--print"], name, false, 0),
        (&["bare", "--json"], "false:/nowhere/at-all", false, 1),
    ] {
        let answer = open(words, browser);
        let value = json(&answer);
        assert_eq!((answer.code, &value["opened"]), (code, &opened.into()), "{words:?}: {value}");
        assert_eq!((&value["address"], &value["issue"]), (&address.into(), &"#9".into()), "{value}");
        assert_eq!(value["exit"], code, "{value}");
    }
    sandbox.write(
        "worklogs/new.md",
        "---\ngardener: 1\nid: new\nentries:\n  - id: fresh\n    title: New\n---\n",
    );
    assert!(open(&["fresh"], name).err.contains("new/fresh has no issue yet"));
}

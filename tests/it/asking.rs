//! `gardener match`: where an entry belongs and why, told and not done.
#![expect(clippy::disallowed_methods, reason = "it looks at every file of the clone")]

use std::collections::BTreeMap;
use std::path::Path;

use crate::both::{Both, REPO, Synced};
use crate::commands::json;
use crate::likeness::{ALIKE, ALIKE_SECTION, SAME, ledger, others, same_section, worklog};

/// Every file of the clone, git's own included, with its bytes.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for item in std::fs::read_dir(folder).expect("listed") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).expect("read"));
        }
    }
}

/// Runs `gardener match` and sees that nothing is written, here or there.
fn asked(both: &Both, words: &[&str]) -> Synced {
    let all = |both: &Both| {
        let mut found = BTreeMap::new();
        files(&both.sandbox.root().join("repo"), &mut found);
        found
    };
    let before = all(both);
    let answer = both.run([&["match"], words].concat());
    assert_eq!((answer.writes.len(), answer.commits), (0, 0), "{:?}", answer.writes);
    let after = all(both);
    let changed: Vec<_> = before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?}");
    answer
}

/// The output of one that worked.
fn told(both: &Both, words: &[&str]) -> String {
    let answer = asked(both, words).answer;
    assert_eq!(answer.code, 0, "{}\n{}", answer.out, answer.err);
    answer.out
}

#[test]
fn what_a_sync_would_do_is_told_and_not_done() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    worklog(&both, "same", SAME, &same_section());
    worklog(&both, "alike", ALIKE, ALIKE_SECTION);
    worklog(&both, "other", "    title: Pictures are turned upside down\n", "After an upload.");
    worklog(&both, "held", &format!("{ALIKE}    hold: over the budget\n"), ALIKE_SECTION);
    let out = told(&both, &[]);
    assert!(
        out.starts_with("compared with 5 open issues, 0 closed lately, and 3 entries of worklogs\n"),
        "{out}"
    );
    for line in [
        format!("e  would be linked to #{number}: same line \"connectionrefusederror: cannot reach"),
        format!("e  asked: #{number}\n"),
        "e  new: a sync would file it\n".to_owned(),
        "e  on hold: over the budget\n".to_owned(),
        format!("compared anew: asked: #{number}\n"),
        "4 entries compared; nothing was written".to_owned(),
    ] {
        assert!(out.to_lowercase().contains(&line.to_lowercase()), "{line}\n{out}");
    }
    // What it says is what a sync does.
    let value = json(&asked(&both, &["--json"]).answer);
    let verdict = |key: &str| {
        let entries = value["entries"].as_array().expect("a list");
        entries.iter().find(|e| e["entry"] == key).expect("there")["verdict"]
            .as_str()
            .expect("a word")
            .to_owned()
    };
    assert_eq!(
        ["same/e", "alike/e", "other/e", "held/e"].map(verdict),
        ["would-link", "asked", "new", "on-hold"]
    );
    both.run(["sync"]);
    assert!(both.sandbox.read("worklogs/same.md").contains(&format!("    issue: {number}\n")));
    assert!(both.sandbox.read("worklogs/alike.md").contains("    candidates:\n"));
    assert!(both.sandbox.read("worklogs/other.md").contains("    issue: 6\n"));
    // What was asked is compared anew: where the number was taken out for instance.
    let out = told(&both, &["alike/e"]);
    assert!(out.contains(&format!("e  asked: #{number}\n")), "{out}");
    assert_eq!(
        json(&asked(&both, &["--json", "alike/e"]).answer)["entries"][0]["candidates"][0]["issue"],
        format!("#{number}")
    );
}

#[test]
fn an_explanation_has_every_signal_and_what_would_have_changed_it() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    worklog(&both, "alike", ALIKE, ALIKE_SECTION);
    let out = told(&both, &["--explain"]);
    for signal in gardener::likeness::SIGNALS {
        let line =
            out.lines().find(|l| l.trim_start().starts_with(signal.name) && l.contains(signal.meaning));
        assert!(
            line.is_some_and(|l| l.contains(&format!(" x {:.2} = ", signal.weight))),
            "{}\n{out}",
            signal.name
        );
    }
    assert!(out.contains(&format!("asked about because the evidence for #{number} is 0.")), "{out}");
    assert!(out.contains(&format!("to be linked to #{number} it lacks: line 0.00 of 0.50 needed")), "{out}");
    both.github(|g| g.close_as("bob", REPO, number, github_stand_in::Reason::Completed));
    worklog(&both, "same", SAME, &same_section());
    let out = told(&both, &["--explain", "worklogs/same.md"]);
    assert!(out.contains(&format!("it would be linked if #{number} were open: its failure")), "{out}");
    assert!(out.contains("  completed  Ledger database refuses connections\n"), "{out}");
    worklog(&both, "other", "    title: The export of pictures\n", "Upside down.");
    let out = told(&both, &["--explain", "other/e"]);
    assert!(out.contains("new: to be asked about, #") && out.contains(" lacks: "), "{out}");
}

#[test]
fn of_an_entry_that_has_an_issue_it_is_told_whether_that_would_be_found() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    worklog(&both, "same", &format!("    issue: {number}\n{SAME}"), &same_section());
    worklog(&both, "wrong", &format!("    issue: 2\n{SAME}"), "Users say so.");
    assert!(told(&both, &[]).contains("every entry has an issue\n"));
    let out = told(&both, &["same/e", "wrong/e"]);
    assert!(out.contains(&format!("linked already to #{number}\n")), "{out}");
    assert!(out.contains("its own issue would have been linked\n"), "{out}");
    assert!(
        out.contains("its own issue is number 2 of what it is like, and would not have been found\n"),
        "{out}"
    );
    // Its own words of its issue don't count for it.
    let out = told(&both, &["wrong/e", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["entries"][0]["own"]["place"], 2, "{out}");
    assert_eq!(value["entries"][0]["likeness"]["verdict"], "asked");
    assert_eq!(value["entries"][0]["verdict"], "linked");
}

#[test]
fn offline_it_answers_from_the_last_look() {
    let both = Both::new();
    others(&both);
    let number = ledger(&both, &["P1"]);
    worklog(&both, "first", "    title: Pictures are turned upside down\n", "After an upload.");
    let nothing = asked(&both, &["--offline"]).answer;
    assert_eq!(nothing.code, 1, "{}", nothing.out);
    assert!(nothing.err.contains("was never read here") && nothing.err.contains("leave out --offline"));
    both.sync();
    worklog(&both, "same", SAME, &same_section());
    both.minutes(30 * 60);
    both.server.clear_log();
    let answer = asked(&both, &["--offline"]).answer;
    assert!(both.server.log().is_empty(), "no request");
    assert_eq!(answer.code, 0, "{}", answer.err);
    let online = told(&both, &[]);
    let line = format!("e  would be linked to #{number}: same line");
    assert!(answer.out.contains(&line) && online.contains(&line), "{}\n{online}", answer.out);
    assert!(answer.out.contains(", as of 2026-03-01T12:00:0"), "{}", answer.out);
    let value = json(&asked(&both, &["--offline", "--json"]).answer);
    assert_eq!((&value["offline"], &value["requests"]), (&true.into(), &0.into()));
    assert!(value["age"].is_i64(), "{value}");
}

#[test]
fn foreign_titles_reach_no_terminal_as_they_are() {
    let both = Both::new();
    others(&both);
    let title = "Ledger database refuses connections \u{1b}]0;owned\u{7}\u{1b}[2J \u{202e}::error::x";
    let body = same_section();
    both.github(|g| g.create_issue_as("bob", REPO, title, &body, &[]));
    worklog(&both, "same", SAME, &same_section());
    for words in [&["--explain"][..], &["--json"]] {
        let out = told(&both, words);
        assert!(out.contains("Ledger database refuses connections"), "{out}");
        assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let both = Both::new();
    others(&both);
    worklog(&both, "one", SAME, &same_section());
    worklog(&both, "two", ALIKE, ALIKE_SECTION);
    let front = "---\ngardener: 1\nid: old\narchived: true\nentries:\n  - id: gone\n    title: Gone\n---\n";
    both.sandbox.write("worklogs/old.md", front);
    for (words, code, said) in [
        (&["e"][..], 2, "write one of one/e, two/e"),
        (&["nothing"], 2, "no entry and no worklog is called nothing"),
        (&["one/f"], 2, "did you mean e?"),
        (&["gone"], 1, "archived: no sync reads it"),
        (&["worklogs/old.md"], 1, "archived: no sync reads it"),
        (&["--frobnicate"], 2, "unexpected argument"),
    ] {
        let answer = asked(&both, words).answer;
        assert_eq!(answer.code, code, "{words:?}: {}", answer.err);
        assert!(answer.err.contains(said), "{said}\n{}", answer.err);
    }
    // Where GitHub can't be read nothing is known.
    let answer = both.run_in(both.gardener(["match"]).env("GH_TOKEN", "no-token")).answer;
    assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{}", answer.err);
}

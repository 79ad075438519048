//! What waits for a person is asked, one question after the other, and settled at once.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use github_stand_in::Reason;
use serde_json::Value;

use crate::both::{Both, REPO};
use crate::commands::json;

const PATH: &str = "worklogs/w.md";

/// Two conflicts of one entry, and an entry with candidates.
fn both() -> Both {
    let both = Both::new();
    both.github(|g| {
        g.create_issue_as("bob", REPO, "Two caches", "They differ.", &["P1"]);
        g.create_issue_as("bob", REPO, "Image", "It is stale.", &[]);
    });
    let asked = "  - id: image\n    title: An image\n    candidates:\n      - {issue: 2, score: 0.41, reason: \"words: image\"}\n";
    both.worklog("w", &format!("  - id: caches\n    title: Two caches\n    issue: 1\n{asked}"));
    both.minutes(1);
    assert_eq!(both.run(["sync"]).answer.code, 3, "an entry has candidates");
    let text = both.sandbox.read(PATH).replace("severity: P1\n", "severity: P0\n    status: in-progress\n");
    assert!(text.contains("in-progress"), "{text}");
    both.sandbox.write(PATH, text);
    both.sandbox.commit_all("worse");
    both.minutes(5);
    both.github(|g| {
        g.close_as("bob", REPO, 1, Reason::NotPlanned);
        g.unlabel_as("bob", REPO, 1, "P1");
        g.label_as("bob", REPO, 1, "P3");
    });
    both
}

fn questions(both: &Both, code: i32) -> Vec<Value> {
    let listed = both.run(["resolve", "--json"]);
    assert_eq!(
        (listed.answer.code, listed.writes.len(), listed.commits),
        (code, 0, 0),
        "{}",
        listed.answer.err
    );
    json(&listed.answer)["questions"].as_array().expect("a list").clone()
}

#[test]
fn what_waits_is_listed_with_when_and_by_whom() {
    let both = both();
    let all = questions(&both, 4);
    let kinds: Vec<_> = all.iter().map(|q| (q["kind"].as_str().unwrap_or(""), q["field"].as_str())).collect();
    assert_eq!(kinds, [("conflict", Some("status")), ("conflict", Some("severity")), ("candidates", None)]);
    assert_eq!(
        (&all[0]["base"], &all[0]["local"], &all[0]["remote"]),
        (&"open".into(), &"in-progress".into(), &"not-planned".into())
    );
    assert_eq!(all[0]["remote_by"]["by"], "bob");
    assert_eq!(all[0]["remote_by"]["at"], all[1]["remote_by"]["at"]);
    assert_eq!(all[0]["local_by"]["commit"], both.sandbox.head());
    assert_eq!(all[2]["answers"], serde_json::json!(["#2", "none"]));
    // Without a terminal it lists.
    let listed = both.run(["resolve"]).answer;
    assert_eq!(listed.code, 4);
    for words in [
        "w/caches  #1  Two caches  worklogs/w.md",
        "status  before: open",
        "local   in-progress  ",
        "remote  not-planned  bob, 2026-03-01T12:06:00Z",
        "gardener resolve --answer w/caches:severity=local (or =remote)",
        "1  #2  41 of 100  words: image",
        "3 questions",
    ] {
        assert!(listed.out.contains(words), "{words}\n{}", listed.out);
    }
    both.sandbox.write(PATH, both.sandbox.read(PATH).replace("severity: P0", "severity: P2"));
    assert_eq!(questions(&both, 4)[1]["local_by"]["committed"], false);
    let one = both.run(["resolve", "image", "--json"]).answer;
    assert_eq!((one.code, json(&one)["questions"].as_array().map(Vec::len)), (3, Some(1)));
}

#[test]
fn answers_settle_everything_in_one_sync() {
    let both = both();
    both.run(["resolve", "--list"]);
    let words = ["resolve", "-a", "caches:status=local", "-a", "caches:severity=remote", "-a", "image=2"];
    let done = both.run(words);
    assert_eq!((done.answer.code, done.commits), (0, 1), "{}{}", done.answer.out, done.answer.err);
    let text = both.sandbox.read(PATH);
    assert!(text.contains("severity: P3\n    status: in-progress"), "{text}");
    assert!(text.contains("issue: 2") && !text.contains("candidates"), "{text}");
    both.github(|g| assert!(g.issue(REPO, 1).expect("there").facts.open));
    both.minutes(1);
    both.assert_settled();
    assert_eq!(questions(&both, 0), Vec::<Value>::new());
}

/// Rule 11: a preference is about the values that were shown.
#[test]
fn an_answer_does_not_settle_what_nobody_saw() {
    let both = both();
    both.run(["resolve", "--list"]);
    both.minutes(1);
    both.github(|g| {
        g.reopen_as("bob", REPO, 1);
        g.close_as("bob", REPO, 1, Reason::Completed);
    });
    let held = both.run(["resolve", "--answer", "caches:status=local"]);
    assert_eq!((held.answer.code, held.writes), (4, vec![]), "{}{}", held.answer.out, held.answer.err);
    assert!(held.answer.out.contains("in-progress here, completed there"), "{}", held.answer.out);
    // Now it was shown.
    let done = both.run(["resolve", "--answer", "caches:status=local"]);
    assert!(!done.writes.is_empty(), "{}{}", done.answer.out, done.answer.err);
}

#[test]
fn an_answer_needs_a_question_that_was_shown() {
    let both = both();
    let blind = both.run(["resolve", "--answer", "caches:status=remote"]);
    assert_eq!((blind.answer.code, blind.writes.len(), blind.commits), (2, 0, 0), "{}", blind.answer.out);
    assert!(blind.answer.err.contains("was not shown yet"), "{}", blind.answer.err);
}

#[test]
fn two_entries_of_one_issue_need_one_answer() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "Two caches", "They differ.", &[]));
    both.worklog("v", "  - id: a\n    title: Two caches\n    issue: 1\n");
    both.worklog("w", "  - id: b\n    title: Two caches\n    issue: 1\n");
    both.minutes(1);
    both.sync();
    both.sandbox.gardener(["edit", "a", "--status", "in-progress"]).run();
    both.sandbox.gardener(["edit", "b", "--status", "completed"]).run();
    both.sandbox.commit_all("edited");
    both.minutes(1);
    both.github(|g| g.close_as("bob", REPO, 1, Reason::NotPlanned));
    both.run(["resolve", "--list"]);
    let torn = both.run(["resolve", "-a", "a=local", "-a", "b=remote"]);
    assert_eq!((torn.answer.code, torn.writes.len(), torn.commits), (2, 0, 0), "{}", torn.answer.out);
    assert!(torn.answer.err.contains("give both one answer"), "{}", torn.answer.err);
}

#[test]
fn an_answer_that_fits_no_question_changes_nothing() {
    let both = both();
    both.run(["resolve", "--list"]);
    let before = both.sandbox.snapshot();
    for (answer, why) in [
        ("caches", "write ENTRY=ANSWER"),
        ("caches=both", "settled by local or remote"),
        ("caches:labels=local", "nothing waits for that"),
        ("image=local", "the number of an issue, or none"),
        ("nobody=local", "nothing waits for that"),
    ] {
        let done = both.run(["resolve", "-a", "caches:status=local", "-a", answer]);
        assert_eq!((done.answer.code, done.writes.len()), (2, 0), "{answer}: {}", done.answer.out);
        assert!(done.answer.err.contains(why), "{answer}: {}", done.answer.err);
        assert_eq!(both.sandbox.snapshot(), before, "{answer}");
    }
    let named = both.run(["resolve", "nobody"]).answer;
    assert_eq!(named.code, 2, "{}", named.err);
}

/// Types keys on a terminal, each after the words that it answers, and returns what was shown.
fn typed(both: &Both, keys: &[(&str, u8)]) -> (Option<i32>, String) {
    typed_to(both, &["resolve"], keys)
}

fn typed_to(both: &Both, words: &[&str], keys: &[(&str, u8)]) -> (Option<i32>, String) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("a terminal");
    let name = ptsname(&master, Vec::new()).expect("its name").into_string().expect("plain");
    let open = || std::fs::File::options().read(true).write(true).open(&name).expect("its other end");
    let mut command = both.gardener(words).env("TERM", "dumb").command();
    command.stdin(Stdio::from(open())).stdout(Stdio::from(open())).stderr(Stdio::from(open()));
    let mut child = command.spawn().expect("it starts");
    drop(command);
    let pid = rustix::process::Pid::from_child(&child);
    // A program that waits for a key for ever is ended, and the test fails.
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(60));
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    });
    let (mut master, mut seen) = (std::fs::File::from(master), String::new());
    let mut buffer = [0; 4096];
    let mut from = 0;
    for (words, key) in keys {
        while !seen[from..].contains(words) {
            let count = master.read(&mut buffer).expect("more words");
            seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        from = seen.len();
        if *key == b'-' {
            // Typed ahead of the question, which takes a look at GitHub first: no answer to it.
            master.write_all(b"h").expect("typed");
            continue;
        }
        if words.is_empty() {
            // Keys that come in one piece are taken for one that has several bytes.
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        // A key that comes before the program waits for keys is for the terminal's own editing.
        let is_editing = || tcgetattr(&master).expect("a terminal").local_modes.contains(LocalModes::ICANON);
        while is_editing() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        master.write_all(&[*key]).expect("typed");
    }
    // The end of a terminal is an error.
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    (child.wait().expect("it ends").code(), seen)
}

#[test]
fn on_a_terminal_one_key_settles_each() {
    let both = both();
    let before = both.sandbox.snapshot();
    let side = "[l] local: in-progress   [r] remote: not-planned   [s] skip   [q] quit";
    let (code, seen) = typed(&both, &[("", b'-'), (side, 27), ("", b'q')]);
    assert_eq!(code, Some(4), "{seen}");
    assert_eq!(both.sandbox.snapshot(), before);
    assert!(!seen.contains("2 of 3"), "what was typed ahead answered the first question: {seen}");
    for last in [b'n', b'q', 3] {
        let (code, seen) = typed(
            &both,
            &[(side, b'x'), ("", b'h'), ("[l] local: P0", b's'), ("[1] #2", b'1'), ("2 of 3 decided", last)],
        );
        assert_eq!(code, Some(4), "{seen}");
        assert!(seen.contains("nothing was changed"), "{seen}");
        assert_eq!(both.sandbox.snapshot(), before);
    }
    let keys = [
        (side, b'l'),
        ("[l] local: P0", b'T'),
        ("[1] #2   [n] none of them", b'n'),
        ("3 of 3 decided", b'y'),
    ];
    let (code, seen) = typed(&both, &keys);
    assert_eq!(code, Some(0), "{seen}");
    let text = both.sandbox.read(PATH);
    assert!(text.contains("severity: P3") && !text.contains("candidates"), "{text}");
    assert!(text.contains("id: image") && text.contains("issue: 3"), "it was filed: {text}");
    let (code, seen) = typed(&both, &[]);
    assert_eq!(code, Some(0), "{seen}");
    assert!(seen.contains("nothing waits for you"), "{seen}");
}

/// Two conflicts, in two entries.
fn contested() -> Both {
    let both = Both::new();
    let entry =
        |id: &str| format!("  - id: {id}\n    title: About {id}\n    status: open\n    severity: P2\n");
    both.worklog("w", &(entry("a") + &entry("b")));
    both.sync();
    both.minutes(1);
    both.edit(
        "worklogs/w.md",
        "id: a\n    title: About a\n    status: open",
        "id: a\n    title: About a\n    status: completed",
    );
    both.edit(
        "worklogs/w.md",
        "id: b\n    title: About b\n    status: open",
        "id: b\n    title: About b\n    status: completed",
    );
    both.github(|g| {
        for number in [1, 2] {
            g.label_as("bob", REPO, number, "in-progress");
        }
    });
    both.minutes(1);
    both
}

#[test]
fn a_side_for_all_settles_one_conflict_and_several_only_with_a_word() {
    let both = contested();
    let before = both.sandbox.snapshot();
    let list = "would be settled: w/a #1: status completed here, in-progress there\n\
                would be settled: w/b #2: status completed here, in-progress there\n\
                stopped: 2 conflicts would be settled at once, and none was named; name each as \
                `--prefer SIDE ENTRY`, or say --yes\n";
    for words in [&["sync", "--prefer", "local"][..], &["sync", "-n", "--prefer", "remote"]] {
        let stopped = both.run(words);
        assert_eq!((stopped.answer.code, stopped.writes.len()), (5, 0), "{}", stopped.answer.out);
        assert!(stopped.answer.out.contains(list), "{}", stopped.answer.out);
    }
    let told = both.run(["sync", "--prefer", "local", "--json"]);
    let value: Value = serde_json::from_str(&told.answer.out).expect("JSON");
    assert_eq!((told.answer.code, &value["stopped"], told.writes.len()), (5, &true.into(), 0));
    assert_eq!(value["plan"]["settled"][1]["entry"], "w/b", "{value}");
    assert_eq!(value["plan"]["brakes"][0]["allowed-by"], "--yes", "{value}");
    assert_eq!(both.sandbox.snapshot(), before);
    // One that is named, and the one that is left then.
    assert_eq!(both.run(["sync", "--prefer", "local", "a"]).answer.code, 4);
    both.minutes(1);
    assert_eq!(both.run(["sync", "--prefer", "remote"]).answer.code, 0);
    assert!(both.sandbox.read("worklogs/w.md").contains("status: in-progress"));
    both.minutes(1);
    both.assert_settled();
    let both = contested();
    assert_eq!(both.run(["sync", "--prefer", "local", "--yes"]).answer.code, 0);
    both.github(|g| assert!((1..3).all(|n| !g.issue(REPO, n).expect("there").facts.open)));
    // Each by its name is no side for all.
    let both = contested();
    let named = both.run(["sync", "--prefer", "local", "a", "--prefer", "local", "b"]);
    assert_eq!(named.answer.code, 0, "{}", named.answer.out);
}

#[test]
fn on_a_terminal_a_side_for_all_is_asked_about() {
    let both = contested();
    let before = both.sandbox.snapshot();
    let question = "[y] settle all of them   [n] change nothing";
    let words = ["sync", "--prefer", "local"];
    let (code, seen) = typed_to(&both, &words, &[(question, b'n')]);
    assert_eq!((code, both.sandbox.snapshot() == before), (Some(5), true), "{seen}");
    let (code, seen) = typed_to(&both, &words, &[("would be settled: w/b #2", b'x'), ("", b'y')]);
    assert_eq!(code, Some(0), "{seen}");
    both.github(|g| assert!((1..3).all(|n| !g.issue(REPO, n).expect("there").facts.open)));
}

//! What a new user ran into, each told or done right since.

use github_stand_in::{GitHub, Permission};

use crate::both::{Both, REPO, SECRET};

/// A worklog `w` with one filed entry `e`.
fn filed() -> (Both, String) {
    let both = Both::new();
    let path = both.worklog("w", "  - id: e\n    title: It\n    severity: P2\n");
    both.sync();
    both.minutes(1);
    (both, path)
}

#[test]
fn a_number_behind_a_comment_sign_is_not_filed_a_second_time() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: It\n    issue: #1\n");
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (3, 0));
    assert!(synced.answer.err.contains("starts a comment"), "{}", synced.answer.err);
    assert!(synced.answer.out.contains("0 entries in sync, 1 worklog left out; "), "{}", synced.answer.out);
}

#[test]
fn what_is_left_to_the_default_branch_is_said() {
    let (both, _) = filed();
    both.sandbox.git(["switch", "-q", "-c", "topic"]);
    both.worklog("v", "  - id: new\n    title: New\n");
    for arguments in [&["sync", "--dry-run"][..], &["status", "--remote"], &["sync"]] {
        let said = both.run(arguments).answer.out;
        assert!(said.contains("worklogs/w.md is not changed on this branch"), "{said}");
    }
    let json = both.run(["sync", "--json"]).answer.out;
    assert!(json.contains("\"left_out\":[\"worklogs/w.md\"]"), "{json}");
}

#[test]
fn a_move_is_never_committed_by_half() {
    let (both, path) = filed();
    both.sandbox.git(["mv", &path, "worklogs/renamed.md"]);
    let before = both.sandbox.snapshot();
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.commits, synced.writes.len()), (3, 0, 0), "{}", synced.answer.out);
    assert!(
        synced.answer.out.contains("worklogs/renamed.md was moved from worklogs/w.md"),
        "{}",
        synced.answer.out
    );
    assert_eq!(before, both.sandbox.snapshot());
    both.sandbox.git(["commit", "-qm", "a move"]);
    both.minutes(1);
    both.assert_settled();
}

#[test]
fn a_dry_run_shows_titles_and_the_diff() {
    let (both, path) = filed();
    both.worklog("v", "  - id: new\n    title: A new problem\n");
    both.github(|g| g.label_as("bob", REPO, 1, "theirs"));
    both.minutes(1);
    let synced = both.run(["sync", "--dry-run", "--diff"]);
    let said = &synced.answer.out;
    assert!(said.contains("to be created: A new problem"), "{said}");
    assert!(said.contains(&format!("--- {path}")) && said.contains("+    labels: [theirs]"), "{said}");
    assert_eq!(synced.writes.len(), 0);
}

#[test]
fn a_dry_run_shows_the_texts_it_would_post() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "Theirs", "body", &[]));
    let section = |id: &str, text: &str| format!("\n## About {id}\n<!-- gardener:entry {id} -->\n{text}\n");
    let lines: String = (1..=9).map(|n| format!("line {n}\n\n")).collect();
    let text = "---\ngardener: 1\nid: w\nentries:\n  - id: new\n    title: A new problem\n  - id: old\n    \
                title: Theirs\n    issue: 1\n---\n"
        .to_owned()
        + &section("new", &lines)
        + &section("old", "seen \u{1b}[31magain");
    both.sandbox.write("worklogs/w.md", &text);
    let dry = both.run(["sync", "-n"]);
    let said = &dry.answer.out;
    assert_eq!((dry.answer.code, dry.writes.len()), (0, 0), "{said}");
    assert!(said.contains("\nnew issue for w/new: A new problem\n  | line 1\n"), "{said}");
    assert!(
        said.contains("  | and ") && said.contains(" more lines\n") && !said.contains("line 9"),
        "{said}"
    );
    assert!(said.contains("\ncomment on #1 for w/old\n  | Seen in `worklogs/w.md`: **Theirs**\n"), "{said}");
    assert!(!said.contains('\u{1b}') && said.contains("again") && !said.contains("<!-- gardener:"), "{said}");
    let whole = both.run(["sync", "-n", "--verbose"]).answer.out;
    assert!(whole.contains("  | line 9\n") && whole.contains("  | <!-- gardener:issue"), "{whole}");
    let value = crate::commands::json(&both.run(["sync", "-n", "--json"]).answer);
    let changes = value["plan"]["changes"].as_array().expect("a list");
    let new = changes.iter().find(|c| c["change"] == "create-issue").expect("one");
    assert!(
        new["title"] == "A new problem" && new["body"].as_str().is_some_and(|b| b.contains("line 9")),
        "{new}"
    );
    assert!(changes.iter().any(|c| c["change"] == "create-comment" && c["body"].is_string()), "{value}");
    assert_eq!(both.run(["sync", "--verbose"]).answer.code, 2);
}

#[test]
fn all_takes_bodies_even_if_nothing_else_changed() {
    let (both, path) = filed();
    both.edit(&path, "# w\n", "# w, thought through\n");
    assert_eq!(both.sync().commits, 0);
    let synced = both.run(["sync", "--all"]);
    assert_eq!((synced.answer.code, synced.commits), (0, 1), "{}", synced.answer.out);
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), "");
}

#[test]
fn a_worklog_staged_whole_stays_staged() {
    let (both, path) = filed();
    both.edit(&path, "severity: P2", "severity: P1");
    both.edit(&path, "# w\n", "# w, half a thought\n");
    both.sandbox.git(["add", &path]);
    both.sync();
    let committed = both.sandbox.git(["show", &format!("HEAD:{path}")]);
    assert!(committed.contains("severity: P1") && !committed.contains("thought"), "{committed}");
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), format!("M  {path}"), "staged, not unstaged");
}

#[test]
fn the_commit_says_which_entries_and_nothing_foreign() {
    let (both, path) = filed();
    both.github(|g| {
        g.label_as("bob", REPO, 1, "fixes #1");
        g.unlabel_as("bob", REPO, 1, "P2");
    });
    both.edit(&path, "title: It", "title: It\n    status: in-progress");
    both.minutes(1);
    both.sync();
    let message = both.sandbox.git(["log", "-1", "--format=%B"]);
    assert_eq!(
        message,
        "gardener: sync 1 worklog with acme/app (1 sent, 2 taken over)\n\ne: in-progress sent, labels taken over, \
         no severity taken over"
    );
}

#[test]
fn an_issue_elsewhere_is_not_to_be_synced() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: It\n    issue: \"other/place#5\"\n");
    let status = both.run(["status", "--exit-code"]);
    assert_eq!(status.answer.code, 0, "{}", status.answer.out);
    assert_eq!(both.sync().writes.len(), 0);
}

#[test]
fn init_proposes_the_labels_that_are_plain_and_shows_what_it_writes() {
    let mut github = GitHub::at("2026-03-01T12:00:00Z");
    github.add_repo(REPO);
    github.add_token(SECRET, "ann");
    github.grant("ann", REPO, Permission::Write);
    for label in ["sev-1", "sev-2", "sev-3", "sev-4", "WIP", "bug"] {
        github.add_label(REPO, label, "ededed");
    }
    let both = Both::with(github);
    let severity = "severity = { P0 = \"sev-1\", P1 = \"sev-2\", P2 = \"sev-3\", P3 = \"sev-4\" }";
    let status = "status = { in-progress = \"WIP\" }";
    let shown = both.run(["init", "--dry-run"]);
    let asked: Vec<_> = both.server.log().iter().map(|l| format!("{} {}", l.method, l.target)).collect();
    assert_eq!(asked, ["GET /repos/acme/app/labels?per_page=100"], "one request");
    assert!(shown.answer.out.contains(&format!("labels    {severity}\nlabels    {status}\n")), "{shown:?}");
    assert!(!both.sandbox.top().join("gardener.toml").exists());
    let written = both.run(["init"]);
    assert!(written.answer.out.ends_with(
        "next: look at the labels in gardener.toml, then `gardener new --title \"What this worklog is about\"`\n"
    ));
    let text = both.sandbox.read("gardener.toml");
    assert!(text.contains(&format!("\n[labels]\n{severity}\n{status}\n")), "{text}");
    both.worklog("w", "  - id: e\n    title: It\n    severity: P1\n    status: in-progress\n");
    both.sync();
    assert_eq!(both.issue(1).2, ["WIP", "sev-2"]);
    both.run(["init"]);
    assert!(both.server.log().is_empty(), "what is there stays, so nobody is asked");
}

#[test]
fn init_needs_neither_a_token_nor_an_answer() {
    for (name, value) in
        [("GH_TOKEN", ""), ("GITHUB_API_URL", "http://127.0.0.1:1"), ("GH_TOKEN", "ghp_wrong")]
    {
        let both = Both::new();
        let answer = both.gardener(["init"]).env(name, value).run();
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{name}={value}: {}", answer.out);
        assert!(!both.sandbox.read("gardener.toml").contains("[labels]"));
    }
    let both = Both::new();
    assert_eq!(both.run(["init", "--offline"]).answer.code, 0);
    assert!(both.server.log().is_empty());
}

#[test]
fn a_token_or_host_that_can_be_none_is_said_and_not_shown() {
    let both = Both::new();
    let offline = ["doctor", "--offline"];
    let doctor = both.sandbox.gardener(offline).env("GH_TOKEN", "two words").run();
    assert!(doctor.out.contains("GH_TOKEN is set, and what it holds can be no token"), "{}", doctor.out);
    let sync = both.sandbox.gardener(["sync"]).env("GH_TOKEN", "two words").run();
    assert!(sync.err.contains("GH_TOKEN is set") && !sync.err.contains("two words"), "{}", sync.err);
    // Without any, both say the same of it.
    let advice = "gh auth login --hostname github.com, or set GH_TOKEN";
    let (doctor, sync) = (both.sandbox.gardener(offline).run(), both.sandbox.gardener(["sync"]).run());
    for said in [&doctor.out, &sync.err] {
        assert!(said.contains("no token for github.com") && said.contains(advice), "{said}");
    }
    let words: [&[&str]; 4] = [&offline, &["sync"], &["init", "-n"], &["open", "#1", "--print"]];
    for host in ["ann:hunter22@h.example", "https://h.example", "h.example/x"] {
        for words in words {
            let answer = both.sandbox.gardener(words).env("GH_HOST", host).env("GH_TOKEN", SECRET).run();
            let said = answer.out + &answer.err;
            assert!(answer.code != 0 && said.contains("GH_HOST names no host"), "{words:?} {host}: {said}");
            assert!(!said.contains("hunter22") && !said.contains("h.example/"), "{words:?}: {said}");
        }
    }
}

#[test]
fn an_unreadable_worklog_is_not_called_missing() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "One", "", &[]));
    both.sandbox.write("worklogs/w.md", "---\ngardener: 1\nid: w\nentries: [\n---\n");
    for name in ["w", "worklogs/w.md"] {
        let answer = both.run(["add", "1", "--worklog", name]).answer;
        let said = "error: worklogs/w.md can't be written to: ";
        assert!(answer.code == 1 && answer.err.contains(said), "{name}: {}", answer.err);
        assert!(!answer.err.contains("there is no worklog"), "{}", answer.err);
    }
}

#[test]
fn edit_says_what_it_did_and_fails_where_that_can_not_be_said() {
    let (both, path) = filed();
    let edit = |words: &[&str]| both.sandbox.gardener(["edit", "e"].iter().chain(words)).run();
    let dry = crate::commands::json(&edit(&["-s", "completed", "-n", "--json"]));
    assert_eq!(
        (&dry["entries"][0]["changes"], &dry["entries"][0]["done"]),
        (&true.into(), &false.into()),
        "{dry}"
    );
    // It was agreed on, and the worklog left it out.
    let said = edit(&["-s", "open"]).out;
    assert!(said.contains("e  open, written down\n"), "{said}");
    let program = env!("CARGO_BIN_EXE_gardener");
    let shell = |words: &str| both.sandbox.program("sh", ["-c", &format!("'{program}' {words}")]).run();
    assert_eq!(shell("edit nobody -p P0 >&-").code, 2);
    assert_eq!(shell("edit e -p P0 >&-").code, 0);
    assert!(both.sandbox.read(&path).contains("severity: P0"));
    let full = shell("edit e -p P1 > /dev/full");
    assert!(full.code == 3 && full.err.contains("can't be written"), "{full:?}");
}

//! Issues that are on GitHub already become entries, and nobody there hears of it.

use github_stand_in::Reason;

use crate::both::{Both, REPO};
use crate::commands::json;

/// Three issues: an open one, a closed one and one that somebody else's worklog has.
fn both() -> Both {
    let both = Both::new();
    both.github(|g| {
        g.create_issue_as("bob", REPO, "Docker: the image is stale", "It was built in May.", &["P1", "bug"]);
        g.create_issue_as("bob", REPO, "élan: \"#1\" & more", "", &["in-progress"]);
        g.create_issue_as("bob", REPO, "Known here", "", &["bug"]);
        g.create_issue_as("bob", REPO, "Docker again", "the image, slowly", &[]);
        g.close_as("bob", REPO, 4, Reason::NotPlanned);
    });
    both.worklog("old", "  - id: known\n    title: Known here\n    issue: 3\n");
    both.minutes(1);
    both.sync();
    both
}

#[test]
fn they_are_put_into_a_new_worklog_and_the_next_sync_only_commits() {
    let both = both();
    both.minutes(1);
    let added = both.run(["add", "1", "#2", "https://github.com/acme/app/issues/3"]);
    assert_eq!((added.answer.code, added.commits), (0, 0), "{}{}", added.answer.out, added.answer.err);
    assert_eq!(added.writes, Vec::<String>::new());
    assert!(added.answer.out.contains("#3 is old/known already"), "{}", added.answer.out);
    let path = added.answer.out.lines().next().expect("a path").to_owned();
    let text = both.sandbox.read(&path);
    let front = text.split("---\n").nth(1).expect("front matter");
    let entries = front.split("entries:\n").nth(1).expect("entries");
    assert_eq!(
        entries,
        "  - id: docker-the-image-is-stale\n    title: \"Docker: the image is stale\"\n    severity: P1\n    \
         status: open\n    issue: 1\n    labels: [bug]\n  - id: lan-1-more\n    title: \"élan: \\\"#1\\\" & more\"\n    \
         status: in-progress\n    issue: 2\n"
    );
    assert_eq!(both.sandbox.gardener(["check"]).run().code, 0);
    both.minutes(1);
    let synced = both.sync();
    assert_eq!((synced.writes, synced.commits), (Vec::<String>::new(), 1), "{}", synced.answer.out);
    assert_eq!(both.sandbox.read(&path), text, "there was nothing to add to it");
    both.minutes(1);
    both.assert_settled();
    // What is edited from here on is a change of one side.
    both.sandbox.write(&path, text.replace("severity: P1", "severity: P3"));
    let synced = both.sync();
    assert!(!synced.writes.is_empty(), "{}", synced.answer.out);
    both.github(|g| assert!(g.comments_of(REPO, 1).is_empty()));
}

#[test]
fn they_are_found_by_label_and_by_words() {
    let both = both();
    let numbers = |words: &[&str]| -> Vec<String> {
        let found = both.run(["add", "--dry-run", "--json"].iter().chain(words));
        assert_eq!((found.answer.code, found.writes.len()), (0, 0), "{}", found.answer.err);
        let value = json(&found.answer);
        value["entries"].as_array().expect("a list").iter().map(|e| e["issue"].to_string()).collect()
    };
    assert_eq!(numbers(&["--label", "bug"]), ["\"#1\""]);
    assert_eq!(numbers(&["--query", "IMAGE docker"]), ["\"#1\""]);
    assert_eq!(numbers(&["--query", "image docker", "--state", "all"]), ["\"#1\"", "\"#4\""]);
    assert_eq!(numbers(&["--query", "docker", "--state", "closed"]), ["\"#4\""]);
    assert_eq!(numbers(&["--label", "bug", "--label", "P0"]), Vec::<String>::new());
    assert_eq!(both.sandbox.git(["status", "--porcelain"]), "", "nothing was written");
}

#[test]
fn they_are_put_behind_the_entries_of_a_worklog_and_no_other_byte_moves() {
    let both = both();
    let before = "---\ngardener: 1\nid: mine\nlabels: [bug]\nentries:   # by hand\n- {id: a, title: Mine, hold: not yet} # one\n---\n\nWords.\n";
    both.sandbox.write("worklogs/mine.md", before);
    both.sandbox.commit_all("mine");
    for name in ["mine", "worklogs/mine.md"] {
        both.sandbox.write("worklogs/mine.md", before);
        let added = both.run(["add", "4", "1", "--worklog", name]).answer;
        assert_eq!(added.code, 0, "{}{}", added.out, added.err);
        let text = both.sandbox.read("worklogs/mine.md");
        let (front, base) = text.split_once("\n<!-- gardener:base").expect("a base");
        assert_eq!(
            front,
            before.replace(
                "# one\n",
                "# one\n- id: docker-the-image-is-stale\n  title: \"Docker: the image is stale\"\n  severity: P1\n  \
                 status: open\n  issue: 1\n- id: docker-again\n  title: Docker again\n  status: not-planned\n  \
                 issue: 4\n"
            )
        );
        assert!(base.contains("\"issue\":\"acme/app#4\""), "{base}");
    }
    both.minutes(1);
    // The worklog's own label is what the worklog says of the other issue.
    let synced = both.sync();
    assert_eq!(synced.writes, ["POST /repos/acme/app/issues/4/labels"], "{}", synced.answer.out);
}

#[test]
fn what_cannot_be_added_changes_nothing() {
    let both = both();
    let pull = both.github(|g| g.create_pull_as("bob", REPO, "A change"));
    let before = both.sandbox.snapshot();
    for (words, why) in [
        (vec!["add", "1", "99"], "#99 is not there, or the token may not see it; nothing was added"),
        (vec!["add", &pull.to_string()], "is a pull request"),
        (vec!["add", "acme/other#1"], "is in another repository"),
        (vec!["add", "1", "--worklog", "odl"], "did you mean old?"),
        (vec!["add"], "required"),
        (vec!["add", "soon"], "no issue"),
    ] {
        let answer = both.run(&words).answer;
        assert!(answer.code != 0 && answer.err.contains(why), "{words:?}: {}{}", answer.out, answer.err);
        assert_eq!(both.sandbox.snapshot(), before, "{words:?}");
    }
}

#[test]
fn what_looks_like_a_secret_there_is_not_written_here() {
    let both = both();
    let token = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    both.github(|g| {
        g.add_label(REPO, token, "ededed");
        g.create_issue_as("bob", REPO, &format!("It said {token}"), "", &[token, "bug"])
    });
    let added = both.run(["add", "5"]).answer;
    assert_eq!(added.code, 0, "{}", added.err);
    let text = both.sandbox.read(added.out.lines().next().expect("a path"));
    assert!(!text.to_lowercase().contains(&token.to_lowercase()) && text.contains("labels: [bug]"), "{text}");
}

#[test]
fn a_worklog_that_git_ignores_and_two_severities_are_said() {
    let both = both();
    both.github(|g| g.create_issue_as("bob", REPO, "Both", "", &["P1", "P2"]));
    both.sandbox.write(".git/info/exclude", "/worklogs/issues*\n");
    let added = both.run(["add", "5"]).answer;
    assert!(added.err.contains("git ignores worklogs/issues-"), "{}", added.err);
    assert!(added.err.contains("#5 has P1 and P2: say which"), "{}", added.err);
}

//! The whole program: what the stand-in for GitHub received, what was printed and what
//! lies on the disk holds none of the secrets that a worklog holds.

use github_stand_in::Logged;

use crate::both::{Both, REPO, SECRET};
use crate::sandbox::{Sandbox, Start};
use crate::secrets::disguise::{self, Case, DISGUISES};
use crate::secrets::samples::{self, Chance};

/// A token in parts, so that no scanner takes this file for a leak.
fn token() -> String {
    ["gh", "p_", "Qw83Lk0aZx92", "Vb47Nm61Ty58", "Hj30Rf22Dc19"].concat()
}

const PASSWORD: &str = "hush \"hush\" & a8Kq02";

fn with_variables(start: Start) -> Start {
    start.env("DEPLOY_PASSWORD", PASSWORD).env("DATABASE_URL", "postgres://app:mY9password@db.internal/app")
}

/// Everything that went to GitHub, as text.
fn sent(both: &Both) -> String {
    let line = |l: &Logged| format!("{} {}\n{}\n", l.method, l.target, l.body());
    both.server.log().iter().map(line).collect()
}

fn worklog(id: &str, front: &str, entries: &[(&str, &str)]) -> String {
    let sections = entries
        .iter()
        .map(|(entry, text)| format!("## {entry}\n<!-- gardener:entry {entry} -->\n\n{text}\n\n"));
    format!("---\ngardener: 1\nid: {id}\nentries:\n{front}---\n\n# Notes\n\n{}", sections.collect::<String>())
}

fn put(both: &Both, id: &str, text: &str) {
    both.sandbox.write(&format!("worklogs/{id}.md"), text);
    both.sandbox.commit_all("a worklog");
}

#[test]
fn titles_texts_and_tests_leave_without_their_secrets() {
    let both = Both::new();
    let token = token();
    let front = format!(
        "  - id: e\n    title: Login with {token} fails\n    impact: \"nobody at https://ann:{token}@example.org\"\n    \
         tests:\n      - tests/login.py::test[{token}]\n"
    );
    let section = format!(
        "It printed {token} and\n\n    {PASSWORD}\n\nthen postgres://app:mY9password@db.internal/app\n\nmine: {SECRET}"
    );
    put(&both, "w", &worklog("w", &front, &[("e", &section)]));

    let dry = with_variables(both.gardener(["sync", "--dry-run", "--json"])).run();
    assert_eq!(dry.code, 0, "{}{}", dry.out, dry.err);
    let plan: serde_json::Value = serde_json::from_str(&dry.out).expect("JSON");
    let planned = &plan["plan"]["changes"][0];
    let title = planned["title"].as_str().expect("a title");
    assert!(title.starts_with("Login with <") && title.ends_with("github-token> fails"), "{title}");
    assert_eq!(plan["plan"]["secrets"][0]["left_out"]["github-token"], 4);
    assert_eq!(plan["plan"]["secrets"][0]["left_out"]["env:DEPLOY_PASSWORD"], 1);

    let synced = both.run_in(with_variables(both.gardener(["sync"])));
    assert_eq!(synced.answer.code, 0, "{}", synced.answer.err);
    let line = "secrets left out of the text for GitHub (env:DATABASE_URL, env:DEPLOY_PASSWORD, env:GH_TOKEN, github-token)";
    let said = synced.answer.out.replace(
        "github-token, env:DATABASE_URL, env:DEPLOY_PASSWORD, env:GH_TOKEN",
        "env:DATABASE_URL, env:DEPLOY_PASSWORD, env:GH_TOKEN, github-token",
    );
    assert!(said.contains(line), "{said}");
    let body = both.github(|g| g.issue(REPO, 1).expect("an issue").facts.body.clone().unwrap_or_default());
    // What the dry run printed is what was sent.
    assert_eq!(Some(body.as_str()), planned["body"].as_str());
    assert!(body.contains("env:DATABASE_URL") && body.contains("env:DEPLOY_PASSWORD"), "{body}");
    let all = sent(&both) + &synced.answer.out + &synced.answer.err + &dry.out + &dry.err;
    for secret in [token.as_str(), &token[4..16], "a8Kq02", "mY9password", &SECRET[4..]] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    // The worklog is its writer's, and stays.
    assert!(both.sandbox.read("worklogs/w.md").contains(&token));
    let synced = both.run_in(with_variables(both.gardener(["sync"])));
    assert_eq!((synced.answer.code, synced.writes.len()), (0, 0), "{}", synced.answer.out);
}

#[test]
fn no_disguise_reaches_github() {
    let all = samples::all();
    let chosen = |family: &str| all.iter().find(|s| s.family == family).expect("a sample").clone();
    let variable = chosen("env deploy_token");
    let both = Both::new();
    let (mut front, mut sections, mut cases): (String, Vec<(String, String)>, Vec<Case>) = Default::default();
    for (n, sample) in [chosen("github"), chosen("aws"), chosen("slack"), variable.clone()].iter().enumerate()
    {
        for disguise in DISGUISES {
            let mut chance = Chance::new(n as u64 * 100 + disguise as u64);
            let Some(case) = disguise::apply(sample, disguise, &mut chance) else { continue };
            let id = format!("{}-{n}", disguise.name());
            front.push_str(&format!("  - id: {id}\n    title: Case {id}\n    tests: [\"{}\"]\n", "t"));
            sections.push((id, case.text.clone()));
            cases.push(case);
        }
    }
    let sections: Vec<_> = sections.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    put(&both, "w", &worklog("w", &front, &sections));
    let start = both.gardener(["sync", "--yes", "--json"]).env("CANARY_TOKEN", &variable.secret);
    let synced = both.run_in(start);
    assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
    let issues: Vec<_> = (1..=cases.len() as u64)
        .map(|n| both.github(|g| g.issue(REPO, n).expect("an issue").facts.body.clone().unwrap_or_default()))
        .collect();
    let sent = sent(&both);
    for case in &cases {
        for text in issues.iter().chain([&sent, &synced.answer.out, &synced.answer.err]) {
            assert_eq!(case.leak(text), None, "{:?} in {text}", case.text);
        }
    }
    let journal = both.sandbox.names(".git/gardener");
    assert!(!journal.is_empty());
    for name in journal {
        let text = both.sandbox.read(&format!(".git/gardener/{name}"));
        assert!(cases.iter().all(|c| c.leak(&text).is_none()), "{name}: {text}");
    }
}

#[test]
fn a_comment_leaves_without_its_secrets() {
    let both = Both::new();
    both.github(|g| g.create_issue_as("bob", REPO, "It is broken", "body", &[]));
    let token = token();
    let front = format!("  - id: e\n    title: It is broken with {token}\n    issue: 1\n");
    put(&both, "w", &worklog("w", &front, &[("e", &format!("again {token}"))]));
    let synced = both.run(["sync"]);
    assert_eq!(synced.answer.code, 0, "{}", synced.answer.err);
    let sent = sent(&both);
    assert!(sent.contains("github-token") && !sent.contains(&token), "{sent}");
    assert!(
        synced.answer.out.contains("2 secrets left out of the text for GitHub (github-token)"),
        "{}",
        synced.answer.out
    );
}

#[test]
fn what_can_not_be_altered_is_held_back_and_the_rest_goes_on() {
    let token = token();
    let (label, link) = (format!("[\"{token}\"]"), format!("[\"https://ann:{token}@example.org/x\"]"));
    for (what, entry) in [
        ("a label", format!("  - id: e\n    title: T\n    labels: {label}\n")),
        ("a link", format!("  - id: e\n    title: T\n    links: {link}\n")),
        ("its id", format!("  - id: {token}\n    title: T\n")),
        ("its fingerprint", format!("  - id: e\n    title: T\n    fingerprint: {token}\n")),
    ] {
        let both = Both::new();
        put(&both, "w", &worklog("w", &format!("{entry}  - id: fine\n    title: Fine\n"), &[]));
        let synced = both.run(["sync"]);
        let (out, err) = (&synced.answer.out, &synced.answer.err);
        assert_eq!(synced.answer.code, 3, "{what}: {out}{err}");
        assert!(out.contains(&format!("not synced: {what} (github-token")), "{what}: {out}");
        assert_eq!(synced.writes.len(), 1, "{what}: {:?}", synced.writes);
        let all = sent(&both) + out + err;
        assert!(!all.contains(&token), "{what}: {all}");
        let json = both.run(["sync", "--json"]).answer;
        assert!(json.out.contains("\"code\":\"secret\"") && !json.out.contains(&token), "{}", json.out);
    }
}

#[test]
fn a_secret_on_github_is_not_written_into_a_worklog() {
    let (both, token) = (Both::new(), token());
    both.github(|g| {
        g.add_label(REPO, &token, "ededed");
        g.create_issue_as("bob", REPO, "It is broken", "body", &["bug", &token])
    });
    put(
        &both,
        "w",
        &worklog("w", "  - id: e\n    title: It is broken\n    issue: 1\n    labels: [bug]\n", &[]),
    );
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.commits), (3, 0), "{}", synced.answer.out);
    assert!(
        synced.answer.out.contains("not synced: a label or link on GitHub (github-token)"),
        "{}",
        synced.answer.out
    );
    assert!(!both.sandbox.read("worklogs/w.md").contains(&token));
}

#[test]
fn a_secret_in_the_template_is_not_sent() {
    let (both, token) = (Both::new(), token());
    both.sandbox
        .write(".gardener/templates/issue.md", format!("{{{{ section }}}}\n\nCall us with {token}\n"));
    put(&both, "w", &worklog("w", "  - id: e\n    title: T\n", &[]));
    let synced = both.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes.len()), (3, 0), "{}", synced.answer.out);
    assert!(
        synced.answer.out.contains("not synced: the text for GitHub (github-token)"),
        "{}",
        synced.answer.out
    );
}

#[test]
fn check_names_the_place_and_shows_nothing() {
    let (sandbox, token) = (Sandbox::new(), token());
    let front = format!("  - id: e\n    title: Login with {token} fails\n    status: {token}\n");
    sandbox.write("worklogs/w.md", worklog("w", &front, &[("e", &format!("again\n\n{token} {PASSWORD}"))]));
    for arguments in [&["check"][..], &["check", "--json"]] {
        let answer = with_variables(sandbox.gardener(arguments)).run();
        let all = answer.out.clone() + &answer.err;
        assert_eq!(answer.code, 1, "{all}");
        assert!(!all.contains(&token[4..14]) && !all.contains("a8Kq02"), "{all}");
        assert!(all.contains("this looks like a secret (github-token)"), "{all}");
        assert!(all.contains("this looks like a secret (env:DEPLOY_PASSWORD)"), "{all}");
    }
    let answer = sandbox.gardener(["check"]).run();
    assert!(
        answer.out.contains("warning[secret]") && answer.out.contains("--> worklogs/w.md:6:23"),
        "{}",
        answer.out
    );
    // With nothing else wrong it is a warning.
    sandbox.write("worklogs/w.md", worklog("w", "  - id: e\n    title: T\n", &[("e", &token)]));
    assert_eq!(sandbox.gardener(["check"]).run().code, 0);
    assert_eq!(sandbox.gardener(["check", "--strict"]).run().code, 1);
}

#[test]
fn a_broken_worklog_is_named_without_what_it_hides() {
    let (both, token) = (Both::new(), token());
    put(&both, "w", &worklog("w", &format!("  - id: e\n    title: T\n    severity: {token}\n"), &[]));
    let synced = both.run(["sync"]);
    let all = synced.answer.out + &synced.answer.err;
    assert!(all.contains("severity") && !all.contains(&token[4..14]), "{all}");
}

#[test]
fn a_new_worklog_is_not_begun_with_a_secret() {
    let (sandbox, token) = (Sandbox::new(), token());
    let answer = sandbox.gardener(["new", "--title", &format!("With {token}")]).run();
    assert_eq!(answer.code, 1, "{}", answer.out);
    assert!(answer.err.contains("looks like a secret (github-token); nothing was written"), "{}", answer.err);
    assert!(sandbox.names("worklogs").is_empty());
}

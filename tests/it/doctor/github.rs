//! What can be wrong with the token, and what GitHub says.

use super::*;

/// All that is not well after GitHub was changed.
fn after(act: impl FnOnce(&mut GitHub)) -> Vec<Check> {
    let both = healthy();
    both.github(act);
    look(&both)
}

#[test]
fn no_token_or_one_that_is_not_taken() {
    let both = healthy();
    let none = start(&both, &["--json"]).env("GH_TOKEN", "").run();
    assert_eq!(finding(&read(&none), "fault", "token").fix, "export GH_TOKEN=...");
    let expired = after(|g| g.token_mut(SECRET).expect("a token").expired = true);
    let found = finding(&expired, "fault", "token");
    assert!(found.found.contains("from GH_TOKEN") && found.fix.contains("unset GH_TOKEN"), "{found:?}");
    assert_eq!(ill(&expired), ["token"], "nothing more is asked");
}

#[test]
fn a_token_without_single_sign_on() {
    let checks = after(|g| g.token_mut(SECRET).expect("a token").needs_sso = true);
    let found = finding(&checks, "fault", "access");
    assert!(found.fix.contains("open https://github.com/orgs/acme/sso as"), "{found:?}");
    finding(&checks, "ok", "account");
}

#[test]
fn what_a_token_may() {
    let scopes = |told: Option<&str>| {
        after(|g| g.token_mut(SECRET).expect("a token").scopes = told.map(str::to_owned))
    };
    assert!(ill(&scopes(Some("gist, repo"))).is_empty() && ill(&scopes(Some("public_repo"))).is_empty());
    let fine = scopes(None);
    assert!(finding(&fine, "ok", "scopes").found.contains("needs Issues: read and write"), "{fine:?}");
    for told in ["", "read:org, gist"] {
        let found = finding(&scopes(Some(told)), "fault", "scopes");
        assert!(found.fix.contains("the scope public_repo, for GH_TOKEN"), "{found:?}");
    }
    let private = after(|g| {
        g.repo_mut(REPO).expect("it").private = true;
        g.token_mut(SECRET).expect("a token").scopes = Some("public_repo".to_owned());
    });
    assert!(finding(&private, "fault", "scopes").found.contains("writing needs repo"));
}

#[test]
fn a_token_that_ends() {
    let ends = |days: i64| {
        after(|g| g.token_mut(SECRET).expect("a token").expires = Some(g.clock.now() + days * 86_400))
    };
    finding(&ends(3), "note", "expiry");
    assert_eq!(ill(&ends(90)), Vec::<&str>::new());
}

#[test]
fn a_workflows_token_has_no_user() {
    let both = healthy();
    both.github(|g| {
        g.add_account("github-actions[bot]", "Bot");
        g.add_token("ghs_0", "github-actions[bot]");
        g.grant("github-actions[bot]", REPO, Permission::Write);
    });
    let checks = read(&start(&both, &["--json"]).env("GH_TOKEN", "ghs_0").run());
    assert!(finding(&checks, "ok", "account").found.contains("has no user"));
    assert_eq!(ill(&checks), Vec::<&str>::new());
}

#[test]
fn a_repository_that_is_hidden_archived_or_without_issues() {
    let hidden = after(|g| {
        let home = g.repo_mut(REPO).expect("it");
        home.private = true;
        home.permissions.clear();
    });
    assert!(finding(&hidden, "fault", "access").found.contains("acme/app is not on"), "{hidden:?}");
    let archived = after(|g| g.repo_mut(REPO).expect("it").archived = true);
    assert_eq!(finding(&archived, "fault", "archived").fix, "gh repo unarchive acme/app");
    let without = after(|g| g.repo_mut(REPO).expect("it").has_issues = false);
    assert_eq!(finding(&without, "fault", "issues").fix, "gh repo edit acme/app --enable-issues");
}

#[test]
fn rights_that_are_too_few() {
    let read_only = after(|g| g.grant("ann", REPO, Permission::Read));
    finding(&read_only, "fault", "access");
    let triage = after(|g| g.grant("ann", REPO, Permission::Triage));
    finding(&triage, "note", "access");
}

#[test]
fn limits_that_are_used_up_or_not_there() {
    let spent = after(|g| g.exhaust("ann", "core", 600));
    let found = finding(&spent, "fault", "rate");
    assert!(found.fix.starts_with("wait until 2026-03-01T1"), "{found:?}");
    assert_eq!(ill(&spent), ["rate"], "what is refused anyhow is not asked");
    let low = after(|g| g.exhaust("ann", "graphql", 600));
    finding(&low, "note", "rate");
    let none = after(|g| g.settings.limited = false);
    assert_eq!(finding(&none, "ok", "rate").found, "this server has no limits");
}

#[test]
fn nobody_at_the_address_or_no_address() {
    let both = healthy();
    let at = |url: &str| read(&start(&both, &["--json"]).env("GITHUB_API_URL", url).run());
    let found = finding(&at("http://127.0.0.1:1"), "fault", "github");
    assert!(found.fix.contains("gardener doctor --offline"), "{found:?}");
    assert!(finding(&at("ftp://x"), "fault", "address").fix.contains("GITHUB_API_URL"));
}

#[test]
fn a_clock_that_is_off() {
    let both = healthy();
    let checks = read(&start(&both, &["--json"]).env("SOURCE_DATE_EPOCH", "1772362800").run());
    let found = finding(&checks, "note", "clock");
    assert_eq!(
        (found.found.as_str(), found.fix.as_str()),
        ("3600 s behind GitHub's", "unset SOURCE_DATE_EPOCH")
    );
}

#[test]
fn a_default_branch_that_is_protected() {
    let checks = after(|g| {
        g.repo_mut(REPO).expect("it").protected.insert("main".to_owned());
    });
    let found = finding(&checks, "note", "protection");
    assert_eq!(found.fix, "gardener sync --branch worklogs --pull-request");
    let unknown = after(|g| {
        g.repo_mut(REPO).expect("it").branches.clear();
    });
    assert!(finding(&unknown, "ok", "protection").found.contains("may not know"));
}

#[test]
fn forks_are_told_by_the_remotes_and_by_github() {
    let both = healthy();
    both.github(|g| {
        let parent = g.add_repo("main/app");
        g.repo_mut(REPO).expect("it").parent = Some(parent);
        g.grant("ann", "main/app", Permission::Write);
    });
    let found = finding(&look(&both), "note", "fork");
    assert_eq!(found.fix, "git remote add upstream https://github.com/main/app.git");
    assert_eq!(shell(&both, &found.fix).code, 0);
    let checks = look(&both);
    let found = finding(&checks, "note", "remote");
    assert!(found.found.contains("issues are kept in main/app (upstream), not in acme/app"), "{found:?}");
    both.sandbox.write("gardener.toml", "repository = \"main/app\"\n");
    assert_eq!(ill(&look(&both)), Vec::<&str>::new());
}

#[test]
fn a_repository_with_another_name() {
    let both = healthy();
    both.github(|g| g.rename_repo(REPO, "acme/garden"));
    let checks = look(&both);
    let found = finding(&checks, "note", "name");
    assert_eq!(ill(&checks), ["name"], "the answers are of the repository of today");
    assert_eq!(shell(&both, &found.fix).code, 0);
    assert_eq!(ill(&look(&both)), Vec::<&str>::new());
}

//! Whatever goes wrong on GitHub, on the way there, or on this machine: it is said in one
//! clear line with the next step, nothing is lost, and once it is over the next syncs end
//! where they would have ended without it.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

mod here;
mod issues;
mod meanwhile;
mod rights;

use std::collections::BTreeMap;

use github_stand_in::{GitHub, How, Kind, Permission, Response, Rule, When};

use crate::both::{Both, REPO, SECRET, Synced};
use crate::kill::scene::{End, copy, scene, settle};

/// Something that goes wrong, and what a sync says of it.
struct Case {
    name: &'static str,
    set: fn(&Both),
    /// Takes it away on GitHub's side; faults on the way go by themselves.
    clear: fn(&mut GitHub),
    code: i32,
    /// Stands in the line `error: …`.
    says: &'static str,
}

impl Case {
    const fn new(name: &'static str, code: i32, says: &'static str, set: fn(&Both)) -> Self {
        Self { name, set, clear: |_| {}, code, says }
    }

    const fn until(mut self, clear: fn(&mut GitHub)) -> Self {
        self.clear = clear;
        self
    }
}

fn fail(both: &Both, how: How) {
    both.server.fail(Rule::new(When::Before, how).always());
}

fn fail_writes(both: &Both, when: When, how: How) {
    both.server.fail(Rule::new(when, how).kind(Kind::Write).always());
}

fn boom(status: u16) -> How {
    How::Status(status, "{\"message\":\"boom\"}".to_owned())
}

fn limited(reset_in: i64) -> How {
    How::RateLimitPrimary { reset_in, status: 403 }
}

fn too_many(retry_after: u64) -> How {
    How::RateLimitSecondary { retry_after: Some(retry_after), status: 429 }
}

fn astray(status: u16) -> How {
    How::Answer(Response::empty(status).header("location", "https://evil.example/x"))
}

/// Runs the big sync of `kill::scene` under each of them.
fn endure(cases: &[Case]) {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    plain.assert_settled();
    let end = End::of(&plain);
    for case in cases {
        let (name, both) = (case.name, copy(&scene));
        let (before, git) = (both.sandbox.snapshot(), git_files(&both));
        (case.set)(&both);
        let known = both.github(|g| End::github(g));
        let Synced { answer, commits, .. } = both.run(["sync"]);
        let said = format!("{name}: exit {}\n{}{}", answer.code, answer.out, answer.err);
        assert_eq!(answer.code, case.code, "{said}");
        let errors: Vec<_> = answer.err.lines().filter(|l| l.starts_with("error: ")).collect();
        let next = answer.err.lines().filter(|l| l.starts_with("next: ")).count();
        assert!(matches!(errors.as_slice(), [only] if only.contains(case.says)) && next == 1, "{said}");
        if case.code == 1 {
            assert_eq!((answer.err.lines().count(), answer.out.as_str(), commits), (2, "", 0), "{said}");
            assert_eq!(both.sandbox.snapshot(), before, "{said}");
            assert_eq!(git_files(&both), git, "{said}");
            assert_eq!(both.github(|g| End::github(g)), known, "{said}");
        }
        both.server.clear_faults();
        both.github(case.clear);
        both.minutes(61);
        settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
        end.assert_same(&End::of(&both), &said);
    }
}

/// Every file of `.git` but gardener's lock, so that a failed sync is seen to leave all alone.
pub(crate) fn git_files(both: &Both) -> BTreeMap<String, Vec<u8>> {
    let top = both.sandbox.top().join(".git");
    let mut found = BTreeMap::new();
    let mut folders = vec![top.clone()];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).expect("listed") {
            let path = item.expect("listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("gardener/lock") && !path.ends_with(".git/index") {
                let name = path.strip_prefix(&top).expect("below").to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).expect("read"));
            }
        }
    }
    found
}

#[test]
fn refusals_and_limits() {
    endure(&[
        Case::new("an expired token", 1, "does not take the token from GH_TOKEN", |b| {
            b.github(|g| g.token_mut(SECRET).expect("a token").expired = true);
        })
        .until(|g| g.token_mut(SECRET).expect("a token").expired = false),
        Case::new("no single sign-on", 1, "SAML", |b| {
            b.github(|g| g.token_mut(SECRET).expect("a token").needs_sso = true);
        })
        .until(|g| g.token_mut(SECRET).expect("a token").needs_sso = false),
        Case::new("a repository out of sight", 1, "acme/app is not on", |b| {
            b.github(|g| {
                g.repo_mut(REPO).expect("there").private = true;
                g.grant("ann", REPO, Permission::None);
            });
        })
        .until(|g| {
            g.repo_mut(REPO).expect("there").private = false;
            g.grant("ann", REPO, Permission::Write);
        }),
        Case::new("issues switched off", 1, "has issues switched off", |b| {
            b.github(|g| g.repo_mut(REPO).expect("there").has_issues = false);
        })
        .until(|g| g.repo_mut(REPO).expect("there").has_issues = true),
        Case::new("the hourly limit", 1, "rate limit", |b| fail(b, limited(1_800))),
        Case::new("the hourly limit at the first write", 3, "rate limit", |b| {
            fail_writes(b, When::Before, limited(1_800));
        }),
        Case::new("the limit of writes", 3, "too many at a time", |b| {
            b.server.fail(Rule::new(When::Before, too_many(600)).kind(Kind::Write).nth(5).always());
        }),
    ]);
}

#[test]
fn storms_and_broken_answers() {
    endure(&[
        Case::new("500 for everything", 1, "answers with 500", |b| fail(b, boom(500))),
        Case::new("503 for reads from the fifth on", 1, "answers with 503", |b| {
            b.server.fail(Rule::new(When::Before, boom(503)).kind(Kind::Read).nth(5).always());
        }),
        Case::new("503 for writes that are not done", 3, "answers with 503", |b| {
            fail_writes(b, When::Before, boom(503));
        }),
        Case::new("500 for writes that are done", 3, "answers with 500", |b| {
            fail_writes(b, When::After, boom(500));
        }),
        Case::new("500 for new issues that are made", 3, "answers with 500", |b| {
            b.server.fail(Rule::new(When::After, boom(500)).method("POST").path("/issues").always());
        }),
        Case::new("500 for comments that are made", 3, "answers with 500", |b| {
            b.server.fail(Rule::new(When::After, boom(500)).method("POST").path("/comments").always());
        }),
        Case::new("a proxy's page", 1, "it is a web page", |b| fail(b, How::Garbage)),
        Case::new("a proxy's page for writes", 3, "it is a web page", |b| {
            fail_writes(b, When::Before, How::Garbage);
        }),
        Case::new("cut answers", 1, "broke", |b| {
            b.server.fail(Rule::new(When::After, How::Cut(40)).always());
        }),
        Case::new("cut answers to writes", 3, "broke", |b| fail_writes(b, When::After, How::Cut(40))),
        Case::new("no answers to patches", 3, "broke", |b| {
            b.server.fail(Rule::new(When::After, How::Drop).method("PATCH").always());
        }),
        Case::new("a way to another host", 1, "is not followed", |b| fail(b, astray(302))),
        Case::new("a way to another host for writes", 3, "is not followed", |b| {
            fail_writes(b, When::Before, astray(307));
        }),
    ]);
}

/// Each single write of the sync in turn gets no answer, done or not done.
#[test]
fn any_one_write_without_an_answer() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let writes = plain.server.writes().len() as u64;
    plain.assert_settled();
    let end = End::of(&plain);
    let mut lost = 0;
    for nth in 1..=writes {
        let ways = [(When::After, How::Drop), (When::Before, How::Drop), (When::After, boom(502))];
        for (way, (when, how)) in ways.into_iter().enumerate() {
            // A sample by default: each second write loses its answer, in one way.
            if !crate::kill::is_whole() && nth as usize % 6 != 2 * way {
                continue;
            }
            lost += 1;
            let both = copy(&scene);
            both.server.fail(Rule::new(when, how.clone()).kind(Kind::Write).nth(nth));
            let Synced { answer, .. } = both.run(["sync"]);
            let said =
                format!("write {nth} {when:?} {how:?}: exit {}\n{}{}", answer.code, answer.out, answer.err);
            assert_eq!(answer.code, 3, "{said}");
            both.minutes(16);
            settle(&both, 3).unwrap_or_else(|why| panic!("{said}\n{why}"));
            end.assert_same(&End::of(&both), &said);
        }
    }
    println!("writes: {writes}, answers lost: {lost}, recovered: {lost}, duplicates: 0");
}

#[test]
fn offline_nothing_happens() {
    let both = copy(&scene());
    let before = both.sandbox.snapshot();
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one").port();
    let start = both.gardener(["sync"]).env("GITHUB_API_URL", format!("http://127.0.0.1:{port}"));
    let Synced { answer, commits, .. } = both.run_in(start);
    assert_eq!((answer.code, answer.out.as_str(), commits), (1, "", 0), "{}", answer.err);
    assert!(answer.err.contains("can't be reached") && answer.err.contains("\nnext: "), "{}", answer.err);
    assert_eq!(both.sandbox.snapshot(), before);
    both.sync();
    both.assert_settled();
}

/// A failed sync with nothing to take over from GitHub did nothing, and says so.
#[test]
fn when_nothing_could_be_sent_the_exit_code_says_that_nothing_was_done() {
    let both = Both::new();
    both.worklog("w", "  - id: e\n    title: New\n");
    both.github(|g| g.token_mut(SECRET).expect("a token").read_only = true);
    let before = both.sandbox.snapshot();
    let Synced { answer, commits, .. } = both.run(["sync"]);
    assert_eq!((answer.code, commits), (1, 0), "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("not filed: not allowed"), "{}", answer.out);
    assert_eq!(both.sandbox.snapshot(), before);
    both.github(|g| g.token_mut(SECRET).expect("a token").read_only = false);
    both.sync();
    both.assert_settled();
    assert_eq!(both.github(|g| g.issue_numbers(REPO)), [1]);
}

/// The whole sync without GraphQL: GitHub has none, or the user wants none.
#[test]
fn rest_alone_ends_where_both_ways_end() {
    let scene = scene();
    let plain = copy(&scene);
    plain.sync();
    let end = End::of(&plain);
    let both = copy(&scene);
    both.github(|g| g.settings.graphql = false);
    both.sync();
    end.assert_same(&End::of(&both), "GitHub has no GraphQL");
    both.assert_settled();
    let both = copy(&scene);
    let synced = both.run_in(both.gardener(["sync"]).env("GARDENER_REST_ONLY", "1"));
    assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
    assert!(both.server.log().iter().all(|l| !l.target.contains("graphql")));
    end.assert_same(&End::of(&both), "the user wants no GraphQL");
}

//! Where an answer points, in `Location` and `Link`: the token follows nowhere but within the
//! interface that was asked.

use std::collections::{BTreeMap, BTreeSet};

use gardener::forge::{
    Address, ForgeError, ForgeRead as _, ForgeWrite as _, GitHub, GitHubWriter, Options, Token,
};
use gardener::model::{Labels, RepoSlug};
use gardener::plan::Write;
use github_stand_in::{GitHub as World, How, Permission, Response, Rule, StandIn, When};

use super::Thief;
use crate::both::{Both, REPO, SECRET};

/// Addresses made from the port of the true server and that of somebody else.
#[rustfmt::skip]
fn elsewhere(ours: u16, theirs: u16) -> Vec<String> {
    let path = "repos/acme/app/issues/1";
    vec![
        format!("http://127.0.0.1:{theirs}/{path}"),
        format!("http://localhost:{theirs}/{path}"),
        format!("HTTP://LOCALHOST:{theirs}/{path}"),
        format!("http://localhost:{ours}/{path}"),
        format!("http://localhost.:{ours}/{path}"),
        format!("http://127.0.0.1.:{ours}/{path}"),
        format!("//127.0.0.1:{theirs}/{path}"),
        format!("///127.0.0.1:{theirs}/{path}"),
        format!("/\\127.0.0.1:{theirs}/{path}"),
        format!("\\\\127.0.0.1:{theirs}/{path}"),
        format!("http:/\\127.0.0.1:{theirs}/{path}"),
        format!("http://127.0.0.1:{ours}@127.0.0.1:{theirs}/{path}"),
        format!("http://x:y@127.0.0.1:{ours}/{path}"),
        format!("http://127.0.0.1:{ours}\\@127.0.0.1:{theirs}/{path}"),
        format!("http://127.0.0.1:{ours}#@127.0.0.1:{theirs}/{path}"),
        format!("http://127.0.0.1:{ours}?@127.0.0.1:{theirs}/{path}"),
        format!("http://127.0.0.1:{ours}%40127.0.0.1:{theirs}/{path}"),
        format!("http://%31%32%37.0.0.1:{theirs}/{path}"),
        format!("http://2130706433:{theirs}/{path}"),
        format!("http://0x7f000001:{theirs}/{path}"),
        format!("http://0177.0.0.1:{theirs}/{path}"),
        format!("http://127.1:{theirs}/{path}"),
        format!("http://127.0.0.2:{ours}/{path}"),
        format!("http://0.0.0.0:{theirs}/{path}"),
        format!("http://[::1]:{theirs}/{path}"),
        format!("http://[::ffff:127.0.0.1]:{theirs}/{path}"),
        format!("http://[::1]:{ours}/{path}"),
        format!("http://127.0.0.1:{theirs}\t/{path}"),
        format!(" http://127.0.0.1:{theirs}/{path}"),
        format!("https://127.0.0.1:{ours}/{path}"),
        format!("https://127.0.0.1:{theirs}/{path}"),
        format!("ftp://127.0.0.1:{theirs}/{path}"),
        format!("http://127.0.0.1:{ours}/../../{path}"),
        format!("http://127.0.0.1:{ours}/%2e%2e/{path}"),
        format!("http://127.0.0.1:{ours}//127.0.0.1:{theirs}/{path}"),
        "http://github.com.evil.invalid/repos/acme/app/issues/1".to_owned(),
        "https://xn--gthub-n4a.com/repos/acme/app/issues/1".to_owned(),
        "javascript:alert(1)".to_owned(),
        "file:///etc/passwd".to_owned(),
        "127.0.0.1".to_owned(),
        String::new(),
    ]
}

/// An `acme/app` with some issues.
fn world() -> World {
    let mut world = World::at("2026-03-01T12:00:00Z");
    world.add_repo(REPO);
    world.add_token(SECRET, "ann");
    world.grant("ann", REPO, Permission::Write);
    for _ in 0..3 {
        world.create_issue_as("bob", REPO, "It is broken", "", &[]);
    }
    world
}

fn github(server: &StandIn, graphql: bool) -> GitHubWriter {
    let address = Address::new("github.com", Some(&server.url()), None).expect("loopback");
    let token = Token::new(SECRET, "GH_TOKEN", address.host());
    let slug = RepoSlug::parse(REPO).expect("a name");
    GitHubWriter::new(GitHub::new(Options { token, graphql, ..Options::new(address, slug) }))
}

fn redirect(i: usize, to: &str) -> How {
    let headers = BTreeMap::from([("location".to_owned(), to.to_owned())]);
    How::Answer(Response { status: [301, 302, 307, 308][i % 4], headers, body: b"{}".to_vec() })
}

/// Every request that reached the true server came by its true address.
fn assert_only_ours(server: &StandIn, what: &str) {
    for line in server.log() {
        let host = line.request.headers.get("host").cloned().unwrap_or_default();
        assert_eq!(host, format!("127.0.0.1:{}", server.port()), "{what}");
        assert!(
            line.target.starts_with('/') && !line.target.contains("127.0.0.1"),
            "{what}: {}",
            line.target
        );
    }
}

fn is_refused(error: &ForgeError) -> bool {
    matches!(error, ForgeError::RedirectRefused { .. })
}

#[test]
fn no_answer_leads_the_token_away() {
    let (server, thief) = (StandIn::start(world()), Thief::start());
    let all = elsewhere(server.port(), thief.port);
    assert!(all.len() >= 40);
    for (i, to) in all.iter().enumerate() {
        server.clear_faults();
        server.fail(Rule::new(When::Before, redirect(i, to)).always());
        let mut github = github(&server, false);
        let error = github.repository().expect_err(to);
        assert!(is_refused(&error), "{to}: {error}");
        assert!(is_refused(&github.issues(&BTreeSet::from([1])).expect_err(to)), "{to}");
        assert!(is_refused(&github.comments(1).expect_err(to)), "{to}");
        let new = Write::CreateIssue { title: "t".into(), body: "b".into(), labels: Labels::new() };
        let failed = github.write(&[new]).remove(0).expect_err(to);
        assert!(is_refused(&failed.error), "{to}: {failed:?}");
        assert!(github.write(&[Write::EditBody { number: 1, body: "x".into() }]).remove(0).is_err(), "{to}");
        assert!(!format!("{error} {error:?} {failed:?}").contains(SECRET));
        assert_only_ours(&server, to);
    }
    assert_eq!(thief.heard(), Vec::<Vec<u8>>::new());
    assert!(server.writes().iter().all(|w| !w.applied));
}

#[test]
fn no_list_goes_on_elsewhere() {
    let (server, thief) = (StandIn::start(world()), Thief::start());
    // Without an address there is no next page.
    for to in elsewhere(server.port(), thief.port).iter().filter(|to| !to.is_empty()) {
        let link = format!("<{to}?page=2>; rel=\"next\"");
        server.clear_faults();
        server.fail(Rule::new(When::After, How::Headers(vec![("link".to_owned(), link)])).always());
        let read = github(&server, false).changed(None);
        assert!(read.is_err(), "{to} is followed, or taken for the end of the list");
        assert_only_ours(&server, to);
    }
    assert_eq!(thief.heard(), Vec::<Vec<u8>>::new());
}

#[test]
fn the_program_is_not_led_away_either() {
    let both = Both::new();
    both.worklog("w", "  - id: new\n    title: New\n");
    let thief = Thief::start();
    let all = elsewhere(both.server.port(), thief.port);
    for (i, to) in all.iter().enumerate().step_by(5) {
        for method in ["GET", "POST"] {
            both.server.clear_faults();
            both.server
                .fail(Rule::new(When::Before, redirect(i, to)).method(method).path("/repos/").always());
            let answer = both.run(["sync"]).answer;
            assert_eq!(answer.code, 1, "{to}: {}{}", answer.out, answer.err);
            assert!(answer.err.contains("not followed"), "{to}: {}", answer.err);
            assert_only_ours(&both.server, to);
        }
    }
    assert_eq!(thief.heard(), Vec::<Vec<u8>>::new());
    assert!(both.github(|g| g.issue_numbers(REPO)).is_empty());
}

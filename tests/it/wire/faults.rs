//! A bad wire: reads are tried again, writes never, and what may have happened is said.

use std::time::Duration;

use gardener::forge::{
    Address, Certainty, ForgeError, ForgeRead as _, ForgeWrite as _, GitHub, GitHubWriter, Options, Token,
};
use gardener::plan::{StateChange, Write};
use github_stand_in::{How, Response, Rule, When};

use super::script::{self, Script};
use super::{SECRET, Scene, new_issue, numbers, slug, world};

#[test]
fn a_read_is_tried_three_times_with_pauses() {
    let faults = [How::Status(502, "<html>".into()), How::Drop, How::Cut(20)];
    for how in faults {
        let scene = Scene::new(world());
        scene.server.fail(Rule::new(When::After, how.clone()).times(2));
        scene.reader().repository().expect("the third time");
        assert_eq!((scene.lines().len(), scene.waits()), (3, vec![100, 400]), "{how:?}");
        scene.clear_log();
        scene.server.fail(Rule::new(When::After, how.clone()).always());
        scene.reader().repository().expect_err("never");
        assert_eq!(scene.lines().len(), 3, "{how:?}");
    }
}

#[test]
fn graphql_out_of_order_is_no_reason_to_fail() {
    let faults = [How::Status(502, "{}".into()), How::Garbage, How::Status(200, r#"{"data":null}"#.into())];
    for how in faults {
        let mut world = world();
        world.create_issue_as("bob", "acme/app", "t", "", &[]);
        world.create_issue_as("bob", "acme/app", "u", "", &[]);
        let scene = Scene::new(world);
        scene.server.fail(Rule::new(When::Before, how).path("/graphql").always());
        assert_eq!(scene.reader().issues(&numbers([1, 2])).expect("by REST").len(), 2);
    }
}

#[test]
fn nothing_that_creates_is_sent_twice() {
    let faults = [
        (When::After, How::Status(500, "{}".into())),
        (When::After, How::Status(502, "<html>Bad Gateway</html>".into())),
        (When::Before, How::Status(503, String::new())),
        (When::Before, How::Status(408, String::new())),
        (When::After, How::Drop),
        (When::Before, How::Drop),
        (When::After, How::Cut(0)),
        (When::After, How::Cut(60)),
        (When::After, How::Garbage),
        (When::After, How::Status(201, r#"{"number":"#.into())),
        (When::After, How::Status(201, "{}".into())),
    ];
    for (when, how) in faults {
        for write in [new_issue("once"), Write::CreateComment { number: 1, body: "once".into() }] {
            let mut world = world();
            world.create_issue_as("bob", "acme/app", "t", "", &[]);
            let scene = Scene::new(world);
            scene.server.fail(Rule::new(when, how.clone()).method("POST"));
            let outcomes = scene.writer().write(&[write, new_issue("after")]);
            let certainty: Vec<_> =
                outcomes.iter().map(|o| o.as_ref().expect_err("failed").certainty).collect();
            assert_eq!(certainty, [Certainty::Doubtful, Certainty::NotSent], "{when:?} {how:?}");
            assert_eq!(scene.server.writes().len(), 1, "{when:?} {how:?}: {:?}", scene.lines());
            assert!(scene.waits().is_empty());
        }
    }
}

#[test]
fn other_writes_are_not_repeated_either() {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "t", "", &[]);
    let scene = Scene::new(world);
    scene.server.fail(Rule::new(When::After, How::Status(502, String::new())));
    let close = Write::SetState { number: 1, to: StateChange::Completed };
    let failed = scene.writer().write(&[close]).remove(0).expect_err("502");
    assert_eq!(failed.certainty, Certainty::Doubtful);
    assert_eq!(scene.lines().len(), 1);
}

#[test]
fn a_connection_that_closed_while_idle_costs_no_write() {
    // The other side hangs up after its answer without saying so first.
    let script = Script::start(|request| {
        if request.starts_with("GET") { script::ok(r#"{"login":"ann"}"#) } else { script::ok(script::ISSUE) }
    });
    let mut github = GitHubWriter::new(GitHub::new(script.options()));
    for round in 0..20 {
        assert_eq!(github.viewer().expect("answered").as_deref(), Some("ann"));
        script.wait_until_closed();
        let outcome = github.write(&[new_issue("t")]).remove(0);
        assert!(outcome.is_ok(), "round {round}: {outcome:?}");
        script.wait_until_closed();
    }
    assert_eq!(script.requests().iter().filter(|r| r.starts_with("POST")).count(), 20);
}

#[test]
fn nobody_there_means_nothing_was_sent() {
    let address = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", gone.local_addr().expect("bound"));
        Address::new("github.com", Some(&url), None).expect("loopback")
    };
    let token = Token::new(SECRET, "GH_TOKEN", address.host());
    let options = Options { token, ..Options::new(address, slug("acme/app")) };
    let mut github = GitHubWriter::new(GitHub::new(options));
    let error = github.repository().expect_err("offline");
    assert!(matches!(error, ForgeError::Offline { .. }), "{error:?}");
    assert!(!error.to_string().contains("backtrace"), "{error}");
    assert_eq!(github.requests(), 1, "no use in trying again");
    let failed = github.write(&[new_issue("x")]).remove(0).expect_err("offline");
    assert_eq!(failed.certainty, Certainty::NotSent, "{failed:?}");
}

#[test]
fn an_endless_answer_is_not_read_to_its_end() {
    let scene = Scene::new(world());
    let huge = Response { status: 200, body: vec![b' '; 11 << 20], ..Response::default() };
    scene.server.fail(Rule::new(When::Before, How::Answer(huge)));
    let error = scene.reader().repository().expect_err("too large");
    assert!(error.to_string().contains("10 MB"), "{error}");
    assert_eq!(scene.lines().len(), 1);
}

#[test]
fn the_token_is_in_no_error_and_no_debug() {
    let script = Script::start(|request| {
        // A server that echoes all it was sent, in every place an error could take it from.
        let echo =
            request.lines().find(|l| l.to_lowercase().starts_with("authorization")).unwrap_or_default();
        let token = echo.split(' ').next_back().unwrap_or_default().to_owned();
        let status = ["401", "403", "404", "410", "422", "429", "500", "301", "200", "418"];
        let status = status[request.len() % status.len()];
        format!(
            "HTTP/1.1 {status} {token}\r\nlocation: /x/{token}\r\nx-github-sso: required; url={token}\r\n\
             link: <https://evil.example/{token}>; rel=\"next\"\r\ncontent-length: {}\r\n\r\n{{\"message\":\"{token}\"}}",
            token.len() + 14
        )
    });
    let options = script.options();
    let mut shown = format!("{:?}{:?}", options.token, options.address);
    let mut github = GitHubWriter::new(GitHub::new(Options { patience: Duration::ZERO, ..options }));
    for n in 0..12_u64 {
        let number = 10_u64.pow(u32::try_from(n).expect("small"));
        shown.push_str(&format!("{:?}{:?}", github.comments(number), github.issues(&numbers([number]))));
        let writes = [
            Write::EditBody { number, body: "x".repeat(usize::try_from(n).expect("small")) },
            new_issue(&"t".repeat(usize::try_from(n).expect("small"))),
        ];
        for outcome in writes.map(|w| github.write(&[w]).remove(0)) {
            shown.push_str(&format!("{outcome:?}{}", outcome.as_ref().expect_err("refused")));
        }
    }
    shown.push_str(&format!("{github:?}"));
    assert!(script.requests().iter().any(|r| r.contains(SECRET)));
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("***"));
}

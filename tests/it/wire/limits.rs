//! Rate limits and deadlines: what is sat out, what is handed up, and what is never sent.

use std::time::Duration;

use gardener::forge::{
    Certainty, ForgeError, ForgeRead as _, ForgeWrite as _, GitHub, GitHubWriter, Options,
};
use github_stand_in::{How, Response, Rule, When};

use super::{Scene, new_issue, numbers, world};

#[test]
fn a_short_limit_is_sat_out_and_said() {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "t", "", &[]);
    world.create_issue_as("bob", "acme/app", "u", "", &[]);
    let scene = Scene::new(world);
    for status in [403, 429] {
        scene.server.fail(Rule::new(When::Before, How::RateLimitPrimary { reset_in: 30, status }));
        scene.reader().repository().expect("after the wait");
    }
    let strike = How::RateLimitSecondary { retry_after: Some(5), status: 403 };
    scene.server.fail(Rule::new(When::Before, strike).times(2));
    scene.reader().repository().expect("after two waits");
    assert_eq!(scene.waits(), [31_000, 31_000, 5_000, 5_000]);
}

#[test]
fn the_secondary_limit_without_a_header_is_a_minute_then_two() {
    let scene = Scene::new(world());
    let strike = || Rule::new(When::Before, How::RateLimitSecondary { retry_after: None, status: 403 });
    scene.server.fail(strike());
    scene.reader().repository().expect("after a minute");
    assert_eq!(scene.waits(), [60_000]);
    let said = scene.said.borrow().clone();
    let waiting: Vec<_> = said.iter().filter(|s| s.starts_with("waiting")).collect();
    assert_eq!(*waiting[0], format!("waiting 60 s for the rate limit of 127.0.0.1:{}", scene.server.port()));
    scene.server.fail(strike().times(2));
    let error = scene.reader().repository().expect_err("two minutes are too long");
    assert!(matches!(error, ForgeError::RateLimited { secondary: true, wait: Some(120), .. }), "{error:?}");
    assert_eq!(scene.waits(), [60_000, 60_000]);
}

#[test]
fn a_long_limit_is_handed_up_with_its_end() {
    let scene = Scene::new(world());
    scene
        .server
        .fail(Rule::new(When::Before, How::RateLimitPrimary { reset_in: 1_000, status: 403 }).always());
    let error = scene.reader().repository().expect_err("too long");
    let ForgeError::RateLimited { wait, until, secondary: false, .. } = error else { panic!("{error:?}") };
    assert_eq!(wait, Some(1_001));
    assert_eq!(until.map(|t| t.to_string()).as_deref(), Some("2026-03-01T12:16:40Z"));
    assert_eq!((scene.lines().len(), scene.waits().len()), (1, 0));
}

#[test]
fn a_limit_that_never_ends_is_sat_out_three_times() {
    let scene = Scene::new(world());
    scene.server.fail(Rule::new(When::Before, How::RateLimitPrimary { reset_in: 1, status: 403 }).always());
    assert!(matches!(scene.reader().repository(), Err(ForgeError::RateLimited { .. })));
    assert_eq!((scene.lines().len(), scene.waits()), (4, vec![2_000; 3]));
}

/// GraphQL has an hourly limit of its own, which it states with 200. REST is asked instead.
#[test]
fn the_hourly_limit_of_graphql_is_not_waited_for() {
    for (kind, reset_in) in [("RATE_LIMITED", 20), ("RATE_LIMIT", 20), ("RATE_LIMITED", 900)] {
        let scene = two_issues();
        scene.server.with(|world| {
            world.settings.graphql_limit_type = kind;
            world.exhaust("ann", "graphql", reset_in);
        });
        let mut github = scene.reader();
        for _ in 0..2 {
            assert_eq!(github.issues(&numbers([1, 2])).expect("by REST").len(), 2, "{kind}");
        }
        assert!(scene.waits().is_empty(), "{kind}: {:?}", scene.lines());
        assert_eq!((scene.sent("POST", "/graphql"), scene.lines().len()), (1, 5), "asked once: {kind}");
        // REST's own limit is one for which there is no other way.
        scene.server.with(|world| world.exhaust("ann", "core", 900));
        let error = scene.reader().issues(&numbers([1, 2])).expect_err("too long");
        assert!(matches!(error, ForgeError::RateLimited { secondary: false, .. }), "{error:?}");
    }
    // Without any header it is the hourly one all the same.
    let bare = r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1."}]}"#;
    let (scene, answer) = (two_issues(), Response { status: 200, body: bare.into(), ..Response::default() });
    scene.server.fail(Rule::new(When::Before, How::Answer(answer)).path("/graphql").always());
    assert_eq!(scene.reader().issues(&numbers([1, 2])).expect("by REST").len(), 2);
    assert!(scene.waits().is_empty());
}

/// The limit on bursts is for both interfaces, so it is waited for; but where GraphQL says that
/// again and again, REST has the last word.
#[test]
fn a_burst_limit_of_graphql_is_sat_out_and_then_left_to_rest() {
    let scene = two_issues();
    let strike = || {
        let how = How::RateLimitSecondary { retry_after: None, status: 403 };
        Rule::new(When::Before, how).path("/graphql")
    };
    scene.server.fail(strike());
    assert_eq!(scene.reader().issues(&numbers([1, 2])).expect("after a minute").len(), 2);
    assert_eq!((scene.waits(), scene.sent("POST", "/graphql")), (vec![60_000], 2));
    scene.clear_log();
    scene.server.fail(strike().always());
    assert_eq!(scene.reader().issues(&numbers([1, 2])).expect("by REST").len(), 2);
    assert_eq!((scene.waits(), scene.sent("POST", "/graphql")), (vec![60_000, 60_000], 2));
}

fn two_issues() -> Scene {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "t", "", &[]);
    world.create_issue_as("bob", "acme/app", "u", "", &[]);
    Scene::new(world)
}

#[test]
fn a_limited_write_was_refused_and_the_rest_is_not_sent() {
    let mut world = world();
    world.settings.content_per_minute = Some(1);
    let scene = Scene::new(world);
    let impatient = Options { patience: Duration::from_secs(10), ..scene.options() };
    let outcomes =
        GitHubWriter::new(GitHub::new(impatient)).write(&[new_issue("a"), new_issue("b"), new_issue("c")]);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    let certainty: Vec<_> =
        outcomes[1..].iter().map(|o| o.as_ref().expect_err("limited").certainty).collect();
    assert_eq!(certainty, [Certainty::Rejected, Certainty::NotSent]);
    assert_eq!(scene.sent("POST", "/repos/acme/app/issues"), 2);

    // With patience the refused one is sent again, because nothing came of it.
    scene.clear_log();
    let outcomes = scene.writer().write(&[new_issue("b")]);
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(scene.waits(), [60_000]);
    assert_eq!(scene.server.with(|world| world.issue_numbers("acme/app")), [1, 2]);
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let scene = Scene::new(world());
    let mut github =
        GitHubWriter::new(GitHub::new(Options { deadline: Some(Duration::from_secs(5)), ..scene.options() }));
    github.repository().expect("in time");
    // A wait that would pass the deadline is not begun.
    scene.server.fail(Rule::new(When::Before, How::RateLimitPrimary { reset_in: 30, status: 403 }));
    assert!(matches!(github.labels(), Err(ForgeError::RateLimited { .. })));
    scene.clock.at.set(Duration::from_secs(5));
    scene.clear_log();
    assert!(matches!(github.labels(), Err(ForgeError::TimedOut { .. })));
    let outcomes = github.write(&[new_issue("a"), new_issue("b")]);
    for outcome in outcomes {
        let failed = outcome.expect_err("too late");
        assert_eq!(failed.certainty, Certainty::NotSent);
        assert!(matches!(failed.error, ForgeError::TimedOut { .. }));
    }
    assert!(scene.lines().is_empty() && scene.waits().is_empty());
}

#[test]
fn a_slow_answer_to_a_write_is_doubtful_when_time_is_up() {
    let scene = Scene::new(world());
    scene.server.fail(Rule::new(When::After, How::Slow(Duration::from_millis(800))).method("POST"));
    let options = Options { deadline: Some(Duration::from_millis(150)), ..scene.options() };
    let outcome = GitHubWriter::new(GitHub::new(options)).write(&[new_issue("a")]).remove(0);
    let failed = outcome.expect_err("no answer in time");
    assert_eq!(failed.certainty, Certainty::Doubtful);
    assert!(matches!(failed.error, ForgeError::TimedOut { .. }), "{failed:?}");
    assert_eq!(scene.sent("POST", "/repos/acme/app/issues"), 1);
}

/// `retry-after` may be huge, negative, a date or nonsense: what is waited is at least a second
/// and at most what patience allows, and what is longer is handed up.
#[test]
fn a_wait_that_makes_no_sense_is_bounded() {
    let burst = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    for (said, waits) in [
        ("0", vec![1_000]),
        ("-5", vec![60_000]),
        ("soon", vec![60_000]),
        ("99999999999999999999999", vec![60_000]),
        ("Sun, 01 Mar 2026 12:00:45 GMT", vec![45_000]),
        ("Sun, 01 Mar 1970 12:00:45 GMT", vec![1_000]),
        ("99999999", vec![]),
    ] {
        let scene = Scene::new(world());
        let date = ("date", "Sun, 01 Mar 2026 12:00:00 GMT");
        let answer = Response { status: 403, body: burst.into(), ..Response::default() };
        let answer = answer.header("retry-after", said).header(date.0, date.1);
        scene.server.fail(Rule::new(When::Before, How::Answer(answer)));
        let read = scene.reader().repository();
        assert_eq!((read.is_ok(), scene.waits()), (!waits.is_empty(), waits), "{said}");
    }
    let scene = Scene::new(world());
    let strike = How::RateLimitSecondary { retry_after: Some(u64::MAX), status: 429 };
    scene.server.fail(Rule::new(When::Before, strike).always());
    assert!(matches!(scene.reader().repository(), Err(ForgeError::RateLimited { .. })));
    assert_eq!((scene.lines().len(), scene.waits()), (1, vec![]));
}

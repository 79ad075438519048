//! Reading: exact requests, pages, GraphQL and the way without it.

use gardener::forge::{ForgeError, ForgeRead as _, GitHub, Options};
use gardener::model::{Association, EventKind, Look, State};
use github_stand_in::{How, Reason, Rule, When};

use super::{SECRET, Scene, label, numbers, world};

#[test]
fn the_repository_is_asked_once_and_the_request_is_ours() {
    let scene = Scene::new(world());
    let mut github = scene.reader();
    assert_eq!(github.requests(), 0);
    for _ in 0..2 {
        let repository = github.repository().expect("there");
        assert_eq!(repository.slug.to_string(), "acme/app");
        assert!(repository.can_push && repository.can_triage && repository.has_issues);
        assert_eq!(github.viewer().expect("a user").as_deref(), Some("ann"));
    }
    assert_eq!(scene.lines(), ["GET /repos/acme/app -> 200", "GET /user -> 200"]);
    assert_eq!(github.requests(), 2);
    assert_eq!(github.now().map(|t| t.to_string()).as_deref(), Some("2026-03-01T12:00:00Z"));
    let request = &scene.server.log()[0].request;
    assert_eq!(request.get("authorization"), Some(format!("Bearer {SECRET}").as_str()));
    assert_eq!(request.get("user-agent"), Some(concat!("gardener/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.get("accept"), Some("application/vnd.github+json"));
}

#[test]
fn every_number_is_told_apart_with_and_without_graphql() {
    for graphql in [true, false] {
        let mut world = world();
        world.add_repo("acme/other");
        let found = world.create_issue_as("bob", "acme/app", "one", "body\n", &["bug", "P1"]);
        let pull = world.create_pull_as("bob", "acme/app", "two");
        let deleted = world.create_issue_as("bob", "acme/app", "three", "", &[]);
        let moved = world.create_issue_as("bob", "acme/app", "four", "", &[]);
        let closed = world.create_issue_as("acme", "acme/app", "five", "", &[]);
        world.close_as("acme", "acme/app", closed, Reason::Duplicate);
        world.delete_issue_as("acme", "acme/app", deleted);
        world.transfer_as("acme", "acme/app", moved, "acme/other");
        world.settings.graphql = graphql;
        let scene = Scene::new(world);
        let mut github = scene.reader();
        let looks = github.issues(&numbers([found, pull, deleted, moved, closed, 99])).expect("answered");
        assert_eq!(looks.len(), 6);
        let Look::Found(issue) = &looks[&found] else { panic!("{looks:?}") };
        assert_eq!((issue.title.as_str(), &issue.state), ("one", &State::Open));
        assert_eq!(issue.labels, [label("bug"), label("P1")]);
        assert_eq!((issue.author.login.as_str(), issue.author.association), ("bob", Association::Other));
        let Look::Found(issue) = &looks[&closed] else { panic!("{looks:?}") };
        assert_eq!(issue.state, State::Duplicate);
        assert!(issue.author.association.is_trusted());
        assert_eq!(looks[&pull], Look::PullRequest);
        assert_eq!(looks[&deleted], Look::Deleted);
        assert_eq!(looks[&99], Look::Missing);
        let Look::Moved(to) = &looks[&moved] else { panic!("{looks:?}") };
        assert!(to.ends_with("/issues/1"), "{to}");
        assert_eq!(scene.sent("POST", "/graphql"), 1, "asked once, and not again where it is not spoken");
        // What GraphQL answered is not asked for again.
        let again = usize::from(!graphql);
        assert_eq!(scene.sent("GET", &format!("/repos/acme/app/issues/{found}")), again);
        github.issues(&numbers([found, closed])).expect("answered");
        assert_eq!(scene.sent("POST", "/graphql"), if graphql { 2 } else { 1 });
        assert!(scene.announced.lock().expect("unpoisoned").is_empty(), "reads are no effects");
    }
}

#[test]
fn both_ways_give_the_same_issue() {
    let mut world = world();
    let number = world.create_issue_as("bob", "acme/app", "t", "a\nb", &["bug"]);
    world.create_issue_as("bob", "acme/app", "u", "", &[]);
    world.close_as("acme", "acme/app", number, Reason::NotPlanned);
    world.lock_as("acme", "acme/app", number);
    let scene = Scene::new(world);
    let by_graphql = scene.reader().issues(&numbers([number, 2])).expect("answered");
    let rest = Options { graphql: false, ..scene.options() };
    let by_rest = GitHub::new(rest).issues(&numbers([number, 2])).expect("answered");
    assert_eq!(by_graphql, by_rest);
    assert_eq!(scene.sent("POST", "/graphql"), 1);
}

#[test]
fn more_labels_than_a_page_are_all_read() {
    let mut world = world();
    let names: Vec<String> = (0..101).map(|n| format!("l{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let number = world.create_issue_as("acme", "acme/app", "t", "", &names);
    world.create_issue_as("acme", "acme/app", "u", "", &[]);
    let scene = Scene::new(world);
    let mut github = scene.reader();
    let looks = github.issues(&numbers([number, 2])).expect("answered");
    let Look::Found(issue) = &looks[&number] else { panic!("{looks:?}") };
    assert_eq!(issue.labels.len(), 101);
    assert_eq!(github.labels().expect("two pages").len(), 104);
    assert_eq!(scene.sent("GET", "/repos/acme/app/labels"), 1);
}

#[test]
fn a_hundred_and_twenty_issues_are_three_questions() {
    let mut world = world();
    for n in 0..120 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "", &[]);
    }
    let scene = Scene::new(world);
    let looks = scene.reader().issues(&numbers(1..=120)).expect("answered");
    assert!(looks.values().all(|l| matches!(l, Look::Found(_))));
    assert_eq!(scene.lines().len(), 3);
}

#[test]
fn lists_are_read_to_their_end_and_again_while_they_change() {
    let mut world = world();
    for n in 0..240 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "", &[]);
    }
    let pull = world.create_pull_as("bob", "acme/app", "p");
    let scene = Scene::new(world);
    let all = scene.reader().changed(None).expect("all").issues;
    assert_eq!(all.iter().map(|i| i.number).collect::<Vec<_>>(), (1..=240).collect::<Vec<_>>());
    assert!(!all.iter().any(|i| i.number == pull));
    let lines = scene.lines();
    assert_eq!(
        lines[0],
        "GET /repos/acme/app/issues?state=all&sort=created&direction=asc&per_page=100 -> 200"
    );
    assert!(lines[1].starts_with("GET /repositories/"), "{lines:?}");
    assert_eq!(lines.len(), 3, "three pages, in which no number is missing");

    // An issue of the first page is deleted while the others are asked for: number 101 slips
    // onto the first page, where nobody looks any more, and is asked for by its number.
    scene.clear_log();
    let mut seen = 0;
    scene.server.on_request(move |moment, world| {
        seen += usize::from(moment.phase == github_stand_in::Phase::Arrived);
        if seen == 2 && moment.phase == github_stand_in::Phase::Arrived {
            world.delete_issue_as("acme", "acme/app", 5);
            crate::matrix::fired("a row that moves across pages");
        }
    });
    let rest = scene.reader().changed(None).expect("all").issues;
    assert!(rest.iter().map(|i| i.number).eq(1..=240));
    assert_eq!((scene.lines().len(), scene.sent("POST", "/graphql")), (4, 1));

    // Where numbers can't be asked for, the list is read until two passes agree.
    scene.clear_log();
    let mut rest = GitHub::new(Options { graphql: false, ..scene.options() });
    let rest = rest.changed(None).expect("all").issues;
    assert!(rest.iter().map(|i| i.number).eq((1..=240).filter(|n| *n != 5)));
    assert_eq!((scene.lines().len(), scene.sent("POST", "/graphql")), (6, 0));
}

#[test]
fn since_includes_its_own_second() {
    let mut world = world();
    world.create_issue_as("bob", "acme/app", "old", "", &[]);
    world.clock.set("2026-03-02T00:00:00Z");
    let number = world.create_issue_as("bob", "acme/app", "new", "", &[]);
    let scene = Scene::new(world);
    let mut github = scene.reader();
    let stamp = github.changed(None).expect("all").issues[1].updated_at;
    scene.clear_log();
    let changed = github.changed(Some(stamp)).expect("some").issues;
    assert_eq!(changed.iter().map(|i| i.number).collect::<Vec<_>>(), [number]);
    assert!(scene.lines()[0].contains(&format!("&since={}&", stamp.plus(-1))), "{:?}", scene.lines());
}

#[test]
fn page_numbers_may_end_where_cursors_go_on() {
    let mut world = world();
    for n in 0..250 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "", &[]);
    }
    world.settings.page_limit = 100;
    let scene = Scene::new(world);
    assert_eq!(scene.reader().changed(None).expect("by cursor").issues.len(), 250);
    // Also where `page` is refused beside its own cursor.
    let refusal = r#"{"message":"Pagination with the page parameter is not supported, use cursor based"}"#;
    scene.server.fail(Rule::new(When::Before, How::Status(422, refusal.into())).path("page=2"));
    assert_eq!(scene.reader().changed(None).expect("by cursor alone").issues.len(), 250);
    assert!(
        scene.lines().iter().any(|l| l.contains("after=") && !l.contains("&page=")),
        "{:?}",
        scene.lines()
    );
}

#[test]
fn comments_and_events_come_whole_and_in_order() {
    let mut world = world();
    let number = world.create_issue_as("bob", "acme/app", "t", "", &[]);
    for n in 0..130 {
        world.comment_as("bob", "acme/app", number, &format!("c{n}"));
    }
    world.close_as("acme", "acme/app", number, Reason::Completed);
    world.reopen_as("acme", "acme/app", number);
    world.label_as("acme", "acme/app", number, "bug");
    world.edit_title_as("acme", "acme/app", number, "u");
    world.unlabel_as("acme", "acme/app", number, "bug");
    let scene = Scene::new(world);
    let mut github = scene.reader();
    let comments = github.comments(number).expect("all");
    assert_eq!(comments.len(), 130);
    assert!(comments.iter().enumerate().all(|(n, c)| c.body == format!("c{n}")));
    let what: Vec<EventKind> = github.events(number).expect("all").into_iter().map(|e| e.what).collect();
    let bug = || label("bug");
    assert_eq!(
        what,
        [EventKind::Closed, EventKind::Reopened, EventKind::Labeled(bug()), EventKind::Unlabeled(bug())]
    );
    assert!(matches!(github.comments(99), Err(ForgeError::Gone { number: 99, .. })));
}

#[test]
fn a_list_is_whole_or_an_error() {
    let mut world = world();
    for n in 0..150 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "", &[]);
    }
    let scene = Scene::new(world);
    type IsRight = fn(&ForgeError) -> bool;
    let faults: [(How, IsRight); 5] = [
        (How::Status(500, "{}".into()), |e| matches!(e, ForgeError::Unavailable { status: 500, .. })),
        (How::Garbage, |e| matches!(e, ForgeError::Unreadable { .. })),
        (How::Status(200, "{}".into()), |e| matches!(e, ForgeError::Unreadable { .. })),
        (How::Cut(100), |e| matches!(e, ForgeError::Broken { .. })),
        (How::Drop, |e| matches!(e, ForgeError::Broken { .. })),
    ];
    for (how, is_right) in faults {
        scene.server.clear_faults();
        scene.server.fail(Rule::new(When::After, how.clone()).path("page=2").always());
        let error = scene.reader().changed(None).expect_err("not whole");
        assert!(is_right(&error), "{how:?}: {error:?}");
    }
}

#[test]
fn a_link_that_leads_away_or_round_is_not_followed() {
    let mut world = world();
    for n in 0..150 {
        world.create_issue_as("bob", "acme/app", &format!("t{n}"), "", &[]);
    }
    let scene = Scene::new(world);
    let stranger = Scene::new(super::world());
    let away = format!("<{}/repos/acme/app/issues?page=2>; rel=\"next\"", stranger.server.url());
    scene.server.fail(Rule::new(When::After, How::Headers(vec![("link".into(), away)])));
    assert!(matches!(scene.reader().changed(None), Err(ForgeError::RedirectRefused { .. })));
    assert!(stranger.lines().is_empty());
    let round = format!("<{}/repos/acme/app/issues?page=2>; rel=\"next\"", scene.server.url());
    scene.server.fail(Rule::new(When::After, How::Headers(vec![("link".into(), round)])).always());
    assert!(matches!(scene.reader().changed(None), Err(ForgeError::Unreadable { .. })));
}

#[test]
fn who_may_not_see_is_told_what_is_missing() {
    let mut world = world();
    world.repo_mut("acme/app").expect("there").private = true;
    world.add_token("t-eve", "eve");
    let scene = Scene::new(world);
    let with = |secret: &str| {
        let options = scene.options();
        let token = gardener::forge::Token::new(secret, "GH_TOKEN", options.address.host());
        GitHub::new(Options { token, ..options })
    };
    assert!(matches!(with("t-eve").repository(), Err(ForgeError::NoRepository { .. })));
    // Nothing found is not "all are missing" when the repository itself is out of sight.
    assert!(matches!(with("t-eve").issues(&numbers([1, 2])), Err(ForgeError::NoRepository { .. })));
    let wrong = with("wrong").repository().expect_err("401");
    assert!(wrong.to_string().contains("GH_TOKEN"), "{wrong}");
    assert!(matches!(wrong, ForgeError::BadToken { .. }));
    assert!(matches!(with("wrong").issues(&numbers([1, 2])), Err(ForgeError::BadToken { .. })));
    scene.server.with(|world| world.token_mut(SECRET).expect("there").needs_sso = true);
    let sso = scene.reader().repository().expect_err("SSO");
    assert!(sso.to_string().contains("https://github.com/orgs/acme/sso"), "{sso}");
    assert!(matches!(sso, ForgeError::Forbidden { .. }));
    // A workflow's token has no user.
    let refusal = r#"{"message":"Resource not accessible by integration"}"#;
    scene.server.fail(Rule::new(When::Before, How::Status(403, refusal.into())).path("/user"));
    assert_eq!(scene.reader().viewer().expect("no user"), None);
}

#[test]
fn a_token_of_another_host_is_not_sent() {
    let scene = Scene::new(world());
    let token = gardener::forge::Token::new(SECRET, "GH_TOKEN", "github.com");
    let mut github = GitHub::new(Options { token, ..scene.options() });
    github.repository().expect("public");
    assert_eq!(github.viewer().expect("nobody"), None);
    assert!(scene.server.log().iter().all(|l| l.authorization.is_none()));
    assert_eq!(scene.lines().len(), 1);
}

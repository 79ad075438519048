//! `gardener list`.

use snapbox::{assert_data_eq, str};

use super::{entries, garden, gardener, json};

#[test]
fn the_worst_come_first_with_the_values_that_hold() {
    let answer = gardener(&garden(), "list");
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert_data_eq!(
        answer.out,
        str![[r#"
critical-20250914T115930Z/docker-build     open         P0  -             The image does not build
critical-20250914T115930Z/event-structure  in-progress  P1  #1021         Agent events arrive without their required fields
logs-20250915/event-structure              -            P1  #1021         The same events again
critical-20250914T115930Z/quiet            completed    P2  #885          Says nothing itself and follows the last sync
logs-20250915/slow                         not-planned  P3  -             The start takes a minute
critical-20250914T115930Z/handmade         -            -   acme/app#960  Linked by hand, not synced yet
6 entries

"#]]
    );
}

#[test]
fn filters_narrow_and_those_of_one_kind_are_alternatives() {
    let sandbox = garden();
    let list = |words: &str| entries(&gardener(&sandbox, &format!("list --json {words}"))).join(" ");
    let (events, docker) =
        ("critical-20250914T115930Z/event-structure", "critical-20250914T115930Z/docker-build");
    let (again, slow) = ("logs-20250915/event-structure", "logs-20250915/slow");
    let (quiet, handmade) = ("critical-20250914T115930Z/quiet", "critical-20250914T115930Z/handmade");
    for (words, found) in [
        ("--status open", docker.to_owned()),
        ("--status completed --status not-planned", format!("{quiet} {slow}")),
        ("--severity p1", format!("{events} {again}")),
        ("--severity P0 --severity none", format!("{docker} {handmade}")),
        ("--label websocket", format!("{events} {again}")),
        ("--label failing-test --severity P2", quiet.to_owned()),
        ("--issue 1021", format!("{events} {again}")),
        ("--issue none", format!("{docker} {slow}")),
        ("--issue acme/app#1021 --status in-progress", events.to_owned()),
        ("--issue ACME/App#960", handmade.to_owned()),
        ("--issue other/app#1021", String::new()),
        ("--worklog logs-*", format!("{again} {slow}")),
        ("--worklog worklogs/l*.md --issue none", slow.to_owned()),
        ("--archived --issue 1021", format!("old/gone {events} {again}")),
    ] {
        assert_eq!(list(words), found, "{words}");
    }
    let counted = gardener(&sandbox, "list --severity P3");
    assert!(counted.out.ends_with("\n1 of 6 entries\n"), "{}", counted.out);
}

#[test]
fn wrong_filters_name_the_right_ones() {
    let sandbox = garden();
    for (words, why) in [
        ("--status done", "there are open, in-progress, completed, not-planned, duplicate"),
        ("--severity high", "a severity is P0, P1, P2, P3 or none"),
        ("--issue soon", "an issue is 12, #12, owner/repo#12 or none"),
        ("--worklog [", "--worklog"),
    ] {
        let answer = gardener(&sandbox, &format!("list {words}"));
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{words}");
        assert!(answer.err.contains(why), "{}", answer.err);
    }
    sandbox.write("gardener.toml", "[labels]\nstatus = { blocked = \"blocked\" }\n");
    assert_eq!(gardener(&sandbox, "list --status blocked").code, 0);
}

#[test]
fn a_broken_worklog_is_named_and_the_rest_is_listed() {
    let sandbox = garden();
    sandbox.write("worklogs/broken.md", "---\ngardener: 1\n---\n");
    let answer = gardener(&sandbox, "list --worklog logs*");
    assert_eq!(answer.code, 0);
    assert!(answer.out.contains("logs-20250915/slow"), "{}", answer.out);
    assert!(answer.out.ends_with("\n2 of 6 entries, 1 worklog left out\n"), "{}", answer.out);
    assert_data_eq!(
        answer.err,
        str![["
left out: worklogs/broken.md: the worklog has no `id`
next: `gardener check` shows where

"]]
    );
    assert_eq!(json(&gardener(&sandbox, "list --json"))["broken"][0]["worklog"], "worklogs/broken.md");
    sandbox.write("worklogs/other.md", "---\ngardener: 1\n---\n");
    let status = gardener(&sandbox, "status").out;
    assert!(status.contains(" to sync, 2 worklogs left out\n"), "{status}");
}

#[test]
fn colours_are_for_terminals() {
    let sandbox = garden();
    assert!(!gardener(&sandbox, "list").out.contains('\u{1b}'));
    let colored = gardener(&sandbox, "list --color always").out;
    assert!(colored.contains("\u{1b}[1m\u{1b}[31mP0\u{1b}[0m"), "{colored}");
}

//! A history of five months to report on: a nightly run a week, problems that come, stay and go.

use std::collections::BTreeMap;

use crate::sandbox::Sandbox;

/// The moment of the report: 2025-09-14T12:00:00Z.
pub(super) const NOW: i64 = 1_757_851_200;
/// A day has so many seconds.
pub(super) const DAY: i64 = 86_400;

/// A problem: its id, title, severity and issue; so many days before the report it turned up and was
/// closed (0 is not yet); its tests, how many weeks it is seen again, and how it is closed.
struct Case {
    id: &'static str,
    title: &'static str,
    severity: &'static str,
    issue: u32,
    days: (i64, i64),
    tests: &'static [&'static str],
    again: i64,
    closed: &'static str,
}

#[rustfmt::skip]
const CASES: [Case; 25] = [
    case("lost-updates", "Two writers lose each other's updates", "P0", 1093, (9, 0), &["tests/store/test_writers.py::test_two_writers", "tests/store/test_writers.py::test_retry"], 1, "open"),
    case("event-structure", "Agent events arrive without their required fields", "P1", 1021, (40, 0), &["tests/critical/test_events.py::test_agent_started", "tests/critical/test_events.py::test_agent_completed", "tests/critical/test_events.py::test_tool_executing"], 5, "in-progress"),
    case("ws-timeout", "The socket closes after a minute without traffic", "P1", 960, (100, 61), &["tests/critical/test_socket.py::test_idle"], 4, "completed"),
    case("image-build", "The image is built twice, and the second time without the cache", "P2", 1022, (129, 118), &[], 1, "completed"),
    case("old-cache", "A cache that nobody reads", "P3", 885, (122, 30), &[], 0, "not-planned"),
    case("port-taken", "A port is taken now and then", "P2", 1040, (87, 0), &["tests/net/test_bind.py::test_free_port"], 9, "open"),
    case("two-caches", "Two caches answer differently for the same key", "P2", 1023, (66, 0), &["tests/store/test_cache.py::test_same_key"], 2, "open"),
    case("slow-start", "Starting takes longer than the health check waits for", "P1", 1051, (80, 73), &["tests/e2e/test_start.py::test_healthy_in_time"], 0, "completed"),
    case("dst", "A day has 23 hours once a year, and the scheduler runs a job twice", "P2", 1055, (73, 45), &["tests/time/test_schedule.py::test_spring"], 2, "completed"),
    case("upload-limit", "Uploads above 2 GB end without a word", "P1", 1057, (59, 52), &["tests/api/test_upload.py::test_large"], 1, "completed"),
    case("name-too-long", "ValueError: the name of a container is longer than 63 characters, which the registry answers with 400 Bad Request and no further explanation", "P3", 1060, (52, 0), &["tests/deploy/test_names.py::TestNames::test_a_name_that_is_much_longer_than_anybody_would_ever_type_by_hand[postgres-16-alpine-with-extensions]"], 0, "open"),
    case("retry-storm", "Clients retry without waiting when the queue is full", "P0", 1063, (45, 43), &["tests/queue/test_full.py::test_backs_off"], 0, "completed"),
    case("migration", "The migration of 0042 locks the table for minutes", "P1", 1065, (38, 31), &["tests/db/test_migrations.py::test_0042_is_quick"], 0, "completed"),
    case("unsorted", "Search results come in another order on every page", "P3", 1067, (38, 10), &["tests/api/test_search.py::test_pages"], 2, "completed"),
    case("leak", "Each reload of the config leaks a file", "P2", 1070, (31, 24), &["tests/config/test_reload.py::test_no_open_files"], 1, "completed"),
    case("emoji", "Names with emoji 👩‍🔧 are cut in the middle", "P3", 1071, (31, 0), &["tests/api/test_names.py::test_emoji"], 0, "open"),
    case("hebrew", "שם הקובץ מוצג הפוך (file names are shown reversed)", "P3", 1074, (24, 0), &["tests/ui/test_rtl.py::test_names"], 0, "open"),
    case("token-refresh", "The token is refreshed a second too late", "P1", 1076, (24, 17), &["tests/auth/test_refresh.py::test_before_it_ends"], 0, "completed"),
    case("deadlock", "Shutting down waits for ever if a worker died", "P1", 1080, (17, 0), &["tests/worker/test_shutdown.py::test_dead_worker", "tests/worker/test_shutdown.py::test_twice"], 2, "open"),
    case("metrics", "Counters start again at zero after a deploy", "P3", 1081, (17, 3), &["tests/metrics/test_restart.py::test_keeps"], 0, "completed"),
    case("csv", "An export with a semicolon in a name has a column too many", "P2", 1085, (10, 3), &["tests/export/test_csv.py::test_semicolon"], 0, "completed"),
    case("docker-timeout", "docker: timed out after 10 min", "P2", 0, (3, 0), &[], 0, "open"),
    case("clock", "Tests of the clock fail around midnight", "P3", 1088, (94, 0), &["tests/time/test_now.py::test_day"], 7, "open"),
    case("csrf", "The form is sent without its token in Safari", "P1", 1090, (10, 8), &["tests/ui/test_form.py::test_token"], 0, "completed"),
    case("proxy", "Behind a proxy the address of the client is the proxy's", "P2", 1091, (3, 0), &["tests/net/test_proxy.py::test_client_address"], 0, "open"),
];

#[allow(clippy::too_many_arguments, reason = "a line of the table")]
const fn case(
    id: &'static str,
    title: &'static str,
    severity: &'static str,
    issue: u32,
    days: (i64, i64),
    tests: &'static [&'static str],
    again: i64,
    closed: &'static str,
) -> Case {
    Case { id, title, severity, issue, days, tests, again, closed }
}

/// Commits everything at a moment, so many seconds after 1970.
pub(super) fn commit_at(sandbox: &Sandbox, at: i64, message: &str) {
    sandbox.git(["add", "--all"]);
    let date = format!("@{at} +0000");
    let commit = sandbox.program("git", ["commit", "--quiet", "--allow-empty", "-m", message]);
    commit.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).output();
}

/// A moment, as a worklog has it.
pub(super) fn moment(at: i64) -> String {
    gardener::model::Timestamp::from_second(at).to_string()
}

/// The repository: twenty weeks, each with a worklog.
pub(super) fn garden() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    let mut moments: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for week in 0..19 {
        // Sundays, the last of them three days ago.
        moments.entry(129 - week * 7).or_default();
    }
    for (place, case) in CASES.iter().enumerate() {
        moments.entry(case.days.1).or_default().push(place);
    }
    for (days, closed) in moments.iter().rev() {
        let at = NOW - days * DAY - 9 * 3600;
        if (129 - days) % 7 == 0 && *days > 0 {
            sandbox.write(&path(*days), worklog(*days));
            commit_at(&sandbox, at + 1800, "nightly run");
        }
        for case in closed.iter().map(|place| &CASES[*place]).filter(|case| case.closed != "open") {
            close(&sandbox, case);
            commit_at(&sandbox, at + 7200, "gardener: sync");
        }
    }
    sandbox
}

fn path(days: i64) -> String {
    format!("worklogs/nightly-{}.md", &moment(NOW - days * DAY)[..10])
}

/// Whether a worklog of that day has the problem.
fn has(case: &Case, days: i64) -> bool {
    let weeks = (case.days.0 - days) / 7;
    days <= case.days.0 && (days >= case.days.1 || case.closed == "in-progress") && weeks <= case.again
}

fn worklog(days: i64) -> String {
    let cases: Vec<_> = CASES.iter().filter(|case| has(case, days)).collect();
    let failed: usize = cases.iter().map(|case| case.tests.len()).sum();
    let mut entries = String::new();
    for case in &cases {
        let issue = if case.issue > 0 { format!("    issue: {}\n", case.issue) } else { String::new() };
        let is_flaky = ["port-taken", "clock"].contains(&case.id);
        let flaky = if is_flaky { "    labels: [flaky]\n    flaky: true\n" } else { "" };
        let tests: String = case.tests.iter().map(|test| format!("      - \"{test}\"\n")).collect();
        let tests = if tests.is_empty() { tests } else { format!("    tests:\n{tests}") };
        entries.push_str(&format!(
            "  - id: {}\n    title: \"{}\"\n    severity: {}\n    status: open\n{issue}{flaky}{tests}",
            case.id, case.title, case.severity
        ));
        if case.id == "docker-timeout" {
            entries
                .push_str("    hold: over the budget of 10 new issues a run\n    owner: \"@acme/build\"\n");
        }
        if case.id == "lost-updates" {
            entries.push_str("    links: [\"#1070\", blocked-by: \"#1023\", \"https://example.org/runbook\"]\n    impact: Orders are lost\n");
        }
    }
    let entries =
        if entries.is_empty() { "entries: []\n".to_owned() } else { format!("entries:\n{entries}") };
    let e2e = if days == 3 { "timed-out" } else { "passed" };
    let outcome = if failed > 0 { "failed" } else { "passed" };
    format!(
        "---\ngardener: 1\nid: nightly-{day}\ntitle: \"Nightly tests\"\nstarted: \"{}\"\nruns:\n  - suite: unit\n    \
         outcome: {outcome}\n    passed: {}\n    failed: {failed}\n    skipped: 4\n  - suite: e2e\n    outcome: {e2e}\n    \
         passed: 38\n    failed: 0\n{entries}---\n\n# Nightly tests\n",
        moment(NOW - days * DAY - 9 * 3600),
        640 - failed,
        day = &moment(NOW - days * DAY)[..10],
    )
}

/// Sets a problem's status in every worklog that has it, as a sync does.
fn close(sandbox: &Sandbox, case: &Case) {
    for name in sandbox.names("worklogs") {
        let path = format!("worklogs/{name}");
        let text = sandbox.read(&path);
        let Some(start) = text.find(&format!("  - id: {}\n", case.id)) else { continue };
        let (before, after) = text.split_at(start);
        let after = after.replacen("status: open", &format!("status: {}", case.closed), 1);
        sandbox.write(&path, format!("{before}{after}"));
    }
}

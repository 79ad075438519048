//! What fails daily: services, fixtures, what runners raise themselves.

use super::*;

/// pytest's words for a fixture that could not be set up, with the call inside of it.
fn set_up(test: &str, file: &str, fixture: &str, raised: &str, arguments: &str) -> Failure {
    let kind = raised.split(':').next().unwrap_or_default();
    let detail = format!(
        "@pytest.fixture(autouse=True)\n    def {fixture}():\n>       {fixture}_of()\n\ntests/{file}:9: \n_ _ _\n\n{arguments}\n\n>       raise_it(a)\nE       {raised}\n\n/usr/lib/python3.11/socket.py:12: {kind}"
    );
    Failure {
        fault: Fault::Errored,
        ..failure(
            &format!("tests/{file}::{test}"),
            "",
            &format!("failed on setup with \"{raised}\""),
            &detail,
        )
    }
}

const REFUSED: &str = "ConnectionRefusedError: [Errno 111] Connection refused";

#[test]
fn a_service_is_told_by_the_call_where_the_message_names_none() {
    let failures = [
        set_up("test_a", "test_x.py", "store", REFUSED, "address = ('127.0.0.1', 5984), timeout = 1"),
        set_up("test_b", "test_x.py", "store", REFUSED, "address = ('127.0.0.1', 5984), timeout = 1"),
        set_up("test_c", "test_y.py", "cache", REFUSED, "address = ('127.0.0.1', 6399), timeout = 1"),
        set_up("test_d", "test_z.py", "other", REFUSED, "address = ('127.0.0.1', 5984), timeout = 1"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1, 3], vec![2]]);
}

#[test]
fn fixtures_that_raise_the_same_are_two_causes() {
    let failures = [
        set_up("test_a", "test_x.py", "settings", "KeyError: 'name'", ""),
        set_up("test_b", "test_x.py", "settings", "KeyError: 'name'", ""),
        set_up("test_c", "test_y.py", "options", "KeyError: 'name'", ""),
    ];
    assert_eq!(
        members(&group(&cases(&failures), &[])),
        [vec![0, 1], vec![2]],
        "{:?}",
        explain(&cases(&failures), 0, 2)
    );
}

#[test]
fn what_pytest_raises_afterwards_belongs_to_what_went_before() {
    let own = "fixturedef = <FixtureDef>\n\n>       assert not self._finalizers\nE       AssertionError\n\n/venv/lib/python3.11/site-packages/_pytest/fixtures.py:1290: AssertionError";
    let after = Failure {
        fault: Fault::Errored,
        ..failure("tests/test_x.py::test_a[2]", "", "failed on setup with \"AssertionError\"", own)
    };
    let failures = [
        set_up("test_a[1]", "test_x.py", "settings", "KeyError: 'name'", ""),
        after,
        set_up("test_c", "test_y.py", "store", REFUSED, "address = ('127.0.0.1', 5984)"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1], vec![2]]);
}

#[test]
fn functions_that_were_renamed_are_told_apart_and_methods_of_a_wrong_thing_are_not() {
    let missing = |test: &str, name: &str| {
        let raised = format!("TypeError: {name} is not a function");
        let detail = format!("{raised}\n    at Context.<anonymous> (/w/test/{test}.test.js:5:10)");
        failure(test, "", &raised, &detail)
    };
    let failures = [
        missing("prints", "router.prettyPrint"),
        missing("shows", "tree.prettyPrint"),
        missing("has", "router.hasRoute"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1], vec![2]]);
    let failures = [missing("adds", "path.push"), missing("joins", "path.concat")];
    assert_eq!(members(&group(&cases(&failures), &[])), [[0, 1]]);
}

#[test]
fn an_answer_of_a_service_is_known_by_its_status() {
    let asserted = failure(
        "tests/test_x.py::test_a",
        "",
        "assert 503 == 200\n +  where 503 = <Response [503]>.status_code",
        "    def test_a():\n>       assert get().status_code == 200\nE       assert 503 == 200\n\ntests/test_x.py:4: AssertionError",
    );
    let decoded = failure(
        "tests/test_x.py::test_b",
        "",
        "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "self = <Response [503]>, kwargs = {}\n\n>       return loads(self.text)\nE       requests.exceptions.JSONDecodeError: Expecting value\n\n/venv/lib/python3.11/site-packages/requests/models.py:9: JSONDecodeError",
    );
    let failures = [asserted, decoded];
    let told = explain(&cases(&failures), 0, 1).expect("both are there");
    assert!(told.signals.iter().any(|s| s.0 == "the same status of a service"), "{told:?}");
}

#[test]
fn two_fixtures_that_share_no_more_than_words_stay_apart() {
    let said = "AssertionError: assert None is not None";
    let failures = [
        set_up("test_grid", "test_x.py", "theme", said, "settings = {'width': 80}"),
        set_up("test_grid_wide", "test_x.py", "theme", said, "settings = {'width': 80}"),
        set_up("test_pipe", "test_x.py", "style", said, "options = {'align': 'left'}"),
        set_up("test_pipe_wide", "test_x.py", "style", said, "options = {'align': 'left'}"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1], vec![2, 3]]);
}

#[test]
fn one_status_in_two_fixtures_is_two_causes_unless_a_fixture_is_unknown() {
    let said = "urllib.error.HTTPError: HTTP Error 503: Service Unavailable";
    let unnamed = Failure {
        fault: Fault::Errored,
        ..failure(
            "tests/test_x.py::test_c",
            "",
            "failed on setup with \"Failed: no limits, status 503\"",
            "Failed: no limits, status 503",
        )
    };
    let failures = [
        set_up("test_a", "test_x.py", "prices", said, ""),
        set_up("test_b", "test_x.py", "taxes", said, ""),
        unnamed,
    ];
    assert_eq!(
        members(&group(&cases(&failures[..2]), &[])),
        [[0], [1]],
        "{:#?}",
        explain(&cases(&failures), 0, 1)
    );
    let told = explain(&cases(&failures), 0, 2).expect("both are there");
    assert!(told.signals.iter().all(|s| s.0 != "other fixtures failed"), "{told:?}");
}

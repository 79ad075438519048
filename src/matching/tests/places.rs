//! Where something was raised, for failures whose traces say little of it: lines without a function, hooks,
//! functions that set up a class, programs that a test runs.

use super::*;

/// A panic of Rust as a tool shows it without a backtrace.
fn panicked(test: &str, line: u32, said: &str) -> Failure {
    let detail = format!("thread '{test}' (7) panicked at tests/shop.rs:{line}:26:\n{said}");
    failure(&format!("shop::{test}"), "", said, &detail)
}

#[test]
fn a_line_that_several_tests_share_is_a_place() {
    let none = "called `Option::unwrap()` on a `None` value";
    let failures = [
        panicked("adds", 292, none),
        panicked("removes", 292, none),
        panicked("sorts", 310, none),
        panicked("prints", 310, none),
    ];
    let causes = group(&cases(&failures), &[]);
    assert_eq!(members(&causes), [[0, 1], [2, 3]], "{:#?}", explain(&cases(&failures), 0, 2));
    // An error of the project's own comes from a function that nobody names.
    let own = "called `Result::unwrap()` on an `Err` value: TooManyHeaders";
    let failures =
        failures.map(|f| Failure { message: own.to_owned(), detail: f.detail.replace(none, own), ..f });
    assert_eq!(members(&group(&cases(&failures), &[])), [[0, 1, 2, 3]]);
}

#[test]
fn functions_that_lack_an_argument_of_one_name_are_two_causes() {
    let lacking = |test: &str, function: &str| {
        let said = format!("TypeError: {function}() missing 1 required positional argument: 'default'");
        let detail = format!(
            "    def {test}():\n>       {function}(1)\nE       {said}\n\ntests/test_shop.py:4: TypeError"
        );
        failure(&format!("tests/test_shop.py::{test}"), "", &said, &detail)
    };
    let failures =
        [lacking("test_first", "first"), lacking("test_head", "first"), lacking("test_assoc", "assoc")];
    assert_eq!(
        members(&group(&cases(&failures), &[])),
        [vec![0, 1], vec![2]],
        "{:#?}",
        explain(&cases(&failures), 0, 2)
    );
}

#[test]
fn hooks_of_two_files_are_two_hooks() {
    let hook = |test: &str, file: &str, line: u32, said: &str| {
        let detail = format!(
            "[Error [ERR_TEST_FAILURE]: failed running beforeEach hook] {{\n  code: 'ERR_TEST_FAILURE',\n  failureType: 'hookFailed',\n  cause: {said}\n      at TestContext.<anonymous> (/w/test/{file}.test.js:{line}:29)\n      at TestHook.run (node:internal/test_runner/test:796:25)\n}}"
        );
        failure(test, "", "failed running beforeEach hook", &detail)
    };
    for said in ["Error: settings are not complete", "TypeError: fetch failed"] {
        let failures = [hook("adds", "cart", 40, said), hook("pays", "till", 71, said)];
        assert_eq!(
            members(&group(&cases(&failures), &[])),
            [[0], [1]],
            "{:#?}",
            explain(&cases(&failures), 0, 1)
        );
    }
    let failures = [
        hook("adds", "cart", 40, "Error: settings are not complete"),
        hook("clears", "cart", 40, "Error: settings are not complete"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [[0, 1]]);
}

/// A test of a class whose `setUp` raised.
fn set_up_in(class: &str, test: &str, line: u32) -> Failure {
    let detail = format!(
        "self = <tests.test_shop.{class} testMethod={test}>\n\n    def setUp(self):\n>       self.size = settings[\"window\"]\nE       KeyError: 'window'\n\ntests/test_shop.py:{line}: KeyError"
    );
    failure(&format!("tests/test_shop.py::{class}::{test}"), "", "KeyError: 'window'", &detail)
}

#[test]
fn what_sets_up_a_class_is_known_by_the_class_or_by_its_line() {
    let failures = [
        set_up_in("CartTests", "test_a", 12),
        set_up_in("CartTests", "test_b", 12),
        set_up_in("TillTests", "test_a", 90),
    ];
    let prints = cases(&failures).iter().map(fingerprint).collect::<Vec<_>>();
    assert_eq!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1], vec![2]]);
    // Both classes inherit it.
    let failures = [set_up_in("CartTests", "test_a", 12), set_up_in("TillTests", "test_a", 12)];
    assert_eq!(members(&group(&cases(&failures), &[])), [[0, 1]]);
}

#[test]
fn what_a_program_of_the_project_raised_is_the_cause_of_what_its_test_says() {
    let direct = raised("test_total", "total", "TypeError: total() missing 1 required argument: 'tax'");
    let trace = "Traceback (most recent call last):\n  File \"/w/bin/shop\", line 3, in <module>\n    main()\n  File \"/w/src/shop/total.py\", line 12, in total\n    go(x)\nTypeError: total() missing 1 required argument: 'tax'";
    for said in [
        format!("AssertionError: 1 != 0 : {trace}"),
        format!("OSError: b'{}\\n'", trace.replace('\n', "\\n")),
    ] {
        let shown = said.replace('\n', "\nE       ");
        let detail = format!(
            "    def test_prints(self):\n>       self.run()\nE       {shown}\n\ntests/test_cli.py:4: AssertionError"
        );
        let short = format!("{}...\n[truncated; full report in element text]", &said[..40]);
        for message in [said.clone(), short] {
            let failures = [direct.clone(), failure("tests/test_cli.py::test_prints", "", &message, &detail)];
            assert_eq!(
                members(&group(&cases(&failures), &[])),
                [[0, 1]],
                "{message}\n{:#?}",
                explain(&cases(&failures), 0, 1)
            );
        }
    }
}

#[test]
fn an_assertion_about_something_else_is_not_what_is_missing() {
    let failures = [
        raised("test_total", "total", "AttributeError: 'Cart' object has no attribute 'total_of'"),
        failure(
            "tests/test_shop.py::test_names",
            "",
            "AssertionError: assert 'a' == 'b'",
            "    def test_names():\n>       assert name(1) == 'b'\nE       AssertionError: assert 'a' == 'b'\n\ntests/test_shop.py:40: AssertionError",
        ),
    ];
    let told = explain(&cases(&failures), 0, 1).expect("both are there");
    let name = "one names what is missing, the other is an assertion about something else";
    assert!(told.signals.iter().any(|s| s.0 == name), "{told:?}");
    assert_eq!(members(&group(&cases(&failures), &[])), [[0], [1]]);
}

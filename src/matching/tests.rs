//! Small groupings that people would agree on.

mod daily;
mod places;

use super::*;
use crate::model::Fault;

fn failure(test: &str, kind: &str, message: &str, detail: &str) -> Failure {
    Failure {
        test: test.to_owned(),
        file: None,
        fault: Fault::Failed,
        kind: (!kind.is_empty()).then(|| kind.to_owned()),
        message: message.to_owned(),
        detail: detail.to_owned(),
        output: String::new(),
        is_flaky: false,
    }
}

fn cases(failures: &[Failure]) -> Vec<Case<'_>> {
    failures.iter().map(|failure| Case { suite: "unit", failure }).collect()
}

fn members(causes: &[Cause]) -> Vec<Vec<usize>> {
    causes.iter().map(|c| c.members.clone()).collect()
}

/// A pytest failure that was raised in a function of the project.
fn raised(test: &str, function: &str, raised: &str) -> Failure {
    let kind = raised.split(':').next().unwrap_or_default();
    let detail = format!(
        "    def {test}():\n>       run_{test}()\n\ntests/test_shop.py:4: \n_ _ _\n\n    def {function}(x):\n>       go(x)\nE       {raised}\n\nsrc/shop/{function}.py:12: {kind}"
    );
    failure(&format!("tests/test_shop.py::{test}"), "", raised, &detail)
}

#[test]
fn unrelated_faults_in_one_file_stay_apart() {
    let failures = [
        raised("test_total", "total", "AssertionError: totals differ"),
        raised("test_load", "load", "FileNotFoundError: [Errno 2] No such file or directory: 'prices.json'"),
        raised("test_price", "price", "KeyError: 'price'"),
        raised("test_pay", "pay", "ConnectionError: connect to localhost:5432 refused"),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [[0], [1], [2], [3]]);
}

#[test]
fn one_function_is_one_cause() {
    let failures = [
        raised("test_a", "total", "KeyError: 'price'"),
        raised("test_b", "total", "KeyError: 'price'"),
        raised("test_c", "load", "ValueError: no digits in it"),
    ];
    let causes = group(&cases(&failures), &[]);
    assert_eq!(members(&causes), [vec![0, 1], vec![2]]);
    assert_eq!(causes[0].title, "KeyError: 'price'");
    assert!(causes[0].fingerprint.starts_with("g3:") && causes[0].fingerprint.len() == 19);
}

#[test]
fn a_missing_service_is_one_cause_everywhere() {
    let failures = [
        failure(
            "tests/test_a.py::test_x",
            "",
            "ConnectionRefusedError: [Errno 111] connect to localhost:5432: Connection refused",
            "",
        ),
        failure(
            "tests/test_b.py::test_y",
            "",
            "psycopg.OperationalError: could not connect to localhost:5432: Connection refused",
            "",
        ),
        failure(
            "tests/test_c.py::test_z",
            "",
            "redis.ConnectionError: could not connect to localhost:6379: Connection refused",
            "",
        ),
    ];
    assert_eq!(members(&group(&cases(&failures), &[])), [vec![0, 1], vec![2]]);
}

#[test]
fn a_known_cause_keeps_its_fingerprint_and_a_new_one_is_new() {
    let first =
        [raised("test_a", "total", "KeyError: 'price'"), raised("test_b", "total", "KeyError: 'price'")];
    let causes = group(&cases(&first), &[]);
    let known = Known {
        fingerprint: Some(causes[0].fingerprint.clone()),
        tests: vec!["tests/test_shop.py::test_a".into(), "tests/test_shop.py::test_b".into()],
        title: causes[0].title.clone(),
        excerpt: "KeyError: 'price'".into(),
    };
    let later = [
        raised("test_b", "total", "KeyError: 'price'"),
        raised("test_c", "load", "ValueError: no digits in it"),
        // The same test and file, with another fault.
        raised("test_a", "pay", "ConnectionError: connect to localhost:5432 refused"),
    ];
    let again = group(&cases(&later), &[known]);
    assert_eq!(members(&again), [[0], [1], [2]]);
    assert_eq!(again[0].known, Some(0));
    assert_eq!(again[0].fingerprint, causes[0].fingerprint);
    assert_eq!((again[1].known, again[2].known), (None, None));
}

#[test]
fn an_entry_written_by_hand_is_known_by_its_test() {
    let known = |excerpt: &str| Known {
        fingerprint: None,
        tests: vec!["tests/test_shop.py::test_a".into()],
        title: "Totals are wrong".into(),
        excerpt: excerpt.into(),
    };
    let failures = [raised("test_a", "total", "KeyError: 'price'")];
    assert_eq!(group(&cases(&failures), &[known("")])[0].known, Some(0));
    assert_eq!(group(&cases(&failures), &[known("It raises KeyError.")])[0].known, Some(0));
    assert_eq!(group(&cases(&failures), &[known("It raises a TypeError.")])[0].known, None);
}

#[test]
fn another_fault_in_a_test_that_an_entry_names_is_new() {
    let asserted = |message: &str| failure("tests/test_shop.py::test_a", "", message, "");
    let first = [asserted("AssertionError: assert 3 == 4")];
    let known = Known {
        fingerprint: Some(fingerprint(&cases(&first)[0])),
        tests: vec!["tests/test_shop.py::test_a".into()],
        title: "assert 3 == 4".into(),
        excerpt: "AssertionError: assert 3 == 4".into(),
    };
    let later = |message: &str| group(&cases(&[asserted(message)]), std::slice::from_ref(&known))[0].known;
    assert_eq!(later("AssertionError: assert 7 == 9"), Some(0));
    assert_eq!(later("AssertionError: the cart was never paid"), None);
    assert_eq!(later("AssertionError: assert 'paid' in states"), None);
}

#[test]
fn one_mistake_in_words_that_differ_a_little_is_one_cause() {
    let failures = [
        raised("test_a", "total", "TypeError: partial.path.push is not a function"),
        raised("test_b", "concat", "TypeError: path.concat is not a function"),
        raised("test_c", "load", "TypeError: 'NoneType' object is not callable"),
    ];
    let causes = group(&cases(&failures), &[]);
    assert_eq!(members(&causes), [vec![0, 1], vec![2]], "{:#?}", explain(&cases(&failures), 1, 2));
}

#[test]
fn signals_between_assertions_and_what_they_call() {
    let called = failure(
        "tests/test_shop.py::TestCart::test_sum",
        "",
        "AssertionError: assert None == 4",
        "    def test_sum():\n        cart = Cart()\n>       assert total(cart) == 4\nE       AssertionError: assert None == 4\n\ntests/test_shop.py:9: AssertionError",
    );
    let other = Failure { test: "tests/test_shop.py::TestCart::test_tax".into(), ..called.clone() };
    let failures = [called, raised("test_a", "total", "KeyError: 'price'"), other];
    let has = |a, b, name: &str| {
        let told = explain(&cases(&failures), a, b).expect("both are there");
        told.signals.iter().any(|s| s.0 == name)
    };
    assert!(has(0, 1, "one calls what the other was raised in"));
    assert!(has(0, 2, "assertions of one class of tests"));
    assert!(has(0, 2, "the same comparison"));
    assert!(!has(1, 2, "assertions of one class of tests"));
}

#[test]
fn what_is_forbidden_is_one_cause_in_all_suites() {
    let failures = [
        failure(
            "tests/test_a.py::test_x",
            "",
            "PermissionError: [Errno 1] Operation not permitted: '/sys/a'",
            "",
        ),
        failure(
            "tests::deep::one",
            "",
            "failed to create /sys/b/0: Operation not permitted (os error 1)",
            "",
        ),
        failure("tests::deep::two", "", "no such entry in the table of contents", ""),
    ];
    let cases: Vec<Case<'_>> = failures
        .iter()
        .zip(["unit", "walk", "walk"])
        .map(|(failure, suite)| Case { suite, failure })
        .collect();
    assert_eq!(members(&group(&cases, &[])), [vec![0, 1], vec![2]]);
}

#[test]
fn values_speak_where_tap_has_only_a_name() {
    let tap = |n: u32, wanted: &str, got: &str| {
        let detail =
            format!("---\n  operator: deepEqual\n  expected: |-\n    {wanted}\n  actual: |-\n    {got}\n...");
        failure(&format!("should be equal ({n})"), "", "should be equal", &detail)
    };
    let failures = [tap(2, "{ a: 1 }", "{ a: '1' }")];
    let title = &group(&cases(&failures), &[])[0].title;
    assert_eq!(title, "expected { a: 1 }, got { a: '1' }");
}

#[test]
fn groups_of_one_known_cause_are_one() {
    let known = Known {
        fingerprint: None,
        tests: vec!["tests/test_shop.py::test_a".into(), "tests/test_shop.py::test_c".into()],
        title: "KeyError and ValueError since the new price list".into(),
        excerpt: String::new(),
    };
    let failures = [
        raised("test_a", "total", "KeyError: 'price'"),
        raised("test_c", "load", "ValueError: no digits in it"),
    ];
    let causes = group(&cases(&failures), &[known]);
    assert_eq!(members(&causes), [[0, 1]]);
}

#[test]
fn tests_that_timed_out_need_more_to_be_one() {
    let timed_out =
        |test: &str| Failure { fault: Fault::TimedOut, ..failure(test, "", "timed out after 30s", "") };
    let failures = [timed_out("tests/test_a.py::test_x"), timed_out("tests/test_b.py::test_y")];
    assert_eq!(members(&group(&cases(&failures), &[])), [[0], [1]]);
}

#[test]
fn titles_show_no_machine() {
    let titled = |kind: &str, message: &str, detail: &str| {
        let failures = [failure("tests/test_a.py::test_x", kind, message, detail)];
        group(&cases(&failures), &[])[0].title.clone()
    };
    assert_eq!(titled("", "AssertionError: assert 5 == 4\n +  where 5 = f()", ""), "assert 5 == 4");
    assert_eq!(
        titled("", "FileNotFoundError: [Errno 2] No such file: '/tmp/pytest-1/a/x.json'", ""),
        "FileNotFoundError: [Errno 2] No such file: 'x.json'"
    );
    assert_eq!(titled("java.lang.IllegalStateException", "no cart", ""), "IllegalStateException: no cart");
    assert_eq!(titled("", "\"totals differ\"", ""), "totals differ");
    assert_eq!(titled("", "exit code 3", "ok 1 - last"), "exit code 3");
    assert_eq!(titled("", "", ""), "tests/test_a.py::test_x fails");
    assert!(titled("", &"long ".repeat(80), "").chars().count() <= 100);
}

#[test]
fn an_explanation_names_the_signals() {
    let failures =
        [raised("test_a", "total", "KeyError: 'price'"), raised("test_b", "total", "KeyError: 'price'")];
    let told = explain(&cases(&failures), 0, 1).expect("both are there");
    assert!(told.likeness > 0.9 && told.same_fingerprint);
    assert!(told.signals.iter().any(|s| s.0 == "raised in the same function of the project"), "{told:?}");
    assert!(explain(&cases(&failures), 0, 9).is_none());
}

/// A pytest failure below a helper of the tests that asserts.
fn through_helper(test: &str, call: &str, said: &str, helper: &str) -> Failure {
    let detail = format!(
        "    def {test}():\n>       {call}\n\ntests/test_shop.py:{}: \n_ _ _\n\n    def assert_reply(got, wanted):\n>       assert got == wanted, diff(got, wanted)\nE       {said}\n\n{helper}:31: AssertionError",
        test.len() * 7,
    );
    failure(&format!("tests/test_shop.py::{test}"), "", said, &detail)
}

#[test]
fn a_shared_helper_that_asserts_is_no_place() {
    for helper in ["tests/support.py", "shop/testing.py"] {
        let failures = [
            through_helper(
                "test_total",
                "assert_reply(total([1, 2]), 4)",
                "AssertionError: assert 3 == 4",
                helper,
            ),
            through_helper(
                "test_greeting",
                "assert_reply(render_page('home'), '<h1>')",
                "AssertionError: assert 'Hullo' == '<h1>'",
                helper,
            ),
            through_helper(
                "test_parse_dates",
                "assert_reply(parse_date('x'), None)",
                "AssertionError: assert ['2024'] == None",
                helper,
            ),
        ];
        let causes = group(&cases(&failures[..2]), &[]);
        assert_eq!(members(&causes), [[0], [1]], "{:#?}", explain(&cases(&failures[..2]), 0, 1));
        let known: Vec<Known> = causes
            .iter()
            .map(|cause| Known {
                fingerprint: Some(cause.fingerprint.clone()),
                tests: vec![failures[cause.representative].test.clone()],
                title: cause.title.clone(),
                excerpt: failures[cause.representative].message.clone(),
            })
            .collect();
        let later = group(&cases(&failures), &known);
        assert_eq!(members(&later), [[0], [1], [2]], "{:#?}", explain(&cases(&failures), 0, 2));
        assert_eq!(later[2].known, None);
    }
}

#[test]
fn tests_whose_names_differ_by_a_number_are_several_tests() {
    let said = ["the cart was never paid", "no route to the printer", "prices.json has no columns"];
    let failures: Vec<Failure> = (1..)
        .zip(said)
        .map(|(n, said)| {
            failure(&format!("tests/test_shop.py::test_case_{n}"), "", &format!("AssertionError: {said}"), "")
        })
        .collect();
    let causes = group(&cases(&failures), &[]);
    assert_eq!(members(&causes), [[0], [1], [2]], "{:#?}", explain(&cases(&failures), 0, 1));
}

#[test]
fn one_form_of_words_at_several_places_is_several_causes() {
    let failures = [
        raised("test_a", "total", "ValueError: cannot convert 'price' to 3 digits"),
        raised("test_b", "load_file", "ValueError: cannot convert 'path' to 7 digits"),
    ];
    assert_eq!(
        members(&group(&cases(&failures), &[])),
        [[0], [1]],
        "{:#?}",
        explain(&cases(&failures), 0, 1)
    );
    let bare = |test: &str, name: &str| {
        failure(
            &format!("tests/{test}.py::{test}"),
            "",
            &format!("ValueError: field '{name}' is not allowed here"),
            "",
        )
    };
    let failures = [bare("test_cart", "price"), bare("test_login", "password")];
    assert_eq!(
        members(&group(&cases(&failures), &[])),
        [[0], [1]],
        "{:#?}",
        explain(&cases(&failures), 0, 1)
    );
}

#[test]
fn other_words_in_a_test_that_is_known_are_new_also_without_a_trace() {
    let said = |message: &str| failure("shop.CartTest::pays", "", message, "");
    let first = [said("the cart was never paid after 31 ms")];
    for excerpt in ["", "the cart was never paid after 31 ms"] {
        let known = Known {
            fingerprint: Some(fingerprint(&cases(&first)[0])),
            tests: vec!["shop.CartTest::pays".into()],
            title: "the cart was never paid after 31 ms".into(),
            excerpt: excerpt.into(),
        };
        let later = |message: &str| group(&cases(&[said(message)]), std::slice::from_ref(&known))[0].known;
        assert_eq!(later("the cart was never paid after 78 ms"), Some(0));
        assert_eq!(later("database is locked"), None);
    }
}

#[test]
fn a_panic_deep_in_the_code_is_no_failed_assertion() {
    let failures = [
        failure(
            "cart::tests::adds",
            "",
            "assertion `left == right` failed\n  left: 3\n right: 4",
            "thread 'cart::tests::adds' (7) panicked at src/cart.rs:90:9:\nassertion `left == right` failed\n  left: 3\n right: 4",
        ),
        failure(
            "cart::tests::loads",
            "",
            "called `Option::unwrap()` on a `None` value",
            "thread 'cart::tests::loads' (8) panicked at src/store/table.rs:41:17:\ncalled `Option::unwrap()` on a `None` value",
        ),
    ];
    assert_eq!(
        members(&group(&cases(&failures), &[])),
        [[0], [1]],
        "{:#?}",
        explain(&cases(&failures), 0, 1)
    );
}

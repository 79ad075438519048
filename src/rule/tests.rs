//! Rules as people write them, and as somebody writes them who means ill.

use super::*;

const DB: &str = "The pool is gone.\r\n\r\n```gardener\r\ntest: tests/db/**   # all of it\r\n\
                  error: 'connection refused .*:5432'\r\nnever:\r\n  - tests/db/slow/**\r\n```\r\n\r\nMore.\r\n";

fn block(inner: &str) -> String {
    format!("Words.\n\n```gardener\n{inner}\n```\n")
}

fn rule(inner: &str) -> Rule {
    match read(&block(inner)) {
        Read::Rule(rule) => rule,
        other => panic!("{inner}\n{other:?}"),
    }
}

/// What is wrong, a line each.
fn wrong(body: &str) -> Vec<String> {
    match read(body) {
        Read::Broken(problems) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("{body}\n{other:?}"),
    }
}

fn says(rule: &Rule, tests: &[&str], body: &str) -> Answer {
    let tests: Vec<String> = tests.iter().map(ToString::to_string).collect();
    rule.says(&Told { title: "A title", tests: &tests, body })
}

fn covers(rule: &Rule, tests: &[&str], body: &str) -> bool {
    matches!(says(rule, tests, body), Answer::Covers(_))
}

#[test]
fn all_conditions_must_hold_and_an_exception_beats_them() {
    let Read::Rule(rule) = read(DB) else { panic!("{:?}", read(DB)) };
    let error = "psycopg: connection refused (127.0.0.1:5432)";
    let reason = "its rule says so: test tests/db/** and error connection refused .*:5432";
    assert_eq!(says(&rule, &["tests/db/test_pool.py::test_a"], error), Answer::Covers(reason.to_owned()));
    assert!(covers(&rule, &["tests/db/a.py::x", "tests/db/deep/b.py::y"], error));
    for (tests, body, why) in [
        (&["tests/db/a.py::x"][..], "another error", "no line fits"),
        (&["tests/web/a.py::x"], error, "another test"),
        (&["tests/db/a.py::x", "tests/web/a.py::x"], error, "not all tests"),
        (&[], error, "no test is named"),
        (&["tests/db/a.py::x"], "connection refused\nat :5432", "two lines are not one"),
    ] {
        assert_eq!(says(&rule, tests, body), Answer::Nothing, "{why}");
    }
    let never = says(&rule, &["tests/web/a.py::x", "tests/db/slow/b.py::y"], "");
    assert_eq!(
        never,
        Answer::Never("its rule says never: tests/db/slow/**, as tests/db/slow/b.py::y".to_owned())
    );
}

#[test]
fn each_key_is_enough_and_takes_one_or_a_list() {
    assert!(covers(&rule("test: [a::*, 'b::*']"), &["a::x", "b::y"], ""));
    assert!(covers(&rule("error:\n- no such\n- '^E +Timeout$'"), &[], "x\nE  Timeout\n"));
    // The title is a line, too.
    assert!(covers(&rule("error: ^A t"), &["any::test"], ""));
    let rule = rule("never: 'x::*'");
    assert_eq!(says(&rule, &["a::b"], "x"), Answer::Nothing);
    assert!(matches!(says(&rule, &["x::b"], ""), Answer::Never(_)));
    assert_eq!(rule, self::rule("{never: ['x::*']}"));
}

#[test]
fn a_reason_is_short_whatever_the_rule_is() {
    let long = "x".repeat(150);
    let globs: Vec<String> = (0..MAX_PATTERNS).map(|n| format!("'{n}{long}*'")).collect();
    let rule = rule(&format!("test: [{}]\nerror: {long}|boom", globs.join(", ")));
    let tests: Vec<String> = (0..MAX_PATTERNS).map(|n| format!("{n}{long}::test")).collect();
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    let Answer::Covers(reason) = says(&rule, &tests, "boom") else { panic!("it covers") };
    assert!(reason.len() < 300 && reason.contains("x…, … and error xxx"), "{reason}");
}

#[test]
fn globs_know_paths_and_take_brackets_for_themselves() {
    for (glob, fits, not) in [
        (
            "tests/db/**",
            &["tests/db/a.py::t[x/y]", "tests/db/x/y"][..],
            &["tests/db", "tests/dbx/a", "a/tests/db/x"][..],
        ),
        ("tests/*/a.py::*", &["tests/db/a.py::x"], &["tests/a.py::x", "tests/x/y/a.py::x"]),
        ("**/a.py::*", &["a.py::x", "t/a.py::x", "t/u/a.py::x"], &["ba.py::x", "t/ba.py::x"]),
        ("t/**/a", &["t/a", "t/x/a", "t/x/y/a"], &["ta", "t/xa", "x/t/a"]),
        ("db::**", &["db::pool::works", "db::a/b"], &["web::db::x"]),
        ("com.acme.*Test.works", &["com.acme.PoolTest.works"], &["com.acme.Pool.works"]),
        ("t::x[1-?]", &["t::x[1-2]"], &["t::x1", "t::x[1-/]", "t::x[1-]"]),
        ("?", &["ü"], &["", "ab"]),
        ("A*", &["A", "Ab"], &["a"]),
        ("***a", &["a", "x/a"], &["x/b"]),
    ] {
        let glob = Glob::new(glob);
        for name in fits {
            assert!(glob.fits(name), "{} {name}", glob.text());
        }
        for name in not {
            assert!(!glob.fits(name), "{} {name}", glob.text());
        }
    }
}

#[test]
fn only_a_block_that_stands_for_itself_is_a_rule() {
    let rule = "```gardener\ntest: a/**\n```\n";
    for body in [
        rule.to_owned(),
        format!("# Heading\nWords\n{rule}"),
        rule.replace("```", "~~~~"),
        rule.replace("```gardener", "  ```  gardener  "),
        format!("<!-- gardener:block 1 -->\nx\n<!-- gardener:end -->\n\n{rule}"),
        rule.trim_end_matches("```\n").to_owned(),
    ] {
        assert!(matches!(read(&body), Read::Rule(_)), "{body}\n{:?}", read(&body));
    }
    let indented = |by: &str| rule.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    for body in [
        String::new(),
        "no rule here, though gardener is named".to_owned(),
        indented("> "),
        indented("> > "),
        indented("    "),
        format!("* item\n\n{}", indented("  ")),
        format!("1. item\n\n{}", indented("   ")),
        format!("[^1]: note\n\n{}", indented("    ")),
        format!("<!--\n{rule}-->\n"),
        format!("<details>\n{rule}</details>\n"),
        format!("````text\n{rule}````\n"),
        format!("<!-- gardener:block 1 -->\n{rule}<!-- gardener:end -->\n"),
        format!("<!-- gardener:block 1 -->\n\n{rule}"),
        rule.replace("gardener", "gardener.toml"),
        rule.replace("gardener", "gardener yaml"),
        rule.replace("gardener", "Gardener"),
        rule.replace("gardener", "yaml"),
    ] {
        assert_eq!(read(&body), Read::None, "{body}");
    }
    // What is below `<details>` and a blank line is markdown again.
    assert!(matches!(read(&format!("<details>\n\n{rule}\n</details>\n")), Read::Rule(_)));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (inner, problems) in [
        ("", &["line 3: the rule says nothing; a rule has the keys `test`, `error` and `never`"][..]),
        ("# only words", &["line 3: the rule says nothing; a rule has the keys `test`, `error` and `never`"]),
        (
            "tests: a/**\nerror: x\n4: b",
            &[
                "line 3: a key of the rule is no text; a rule has the keys `test`, `error` and `never`",
                "line 4: `tests` is no key of a rule; a rule has the keys `test`, `error` and `never`",
            ],
        ),
        ("error: x\nerror: y", &["line 4: `error` is there twice; make a list of the two"]),
        (
            "test:\nerror: 5432",
            &[
                "line 4: `test` is empty; write a text, or a list of texts",
                "line 5: `error` is a number; in single quotes, everything but the quote is itself",
            ],
        ),
        ("test: {a: b}", &["line 4: `test` is a map; write a text, or a list of texts"]),
        ("never: true", &["line 4: `never` is yes or no, and no text; write a text, or a list of texts"]),
        (
            "never:\n- a/b\n- [c]\n- ''\n- '**'",
            &[
                "line 4: an item of `never` is a list; write a text, or a list of texts",
                "line 4: `never` has an empty text; take it out, or say what it is about",
                "line 8: `**` in `never` fits every test; name a folder, a file or a part of the name",
            ],
        ),
        ("test: []", &["line 4: `test` is an empty list; take the key out, or say what it is about"]),
        (
            "error: '.*'",
            &["line 4: `.*` fits every line, even an empty one; write what only this error says"],
        ),
        (
            "error: |\n  a\n  b",
            &[
                "line 4: `a b` has more than one line; names of tests have one line, and texts are looked at line by line",
            ],
        ),
        (
            "test: **/a.py",
            &[
                "line 4: this is no YAML that a rule can be (`did not find expected alphabetic or numeric character`); what begins with such a character needs quotes: single ones",
            ],
        ),
        (
            "error: \"a\\d\"",
            &[
                "line 4: this is no YAML that a rule can be (`found unknown escape character`); in double quotes a backslash means something to YAML; use single quotes",
            ],
        ),
        ("just words", &["line 4: this has no keys; write lines such as `test: 'tests/db/**'`"]),
    ] {
        assert_eq!(wrong(&block(inner)), problems, "{inner}");
    }
    let two = format!("{}\n{}\n{}", block("test: a"), block("error: b"), block("error: ("));
    let two = wrong(&two);
    assert_eq!(two.len(), 2, "{two:?}");
    assert_eq!(
        two[0],
        "line 9: this is a second rule; the first is in line 3; make one of the two: a key takes a list"
    );
    assert!(
        wrong(&block("error: 'a(b'"))[0]
            .starts_with("line 4: `a(b` is no regular expression that can be used (`")
    );
}

#[test]
fn whatever_somebody_writes_has_a_bound() {
    let many = |count: usize| {
        format!("test: [{}]", (0..count).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", "))
    };
    assert!(matches!(read(&block(&many(MAX_PATTERNS))), Read::Rule(_)));
    assert!(wrong(&block(&many(MAX_PATTERNS + 1)))[0].contains("more than 10 items"));
    assert!(
        wrong(&block(&format!("test: {}", "a".repeat(MAX_PATTERN + 1))))[0]
            .contains("more than 200 characters")
    );
    assert!(
        wrong(&block(&format!("# {}\ntest: a", "x".repeat(MAX_RULE))))[0].contains("more than 4096 bytes")
    );
    assert_eq!(read(&format!("{}{}", block("test: a"), "x".repeat(MAX_BODY))), Read::None);
    // As long as it may be, and in letters of three bytes.
    assert!(matches!(read(&block(&format!("error: '{}'", "語".repeat(MAX_PATTERN)))), Read::Rule(_)));
    for pattern in [r"\d{1,3}(\.\d{1,3}){3}:\d{2,5}", r"^E +(\w+\.){0,4}\w+(Error|Exception): .{0,40}refused"]
    {
        assert!(matches!(read(&block(&format!("error: '{pattern}'"))), Read::Rule(_)), "{pattern}");
    }
    for pattern in ["(a{1,99}){1,99}", "((((((((((((((a))))))))))))))", "a{999999}", "(?:\\w{50}){50}"] {
        let said = wrong(&block(&format!("error: '{pattern}'")));
        assert!(said[0].contains("no regular expression that can be used"), "{said:?}");
        assert!(said[0].contains("fewer repetitions"), "{said:?}");
    }
    // Depth, and aliases of aliases: nothing of it is built.
    wrong(&block(&format!("test: {}", "[".repeat(3000))));
    wrong(&block(&format!("test: {}a{}", "[".repeat(1900), "]".repeat(1900))));
    wrong(&block(&format!("{}test: a{}", "{a: ".repeat(700), "}".repeat(700))));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..60 {
        bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    }
    bomb.truncate(bomb[..MAX_RULE - 20].rfind('\n').expect("a line") + 1);
    assert!(wrong(&block(&format!("{bomb}test: *a9")))[0].contains("is no key of a rule"));
    let flat = format!("error: &a [{}]\ntest: [{}]", "x,".repeat(900), "*a,".repeat(600));
    wrong(&block(&flat));
}

#[test]
fn patterns_that_are_a_catastrophe_elsewhere_take_linear_time() {
    // With a matcher that goes back these would not end.
    let rule = rule(
        "error: ['(a+)+$', '(a|a)*b', '(.*)(.*)(.*)(.*)x{40}', '(\\w+\\s?){10}!']\ntest: 'a*a*a*a*a*a*a*a*b'",
    );
    let long = "a".repeat(MAX_TEXT);
    let tests = vec!["a".repeat(5_000); 20];
    assert_eq!(rule.says(&Told { title: "", tests: &tests, body: &long }), Answer::Nothing);
    let fits = format!("{}b", "a".repeat(100));
    let told = Told { title: "", tests: &[fits], body: &format!("{}!", "a".repeat(1_000)) };
    assert!(matches!(rule.says(&told), Answer::Covers(_)));
    // What is beyond the bound is not looked at, and a character on the bound does no harm.
    let late = format!("{}ü\nneedle", "ü".repeat(MAX_TEXT / 2));
    assert!(!covers(&self::rule("error: needle"), &[], &late));
    assert!(covers(&self::rule("error: needle"), &[], "ü\nneedle"));
}

#[test]
fn what_is_quoted_in_a_problem_does_nothing() {
    let hostile = "key` @everyone <img> \\e[31m\\u202e#12 closes #3 ".repeat(9);
    for problem in wrong(&block(&format!("\"{hostile}\": x"))) {
        assert!(problem.starts_with("line 3: `key' @everyone <img> \\u{1b}["), "{problem}");
        assert!(!problem.contains(['\n', '\u{1b}', '\u{202e}']) && problem.len() < 250, "{problem}");
        let spans: Vec<&str> = problem.split('`').collect();
        assert_eq!(spans.len() % 2, 1, "{problem}");
        for outside in spans.iter().step_by(2) {
            assert!(!outside.contains(['@', '<', '#']), "{problem}");
        }
    }
}

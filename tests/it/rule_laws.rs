//! The laws of rules in issues: what a rule says depends on what it says and not on how it is written, an exception
//! only takes away, another condition never adds, and what somebody else writes around a rule is none of it.

use gardener::block::Block;
use gardener::model::EntryKey;
use gardener::rule::{Answer, Read, Rule, Told, read};
use proptest::prelude::*;

/// Names and globs over few letters, so that they meet often.
fn names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[ab/:]{1,6}", 0..4)
}

fn globs() -> impl Strategy<Value = Vec<String>> {
    let glob = "([ab/:?*]|\\*\\*/){1,5}"
        .prop_filter("it says something", |glob| glob.contains(['a', 'b', '/', ':', '?']));
    // A `/` that is only the end of `**/` says nothing either.
    let glob = glob
        .prop_filter("it says something", |glob| glob.replace("**/", "").contains(['a', 'b', '/', ':', '?']));
    proptest::collection::vec(glob, 1..4)
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[abc]{1,3}(\\.\\*[abc])?", 1..3)
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("\n  - '{item}'")).collect()
}

fn flow(items: &[String]) -> String {
    format!(" [{}]", items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", "))
}

fn block(lines: &str) -> String {
    format!("```gardener\n{lines}\n```\n")
}

fn rule(lines: &str) -> Rule {
    match read(&block(lines)) {
        Read::Rule(rule) => rule,
        other => panic!("{lines}\n{other:?}"),
    }
}

fn covers(rule: &Rule, tests: &[String], body: &str) -> bool {
    matches!(rule.says(&Told { title: "", tests, body }), Answer::Covers(_))
}

/// A glob as a matcher that tries everything understands it.
fn fits(glob: &[char], name: &[char], begins: bool) -> bool {
    match glob {
        [] => name.is_empty(),
        ['*', '*', '/', rest @ ..] if begins => {
            let later = (0..name.len()).filter(|at| name[*at] == '/');
            fits(rest, name, true) || later.into_iter().any(|at| fits(rest, &name[at + 1..], true))
        }
        ['*', '*', rest @ ..] => (0..=name.len()).any(|at| fits(rest, &name[at..], false)),
        ['*', rest @ ..] => {
            let end = name.iter().position(|c| *c == '/').unwrap_or(name.len());
            (0..=end).any(|at| fits(rest, &name[at..], false))
        }
        ['?', rest @ ..] => name.first().is_some_and(|c| *c != '/') && fits(rest, &name[1..], false),
        [own, rest @ ..] => name.first() == Some(own) && fits(rest, &name[1..], *own == '/'),
    }
}

fn fits_one(globs: &[String], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    globs.iter().any(|glob| fits(&glob.chars().collect::<Vec<_>>(), &name, true))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The quick matcher says what the slow one says, of all tests and of each.
    #[test]
    fn globs_mean_what_they_say(globs in globs(), tests in names()) {
        let asked = rule(&format!("test:{}", list(&globs)));
        let expected = !tests.is_empty() && tests.iter().all(|test| fits_one(&globs, test));
        prop_assert_eq!(covers(&asked, &tests, ""), expected);
        let never = rule(&format!("never:{}", list(&globs)));
        let said = matches!(never.says(&Told { tests: &tests, ..Told::default() }), Answer::Never(_));
        prop_assert_eq!(said, tests.iter().any(|test| fits_one(&globs, test)));
    }

    /// Spelling, the order of keys, comments, line endings and what stands around make no difference.
    #[test]
    fn only_what_it_says_counts(
        globs in globs(), errors in patterns(), never in globs(), before in "[ab `*>#\n-]{0,30}",
    ) {
        let one = format!("test:{}\nerror:{}\nnever:{}", list(&globs), list(&errors), list(&never));
        let other = format!("never:{} # not these\n\nerror:{}\n# and\ntest:{}", flow(&never), flow(&errors), flow(&globs));
        let wanted = rule(&one);
        prop_assert_eq!(&wanted, &rule(&other));
        let windows = block(&one).replace('\n', "\r\n");
        prop_assert_eq!(read(&windows), Read::Rule(wanted.clone()));
        prop_assert_eq!(read(&format!("Words.\n\n{}\nMore words.\n", block(&one))), Read::Rule(wanted.clone()));
        // In a quote it is somebody else's, whatever stands before it.
        let quoted: String = block(&one).lines().map(|line| format!("> {line}\n")).collect();
        prop_assert_eq!(read(&format!("{before}\n\n{quoted}")), Read::None);
        let mut lines = Block::new();
        lines.set(&EntryKey::parse("w/e").expect("a key"), "worklogs/w.md", &[]);
        let lines = lines.put_into("");
        let (begin, end) = lines.trim_end().rsplit_once('\n').expect("lines");
        let managed = format!("{begin}\n{}\n{end}\n", block(&one));
        prop_assert_eq!(read(&managed), Read::None);
        prop_assert_eq!(read(&format!("{managed}\n{}", block(&one))), Read::Rule(wanted));
    }

    /// A second condition and an exception only take away, and an exception beats all else.
    #[test]
    fn more_conditions_cover_less(
        globs in globs(), errors in patterns(), never in globs(), tests in names(), body in "[abc\n]{0,20}",
    ) {
        let (test, error) = (format!("test:{}", list(&globs)), format!("error:{}", list(&errors)));
        let both = format!("{test}\n{error}");
        let all = rule(&format!("{both}\nnever:{}", list(&never)));
        let (test, error, both) = (rule(&test), rule(&error), rule(&both));
        let each = covers(&test, &tests, &body) && covers(&error, &tests, &body);
        prop_assert_eq!(covers(&both, &tests, &body), each);
        let is_out = tests.iter().any(|test| fits_one(&never, test));
        let said = all.says(&Told { title: "", tests: &tests, body: &body });
        prop_assert_eq!(matches!(said, Answer::Never(_)), is_out);
        prop_assert_eq!(matches!(said, Answer::Covers(_)), each && !is_out);
    }
}

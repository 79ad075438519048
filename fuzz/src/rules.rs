//! Whatever an issue's text holds, looking for its rule ends; what is wrong with one is said in lines that can be
//! posted, each about a line that is there; and a text that is quoted as a whole has no rule.

use gardener::rule::{Answer, Read, Told, read};

/// The text of an issue; behind a zero byte the names of tests, a line each; behind another one the
/// text of an entry.
pub fn holds(data: &[u8]) {
    let all = String::from_utf8_lossy(data);
    let mut parts = all.splitn(3, '\0');
    let mut part = || parts.next().unwrap_or_default();
    let (body, tests, text) = (part(), part(), part());
    // A carriage return ends a line, too.
    let plain = body.replace("\r\n", "\n").replace('\r', "\n");
    let quoted: String = plain.split('\n').map(|line| format!("> {line}\n")).collect();
    assert_eq!(read(&quoted), Read::None, "{quoted:?}");
    let tests: Vec<String> = tests.lines().map(str::to_owned).collect();
    let lines = plain.matches('\n').count() + 1;
    match read(body) {
        Read::None => {}
        Read::Rule(rule) => {
            assert!(body.contains("gardener"));
            let said = rule.says(&Told {
                title: text.lines().next().unwrap_or_default(),
                tests: &tests,
                body: text,
            });
            // What is excluded is so without any text.
            let bare = rule.says(&Told { title: "", tests: &tests, body: "" });
            assert_eq!(matches!(said, Answer::Never(_)), matches!(bare, Answer::Never(_)));
        }
        Read::Broken(problems) => {
            assert!(!problems.is_empty() && problems.is_sorted_by_key(|problem| problem.line));
            for problem in problems {
                assert!((1..=lines + 1).contains(&problem.line), "{problem:?}");
                let words = problem.to_string();
                assert!(!words.chars().any(gardener::model::is_hidden) && words.len() < 1_000, "{words:?}");
                assert_eq!(words.matches('`').count() % 2, 0, "{words:?}");
            }
        }
    }
}

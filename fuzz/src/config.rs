//! A config is read from any text: all values within their bounds, or problems with places.

use gardener::config::parse;

/// The text of a `gardener.toml`.
pub fn holds(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    match parse(&text) {
        Ok(config) => {
            assert_eq!(parse(&text), Ok(config.clone()));
            // The folder of the worklogs stays in the repository, and out of git's own.
            let bad = |p: &str| matches!(p, "" | "." | "..") || p.eq_ignore_ascii_case(".git");
            assert!(!config.worklogs.contains('\\') && !config.worklogs.split('/').any(bad), "{config:?}");
            assert!(!config.worklogs.contains(char::is_control), "{config:?}");
            // One label stands for one thing.
            let vocabulary = config.vocabulary();
            let mut names: Vec<_> = vocabulary.marks.values().chain(vocabulary.severities.values()).collect();
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{vocabulary:?}");
            assert!(vocabulary.words().iter().all(|word| vocabulary.status(word).is_some()));
            assert!((100..=300_000).contains(&config.sync.deadline.as_millis()), "{config:?}");
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
                let lines = text.split('\n').count();
                assert!((1..=lines).contains(&problem.line) && problem.column > 0, "{problem:?}");
                assert!(!problem.message.is_empty() && !problem.to_string().is_empty());
            }
            assert!(problems.is_sorted_by_key(|p| p.span.start), "{problems:?}");
        }
    }
}

//! Worklogs in many shapes: entries by line, severities and issues are all found.

use gardener::legacy::{Given, read};

const SHAPES: &str = include_str!("shapes.txt");

/// An entry as it should be found: its line, its severity, its issue.
type Wanted = (usize, Option<String>, Option<u64>);

/// The shapes: a name, the text without what is said of it, what should be found.
pub(super) fn shapes() -> Vec<(String, String, Vec<Wanted>)> {
    let shape = |text: &str| {
        let (name, text) = text.split_once('\n').expect("a name");
        let (mut lines, mut wanted) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let marked = line.strip_prefix('@').and_then(|rest| rest.split_once(" |"));
            let Some((said, line)) = marked else {
                lines.push(line);
                continue;
            };
            let (severity, issue) = said.split_once(' ').expect("two words");
            let severity = (severity != "-").then(|| severity.to_owned());
            let issue = issue.strip_prefix('#').map(|digits| digits.parse().expect("a number"));
            lines.push(line);
            wanted.push((lines.len(), severity, issue));
        }
        (name.to_owned(), lines.join("\n"), wanted)
    };
    SHAPES.split("\n=== ").skip(1).map(shape).collect()
}

#[test]
fn each_shape_is_read_as_it_is_meant() {
    let shapes = shapes();
    assert!(shapes.len() > 20, "{}", shapes.len());
    let mut wrong = Vec::new();
    for (name, text, wanted) in &shapes {
        for text in [text.clone(), format!("\u{feff}{}\r\n", text.replace('\n', "\r\n"))] {
            let read = read(&text, &Given::default());
            let found: Vec<Wanted> = read
                .entries
                .iter()
                .map(|e| (e.line, e.severity.map(|s| s.to_string()), e.issue.as_ref().map(|i| i.number)))
                .collect();
            if found != *wanted {
                wrong.push(format!("{name}:\n  found  {found:?}\n  wanted {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_heading_that_is_no_entry_is_told_of() {
    for (name, text, wanted) in shapes() {
        let read = read(&text, &Given::default());
        let mut lines: Vec<usize> = read.left_out.iter().map(|left| left.line).collect();
        lines.extend(wanted.iter().map(|(line, ..)| *line));
        let mut fence = false;
        let is_heading = |line: &str| line.starts_with('#') && line.trim_start_matches('#').starts_with(' ');
        for (at, line) in text.lines().enumerate() {
            fence ^= line.starts_with("```");
            assert!(fence || !is_heading(line) || lines.contains(&(at + 1)), "{name}: line {}", at + 1);
        }
    }
}

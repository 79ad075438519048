//! Which labels of a repository look like severities and like "in progress", for `gardener init` to
//! propose: a guess that somebody reads before it counts.
//!
//! A severity is sent and taken over by its label, so that a wrong guess would relabel issues. That
//! is why only a whole ladder counts, of four steps that can be told apart, where there is no second
//! one; and only the one label that can mean a status.

use std::collections::BTreeMap;

use crate::model::{Label, Labels, Severity, Vocabulary};

/// What the labels of a repository say besides their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    /// The label of each severity: all four, or none.
    pub severities: BTreeMap<Severity, Label>,
    /// The label of `in-progress`.
    pub in_progress: Option<Label>,
}

/// Words of a ladder from the worst down, as teams write them.
const WORDS: [&[&str]; 4] = [
    &["critical", "blocker", "urgent", "highest", "showstopper"],
    &["high", "major", "important"],
    &["medium", "moderate", "normal", "mid"],
    &["low", "minor", "lowest", "trivial"],
];

/// What stands before a word or a number of a ladder.
const PREFIXES: [&str; 8] = ["priority", "prio", "severity", "sev", "impact", "p", "s", "pri"];

/// What "in progress" is called.
const IN_PROGRESS: [&str; 6] =
    ["in progress", "wip", "work in progress", "doing", "in development", "started"];

impl Ladder {
    /// Finds what is plain among the labels of a repository, and differs from what holds anyway.
    pub fn of(labels: &Labels) -> Self {
        let usual = Vocabulary::default();
        let severities = severities(labels).filter(|found| *found != usual.severities).unwrap_or_default();
        let in_progress = in_progress(labels).filter(|label| usual.mark_of(label).is_none());
        Self { severities, in_progress }
    }

    /// Whether there is nothing to propose.
    pub fn is_empty(&self) -> bool {
        self.severities.is_empty() && self.in_progress.is_none()
    }

    /// The lines of `gardener.toml` that say it, the table's own line among them.
    pub fn lines(&self) -> Vec<String> {
        if self.is_empty() {
            return Vec::new();
        }
        // A string of JSON is one of TOML too.
        let quoted = |label: &Label| serde_json::Value::from(label.name()).to_string();
        let mut lines = vec!["[labels]".to_owned()];
        if !self.severities.is_empty() {
            let steps = self.severities.iter();
            let steps: Vec<_> = steps.map(|(step, label)| format!("{step} = {}", quoted(label))).collect();
            lines.push(format!("severity = {{ {} }}", steps.join(", ")));
        }
        lines
            .extend(self.in_progress.as_ref().map(|l| format!("status = {{ in-progress = {} }}", quoted(l))));
        lines
    }
}

/// A label taken apart: what it belongs to, and which step of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    /// `priority: high`
    Words(String),
    /// `sev-1`
    Numbers(String),
}

/// The one whole ladder, if there is one.
fn severities(labels: &Labels) -> Option<BTreeMap<Severity, Label>> {
    let mut families: BTreeMap<Family, Vec<(usize, &Label)>> = BTreeMap::new();
    for label in labels {
        if let Some((family, step)) = step(label.name()) {
            families.entry(family).or_default().push((step, label));
        }
    }
    // Two beginnings of ladders are as many opinions.
    let mut families = families.into_iter().filter(|(_, steps)| steps.len() > 1);
    let (family, mut steps) = families.next()?;
    if families.next().is_some() {
        return None;
    }
    steps.sort();
    let places: Vec<_> = steps.iter().map(|(step, _)| *step).collect();
    let is_whole = match &family {
        Family::Words(_) => places == [0, 1, 2, 3],
        // P1 to P4 would give two meanings to what a worklog calls P1.
        Family::Numbers(prefix) if prefix.ends_with('p') => places == [0, 1, 2, 3],
        Family::Numbers(_) => places == [0, 1, 2, 3] || places == [1, 2, 3, 4],
    };
    let label = |(step, (_, label)): (Severity, (usize, &Label))| (step, label.clone());
    is_whole.then(|| Severity::ALL.into_iter().zip(steps).map(label).collect())
}

/// The family of a label, and its step: the place of its word, or its number.
fn step(name: &str) -> Option<(Family, usize)> {
    let name = name.to_lowercase();
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    let start = name.trim_end_matches(char::is_alphanumeric);
    let (prefix, last) = if start.is_empty() {
        // `sev1`, `P2`
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        (letters, &name[letters.len()..])
    } else {
        let prefix = start.trim_end_matches(|c: char| !c.is_alphanumeric());
        // `P1: high` says two things, and `priority: not high` says something else.
        (prefix, &name[start.len()..])
    };
    if !PREFIXES.contains(&prefix) || last.is_empty() {
        return None;
    }
    // `priority: p1` is a ladder of its own.
    let (more, digits) = match last.strip_prefix(['p', 's']) {
        Some(digits) if !digits.is_empty() && !start.is_empty() => (&last[..1], digits),
        _ => ("", last),
    };
    if digits.len() == 1 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some((Family::Numbers(format!("{prefix}{more}")), digits.parse().ok()?));
    }
    let word = WORDS.iter().position(|words| words.contains(&last))?;
    // `S/low` is a size.
    (prefix.len() > 1).then(|| (Family::Words(prefix.to_owned()), word))
}

/// The one label that means "in progress".
fn in_progress(labels: &Labels) -> Option<Label> {
    let plain = |name: &str| {
        let lower = name.to_lowercase();
        let lower = lower.strip_prefix("status").unwrap_or(&lower);
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    let mut found = labels.iter().filter(|label| IN_PROGRESS.contains(&plain(label.name()).as_str()));
    found.next().filter(|_| found.next().is_none()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(names: &str) -> Vec<String> {
        let labels: Labels = names.split('|').filter_map(|name| Label::new(name.trim())).collect();
        let ladder = Ladder::of(&labels);
        let text = format!("gardener = 1\n{}\n", ladder.lines().join("\n"));
        assert!(crate::config::parse(&text).is_ok(), "{text}");
        ladder.lines().into_iter().skip(1).collect()
    }

    #[test]
    fn whole_ladders_are_found_in_the_forms_that_teams_write() {
        for (names, want) in [
            (
                "priority: critical | priority: high | priority: medium | priority: low | bug",
                "{ P0 = \"priority: critical\", P1 = \"priority: high\", P2 = \"priority: medium\", P3 = \"priority: low\" }",
            ),
            (
                "severity/blocker | severity/major | severity/moderate | severity/minor",
                "{ P0 = \"severity/blocker\", P1 = \"severity/major\", P2 = \"severity/moderate\", P3 = \"severity/minor\" }",
            ),
            ("sev-1|sev-2|sev-3|sev-4", "{ P0 = \"sev-1\", P1 = \"sev-2\", P2 = \"sev-3\", P3 = \"sev-4\" }"),
            ("sev0|sev1|sev2|sev3", "{ P0 = \"sev0\", P1 = \"sev1\", P2 = \"sev2\", P3 = \"sev3\" }"),
            ("S1|S2|S3|S4", "{ P0 = \"S1\", P1 = \"S2\", P2 = \"S3\", P3 = \"S4\" }"),
            ("P-0|P-1|P-2|P-3", "{ P0 = \"P-0\", P1 = \"P-1\", P2 = \"P-2\", P3 = \"P-3\" }"),
            (
                "priority/p0|priority/p1|priority/p2|priority/p3",
                "{ P0 = \"priority/p0\", P1 = \"priority/p1\", P2 = \"priority/p2\", P3 = \"priority/p3\" }",
            ),
            (
                "Priority: Urgent|Priority: High|Priority: Normal|Priority: Low",
                "{ P0 = \"Priority: Urgent\", P1 = \"Priority: High\", P2 = \"Priority: Normal\", P3 = \"Priority: Low\" }",
            ),
        ] {
            assert_eq!(lines(names), [format!("severity = {want}")], "{names}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_alone() {
        for names in [
            "",
            "bug|docs|good first issue",
            // What holds anyway.
            "P0|P1|P2|P3",
            "p0|p1|p2|p3|in-progress",
            // Not whole.
            "priority: high|priority: medium|priority: low",
            "P1|P2|P3|P4",
            "priority/p1|priority/p2|priority/p3|priority/p4",
            "P0|P1|P2",
            "sev-0|sev-1|sev-2|sev-3|sev-4",
            "sev-1|sev-2|sev-3|sev-5",
            // Two at a time, whole or begun.
            "P0|P1|P2|P3|priority: high|priority: low",
            "S1|S2|S3|S4|severity: critical|severity: high|severity: medium|severity: low",
            // Two labels for one step.
            "priority: critical|priority: urgent|priority: high|priority: medium|priority: low",
            // Sizes, versions, words that stand alone, words that deny.
            "S|M|L|XL",
            "s/critical|s/high|s/medium|s/low",
            "critical|high|medium|low",
            "v1|v2|v3|v4",
            "priority: not critical|priority: not high|priority: not medium|priority: not low",
            "area: critical|area: high|area: medium|area: low",
            "P10|P11|P12|P13",
        ] {
            assert_eq!(lines(names), Vec::<String>::new(), "{names}");
        }
    }

    #[test]
    fn only_the_one_label_that_can_mean_it_is_in_progress() {
        for (names, want) in [
            ("WIP|bug", Some("WIP")),
            ("in progress", Some("in progress")),
            ("status: in progress", Some("status: in progress")),
            ("status/wip|blocked", Some("status/wip")),
            ("wip|in progress", None),
            ("in-progress", None),
            ("not in progress", None),
            ("progress", None),
        ] {
            let found = want.map(|label| format!("status = {{ in-progress = \"{label}\" }}"));
            assert_eq!(lines(names), found.into_iter().collect::<Vec<_>>(), "{names}");
        }
    }

    #[test]
    fn a_label_can_not_break_out_of_its_line() {
        let found = lines("priority: critical\" }|WIP");
        assert_eq!(found, ["status = { in-progress = \"WIP\" }"]);
        assert_eq!(lines("\"wip\""), ["status = { in-progress = \"\\\"wip\\\"\" }"]);
    }
}

//! Whether the issue that covers an entry is found: `match-truth.jsonl`, one row a line, in the order of
//! time.
//!
//! A row is an entry and the issue in which it was tracked. It is compared with the rows before it and
//! nothing else; its own `issue`, `action`, `family` and `label_source` are read only to judge the
//! answer. Numbers of one `family` track one problem. A link is right if it is to the number that was
//! judged or to one of its family.

use std::collections::BTreeSet;
use std::path::Path;

use gardener::likeness::{Index, Told, Verdict, WEAKEST, verdict};
use serde_json::Value;

use super::judged;

type Figures = Vec<(String, String)>;

/// So many candidates are shown to people.
const SHOWN: usize = 3;

struct Row {
    told: Told,
    issue: u64,
    family: Option<String>,
    /// An earlier row has the number, or one of the family.
    matches: bool,
    family_matches: bool,
}

#[derive(Default)]
struct Counts {
    matches: usize,
    first: usize,
    among: usize,
    families: usize,
    linked: usize,
    linked_wrong: usize,
    new: usize,
    new_linked: usize,
    new_asked: usize,
    /// A strong candidate: a batch would not file it.
    new_held: usize,
    known_held: usize,
}

/// Measures a folder. Without judged rows there is nothing.
pub(crate) fn measure(folder: &Path, shown: bool) -> Result<Figures, String> {
    let truths = judged(&folder.join("match-truth.jsonl"))?;
    if truths.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = truths.iter().map(|(_, value)| row(value)).collect();
    let mut counts = Counts::default();
    for at in 0..rows.len() {
        judge(&rows[..at], &rows[at], &mut counts, shown);
    }
    let linkable = rows.iter().filter(|row| row.family_matches).count();
    let recall =
        if linkable == 0 { 0.0 } else { (counts.linked - counts.linked_wrong) as f64 / linkable as f64 };
    let figures = [
        ("match_rows", rows.len().to_string()),
        ("match_known", counts.matches.to_string()),
        ("match_known_first", counts.first.to_string()),
        ("match_known_among_three", counts.among.to_string()),
        ("match_known_family_among_three", counts.families.to_string()),
        ("match_linked", counts.linked.to_string()),
        ("match_linked_right", (counts.linked - counts.linked_wrong).to_string()),
        ("match_linked_wrong", counts.linked_wrong.to_string()),
        ("match_linked_recall", format!("{recall:.4}")),
        ("match_new", counts.new.to_string()),
        ("match_new_linked", counts.new_linked.to_string()),
        ("match_new_unlinked", (counts.new - counts.new_linked).to_string()),
        ("match_new_asked", counts.new_asked.to_string()),
        ("match_new_held", counts.new_held.to_string()),
        ("match_family_known", linkable.to_string()),
        ("match_family_known_held", counts.known_held.to_string()),
    ];
    Ok(figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn row(value: &Value) -> Row {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let tests = value["tests"].as_array().into_iter().flatten();
    let at = text("date").parse::<jiff::Timestamp>().ok();
    Row {
        told: Told {
            title: text("title"),
            tests: tests.filter_map(|test| test.as_str().map(str::to_owned)).collect(),
            files: Vec::new(),
            body: format!("{}\n{}", text("error_excerpt"), text("body_excerpt")),
            at: at.map(jiff::Timestamp::as_second),
        },
        issue: value["issue"].as_u64().unwrap_or_default(),
        family: value["family"].as_str().map(str::to_owned),
        matches: text("expect") == "match",
        family_matches: text("expect_family") == "match",
    }
}

fn judge(before: &[Row], row: &Row, counts: &mut Counts, shown: bool) {
    let index = Index::new(before.iter().map(|row| (row.issue, &row.told)));
    let found = index.like(&row.told, SHOWN, |_| true);
    let named: Vec<u64> =
        found.iter().filter(|like| like.evidence() >= WEAKEST).map(|like| like.issue).collect();
    let family: BTreeSet<u64> = before
        .iter()
        .filter(|other| other.issue == row.issue || other.family.is_some() && other.family == row.family)
        .map(|other| other.issue)
        .collect();
    if row.matches {
        counts.matches += 1;
        counts.first += usize::from(named.first() == Some(&row.issue));
        counts.among += usize::from(named.contains(&row.issue));
        counts.families += usize::from(named.iter().any(|issue| family.contains(issue)));
    }
    let verdict = verdict(&found);
    let linked = (verdict == Verdict::Same).then(|| named.first()).flatten();
    let right = linked.is_some_and(|issue| family.contains(issue));
    counts.linked += usize::from(linked.is_some());
    counts.linked_wrong += usize::from(linked.is_some() && !right);
    let held = usize::from(found.iter().any(|like| like.is_strong()));
    counts.known_held += if row.family_matches { held } else { 0 };
    if !row.family_matches {
        counts.new += 1;
        counts.new_held += held;
        counts.new_linked += usize::from(linked.is_some());
        counts.new_asked += usize::from(!named.is_empty());
    }
    if shown {
        let what = match (linked, right) {
            (Some(_), true) => "linked",
            (Some(_), false) => "linked, wrongly",
            (None, _) => "asked",
        };
        println!("# #{} {}: {what} {named:?}", row.issue, row.told.title);
        for like in &found {
            println!("#   #{} {:.2} {:.2?} {:?}", like.issue, like.score, like.amounts, like.common.line);
        }
    }
}

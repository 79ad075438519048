//! Old worklogs with their entries, judged by people: `import-truth.jsonl`, one line a file.
//!
//! An entry is right if it starts in the line that was judged; one that is `soft` counts neither way. A
//! severity is right if it is one of those that can be defended; a judged word (`warning`) is the level
//! that gardener gives to that word. An issue is right if it is the number that was judged, none
//! included. Both are counted over the entries found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gardener::legacy::{self, Given};
use serde_json::Value;

use super::judged;

type Figures = Vec<(String, String)>;

/// Counts of one file or of all.
#[derive(Clone, Copy, Default)]
struct Counts {
    right: usize,
    extra: usize,
    missed: usize,
    severities: usize,
    issues: usize,
}

/// Measures a folder. Without judged worklogs there is nothing.
pub(crate) fn measure(folder: &Path, shown: bool) -> Result<Figures, String> {
    let truths = judged(&folder.join("import-truth.jsonl"))?;
    if truths.is_empty() {
        return Ok(Vec::new());
    }
    let (mut all, mut files, mut judged) = (Counts::default(), 0, 0);
    for (place, truth) in truths {
        let wrong = |why: String| format!("{place}: {why}");
        let name = truth["file"].as_str().ok_or_else(|| wrong("no `file`".to_owned()))?;
        let bytes = fs::read(folder.join(name)).map_err(|e| wrong(format!("{name}: {e}")))?;
        let counts = one(&String::from_utf8_lossy(&bytes), name, &truth, shown);
        if shown {
            println!(
                "# {name}: {} right, {} extra, {} missed, {} severities, {} issues",
                counts.right, counts.extra, counts.missed, counts.severities, counts.issues
            );
        }
        files += 1;
        judged += counts.right + counts.missed;
        all.right += counts.right;
        all.extra += counts.extra;
        all.missed += counts.missed;
        all.severities += counts.severities;
        all.issues += counts.issues;
    }
    let part = |n: usize, of: usize| if of == 0 { 1.0 } else { n as f64 / of as f64 };
    let (precision, recall) =
        (part(all.right, all.right + all.extra), part(all.right, all.right + all.missed));
    let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
    let figures = [
        ("import_files", files.to_string()),
        ("import_entries_judged", judged.to_string()),
        ("import_entries_found", (all.right + all.extra).to_string()),
        ("import_entries_right", all.right.to_string()),
        ("import_entry_precision", format!("{precision:.4}")),
        ("import_entry_recall", format!("{recall:.4}")),
        ("import_entry_f1", format!("{f1:.4}")),
        ("import_severity_right", format!("{:.4}", part(all.severities, all.right))),
        ("import_issue_right", format!("{:.4}", part(all.issues, all.right))),
    ];
    Ok(figures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn one(text: &str, name: &str, truth: &Value, shown: bool) -> Counts {
    let file = name.rsplit('/').next().unwrap_or(name);
    let read = legacy::read(text, &Given { name: file, ..Given::default() });
    let mut counts = Counts::default();
    let entries = truth["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |entry: &Value| entry["line"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let is_soft = |entry: &&Value| entry["soft"].as_bool() == Some(true);
    let soft: BTreeSet<usize> = entries.iter().filter(is_soft).map(line).collect();
    let judged: BTreeMap<usize, &Value> =
        entries.iter().filter(|e| !is_soft(e)).map(|e| (line(e), e)).collect();
    for entry in read.entries.iter().filter(|entry| !soft.contains(&entry.line)) {
        let Some(truth) = judged.get(&entry.line) else {
            counts.extra += 1;
            if shown {
                println!("  {}: extra: {} ({})", entry.line, entry.title, entry.rule.word());
            }
            continue;
        };
        counts.right += 1;
        let severity = is_severity(entry.severity.map(|s| s.word()), truth);
        counts.severities += usize::from(severity);
        if shown && !severity {
            println!("  {}: severity {:?}, judged {}", entry.line, entry.severity, truth["severity"]);
        }
        let issue = entry.issue.as_ref().filter(|issue| issue.repo.is_none()).map(|issue| issue.number);
        let accepted =
            truth["issue_accept"].as_array().into_iter().flatten().any(|one| one.as_u64() == issue);
        let is_issue = accepted || truth["issue"].as_u64() == issue;
        counts.issues += usize::from(is_issue);
        if shown && !is_issue {
            println!("  {}: issue {issue:?} by {:?}, judged {}", entry.line, entry.joined, truth["issue"]);
        }
    }
    let found: BTreeSet<usize> = read.entries.iter().map(|entry| entry.line).collect();
    for (line, truth) in judged.iter().filter(|(line, _)| !found.contains(*line)) {
        counts.missed += 1;
        if shown {
            println!("  {line}: missed: {}", truth["title"].as_str().unwrap_or_default());
        }
    }
    counts
}

/// Whether a severity is one of those that can be defended.
fn is_severity(found: Option<&str>, truth: &Value) -> bool {
    let accepted = truth["severity_accept"].as_array().into_iter().flatten();
    std::iter::once(&truth["severity"]).chain(accepted).any(|one| match one.as_str() {
        None => found.is_none(),
        Some(word) => found == legacy::severity_of_word(word).map(|s| s.word()),
    })
}

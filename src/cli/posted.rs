//! The texts that a plan would post on GitHub, as a dry run shows them: what notifies people and stays in
//! their mail is worth a look before it is sent.
//!
//! They are what `--json` has in full. Secrets are out of them since the plan was made.

use crate::block::BLOCK_BEGIN;
use crate::cli::terminal::{NAME, QUIET};
use crate::model::{EntryKey, Untrusted};
use crate::plan::{Change, Plan};

/// So many lines of a text are shown where nobody asked for all of it.
const LINES: usize = 5;

/// So many texts.
const TEXTS: usize = 12;

/// A text, what it is, and what it is headed with.
struct Posted<'p> {
    head: String,
    body: &'p str,
    edited: Option<&'p str>,
}

/// The lines to print; all of each text where `whole` is wanted.
pub(super) fn posted(plan: &Plan, whole: bool) -> Vec<String> {
    let all: Vec<_> = plan.changes.iter().filter_map(|change| of(change, whole)).collect();
    let shown = if whole { all.len() } else { all.len().min(TEXTS) };
    let mut lines = Vec::new();
    for text in &all[..shown] {
        lines.push(format!("{NAME}{}{NAME:#}", text.head));
        match text.edited {
            Some(after) => {
                let diff = similar::TextDiff::from_lines(text.body, after);
                let diff = diff.unified_diff().context_radius(1).to_string();
                lines.extend(diff.lines().map(quoted));
            }
            None => lines.extend(body(text.body, whole)),
        }
    }
    let left = all.len() - shown;
    if left > 0 {
        lines.push(format!("{QUIET}and {left} more; --verbose shows all of each{QUIET:#}"));
    }
    lines
}

fn of(change: &Change, whole: bool) -> Option<Posted<'_>> {
    let (head, body, edited) = match change {
        Change::CreateIssue(new) => {
            let title = Untrusted(&new.title);
            (format!("new issue for {}: {title}", names(&new.keys)), new.body.as_str(), None)
        }
        Change::CreateComment(new) => {
            (format!("comment on #{} for {}", new.number, names(&new.keys)), new.body.as_str(), None)
        }
        Change::CloseDuplicate(c) => {
            (format!("comment on #{}, a duplicate of #{}", c.number, c.winner), c.comment.as_deref()?, None)
        }
        // In short, a block that follows its entry is said by the entry's own line.
        Change::EditText(c) if whole => {
            let what = if c.comment.is_some() { "gardener's comment on" } else { "text of" };
            (format!("{what} #{}, edited", c.number), c.text.before.as_str(), Some(c.text.after.as_str()))
        }
        _ => return None,
    };
    Some(Posted { head, body, edited })
}

fn names(keys: &[EntryKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The lines of a text. In short those for machines are no part of it.
fn body(text: &str, whole: bool) -> Vec<String> {
    if whole {
        return text.lines().map(quoted).collect();
    }
    // The block of links follows its entries, and markers are of no use to people.
    let prose = text.lines().take_while(|line| !line.starts_with(BLOCK_BEGIN));
    let prose: Vec<&str> =
        prose.filter(|l| !l.starts_with("<!-- gardener:") && !l.trim().is_empty()).collect();
    let mut lines: Vec<String> = prose.iter().take(LINES).map(|line| quoted(line)).collect();
    if prose.len() > LINES {
        let more = prose.len() - LINES;
        let s = if more == 1 { "" } else { "s" };
        lines.push(format!("  {QUIET}| and {more} more line{s}{QUIET:#}"));
    }
    lines
}

fn quoted(line: &str) -> String {
    format!("  | {}", Untrusted(line)).trim_end().to_owned()
}

//! The plan on a terminal: what a person reads is the value that is carried out.

use std::fmt;

use crate::merge::{Conflict, Note};
use crate::model::Untrusted;
use crate::plan::{Change, IssueConflict, Line, Plan, WorklogLines, lines, lines_of_issues};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for worklog in lines(self, None) {
            write!(f, "{worklog}")?;
        }
        let labels: Vec<_> = self
            .changes
            .iter()
            .filter_map(|c| match c {
                Change::CreateLabel(new) => Some(Untrusted(new.label.name()).to_string()),
                _ => None,
            })
            .collect();
        if !labels.is_empty() {
            writeln!(f, "labels to make: {}", labels.join(", "))?;
        }
        for (number, note) in &self.notes {
            writeln!(f, "#{number}: {note}")?;
        }
        for line in lines_of_issues(self, None) {
            writeln!(f, "{line}")?;
        }
        for conflict in &self.settled {
            writeln!(f, "{conflict}")?;
        }
        for brake in &self.brakes {
            writeln!(f, "{brake}")?;
        }
        Ok(())
    }
}

impl fmt::Display for WorklogLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|l| l.key.entry.as_str().len()).max().unwrap_or(0);
        let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| format!("#{n}"));
        let numbers = self.lines.iter().map(|l| number(l.number).len()).max().unwrap_or(0);
        writeln!(f, "{}", Untrusted(&self.path))?;
        for line in &self.lines {
            let (entry, number) = (line.key.entry.as_str(), number(line.number));
            writeln!(f, "  {entry:width$}  {number:numbers$}  {}", line.texts.join(", "))?;
            if let Some(hint) = &line.hint {
                writeln!(f, "  {:width$}  {:numbers$}  {hint}", "", "")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    /// As of an issue by itself: `#12: -> comment`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "#{number}: ")?,
            None => write!(f, "{}: ", self.key)?,
        }
        f.write_str(&self.texts.join(", "))
    }
}

impl fmt::Display for IssueConflict {
    /// `would be settled: w/e #12: status completed here, open there`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conflict { key, field, here, there, .. } = &self.conflict;
        let (here, there) = (Untrusted(here), Untrusted(there));
        write!(f, "would be settled: {key} #{}: {field} {here} here, {there} there", self.number)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(labels) => {
                let names: Vec<_> = labels.iter().map(|l| Untrusted(l.name()).to_string()).collect();
                write!(f, "kept {}: removed on one side, added on another", names.join(", "))
            }
            Self::BlockUnreadable => f.write_str(
                "the gardener block can't be read and is left alone; delete it on GitHub to get a new one",
            ),
            Self::BrokenRule(problem) => {
                write!(f, "the gardener rule in its text can't be read: {}", Untrusted(problem))
            }
            Self::Forged { comment, by } => {
                match comment {
                    Some(id) => write!(f, "comment {id}")?,
                    None => f.write_str("its text")?,
                }
                let by = if by.is_empty() { "a deleted account" } else { by };
                write!(
                    f,
                    ", by {}, has a marker or block like gardener's and is ignored: nobody here vouches for \
                     its author",
                    Untrusted(by)
                )
            }
        }
    }
}

//! What worklogs and issues say, and what people change in them.
//!
//! Texts come from counting: an entry has a place, from 0 over all worklogs, and all that it says
//! follows from that.
#![expect(clippy::disallowed_methods, reason = "a benchmark acts on the real world")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use github_stand_in::Reason;

use crate::Told;
use crate::scene::{REPO, Scene, Size};

/// The labels of areas, which issues have in turn.
pub(crate) const AREAS: [&str; 7] = ["api", "build", "cache", "docs", "login", "search", "storage"];

/// An entry that is changed: its place and its issue.
pub(crate) type Changed = (usize, u64);

impl Scene {
    /// Writes a worklog of these entries, each with a section of prose.
    pub(crate) fn write(&self, id: &str, entries: &[String]) -> Told<()> {
        let mut text = format!("---\ngardener: 1\nid: {id}\ntitle: Tests of {id}\nentries:\n");
        text.extend(entries.iter().map(String::as_str));
        let _ = write!(text, "---\n\n# Tests of {id}\n");
        for entry in entries {
            let Some(id) = entry.strip_prefix("  - id: ").and_then(|rest| rest.lines().next()) else {
                continue;
            };
            let _ = write!(text, "\n## Notes on {id}\n<!-- gardener:entry {id} -->\n\n{}", body(about(id)));
        }
        Ok(fs::write(self.top().join(format!("worklogs/{id}.md")), text)?)
    }

    fn path(&self, size: Size, place: usize) -> PathBuf {
        self.top().join(format!("worklogs/log-{:05}.md", place / size.entries))
    }

    /// The ten entries that are changed, evenly spread.
    pub(crate) fn ten(&self, size: Size) -> Told<Vec<Changed>> {
        let number = |place: usize| -> Told<Changed> {
            let text = fs::read_to_string(self.path(size, place))?;
            let (_, after) =
                text.split_once(&format!("  - id: {}\n", id(place))).ok_or("an entry is missing")?;
            let (_, number) = after.split_once("    issue: ").ok_or("an entry has no issue")?;
            Ok((place, number.lines().next().unwrap_or_default().parse()?))
        };
        (0..10).map(|turn| number(turn * (size.tracked / 10) + turn % 3)).collect()
    }

    /// The worklogs lose what gardener wrote at their end: the base lines.
    pub(crate) fn strip_bases(&self) -> Told<()> {
        for item in fs::read_dir(self.top().join("worklogs"))? {
            let path = item?.path();
            let text = fs::read_to_string(&path)?;
            let (kept, _) = text.split_once("<!-- gardener:base").ok_or("a worklog has no base")?;
            fs::write(&path, kept)?;
        }
        self.commit("without base lines")
    }

    /// The repository is as a fresh clone of it: gardener's own files are gone.
    pub(crate) fn forget(&self) -> Told<()> {
        Ok(fs::remove_dir_all(self.top().join(".git/gardener"))?)
    }

    /// Somebody edits ten entries here, evenly spread: four are closed, three get another
    /// severity, three a label more.
    pub(crate) fn edit_ten(&self, size: Size) -> Told<()> {
        for (turn, (place, _)) in self.ten(size)?.into_iter().enumerate() {
            let path = self.path(size, place);
            let text = fs::read_to_string(&path)?;
            let start = text.find(&format!("  - id: {}\n", id(place))).ok_or("an entry is missing")?;
            let (before, after) = text.split_at(start);
            let (from, to) = match turn {
                0..4 => ("status: open".to_owned(), "status: completed".to_owned()),
                4..7 => {
                    (format!("severity: {}", severity(place)), format!("severity: {}", severity(place + 1)))
                }
                _ => ("labels: [".to_owned(), "labels: [regression, ".to_owned()),
            };
            let edited = after.replacen(&from, &to, 1);
            if edited == after {
                return Err(format!("{} has no {from:?}", path.display()).into());
            }
            fs::write(&path, format!("{before}{edited}"))?;
        }
        Ok(())
    }

    /// Somebody does the same on GitHub.
    pub(crate) fn change_ten(&self, size: Size) -> Told<()> {
        let ten = self.ten(size)?;
        self.server.with(|github| {
            for (turn, (place, number)) in ten.into_iter().enumerate() {
                match turn {
                    0..4 => github.close_as("bob", REPO, number, Reason::Completed),
                    4..7 => {
                        github.unlabel_as("bob", REPO, number, severity(place));
                        github.label_as("bob", REPO, number, severity(place + 1));
                    }
                    _ => github.label_as("bob", REPO, number, "regression"),
                }
            }
        });
        Ok(())
    }

    /// Somebody writes `count` entries more, ten to a worklog.
    pub(crate) fn write_more(&self, count: usize) -> Told<()> {
        for worklog in 0..count.div_ceil(10) {
            let places = worklog * 10..count.min((worklog + 1) * 10);
            let entries: Vec<_> = places.map(new_entry).collect();
            self.write(&format!("more-{worklog:05}"), &entries)?;
        }
        self.commit("more worklogs")
    }
}

/// What an issue says: about a kilobyte. No two say the same, or gardener would take them for one.
pub(crate) fn body(place: usize) -> String {
    let mut text = format!(
        "The test `{}::{}` fails since {}.\n\n### Steps\n\n1. Check out `main`\n2. Run {} with {}\n\n```\n",
        area(place),
        word(place, 0),
        word(place, 1),
        word(place, 2),
        word(place, 3)
    );
    for line in 4..12 {
        let _ = writeln!(
            text,
            "  {}.{}: {} is not {}",
            word(place, line),
            word(place, line + 10),
            word(place, line + 20),
            word(place, line + 30)
        );
    }
    text.push_str("```\n");
    for line in 50..54 {
        let words: Vec<_> = (0..12).map(|turn| word(place, line * 20 + turn)).collect();
        let _ = writeln!(text, "\n{}.", words.join(" "));
    }
    text
}

/// A title for the issue of an entry.
pub(crate) fn title(place: usize) -> String {
    let [one, two, three, four] = [60, 61, 62, 63].map(|turn| word(place, turn));
    format!("{}: {one} {two} ends with {three} {four}", area(place))
}

/// A word without meaning, of two to four syllables, by a fixed mixture of its numbers.
fn word(place: usize, turn: usize) -> String {
    let mut mixed = (place as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (turn as u64 + 7).wrapping_mul(0xD1B5_4A32_D192_ED03);
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 32;
    let mut word = String::new();
    for _ in 0..2 + mixed % 3 {
        mixed /= 7;
        word.push(char::from(b"bdfgklmnprstvz"[(mixed % 14) as usize]));
        mixed /= 14;
        word.push(char::from(b"aeiou"[(mixed % 5) as usize]));
        mixed /= 5;
    }
    word
}

/// The severity of an entry.
pub(crate) fn severity(place: usize) -> &'static str {
    ["P1", "P2", "P3", "P2"][place % 4]
}

/// The label of an entry's area.
pub(crate) fn area(place: usize) -> &'static str {
    AREAS[place % AREAS.len()]
}

/// The number that the prose of an entry follows from.
fn about(id: &str) -> usize {
    let place = id.split_once('-').and_then(|(_, place)| place.parse().ok()).unwrap_or_default();
    if id.starts_with("new-") { NEW + place } else { place }
}

fn id(place: usize) -> String {
    format!("case-{place:05}")
}

/// An entry. One of `every` so many is tracked: it names an issue of somebody else's, or waits to
/// be filed.
pub(crate) fn entry(place: usize, every: usize, foreign: bool) -> String {
    let link = match (place.is_multiple_of(every), foreign) {
        (true, true) => format!("    issue: {}\n", place / every + 1),
        (true, false) => String::new(),
        (false, _) => "    hold: not worth an issue yet\n".to_owned(),
    };
    // Where not all are tracked the issue is counted by another number than the entry.
    let like = if place.is_multiple_of(every) { place / every } else { place };
    let area = area(like);
    format!(
        "  - id: {}\n    title: \"{}\"\n    severity: {}\n    status: open\n{link}    labels: [{area}, failing-test]\n",
        id(place),
        title(like),
        severity(like)
    )
}

/// Where the places of new entries begin, beyond those of all others.
const NEW: usize = 1_000_000;

fn new_entry(place: usize) -> String {
    format!(
        "  - id: new-{place:05}\n    title: \"{}\"\n    severity: P2\n    status: open\n    labels: [failing-test]\n",
        title(NEW + place)
    )
}

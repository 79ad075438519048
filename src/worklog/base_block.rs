//! The base block: what both sides agreed on at the last sync, one line an entry.
//!
//! Equal bases are equal bytes in any file, so that git merges what two people synced
//! apart: where GitHub does not tell upper from lower case, lower case is written. The
//! constant `-` lines keep changes of neighbouring lines from touching, and `<` and `>` are
//! escaped, so that nothing in a line can end the comment. Only gardener writes the block,
//! and it is read strictly: a guess here would undo somebody's edit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{
    Base, EntryId, Issue, IssueRef, Label, Labels, Link, LinkTarget, Links, Severity, Timestamp, Vocabulary,
    guarded_json,
};
use crate::worklog::diagnostic::{Diagnostic, quoted};
use crate::worklog::lines::lines;
use crate::worklog::regions::BASE_OPENING;
use crate::worklog::values::FORMAT;

/// A line of the block as JSON. `severity` tells `null`, known to be none, from absent.
#[derive(Deserialize)]
struct Wire {
    issue: String,
    status: Option<String>,
    #[serde(default, deserialize_with = "present")]
    severity: Option<Option<String>>,
    labels: Option<Vec<String>>,
    links: Option<Vec<String>>,
    seen: Timestamp,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

fn present<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

/// The block for `bases`, from `<!--` to `-->` without a line ending after it; lines end
/// in `ending`.
pub fn render(bases: &BTreeMap<EntryId, Base>, ending: &str) -> String {
    let mut block = format!("{BASE_OPENING} {FORMAT}{ending}");
    for (id, base) in bases {
        let _ = write!(block, "{id} {}{ending}-{ending}", line(base));
    }
    block.push_str("-->");
    block
}

/// The canonical JSON of one base: fixed order of keys, what is not known left out.
fn line(base: &Base) -> String {
    let list = |items: Vec<String>| {
        let items: Vec<String> = items.iter().map(|item| string(item)).collect();
        format!("[{}]", items.join(","))
    };
    let mut json = format!("{{\"issue\":{}", string(&issue(&base.issue)));
    if let Some(status) = &base.agreed.status {
        json += &format!(",\"status\":{}", string(status.word()));
    }
    if let Some(severity) = base.agreed.severity {
        let word = severity.map_or("null".to_owned(), |severity| string(severity.word()));
        json += &format!(",\"severity\":{word}");
    }
    if let Some(labels) = &base.agreed.labels {
        let names = labels.iter().map(|label| label.folded().to_owned()).collect();
        json += &format!(",\"labels\":{}", list(names));
    }
    if let Some(links) = &base.agreed.links {
        let mut texts: Vec<String> = links.iter().map(link).collect();
        texts.sort();
        json += &format!(",\"links\":{}", list(texts));
    }
    json + &format!(",\"seen\":{}}}", string(&base.seen.to_string()))
}

fn issue(issue: &IssueRef) -> String {
    issue.to_string().to_ascii_lowercase()
}

fn link(link: &Link) -> String {
    match &link.target {
        LinkTarget::Issue(_) => link.to_string().to_ascii_lowercase(),
        LinkTarget::Url(_) | LinkTarget::Path(_) => link.to_string(),
    }
}

fn string(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    // What is hidden is escaped, too: a reviewer reads these lines.
    guarded_json(&json).replace('<', "\\u003c").replace('>', "\\u003e")
}

/// What a block says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// By entry; the entry may be gone from the worklog.
    pub bases: BTreeMap<EntryId, Base>,
    /// Entries with more than one line.
    pub doubled: BTreeSet<EntryId>,
    /// What is wrong with it. Places are bytes of the block.
    pub found: Vec<Diagnostic>,
}

/// Reads a block, from `<!--` to `-->`.
///
/// Two lines for one entry, as a merge in git can leave them, become one base of the
/// fields on which they agree, seen when the earlier of them was; if they are about
/// different issues the entry has no base.
pub fn parse(block: &str, vocabulary: &Vocabulary) -> Block {
    let failed = |diagnostic| Block { found: vec![diagnostic], ..Block::default() };
    let (mut found, mut doubled) = (Vec::new(), BTreeSet::new());
    let mut bases: BTreeMap<EntryId, (Option<Base>, Range<usize>)> = BTreeMap::new();
    let mut rest = lines(block, 0);
    let Some(first) = rest.next() else { return failed(broken(0..0, "it is empty")) };
    let opening = block[first.text.clone()].trim_end();
    let (version, one_line) = match opening.strip_suffix("-->") {
        Some(opening) => (opening.trim_end(), true),
        None => (opening, false),
    };
    match version.strip_prefix(BASE_OPENING).map(|version| version.trim().parse::<u64>()) {
        Some(Ok(version)) if version == FORMAT => {}
        Some(Ok(version)) if version > FORMAT => {
            return failed(newer(first.text, &format!("format {version}")));
        }
        _ => return failed(broken(first.text, "its first line has no version")),
    }
    let mut closed = one_line;
    for at in rest {
        let text = block[at.text.clone()].trim_end();
        match text {
            "-->" => closed = true,
            "" | "-" => {}
            _ => match read_line(text, &at.text, vocabulary, &mut found) {
                Ok((id, base)) => match bases.remove(&id) {
                    None => drop(bases.insert(id, (Some(base), at.text))),
                    Some((twin, span)) => {
                        found.push(double(&id, &at.text, &span));
                        doubled.insert(id.clone());
                        let both = twin.and_then(|twin| agreement(twin, base));
                        bases.insert(id, (both, span));
                    }
                },
                Err(diagnostic) => found.push(diagnostic),
            },
        }
    }
    if !closed {
        found.push(broken(first.text, "it is not closed by a line `-->`"));
    }
    let bases = bases.into_iter().filter_map(|(id, (base, _))| Some((id, base?))).collect();
    Block { bases, doubled, found }
}

fn read_line(
    text: &str,
    span: &Range<usize>,
    vocabulary: &Vocabulary,
    found: &mut Vec<Diagnostic>,
) -> Result<(EntryId, Base), Diagnostic> {
    let broken = |why: &str| broken(span.clone(), why);
    let (id, json) = text.split_once(' ').ok_or_else(|| broken("a line is not an id and its values"))?;
    let id = EntryId::new(id).map_err(|_| broken("a line does not start with an entry's id"))?;
    let wire: Wire =
        serde_json::from_str(json).map_err(|_| broken("the values of a line are not readable"))?;
    if let Some(key) = wire.unknown.keys().next() {
        return Err(newer(span.clone(), &format!("the key {}", quoted(key))));
    }
    let issue = IssueRef::parse(&wire.issue).filter(|issue| issue.repo.is_some());
    let issue = issue.ok_or_else(|| broken("a line does not name an issue as owner/repo#number"))?;
    let status = wire.status.and_then(|word| {
        let status = vocabulary.status(&word);
        if status.is_none() {
            let message =
                format!("the base names the status {}, which this project does not have", quoted(&word));
            let help = "nothing to do: the status counts as never agreed on, and the next sync settles it";
            found.push(Diagnostic::warning("unknown-status", span.clone(), message, help));
        }
        status
    });
    let severity = match wire.severity {
        Some(Some(word)) => {
            Some(Some(word.parse::<Severity>().map_err(|()| broken("a severity is unknown"))?))
        }
        Some(None) => Some(None),
        None => None,
    };
    let labels =
        wire.labels.map(|names| names.iter().map(|name| Label::new(name)).collect::<Option<Labels>>());
    let labels = labels.map(|labels| labels.ok_or_else(|| broken("a label is not one"))).transpose()?;
    let links =
        wire.links.map(|texts| texts.iter().map(|text| Link::parse(text)).collect::<Result<Links, _>>());
    let links = links.transpose().map_err(|_| broken("a link is not one"))?;
    Ok((id, Base { issue, agreed: Issue { status, severity, labels, links }, seen: wire.seen }))
}

/// What two bases of one entry have in common, of sets the elements; nothing if they are
/// about two issues.
fn agreement(a: Base, b: Base) -> Option<Base> {
    fn same<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<T> {
        if a == b { a } else { None }
    }
    fn common<T: Ord + Clone>(a: Option<BTreeSet<T>>, b: Option<BTreeSet<T>>) -> Option<BTreeSet<T>> {
        Some(a?.intersection(&b?).cloned().collect())
    }
    (a.issue == b.issue).then(|| Base {
        issue: a.issue,
        agreed: Issue {
            status: same(a.agreed.status, b.agreed.status),
            severity: same(a.agreed.severity, b.agreed.severity),
            labels: common(a.agreed.labels, b.agreed.labels),
            links: common(a.agreed.links, b.agreed.links),
        },
        seen: a.seen.min(b.seen),
    })
}

fn broken(span: Range<usize>, why: &str) -> Diagnostic {
    let help = "restore the block from git (`git log -p` shows it), or delete the line: \
        its entry then counts as linked for the first time";
    Diagnostic::error("broken-base", span, format!("the base block is not readable: {why}"), help)
}

fn newer(span: Range<usize>, what: &str) -> Diagnostic {
    let message = format!("the base block was written by a newer gardener: {what}");
    Diagnostic::error(crate::worklog::NEWER_FORMAT, span, message, "upgrade gardener")
}

fn double(id: &EntryId, span: &Range<usize>, first: &Range<usize>) -> Diagnostic {
    let message = format!("the base block has two lines for {}", quoted(id.as_str()));
    let help = "nothing to do: what they agree on counts, and the next sync writes one line";
    Diagnostic::warning("double-base", span.clone(), message, help).and(first.clone(), "first here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    const FULL: &str = "<!-- gardener:base 1\n\
        event-structure {\"issue\":\"acme/app#1021\",\"status\":\"open\",\"severity\":\"P1\",\
        \"labels\":[\"failing-test\",\"websocket\"],\"links\":[\"#1060\"],\"seen\":\"2025-09-14T12:03:11Z\"}\n\
        -\n-->";

    fn id(text: &str) -> EntryId {
        EntryId::new(text).expect("an id")
    }

    fn read(block: &str) -> (BTreeMap<EntryId, Base>, Vec<&'static str>) {
        let Block { bases, found, .. } = parse(block, &Vocabulary::default());
        (bases, found.iter().map(|d| d.code).collect())
    }

    #[test]
    fn the_canonical_block_is_read_and_written_again() {
        let (bases, found) = read(FULL);
        assert_eq!(found, [""; 0]);
        assert_eq!(render(&bases, "\n"), FULL);
        assert_eq!(read(&render(&bases, "\r\n")), (bases.clone(), vec![]));
        let base = &bases[&id("event-structure")];
        assert_eq!(base.agreed.status, Some(Status::Open));
        assert_eq!(base.agreed.severity, Some(Some(Severity::P1)));
        assert_eq!(render(&BTreeMap::new(), "\n"), "<!-- gardener:base 1\n-->");
    }

    #[test]
    fn equal_bases_are_equal_bytes() {
        let (mut bases, _) = read(
            "<!-- gardener:base 1  \nb {\"seen\":\"2025-01-01T00:00:00.5Z\",\"severity\":null,\"issue\":\"a/b#2\"}\n\
             a {\"issue\":\"a/b#1\",\"labels\":[\"z\",\"B\",\"a\"],\"links\":[\"https://x\",\"#9\",\"#10\"],\
             \"seen\":\"2025-01-01T00:00:00Z\"}\n-->",
        );
        let text = "<!-- gardener:base 1\n\
             a {\"issue\":\"a/b#1\",\"labels\":[\"a\",\"b\",\"z\"],\"links\":[\"#10\",\"#9\",\"https://x\"],\
             \"seen\":\"2025-01-01T00:00:00Z\"}\n-\n\
             b {\"issue\":\"a/b#2\",\"severity\":null,\"seen\":\"2025-01-01T00:00:00Z\"}\n-\n-->";
        assert_eq!(render(&bases, "\n"), text);
        let base = bases.get_mut(&id("a")).expect("there");
        base.agreed.labels = Some(["-->", "<!--", "\"\\", "é"].into_iter().filter_map(Label::new).collect());
        let text = render(&bases, "\n");
        assert_eq!(text.matches("-->").count(), 1, "{text}");
        assert_eq!(read(&text), (bases, vec![]));
    }

    #[test]
    fn two_lines_for_one_entry_are_what_they_agree_on() {
        let line = |status: &str, issue: u32, day: u32| {
            format!(
                "x {{\"issue\":\"a/b#{issue}\",\"status\":\"{status}\",\"severity\":null,\"seen\":\"2025-01-0{day}T00:00:00Z\"}}\n-\n"
            )
        };
        let block = |lines: &[String]| format!("<!-- gardener:base 1\n{}-->", lines.concat());
        let (bases, found) = read(&block(&[line("open", 1, 3), line("completed", 1, 2)]));
        assert_eq!(found, ["double-base"]);
        let base = &bases[&id("x")];
        assert_eq!((&base.agreed.status, base.agreed.severity), (&None, Some(None)));
        assert_eq!(base.seen.to_string(), "2025-01-02T00:00:00Z");
        let (bases, _) = read(&block(&[line("open", 1, 1), line("open", 2, 1), line("open", 1, 1)]));
        assert_eq!(bases.len(), 0, "different issues");
    }

    #[test]
    fn what_is_not_canonical_enough_is_named() {
        for (line, code) in [
            ("x", "broken-base"),
            ("x y", "broken-base"),
            ("x {}", "broken-base"),
            ("! {\"issue\":\"a/b#1\",\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            ("x {\"issue\":\"#1\",\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            ("x {\"issue\":\"a/b#1\",\"seen\":\"today\"}", "broken-base"),
            ("x {\"issue\":\"a/b#1\",\"issue\":\"a/b#1\",\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            ("x {\"issue\":\"a/b#1\",\"severity\":\"P9\",\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            ("x {\"issue\":\"a/b#1\",\"labels\":[\"\"],\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            ("x {\"issue\":\"a/b#1\",\"links\":[\"../x\"],\"seen\":\"2025-01-01T00:00:00Z\"}", "broken-base"),
            (
                "x {\"issue\":\"a/b#1\",\"status\":\"gone\",\"seen\":\"2025-01-01T00:00:00Z\"}",
                "unknown-status",
            ),
            ("x {\"issue\":\"a/b#1\",\"mood\":1,\"seen\":\"2025-01-01T00:00:00Z\"}", "newer-format"),
        ] {
            assert_eq!(read(&format!("<!-- gardener:base 1\n{line}\n-\n-->")).1, [code], "{line}");
        }
        assert_eq!(read("<!-- gardener:base 2\n-->").1, ["newer-format"]);
        assert_eq!(read("<!-- gardener:base x\n-->").1, ["broken-base"]);
        assert_eq!(read("<!-- gardener:base 1\n-\n").1, ["broken-base"]);
        assert_eq!(read("").1, ["broken-base"]);
        assert_eq!(read("<!-- gardener:base 1 -->").1, [""; 0]);
    }
}

//! The keys of front matter, for whoever reads it: the parser (is this a key?), editors and the reference
//! page. In the order in which they are written.

use crate::model::{FileKey, Shape};

const fn key(name: &'static str, shape: Shape, meaning: &'static str) -> FileKey {
    FileKey { name, shape, meaning, required: false }
}

const fn required(name: &'static str, shape: Shape, meaning: &'static str) -> FileKey {
    FileKey { name, shape, meaning, required: true }
}

/// The keys at the top.
pub const HEADER: [FileKey; 14] = [
    required(
        "gardener",
        Shape::Version,
        "The version of this format. A newer one than this gardener knows is refused.",
    ),
    required("id", Shape::Id(64), "Given once, unique in the repository, never changes."),
    key("title", Shape::Text, "What the worklog is about, one line."),
    key("kind", Shape::Usual(&["failing-tests", "logs", "notes"]), "What kind of worklog it is."),
    key("focus", Shape::Text, "The area of the run or session."),
    key("started", Shape::Text, "When the run began, as `\"2025-09-14T11:59:30Z\"`, in quotes."),
    key("session", Shape::Text, "The work session, for the label that `labels.session` makes of it."),
    key("commit", Shape::Text, "The commit that the run was of."),
    key("dirty", Shape::Flag, "Whether there were changes besides that commit."),
    key("runs", Shape::Maps(&RUN), "The suites of the run, with their counts. `gardener run` writes them."),
    key("labels", Shape::Labels, "Labels that are put on every entry's issue, once."),
    key("archived", Shape::Flag, "`true` freezes the worklog: no sync reads it."),
    key("imported", Shape::Flag, "`true` says that all this is old: a sync makes no comment of it."),
    key("entries", Shape::Maps(&ENTRY), "The problems, one item each."),
];

/// The keys of a run.
pub const RUN: [FileKey; 9] = [
    key("suite", Shape::Text, "The suite, by its name in `gardener.toml`."),
    key("command", Shape::Text, "What was run."),
    key("outcome", Shape::Usual(&["passed", "failed", "timed-out", "error"]), "How it ended."),
    key("passed", Shape::Whole(0, u64::MAX), "So many tests passed."),
    key("failed", Shape::Whole(0, u64::MAX), "So many failed."),
    key("skipped", Shape::Whole(0, u64::MAX), "So many were left out."),
    key("duration", Shape::Kept, "How long it took."),
    key("note", Shape::Kept, "What there is to say besides."),
    key("digest", Shape::Text, "Stands for the results, so that the same ones are not collected twice."),
];

/// The keys of an entry.
pub const ENTRY: [FileKey; 23] = [
    required("id", Shape::Id(64), "Given once, unique in the worklog, never changes."),
    required(
        "title",
        Shape::Text,
        "One line. It is sent when the issue is made, and belongs to GitHub from then on.",
    ),
    key("severity", Shape::Severity, "How bad it is; a label on GitHub. Kept equal on both sides."),
    key("severity_text", Shape::Kept, "The same in the words of an old worklog."),
    key(
        "status",
        Shape::Status,
        "Where it stands; open or closed on GitHub, or a label. Kept equal on both sides.",
    ),
    key("status_text", Shape::Kept, "The same in the words of an old worklog."),
    key("hold", Shape::Text, "Why it is not to be filed. As long as this stands, no issue is made for it."),
    key("issue", Shape::Issue, "The issue that tracks it. Leave it out, and a sync files a new one."),
    key("labels", Shape::Labels, "Its own labels. Kept equal on both sides, one by one."),
    key("links", Shape::Links, "Issues, addresses and paths. Kept equal on both sides, but for paths."),
    key("impact", Shape::Text, "What it costs whom."),
    key("tests", Shape::Texts, "Failing tests by name."),
    key("files", Shape::Texts, "Files that it is about."),
    key("owner", Shape::Text, "Who looks after it."),
    key("fingerprint", Shape::Text, "Stands for the failure: entries with an equal one are one problem."),
    key("suites", Shape::Texts, "The suites in which it was found."),
    key("flaky", Shape::Flag, "Whether it both passes and fails at one commit."),
    key("first_seen", Shape::Text, "When it was first seen."),
    key("last_seen", Shape::Text, "When it was last seen."),
    key("count", Shape::Whole(0, u64::MAX), "How often it was seen."),
    key("passed_at", Shape::Texts, "Commits after the failing one at which all its tests passed."),
    key(
        "candidates",
        Shape::Candidates,
        "Issues that may be its own, for somebody to decide. An empty list says that it is none of them.",
    ),
    key("reason", Shape::Text, "Why it has the issue that it has."),
];

/// The keys of a candidate.
pub const CANDIDATE: [FileKey; 3] = [
    required("issue", Shape::Issue, "The issue."),
    key("score", Shape::Share, "How alike they are, from 0 to 1."),
    key("reason", Shape::Text, "What they have in common."),
];

/// Their names.
pub(crate) const fn names<const N: usize>(keys: &[FileKey; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = keys[at].name;
        at += 1;
    }
    names
}

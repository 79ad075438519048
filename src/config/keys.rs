//! The list of all keys, for the reference page, for suggestions and for refusals.
//!
//! What a value means is decided in `parse`; a test holds the two together.

use crate::model::Shape;

/// One key of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// With its table: `sync.create-limit`.
    pub name: &'static str,
    /// What a value looks like, for editors.
    pub shape: Shape,
    /// A value, as TOML.
    pub example: &'static str,
    /// What holds when it is absent.
    pub default: &'static str,
    /// What it decides, one or two sentences.
    pub meaning: &'static str,
}

/// Every key, in the order of a well-kept file.
pub const KEYS: &[Key] = &[
    Key {
        name: "gardener",
        shape: Shape::Version,
        example: "1",
        default: "1",
        meaning: "The version of this file's format. A newer one than this gardener knows is refused.",
    },
    Key {
        name: "repository",
        shape: Shape::Repository,
        example: "\"acme/app\"",
        default: "what the remote names",
        meaning: "The repository on GitHub whose issues are kept. Its host always comes from the remote.",
    },
    Key {
        name: "worklogs",
        shape: Shape::Inside,
        example: "\"worklogs\"",
        default: "\"worklogs\"",
        meaning: "The folder of the worklogs, from the top of the repository.",
    },
    Key {
        name: "labels.severity",
        shape: Shape::SeverityLabels,
        example: "{ P0 = \"severity: critical\" }",
        default: "each severity's own name",
        meaning: "The label that carries each severity, P0 to P3.",
    },
    Key {
        name: "labels.status",
        shape: Shape::StatusLabels,
        example: "{ blocked = \"blocked\" }",
        default: "{ in-progress = \"in-progress\" }",
        meaning: "Statuses that are an open issue plus a label. in-progress is there without being named.",
    },
    Key {
        name: "labels.ignore",
        shape: Shape::Patterns,
        example: "[\"bot/*\"]",
        default: "[]",
        meaning: "Patterns of labels that are neither pulled nor pushed.",
    },
    Key {
        name: "labels.session",
        shape: Shape::SessionLabel,
        example: "\"agent-session-{session}\"",
        default: "none",
        meaning: "The label of the work session that a worklog names.",
    },
    Key {
        name: "sync.branches",
        shape: Shape::Patterns,
        example: "[\"main\", \"release/*\"]",
        default: "[\"*\"]",
        meaning: "Patterns of the branches that may write to GitHub.",
    },
    Key {
        name: "sync.default-branch",
        shape: Shape::Branch,
        example: "\"main\"",
        default: "what the remote says",
        meaning: "Off this branch, only worklogs that the branch changed are synced.",
    },
    Key {
        name: "sync.create-limit",
        shape: Shape::Whole(1, 100_000),
        example: "10",
        default: "10",
        meaning: "More new issues than this stop a sync before its first write.",
    },
    Key {
        name: "sync.close-limit",
        shape: Shape::Whole(1, 100_000),
        example: "10",
        default: "10",
        meaning: "More closings than this stop a sync before its first write.",
    },
    Key {
        name: "sync.update-limit",
        shape: Shape::Whole(1, 100_000),
        example: "50",
        default: "50",
        meaning: "More other changes than this, counted by field, stop a sync before its first write.",
    },
    Key {
        name: "sync.comment-limit",
        shape: Shape::Whole(1, 100_000),
        example: "20",
        default: "20",
        meaning: "More comments than this stop a sync before its first write.",
    },
    Key {
        name: "sync.comment-days",
        shape: Shape::Whole(1, 365),
        example: "3",
        default: "3",
        meaning: "At most one new comment on an issue in this many days.",
    },
    Key {
        name: "sync.deadline",
        shape: Shape::Time,
        example: "\"5s\"",
        default: "\"5s\"",
        meaning: "How long the pre-push hook may take before it lets the push go on.",
    },
    Key {
        name: "trust.authors",
        shape: Shape::Accounts,
        example: "[\"ci-bot\"]",
        default: "[]",
        meaning: "Accounts whose markers count, besides those who belong to the repository.",
    },
    Key {
        name: "matching.likeness",
        shape: Shape::Words(&["link", "ask", "off"]),
        example: "\"ask\"",
        default: "\"link\"",
        meaning: "What an entry's likeness to an issue may do: `link` it where both say the same error, only `ask`, or be `off`.",
    },
    Key {
        name: "run.jobs",
        shape: Shape::Whole(1, 64),
        example: "2",
        default: "1",
        meaning: "How many suites run at the same time.",
    },
    Key {
        name: "run.new-issues",
        shape: Shape::Whole(0, 1000),
        example: "5",
        default: "10",
        meaning: "Entries of one run that may become new issues, the worst first; the others wait with `hold`.",
    },
    Key {
        name: "run.complete-after",
        shape: Shape::Whole(1, 100),
        example: "5",
        default: "3",
        meaning: "Clean runs, at as many commits after the failing one, until an entry counts as completed.",
    },
    Key {
        name: "run.completed",
        shape: Shape::Words(&["proposed", "set"]),
        example: "\"set\"",
        default: "\"proposed\"",
        meaning: "Whether `completed` is then only proposed, or set.",
    },
    Key {
        name: "run.flaky-label",
        shape: Shape::Label,
        example: "\"unstable\"",
        default: "\"flaky\"",
        meaning: "The label of what both passes and fails at one commit.",
    },
    Key {
        name: "run.owners",
        shape: Shape::Words(&["ignored", "named", "labelled"]),
        example: "\"named\"",
        default: "\"ignored\"",
        meaning: "What becomes of the owners in CODEOWNERS: `ignored`, `named` in the entry, or `labelled` too.",
    },
    Key {
        name: "suites.NAME.command",
        shape: Shape::Command,
        example: "[\"cargo\", \"test\"]",
        default: "has to be there",
        meaning: "The program and its arguments, without a shell. It runs only after `gardener trust`.",
    },
    Key {
        name: "suites.NAME.folder",
        shape: Shape::Inside,
        example: "\"crates/core\"",
        default: "the top",
        meaning: "Where it runs, from the top of the repository.",
    },
    Key {
        name: "suites.NAME.environment",
        shape: Shape::Variables,
        example: "{ RUST_BACKTRACE = \"1\" }",
        default: "{}",
        meaning: "Variables that are set for it.",
    },
    Key {
        name: "suites.NAME.pass",
        shape: Shape::VariableNames,
        example: "[\"DATABASE_PASSWORD\"]",
        default: "[]",
        meaning: "Variables that it gets although their names or values speak of a secret. gardener's own tokens never.",
    },
    Key {
        name: "suites.NAME.timeout",
        shape: Shape::Time,
        example: "\"90s\"",
        default: "\"10m\"",
        meaning: "After this time it is ended, with all that it has started.",
    },
    Key {
        name: "suites.NAME.format",
        shape: Shape::Words(&["junit", "go-json", "libtest", "tap", "exit-status"]),
        example: "\"libtest\"",
        default: "`junit` with `results`, else `exit-status`",
        meaning: "What its results are: `junit`, `go-json`, `libtest` (nextest's too), `tap`, or only its `exit-status`.",
    },
    Key {
        name: "suites.NAME.results",
        shape: Shape::Inside,
        example: "\"target/junit.xml\"",
        default: "its output",
        meaning: "The file that it writes its results to, from the top of the repository; several with a `*` in the name.",
    },
    Key {
        name: "suites.NAME.focus",
        shape: Shape::Lines,
        example: "[\"critical\"]",
        default: "[]",
        meaning: "The areas that it belongs to: `gardener run critical` runs the suites of one.",
    },
    Key {
        name: "suites.NAME.severity",
        shape: Shape::Severity,
        example: "\"P1\"",
        default: "none",
        meaning: "The severity of new entries.",
    },
    Key {
        name: "suites.NAME.impact",
        shape: Shape::Line,
        example: "\"Nobody can log in\"",
        default: "none",
        meaning: "The `impact` of new entries, one line.",
    },
    Key {
        name: "suites.NAME.labels",
        shape: Shape::Labels,
        example: "[\"backend\"]",
        default: "[]",
        meaning: "The labels of new entries.",
    },
    Key {
        name: "suites.NAME.owner",
        shape: Shape::Line,
        example: "\"@acme/core\"",
        default: "none",
        meaning: "The `owner` of new entries.",
    },
];

/// The keys directly in `table` (empty for the top), and the tables in it.
pub(crate) fn within(table: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS {
        let rest = if table.is_empty() {
            Some(key.name)
        } else {
            key.name.strip_prefix(table).and_then(|r| r.strip_prefix('.'))
        };
        let name = rest.map(|r| r.split('.').next().unwrap_or(r));
        names.extend(name.filter(|n| !names.contains(n)));
    }
    names
}

/// Why a key that somebody might expect here is refused for good.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    let words = |list: &[&str]| {
        let folded = name.to_ascii_lowercase();
        folded.split(['-', '_', '.']).any(|part| list.contains(&part))
    };
    if words(&["host", "hostname", "url", "uri", "api", "server", "endpoint", "domain", "proxy", "remote"]) {
        Some("the host comes from the git remote, so that a repository can't send your token elsewhere")
    } else if words(&["token", "password", "secret", "credential", "credentials", "auth", "key"]) {
        Some("a repository is no place for credentials; gardener uses GH_TOKEN or what `gh` has")
    } else if words(&["command", "commands", "cmd", "exec", "shell", "script", "hook", "run", "editor"]) {
        Some("outside [suites], which run only after you trust them, a repository can't name commands")
    } else {
        None
    }
}

/// The one of `names` that is closest to `word`, if any is close.
pub(super) fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let scored = names.iter().map(|name| (distance(&word, &name.to_lowercase()), *name));
    scored.filter(|(d, name)| *d <= name.len().max(word.len()) / 3).min().map(|(_, name)| name)
}

/// How many letters must be put in, taken out, changed or swapped with a neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_suggested_and_a_far_one_is_not() {
        let names = within("sync");
        assert_eq!(nearest("create_limit", &names), Some("create-limit"));
        assert_eq!(nearest("crate-limit", &names), Some("create-limit"));
        assert_eq!(nearest("brnaches", &names), Some("branches"));
        assert_eq!(nearest("colour", &names), None);
        assert_eq!(
            within(""),
            ["gardener", "repository", "worklogs", "labels", "sync", "trust", "matching", "run", "suites"]
        );
    }
}

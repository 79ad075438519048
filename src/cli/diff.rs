//! `gardener diff`: what a branch, or any range of commits, means for the worklogs.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::snapshot::{self, Moment};
use crate::cli::terminal::Terminal;
use crate::model::IssueRef;
use crate::review::{Came, Review, Sums, What};

/// Show what changed in the worklogs: entries, not lines
///
/// Without a range: what this branch changes, from where it left the default branch to the work
/// tree. Entries that came, went, were closed, raised or linked; failing tests that are new,
/// known or fixed; how much prose changed. Base lines and the order of keys mean nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// From A to B; from A to the work tree; or, with three dots, from where B left A
    #[arg(value_name = "A..B|A...B|A")]
    range: Option<String>,
    /// Print markdown, for a comment on a pull request or the summary of a job
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  gardener diff                               what this branch changes
  gardener diff HEAD                          what is not committed yet
  gardener diff v1.2..v1.3
  gardener diff --markdown >> \"$GITHUB_STEP_SUMMARY\"";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let (from, to) = moments(arguments.range.as_deref(), &context)?;
    let repository = context.repo;
    let before = snapshot::at(&from, &repository, &context.config)?;
    let after = match to {
        Moment::Commit(_) => snapshot::at(&to, &repository, &context.config)?,
        Moment::WorkTree => snapshot::of_work_tree(repository, &context.config)?.0,
        Moment::Nothing => snapshot::nothing(),
    };
    let review = Review::between(&before, &after);
    if arguments.json {
        let mut value = as_json(&review);
        value["exit"] = json!(0);
        terminal.json(&value)?;
    } else if arguments.markdown {
        terminal.print(review.markdown())?;
    } else {
        terminal.print(&review)?;
    }
    Ok(0)
}

/// The two moments that a range names.
fn moments(range: Option<&str>, context: &Context) -> Result<(Moment, Moment), CliError> {
    let commit = |word: &str| -> Result<Moment, CliError> {
        let word = if word.is_empty() { "HEAD" } else { word };
        context.repo.commit_id(word).map(Moment::Commit).ok_or_else(|| CliError::NotThere {
            message: format!("{}: there is no such commit here", crate::model::Untrusted(word)),
            next: "a shallow clone has only the last ones: `git fetch --unshallow` brings the rest"
                .to_owned(),
        })
    };
    match range {
        None => {
            let start = context.repo.branch_start(&context.config)?;
            let start = start.or_else(|| context.repo.commit_id("HEAD"));
            Ok((start.map_or(Moment::Nothing, Moment::Commit), Moment::WorkTree))
        }
        Some(range) => match (range.split_once("..."), range.split_once("..")) {
            (Some((a, b)), _) => {
                let (Moment::Commit(a), Moment::Commit(b)) = (commit(a)?, commit(b)?) else {
                    return Ok((Moment::Nothing, Moment::Nothing));
                };
                let start = context.repo.common_commit(&a, &b)?;
                Ok((start.map_or(Moment::Nothing, Moment::Commit), Moment::Commit(b)))
            }
            (None, Some((a, b))) => Ok((commit(a)?, commit(b)?)),
            (None, None) => Ok((commit(range)?, Moment::WorkTree)),
        },
    }
}

/// A review for scripts.
pub(super) fn as_json(review: &Review) -> Value {
    let worklogs = review.worklogs.iter().map(|worklog| {
        let entries = worklog.entries.iter().map(|entry| {
            json!({
                "id": entry.id.as_str(), "title": entry.title, "kind": kind(entry.kind),
                "issue": entry.issue.as_ref().map(IssueRef::to_string),
                "changes": entry.what.iter().map(what).collect::<Vec<_>>(),
                "tests": {"new": entry.tests.new, "known": entry.tests.known, "fixed": entry.tests.fixed},
            })
        });
        json!({
            "path": worklog.path, "was": worklog.was, "title": worklog.title, "kind": kind(worklog.kind),
            "entries": entries.collect::<Vec<_>>(),
            "prose": {"added": worklog.prose.0, "removed": worklog.prose.1},
        })
    });
    json!({
        "schema": 1, "sums": sums(&review.sums()), "worklogs": worklogs.collect::<Vec<_>>(),
        "unread": review.unread,
    })
}

fn kind(kind: Came) -> &'static str {
    match kind {
        Came::New => "added",
        Came::Stayed => "changed",
        Came::Gone => "removed",
    }
}

fn what(what: &What) -> Value {
    let issue = |issue: &Option<IssueRef>| issue.as_ref().map(IssueRef::to_string);
    match what {
        What::Status(was, is) => json!({"field": "status", "from": was.word(), "to": is.word()}),
        What::Severity(was, is) => {
            json!({"field": "severity", "from": was.map(|s| s.word()), "to": is.map(|s| s.word())})
        }
        What::Issue(was, is) => json!({"field": "issue", "from": issue(was), "to": issue(is)}),
        What::Title(was) => json!({"field": "title", "from": was}),
        What::Labels(came, went) => {
            let names = |labels: &[crate::model::Label]| {
                labels.iter().map(|l| l.name().to_owned()).collect::<Vec<_>>()
            };
            json!({"field": "labels", "added": names(came), "removed": names(went)})
        }
        What::Links(came, went) => json!({"field": "links", "added": came, "removed": went}),
    }
}

fn sums(sums: &Sums) -> Value {
    json!({
        "worklogs": sums.worklogs, "added": sums.added, "removed": sums.removed, "closed": sums.closed,
        "reopened": sums.reopened, "raised": sums.raised, "linked": sums.relinked,
        "tests": {"new": sums.new_tests, "known": sums.known_tests, "fixed": sums.fixed_tests},
    })
}

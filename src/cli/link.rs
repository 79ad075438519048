//! `gardener link`: an entry is about this issue, or about none.

use crate::cli::context::Context;
use crate::cli::decide::{self, Choice, Decision, Garden, place};
use crate::cli::error::CliError;
use crate::cli::list::same_issue;
use crate::cli::terminal::Terminal;
use crate::model::{IssueRef, RepoSlug, Untrusted};

/// Say which issue an entry is about, or that it is none of them
///
/// Writes the number into the entry and takes its candidates away; with --none it writes
/// `candidates: []`, so that the next sync files the entry. It edits the worklog as you would by hand:
/// no commit, no network. The next sync does the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The entry: ID or WORKLOG-ID/ID
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// The issue: 12, '#12', owner/repo#12 or its address
    #[arg(value_name = "ISSUE", required_unless_present = "none")]
    issue: Option<String>,
    /// It is none of its candidates: the next sync files it
    #[arg(long, conflicts_with_all = ["issue", "replace"])]
    none: bool,
    /// Go on where the entry is linked to another issue
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    output: decide::Output,
}

const EXAMPLES: &str = "\
Examples:
  gardener link docker-build 1082          to a shell, #1082 without quotes is a comment
  gardener link docker-build '#1082'
  gardener link docker-build https://github.com/acme/app/issues/1082
  gardener link run-20250914/docker-build 1082 --replace
  gardener link docker-build --none        file it, whatever its candidates are";

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    decide::carry_out(&arguments.output, context, terminal, |garden, terminal| {
        Ok(vec![decision(arguments, garden, terminal)?])
    })
}

fn decision<'a>(
    arguments: &Arguments,
    garden: &Garden<'a>,
    terminal: &mut Terminal,
) -> Result<Decision<'a>, CliError> {
    let wanted =
        arguments.issue.as_deref().map(|typed| issue(typed, garden.home, garden.host)).transpose()?;
    about(&arguments.entry, wanted, arguments.replace, garden, terminal)
}

/// The decision that an entry is about an issue, or about none of its candidates.
///
/// # Errors
/// When there is no such entry, or it is linked to another issue and that is not to be replaced.
pub(super) fn about<'a>(
    name: &str,
    wanted: Option<IssueRef>,
    replace: bool,
    garden: &Garden<'a>,
    terminal: &mut Terminal,
) -> Result<Decision<'a>, CliError> {
    let row = garden.entry(name, terminal)?;
    let (entry, key) = (row.entry, row.key());
    let Some(to) = wanted else {
        if let Some(issue) = &entry.issue {
            return Err(CliError::Refused {
                message: format!("{}: {key} is linked to {issue} already", place(&row)),
                next: format!("name the right one: gardener link {key} NUMBER --replace"),
            });
        }
        return Ok(Decision { row, choice: Choice::None });
    };
    let is_linked = entry.issue.as_ref().is_some_and(|issue| same_issue(issue, &to, garden.home));
    if let Some(issue) = entry.issue.as_ref().filter(|_| !is_linked && !replace) {
        return Err(CliError::Refused {
            message: format!("{}: {key} is linked to {issue} already", place(&row)),
            next: format!("if it is {to}, say so with --replace; to a sync that is a first link"),
        });
    }
    let mut candidates = entry.candidates.iter().flatten();
    let candidate = candidates.find(|candidate| same_issue(&candidate.issue, &to, garden.home));
    let reason = candidate.and_then(|candidate| candidate.reason.clone());
    let reason = reason.or_else(|| entry.reason.clone().filter(|_| is_linked));
    // What is there stays as it is spelled.
    let to = entry.issue.clone().filter(|_| is_linked).unwrap_or(to);
    Ok(Decision { row, choice: Choice::Issue { to, reason } })
}

/// The issue that somebody typed, without the repository where it is this one.
pub(super) fn issue(typed: &str, home: Option<&RepoSlug>, host: Option<&str>) -> Result<IssueRef, CliError> {
    let wrong = |why: &str| {
        let typed = Untrusted(typed);
        Err(CliError::Usage(format!("{typed}: {why}; an issue is 12, #12, owner/repo#12 or its address")))
    };
    let issue = match typed.split_once("://") {
        None => IssueRef::parse(typed),
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") =>
        {
            let rest = rest.split(['?', '#']).next().unwrap_or(rest);
            let parts: Vec<_> = rest.trim_end_matches('/').split('/').collect();
            match parts[..] {
                [at, ..] if host.is_none_or(|host| !host.eq_ignore_ascii_case(at)) => {
                    return wrong("that is on another host than this repository");
                }
                [_, _, _, "pull" | "pulls", _] => return wrong("that is a pull request"),
                [_, owner, repo, "issues", number] => IssueRef::parse(&format!("{owner}/{repo}#{number}")),
                _ => None,
            }
        }
        Some(_) => None,
    };
    match (issue, home) {
        (Some(issue), Some(home)) => Ok(issue.in_short(home)),
        (Some(issue), None) => Ok(issue),
        (None, _) => wrong("that is no issue"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_read_in_all_the_ways_it_is_written() {
        let home = RepoSlug::parse("acme/app").expect("a name");
        let read = |typed: &str| match issue(typed, Some(&home), Some("github.com")) {
            Ok(issue) => issue.to_string(),
            Err(error) => error.words().0,
        };
        for typed in [
            "12",
            "#12",
            "Acme/App#12",
            "https://github.com/acme/app/issues/12",
            "https://GitHub.com/ACME/app/issues/12/?a=b#issuecomment-9",
        ] {
            assert_eq!(read(typed), "#12", "{typed}");
        }
        assert_eq!(read("acme/lib#3"), "acme/lib#3");
        assert_eq!(read("https://github.com/acme/lib/issues/3"), "acme/lib#3");
        for (typed, why) in [
            ("soon", "no issue"),
            ("#0", "no issue"),
            ("https://github.com/acme/app/pull/12", "a pull request"),
            ("https://github.com/acme/app/issues/new", "no issue"),
            ("https://github.com/acme/../issues/1", "no issue"),
            ("https://evil.example/acme/app/issues/12", "another host"),
            ("https://github.com@evil.example/acme/app/issues/12", "another host"),
            ("ftp://github.com/acme/app/issues/12", "no issue"),
        ] {
            assert!(read(typed).contains(why), "{typed}: {}", read(typed));
        }
        assert!(issue("https://github.com/acme/app/issues/12", None, None).is_err(), "no host is known");
    }
}

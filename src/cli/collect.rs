//! `gardener collect`: results that were made elsewhere, such as a CI job's artifacts, and logs.

use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::found;
use crate::cli::terminal::Terminal;
use crate::cli::whence::{Digested, Made, whence};
use crate::effect::{open_named, written_at};
use crate::logs::{self, Level, LogFormat, Logs};
use crate::model::{Format, Results, Timestamp, Untrusted};
use crate::report;
use crate::run::conclude::{Collected, SuiteRun};
use crate::run::logs::verdict;
use crate::run::verdict::{Ended, Promised, judge};

/// Read results made elsewhere and write what fails into a worklog
///
/// Each file is one suite, named after it unless --suite says otherwise; `-` is standard input. What
/// a file is in is found out from its first bytes, or said with --format: logs always are. Nothing is
/// run, so nothing has to be trusted.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Files with results
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The suite that all of them are of
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,
    /// What they are in, where that can't be found out
    #[arg(long, value_name = "FORMAT", value_parser = ["junit", "go-json", "libtest", "tap", "jsonl", "text"])]
    format: Option<String>,
    /// Of logs (jsonl, text): what is at least this bad
    #[arg(long, value_name = "LEVEL", value_parser = ["info", "notice", "warn", "error", "fatal"], default_value = "warn")]
    level: String,
    /// The focus area
    #[arg(long, value_name = "FOCUS")]
    focus: Option<String>,
    /// The commit that they are of [default: what is checked out, unless they are older than it]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,
    #[command(flatten)]
    output: found::Output,
}

const EXAMPLES: &str = "\
Exit codes: as for `gardener run`.

Examples:
  gardener collect artifacts/*.xml
  gardener collect --commit v1.2 nightly.xml
  go test -json ./... | gardener collect --suite go -
  gardener collect --format tap --suite api -n results.tap
  journalctl -u api -o short-iso | gardener collect --format text --suite api --level error -";

/// How much of a file shows what it is in.
const HEAD: usize = 64 << 10;

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    for text in [&arguments.suite, &arguments.focus].into_iter().flatten() {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            return Err(CliError::Usage("a suite or focus is one line of text".to_owned()));
        }
    }
    let named = arguments.commit.as_deref().map(|revision| commit(revision, &context)).transpose()?;
    let inside: Vec<String> = arguments.files.iter().filter_map(|file| context.named(file).inside).collect();
    let inside: Vec<&str> = inside.iter().map(String::as_str).filter(|path| !path.is_empty()).collect();
    let mut begun = found::begin(&context, arguments.focus.clone(), &inside, terminal)?;
    let mut made: Vec<Made> = Vec::new();
    let mut runs: Vec<SuiteRun> = Vec::new();
    for file in &arguments.files {
        terminal.progress().show(&format!("reading {}", Untrusted(&file.to_string_lossy())));
        let name = arguments.suite.clone().unwrap_or_else(|| name(file));
        found::no_secret("the name of a suite", &name, terminal)?;
        let gives = found::gives(&context, &name);
        let (read, digest, written) = read(file, arguments, &context)?;
        let shown = file.to_string_lossy();
        let (verdict, log, told) = match read {
            Read::Results(format, results) => {
                let promised = Promised { format, file: Some(shown.as_ref()) };
                let told = results.made;
                (judge(promised, &Ended::Elsewhere, "", Some(results)), None, told)
            }
            Read::Log(logs) => {
                // Many logs tell no zone.
                let last = logs.groups.iter().filter_map(|g| g.last).max().map(|at| at.plus(14 * 3600));
                (verdict(&logs), Some(logs), last)
            }
        };
        made.push(Made { name: shown.into_owned(), written, told });
        let collected = Some(Collected { digest, is_dated: told.is_some() });
        runs.push(SuiteRun { name, command: None, gives, verdict, duration: None, log, collected });
    }
    begun.is_of(whence(&context, named, begun.head(), &made)?);
    found::end(runs, begun, &arguments.output, context, None, terminal)
}

/// What was in a file.
enum Read {
    Results(Format, Results),
    Log(Logs),
}

/// The commit that somebody names.
fn commit(revision: &str, context: &Context) -> Result<String, CliError> {
    context.repo.commit_id(revision).ok_or_else(|| CliError::NotThere {
        message: format!("there is no commit {}", Untrusted(&format!("`{revision}`"))),
        next: "name a commit that is in this clone; in a shallow one, fetch it first".to_owned(),
    })
}

/// Reads a file: what is in it, its digest, and when it was written.
fn read(
    file: &Path,
    arguments: &Arguments,
    context: &Context,
) -> Result<(Read, String, Option<Timestamp>), CliError> {
    let shown = file.to_string_lossy();
    let is_input = file.as_os_str() == "-";
    let unread = |error: io::Error| CliError::NotThere {
        message: format!("{} can't be read: {error}", Untrusted(&shown)),
        next: "name a file with results, or `-` for standard input".to_owned(),
    };
    let mut written = None;
    let input: Box<dyn io::Read> = if is_input {
        Box::new(io::stdin().lock())
    } else {
        let opened = open_named(&context.named(file).full).map_err(unread)?;
        written = written_at(&opened).map(Timestamp::from_second);
        Box::new(opened)
    };
    let mut input = BufReader::new(Digested::new(input));
    let read = understood(&mut input, &shown, arguments)?;
    // What a reader gave up on belongs to the same bytes.
    io::copy(&mut input, &mut io::sink()).map_err(unread)?;
    Ok((read, input.into_inner().digest(), written))
}

/// What is in an input.
fn understood(
    input: &mut BufReader<Digested<Box<dyn io::Read>>>,
    shown: &str,
    arguments: &Arguments,
) -> Result<Read, CliError> {
    let log = match arguments.format.as_deref() {
        Some("jsonl") => Some(LogFormat::Jsonl),
        Some("text") => Some(LogFormat::Text),
        _ => None,
    };
    if let Some(format) = log {
        let least = Level::of_word(&arguments.level).unwrap_or(Level::Warn);
        let mut input = report::Decoded::new(input);
        return Ok(Read::Log(logs::read(format, &mut input, least, Some(context::now()?))));
    }
    let mut head = Vec::new();
    // A pipe gives what it has; one that never ends is read as far as it is looked at.
    let looked = input.by_ref().take(HEAD as u64).read_to_end(&mut head);
    looked.map_err(|error| CliError::NotThere {
        message: format!("{} can't be read: {error}", Untrusted(shown)),
        next: "name a file with results, or `-` for standard input".to_owned(),
    })?;
    let given = arguments.format.as_deref();
    let given = given.and_then(|word| Format::ALL.into_iter().find(|format| format.word() == word));
    // What is empty is in any format, and in none there is a test in it.
    let is_blank =
        head.iter().all(|b| b.is_ascii_whitespace() || [0, 0xef, 0xbb, 0xbf, 0xfe, 0xff].contains(b));
    let blank = is_blank.then_some(Format::Tap);
    let format =
        given.or_else(|| report::guess(shown, &head)).or(blank).ok_or_else(|| CliError::NotThere {
            message: format!("{} is in no format that can be told from its beginning", Untrusted(shown)),
            next: "name it with --format: junit, go-json, libtest or tap, or for a log jsonl or text"
                .to_owned(),
        })?;
    let mut whole = io::Cursor::new(head).chain(input);
    Ok(Read::Results(format, report::read(format, &mut whole, &mut |_| {})))
}

/// A suite's name from a file's.
fn name(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = stem.chars().map(|c| if fits(c) { c } else { '-' }).take(60).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "results".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_its_suite() {
        assert_eq!(name(Path::new("a/TEST-com.acme.Foo.xml")), "TEST-com.acme.Foo");
        assert_eq!(name(Path::new("-")), "results");
        assert_eq!(name(Path::new("my results (1).xml")), "my-results--1");
    }
}

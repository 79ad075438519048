//! `gardener report`: how a repository does, from its worklogs and their history.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::chronicle::{
    Chapter, Chronicle, Commit, Figures, MARK, Paper, Present, Scene, Side, Since, Version, day,
};
use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::effect::{Disk, ReadError};
use crate::model::{Untrusted, WorklogId};
use crate::repo::{BlobId, File, GitWorktree, Home, Walk, Worktree as _};
use crate::worklog::{Parsed, Worklog, parse};

/// Show how it goes: what is open, came and was closed, and what is flaky
///
/// Reads the worklogs and their history in git, and asks nobody. Without a format it prints a short
/// text. With --html it writes one page that needs no network and no script.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Only worklogs whose id or path fits one of these patterns
    #[arg(value_name = "WORKLOG")]
    worklogs: Vec<glob::Pattern>,
    /// Write a page into this file, or to standard output (-)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["markdown", "json"])]
    html: Option<PathBuf>,
    /// Overwrite a file that is no report
    #[arg(long, requires = "html")]
    force: bool,
    /// Print markdown, for the summary of a job
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// What happened since: a day, a moment, or 90d, 12w, 6m, 1y; what is open now is always there
    #[arg(long, value_name = "WHEN", value_parser = clap::value_parser!(Since))]
    since: Option<Since>,
}

const EXAMPLES: &str = "\
Examples:
  gardener report                             in a few lines
  gardener report --html report.html          a page to look at, to send, to print
  gardener report --since 90d 'critical-*'    the last months of some worklogs
  gardener report --markdown >> \"$GITHUB_STEP_SUMMARY\"
  gardener report --json | jq '.closing.median / 86400'";

/// The most commits that are read.
const COMMITS: usize = 20_000;
/// A report is not larger than this.
const LARGEST: u64 = 64 << 20;

/// A worklog as it is in the work tree.
struct Here {
    file: File,
    worklog: Box<Worklog>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let now = context::now()?;
    let home = context.find_home().ok();
    let config = context.config.clone();
    let disk = context.repo.disk().clone();
    let target = arguments.html.as_deref().filter(|path| *path != Path::new("-"));
    let target = target.map(|path| (context.named(path), path));
    if let Some((named, typed)) = &target {
        // Before anything takes its time.
        refuse_to_overwrite(&disk, &named.full, typed, arguments.force)?;
    }
    let (head, branch) = (context.repo.commit_id("HEAD"), context.repo.branch()?);
    let name = name(home.as_ref(), &context);
    let mut worktree = context.repo.worktree(&config);
    let (mut here, mut notes) = present(&mut worktree, &config)?;
    let walk = worktree.repo().walk(&config.worklogs, COMMITS)?;
    let chapters = chapters(&walk, &worktree, &here, &config)?;
    notes.extend(of_history(&walk, worktree.repo().is_shallow(), &chapters));
    let chapters = if arguments.worklogs.is_empty() {
        chapters
    } else {
        only(&arguments.worklogs, &mut here, chapters)?
    };
    let scene = Scene {
        now,
        home: home.as_ref().map(|home| home.slug.clone()),
        flaky_label: config.run.flaky_label.clone(),
    };
    let present: Vec<_> = here
        .iter()
        .map(|here| Present {
            path: here.file.path.clone(),
            worklog: &here.worklog,
            is_committed: here.file.head.as_ref() == here.file.content.as_ref().ok(),
            is_in_head: here.file.head.is_some(),
        })
        .collect();
    let chronicle = Chronicle::of(&chapters, &present, &scene);
    let since = arguments.since.map(|since| since.before(now));
    let figures = Figures::of(&chronicle, now, since);
    let changed = present.iter().filter(|present| !present.is_committed).count();
    if changed > 0 && head.is_some() {
        notes.push(format!("{} not committed as it is here", worklogs(changed)));
    }
    if chronicle.odd_times > 0 {
        notes.push(format!(
            "{} before what they follow, or in the future: clocks differ, and each counts as the nearest \
             moment that can be",
            if chronicle.odd_times == 1 {
                "1 time is".to_owned()
            } else {
                format!("{} times are", chronicle.odd_times)
            }
        ));
    }
    let patterns: Vec<String> = arguments.worklogs.iter().map(ToString::to_string).collect();
    let paper = Paper {
        chronicle: &chronicle,
        figures: &figures,
        name: &name,
        web: home.as_ref().map(|home| (home.host.as_str(), &home.slug)),
        head: head.as_deref().map(|head| (head, branch.as_deref())),
        up: target
            .as_ref()
            .and_then(|(named, _)| named.inside.as_ref())
            .map(|path| path.matches('/').count()),
        only: &patterns,
        notes: &notes,
    };
    if arguments.html.is_some() {
        let redactor = terminal.redactor();
        let page = paper.page(&|text| redactor.redact(text).text);
        match target {
            Some((named, typed)) => write(&disk, &named.full, typed, &page, terminal)?,
            // Every text in it was cleaned by itself; as a whole it is no text but markup.
            None => terminal.print_own(&page)?,
        }
    } else if arguments.json {
        let mut value = paper.json();
        value["exit"] = serde_json::json!(0);
        terminal.json(&value)?;
    } else if arguments.markdown {
        terminal.print(paper.markdown())?;
    } else {
        terminal.print(paper.text())?;
    }
    Ok(0)
}

/// The repository's name on GitHub, else that of its folder.
fn name(home: Option<&Home>, context: &Context) -> String {
    home.map(|home| home.slug.to_string()).unwrap_or_else(|| {
        let folder = context.repo.top().file_name();
        folder.map_or_else(|| "repository".to_owned(), |name| name.to_string_lossy().into_owned())
    })
}

/// The worklogs of the work tree, and what is to be said of those that can't be read.
fn present(worktree: &mut GitWorktree, config: &Config) -> Result<(Vec<Here>, Vec<String>), CliError> {
    let (mut here, mut unread, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for file in worktree.worklogs()? {
        let parsed = file.content.as_ref().ok().map(|text| parse(text, &config.labels.vocabulary));
        match parsed {
            Some(Parsed::Worklog(worklog, _)) if ids.insert(worklog.header().id.clone()) => {
                here.push(Here { file, worklog });
            }
            Some(Parsed::NotAWorklog(_)) => {}
            _ => unread.push(file.path),
        }
    }
    let note = unread.first().map(|first| {
        let more = if unread.len() > 1 { format!(" and {} more", unread.len() - 1) } else { String::new() };
        format!("left out, because `gardener check` finds an error: {first}{more}")
    });
    Ok((here, note.into_iter().collect()))
}

/// What each commit did. A version that is read once is read for all commits that have it.
fn chapters(
    walk: &Walk,
    worktree: &GitWorktree,
    here: &[Here],
    config: &Config,
) -> Result<Vec<Chapter>, CliError> {
    let mut versions: BTreeMap<BlobId, Option<Rc<Version>>> = BTreeMap::new();
    for here in here {
        // What is there now is mostly what the last commit has.
        if let Ok(text) = &here.file.content {
            let id = worktree.repo().name_of(text)?;
            versions.insert(id, Some(Rc::new(Version::of(&here.worklog))));
        }
    }
    let mut side = |id: Option<BlobId>| {
        let Some(id) = id else { return Side::Nothing };
        let version = versions.entry(id).or_insert_with(|| {
            let text = worktree.repo().text_of(id)?;
            Version::read(&text, &config.labels.vocabulary).map(Rc::new)
        });
        version.clone().map_or(Side::Unread, Side::Read)
    };
    let chapter = |step: &crate::repo::Step| {
        let commit = &step.commit;
        Chapter {
            commit: Commit { id: commit.id.clone(), author: commit.author.clone(), at: commit.at },
            changes: step.changes.iter().map(|(old, new)| (side(*old), side(*new))).collect(),
        }
    };
    Ok(walk.steps.iter().map(chapter).collect())
}

/// What is to be said of history that is not all here.
fn of_history(walk: &Walk, is_shallow: bool, chapters: &[Chapter]) -> Vec<String> {
    let first = chapters.first().map(|chapter| day(chapter.commit.at)).unwrap_or_default();
    let mut notes = Vec::new();
    if is_shallow {
        notes.push(format!(
            "this clone is shallow: what commits before {first} did is not known (`git fetch --unshallow` \
             brings it)"
        ));
    }
    if walk.is_cut {
        notes.push(format!("only the latest {COMMITS} commits are read, from {first} on"));
    }
    notes
}

/// Leaves only worklogs that fit a pattern, each of which has to fit one.
fn only(
    patterns: &[glob::Pattern],
    here: &mut Vec<Here>,
    chapters: Vec<Chapter>,
) -> Result<Vec<Chapter>, CliError> {
    let fits = |pattern: &glob::Pattern, id: &WorklogId, path: Option<&str>| {
        pattern.matches(id.as_str()) || path.is_some_and(|path| pattern.matches(path))
    };
    let mut wanted = BTreeSet::new();
    for pattern in patterns {
        let before = wanted.len();
        let mut is_known = false;
        for here in here.iter() {
            let id = &here.worklog.header().id;
            if fits(pattern, id, Some(&here.file.path)) {
                is_known = true;
                wanted.insert(id.clone());
            }
        }
        if !is_known && wanted.len() == before {
            return Err(CliError::NotThere {
                message: format!("{}: no worklog is called so", Untrusted(pattern.as_str())),
                next: "`gardener list` names the worklogs; a pattern fits an id or a path".to_owned(),
            });
        }
    }
    here.retain(|here| wanted.contains(&here.worklog.header().id));
    let kept = |side: Side| match side {
        Side::Read(version) if !wanted.contains(&version.id) => Side::Nothing,
        side => side,
    };
    let chapter = |chapter: Chapter| Chapter {
        changes: chapter.changes.into_iter().map(|(old, new)| (kept(old), kept(new))).collect(),
        ..chapter
    };
    Ok(chapters.into_iter().map(chapter).collect())
}

fn worklogs(count: usize) -> String {
    if count == 1 { "1 worklog is".to_owned() } else { format!("{count} worklogs are") }
}

/// A file that gardener did not make is somebody's.
fn refuse_to_overwrite(disk: &Disk, path: &Path, typed: &Path, force: bool) -> Result<(), CliError> {
    let shown = typed.display().to_string();
    let refused = |why: &str, next: &str| {
        Err(CliError::Refused {
            message: format!("{}: {why}; it was left as it is", Untrusted(&shown)),
            next: next.to_owned(),
        })
    };
    match disk.read(path, LARGEST) {
        Ok(bytes) => {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).into_owned();
            // An empty file is nobody's work.
            if force || bytes.is_empty() || start.contains(MARK) {
                return Ok(());
            }
            refused("gardener did not make this file", "choose another name, or say --force")
        }
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(ReadError::TooLarge(_)) if force => Ok(()),
        Err(ReadError::TooLarge(_)) => {
            refused("gardener did not make this file", "choose another name, or say --force")
        }
        Err(ReadError::Link) => refused("it is a symbolic link", "name the file itself"),
        Err(ReadError::NotAFile) => refused("it is no file", "name a file"),
        Err(ReadError::Io(error)) => {
            refused(&format!("it can't be read ({error})"), "mend that, or choose another name")
        }
    }
}

fn write(
    disk: &Disk,
    path: &Path,
    typed: &Path,
    page: &str,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let shown = typed.display().to_string();
    disk.replace(path, page.as_bytes()).map_err(|error| CliError::Refused {
        message: format!("{} can't be written: {error}", Untrusted(&shown)),
        next: "is its folder there, and yours to write to?".to_owned(),
    })?;
    #[expect(clippy::cast_precision_loss, reason = "it is said in kilobytes")]
    let size = page.len() as f64 / 1000.0;
    terminal.say(format_args!("{}  {size:.0} kB", Untrusted(&shown)))
}

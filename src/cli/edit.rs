//! `gardener edit`: values of an entry, changed as by hand.
//!
//! Only what is kept equal with GitHub can be set; everything else is for an editor. A list that the
//! entry leaves out says nothing until it is written, and then speaks for all its elements, so that it
//! is first written as it was agreed on.

use crate::cli::context::Context;
use crate::cli::decide::{self, Choice, Decision, Garden, place};
use crate::cli::error::CliError;
use crate::cli::list::Row;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::model::{Label, Link, LinkKind, Severity, Status, Untrusted};
use crate::redact::Redactor;
use crate::worklog::{Edit, nearest};

/// Change status, severity, labels or links of entries
///
/// It edits the worklog as you would by hand, and no other byte of it: no commit, no network. The
/// next sync does the rest.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = "gardener edit [OPTIONS] <ENTRY>...")]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub(super) struct Arguments {
    /// Entries: ID or WORKLOG-ID/ID
    #[arg(value_name = "ENTRY", required = true)]
    entries: Vec<String>,
    /// What becomes of the status
    #[arg(long, short, value_name = "STATUS", group = "change")]
    status: Option<String>,
    /// What becomes of the severity: P0 to P3, or none
    #[arg(long, short = 'p', value_name = "SEVERITY", group = "change", value_parser = severity)]
    severity: Option<Wanted>,
    /// A label more (+NAME, or NAME) or less (-NAME); may be given several times
    #[arg(long, short, value_name = "+NAME|-NAME", group = "change", allow_hyphen_values = true)]
    label: Vec<String>,
    /// A link more (+LINK, or LINK) or less (-LINK); may be given several times
    #[arg(long, value_name = "+LINK|-LINK", group = "change", allow_hyphen_values = true)]
    link: Vec<String>,
    #[command(flatten)]
    output: decide::Output,
}

const EXAMPLES: &str = "\
Examples:
  gardener edit docker-build --status completed
  gardener edit docker-build old-cache --severity P2
  gardener edit docker-build --label +slow --label -flaky
  gardener edit docker-build --link '#885' --link 'blocked-by: #1082'
  gardener edit docker-build --link -docs/old.md
  gardener edit run-20250914/docker-build --severity none --dry-run
  gardener link docker-build 1082          which issue it is about";

/// A severity or none.
#[derive(Clone, Copy, Debug)]
struct Wanted(Option<Severity>);

fn severity(typed: &str) -> Result<Wanted, String> {
    if typed.eq_ignore_ascii_case("none") {
        return Ok(Wanted(None));
    }
    let found = Severity::ALL.into_iter().find(|severity| severity.word().eq_ignore_ascii_case(typed));
    found.map(|severity| Wanted(Some(severity))).ok_or_else(|| "there are P0, P1, P2, P3 and none".to_owned())
}

/// What was typed, read: an element that comes or goes.
struct Item<T> {
    comes: bool,
    what: T,
}

/// What is to become of every entry.
struct Wish {
    status: Option<Status>,
    severity: Option<Option<Severity>>,
    labels: Vec<Item<Label>>,
    links: Vec<Item<Link>>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, context: Context, terminal: &mut Terminal) -> Result<u8, CliError> {
    let wish = wish(arguments, &context.config, &terminal.redactor())?;
    decide::carry_out(&arguments.output, context, terminal, |garden, terminal| {
        let rows = garden.entries(&arguments.entries, terminal)?;
        rows.into_iter().map(|row| decision(row, &wish, garden)).collect()
    })
}

fn wish(arguments: &Arguments, config: &Config, redactor: &Redactor) -> Result<Wish, CliError> {
    let vocabulary = &config.labels.vocabulary;
    for typed in arguments.label.iter().chain(&arguments.link) {
        if let Some(place) = redactor.places(typed).first() {
            return Err(CliError::Usage(format!(
                "what looks like a secret ({}) is not written into a worklog: git keeps what is committed",
                place.kind
            )));
        }
    }
    let status = arguments.status.as_deref().map(|typed| {
        let words = vocabulary.words();
        vocabulary.status(typed).ok_or_else(|| {
            let meant = nearest(typed, words.iter().copied());
            let meant = meant.map_or_else(String::new, |word| format!("; did you mean {word}?"));
            let typed = Untrusted(typed);
            CliError::Usage(format!("`{typed}` is no status here; there are {}{meant}", words.join(", ")))
        })
    });
    let label = |text: &str| {
        if let Some(severity) = Label::new(text).and_then(|label| vocabulary.severity_of(&label)) {
            return Err(format!("that label stands for a severity: say --severity {severity}"));
        }
        if let Some(status) = Label::new(text).and_then(|label| vocabulary.mark_of(&label)) {
            return Err(format!("that label stands for a status: say --status {status}"));
        }
        if Label::new(text).is_some_and(|label| config.ignores(&label)) {
            return Err("no sync takes it anywhere: `labels.ignore` in gardener.toml names it".to_owned());
        }
        let label = Label::new(text).filter(|label| label.name().chars().count() <= Label::MAX_CHARS);
        let label = label.filter(|label| !label.name().chars().any(char::is_control));
        label.ok_or_else(|| format!("a label has 1 to {} characters of one line", Label::MAX_CHARS))
    };
    Ok(Wish {
        status: status.transpose()?,
        severity: arguments.severity.map(|wanted| wanted.0),
        labels: arguments
            .label
            .iter()
            .map(|typed| item("--label", typed, label))
            .collect::<Result<_, _>>()?,
        links: arguments.link.iter().map(|typed| item("--link", typed, link)).collect::<Result<_, _>>()?,
    })
}

/// A link as in a worklog, `blocked-by: #8`, or as it is shown, `blocked-by #8`. A shell takes `#8` for a
/// comment, so that a number alone is an issue too.
fn link(text: &str) -> Result<Link, String> {
    let number = |text: &str| match text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        true => format!("#{text}"),
        false => text.to_owned(),
    };
    let read = |text: &str| Link::parse(text).map_err(|error| error.to_string());
    match text.split_once(": ") {
        None => match text.split_once(' ') {
            Some((kind, target)) => read(&format!("{kind} {}", number(target))),
            None => read(&number(text)),
        },
        Some((kind, target)) if LinkKind::from_word(kind).is_some() => {
            read(&format!("{kind} {}", number(target.trim())))
        }
        Some((kind, _)) => {
            let kinds: Vec<_> = LinkKind::ALL.iter().map(|kind| kind.word()).collect();
            Err(format!("`{}` is no kind of link; there are {}", Untrusted(kind), kinds.join(", ")))
        }
    }
}

fn item<T>(option: &str, typed: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Item<T>, CliError> {
    let (comes, text) = match typed.strip_prefix('-') {
        Some(rest) => (false, rest),
        None => (true, typed.strip_prefix('+').unwrap_or(typed)),
    };
    let what = read(text.trim());
    let what = what.map_err(|why| CliError::Usage(format!("{option} {}: {why}", Untrusted(typed))))?;
    Ok(Item { comes, what })
}

fn decision<'a>(row: Row<'a>, wish: &Wish, garden: &Garden<'a>) -> Result<Decision<'a>, CliError> {
    let entry = row.entry.id.clone();
    let (mut edits, mut said) = (Vec::new(), Vec::new());
    if let Some(to) = wish.status.as_ref().filter(|to| row.entry.status.as_ref() != Some(to)) {
        said.push(match row.status {
            // It held by the last sync, and is written down now.
            Some(now) if now == to => format!("{to}, written down"),
            now => format!("{} -> {to}", now.map_or("-", Status::word)),
        });
        edits.push(Edit::SetStatus { entry: entry.clone(), to: to.clone() });
    }
    if wish.severity == Some(None) && row.base.is_some_and(|base| base.agreed.severity.flatten().is_some()) {
        return Err(CliError::Refused {
            message: format!("{}: {} has a severity on both sides", place(&row), row.key()),
            next:
                "a worklog without the key has no opinion: take the label off on GitHub, and a sync follows"
                    .to_owned(),
        });
    }
    if let Some(to) = wish.severity.filter(|to| row.entry.severity != *to) {
        let word = |severity: Option<Severity>| severity.map_or("none", Severity::word);
        said.push(match row.severity == to {
            true => format!("{}, written down", word(to)),
            false => format!("{} -> {}", word(row.severity), word(to)),
        });
        edits.push(Edit::SetSeverity { entry: entry.clone(), to });
    }
    labels(&row, wish, &mut edits, &mut said)?;
    links(&row, wish, garden, &mut edits, &mut said)?;
    Ok(Decision { row, choice: Choice::Values { edits, said } })
}

fn labels(row: &Row<'_>, wish: &Wish, edits: &mut Vec<Edit>, said: &mut Vec<String>) -> Result<(), CliError> {
    let entry = &row.entry.id;
    let of_all = &row.worklog.loaded.worklog.header().labels;
    let agreed = row.base.and_then(|base| base.agreed.labels.as_ref()).into_iter().flatten();
    let agreed: Vec<Label> = agreed.filter(|label| !of_all.contains(label)).cloned().collect();
    let mut there = row.entry.labels.clone().unwrap_or_else(|| agreed.clone());
    let before = said.len();
    let mut changes = Vec::new();
    for item in &wish.labels {
        let (label, name) = (item.what.clone(), Untrusted(item.what.name()));
        let at = there.iter().position(|other| *other == label);
        match (item.comes, at) {
            (true, Some(_)) => {}
            (true, None) if of_all.contains(&label) => {}
            (true, None) => {
                there.push(label.clone());
                said.push(format!("label +{name}"));
                changes.push(Edit::AddLabel { entry: entry.clone(), label });
            }
            (false, Some(_)) if of_all.contains(&label) => return Err(of_the_worklog(row, &label)),
            (false, Some(at)) => {
                there.remove(at);
                said.push(format!("label -{name}"));
                changes.push(Edit::RemoveLabel { entry: entry.clone(), label });
            }
            (false, None) if of_all.contains(&label) => return Err(of_the_worklog(row, &label)),
            (false, None) => return Err(nothing_to_take(row, &format!("label {name}"))),
        }
    }
    if row.entry.labels.is_none() && said.len() > before {
        let add = |label: Label| Edit::AddLabel { entry: entry.clone(), label };
        edits.extend(agreed.into_iter().map(add));
    }
    edits.extend(changes);
    Ok(())
}

fn links(
    row: &Row<'_>,
    wish: &Wish,
    garden: &Garden<'_>,
    edits: &mut Vec<Edit>,
    said: &mut Vec<String>,
) -> Result<(), CliError> {
    let entry = &row.entry.id;
    let short = |link: &Link| garden.home.map_or_else(|| link.clone(), |home| link.in_short(home));
    let agreed: Vec<Link> =
        row.base.and_then(|base| base.agreed.links.as_ref()).into_iter().flatten().map(short).collect();
    let mut there = row.entry.links.clone().unwrap_or_else(|| agreed.clone());
    let before = said.len();
    let mut changes = Vec::new();
    for item in &wish.links {
        let wanted = short(&item.what);
        let at = there.iter().position(|other| short(other) == wanted);
        match (item.comes, at) {
            (true, Some(_)) => {}
            (true, None) => {
                said.push(format!("link +{}", Untrusted(&wanted.to_string())));
                there.push(wanted.clone());
                changes.push(Edit::AddLink { entry: entry.clone(), link: wanted });
            }
            (false, Some(at)) => {
                let link = there.remove(at);
                said.push(format!("link -{}", Untrusted(&link.to_string())));
                changes.push(Edit::RemoveLink { entry: entry.clone(), link });
            }
            (false, None) => {
                return Err(nothing_to_take(row, &format!("link {}", Untrusted(&wanted.to_string()))));
            }
        }
    }
    if row.entry.links.is_none() && said.len() > before {
        let add = |link: Link| Edit::AddLink { entry: entry.clone(), link };
        edits.extend(agreed.into_iter().map(add));
    }
    edits.extend(changes);
    Ok(())
}

fn of_the_worklog(row: &Row<'_>, label: &Label) -> CliError {
    CliError::Refused {
        message: format!("{}: {} is a label of the whole worklog", place(row), Untrusted(label.name())),
        next: "take it out of `labels:` at the top, or off the issue on GitHub".to_owned(),
    }
}

fn nothing_to_take(row: &Row<'_>, what: &str) -> CliError {
    CliError::Refused {
        message: format!("{}: {} has no {what}", place(row), row.key()),
        next: format!("gardener show {}", row.key()),
    }
}

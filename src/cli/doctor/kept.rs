//! What the project and gardener keep in a clone: config, worklogs, the merge driver, the hook, the
//! trust in suites, the journal, the lock.

use std::path::Path;

use crate::cli::check;
use crate::cli::context::Context;
use crate::cli::doctor::{Check, ago};
use crate::cli::error::CliError;
use crate::cli::trust;
use crate::config;
use crate::effect::{is_executable, is_locked, who_has_open};
use crate::journal::{Journal, JournalError, Store as _};
use crate::model::Untrusted;
use crate::repo::{FoundHook, HookFolder, HookPlace, Keeper};
use crate::runner::State;

/// The name of the settings that let a diff name the entry above a hunk.
const DIFF: &str = "diff.worklog.xfuncname";

/// All of it. `wrong` is why the config does not count.
pub(super) fn checks(context: Context, wrong: Option<&CliError>) -> Vec<Check> {
    let mut checks = config_file(&context, wrong);
    checks.push(ignored(&context));
    checks.extend(driver(&context));
    checks.push(diff(&context));
    checks.push(hook(&context));
    checks.push(suites(&context));
    checks.push(journal(&context));
    checks.push(lock(&context));
    checks.push(worklogs(context));
    checks
}

fn config_file(context: &Context, wrong: Option<&CliError>) -> Vec<Check> {
    match wrong {
        Some(CliError::Config { text, problems }) => {
            let check = |problem: &config::Problem| {
                let line = text[..problem.span.start.min(text.len())].matches('\n').count() + 1;
                let found = format!("line {line} of gardener.toml: {}", Untrusted(&problem.message));
                let fix = problem.help.clone().unwrap_or_else(|| "`gardener check` shows it".to_owned());
                Check::fault("config", found, Untrusted(&fix).to_string())
            };
            problems.iter().map(check).collect()
        }
        Some(error) => vec![Check::of_error("config", error)],
        None => match context.repo.text(config::FILE) {
            Ok(None) => vec![Check::note("config", "there is no gardener.toml", "gardener init")],
            _ => vec![Check::ok("config", "gardener.toml is right")],
        },
    }
}

/// A worklog that git overlooks is neither synced nor committed.
fn ignored(context: &Context) -> Check {
    let folder = &context.config.worklogs;
    // A new worklog, whatever its name.
    match context.repo.ignored(&format!("{folder}/gardener-doctor.md")) {
        Ok(None) => Check::ok("ignored", format!("git sees new worklogs in {folder}/")),
        Ok(Some(rule)) => {
            let place = format!("`{}` in {}:{}", Untrusted(&rule.pattern), Untrusted(&rule.file), rule.line);
            let above = folder.rsplit_once('/').map(|(above, _)| context.repo.ignored(&format!("{above}/")));
            // An exception for the folder above would be one for all that is in it.
            let fix = if above.is_some_and(|found| found.is_ok_and(|rule| rule.is_some())) {
                "take that line out, or choose another folder by `worklogs` in gardener.toml".to_owned()
            } else {
                let file = context.seen_from_here(".gitignore");
                format!("printf '%s\\n' '!/{folder}/' '!/{folder}/*.md' >> {file}")
            };
            Check::fault("ignored", format!("git overlooks worklogs in {folder}/, by {place}"), fix)
        }
        Err(error) => Check::of_error("ignored", &error.into()),
    }
}

/// Without them branches that change one worklog are merged line by line.
fn driver(context: &Context) -> Vec<Check> {
    let folder = &context.config.worklogs;
    let registered = match context.repo.has_driver() {
        Ok(true) => Check::ok("merge-driver", "git knows it in this clone"),
        Ok(false) => {
            let found = "git in this clone does not know how worklogs are merged";
            Check::note("merge-driver", found, "gardener init")
        }
        Err(error) => Check::of_error("merge-driver", &error.into()),
    };
    let attributes = match context.repo.attribute("merge", &format!("{folder}/gardener-doctor.md")) {
        Ok(Some(value)) if value == "gardener" => Check::ok("attributes", "worklogs are merged by gardener"),
        Ok(found) => {
            let path = format!("{folder}/.gitattributes");
            let said = match found {
                Some(other) => format!("the attribute merge of worklogs is {}", Untrusted(&other)),
                None => format!("{path} does not say that gardener merges worklogs"),
            };
            let folder = context.seen_from_here(folder);
            let path = context.seen_from_here(&path);
            let fix = format!("mkdir -p {folder} && echo '*.md merge=gardener' >> {path}");
            Check::note("attributes", said, fix)
        }
        Err(error) => Check::of_error("attributes", &error.into()),
    };
    vec![registered, attributes]
}

/// Half of it does nothing; none of it is nobody's fault.
fn diff(context: &Context) -> Check {
    let folder = &context.config.worklogs;
    let attribute = context.repo.attribute("diff", &format!("{folder}/gardener-doctor.md"));
    let has_attribute = attribute.is_ok_and(|value| value.as_deref() == Some("worklog"));
    match (context.repo.setting(DIFF).is_ok_and(|value| value.is_some()), has_attribute) {
        (true, true) => Check::ok("diff", "diffs of worklogs name the entry"),
        (false, false) => Check::ok("diff", "diffs of worklogs name no entry, which is only for comfort"),
        (false, true) => {
            let found = "`diff=worklog` is an attribute that git in this clone does not know";
            Check::note("diff", found, format!("git config {DIFF} \"^ *- (id: .*)\""))
        }
        (true, false) => {
            let path = context.seen_from_here(".gitattributes");
            let found = format!("{DIFF} is set, and no attribute uses it");
            Check::note("diff", found, format!("echo '{folder}/*.md diff=worklog' >> {path}"))
        }
    }
}

fn hook(context: &Context) -> Check {
    let place = match context.repo.hook_place() {
        Ok(place) => place,
        Err(error) => return Check::of_error("hook", &error.into()),
    };
    let path = place.path.strip_prefix(context.repo.top()).unwrap_or(&place.path).display().to_string();
    let path = Untrusted(&path);
    let whose = match place.folder {
        HookFolder::Own => String::new(),
        HookFolder::Project => ", in a folder of the project (core.hooksPath)".to_owned(),
        HookFolder::Elsewhere => ", in a folder for more than this clone (core.hooksPath)".to_owned(),
    };
    let keeper = place.keeper.map(|keeper| format!(", kept by {}", Keeper::name(keeper))).unwrap_or_default();
    let is_ours = !matches!(place.found, FoundHook::Nothing | FoundHook::Other);
    if is_ours && !is_executable(&place.path) {
        return not_executable(&place);
    }
    let fix = "gardener hook install";
    match place.found {
        FoundHook::Ours { is_chained: false } => Check::ok("hook", format!("{path} syncs before each push")),
        FoundHook::Ours { is_chained: true } => {
            Check::ok("hook", format!("{path} syncs before each push, after the one that was there before"))
        }
        FoundHook::Calls => Check::ok("hook", format!("{path} calls gardener{whose}{keeper}")),
        FoundHook::Changed => {
            let found = format!("{path} is gardener's with somebody's changes");
            Check::note("hook", found, format!("keep it, or `rm {path} && {fix}`"))
        }
        FoundHook::Nothing => Check::note("hook", format!("no push syncs{whose}{keeper}"), fix),
        FoundHook::Other => {
            let found = format!("{path} is somebody else's and does not call gardener{whose}{keeper}");
            Check::note("hook", found, fix)
        }
    }
}

fn not_executable(place: &HookPlace) -> Check {
    let path = place.path.display();
    let found = format!("{} can't be executed, so git overlooks it", Untrusted(&path.to_string()));
    Check::fault("hook", found, format!("chmod +x '{path}'"))
}

fn suites(context: &Context) -> Check {
    let look = "gardener trust --show && gardener trust";
    let count = context.config.suites.len();
    match trust::standing(context) {
        Ok(None) => Check::ok("suites", "gardener.toml names none"),
        Ok(Some(State::Trusted)) => Check::ok("suites", format!("{count} may run")),
        Ok(Some(State::Never)) => {
            Check::note("suites", format!("{count}, not trusted: they don't run"), look)
        }
        Ok(Some(State::Changed { since })) => {
            let found = format!("{count}, which changed since they were trusted ({since}): they don't run");
            Check::note("suites", found, look)
        }
        Err(why) => {
            let fix = match context.trust() {
                Ok((list, _)) => format!("chmod 600 '{}' after a look at it", list.path().display()),
                Err(error) => error.words().1.unwrap_or_default(),
            };
            Check::fault("suites", why, fix)
        }
    }
}

fn journal(context: &Context) -> Check {
    let (mut store, _, _) = context.stores();
    let journal = match Journal::open(&mut store) {
        Ok(journal) => journal,
        Err(error @ JournalError::Newer(_)) => {
            return Check::fault("journal", error.to_string(), "install the newer gardener");
        }
        Err(error @ JournalError::Store(_)) => {
            let path = context.repo.common_dir().join("gardener/journal");
            let (path, name) = (path.display(), "journal.aside");
            let fix = format!("mv '{path}' '{}'", path.to_string().replace("journal", name));
            return Check::fault("journal", error.to_string(), fix);
        }
    };
    let looked = context.last_look().read().ok();
    let looked = looked.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.trim().parse().ok());
    let last = looked.map_or_else(|| "no sync yet".to_owned(), |then| format!("last sync {}", ago(then)));
    let open = journal.open_intents();
    if open > 0 {
        let found = format!("{open} creations were begun and have no answer yet; {last}");
        return Check::note("journal", found, "gardener sync");
    }
    if journal.has_cut_off() {
        return Check::note("journal", format!("the last sync was cut off; {last}"), "gardener sync");
    }
    match journal.damaged() {
        0 => Check::ok("journal", last),
        lines => {
            let found = format!("{lines} lines of it are damaged and do not count; {last}");
            Check::note("journal", found, "gardener sync")
        }
    }
}

/// The system lets go of a lock when its holder ends, so that only what it has started can be left.
fn lock(context: &Context) -> Check {
    let path = context.repo.lock_file();
    match is_locked(&path) {
        Ok(false) => Check::ok("lock", "free"),
        Ok(true) => held(&path),
        Err(error) => {
            let found = format!("{}: {error}", Untrusted(&path.display().to_string()));
            Check::fault("lock", found, format!("chmod 600 '{}'", path.display()))
        }
    }
}

fn held(path: &Path) -> Check {
    let holders = who_has_open(path);
    let named: Vec<_> = holders.iter().map(|(pid, name)| format!("{} ({pid})", Untrusted(name))).collect();
    if holders.is_empty() {
        return Check::note("lock", "somebody holds it", format!("lsof '{}' says who", path.display()));
    }
    if holders.iter().any(|(_, name)| name.starts_with("gardener")) {
        let found = format!("held by {}: another gardener is at work", named.join(", "));
        return Check::note("lock", found, "wait for it to end");
    }
    let numbers: Vec<_> = holders.iter().map(|(pid, _)| pid.to_string()).collect();
    let found = format!("held by {}, which a gardener that is gone has left", named.join(", "));
    Check::fault("lock", found, format!("kill {}", numbers.join(" ")))
}

fn worklogs(context: Context) -> Check {
    let folder = context.config.worklogs.clone();
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match check::tally(context) {
        Ok((0, 0, 0)) => {
            let fix = "gardener new --title \"What this worklog is about\"";
            Check::note("worklogs", format!("none in {folder}/"), fix)
        }
        Ok((count, 0, 0)) => Check::ok("worklogs", format!("{} in {folder}/", counted(count, "worklog"))),
        Ok((count, 0, warnings)) => {
            let found = format!("{}, {}", counted(count, "worklog"), counted(warnings, "warning"));
            Check::note("worklogs", found, "gardener check")
        }
        Ok((count, errors, warnings)) => {
            let (errors, warnings) = (counted(errors, "error"), counted(warnings, "warning"));
            let found = format!("{}, {errors}, {warnings}", counted(count, "worklog"));
            Check::fault("worklogs", found, "gardener check")
        }
        Err(error) => Check::of_error("worklogs", &error),
    }
}

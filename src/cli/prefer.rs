//! `--prefer`, as it is typed, and what is asked where it would settle more than somebody named.

use std::io::IsTerminal as _;

use crate::cli::error::CliError;
use crate::cli::resolve::pressed;
use crate::cli::terminal::{HINT, Terminal};
use crate::merge::{Field, Side};
use crate::sync::{Prepared, WantedSide};

/// `--prefer local`, `--prefer local ENTRY`, `--prefer local ENTRY:FIELD`.
pub(super) fn wanted_sides(words: &[String]) -> Result<Vec<WantedSide>, CliError> {
    let mut sides: Vec<WantedSide> = Vec::new();
    for word in words {
        let side = match word.as_str() {
            "local" => Some(Side::Local),
            "remote" => Some(Side::Remote),
            _ => None,
        };
        match (side, sides.last_mut()) {
            (Some(side), _) => sides.push(WantedSide { side, entry: None, field: None, seen: None }),
            (None, Some(last)) if last.entry.is_none() => {
                let (entry, field) =
                    word.split_once(':').map_or((word.as_str(), None), |(e, f)| (e, Some(f)));
                last.entry = Some(entry.to_owned());
                last.field = field.map(field_named).transpose()?;
            }
            (None, _) => {
                return Err(CliError::Usage(format!("--prefer {word}: write `local` or `remote` first")));
            }
        }
    }
    Ok(sides)
}

/// Asks whoever sits there whether all of these conflicts are meant; nobody there is a no.
pub(super) fn may_settle(prepared: &Prepared, terminal: &mut Terminal) -> Result<bool, CliError> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(false);
    }
    for conflict in &prepared.plan.settled {
        terminal.warn(conflict);
    }
    terminal.warn(format_args!("{HINT}[y] settle all of them   [n] change nothing{HINT:#}"));
    loop {
        match pressed()? {
            Some('y') => return Ok(true),
            None | Some('n' | 'q') => return Ok(false),
            Some(_) => {}
        }
    }
}

fn field_named(word: &str) -> Result<Field, CliError> {
    match word {
        "status" => Ok(Field::Status),
        "severity" => Ok(Field::Severity),
        other => {
            Err(CliError::Usage(format!("`{other}` can't be in conflict; a field is status or severity")))
        }
    }
}

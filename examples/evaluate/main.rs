//! Figures on judged data: how much of old worklogs is imported as people read them, and whether the
//! issue that covers an entry is found.
//!
//! ```sh
//! cargo run --release --example evaluate -- FOLDER           # one `name value` a line
//! cargo run --release --example evaluate -- FOLDER --files   # and what is wrong, file by file
//! ```
//!
//! The folder has an `import-truth.jsonl`, with paths relative to it, and a `match-truth.jsonl`. What a
//! folder does not have is not measured.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example for the terminal, with files of its own"
)]

mod import;
mod matching;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

/// The lines of a file of judged data, each with what to say where it is wrong; nothing where there is
/// no such file.
fn judged(path: &Path) -> Result<Vec<(String, Value)>, String> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let value = |(at, line): (usize, &str)| {
        let place = format!("{}:{}", path.display(), at + 1);
        let value = serde_json::from_str(line).map_err(|e| format!("{place}: {e}"))?;
        Ok((place, value))
    };
    lines.map(value).collect()
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (folder, shown) = match words[..] {
        [folder] => (Path::new(folder), false),
        [folder, "--files"] => (Path::new(folder), true),
        _ => {
            eprintln!("evaluate FOLDER [--files]");
            return ExitCode::from(2);
        }
    };
    // Each kind of judged data is a file of its own, read by a module of its own.
    let mut figures: Vec<(String, String)> = Vec::new();
    let measured = [import::measure(folder, shown), matching::measure(folder, shown)];
    for outcome in measured {
        match outcome {
            Ok(found) => figures.extend(found),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    if figures.is_empty() {
        eprintln!("{}: no judged data here", folder.display());
        return ExitCode::FAILURE;
    }
    for (name, value) in figures {
        println!("{name} {value}");
    }
    ExitCode::SUCCESS
}

//! Printing: colour only on a terminal, a closed pipe is no error, one status line while
//! something takes time, no secret in any of it.
#![expect(clippy::disallowed_methods, reason = "the command line reads the environment")]

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use anstyle::{AnsiColor, Style};

use crate::cli::error::CliError;
use crate::effect::columns;
use crate::model::{guarded, guarded_json};
use crate::redact::Redactor;

/// A path or another name that leads a block of lines.
pub(super) const NAME: Style = Style::new().bold();
/// Something that a person has to look at.
pub(super) const ALARM: Style = AnsiColor::Yellow.on_default();
/// Something that failed.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Something that is fine to overlook.
pub(super) const QUIET: Style = Style::new().dimmed();
/// What to do next.
pub(super) const HINT: Style = AnsiColor::Cyan.on_default();

/// The terminal, or whatever standard output and error are.
pub(super) struct Terminal {
    out: anstream::AutoStream<io::Stdout>,
    err: anstream::AutoStream<io::Stderr>,
    progress: Progress,
    /// Nobody reads standard output any more.
    is_closed: bool,
    redactor: Arc<Redactor>,
    /// Whether standard output shows what somebody asked to see, as it is.
    as_written: bool,
    /// Where nothing is printed: what would have been.
    kept: Option<Kept>,
}

/// What a command said where nobody reads its output.
#[derive(Default)]
pub(super) struct Kept {
    /// What it would have printed as JSON, without secrets.
    pub(super) values: Vec<serde_json::Value>,
    /// What it would have said on standard error, without secrets, a text each.
    pub(super) warned: Vec<String>,
}

/// The status line. Clones are the same line.
#[derive(Clone)]
pub(super) struct Progress(Rc<Line>);

struct Line {
    is_terminal: bool,
    started: Instant,
    shown: Cell<bool>,
    last: RefCell<String>,
}

/// Settles `--color` for everything that is printed.
pub(super) fn choose_color(choice: clap::ColorChoice) {
    match choice {
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
    }
    .write_global();
}

impl Terminal {
    pub(super) fn new(redactor: Redactor) -> Self {
        let quiet = std::env::var_os("GARDENER_NO_PROGRESS").is_some();
        let line = Line {
            is_terminal: io::stderr().is_terminal() && !quiet,
            started: Instant::now(),
            shown: Cell::new(false),
            last: RefCell::new(String::new()),
        };
        Self {
            out: anstream::AutoStream::auto(io::stdout()),
            err: anstream::AutoStream::auto(io::stderr()),
            progress: Progress(Rc::new(line)),
            is_closed: false,
            redactor: Arc::new(redactor),
            as_written: false,
            kept: None,
        }
    }

    /// One that prints nothing and keeps what commands say, for standard output that belongs to a
    /// protocol. What it keeps goes to another program, so that secrets are left out of files, too.
    pub(super) fn keeping(redactor: Redactor) -> Self {
        Self { kept: Some(Kept::default()), ..Self::new(redactor) }
    }

    /// The last value that was kept, which is then no longer there.
    pub(super) fn printed(&mut self) -> Option<serde_json::Value> {
        self.kept.as_mut().and_then(|kept| kept.values.pop())
    }

    /// What was kept.
    pub(super) fn take_kept(&mut self) -> Kept {
        self.kept.take().unwrap_or_default()
    }

    /// What finds secrets.
    pub(super) fn redactor(&self) -> Arc<Redactor> {
        Arc::clone(&self.redactor)
    }

    /// Standard output is for somebody's own files, which are shown as they are.
    pub(super) fn show_as_written(&mut self) {
        self.as_written = true;
    }

    /// Prints to standard output, without secrets. Foreign text in it went through `Untrusted`;
    /// where that was forgotten, it does nothing all the same. A reader that went away is no
    /// error: the command goes on without it, does all it has to do, and ends with the code it
    /// earned.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn print(&mut self, text: impl Display) -> Result<(), CliError> {
        let text = text.to_string();
        let text = if self.as_written { text } else { self.redactor.redact(&text).text };
        self.print_own(&guarded(&text))
    }

    /// Prints to standard output, as it is: for text that is gardener's own from end to end.
    ///
    /// # Errors
    /// When it is closed or can't be written.
    pub(super) fn print_own(&mut self, text: &str) -> Result<(), CliError> {
        self.progress.clear();
        if self.is_closed || self.kept.is_some() {
            return Ok(());
        }
        match write!(self.out, "{text}").and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_closed = true,
            written => written.map_err(CliError::Output)?,
        }
        Ok(())
    }

    /// Prints one line to standard output.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn say(&mut self, text: impl Display) -> Result<(), CliError> {
        self.print(format_args!("{text}\n"))
    }

    /// Prints a value as one line of JSON, in which foreign text does nothing on a terminal
    /// and means the same to a script.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn json(&mut self, value: &serde_json::Value) -> Result<(), CliError> {
        if let Some(kept) = &mut self.kept {
            kept.values.push(without_secrets(value, &self.redactor));
            return Ok(());
        }
        let value = if self.as_written { value.clone() } else { without_secrets(value, &self.redactor) };
        self.print_own(&format!("{}\n", guarded_json(&value.to_string())))
    }

    /// Prints one line to standard error, with the same care. If that is closed nobody listens.
    pub(super) fn warn(&mut self, text: impl Display) {
        self.progress.clear();
        let text = guarded(&self.redactor.redact(&text.to_string()).text);
        match &mut self.kept {
            Some(kept) => kept.warned.push(anstream::adapter::strip_str(&text).to_string()),
            None => drop(writeln!(self.err, "{text}")),
        }
    }

    /// The status line.
    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Whether somebody watches a status line.
    pub(super) fn is_watched(&self) -> bool {
        self.progress.0.is_terminal
    }

    /// How many characters fit into a line of standard output, if that is a terminal which says so.
    pub(super) fn width(&self) -> Option<usize> {
        columns(&io::stdout())
    }

    /// Whether colours will be seen, for text that is rendered elsewhere.
    pub(super) fn has_color(&self) -> bool {
        self.kept.is_none() && self.out.current_choice() != anstream::ColorChoice::Never
    }
}

/// The same value with every secret in its texts replaced: each text for itself, so that
/// it stays JSON.
pub(super) fn without_secrets(value: &serde_json::Value, redactor: &Redactor) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(redactor.redact(text).text),
        Value::Array(items) => items.iter().map(|item| without_secrets(item, redactor)).collect(),
        Value::Object(map) => {
            let pair =
                |(key, item): (&String, &Value)| (redactor.redact(key).text, without_secrets(item, redactor));
            Value::Object(map.iter().map(pair).collect())
        }
        other => other.clone(),
    }
}

impl Progress {
    /// Shows what is being waited for: on a terminal on one line that goes away again;
    /// elsewhere long waits only, a line each.
    pub(super) fn show(&self, text: &str) {
        let line = &self.0;
        if line.is_terminal {
            line.shown.set(true);
            // A line that breaks is not taken away as a whole.
            let room = columns(&io::stderr()).map_or(100, |columns| columns.saturating_sub(2).min(100));
            let short: String = text.chars().take(room).collect();
            let _ = write!(io::stderr(), "\r\x1b[K{short}…");
            let _ = io::stderr().flush();
        } else if text.starts_with("waiting") && *line.last.borrow() != text {
            text.clone_into(&mut line.last.borrow_mut());
            let _ = writeln!(io::stderr(), "gardener: {text}");
        }
    }

    /// Seconds since the program began.
    pub(super) fn seconds(&self) -> f64 {
        self.0.started.elapsed().as_secs_f64()
    }

    fn clear(&self) {
        if self.0.shown.replace(false) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

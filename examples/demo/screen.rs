//! What the demo looks like: headings, commands, their output, and diffs cut to a page.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

const HEADING: Style = Style::new().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const DIM: Style = Style::new().dimmed();

/// Where a long line is cut.
const WIDTH: usize = 100;

/// Where the demo is told.
pub(crate) struct Screen<'a> {
    out: &'a mut dyn Write,
    /// Whether colours are wanted.
    pub(crate) color: bool,
}

impl<'a> Screen<'a> {
    /// A screen that writes to `out`.
    pub(crate) fn new(out: &'a mut dyn Write, color: bool) -> Self {
        Self { out, color }
    }

    /// A heading, and what the step is about.
    pub(crate) fn step(&mut self, heading: &str, about: &str) -> io::Result<()> {
        self.styled(HEADING, &format!("\n== {heading}"))?;
        self.text(about)
    }

    /// A command as a person types it.
    pub(crate) fn command(&mut self, words: &str) -> io::Result<()> {
        self.styled(COMMAND, &format!("\n$ {words}"))
    }

    /// What is said, as it is.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A patch without its headers and line numbers, long lines cut. Of base lines, which
    /// are for machines, only the number, unless they are new.
    pub(crate) fn patch(&mut self, patch: &str) -> io::Result<()> {
        let mut base_lines = 0;
        for hunk in patch.split("\n@@ ").skip(1) {
            let (heading, lines) = hunk.split_once('\n').unwrap_or((hunk, ""));
            if lines.lines().all(|line| line.contains(" {\"issue\":")) {
                base_lines += lines.lines().filter(|line| line.starts_with('+')).count();
                continue;
            }
            if !lines.contains("<!-- gardener:base") {
                let entry = heading.rsplit("@@").next().unwrap_or_default().trim();
                self.styled(DIM, &format!("@@ {entry}"))?;
            }
            for line in lines.lines() {
                let style = if line.starts_with('-') { REMOVED } else { ADDED };
                self.styled(style, &cut(line))?;
            }
        }
        match base_lines {
            0 => Ok(()),
            1 => self.styled(DIM, "(and the entry's base line)"),
            n => self.styled(DIM, &format!("(and {n} base lines)")),
        }
    }

    fn styled(&mut self, style: Style, text: &str) -> io::Result<()> {
        if self.color { writeln!(self.out, "{style}{text}{style:#}") } else { writeln!(self.out, "{text}") }
    }
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

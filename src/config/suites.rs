//! The suites that `gardener run` can run, and how it behaves.
//!
//! A suite names a command, and this file only says how it has to look: it runs only after the
//! user trusted it as it stands here, and that is not known here.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::DeTable;

use crate::config::parse::{Reader, Value};
use crate::config::values::shown;
use crate::model::{Format, Label, Severity};

/// One `[suites.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Letters, digits, `-`, `_` and `.`; at most 60.
    pub name: String,
    /// The program and its arguments; there is no shell between. Never empty.
    pub command: Vec<String>,
    /// Where it runs, from the top of the repository; empty is the top.
    pub folder: String,
    /// Variables that are set for it.
    pub environment: BTreeMap<String, String>,
    /// Variables whose names or values speak of a secret and that it gets all the same.
    pub pass: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// What its results are written in; `None` is "JUnit's XML where `results` is given, else
    /// only the exit status".
    pub format: Option<Format>,
    /// The file it writes them to, from the top of the repository.
    pub results: Option<String>,
    /// The areas it belongs to.
    pub focus: Vec<String>,
    /// How bad a failure of it is, unless somebody says otherwise.
    pub severity: Option<Severity>,
    /// What a failure of it costs whom.
    pub impact: Option<String>,
    /// Labels of its entries.
    pub labels: Vec<Label>,
    /// Who looks after it.
    pub owner: Option<String>,
}

/// How `gardener run` behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunChoices {
    /// How many suites run at the same time.
    pub jobs: usize,
    /// How many entries of one run may become new issues; the others wait.
    pub new_issues: usize,
    /// After clean runs at so many commits an entry counts as completed.
    pub complete_after: usize,
    /// Whether it is then set to `completed`, or only proposed.
    pub completes: bool,
    /// The label of what passes and fails at one commit.
    pub flaky_label: Label,
    /// What is made of the owners in CODEOWNERS.
    pub owners: Owners,
}

/// What is made of the owners that CODEOWNERS gives a failing test's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owners {
    /// Nothing.
    Ignored,
    /// The entry's `owner`.
    Named,
    /// The same, and a label `owner: NAME`.
    Labelled,
}

impl Suite {
    /// What its results are written in.
    pub fn format(&self) -> Format {
        let default = if self.results.is_some() { Format::Junit } else { Format::ExitStatus };
        self.format.unwrap_or(default)
    }

    /// The command as somebody would type it.
    pub fn command_line(&self) -> String {
        let plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./=:@%+,".contains(c))
        };
        let words = self.command.iter().map(|word| {
            if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Everything that decides what runs and what is read, in a fixed order, each part with
    /// its name: what is trusted.
    pub fn parts(&self) -> Vec<String> {
        let mut parts = vec![format!("suite {}", self.name)];
        parts.extend(self.command.iter().map(|word| format!("word {word}")));
        parts.push(format!("folder {}", self.folder));
        parts.extend(self.environment.iter().map(|(name, value)| format!("set {name}={value}")));
        parts.extend(self.pass.iter().map(|name| format!("pass {name}")));
        parts.push(format!("timeout {} ms", self.timeout.as_millis()));
        parts.push(format!("format {}", self.format().word()));
        parts.extend(self.results.iter().map(|path| format!("results {path}")));
        parts.extend(self.focus.iter().map(|focus| format!("focus {focus}")));
        parts
    }
}

impl Default for RunChoices {
    fn default() -> Self {
        Self {
            jobs: 1,
            new_issues: 10,
            complete_after: 3,
            completes: false,
            flaky_label: Label::new("flaky").expect("a fixed valid name"),
            owners: Owners::Ignored,
        }
    }
}

/// The variables that gardener takes its own tokens from.
const TOKENS: [&str; 4] = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];

/// The longest a suite may take.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl Reader<'_> {
    /// `[suites]`, in the order of their names.
    pub(super) fn suites(&mut self, value: &Value<'_>) -> Vec<Suite> {
        let Some(table) = value.get_ref().as_table() else {
            let help = Some("write [suites.NAME]".to_owned());
            self.problem(value.span(), "`suites` is a table of suites".to_owned(), help);
            return Vec::new();
        };
        let mut suites = Vec::new();
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if word.is_empty() || word.len() > 60 || !word.chars().all(plain) {
                let message = format!("`{}` is not a suite's name", shown(word));
                let help = "letters, digits, `-`, `_` and `.`, at most 60";
                self.problem(name.span(), message, Some(help.to_owned()));
                continue;
            }
            suites.extend(self.suite(word, value));
        }
        suites.sort_by(|a, b| a.name.cmp(&b.name));
        self.differing_results(table, &suites);
        suites
    }

    fn suite(&mut self, name: &str, value: &Value<'_>) -> Option<Suite> {
        let place = format!("suites.{name}");
        let Some(table) = value.get_ref().as_table() else {
            let help = Some(format!("write [{place}]"));
            self.problem(value.span(), format!("`{place}` is a table"), help);
            return None;
        };
        self.known_in(table, "suites.NAME", &place);
        let mut suite = Suite {
            name: name.to_owned(),
            command: Vec::new(),
            folder: String::new(),
            environment: BTreeMap::new(),
            pass: Vec::new(),
            timeout: Duration::from_secs(600),
            format: None,
            results: None,
            focus: Vec::new(),
            severity: None,
            impact: None,
            labels: Vec::new(),
            owner: None,
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "command" => suite.command = self.command(value),
                "folder" => suite.folder = self.inside(value, "folder", "web/client").unwrap_or_default(),
                "environment" => suite.environment = self.environment(value),
                "pass" => suite.pass = self.variables(value),
                "timeout" => suite.timeout = self.timeout(value).unwrap_or(suite.timeout),
                "format" => suite.format = self.format(value),
                "results" => suite.results = self.results(value),
                "focus" => suite.focus = self.lines(value),
                "severity" => suite.severity = self.severity(value),
                "impact" => suite.impact = self.line(value),
                "labels" => suite.labels = self.labels_of(value),
                "owner" => suite.owner = self.line(value),
                _ => {}
            }
        }
        if !table.keys().any(|key| key.get_ref() == "command") {
            let help = Some("add command = [\"cargo\", \"test\"]".to_owned());
            self.problem(value.span(), format!("`{place}` has no command"), help);
        }
        if suite.format == Some(Format::Junit) && suite.results.is_none() {
            let help = Some("add results = \"target/junit.xml\"".to_owned());
            let message = format!("`{place}` has results in JUnit's XML and does not say in which file");
            self.problem(value.span(), message, help);
        }
        Some(suite)
    }

    /// Two suites that write one file would read each other's results.
    fn differing_results(&mut self, table: &DeTable<'_>, suites: &[Suite]) {
        for (place, suite) in suites.iter().enumerate() {
            let twin = suites[..place].iter().find(|s| s.results.is_some() && s.results == suite.results);
            if let Some(twin) = twin {
                let value = table.iter().find(|(name, _)| name.get_ref().as_ref() == suite.name);
                let message = format!("`{}` and `{}` write their results to one file", twin.name, suite.name);
                let help = Some("give each a file of its own".to_owned());
                self.problem(value.map_or(0..0, |(name, _)| name.span()), message, help);
            }
        }
    }

    /// `[run]`.
    pub(super) fn run(&mut self, value: &Value<'_>) -> RunChoices {
        let mut run = RunChoices::default();
        let Some(table) = self.table(value, "run") else { return run };
        for (name, value) in table {
            match name.get_ref().as_ref() {
                "jobs" => run.jobs = self.number(value, 1..=64).unwrap_or(run.jobs),
                "new-issues" => run.new_issues = self.number(value, 0..=1000).unwrap_or(run.new_issues),
                "complete-after" => {
                    run.complete_after = self.number(value, 1..=100).unwrap_or(run.complete_after);
                }
                "completed" => run.completes = self.one_of(value, &["proposed", "set"]) == Some(1),
                "flaky-label" => run.flaky_label = self.label(value).unwrap_or(run.flaky_label),
                "owners" => {
                    run.owners = match self.one_of(value, &["ignored", "named", "labelled"]) {
                        Some(1) => Owners::Named,
                        Some(2) => Owners::Labelled,
                        _ => Owners::Ignored,
                    }
                }
                _ => {}
            }
        }
        run
    }

    fn command(&mut self, value: &Value<'_>) -> Vec<String> {
        if let Some(text) = value.get_ref().as_str() {
            let words: Vec<_> = text.split_whitespace().map(|word| format!("\"{}\"", shown(word))).collect();
            let help = format!("there is no shell: write [{}]", words.join(", "));
            self.problem(value.span(), "a command is a list of words".to_owned(), Some(help));
            return Vec::new();
        }
        let words = self.strings(value);
        if let Some((span, _)) = words.iter().find(|(_, word)| word.contains('\0')) {
            self.problem(span.clone(), "a word of a command holds no NUL".to_owned(), None);
        }
        if words.first().is_none_or(|(_, word)| word.is_empty()) {
            let help = Some("write the program first, like [\"cargo\", \"test\"]".to_owned());
            self.problem(value.span(), "this command names no program".to_owned(), help);
        }
        words.into_iter().map(|(_, word)| word.to_owned()).collect()
    }

    /// A file, or several where the name has a `*` in it.
    fn results(&mut self, value: &Value<'_>) -> Option<String> {
        let path = self.inside(value, "file", "target/junit.xml")?;
        if path.rsplit_once('/').is_some_and(|(folder, _)| folder.contains('*')) {
            let help = Some("write it like \"target/surefire-reports/TEST-*.xml\"".to_owned());
            self.problem(value.span(), "only the name of the file may have a `*` in it".to_owned(), help);
            return None;
        }
        Some(path)
    }

    fn environment(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        let mut set = BTreeMap::new();
        let Some(table) = value.get_ref().as_table() else {
            let help = Some("write { NAME = \"value\" }".to_owned());
            self.problem(value.span(), "this is a table of variables".to_owned(), help);
            return set;
        };
        for (name, value) in table {
            let word = name.get_ref().as_ref();
            if let Some(text) = self.string(value) {
                if is_variable(word) && !text.contains('\0') {
                    set.insert(word.to_owned(), text.to_owned());
                } else {
                    let message = format!("`{}` is not a variable that can be set", shown(word));
                    self.problem(name.span(), message, None);
                }
            }
        }
        set
    }

    fn variables(&mut self, value: &Value<'_>) -> Vec<String> {
        let mut names = Vec::new();
        for (span, name) in self.strings(value) {
            if TOKENS.contains(&name) {
                let message = format!("`{name}` is gardener's own and reaches no suite");
                let help = "give the suite a token of its own in another variable";
                self.problem(span, message, Some(help.to_owned()));
            } else if is_variable(name) {
                names.push(name.to_owned());
            } else {
                self.problem(span, format!("`{}` is not a variable's name", shown(name)), None);
            }
        }
        names.sort();
        names.dedup();
        names
    }

    fn timeout(&mut self, value: &Value<'_>) -> Option<Duration> {
        let range = Duration::from_millis(1)..=LONGEST;
        self.time(value, range, "a time of at most 24h", "write \"90s\", \"10m\" or \"2h\"")
    }

    fn format(&mut self, value: &Value<'_>) -> Option<Format> {
        let words = Format::ALL.map(Format::word);
        self.one_of(value, &words).map(|place| Format::ALL[place])
    }

    fn severity(&mut self, value: &Value<'_>) -> Option<Severity> {
        let words = Severity::ALL.map(Severity::word);
        self.one_of(value, &words).map(|place| Severity::ALL[place])
    }

    pub(super) fn one_of(&mut self, value: &Value<'_>, words: &[&str]) -> Option<usize> {
        let text = self.string(value)?;
        let found = words.iter().position(|word| *word == text);
        if found.is_none() {
            let message = format!("`{}` is none of {}", shown(text), words.join(", "));
            self.problem(value.span(), message, None);
        }
        found
    }

    /// One line of text.
    fn line(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.string(value)?;
        let fits = !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !fits {
            self.problem(value.span(), "this is one line of text".to_owned(), None);
        }
        fits.then(|| text.to_owned())
    }

    fn lines(&mut self, value: &Value<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        for (span, text) in self.strings(value) {
            if text.trim().is_empty() || text.chars().any(char::is_control) {
                self.problem(span, "this is one line of text".to_owned(), None);
            } else {
                lines.push(text.to_owned());
            }
        }
        lines
    }

    fn labels_of(&mut self, value: &Value<'_>) -> Vec<Label> {
        let Some(items) = value.get_ref().as_array() else {
            let _ = self.strings(value);
            return Vec::new();
        };
        items.iter().filter_map(|item| self.label(item)).collect()
    }
}

fn is_variable(name: &str) -> bool {
    let rest = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    rest && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty()
}

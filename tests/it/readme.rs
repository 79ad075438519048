//! README.md says what is true: its excerpts are what the demo prints, its commands and
//! flags exist, its worklog is a good one, its tables are complete, its files are there.

use std::collections::BTreeSet;
use std::path::Path;

use gardener::config::KEYS;

use crate::sandbox::Sandbox;

#[path = "../../examples/demo/scratch.rs"]
mod scratch;
#[path = "../../examples/demo/screen.rs"]
mod screen;
#[path = "../../examples/demo/story.rs"]
mod story;

const README: &str = include_str!("../../README.md");
const PAGES: [&str; 3] =
    [README, include_str!("../../CONTRIBUTING.md"), include_str!("../../ARCHITECTURE.md")];

/// The code blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let start = format!("```{language}\n");
    let rest = text.split(start.as_str()).skip(1);
    rest.map(|rest| rest.split("\n```").next().unwrap_or(rest)).collect()
}

/// A line with what differs from run to run made the same: ids of commits and seconds.
fn masked(line: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([';', ',']);
        let is_id = bare.len() == 7 && bare.bytes().all(|b| b.is_ascii_hexdigit());
        let is_seconds = bare.contains('.') && bare.parse::<f64>().is_ok();
        if is_id || is_seconds { word.replace(bare, "_") } else { word.to_owned() }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

#[test]
fn the_demo_works_out_and_the_excerpts_are_its_output() {
    let mut out = Vec::new();
    let told =
        story::tell(&mut screen::Screen::new(&mut out, false), Path::new(env!("CARGO_BIN_EXE_gardener")));
    let out = String::from_utf8(out).expect("text");
    told.unwrap_or_else(|error| panic!("{out}\n{error}"));
    let said = format!("\n{}\n", out.lines().map(masked).collect::<Vec<_>>().join("\n"));
    let excerpts = blocks(README, "console");
    assert!(excerpts.len() >= 2, "{excerpts:?}");
    for excerpt in excerpts {
        let lines: Vec<_> = excerpt.lines().filter(|l| *l != "…").map(masked).collect();
        assert!(said.contains(&format!("\n{}\n", lines.join("\n"))), "not in the demo:\n{excerpt}\n\n{out}");
    }
}

/// The words of a line of shell up to a comment or a pipe; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (None, '#' | '|' | '>') => break,
            (None, ' ') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            (None, c) => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Every `gardener …` of a page: lines of its blocks, and what stands in backquotes.
fn invocations(page: &str) -> Vec<Vec<String>> {
    let blocks = ["sh", "console"].into_iter().flat_map(|language| blocks(page, language));
    let lines = blocks.flat_map(str::lines).map(|line| line.trim_start_matches("$ "));
    let quoted = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.chain(quoted).filter(|l| l.starts_with("gardener ")).map(words).collect()
}

#[test]
fn every_command_and_flag_that_is_named_exists() {
    let sandbox = Sandbox::new();
    let mut tried = BTreeSet::new();
    for invocation in PAGES.into_iter().flat_map(invocations) {
        let Some(command) = invocation.get(1).filter(|c| !c.starts_with('-')) else { continue };
        let help = sandbox.gardener([command.as_str(), "--help"]).run();
        assert_eq!(help.code, 0, "{invocation:?}: {}", help.err);
        let flags: BTreeSet<_> = help.out.split_whitespace().map(|w| w.trim_end_matches(',')).collect();
        for flag in invocation.iter().filter(|w| w.starts_with('-')) {
            assert!(flags.contains(flag.as_str()), "{invocation:?}: no {flag} in\n{}", help.out);
        }
        tried.insert(command.clone());
    }
    let help = sandbox.gardener(["--help"]).output();
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let commands = commands.filter_map(|line| line.split_whitespace().next()).filter(|c| *c != "help");
    assert_eq!(commands.map(str::to_owned).collect::<BTreeSet<_>>(), tried, "commands without a line");
}

#[test]
fn every_command_without_json_is_named() {
    let sandbox = Sandbox::new();
    let has_json = |words: &[&str]| {
        let help = sandbox.gardener(words.iter().chain(&["--help"]).copied()).output();
        help.split_whitespace().any(|word| word == "--json")
    };
    let help = sandbox.gardener(["--help"]).output();
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let commands: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    let start = "`--json` is there for scripts on every command but ";
    let line = README.split("\n\n").find(|p| p.starts_with(start)).expect("it");
    let without = line.strip_prefix(start).expect("it").split(';').next().expect("a list");
    for command in commands.into_iter().filter(|c| *c != "help" && *c != "hook") {
        assert_eq!(without.contains(&format!("`{command}`")), !has_json(&[command]), "{command}: {without}");
    }
    for what in ["install", "uninstall", "status"] {
        assert!(has_json(&["hook", what]), "{what}");
    }
}

#[test]
fn the_words_of_a_run_are_explained() {
    // As the library says them; a word that changes there has to change in the table.
    use gardener::model::Status;
    use gardener::run::lifecycle::{Other, Standing};
    let fixed_at = String::new();
    let standings = [
        Standing::New,
        Standing::Known,
        Standing::Regression { fixed_at: fixed_at.clone() },
        Standing::BeforeFix { fixed_at },
        Standing::Closed(Status::Completed),
    ];
    let others = [
        Other::Passes { times: 1, enough: false, completed: false },
        Other::Passes { times: 3, enough: true, completed: false },
        Other::PassesHere("…"),
        Other::Flaky,
        Other::Partly { passed: 1, of: 3 },
        Other::Absent,
        Other::FailsOtherwise,
    ];
    let words = standings.iter().map(|s| s.word().to_owned()).chain(others.iter().map(Other::words));
    for word in words.chain(["flaky", "on hold", "In other words:"].map(str::to_owned)) {
        let cell = format!("`{word}`");
        assert!(README.lines().any(|l| l.starts_with("| `") && l.contains(&cell)), "{cell}");
    }
}

#[test]
fn the_tables_are_complete() {
    let help = Sandbox::new().gardener(["--help"]).output();
    let codes: Vec<_> = help.lines().skip_while(|l| *l != "Exit codes:").skip(1).collect();
    assert_eq!(codes.len(), 6, "{help}");
    for line in codes {
        let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
        assert!(README.contains(&format!("| {code} | {meaning} |")), "{line}");
    }
    for key in KEYS {
        let row = README.lines().find(|l| l.starts_with(&format!("| `{}` |", key.name)));
        let row = row.unwrap_or_else(|| panic!("no row for {}", key.name));
        assert!(row.contains(key.default) && row.contains(key.meaning), "{row}\n{key:?}");
    }
}

#[test]
fn the_worklog_is_a_good_one() {
    let sandbox = Sandbox::new();
    let [worklog] = blocks(README, "markdown")[..] else { panic!("one worklog") };
    let path = "worklogs/critical-20250914T115930Z.md";
    sandbox.write(path, format!("{worklog}\n"));
    let answer = sandbox.gardener(["check", "--strict", path]).run();
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
}

#[test]
fn every_file_that_is_named_is_there() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeSet::new();
    for page in PAGES {
        let linked = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        named.extend(linked.filter(|target| !target.contains("://")));
        let quoted = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
        let folders = ["src/", "tests/github", "tests/it", "templates/", "examples/", ".ci/"];
        named.extend(quoted.filter(|q| folders.iter().any(|f| q.starts_with(f)) && !q.contains(['*', ' '])));
    }
    assert!(named.len() > 20, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|path| !top.join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

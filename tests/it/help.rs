//! What every command says of itself: `--help`, completions, manual pages, and what is said to words
//! that are nearly right. The commands are found from the program itself.
//!
//! `SNAPSHOTS=overwrite cargo test --test it help` writes the transcripts in `tests/it/help` anew.

#![expect(clippy::disallowed_methods, reason = "it lists the transcripts")]

use std::collections::BTreeSet;
use std::path::Path;

use snapbox::Data;

use crate::sandbox::{Answer, Sandbox};

/// So wide are the transcripts.
const WIDTH: &str = "80";

fn gardener(sandbox: &Sandbox, words: &[&str]) -> Answer {
    sandbox.gardener(words).env("COLUMNS", WIDTH).run()
}

/// The names below `Commands:` of a help.
pub(crate) fn below(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    // What goes on in the next line is further to the right.
    let named = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = named.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

/// Every command with its help, gardener's own first: the words and the text.
pub(crate) fn commands(sandbox: &Sandbox) -> Vec<(Vec<String>, String)> {
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    let mut left = vec![Vec::new()];
    while let Some(words) = left.pop() {
        let asked: Vec<_> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let answer = gardener(sandbox, &asked);
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{words:?}");
        left.extend(below(&answer.out).into_iter().map(|name| [words.as_slice(), &[name]].concat()));
        found.push((words, answer.out));
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn every_command_explains_itself_as_it_did() {
    let sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/help");
    let mut files = BTreeSet::new();
    for (words, help) in commands(&sandbox) {
        let name = [&["gardener".to_owned()], words.as_slice()].concat().join("-") + ".txt";
        snapbox::assert_data_eq!(help, Data::read_from(&folder.join(&name), None).raw());
        files.insert(name);
    }
    let there = std::fs::read_dir(&folder).expect("listed");
    let there: BTreeSet<_> =
        there.map(|i| i.expect("there").file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(there, files, "a transcript of no command is left behind");
}

#[test]
fn every_command_has_examples_and_fits_its_width() {
    let sandbox = Sandbox::new();
    for (words, help) in commands(&sandbox) {
        let what = format!("{words:?}:\n{help}");
        if !words.is_empty() {
            let examples = help.split("\nExamples:\n").nth(1).expect(&what);
            let said = examples.lines().filter(|l| l.starts_with("  ") && l.contains("git"));
            assert!(said.count() > 0 || examples.contains("gardener "), "{what}");
        }
        let options = help.split("\nExamples:\n").next().expect("a part");
        let wide: Vec<_> = options.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:?} of {what}");
        // No mark that a terminal without UTF-8 would show as something else.
        assert!(help.is_ascii(), "{what}");
    }
}

#[test]
fn help_is_the_same_by_all_its_names() {
    let sandbox = Sandbox::new();
    for (words, help) in commands(&sandbox) {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let asked = [&["help"], words.as_slice()].concat();
        assert_eq!(gardener(&sandbox, &asked).out, help, "{words:?}");
        let short = gardener(&sandbox, &[words.as_slice(), &["-h"]].concat());
        assert_eq!(short.code, 0);
        assert!(short.out.lines().count() <= help.lines().count() && short.out.contains("Usage: gardener"));
    }
    let outside = sandbox.at("home").gardener(["sync", "--help"]).run();
    assert_eq!(outside.code, 0, "help needs no repository");
}

#[test]
fn a_narrow_terminal_breaks_lines_and_loses_nothing() {
    let sandbox = Sandbox::new();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for width in ["30", "45", "60"] {
        let narrow = sandbox.gardener(["sync", "--help"]).env("COLUMNS", width).run();
        let whole = gardener(&sandbox, &["sync", "--help"]);
        assert_eq!(words(&narrow.out), words(&whole.out), "{width}");
        assert!(narrow.out.lines().count() > whole.out.lines().count(), "{width}");
    }
}

#[test]
fn completions_are_for_every_shell_and_of_every_command() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = commands(&sandbox).into_iter().filter(|(words, _)| words.len() == 1).collect();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let answer = gardener(&sandbox, &["completions", shell]);
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{shell}");
        for (words, _) in &names {
            assert!(answer.out.contains(words[0].as_str()), "{shell} does not know {words:?}");
        }
        // A shell that is there has to understand its own; bash is wherever the tests run.
        let has_it = sandbox.program("sh", ["-c", &format!("command -v {shell}")]).run().code == 0;
        assert!(has_it || shell != "bash", "no bash");
        if has_it && ["bash", "zsh", "fish"].contains(&shell) {
            let parsed = sandbox.program(shell, ["-n"]).input(answer.out).run();
            assert_eq!((parsed.code, parsed.err.as_str()), (0, ""), "{shell}");
        }
    }
}

#[test]
fn bash_completes_commands_and_flags() {
    let sandbox = Sandbox::new();
    let script = gardener(&sandbox, &["completions", "bash"]).out;
    sandbox.write("complete.bash", script);
    let complete = |words: &str| {
        let count = words.split(' ').count();
        let ask = format!(
            ". ./complete.bash; COMP_WORDS=({words}); COMP_CWORD={}; \
             _gardener gardener \"${{COMP_WORDS[{}]}}\" \"\"; echo \"${{COMPREPLY[@]}}\"",
            count - 1,
            count - 1
        );
        sandbox.program("bash", ["-c", &ask]).output()
    };
    assert_eq!(complete("gardener doc"), "doctor");
    assert_eq!(complete("gardener doctor --off"), "--offline");
    assert_eq!(complete("gardener hook un"), "uninstall");
}

#[test]
fn every_command_has_a_manual_page() {
    let sandbox = Sandbox::new();
    assert_eq!(gardener(&sandbox, &["man", "--folder", "pages/man1"]).code, 0);
    let files = sandbox.names("pages/man1");
    let want: BTreeSet<_> = commands(&sandbox)
        .iter()
        .map(|(words, _)| [&["gardener".to_owned()], words.as_slice()].concat().join("-") + ".1")
        .collect();
    assert_eq!(files.iter().cloned().collect::<BTreeSet<_>>(), want);
    for file in &files {
        let page = sandbox.read(&format!("pages/man1/{file}"));
        assert!(page.contains(".TH gardener") && page.contains(".SH SYNOPSIS"), "{file}: {page}");
        assert!(page.contains(".SH EXAMPLES\n.nf\n") || file == "gardener.1", "{file}: {page}");
        let words: Vec<_> = file.trim_end_matches(".1").split('-').skip(1).collect();
        // `merge-driver` is one word.
        let words = if words.first() == Some(&"merge") { vec!["merge-driver"] } else { words };
        assert_eq!(gardener(&sandbox, &[&["man"], words.as_slice()].concat()).out, page, "{file}");
    }
    let mandoc = sandbox.program("sh", ["-c", "command -v groff"]).run().code == 0;
    if mandoc {
        let page = sandbox.read("pages/man1/gardener-sync.1");
        let told = sandbox.program("groff", ["-man", "-Tutf8", "-ww", "-z"]).input(page).run();
        assert_eq!((told.code, told.err.as_str()), (0, ""));
    }
    let wrong = gardener(&sandbox, &["man", "snyc"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean sync?"), "{}", wrong.err);
    sandbox.write("taken", "");
    assert_eq!(gardener(&sandbox, &["man", "--folder", "taken"]).code, 1);
}

#[test]
fn what_is_nearly_right_is_guessed() {
    let sandbox = crate::commands::garden();
    sandbox.write("gardener.toml", "[suites.events]\ncommand = [\"true\"]\n");
    let names = [
        ("snyc", "a similar subcommand exists: 'sync'"),
        ("hook instal", "'install'"),
        ("sync --dry-rum", "a similar argument exists: '--dry-run'"),
        ("doctor --ofline", "'--offline'"),
        ("completions bsh", "a similar value exists: 'bash'"),
        ("check --format jsn", "'json'"),
        ("list --status opne", "did you mean open?"),
        ("list --status in-progres", "did you mean in-progress?"),
        ("show event-strcture", "did you mean event-structure?"),
        ("show critical-20250914T11593Z", "did you mean critical-20250914T115930Z?"),
        ("show worklogs/critcal.md", "did you mean worklogs/critical.md?"),
        ("accept event-strcture", "did you mean "),
        ("link event-strcture 7", "did you mean "),
        ("log event-strcture", "did you mean event-structure?"),
        ("run --suite evnts", "did you mean events?"),
    ];
    for (words, want) in names {
        let answer = gardener(&sandbox, &words.split(' ').collect::<Vec<_>>());
        let said = format!("{}{}", answer.out, answer.err);
        assert!(said.contains(want), "{words}: {said}");
        assert_eq!(answer.code, 2, "{words}");
    }
    // What is far from everything is not guessed at.
    let far = gardener(&sandbox, &["show", "zzzzzzzz"]);
    assert!(far.err.contains("`gardener list` shows the entries") && !far.err.contains("did you mean"));
}

#[test]
fn colours_are_where_they_are_wanted() {
    let sandbox = crate::commands::garden();
    let escape = |start: crate::sandbox::Start| {
        let answer = start.run();
        (answer.out + &answer.err).contains('\u{1b}')
    };
    for words in
        [&["list"][..], &["doctor", "--offline"], &["show", "nothing"], &["snyc"], &["sync", "--help"]]
    {
        let start = || sandbox.gardener(words);
        let forced = || sandbox.gardener(words.iter().chain(&["--color", "always"]));
        assert!(!escape(start()), "{words:?}: no terminal");
        assert!(escape(start().env("CLICOLOR_FORCE", "1")), "{words:?}: forced");
        assert!(!escape(start().env("NO_COLOR", "1")), "{words:?}: not wanted");
        // Before the words are understood nobody knows what they ask for.
        if !["snyc", "sync"].contains(&words[0]) {
            assert!(escape(forced()), "{words:?}: asked for");
            // What is typed goes before what is set.
            assert!(escape(forced().env("NO_COLOR", "1")), "{words:?}: asked for");
            let never = sandbox.gardener(words.iter().chain(&["--color", "never"]));
            assert!(!escape(never.env("CLICOLOR_FORCE", "1")), "{words:?}: refused");
        }
    }
}

#[test]
fn what_gardener_says_itself_is_ascii() {
    // The tests run with `LC_ALL=C`; only what stands in a file may be something else.
    let sandbox = crate::commands::garden();
    for words in ["check", "list", "status", "doctor --offline", "hook status", "show nothing", "init -n"] {
        let answer = gardener(&sandbox, &words.split(' ').collect::<Vec<_>>());
        let said = answer.out + &answer.err;
        assert!(said.is_ascii(), "{words}: {said}");
    }
}

//! Foreign text does nothing on a terminal, whatever command shows it (P10).

use super::{gardener, json};
use crate::sandbox::{Answer, Sandbox};

/// Sets the title, rings, moves up, recolours, reverses the direction, and the same with
/// the one-character introducer, which some terminals obey in UTF-8.
const HOSTILE: &str = r#""\e]0;owned\a\e[31m\r\e[2Aup\u202Eevil\u200F\x9b31m""#;
const RAW: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}evil\u{200f}\u{9b}31m\u{85}x\rback";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let entry = format!(
        "  - id: bad\n    title: {HOSTILE}\n    impact: {HOSTILE}\n    owner: {HOSTILE}\n    tests: [{HOSTILE}]\n    \
         files: [{HOSTILE}]\n    fingerprint: {HOSTILE}\n"
    );
    let head = format!("title: {HOSTILE}\nfocus: {HOSTILE}\nruns:\n  - command: {HOSTILE}\n");
    let body = format!("\n## Bad\n<!-- gardener:entry bad -->\n{RAW}\n::error::owned\n");
    sandbox.write("worklogs/a.md", format!("---\ngardener: 1\nid: a\n{head}entries:\n{entry}---\n{body}"));
    sandbox
}

/// Nothing but what gardener's own colours need reaches the terminal.
fn assert_harmless(what: &str, answer: &Answer) {
    for text in [&answer.out, &answer.err] {
        let bad = text.char_indices().find(|(at, c)| match c {
            '\n' => false,
            '\u{1b}' => {
                let rest = &text[at + 1..];
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
                !rest.starts_with('[') || !rest[end..].starts_with('m')
            }
            c => c.is_control() || "\u{202e}\u{200f}\u{61c}".contains(*c),
        });
        assert_eq!(bad, None, "{what}: {text:?}");
        // Its colours are its own: those of the text would stand behind a word.
        assert!(!text.contains("owned\u{1b}[31m"), "{what}: {text:?}");
    }
}

#[test]
fn no_command_hands_control_characters_on() {
    let sandbox = sandbox();
    for words in ["list", "show bad", "show a", "show worklogs/a.md", "check", "status", "sync"] {
        for color in ["never", "always"] {
            let answer = gardener(&sandbox, &format!("{words} --color {color}"));
            assert_harmless(words, &answer);
            assert!(!answer.out.lines().any(|line| line.trim_start().starts_with("::")), "{}", answer.out);
        }
    }
    let shown = gardener(&sandbox, "show --json bad");
    assert_harmless("show --json", &shown);
    let title = json(&shown)["entries"][0]["title"].as_str().expect("text").to_owned();
    assert!(title.starts_with("\u{1b}]0;owned\u{7}"), "a script gets the title itself: {title:?}");
}

#[test]
fn findings_show_hostile_lines_harmlessly() {
    let sandbox = Sandbox::new();
    let name = "worklogs/\u{1b}[31mred\u{9b}.md";
    sandbox.write(name, format!("---\ngardener: 1\nid: {RAW}\nstatus: [{RAW}\n---\n"));
    sandbox.write("worklogs/b.md", format!("---\ngardener: 1\nid: b # {RAW}\nentries: 1 # {RAW}\n---\n"));
    sandbox.write(
        "worklogs/c.md",
        format!("---\ngardener: 1\nid: b # {RAW}\n---\n<!-- gardener:entry \u{1b}[31m -->\n"),
    );
    sandbox.write(
        "worklogs/d.md",
        "---\ngardener: 1\nid: d\n---\n<!-- gardener:entry \u{1b}[31m\u{9b}31m -->\n",
    );
    for color in ["never", "always"] {
        let answer = gardener(&sandbox, &format!("check --color {color}"));
        assert_eq!(answer.code, 1);
        assert_harmless("check", &answer);
        assert_harmless("list", &gardener(&sandbox, &format!("list --color {color}")));
    }
    assert_harmless("check --json", &gardener(&sandbox, "check --json"));
    sandbox.write("gardener.toml", format!("\"{RAW}\" = 1\nx = \"{RAW}\"\n"));
    assert_harmless("check with a config", &gardener(&sandbox, "check --color always"));
    assert_harmless("list with a config", &gardener(&sandbox, "list --color always"));
}

#[test]
fn hostile_arguments_come_back_harmless() {
    let sandbox = sandbox();
    for command in
        ["show", "check", "list --status", "new --id", "new --title", "init --worklogs", "init --repository"]
    {
        let words = command.split(' ').chain([RAW]);
        let answer = sandbox.gardener(words).run();
        assert_ne!(answer.code, 0, "{command}");
        assert_harmless(command, &answer);
    }
}

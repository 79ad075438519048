//! `gardener init` and `gardener completions`.

use snapbox::{assert_data_eq, str};

use super::gardener;
use crate::sandbox::Sandbox;

fn cloned() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "git@github.com:acme/app.git"]);
    sandbox
}

#[test]
fn init_says_what_it_found_and_a_second_time_changes_nothing() {
    let sandbox = cloned();
    let before = sandbox.snapshot();
    let dry = gardener(&sandbox, "init --dry-run");
    assert_eq!((dry.code, sandbox.snapshot()), (0, before));
    assert!(dry.out.contains("would add gardener.toml\n    # What this project"), "{}", dry.out);

    let first = gardener(&sandbox, "init");
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert_data_eq!(
        first.out,
        str![["
issues    acme/app on github.com, by the remote origin
branch    main is the default
worklogs  worklogs/ (new)
wrote     gardener.toml
wrote     worklogs/.gitattributes
added     the merge driver for worklogs, in this clone's git config
commit    gardener.toml and worklogs/.gitattributes, so that it counts in every clone
next: gardener new --title \"What this worklog is about\"

"]]
    );
    let text = sandbox.read("gardener.toml");
    assert_data_eq!(
        text,
        str![["
# What this project chooses for gardener. Every key may be left out.
gardener = 1

# The folder of the worklogs, from the top of the repository.
worklogs = \"worklogs\"

# The repository on GitHub whose issues are kept, where the remote doesn't tell.
# repository = \"acme/app\"    # what the remote says

"]]
    );
    assert_eq!(gardener(&sandbox, "check").code, 0);

    let after = sandbox.snapshot();
    let second = gardener(&sandbox, "init --worklogs elsewhere --repository other/repo");
    assert_eq!((second.code, sandbox.snapshot()), (0, after));
    assert!(second.out.contains("worklogs  worklogs/"), "{}", second.out);
    assert!(second.out.contains("kept      gardener.toml, which is there already"), "{}", second.out);
}

#[test]
fn init_names_the_repository_only_where_the_remote_cannot() {
    let sandbox = Sandbox::new();
    let unknown = gardener(&sandbox, "init --dry-run");
    assert!(unknown.out.contains("issues    not known yet"), "{}", unknown.out);
    assert!(unknown.out.contains("# repository = \"owner/name\""), "{}", unknown.out);
    assert!(unknown.out.contains("next: set `repository = "), "{}", unknown.out);
    let given = gardener(&sandbox, "init --repository acme/app --worklogs docs/notes/");
    assert_eq!(given.code, 0, "{}", given.err);
    let text = sandbox.read("gardener.toml");
    assert!(text.contains("\nrepository = \"acme/app\"\n") && text.contains("\nworklogs = \"docs/notes\"\n"));

    for wrong in ["init --repository acme", "init --worklogs ../outside", "init --worklogs /etc"] {
        let answer = gardener(&cloned(), wrong);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{wrong}");
        assert!(answer.err.contains("next: "), "{}", answer.err);
    }
}

#[test]
fn a_fork_is_said_aloud() {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "git@github.com:me/app.git"]);
    sandbox.git(["remote", "add", "upstream", "https://github.com/acme/app"]);
    let answer = gardener(&sandbox, "init --dry-run");
    assert!(answer.out.contains("issues are kept in acme/app (upstream), not in me/app"), "{}", answer.out);
}

#[test]
fn templates_are_written_where_there_are_none() {
    let sandbox = cloned();
    sandbox.write(".gardener/templates/issue.md", "ours\n");
    let answer = gardener(&sandbox, "init --templates");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("wrote     .gardener/templates/worklog.md"), "{}", answer.out);
    assert!(answer.out.contains("kept      .gardener/templates/issue.md"), "{}", answer.out);
    assert_eq!(sandbox.read(".gardener/templates/issue.md"), "ours\n");
    assert_eq!(sandbox.read(".gardener/templates/worklog.md"), include_str!("../../../templates/worklog.md"));
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let sandbox = cloned();
    sandbox.link("../home", ".gardener");
    let answer = gardener(&sandbox, "init --templates");
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("symbolic link"), "{}", answer.err);
    assert!(!sandbox.home().join("templates").exists());
}

#[test]
fn outside_of_a_repository_init_says_what_to_do() {
    let sandbox = Sandbox::new();
    let answer = sandbox.at("home").gardener(["init"]).run();
    assert_eq!((answer.code, answer.out.as_str()), (1, ""));
    assert!(
        answer.err.contains("is not in a git repository\nnext: run it in a repository"),
        "{}",
        answer.err
    );
}

#[test]
fn every_shell_gets_its_completions_anywhere() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let answer = sandbox.at("home").gardener(["completions", shell]).run();
        assert_eq!(answer.code, 0, "{}", answer.err);
        assert!(answer.out.contains("gardener") && answer.out.contains("dry-run"), "{shell}");
    }
    assert_eq!(gardener(&sandbox, "completions tcsh").code, 2);
}

#[test]
fn every_command_explains_itself_with_examples() {
    let sandbox = Sandbox::new();
    for command in ["check", "init", "new", "show", "list", "completions", "sync", "status"] {
        let answer = gardener(&sandbox, &format!("{command} --help"));
        assert_eq!(answer.code, 0, "{command}");
        assert!(answer.out.contains("Examples:"), "{command}: {}", answer.out);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_went_away_is_no_error() {
    let sandbox = Sandbox::new();
    let program = env!("CARGO_BIN_EXE_gardener");
    let line = format!("{{ sleep 0.3; '{program}' completions bash; echo $? >&2; }} | true");
    let answer = sandbox.program("sh", ["-c", &line]).run();
    assert_eq!(answer.err, "0\n");
}

#[cfg(unix)]
#[test]
fn a_template_behind_a_link_is_not_read() {
    let sandbox = cloned();
    sandbox.write("../home/templates/worklog.md", "a secret of the user\n");
    sandbox.link("../home", ".gardener");
    let answer = gardener(&sandbox, "new --title T");
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("symbolic link") && !answer.err.contains("secret"), "{}", answer.err);
}

#[test]
fn a_sync_takes_no_names() {
    let sandbox = super::garden();
    for words in ["sync worklogs/critical.md", "sync --branch aside critical", "sync -n critical"] {
        let answer = super::gardener(&sandbox, words);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{words}: {}", answer.err);
        assert!(
            answer.err.contains("a sync takes no names") && !answer.err.contains("--hook"),
            "{}",
            answer.err
        );
    }
}

/// A script gets an object also where its own words are wrong.
#[test]
fn wrong_words_are_told_to_scripts_too() {
    let sandbox = super::garden();
    for words in ["edit event-structure -p P9 --json", "list --bogus --json", "add --json"] {
        let answer = super::gardener(&sandbox, words);
        let value = super::json(&answer);
        assert!(answer.code == 2 && value["exit"] == 2, "{words}: {value}");
        assert!(value["error"].as_str().is_some_and(|why| !why.is_empty()), "{words}: {value}");
    }
    assert_eq!(super::gardener(&sandbox, "list --bogus").out, "");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let sandbox = super::garden();
    for words in ["-C nowhere list", "-C gardener.toml/x status --json", "-C nowhere doctor --offline"] {
        let answer = gardener(&sandbox, words);
        assert_eq!(answer.code, 1, "{words}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains(": there is no such folder"), "{words}: {}", answer.err);
    }
}

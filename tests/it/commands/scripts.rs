//! `--json`: every command has it, whatever it is about, and answers in one form.
//!
//! The commands are found from the program itself, so that a new one without it fails here.

use crate::both::{Both, REPO};
use crate::help;

/// What prints a text or speaks a protocol by its nature, and what only git calls.
const EXEMPT: [&str; 6] = ["completions", "man", "schema", "lsp", "mcp", "merge-driver"];

/// Every other command with words that it understands, in an order in which each finds something to do.
const WORDS: [&str; 31] = [
    "init -n",
    "init",
    "init",
    "check",
    "new -t Notes",
    "sync -n",
    "sync",
    "undo -n",
    "undo",
    "sync",
    "add 2",
    "list",
    "show e",
    "open e --print",
    "edit e -p P1 -n",
    "edit e -p P1",
    "status",
    "status --remote",
    "match --offline",
    "link e 1",
    "dupes",
    "accept e",
    "resolve",
    "diff",
    "log",
    "report",
    "import -n README.md",
    "run",
    "collect missing.xml",
    "trust",
    "doctor --offline",
];

const HOOK: [&str; 5] = ["hook status", "hook install", "hook install", "hook uninstall", "hook uninstall"];

/// One line, of schema 1, whose `exit` is the exit code.
fn assert_told(words: &str, answer: &crate::sandbox::Answer) -> serde_json::Value {
    let what = format!("{words} --json: {answer:?}");
    assert_eq!(answer.out.lines().count(), 1, "{what}");
    let value: serde_json::Value = serde_json::from_str(&answer.out).expect(&what);
    assert_eq!((&value["schema"], &value["exit"]), (&1.into(), &answer.code.into()), "{what}");
    assert!(answer.code == 0 || value["error"].is_null() || value["next"].is_string(), "{what}");
    value
}

#[test]
fn every_command_has_json_and_one_form_of_it() {
    let both = Both::new();
    both.github(|g| {
        g.create_issue_as("bob", REPO, "One", "", &[]);
        g.create_issue_as("bob", REPO, "Two", "", &[]);
    });
    both.worklog("w", "  - id: e\n    title: One\n    issue: 1\n    severity: P2\n");
    let mut missing: Vec<String> = Vec::new();
    let every = help::commands(&both.sandbox);
    for (words, text) in &every {
        let is_group = !help::below(text).is_empty();
        let is_exempt = words.first().is_none_or(|first| EXEMPT.contains(&first.as_str()));
        let name = words.join(" ");
        assert!(is_exempt || is_group || text.contains("--json"), "{name} has no --json");
        let is_tried = WORDS.iter().chain(&HOOK).any(|w| *w == name || w.starts_with(&format!("{name} ")));
        if !is_exempt && !is_tried {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "commands that are not tried");
    for words in WORDS.iter().chain(&HOOK) {
        let typed = || words.split(' ').chain(["--json"]);
        let answer = both.run(typed()).answer;
        assert_told(words, &answer);
        both.minutes(1);
        // Where there is no repository, it says that in the same form.
        let outside = both.sandbox.at("home").gardener(typed()).run();
        if !words.starts_with("import") {
            assert_ne!(assert_told(words, &outside)["exit"], 0, "{words}");
        }
    }
}

#[test]
fn init_tells_scripts_what_it_found_and_what_it_wrote() {
    let both = Both::new();
    let told = |words: &str| assert_told(words, &both.run(words.split(' ').chain(["--json"])).answer);
    let dry = told("init -n --offline");
    assert_eq!((&dry["repository"], &dry["remote"]), (&REPO.into(), &"origin".into()), "{dry}");
    assert_eq!((&dry["driver"], &dry["branch"]), (&"would-add".into(), &"main".into()), "{dry}");
    assert!(dry["files"][0]["text"].as_str().is_some_and(|text| text.contains("gardener = 1")), "{dry}");
    assert!(!both.sandbox.top().join("gardener.toml").exists());
    let done = |value: &serde_json::Value| {
        let files = value["files"].as_array().expect("a list").iter();
        files.map(|f| format!("{} {}", f["done"], f["path"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(done(&told("init")), ["wrote gardener.toml", "wrote worklogs/.gitattributes"]);
    assert_eq!(done(&told("init")), ["kept gardener.toml", "kept worklogs/.gitattributes"]);
    // What was written before something was in the way is told with what was.
    let half = Both::new();
    half.sandbox.write("worklogs", "no folder\n");
    let answer = half.run(["init", "--json"]).answer;
    let value = assert_told("init", &answer);
    assert_eq!((answer.code, done(&value)), (1, vec!["wrote gardener.toml".to_owned()]), "{value}");
    assert!(value["error"].is_string() && answer.err.contains("error: "), "{value}");
}

#[test]
fn new_and_hook_tell_scripts_what_they_did() {
    let both = Both::new();
    let told = |words: &str| assert_told(words, &both.run(words.split(' ').chain(["--json"])).answer);
    let new = told("new --id notes");
    assert_eq!((&new["worklog"], &new["id"]), (&"worklogs/notes.md".into(), &"notes".into()), "{new}");
    assert_eq!(new["ignored"], false);
    both.sandbox.write(".gitignore", "worklogs/more.md\n");
    assert_eq!(told("new --id more")["ignored"], true);
    assert!(told("new --id notes")["error"].as_str().is_some_and(|why| why.contains("already")));
    assert_eq!(told("hook install")["done"], "installed");
    assert_eq!(told("hook install")["done"], "kept");
    assert_eq!(told("hook uninstall")["done"], "removed");
    assert_eq!(told("hook uninstall")["done"], "none");
    both.sandbox.hook("pre-push", "exit 0");
    assert_eq!(told("hook install")["done"], "chained");
    assert_eq!(told("hook uninstall")["done"], "restored");
    both.sandbox.hook("pre-push", "call_lefthook run \"pre-push\" \"$@\"");
    let left = told("hook install");
    assert_eq!((&left["exit"], &left["add"]["file"]), (&1.into(), &"lefthook.yml".into()), "{left}");
    assert!(left["add"]["lines"].as_str().is_some_and(|lines| lines.contains("use_stdin: true")), "{left}");
}

//! `gardener new`.

use snapbox::{assert_data_eq, str};

use super::{EPOCH, garden, gardener, json};
use crate::sandbox::{Answer, Sandbox};

fn new(sandbox: &Sandbox, words: &[&str]) -> Answer {
    let words = std::iter::once("new").chain(words.iter().copied());
    sandbox.gardener(words).env("SOURCE_DATE_EPOCH", EPOCH).run()
}

#[test]
fn a_new_worklog_is_in_order_and_shows_the_form() {
    let sandbox = Sandbox::new();
    let answer =
        new(&sandbox, &["--focus", "critical", "--kind", "failing-tests", "--title", "Critical tests"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, "worklogs/critical-20250914T115930Z.md\n"));
    assert_data_eq!(
        answer.err,
        str![["
next: add entries to it, then `gardener check` and `gardener sync --dry-run`

"]]
    );
    let text = sandbox.read("worklogs/critical-20250914T115930Z.md");
    assert_data_eq!(
        &text,
        str![["
---
gardener: 1
id: critical-20250914T115930Z
title: Critical tests
kind: failing-tests
focus: critical
started: \"2025-09-14T11:59:30Z\"
entries:
  # One entry for each problem; only `id` and `title` are needed. To begin, uncomment:
  # - id: event-structure          # unique in this file, never changes
  #   title: Agent events arrive without their required fields
  #   severity: P1                 # P0 to P3
  #   status: open                 # open, in-progress, completed, not-planned, duplicate
  #   # issue: 12                  # only of one that is on GitHub already: else `gardener sync` files it
  #   labels: [websocket]
  #   links: [docs/events.md]      # or the number of an issue, in quotes: \"#12\"
  # What the body says of it goes below a heading and the line <!-- gardener:entry event-structure -->
---

# Critical tests, 2025-09-14

"]]
    );
    assert_eq!(gardener(&sandbox, "check --strict").out, "1 worklog, 0 findings\n");

    // The example is right once it is no comment any more.
    let used: String = text
        .lines()
        .map(|line| match line.strip_prefix("  # ") {
            Some(rest) if !rest.starts_with(['O', 'W']) => format!("  {rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    sandbox.write("worklogs/critical-20250914T115930Z.md", used);
    assert_eq!(gardener(&sandbox, "check --strict").out, "1 worklog, 0 findings\n");
    assert_eq!(json(&gardener(&sandbox, "list --json"))["entries"][0]["issue"], serde_json::Value::Null);
}

#[test]
fn nothing_is_overwritten_and_no_id_is_given_twice() {
    let sandbox = garden();
    assert_eq!(new(&sandbox, &[]).out, "worklogs/worklog-20250914T115930Z.md\n");
    assert_eq!(new(&sandbox, &[]).out, "worklogs/worklog-20250914T115930Z-2.md\n");
    // This id is in a file of another name.
    assert_eq!(new(&sandbox, &["--focus", "Critical"]).out, "worklogs/critical-20250914T115930Z-2.md\n");
    let before = sandbox.snapshot();
    for id in ["critical-20250914T115930Z", "logs", "old"] {
        let taken = new(&sandbox, &["--id", id]);
        assert_eq!((taken.code, taken.out.as_str()), (1, ""), "{id}");
        assert!(taken.err.contains("already") && taken.err.contains("next: "), "{}", taken.err);
    }
    for wrong in
        [&["--id", "../x"][..], &["--id", "a b"], &["--title", "a\nb"], &["--focus", " "], &["--kind", "x"]]
    {
        assert_eq!(new(&sandbox, wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(sandbox.snapshot(), before);
}

#[test]
fn any_title_is_written_so_that_it_is_read_again() {
    let sandbox = Sandbox::new();
    for (i, title) in [
        "a: b # c",
        "\"q\" \\ 'x'",
        "no",
        "- x",
        "<!-- gardener:entry x -->",
        "{{ id }}",
        "grün 🌱 \u{202e}x",
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("t{i}");
        let answer = new(&sandbox, &["--id", &id, &format!("--focus={title}"), "--title", title]);
        assert_eq!(answer.code, 0, "{title}: {}", answer.err);
        let shown = json(&gardener(&sandbox, &format!("show --json worklogs/{id}.md")));
        assert_eq!((&shown["worklog"]["title"], &shown["worklog"]["focus"]), (&title.into(), &title.into()));
    }
    assert_eq!(gardener(&sandbox, "check --strict").code, 0);
}

#[test]
fn the_repositorys_own_template_is_used_if_it_gives_a_worklog() {
    let sandbox = Sandbox::new();
    let with = |template: &str| {
        sandbox.write(".gardener/templates/worklog.md", template);
        new(&sandbox, &["--id", "own"])
    };
    let head = "---\ngardener: 1\nid: {{ id }}\n";
    for (template, why) in [
        ("---\ngardener: 1\nid: fixed\n---\n".to_owned(), "every worklog the id fixed"),
        ("# No front matter\n".to_owned(), "gives no worklog (no front matter)"),
        (format!("{head}titel: x\n---\n"), "did you mean `title`?"),
        (format!("{head}entries: {{{{ title }}}}\n---\n"), "`entries` is not a list"),
        (format!("{head}title: {{{{ title\n---\n"), ".gardener/templates/worklog.md, line"),
        (
            format!("{head}{{% for a in range(9) %}}x{{% endfor %}}\n---\n"),
            ".gardener/templates/worklog.md, line",
        ),
    ] {
        let answer = with(&template);
        assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{template}");
        assert!(answer.err.contains(why), "{template}: {}", answer.err);
        assert!(answer.err.contains("or delete it to get the built-in one"), "{}", answer.err);
        assert!(!sandbox.top().join("worklogs").exists());
    }
    let good = with(&format!("{head}title: {{{{ title }}}}\n---\n\n# Ours {{{{ heading }}}}"));
    assert_eq!(good.code, 0, "{}", good.err);
    assert_eq!(
        sandbox.read("worklogs/own.md"),
        "---\ngardener: 1\nid: own\ntitle: Worklog\n---\n\n# Ours Worklog, 2025-09-14\n"
    );
}

#[test]
fn the_path_can_be_handed_on_from_a_folder_below() {
    let sandbox = Sandbox::new();
    sandbox.write("src/deep/x", "");
    sandbox.write(".gitignore", "worklogs/\n");
    let start = sandbox.at("repo/src/deep");
    let answer = start.gardener(["new", "--id", "a"]).run();
    assert_eq!(answer.out, "../../worklogs/a.md\n");
    assert!(start.top().join(answer.out.trim_end()).is_file());
    assert!(answer.err.contains("git ignores worklogs/a.md"), "{}", answer.err);
    let wrong = sandbox.gardener(["new"]).env("SOURCE_DATE_EPOCH", "soon").run();
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}

#[cfg(unix)]
#[test]
fn no_link_leads_a_new_worklog_out_of_the_repository() {
    let sandbox = Sandbox::new();
    sandbox.link("../home", "worklogs");
    let answer = new(&sandbox, &["--id", "a"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, ""));
    assert!(answer.err.contains("symbolic link"), "{}", answer.err);
    assert!(!sandbox.home().join("a.md").exists());
}

//! `gardener check`.

use snapbox::{assert_data_eq, file, str};

use super::{garden, gardener, json};
use crate::sandbox::Sandbox;

/// A worklog with these lines in its front matter, below the id `id`.
fn worklog(id: &str, front: &str, body: &str) -> String {
    format!("---\ngardener: 1\nid: {id}\n{front}---\n\n# Notes\n{body}")
}

/// One of everything that can be wrong.
fn broken() -> Sandbox {
    let sandbox = Sandbox::new();
    let put = |name: &str, text: &str| sandbox.write(&format!("worklogs/{name}.md"), text);
    put("anchor", &worklog("anchor", "title: &a Critical\n", ""));
    put("base", &worklog("base", "", "\n<!-- gardener:base 1\nx {\"issue\":\n-->\n"));
    put("clash-1", &worklog("twin", "", ""));
    put("clash-2", &worklog("twin", "", ""));
    put("conflict", &worklog("conflict", "<<<<<<< HEAD\ntitle: a\n=======\ntitle: b\n>>>>>>> x\n", ""));
    put(
        "entries",
        &worklog(
            "entries",
            "titel: Typo\nentries:\n  - id: one\n    title: 12\n    status: done\n    severity: high\n    \
             issue: soon\n    labels: bug\n  - id: twice\n    title: First\n  - id: twice\n    title: Second\n  \
             - id: no title\n",
            "",
        ),
    );
    put("keys", &worklog("keys", "title: a\ntitle: b\n", ""));
    put("long-front", &worklog("long-front", &format!("title: {}\n", "x".repeat(70_000)), ""));
    put("marker", &worklog("marker", "", "\n## Gone\n<!-- gardener:entry gone -->\n"));
    put("oversize", &worklog("oversize", "", &"x".repeat(1 << 20)));
    put("tab", &worklog("tab", "entries:\n\t- id: a\n", ""));
    put("unclosed", "---\ngardener: 1\nid: unclosed\n\n# Notes\n");
    put("windows", "---\r\ngardener: 1\r\nid: windows\r\nentries: 3\r\n---\r\n");
    put("README", "# About this folder\n");
    sandbox.write("worklogs/latin.md", b"---\ngardener: 1\nid: latin\ntitle: caf\xe9\n---\n");
    sandbox.write("elsewhere.md", worklog("twin", "", ""));
    sandbox
}

#[cfg(unix)]
#[test]
fn everything_that_is_wrong_is_shown_with_its_place_and_the_next_step() {
    let sandbox = broken();
    sandbox.link("../elsewhere.md", "worklogs/link.md");
    let answer = gardener(&sandbox, "check");
    assert_eq!((answer.code, answer.err.as_str()), (1, ""));
    assert_data_eq!(answer.out, file!["check.txt"].raw());

    let found = gardener(&sandbox, "check --json");
    assert_eq!(found.code, 1);
    let found = json(&found);
    assert_eq!((&found["worklogs"], &found["exit"]), (&15.into(), &1.into()));
    let lines: Vec<_> = found["findings"].as_array().expect("a list").iter().collect();
    let short = lines.iter().map(|f| format!("{}:{}:{} {}\n", f["file"], f["line"], f["column"], f["code"]));
    assert_data_eq!(short.collect::<String>().replace('"', ""), file!["check-places.txt"].raw());
    assert!(lines.iter().all(|f| !f["message"].as_str().expect("text").is_empty() && f["help"].is_string()));
    assert_eq!(found["others"][0]["file"], "worklogs/README.md");
}

#[test]
fn a_garden_in_order_has_no_findings() {
    let answer = gardener(&garden(), "check");
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert_data_eq!(
        answer.out,
        str![["
3 worklogs, 0 findings

"]]
    );
    let empty = gardener(&Sandbox::new(), "check");
    assert_eq!((empty.code, empty.out.as_str()), (0, "0 worklogs, 0 findings\n"));
}

#[test]
fn only_what_is_named_is_checked_wherever_it_is() {
    let sandbox = broken();
    let says = |words: &str| {
        let answer = gardener(&sandbox, words);
        (answer.code, answer.out.lines().last().unwrap_or_default().to_owned(), answer.out)
    };
    // An id clashes with one in a file that is not named.
    let (code, last, out) = says("check worklogs/clash-1.md");
    assert_eq!((code, last.as_str()), (1, "1 worklog, 1 finding (1 error)"));
    assert!(out.contains("error[clashing-id]") && out.contains("worklogs/clash-2.md"), "{out}");
    assert_eq!(says("check elsewhere.md").1, "1 worklog, 0 findings");
    assert_eq!(says("check worklogs/README.md").0, 0);
    assert_eq!(says("check ./worklogs/../worklogs/marker.md").1, "1 worklog, 1 finding (1 warning)");
    assert_eq!(says("check worklogs").1, says("check").1);
    assert_eq!(
        says("check worklogs/tab.md worklogs/tab.md elsewhere.md").1,
        "2 worklogs, 1 finding (1 error)"
    );

    // Paths begin in the folder where it runs.
    let inside = sandbox.at("repo/worklogs").gardener(["check", "keys.md", "../elsewhere.md"]).run();
    assert!(inside.out.contains("--> worklogs/keys.md:5:1"), "{}", inside.out);
    assert!(inside.out.ends_with("2 worklogs, 1 finding (1 error)\n"), "{}", inside.out);

    let missing = gardener(&sandbox, "check worklogs/nowhere.md");
    assert_eq!((missing.code, missing.out.as_str()), (2, ""));
    assert_data_eq!(
        missing.err,
        str![["
error: worklogs/nowhere.md: there is no such file
next: without a name, `gardener check` looks at every worklog

"]]
    );
}

#[test]
fn warnings_fail_only_when_strict() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", worklog("a", "", "<!-- gardener:entry gone -->\n"));
    assert_eq!(gardener(&sandbox, "check").code, 0);
    assert_eq!(gardener(&sandbox, "check --strict").code, 1);
    let found = gardener(&sandbox, "check --strict --json");
    assert_eq!((found.code, json(&found)["findings"][0]["level"].as_str()), (1, Some("warning")));
}

#[test]
fn a_wrong_config_is_a_finding() {
    let sandbox = garden();
    sandbox.write("gardener.toml", "worklog = \"notes\"\n\n[sync]\nhost = \"evil.example\"\n");
    let answer = gardener(&sandbox, "check");
    assert_eq!((answer.code, answer.err.as_str()), (1, ""));
    assert_data_eq!(answer.out, file!["check-config.txt"].raw());
    let found = json(&gardener(&sandbox, "check --json"));
    assert_eq!(
        (&found["findings"][1]["file"], &found["findings"][1]["line"]),
        (&"gardener.toml".into(), &4.into())
    );
}

#[test]
fn nothing_is_written_and_outside_of_a_repository_it_says_so() {
    let sandbox = broken();
    let before = sandbox.snapshot();
    gardener(&sandbox, "check");
    assert_eq!(sandbox.snapshot(), before);
    let outside = sandbox.at("home").gardener(["check"]).run();
    assert_eq!(outside.code, 1);
    assert!(outside.err.contains("is not in a git repository"), "{}", outside.err);
    assert!(outside.err.contains("next: run it in a repository"), "{}", outside.err);
}

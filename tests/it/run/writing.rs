//! Where the worklog can't be written as usual: nothing of the results is lost without a word.

use crate::run::{Place, tap};

fn failing() -> Place {
    let place = Place::new(&tap("unit", "severity = \"P2\""));
    place.plays("unit", &["a"], &[("b", "TypeError: no field 'x' in reader")]);
    place
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let place = failing();
    place.sandbox.write("worklogs/run-20250914T115930Z.md", "somebody's notes\n");
    place.run(1);
    assert_eq!(place.worklogs(), ["run-20250914T115930Z-2.md", "run-20250914T115930Z.md"]);
    assert_eq!(place.sandbox.read("worklogs/run-20250914T115930Z.md"), "somebody's notes\n");
}

#[test]
fn a_template_is_tried_before_anything_runs() {
    let place = failing();
    place.sandbox.write("play", "#!/bin/sh\ntouch ran\n");
    for (template, why) in [
        ("---\ngardener: 1\n{{ oops( }}", "run.md: line 3"),
        ("no worklog", "gives no worklog"),
        ("---\ngardener: 1\nid: always\n---\n", "one id"),
    ] {
        place.sandbox.write(".gardener/templates/run.md", template);
        let answer = place.gardener(["run"]);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(answer.err.contains(why), "{why}: {}", answer.err);
    }
    assert!(!place.sandbox.top().join("ran").exists());
}

#[test]
fn a_template_of_the_repository_shapes_the_worklog() {
    let place = failing();
    let own = "---\ngardener: 1\nid: {{ id }}\nteam: core\nentries:\n{%- for entry in entries %}\n{{ entry.yaml }}\n\
               {%- endfor %}\n---\n\n# Ours: {{ heading }}\n";
    place.sandbox.write(".gardener/templates/run.md", own);
    place.sandbox.commit_all("a template");
    place.run(1);
    let text = place.worklog("");
    assert!(
        text.contains("team: core\n") && text.contains("# Ours: Failing tests: unit, 2025-09-14"),
        "{text}"
    );
}

/// The results of [`failing`] are said, whatever else went wrong.
#[track_caller]
fn assert_told(answer: &crate::sandbox::Answer) {
    let out = &answer.out;
    assert!(out.contains("1 passed, 1 failed") && out.contains("no field 'x'"), "{out}");
}

#[test]
fn results_are_told_where_the_worklog_can_not_be_written() {
    let place = failing();
    place.sandbox.write("worklogs", "a file\n");
    let answer = place.gardener(["run"]);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_told(&answer);
    let why = "no worklog was written: worklogs: there is a file where the folder of the worklogs has to be";
    assert!(answer.err.contains(why), "{}", answer.err);
    let new = place.gardener(["new"]);
    assert!(new.code == 1 && new.err.contains("move it away"), "{}", new.err);
    assert_eq!(place.sandbox.read("worklogs"), "a file\n");
}

#[test]
fn worklogs_that_can_not_be_read_or_are_ignored_are_said() {
    let place = failing();
    place.sandbox.write("worklogs/broken.md", "---\ngardener: 1\nid: [\n---\n");
    place.sandbox.write(".gitignore", "worklogs/run-*\n");
    let answer = place.run(1);
    assert!(answer.err.contains("worklogs/broken.md was not read"), "{}", answer.err);
    assert!(answer.err.contains("git ignores worklogs/run-20250914T115930Z.md"), "{}", answer.err);
}

#[test]
fn a_dry_run_writes_nothing_and_shows_all() {
    let place = failing();
    let before = place.sandbox.snapshot();
    let answer = place.gardener(["run", "--dry-run"]);
    assert_eq!(answer.code, 1);
    assert!(
        answer.out.contains("gardener: 1\nid: unnamed") || answer.out.contains("fingerprint: "),
        "{}",
        answer.out
    );
    assert_eq!(place.sandbox.snapshot(), before);
}

#[test]
fn nobodys_work_is_touched() {
    let place = failing();
    place.sandbox.write("notes.md", "unfinished\n");
    place.sandbox.write("staged.md", "staged\n");
    place.sandbox.git(["add", "staged.md"]);
    let before = place.sandbox.snapshot();
    place.run(1);
    let mut after = place.sandbox.snapshot();
    let new: Vec<String> =
        after.files.keys().filter(|path| !before.files.contains_key(*path)).cloned().collect();
    assert_eq!(new.len(), 1, "{new:?}");
    after.files.remove(&new[0]);
    after.status.remove(&new[0]);
    assert_eq!(after, before);
}

#[test]
fn check_tries_the_template_too() {
    let place = failing();
    place.sandbox.write(".gardener/templates/run.md", "no worklog\n");
    let check = place.gardener(["check"]);
    assert_eq!(check.code, 1, "{}", check.out);
    assert!(
        check.out.contains(".gardener/templates/run.md") && check.out.contains("gives no worklog"),
        "{}",
        check.out
    );
}

#[test]
fn a_secret_in_a_name_is_refused_before_anything_is_written() {
    let place = failing();
    let name = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    place.sandbox.write(&format!("../{name}.tap"), "1..1\nnot ok 1 - q\n");
    let file = format!("../{name}.tap");
    for words in [
        vec!["collect", file.as_str()],
        vec!["collect", "--suite", name, "unit.tap"],
        vec!["collect", "--focus", name, "unit.tap"],
    ] {
        let answer = place.gardener(words.clone());
        assert_eq!(answer.code, 1, "{words:?}: {}", answer.err);
        assert!(answer.err.contains("looks like a secret") && !answer.err.contains(name), "{}", answer.err);
    }
    assert!(place.worklogs().is_empty());
}

#[test]
fn a_worklog_folder_behind_a_link_is_said_before_anything_runs() {
    let place = failing();
    place.sandbox.write("play", "#!/bin/sh\ntouch ran\n");
    place.sandbox.link("../elsewhere", "worklogs");
    let answer = place.gardener(["run"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("worklogs"), "{}", answer.err);
    assert!(!place.sandbox.top().join("ran").exists());
}

#[test]
fn a_command_without_results_is_known_by_what_it_said_last() {
    let place = Place::new("[suites.t]\ncommand = [\"sh\", \"t.sh\"]\n");
    let says = |words: &str| {
        place.sandbox.write("t.sh", format!("echo 'at 12:00:01'\necho '{words}'\nexit 1\n"));
        place.sandbox.commit_all("other words");
        place.run(1).out.lines().last().map(str::to_owned)
    };
    assert_eq!(says("ValueError: alpha dog 17").as_deref(), Some("1 new"));
    assert_eq!(says("ValueError: alpha dog 18").as_deref(), Some("1 known"));
    assert_eq!(says("Segmentation fault in libfoo").as_deref(), Some("1 new"));
}

#[test]
fn results_are_told_where_earlier_worklogs_can_not_be_read() {
    let place = failing();
    // What the suite does to the repository while it runs: git can't list its files any more.
    place.sandbox.write("play", "#!/bin/sh\ncat \"$1.tap\"\nprintf broken > .git/index\nexit 1\n");
    place.sandbox.commit_all("a suite that breaks the index");
    let answer = place.gardener(["run"]);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_told(&answer);
    assert!(answer.err.contains("no worklog was written: earlier worklogs can't be read"), "{}", answer.err);
    assert!(place.worklogs().is_empty());
}

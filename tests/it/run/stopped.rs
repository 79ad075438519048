//! Suites that hang, die, flood and leave things behind, and Ctrl-C.

use std::time::{Duration, Instant};

use crate::matrix::fired;
use crate::run::{Place, tap};

/// A suite that runs this script.
fn script(name: &str, script: &str, more: &str) -> String {
    format!("[suites.{name}]\ncommand = [\"sh\", \"-c\", {script:?}]\n{more}\n")
}

#[test]
fn the_test_that_was_running_is_blamed() {
    let hanging = "echo 'running 2 tests'; echo 'test a ... ok'; printf 'test b ... '; sleep 60";
    let place = Place::new(&script("unit", hanging, "format = \"libtest\"\ntimeout = \"500ms\""));
    let answer = place.run(3);
    assert!(answer.out.contains("timed-out  1 passed, 1 failed"), "{}", answer.out);
    let text = place.worklog("");
    assert!(text.contains("    tests:\n      - b\n") && text.contains("timed out after 500 ms"), "{text}");
    fired("a suite over its time");
}

#[test]
fn results_that_were_promised_and_are_not_there_are_an_error() {
    let nothing = script("api", "echo 'cannot connect to db:5432'; exit 0", "results = \"out.xml\"");
    let place = Place::new(&(nothing + &tap("unit", "") + &script("gone", "exit 0", "format = \"tap\"")));
    place.sandbox.write("unit.tap", "Bail out! no license server\n");
    let answer = place.run(3);
    let text = place.worklog("");
    for part in [
        "api: exit code 0, and no results in out.xml",
        "unit: the tool gave up: no license server",
        "gone: exit code 0, and no test in its output (tap)",
        "cannot connect to db:5432",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(answer.out.ends_with("3 new\n"), "{}", answer.out);
    // They pass when they run.
    place.sandbox.commit_all("a worklog");
    place.sandbox.write("unit.tap", crate::run::results(&["a"], &[]));
    place.sandbox.commit_all("and now it runs");
    let answer = place.run(3);
    assert!(answer.out.contains("unit-environment  -  passes again"), "{}", answer.out);
}

#[test]
fn a_suite_that_could_not_run_files_no_issue() {
    let place = Place::new(&script("api", "echo 'no space left on device'; exit 1", "results = \"out.xml\""));
    place.run(3);
    let text = place.worklog("");
    assert!(
        text.contains("    outcome: error\n") && text.contains("    hold: \"its suite could not run;"),
        "{text}"
    );
    fired("a suite that could not run");
    place.sandbox.commit_all("a worklog");
    let synced = place.0.run(["sync"]);
    assert_eq!((synced.answer.code, synced.writes), (0, Vec::<String>::new()), "{}", synced.answer.out);
    // Unless somebody wants it.
    let line = text.lines().find(|line| line.contains("hold: ")).expect("a line").to_owned() + "\n";
    let name = format!("worklogs/{}", place.worklogs()[0]);
    place.sandbox.write(&name, text.replace(&line, ""));
    place.sandbox.commit_all("file it");
    assert_eq!(place.sync().writes.len(), 1);
}

#[test]
fn old_results_are_not_read_as_new() {
    let place = Place::new(&script("api", "exit 0", "results = \"out.xml\""));
    place.sandbox.write("out.xml", "<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>");
    let answer = place.run(3);
    assert!(answer.out.contains("no results in out.xml"), "{}", answer.out);
    assert!(place.sandbox.read("out.xml").contains("testcase"), "and they are where they were");
}

#[test]
fn several_files_of_results_are_one_suite() {
    let write = "mkdir -p out; for n in a b; do echo \"<testsuite tests='2' failures='1'><testcase name='$n'/>\
                 <testcase name='x$n'><failure message='no $n here'/></testcase></testsuite>\" > out/TEST-$n.xml; done; exit 1";
    let place = Place::new(&script("java", write, "results = \"out/TEST-*.xml\""));
    let answer = place.run(1);
    assert!(answer.out.contains("2 passed, 2 failed"), "{}", answer.out);
}

#[test]
fn a_flood_that_is_no_text_is_bounded_and_said() {
    let flood = "head -c 300000000 /dev/zero; printf '\\377\\376 \\033[31mlast words\\n'; exit 3";
    let place = Place::new(&script("noisy", flood, ""));
    let answer = place.run(1);
    assert!(answer.out.contains("noisy  failed"), "{}", answer.out);
    let text = place.worklog("");
    assert!(text.len() < 20_000, "{}", text.len());
    assert!(text.contains("noisy: exit code 3") && text.contains("last words"), "{text}");
    fired("a flood of output");
}

#[test]
fn what_a_suite_leaves_behind_is_ended_and_named() {
    let place = Place::new(&script("server", "(setsid sleep 77.7 &) ; exit 0", ""));
    let answer = place.run(0);
    assert!(answer.err.contains("it left processes behind, which were ended: sleep"), "{}", answer.err);
    let left = place.sandbox.program("pgrep", ["-f", "sleep 77.7"]).run();
    assert_eq!(left.out, "");
}

#[test]
fn ctrl_c_ends_the_suites_and_writes_what_is_known() {
    let hanging = "touch began; sleep 61.5";
    let place = Place::new(
        &(tap("unit", "severity = \"P2\"") + &script("web", hanging, "") + &script("zz", "touch never", "")),
    );
    place.plays("unit", &["a"], &[("b", "TypeError: no field 'x' in reader")]);
    let mut child = place.start(["run"]).command().spawn().expect("started");
    let start = Instant::now();
    while !place.sandbox.top().join("began").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    place.sandbox.program("kill", ["-INT", &pid]).output();
    let status = child.wait().expect("ended");
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2),
        "as whoever pressed it expects"
    );
    assert!(start.elapsed() < Duration::from_secs(15));
    assert!(!place.sandbox.top().join("never").exists());
    let text = place.worklog("");
    assert!(text.contains("no field 'x'") && text.contains("The run was stopped before its end"), "{text}");
    fired("a suite stopped by a signal");
    assert_eq!(place.sandbox.program("pgrep", ["-f", "sleep 61.5"]).run().out, "");
}

#[test]
fn results_that_are_no_file_are_named_as_what_they_are() {
    let made = |name: &str, make: &str| script(name, make, &format!("results = \"out/{name}.xml\""));
    let config = made("folder", "mkdir -p out/folder.xml")
        + &made("pipe", "mkdir -p out; mkfifo out/pipe.xml")
        + &made("link", "mkdir -p out; ln -s /etc/hostname out/link.xml")
        + &made("before", "true");
    let place = Place::new(&config);
    place.sandbox.write("out/before.xml/file", "");
    let answer = place.gardener(["run"]);
    assert_eq!(answer.code, 3, "{}{}", answer.out, answer.err);
    for said in [
        "folder: out/folder.xml: it is a folder",
        "pipe: out/pipe.xml: it is a named pipe",
        "link: out/link.xml: it is a symbolic link, which is not followed",
        "before: what is at out/before.xml could not be moved out of the way: it is a folder",
    ] {
        assert!(place.worklog("").contains(said), "{said}\n{}", place.worklog(""));
    }
    assert!(!answer.out.contains("no test"), "{}", answer.out);
    for (path, why) in [("out/pipe.xml", "it is a named pipe"), ("out/folder.xml", "is a directory")] {
        let answer = place.gardener(["collect", path]);
        assert!(answer.code == 2 && answer.err.contains(why), "{}{}", answer.code, answer.err);
    }
}

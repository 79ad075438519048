//! Suites that hang, die, flood and leave things behind, and signals.
#![expect(clippy::disallowed_types, reason = "tests act on the real world")]

use std::process::Command;
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
    let own = format!("77.{}", std::process::id());
    let place = Place::new(&script("server", &format!("(setsid sleep {own} &) ; exit 0"), ""));
    let answer = place.run(0);
    assert!(answer.err.contains("it left processes behind, which were ended: sleep"), "{}", answer.err);
    let left = place.sandbox.program("pgrep", ["-f", &own]).run();
    assert_eq!(left.out, "");
}

/// A place with a suite that failed, one that hangs, and one that is not to begin; and what only the
/// hanging one has among its arguments.
fn hanging() -> (Place, String) {
    let own = format!("61.{}{}", std::process::id(), thread_number());
    let web = script("web", &format!("touch began; sleep {own}"), "");
    let place = Place::new(&(tap("unit", "severity = \"P2\"") + &web + &script("zz", "touch never", "")));
    place.plays("unit", &["a"], &[("b", "TypeError: no field 'x' in reader")]);
    (place, own)
}

fn thread_number() -> usize {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `gardener run` with the signals that a terminal's job has: tests that run under `nohup` ignore one.
fn job(place: &Place) -> Command {
    signallable(place, &[]).command()
}

/// The same with these words more.
fn signallable(place: &Place, more: &[&str]) -> crate::sandbox::Start {
    let words = ["--default-signal=HUP,INT,TERM", env!("CARGO_BIN_EXE_gardener"), "run"];
    let words = words.iter().chain(more).copied();
    place.sandbox.program("env", words).env("SOURCE_DATE_EPOCH", "1757851170")
}

/// Starts a run, sends it these signals once its suite hangs, and gives the signal that it ended by.
fn signalled(place: &Place, start: Command, signals: &[&str]) -> Option<i32> {
    let mut child = { start }.spawn().expect("started");
    until("it never began", || place.sandbox.top().join("began").exists());
    // At once, so that a busy machine does not come in between.
    let kills: String = signals.iter().map(|signal| format!("kill {signal} {}; ", child.id())).collect();
    place.sandbox.program("sh", ["-c", &kills]).run();
    let status = child.wait().expect("ended");
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[test]
fn a_signal_ends_the_suites_and_what_is_known_is_written() {
    // Who closes a terminal has the shell say so once more, and that is no impatience.
    for (signals, number) in [(&["-INT"][..], 2), (&["-TERM"], 15), (&["-HUP", "-HUP"], 1)] {
        let (place, own) = hanging();
        let ended = signalled(&place, job(&place), signals);
        assert_eq!(ended, Some(number), "as whoever sent it expects");
        assert!(!place.sandbox.top().join("never").exists());
        let text = place.worklog("");
        assert!(
            text.contains("no field 'x'") && text.contains("The run was stopped before its end"),
            "{text}"
        );
        assert_eq!(place.sandbox.program("pgrep", ["-f", &own]).run().out, "");
    }
    fired("a suite stopped by a signal");
}

#[test]
fn what_a_signal_stopped_is_not_synced() {
    use crate::both::SECRET;
    let (place, _) = hanging();
    let start =
        signallable(&place, &["--sync"]).env("GITHUB_API_URL", place.server.url()).env("GH_TOKEN", SECRET);
    assert_eq!(signalled(&place, start.command(), &["-INT"]), Some(2));
    let text = place.worklog("");
    assert!(text.contains("no field 'x'") && !text.contains("    issue: "), "{text}");
    assert!(place.github(|g| g.issue("acme/app", 1).is_none()));
}

#[test]
fn whoever_is_impatient_gets_no_worklog_and_leaves_no_suite() {
    for (first, second) in [("-HUP", "-INT"), ("-INT", "-TERM")] {
        let (place, own) = hanging();
        // It does not end when it is asked to.
        let stubborn = format!("trap '' TERM; touch began; while :; do sleep {own}; done");
        let config = script("web", &stubborn, "");
        place.sandbox.write("gardener.toml", config);
        assert_eq!(place.gardener(["trust"]).code, 0);
        let ended = signalled(&place, job(&place), &[first, second]);
        assert_eq!(ended, Some(if second == "-INT" { 2 } else { 15 }));
        assert!(place.worklogs().is_empty());
        assert_eq!(place.sandbox.program("pgrep", ["-f", &own]).run().out, "");
    }
}

#[test]
fn nohup_goes_on() {
    let (place, _) = hanging();
    let config = script("web", "touch began; sleep 1", "");
    place.sandbox.write("gardener.toml", config);
    assert_eq!(place.gardener(["trust"]).code, 0);
    let gardener = env!("CARGO_BIN_EXE_gardener");
    let ended = signalled(&place, place.sandbox.program("nohup", [gardener, "run"]).command(), &["-HUP"]);
    assert_eq!(ended, None);
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

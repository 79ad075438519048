//! What a suite may see, print and write, and how its end is told.

use std::fs;
use std::io::{BufRead as _, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use gardener::effect::{Processes, Steps};
use gardener::runner::{End, Job, Runner, Stop, Task};

use crate::running::{Place, alone, run, run_with, runner, runner_with};

#[test]
fn an_end_is_told_as_it_was() {
    let place = Place::new();
    for (script, end) in [
        ("exit 0", End::Exited(0)),
        ("exit 7", End::Exited(7)),
        ("exit 127", End::Exited(127)),
        ("kill -SEGV $$", End::Signal(11)),
        ("kill -TERM $$", End::Signal(15)),
        ("kill -KILL $$", End::Signal(9)),
    ] {
        assert_eq!(place.run(script).end, end, "{script}");
    }
    let ran = place.run("exec >&- 2>&-; sleep 0.3; exit 4");
    assert_eq!((ran.end, ran.output.total), (End::Exited(4), 0));
    assert!(ran.duration >= Duration::from_millis(300), "{:?}", ran.duration);
}

#[test]
fn what_never_ran_says_what_to_do() {
    let place = Place::new();
    fs::write(place.file("plain"), "echo").expect("written");
    fs::write(place.file("script"), "#!/no/such/interpreter\n").expect("written");
    fs::set_permissions(place.file("script"), fs::Permissions::from_mode(0o755)).expect("set");
    fs::write(place.file("results"), "old").expect("written");
    let in_folder = |folder: &str| Job { folder: place.file(folder), ..place.job("true") };
    for (job, words) in [
        (
            place.command(["gardener-has-no-such-program"]),
            "no program gardener-has-no-such-program on the PATH",
        ),
        (place.command(["./missing"]), "missing; build it"),
        (place.command(["./plain"]), "not executable"),
        (place.command(["./script"]), "first line"),
        (place.command([]), "command is empty"),
        (place.job("gardener-has-no-such-program"), "not found"),
        (place.job("./plain"), "denied"),
        (in_folder("nowhere"), "correct the suite's `folder`"),
        (in_folder("plain"), "correct the suite's `folder`"),
    ] {
        let what = format!("{:?} in {}", job.command, job.folder.display());
        let ran = run(Job { results: Some(place.file("results")), ..job });
        assert!(matches!(&ran.end, End::NotStarted(why) if why.contains(words)), "{what}: {:?}", ran.end);
        assert_eq!((ran.written.len(), place.text("results").as_str()), (0, "old"), "{what}");
    }
    fs::create_dir(place.file("sub")).expect("made");
    fs::write(place.file("sub/tool"), "#!/bin/sh\npwd; exit 6\n").expect("written");
    fs::set_permissions(place.file("sub/tool"), fs::Permissions::from_mode(0o755)).expect("set");
    let ran = run(Job { folder: place.file("sub"), ..place.command(["./tool"]) });
    assert_eq!(ran.end, End::Exited(6), "a path begins in the folder");
    assert!(ran.output.head.trim_end().ends_with("/sub"), "{}", ran.output.head);
}

#[test]
fn output_is_text_in_the_order_of_the_writes_and_input_is_empty() {
    let place = Place::new();
    assert_eq!(place.run("printf 'a\\377\\000\\033[1mb'").output.head, "a\u{fffd}\u{fffd}\u{1b}[1mb");
    let script = "for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done; cat; echo end";
    let lines: String = (1..10).map(|i| format!("o{i}\ne{i}\n")).collect();
    assert_eq!(place.run(script).output.head, lines + "end\n");
}

#[test]
fn a_suite_sees_no_secret_and_nothing_of_gits_but_what_it_lists() {
    let place = Place::new();
    let variables = [
        ("GH_TOKEN", "one"),
        ("DEPLOY_PASSWORD", "two"),
        ("DATABASE_URL", "postgres://app:three@db/x"),
        ("GIT_DIR", "/nowhere/.git"),
        ("GIT_INDEX_FILE", "index"),
        ("HOME", "/home/ada"),
    ];
    let runner = runner_with(&variables);
    let names = |job: &Job| {
        let output = run_with(&runner, job.clone()).output.head;
        let names = output.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
        let mut names: Vec<_> =
            names.filter(|n| !["PWD", "SHLVL", "_"].contains(n)).map(str::to_owned).collect();
        names.sort();
        names
    };
    let mut job = place.command(["env"]);
    assert_eq!(names(&job), ["GARDENER_SUITE", "HOME", "N", "PATH"]);
    assert_eq!(
        runner.kept_from(&job),
        ["DATABASE_URL", "DEPLOY_PASSWORD", "GH_TOKEN", "GIT_DIR", "GIT_INDEX_FILE"]
    );
    job.pass = vec!["DATABASE_URL".to_owned()];
    assert_eq!(names(&job), ["DATABASE_URL", "GARDENER_SUITE", "HOME", "N", "PATH"]);
    assert_eq!(std::env::var_os("GARDENER_SUITE"), None, "the rest came from nowhere else");
}

#[test]
fn only_what_this_run_wrote_are_its_results() {
    let place = Place::new();
    let job = |script: &str| Job { results: Some(place.file("junit.xml")), ..place.job(script) };
    fs::write(place.file("junit.xml"), "old").expect("written");
    let ran = run(job("[ ! -e junit.xml ] || exit 8"));
    assert_eq!(ran.end, End::Exited(0), "the old ones are out of the way");
    assert!(ran.written.is_empty());
    assert_eq!(place.text("junit.xml"), "old", "and back");
    let ran = run(job("echo new >junit.xml"));
    assert_eq!(
        std::io::read_to_string(ran.results(&ran.written[0]).expect("written")).expect("read"),
        "new\n"
    );
    assert_eq!(fs::read_dir(place.path()).expect("listed").count(), 1);

    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "secret").expect("written");
    symlink(outside.path(), place.file("out")).expect("linked");
    let mut linked = job(&format!("ln -s {}/secret junit.xml", outside.path().display()));
    for _ in 0..2 {
        let ran = run(linked.clone());
        assert_eq!(ran.end, End::Exited(0));
        assert_eq!(ran.results(&ran.written[0]).err().map(|e| e.kind()), Some(ErrorKind::InvalidInput));
        linked = Job { results: Some(place.file("out/new")), ..place.job("echo secret >out/new") };
    }
    let ran = run(Job { results: Some(place.file("pipe")), ..place.job("mkfifo pipe") });
    assert!(ran.written.len() == 1 && ran.results(&ran.written[0]).is_err(), "a pipe is not waited for");
}

#[test]
fn a_reader_gets_the_output_as_it_comes_and_may_stop() {
    let place = Place::new();
    // The suite goes on only when what it printed was read and told.
    let job = place.job("echo one; echo two >&2; until [ -e go ]; do sleep 0.01; done; printf three");
    let task = Task {
        job,
        reader: Some(Box::new(|output, tell| {
            let lines: Vec<String> =
                output.lines().map_while(Result::ok).inspect(|line| tell(line.clone())).collect();
            lines
        })),
        reads_errors: false,
    };
    let mut told = Vec::new();
    let mut all = runner().run_all(vec![task], 1, &Stop::default(), &mut |news| {
        if let gardener::runner::Told::Event { event, .. } = news {
            fs::write(place.file("go"), "").expect("written");
            told.push(event);
        }
    });
    let (ran, lines) = all.remove(0);
    assert_eq!((ran.end, told), (End::Exited(0), vec!["one".to_owned(), "three".to_owned()]));
    assert_eq!(lines.expect("read"), ["one", "three"]);
    assert!(ran.output.head.contains("two\n") && ran.output.head.contains("one\n"), "{:?}", ran.output);

    let task = Task::<_, ()> {
        reads_errors: false,
        job: place.job("head -c 3000000 /dev/zero; exit 2"),
        reader: Some(Box::new(|output, _| output.read_until(0, &mut Vec::new()).expect("read"))),
    };
    let (ran, read) = runner().run_all(vec![task], 1, &Stop::default(), &mut |_| {}).remove(0);
    assert_eq!((ran.end, ran.output.total, read), (End::Exited(2), 3_000_000, Some(1)));

    let task = Task::<(), ()> {
        job: place.job("echo x"),
        reader: Some(Box::new(|_, _| panic!("a mistake"))),
        reads_errors: false,
    };
    let (ran, read) = runner().run_all(vec![task], 1, &Stop::default(), &mut |_| {}).remove(0);
    assert_eq!((ran.end, read, ran.notes.len()), (End::Exited(0), None, 1));
}

#[test]
fn a_suite_is_announced_before_it_starts() {
    let place = Place::new();
    let marked = place.file("marked");
    let steps = Steps::with_hook(move |_, what| fs::write(&marked, what).expect("written"));
    let path = ("PATH".into(), std::env::var_os("PATH").expect("a path"));
    let runner = Runner::new(Processes::new(steps, Vec::new()), [path]);
    let ran = run_with(&runner, place.job("cat marked"));
    assert_eq!(ran.output.head, "run the suite unit");
}

#[test]
fn a_gigabyte_of_output_takes_little_memory() {
    let text = alone("running::bounds::a_gigabyte");
    print!("{text}");
}

#[test]
#[ignore = "in a process of its own only: it measures the memory of all"]
fn a_gigabyte() {
    const GIGABYTE: u64 = 1 << 30;
    let place = Place::new();
    let peak = || {
        let status = fs::read_to_string("/proc/self/status").expect("read");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("there");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
    };
    let (before, start) = (peak(), Instant::now());
    let ran = place.run("head -c 1G /dev/zero");
    assert_eq!((ran.end, ran.output.total), (End::Exited(0), GIGABYTE));
    let (plain, read) = (start.elapsed(), Instant::now());
    let task = Task::<u64, ()> {
        reads_errors: false,
        job: place.job("yes | head -c 1G"),
        reader: Some(Box::new(|output, _| {
            let mut count = 0;
            while let Some(length) = output.fill_buf().ok().map(<[u8]>::len).filter(|length| *length > 0) {
                output.consume(length);
                count += length as u64;
            }
            count
        })),
    };
    let (ran, count) = runner().run_all(vec![task], 1, &Stop::default(), &mut |_| {}).remove(0);
    assert_eq!((ran.end, ran.output.total, count), (End::Exited(0), GIGABYTE, Some(GIGABYTE)));
    assert_eq!(ran.output.left_out, GIGABYTE - (256 << 10));
    let grown = peak() - before;
    println!("1 GiB kept in {plain:?}, and read in {:?}: {grown} KiB more than {before}", read.elapsed());
    assert!(grown < 24 << 10, "{grown} KiB");
}

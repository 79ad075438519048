//! Whatever a suite starts is ended with it.

use std::time::{Duration, Instant};

use gardener::runner::{End, Job, Ran, Stop, Task};

use crate::running::{Place, alone, run, run_with, runner};

/// Children in the group, out of it, in sessions of their own, and orphans of all kinds.
const TREE: &str = "
    sleep $N & (sleep $N & sleep $N) &
    setsid sh -c 'sleep $N & sleep $N' &
    (setsid sh -c '(setsid sleep $N &) ; sleep 0.05' &)
    (env -i setsid sleep $N & sleep 0.3) &
    echo begun
";

#[test]
fn a_timeout_ends_the_whole_tree() {
    let place = Place::new();
    let mut job = place.job(&format!("{TREE} sleep $N"));
    job.timeout = Duration::from_millis(500);
    let (most, ran) = place.most_alive(|| run(job));
    assert!(most >= 8, "the tree was there: {most}");
    assert_eq!(place.alive(), 0, "{ran:?}");
    assert_eq!((ran.end, ran.output.head.as_str()), (End::TimedOut, "begun\n"));
    assert_eq!(ran.survivors, [""; 0]);
    assert!((450..2500).contains(&ran.duration.as_millis()), "{:?}", ran.duration);
}

#[test]
fn a_tree_that_heeds_no_signal_is_ended_as_well() {
    let place = Place::new();
    let mut job = place.job(&format!("trap '' TERM INT HUP; {TREE} while :; do sleep $N; done"));
    job.timeout = Duration::from_millis(300);
    let (most, ran) = place.most_alive(|| run(job));
    assert!(most >= 8, "the tree was there: {most}");
    assert_eq!((place.alive(), ran.end), (0, End::TimedOut));
    assert!(ran.duration >= Duration::from_millis(600), "it had its grace: {:?}", ran.duration);
}

#[test]
fn whoever_is_asked_to_end_may_write_its_results() {
    let place = Place::new();
    let mut job = place.job("trap 'echo known >out; exit 3' TERM; echo up; while :; do sleep 0.02; done");
    (job.timeout, job.results) = (Duration::from_millis(300), Some(place.file("out")));
    let ran = run(job);
    assert_eq!(ran.end, End::TimedOut);
    assert_eq!(
        std::io::read_to_string(ran.results(&ran.written[0]).expect("written")).expect("read"),
        "known\n"
    );
}

#[test]
fn a_stopped_suite_is_ended() {
    let place = Place::new();
    let mut job = place.job("sleep $N & sleep 0.1; kill -STOP $! ; kill -STOP $$");
    job.timeout = Duration::from_millis(300);
    let (most, ran) = place.most_alive(|| run(job));
    assert_eq!((most > 0, place.alive(), ran.end), (true, 0, End::TimedOut));
}

#[test]
fn what_is_left_behind_is_ended_and_named_and_holds_nobody_up() {
    let place = Place::new();
    let start = Instant::now();
    let ran = place.run("sleep $N & setsid sleep $N & echo done; exit 5");
    let took = start.elapsed();
    assert!(took < Duration::from_secs(30), "the open pipe was not waited for");
    assert_eq!((ran.end, ran.output.head.as_str()), (End::Exited(5), "done\n"));
    assert_eq!((place.alive(), ran.left_behind.len()), (0, 2), "{:?}", ran.left_behind);
    assert!(ran.left_behind.iter().all(|name| name.starts_with("sleep (")), "{:?}", ran.left_behind);
    // Those that were left are given a moment, which is none of its time.
    assert!(ran.duration + Duration::from_millis(100) <= took, "{:?} of {took:?}", ran.duration);

    let ran = place.run("sleep 0.03 & echo done");
    assert_eq!(ran.left_behind, [""; 0], "whoever is about to end is no news");
}

#[test]
fn chains_of_daemons_do_not_run_away() {
    alone("running::trees::chains");
}

/// Four chains of processes, each of which starts the next in a session of its own and ends.
#[test]
#[ignore = "in a process of its own only: its children are many"]
fn chains() {
    let place = Place::new();
    // Without its folder, which goes with this test, it comes to its end.
    let script = "#!/bin/sh\nprintf . >>links || exit\nsetsid \"$0\" $1 &\n";
    std::fs::write(place.file("chain"), script).expect("written");
    let job = place.job("for i in 1 2 3 4; do sh ./chain $N & done; sleep $N");
    std::fs::set_permissions(place.file("chain"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("set");
    let start = Instant::now();
    assert_eq!(run_chains(&place, job).end, End::Stopped);
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    assert_broken(&place);
}

/// Runs a job until its chains have added so much to their file, and stops it.
fn run_chains(place: &Place, job: Job) -> Ran {
    let (stop, began) = (Stop::default(), Instant::now());
    let links = || std::fs::metadata(place.file("links")).map_or(0, |facts| facts.len());
    let mut all = std::thread::scope(|scope| {
        let signal = stop.clone();
        scope.spawn(move || {
            while links() < 100 && began.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(5));
            }
            signal.ask();
        });
        let task = Task::<(), ()> { job, reader: None, reads_errors: false };
        runner().sole_parent().run_all(vec![task], 1, &stop, &mut |_| {})
    });
    all.remove(0).0
}

/// No chain that adds to this file goes on.
fn assert_broken(place: &Place) {
    let links = place.text("links").len();
    assert!(links >= 100, "they were there: {links}");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!((place.text("links").len(), place.alive()), (links, 0));
}

#[test]
fn quick_chains_of_daemons_do_not_run_away() {
    alone("running::trees::quick_chains");
}

/// The same without the time that a shell takes: a new session about every tenth of a millisecond.
#[test]
#[ignore = "in a process of its own only: its children are many"]
fn quick_chains() {
    const CHAIN: &str = "
import os, time
links = os.open('links', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for _ in range(4):
    if os.fork() == 0:
        end = time.time() + 9
        while time.time() < end:
            os.setsid()
            os.write(links, b'.')
            if os.fork(): os._exit(0)
time.sleep(9)
";
    let place = Place::new();
    let job = place.command(["python3", "-c", CHAIN, &place.own]);
    let start = Instant::now();
    let ran = run_chains(&place, job);
    if matches!(ran.end, End::NotStarted(_)) {
        eprintln!("no Python: the quick chain is not tried");
        return;
    }
    assert_eq!(ran.end, End::Stopped);
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    assert_broken(&place);
}

/// Up to 400 processes in one group, each of which makes two more.
#[test]
fn a_crowd_is_ended() {
    let place = Place::new();
    let script = "#!/bin/sh\n[ $2 -gt 0 ] && { sh $0 $1 $(($2 - 1)) & sh $0 $1 $(($2 - 1)) & }\nsleep $1\n";
    std::fs::write(place.file("crowd"), script).expect("written");
    let mut job = place.job("sh ./crowd $N 6");
    job.timeout = Duration::from_millis(300);
    let (most, ran) = place.most_alive(|| run(job));
    assert!(most > 20, "they were there: {most}");
    assert_eq!((place.alive(), ran.end), (0, End::TimedOut));
}

#[test]
fn a_daemon_without_any_mark_is_known_by_whose_child_it_became() {
    alone("running::trees::without_any_mark");
}

#[test]
#[ignore = "in a process of its own only: it takes every orphan for the suite's"]
fn without_any_mark() {
    let place = Place::new();
    // It is gone from its parents' sight before anybody looks.
    let hidden = "exec env -i N=$N setsid sh -c '(setsid sleep $N >/dev/null 2>&1 &) ; exit'";
    let ran = run_with(&runner().sole_parent(), place.job(hidden));
    assert_eq!((place.alive(), ran.end), (0, End::Exited(0)));
    assert_eq!(ran.left_behind.len(), 1, "{:?}", ran.left_behind);
    // Our own children are nobody's orphans, and a child that git left behind is not ours to wait for.
    let processes = gardener::effect::Processes::new(gardener::effect::Steps::default(), Vec::new());
    std::thread::scope(|scope| {
        let own = gardener::effect::Invocation::new("sh").args(["-c", "sleep 0.6; echo own"]).only_reads();
        let own = scope.spawn(move || processes.run(&own).expect("run").out);
        let mut job = place.job("sleep 0.1; (setsid sleep $N &)");
        job.timeout = Duration::from_millis(300);
        assert_eq!(run_with(&runner().sole_parent(), job).end, End::Exited(0));
        assert_eq!(own.join().expect("no panic"), b"own\n");
    });
    assert_eq!(place.alive(), 0);
}

#[test]
fn a_tree_in_a_tree_is_ended_with_it() {
    let place = Place::new();
    // What a gardener in the suite would do: its own mark beside the one it found.
    let script = "[ -n \"$GARDENER_SUITE\" ] || exit 9
        GARDENER_SUITE=\"$GARDENER_SUITE 1.2.3\" setsid sh -c '(setsid sleep $N &) ; sleep $N' &
        sleep $N";
    let mut job = place.job(script);
    job.timeout = Duration::from_millis(300);
    let (most, ran) = place.most_alive(|| run(job));
    assert!(most >= 3, "they were there: {most}");
    assert_eq!((place.alive(), ran.end), (0, End::TimedOut));
}

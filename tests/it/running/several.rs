//! Several suites at once, and the word to stop.

use std::time::{Duration, Instant};

use gardener::runner::{End, Job, Stop, Task, Told};

use crate::running::{Place, runner, until};

fn tasks(jobs: impl IntoIterator<Item = Job>) -> Vec<Task<'static, (), ()>> {
    jobs.into_iter().map(|job| Task { job, reader: None, reads_errors: false }).collect()
}

#[test]
fn the_end_of_one_is_not_the_end_of_another() {
    let (slow, well) = (Place::new(), Place::new());
    let mut first = slow.job("(setsid sleep $N &) ; sleep $N & sleep $N");
    first.timeout = Duration::from_millis(300);
    // Its children are orphans in sessions of their own, as those of the first.
    let second = well.job("(setsid sh -c 'sleep 0.9; echo well >done' &) ; sleep 1.1; cat done; exit 3");
    let all = runner().run_all(tasks([first, second]), 2, &Stop::default(), &mut |_| {});
    assert_eq!((&all[0].0.end, slow.alive()), (&End::TimedOut, 0));
    assert_eq!((&all[1].0.end, all[1].0.output.head.as_str()), (&End::Exited(3), "well\n"));
    assert!(all[0].0.duration < Duration::from_secs(20), "they ran beside each other");
}

#[test]
fn no_more_run_at_once_than_may_and_they_begin_in_their_order() {
    let place = Place::new();
    let job = |n: u64| Job { name: n.to_string(), ..place.job(&format!("sleep 0.{}; exit {n}", 9 - n)) };
    let (mut running, mut most, mut begun) = (0, 0, Vec::new());
    let all = runner().run_all(tasks((1..=6).map(job)), 2, &Stop::default(), &mut |news| match news {
        Told::Started { suite, name } => {
            assert_eq!(name, (suite + 1).to_string());
            begun.push(suite);
            running += 1;
            most = most.max(running);
        }
        Told::Ended { .. } => running -= 1,
        _ => {}
    });
    assert_eq!((begun, most, running), ((0..6).collect::<Vec<_>>(), 2, 0));
    let ends: Vec<_> = all.into_iter().map(|(ran, _)| ran.end).collect();
    assert_eq!(ends, (1..=6).map(End::Exited).collect::<Vec<_>>());
}

#[test]
fn a_word_to_stop_ends_all_and_what_is_known_comes_back() {
    let place = Place::new();
    let running = "echo begun; trap 'echo asked; exit 0' TERM; (setsid sleep $N &) ; sleep $N & wait";
    let stubborn = "echo begun; trap '' TERM; sleep $N & while :; do sleep 1; done";
    let jobs = ["echo whole", running, stubborn, running, "echo never"].map(|script| place.job(script));
    let stop = Stop::default();
    let signal = stop.clone();
    let (mut ended, start) = (0, Instant::now());
    let (all, place) = std::thread::scope(|scope| {
        let place = &place;
        scope.spawn(move || {
            until("all run", || place.alive() >= 5);
            signal.ask();
        });
        let all = runner().run_all(tasks(jobs), 3, &stop, &mut |news| {
            ended += i32::from(matches!(news, Told::Ended { .. }));
        });
        (all, place)
    });
    assert!(start.elapsed() < Duration::from_secs(25));
    assert_eq!((place.alive(), ended, stop.is_over()), (0, 5, true));
    let known: Vec<_> = all.iter().map(|(ran, _)| (&ran.end, ran.output.head.as_str())).collect();
    assert_eq!(
        known,
        [
            (&End::Exited(0), "whole\n"),
            (&End::Stopped, "begun\nasked\n"),
            (&End::Stopped, "begun\n"),
            (&End::Stopped, "begun\nasked\n"),
            (&End::NotBegun, ""),
        ]
    );
}

#[test]
fn the_second_word_gives_no_grace() {
    let place = Place::new();
    let stop = Stop::default();
    let signal = stop.clone();
    let start = Instant::now();
    let all = std::thread::scope(|scope| {
        let watched = &place;
        scope.spawn(move || {
            until("it runs", || watched.alive() > 0);
            signal.ask();
            signal.now();
        });
        let job = place.job("trap '' TERM; sleep $N & while :; do sleep 1; done");
        runner().grace(Duration::from_secs(30)).run_all(tasks([job]), 1, &stop, &mut |_| {})
    });
    assert_eq!((place.alive(), &all[0].0.end), (0, &End::Stopped));
    assert!(start.elapsed() < Duration::from_secs(25));
}

#[test]
fn the_latest_line_is_told_while_it_runs() {
    let place = Place::new();
    let mut lines = Vec::new();
    let job = place.job("echo first; sleep 0.4; echo second; sleep 0.4");
    runner().run_all(tasks([job]), 1, &Stop::default(), &mut |news| {
        if let Told::Line { suite, text } = news {
            lines.push((suite, text.to_owned()));
        }
    });
    assert_eq!(lines, [(0, "first".to_owned()), (0, "second".to_owned())]);
}

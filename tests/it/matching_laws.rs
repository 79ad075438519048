//! The laws of grouping failures by cause: neither the order of failures nor how often one is
//! told matters, nor what a machine says anew in every run; and normalising is done after once.

use std::collections::{BTreeMap, BTreeSet};

use gardener::matching::{Case, Cause, group, normalise};
use gardener::model::{Failure, Fault};
use proptest::prelude::*;

/// What changes from run to run without meaning anything.
#[derive(Clone, Copy, Debug)]
struct Noise {
    port: u16,
    time: u32,
    folder: u32,
    address: u32,
}

/// A failure of which only the noise is open: which test, which fault and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    test: u8,
    fault: u8,
    function: u8,
}

fn noise() -> impl Strategy<Value = Noise> {
    (32_768..61_000_u16, 0..86_400_u32, 0..99_999_u32, 0x1000_0000..u32::MAX)
        .prop_map(|(port, time, folder, address)| Noise { port, time, folder, address })
        // A service's own port says which service it is, and stays.
        .prop_filter("a service's port", |noise| !gardener::wording::is_service_port(u32::from(noise.port)))
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let shape =
        (0..12_u8, 0..8_u8, 0..4_u8).prop_map(|(test, fault, function)| Shape { test, fault, function });
    proptest::collection::vec(shape, 1..18)
}

fn failure(shape: Shape, noise: Noise) -> Failure {
    let Shape { test, fault, function } = shape;
    let Noise { port, time, folder, address } = noise;
    let clock = format!("{:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60);
    let (kind, said) = match fault {
        0 => ("KeyError", "'price'".to_owned()),
        1 => ("ConnectionError", format!("connect to localhost:{port} refused at 2025-09-14T{clock}Z")),
        2 => ("FileNotFoundError", format!("No such file or directory: '/tmp/run-{folder}/data.json'")),
        3 => ("AssertionError", format!("assert <Cart object at 0x{address:x}> is None")),
        4 => ("AssertionError", "assert 3 == 4".to_owned()),
        5 => (
            "ValueError",
            format!("bad literal in /tmp/pytest-of-me/pytest-{folder}/x/in.csv, took {time}ms"),
        ),
        6 => ("", format!("timed out after {}.{}s", time % 100, time % 7)),
        _ => ("ConnectionError", "connect to localhost:5432 refused".to_owned()),
    };
    let raised = if kind.is_empty() { said.clone() } else { format!("{kind}: {said}") };
    let detail = if kind == "AssertionError" || kind.is_empty() {
        format!(
            "    def test_{test}():\n>       assert do_{test}()\nE       {raised}\n\n/tmp/w{folder}/tests/test_a.py:{test}: {kind}"
        )
    } else {
        format!(
            "/tmp/w{folder}/tests/test_a.py:{test}: in test_{test}\n    do()\n/tmp/w{folder}/src/part{function}.py:7: in f{function}\n    go()\nE   {raised}"
        )
    };
    Failure {
        test: format!("tests/test_{}.py::test_{test}", test % 3),
        file: None,
        fault: if kind.is_empty() { Fault::TimedOut } else { Fault::Failed },
        kind: None,
        message: raised,
        detail,
        output: String::new(),
        is_flaky: false,
    }
}

fn failures(shapes: &[Shape], noise: Noise) -> Vec<Failure> {
    shapes.iter().map(|s| failure(*s, noise)).collect()
}

fn grouped(failures: &[Failure]) -> Vec<Cause> {
    let cases: Vec<Case<'_>> = failures.iter().map(|failure| Case { suite: "unit", failure }).collect();
    group(&cases, &[])
}

/// The causes by what they are about: which shapes, under which fingerprint and title.
fn partition(shapes: &[Shape], causes: &[Cause]) -> BTreeMap<String, (BTreeSet<Shape>, String)> {
    let of = |c: &Cause| (c.members.iter().map(|m| shapes[*m]).collect(), c.title.clone());
    causes.iter().map(|c| (c.fingerprint.clone(), of(c))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_failure_is_in_one_cause(shapes in shapes(), noise in noise()) {
        let causes = grouped(&failures(&shapes, noise));
        let mut all: Vec<usize> = causes.iter().flat_map(|c| c.members.iter().copied()).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..shapes.len()).collect::<Vec<_>>());
        let prints: BTreeSet<_> = causes.iter().map(|c| &c.fingerprint).collect();
        prop_assert_eq!(prints.len(), causes.len(), "no two have one fingerprint");
        for cause in &causes {
            prop_assert!(cause.members.contains(&cause.representative));
            prop_assert!(!cause.title.is_empty() && cause.title.chars().count() <= 100);
            prop_assert!(!cause.title.contains("/tmp") && !cause.title.contains("0x"), "{}", cause.title);
        }
    }

    #[test]
    fn the_order_does_not_matter(shapes in shapes(), noise in noise(), seed in any::<u64>()) {
        let mut other = shapes.clone();
        let mut state = seed;
        for i in (1..other.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            other.swap(i, (state >> 33) as usize % (i + 1));
        }
        let (one, two) = (grouped(&failures(&shapes, noise)), grouped(&failures(&other, noise)));
        prop_assert_eq!(partition(&shapes, &one), partition(&other, &two));
    }

    #[test]
    fn one_that_is_told_twice_changes_nothing(shapes in shapes(), noise in noise(), which in any::<prop::sample::Index>()) {
        let mut other = shapes.clone();
        other.push(shapes[which.index(shapes.len())]);
        let (one, two) = (grouped(&failures(&shapes, noise)), grouped(&failures(&other, noise)));
        prop_assert_eq!(partition(&shapes, &one), partition(&other, &two));
    }

    #[test]
    fn times_ports_and_folders_do_not_matter(shapes in shapes(), before in noise(), after in noise()) {
        let (one, two) = (grouped(&failures(&shapes, before)), grouped(&failures(&shapes, after)));
        let bare = |causes: &[Cause]| {
            let of = partition(&shapes, causes);
            of.into_iter().map(|(print, (members, _))| (print, members)).collect::<Vec<_>>()
        };
        prop_assert_eq!(bare(&one), bare(&two));
    }

    #[test]
    fn normalising_twice_changes_nothing(text in any::<String>()) {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn nor_of_what_looks_like_a_log(text in "([a-f0-9]{1,9}|[/~:.@<>\\-+_='\" \n\t]|20[0-9]{2}-0[1-9]-[0-3][0-9]|[0-9]{1,5}(ms|s|:|,)|/tmp/|/home/|0x|T|Z|:[0-9]{2}|tmp|status |localhost|\u{1b}\\[|[A-Z]{1,3}|é|[a-z]{1,8}\\.py){0,24}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once.clone(), "{:?}", text);
    }
}

//! Secrets: what is recognised, in which disguises, what is left alone, and that none of it
//! reaches GitHub or a terminal.
//!
//! The samples are made at run time from parts, so that no scanner takes this repository
//! for a leak.
#![expect(clippy::print_stdout, reason = "it prints its table")]

mod benign;
mod disguise;
mod samples;
mod whole;

use std::collections::BTreeMap;

use gardener::redact::Redactor;
use proptest::prelude::*;

use disguise::DISGUISES;
use samples::{Chance, Sample, Sort};

/// How often each sample is tried in each disguise, each time cut and spelled elsewhere.
const DRAWS: u64 = 4;

/// Cases and those recalled, by disguise.
type Row = BTreeMap<&'static str, (usize, usize)>;

fn redactor(samples: &[Sample]) -> Redactor {
    let known = samples.iter().filter_map(|s| match &s.sort {
        Sort::Variable(name) => Some((name.clone(), s.secret.clone())),
        _ => None,
    });
    Redactor::new(known)
}

/// Tries every sample in every disguise that can apply to it.
fn measure(samples: &[Sample]) -> (BTreeMap<String, Row>, Vec<String>) {
    let redactor = redactor(samples);
    let (mut table, mut missed) = (BTreeMap::<String, Row>::new(), Vec::new());
    for (number, sample) in samples.iter().enumerate() {
        for disguise in DISGUISES {
            for draw in 0..DRAWS {
                let mut chance = Chance::new(number as u64 * 1_000 + disguise as u64 * 10 + draw);
                let Some(case) = disguise::apply(sample, disguise, &mut chance) else { continue };
                let redacted = redactor.redact(&case.text).text;
                let leak = case.leak(&redacted);
                let cell =
                    table.entry(sample.family.clone()).or_default().entry(disguise.name()).or_default();
                cell.0 += 1;
                cell.1 += usize::from(leak.is_none());
                if let Some(leak) = leak {
                    missed.push(format!(
                        "{} {}: {leak:?}\n  {:?}\n  {redacted:?}",
                        sample.family,
                        disguise.name(),
                        case.text
                    ));
                }
            }
        }
    }
    (table, missed)
}

/// Prints the table and gives the share that was recalled.
fn share(title: &str, table: &BTreeMap<String, Row>) -> f64 {
    let names: Vec<_> = DISGUISES.iter().map(|d| d.name()).collect();
    println!("{title}\n{:24} {}", "", names.iter().map(|n| format!("{n:>11}")).collect::<String>());
    let mut sums = Row::new();
    let line = |label: &str, row: &Row| {
        let cell = |n: &&'static str| match row.get(n) {
            Some((all, found)) => format!("{:>11}", format!("{found}/{all}")),
            None => format!("{:>11}", "-"),
        };
        println!("{label:24} {}", names.iter().map(cell).collect::<String>());
    };
    for (family, row) in table {
        line(family, row);
        for (name, (all, found)) in row {
            let sum = sums.entry(name).or_default();
            *sum = (sum.0 + all, sum.1 + found);
        }
    }
    line("all", &sums);
    let (all, found) = sums.values().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let share = found as f64 / all as f64;
    println!("{found} of {all} cases: {:.2} %\n", share * 100.0);
    share
}

#[test]
fn secrets_are_recalled_in_every_disguise() {
    let samples = samples::all();
    let (prefixed, rest): (Vec<_>, Vec<_>) = samples.into_iter().partition(|s| s.sort == Sort::Prefix);
    let (known, context): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|s| matches!(s.sort, Sort::Variable(_)));
    println!(
        "{} samples with a prefix, {} known values, {} in a context",
        prefixed.len(),
        known.len(),
        context.len()
    );
    assert!(prefixed.len() + known.len() >= 300);
    for (title, samples, least) in [
        ("families with a prefix", prefixed, 0.99),
        ("values of variables", known, 0.99),
        ("known by their context", context, 0.95),
    ] {
        let (table, missed) = measure(&samples);
        let share = share(title, &table);
        for miss in missed.iter().take(40) {
            println!("missed {miss}");
        }
        assert!(share >= least, "{title}: {share}");
    }
}

#[test]
fn benign_logs_are_left_alone() {
    let logs = benign::all();
    assert!(logs.len() >= 200);
    let texts: std::collections::BTreeSet<_> = logs.iter().map(|(_, text)| text).collect();
    assert_eq!(texts.len(), logs.len(), "each is another");
    let variables = [("API_TOKEN", "Zq8Wv2Lk41Tn"), ("DB_PASSWORD", "postgres"), ("SESSION_KEY", "/tmp/key")];
    let redactor = Redactor::new(variables.map(|(n, v)| (n.to_owned(), v.to_owned())));
    let mut touched = 0;
    for (name, text) in &logs {
        let redacted = redactor.redact(text);
        if redacted.text != *text {
            touched += 1;
            println!("touched {name}: {:?}", redacted.found);
            for (before, after) in text.lines().zip(redacted.text.lines()).filter(|(a, b)| a != b).take(3) {
                println!("  - {before}\n  + {after}");
            }
        }
    }
    println!("{touched} of {} benign logs touched", logs.len());
    assert!(touched * 100 <= logs.len(), "{touched} of {}", logs.len());
}

/// Texts made of pieces that mean something to a redactor, and of anything else.
fn texts() -> impl Strategy<Value = String> {
    // The shorter ones, so that several stand in one text.
    let pieces = samples::all().into_iter().map(|s| s.secret).collect::<Vec<_>>();
    let piece = prop_oneof![
        4 => proptest::sample::select(pieces),
        3 => proptest::sample::select(vec![
            "\n", " ", "\"", "=", ":", "://", "@", "\u{1b}[0m", "\\n", "%3D", "password=", "Authorization: Basic ",
            "Cookie: a=", "<", ">", "…", "...", "-----BEGIN PRIVATE KEY-----", "é", "\u{200b}", "--token ", "&amp;",
        ]).prop_map(str::to_owned),
        2 => "[ -~]{0,20}",
        1 => "\\PC{0,8}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Redacting twice changes nothing, the result is bounded, and what has no secret is the
    /// same byte for byte.
    #[test]
    fn redacting_twice_changes_nothing(text in texts()) {
        static REDACTOR: std::sync::LazyLock<Redactor> = std::sync::LazyLock::new(|| redactor(&samples::all()));
        let redactor = &*REDACTOR;
        let once = redactor.redact(&text);
        let twice = redactor.redact(&once.text);
        prop_assert_eq!(&once.text, &twice.text);
        prop_assert!(twice.found.is_empty());
        prop_assert_eq!(once.found.is_empty(), once.text == text);
        prop_assert!(once.text.len() <= 16 * text.len(), "{} of {}", once.text.len(), text.len());
        prop_assert_eq!(redactor.mask(&text).len(), text.len());
    }
}

/// The worst goes through in time that grows with its length.
#[test]
fn long_texts_take_linear_time() {
    let redactor = redactor(&samples::all());
    let worst = [
        "a".repeat(1 << 18),
        "=".repeat(1 << 18),
        "password=".repeat(1 << 15),
        "://a:".repeat(1 << 15),
        "-----BEGIN PRIVATE KEY".repeat(1 << 13),
        format!("-----{} PRIVATE KEY-----\n", "BEGIN").repeat(1 << 13),
        "_eyJ".repeat(1 << 16),
        "%25".repeat(1 << 16),
        "\\\\".repeat(1 << 17),
        "ghp_".repeat(1 << 16),
        "\u{1b}[".repeat(1 << 17),
        "\u{1b}]".repeat(1 << 15),
        "a\n".repeat(1 << 17),
        "Cookie: a=b; ".repeat(1 << 14),
        "-u ".repeat(1 << 16),
        "login x password ".repeat(1 << 14),
        "&#1;".repeat(1 << 16),
        "hf_aaa\n".repeat(1 << 15),
    ];
    for text in worst {
        let (short, long) = (&text[..text.len() / 8], &text);
        let time = |text: &str| {
            let start = std::time::Instant::now();
            redactor.redact(text);
            start.elapsed().as_secs_f64()
        };
        let (short, long) = (time(short), time(long));
        assert!(
            long < 8.0 * short.max(0.02) * 3.0,
            "{:?}: {short:.3} s and {long:.3} s",
            &text[..20.min(text.len())]
        );
        println!("{:>24?} {:.3} s for 256 KiB", text.chars().take(9).collect::<String>(), long);
    }
}

/// How long a kilobyte takes. Run with `--release -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let redactor = redactor(&samples::all()[..0]);
    for (name, text) in benign::all().iter().step_by(9) {
        let text: String = text.chars().cycle().take(1024).collect();
        let rounds = 2_000;
        let start = std::time::Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(redactor.redact(std::hint::black_box(&text)));
        }
        println!("{:7.2} us  {name}", start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
}

//! Whatever a test runner writes, reading it ends, forgets no failure that was whole, and what was
//! read contradicts itself nowhere.

use std::collections::BTreeSet;

use gardener::model::{Format, Results};
use gardener::report::{Seen, guess, read};

/// A letter for the format, then results.
pub fn holds(data: &[u8]) {
    let Some((format, bytes)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(format.wrapping_sub(b'0')) % Format::ALL.len()];
    let (results, ended) = told(format, bytes);
    // A test may fail, and what is around it as well: that is one test.
    let steady: BTreeSet<&str> =
        results.failures.iter().filter(|f| !f.is_flaky).map(|f| f.test.as_str()).collect();
    let steady = steady.len() as u64;
    assert!(steady + results.left_out <= results.failed, "more failures than failed: {results:?}");
    for failure in &results.failures {
        assert!(!results.passing.contains(&failure.test), "{} passed and failed", failure.test);
        assert!(failure.test.chars().count() <= 400 && failure.detail.len() < 33 << 10, "{failure:?}");
    }
    assert!(results.left_out == 0 || results.failures.len() >= 1_900, "room was left");
    let is_empty = results.told() == 0 && results.failures.is_empty();
    assert!(format == Format::ExitStatus || !is_empty || !results.is_clean(), "nothing is clean");
    // In pieces of any size it is the same.
    let mut pieces = std::io::BufReader::with_capacity(1 + bytes.len() % 13, bytes);
    let mut again = 0;
    let same = read(format, &mut pieces, &mut |seen| again += u64::from(matches!(seen, Seen::Ended { .. })));
    assert_eq!(same, results, "in pieces");
    assert_eq!(again, ended, "in pieces");
    let _ = guess("results", bytes);
}

fn told(format: Format, mut bytes: &[u8]) -> (Results, u64) {
    let mut ended = 0;
    let results =
        read(format, &mut bytes, &mut |seen| ended += u64::from(matches!(seen, Seen::Ended { .. })));
    (results, ended)
}

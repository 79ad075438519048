//! One number for everything that decides what a suite runs.
//!
//! Pure. Each text is preceded by its length and each list by its count, so that no two contents
//! are the same bytes, whatever is in them.

use sha2::{Digest as _, Sha256};

/// A section's fields, each with its texts.
pub type Fields<'a> = Vec<(&'a str, Vec<String>)>;

/// The SHA-256, in hexadecimal digits, of named sections with named fields of texts: a suite each,
/// `("suites.unit", [("command", ["cargo", "test"]), ("timeout", ["10m"]), …])`. Order counts, so
/// the caller brings sections and fields into one that does not depend on the file's: comments,
/// spaces and the order of keys are nobody's to trust.
pub fn digest(sections: &[(&str, Fields<'_>)]) -> String {
    let mut sha = Sha256::new();
    // What the number means may change one day; no old one may then pass for a new one.
    text(&mut sha, "gardener: what suites run, 1");
    count(&mut sha, sections.len());
    for (name, fields) in sections {
        text(&mut sha, name);
        count(&mut sha, fields.len());
        for (name, values) in fields {
            text(&mut sha, name);
            count(&mut sha, values.len());
            values.iter().for_each(|value| text(&mut sha, value));
        }
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(sha: &mut Sha256, text: &str) {
    count(sha, text.len());
    sha.update(text.as_bytes());
}

fn count(sha: &mut Sha256, count: usize) {
    sha.update((count as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_contents_are_one() {
        let of = |name: &str, fields: &[(&str, &[&str])]| {
            let owned = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
            digest(&[(name, fields.iter().map(|(name, values)| (*name, owned(values))).collect())])
        };
        let plain = of("unit", &[("command", &["cargo", "test"]), ("pass", &[])]);
        assert_eq!(plain.len(), 64);
        assert_eq!(plain, of("unit", &[("command", &["cargo", "test"]), ("pass", &[])]));
        let others = [
            of("unit", &[("command", &["cargo", "test"])]),
            of("unit", &[("command", &["cargo test"]), ("pass", &[])]),
            of("unit", &[("command", &["cargotest", ""]), ("pass", &[])]),
            of("unit", &[("command", &["cargo"]), ("test", &[]), ("pass", &[])]),
            of("unit", &[("command", &["cargo"]), ("pass", &["test"])]),
            of("unitcommand", &[("", &["cargo", "test"]), ("pass", &[])]),
            digest(&[]),
            digest(&[("unit", vec![]), ("command", vec![])]),
        ];
        let mut all: Vec<&String> = others.iter().chain([&plain]).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len() + 1);
    }
}

//! What a panic of Rust says in the output of a test.

/// A panic, or what a test of Rust says instead of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Panic {
    pub(super) message: String,
    /// The source file, without line and column.
    pub(super) file: Option<String>,
}

/// The panic of a test's own thread, or the first of another; else what libtest says of a test
/// that did not panic as it should, or the error that it returned.
pub(super) fn find(text: &str, test: &str) -> Option<Panic> {
    let lines: Vec<&str> = text.lines().collect();
    let note = lines.iter().position(|l| {
        l.starts_with("note: test did not panic as expected") || l.starts_with("note: panic did not contain")
    });
    let mut found: Option<(bool, Panic)> = None;
    for (at, line) in lines.iter().enumerate() {
        let Some((thread, place)) = line.split_once(" panicked at ") else { continue };
        let Some(thread) = thread.trim_start().strip_prefix("thread '") else { continue };
        let own =
            thread.split('\'').next().is_some_and(|t| t == test || (t == "main" && test.contains(" - ")));
        if found.as_ref().is_some_and(|(was_own, _)| *was_own || !own) {
            continue;
        }
        let panic = match place.strip_suffix(':') {
            Some(place) => Panic { message: message(&lines[at + 1..]), file: file(place) },
            // Before Rust 1.73: the message in quotes, then the place.
            None => match place.rsplit_once("', ") {
                Some((message, place)) => {
                    Panic { message: message.trim_start_matches('\'').to_owned(), file: file(place) }
                }
                None => Panic { message: place.trim_matches('\'').to_owned(), file: None },
            },
        };
        found = Some((own, panic));
    }
    if let Some(at) = note {
        let file = found.and_then(|(_, p)| p.file);
        let mut message = lines[at].trim_start_matches("note: ").to_owned();
        // What was said and what should have been are on the next lines.
        for line in lines[at + 1..].iter().take_while(|l| l.starts_with(' ')) {
            message.push('\n');
            message.push_str(line.trim());
        }
        return Some(Panic { message, file });
    }
    let returned = || {
        let error = lines.iter().rev().find(|l| l.starts_with("Error: "))?;
        Some(Panic { message: (*error).to_owned(), file: None })
    };
    found.map(|(_, p)| p).or_else(returned)
}

fn message(lines: &[&str]) -> String {
    let ends = |l: &str| {
        l.starts_with("note: run with `RUST_BACKTRACE")
            || l.starts_with("note: panic did not")
            || l.starts_with("note: Some details are omitted")
            || l == "stack backtrace:"
            || (l.starts_with("thread '") && l.contains(" panicked at "))
    };
    let said: Vec<&str> = lines.iter().take_while(|l| !ends(l)).copied().collect();
    said.join("\n").trim().to_owned()
}

fn file(place: &str) -> Option<String> {
    let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let (rest, column) = place.trim().rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    (is_number(line) && is_number(column)).then(|| file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_panics() {
        let new = "thread 'other' panicked at src/b.rs:1:2:\nfirst\nthread 't::a' (12) panicked at src/a.rs:7:9:\nleft\n right\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        let panic = find(new, "t::a").unwrap();
        assert_eq!((panic.message.as_str(), panic.file.as_deref()), ("left\n right", Some("src/a.rs")));
        let old = find("thread 'a' panicked at 'no rate', src/a.rs:7:9\n", "a").unwrap();
        assert_eq!((old.message.as_str(), old.file.as_deref()), ("no rate", Some("src/a.rs")));
        assert_eq!(find("Error: \"no\"\n", "a").unwrap().message, "Error: \"no\"");
        assert_eq!(find("nothing", "a"), None);
    }
}

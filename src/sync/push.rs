//! What a pre-push hook is told, and whether there is something to do for it.
//!
//! Only decisions: words in, values out. git's own description of the hook is in `githooks(5)`.

/// One line of the hook's input: a reference that is pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// What is pushed, as it was named: `refs/heads/main`, `HEAD`, an id.
    pub local: String,
    /// The commit (or tag) that it is at; `None` where the remote reference is to be deleted.
    pub id: Option<String>,
    /// The reference that is written.
    pub remote: String,
    /// What the remote reference was at, as far as git knew; `None` for a new one.
    pub before: Option<String>,
}

impl PushedRef {
    /// The lines of the hook's input. What is no such line is left out: a later git may say more.
    pub fn parse_all(input: &str) -> Vec<Self> {
        let id = |word: &str| (!word.bytes().all(|b| b == b'0')).then(|| word.to_owned());
        let line = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            let [local, now, remote, before] = words.as_slice() else { return None };
            Some(Self {
                local: (*local).to_owned(),
                id: id(now),
                remote: (*remote).to_owned(),
                before: id(before),
            })
        };
        input.lines().filter_map(line).collect()
    }

    /// Of several references the one that is the branch checked out here, at the very commit that
    /// is checked out; tags are no branches.
    pub fn of_branch<'a>(all: &'a [Self], branch: &str, head: &str) -> Option<&'a Self> {
        let full = format!("refs/heads/{branch}");
        all.iter().find(|pushed| {
            (pushed.local == full || pushed.local == "HEAD" || pushed.local == branch)
                && pushed.id.as_deref() == Some(head)
                && !pushed.remote.starts_with("refs/tags/")
        })
    }
}

/// What decides whether GitHub is asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The push has a commit that changes a worklog, or may have.
    pub touches_worklogs: bool,
    /// Something was begun and is not known to have ended.
    pub has_open_intent: bool,
    /// Seconds since the last look at GitHub; `None` where there was none.
    pub since_last_look: Option<i64>,
}

/// A look that is older than this is taken again, in seconds.
pub const STALE_SECONDS: i64 = 10 * 60;

impl Occasion {
    /// Whether there is something to do.
    pub fn is_due(&self) -> bool {
        // A clock that was set back says nothing.
        let stale = self.since_last_look.is_none_or(|s| !(0..=STALE_SECONDS).contains(&s));
        self.touches_worklogs || self.has_open_intent || stale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_are_read_and_the_branch_is_found() {
        let text = format!(
            "(delete) {ZERO} refs/heads/old {B}\nrefs/tags/v1 {A} refs/tags/v1 {ZERO}\n\
             refs/heads/main {A} refs/heads/main {B}\nand something new\n"
        );
        let all = PushedRef::parse_all(&text);
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].id.as_deref(), all[0].before.as_deref()), (None, Some(B)));
        assert_eq!(PushedRef::of_branch(&all, "main", A), Some(&all[2]));
        assert_eq!(PushedRef::of_branch(&all, "main", B), None, "another commit is checked out");
        assert_eq!(PushedRef::of_branch(&all, "feat", A), None, "another branch is");
        let named = |local: &str, remote: &str| {
            let all = PushedRef::parse_all(&format!("{local} {A} {remote} {ZERO}\n"));
            PushedRef::of_branch(&all, "main", A).is_some()
        };
        assert!(named("HEAD", "refs/heads/x") && named("main", "refs/for/main"));
        assert!(!named("refs/heads/main", "refs/tags/v2") && !named(A, "refs/heads/main"));
        assert!(PushedRef::parse_all("").is_empty());
    }

    #[test]
    fn github_is_asked_when_there_is_a_reason() {
        let quiet = Occasion {
            touches_worklogs: false,
            has_open_intent: false,
            since_last_look: Some(STALE_SECONDS),
        };
        assert!(!quiet.is_due());
        assert!(Occasion { touches_worklogs: true, ..quiet }.is_due());
        assert!(Occasion { has_open_intent: true, ..quiet }.is_due());
        for odd in [None, Some(STALE_SECONDS + 1), Some(-1)] {
            assert!(Occasion { since_last_look: odd, ..quiet }.is_due());
        }
    }
}

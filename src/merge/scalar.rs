//! One value kept equal on both sides, with any number of occurrences on this side.

/// What one occurrence says about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice<T> {
    /// The value of its own base; `None` when it never agreed on one.
    pub base: Option<T>,
    /// The value in the worklog; `None` is no opinion.
    pub local: Option<T>,
    /// Whether GitHub has an event on the field since the base. Closed and reopened again
    /// has the old value and still was changed (rule 1).
    pub touched: bool,
}

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar<T> {
    /// GitHub's value is not known: nothing is done.
    Unknown,
    /// GitHub's value holds; occurrences that differ follow it.
    Keep(T),
    /// This value is sent to GitHub; other occurrences follow it.
    Send(T),
    /// These voices (by position) want something that can't be decided.
    Conflict(Vec<usize>),
}

impl<T: Eq> Voice<T> {
    /// What the voice wants, if it wants something: its value differs from its base, or on
    /// a first link from GitHub's (rules 3 and 15).
    pub fn opinion(&self, remote: &T) -> Option<&T> {
        let local = self.local.as_ref()?;
        let unchanged = self.base.as_ref().unwrap_or(remote) == local;
        (!unchanged).then_some(local)
    }

    fn may_send(&self, remote: &T) -> bool {
        self.base.as_ref() == Some(remote) && !self.touched
    }
}

/// Merges the voices with GitHub's value.
///
/// The law, for one voice: (b, l, r) with l = r gives r; l = b gives r; r = b and untouched
/// gives l; else conflict. Voices that equal their own base have no opinion; two different
/// opinions are a conflict even where one of them equals GitHub's value.
pub fn scalar<T: Eq + Clone>(voices: &[Voice<T>], remote: Option<&T>) -> Scalar<T> {
    let Some(remote) = remote else { return Scalar::Unknown };
    let speaking: Vec<_> =
        voices.iter().enumerate().filter_map(|(i, v)| v.opinion(remote).map(|value| (i, value))).collect();
    let all = || speaking.iter().map(|(i, _)| *i).collect();
    if let Some((_, value)) = speaking.first() {
        if sabotaged!(RemoteWins) && !speaking.iter().any(|(i, _)| voices[*i].may_send(remote)) {
            return Scalar::Keep(remote.clone());
        }
        if sabotaged!(LocalWins) {
            return if *value == remote {
                Scalar::Keep(remote.clone())
            } else {
                Scalar::Send((*value).clone())
            };
        }
    }
    match speaking.split_first() {
        None => Scalar::Keep(remote.clone()),
        Some((first, rest)) if rest.iter().any(|other| other.1 != first.1) => Scalar::Conflict(all()),
        Some((first, _)) if first.1 == remote => Scalar::Keep(remote.clone()),
        Some((first, _)) if speaking.iter().any(|(i, _)| voices[*i].may_send(remote)) => {
            Scalar::Send(first.1.clone())
        }
        Some(_) => Scalar::Conflict(all()),
    }
}

/// The value to write into an occurrence's front matter so that it follows `value`, or
/// `None` when nothing is to be written. An absent key stays absent while nothing
/// changed since its base, and on a first link where `value` is the `default` anyway:
/// somebody may have taken the key out, and that is not undone.
pub fn follow<T: Eq + Clone>(voice: &Voice<T>, value: &T, default: &T) -> Option<T> {
    let write = match (&voice.local, &voice.base) {
        (Some(local), _) => local != value,
        (None, Some(base)) => base != value,
        (None, None) => value != default,
    };
    write.then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(base: Option<u8>, local: Option<u8>, touched: bool) -> Voice<u8> {
        Voice { base, local, touched }
    }

    fn domain() -> Vec<Option<u8>> {
        vec![None, Some(0), Some(1), Some(2)]
    }

    #[test]
    fn the_one_law_over_the_whole_domain() {
        for base in domain() {
            for local in domain() {
                for remote in 0..3u8 {
                    for touched in [false, true] {
                        let got = scalar(&[voice(base, local, touched)], Some(&remote));
                        let want = match (base, local) {
                            (_, None) => Scalar::Keep(remote),
                            (_, Some(l)) if l == remote => Scalar::Keep(remote),
                            (Some(b), Some(l)) if b == l => Scalar::Keep(remote),
                            (Some(b), Some(l)) if b == remote && !touched => Scalar::Send(l),
                            _ => Scalar::Conflict(vec![0]),
                        };
                        assert_eq!(got, want, "{base:?} {local:?} {remote} {touched}");
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_on_github_does_nothing() {
        assert_eq!(scalar(&[voice(Some(0), Some(1), false)], None), Scalar::Unknown);
    }

    #[test]
    fn two_opinions_conflict_and_one_is_followed() {
        let quiet = voice(Some(0), Some(0), false);
        let (one, two) = (voice(Some(0), Some(1), false), voice(Some(0), Some(2), false));
        assert_eq!(scalar(&[quiet.clone(), one.clone()], Some(&0)), Scalar::Send(1));
        assert_eq!(follow(&quiet, &1, &0), Some(1));
        assert_eq!(scalar(&[one.clone(), two], Some(&0)), Scalar::Conflict(vec![0, 1]));
        assert_eq!(scalar(&[one.clone(), one], Some(&0)), Scalar::Send(1));
    }

    #[test]
    fn an_absent_key_is_written_only_when_something_changed() {
        assert_eq!(follow(&voice(None, None, false), &0, &0), None);
        assert_eq!(follow(&voice(None, None, false), &1, &0), Some(1));
        assert_eq!(follow(&voice(Some(1), None, false), &1, &0), None);
        assert_eq!(follow(&voice(Some(1), None, false), &0, &0), Some(0));
    }
}

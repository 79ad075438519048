//! A set kept equal on both sides, element by element.

use std::collections::BTreeSet;

/// What one occurrence says about a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetVoice<T> {
    /// Its own base; `None` on a first link.
    pub base: Option<BTreeSet<T>>,
    /// The entry's own list; `None` is an absent key: no opinion.
    pub local: Option<BTreeSet<T>>,
    /// Elements that the worklog as a whole adds once (rule 12).
    pub once: BTreeSet<T>,
    /// Elements with an event on GitHub since the base (rule 1).
    pub touched: BTreeSet<T>,
}

/// What becomes of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sets<T> {
    /// To add on GitHub.
    pub add: BTreeSet<T>,
    /// To take off on GitHub.
    pub remove: BTreeSet<T>,
    /// Elements that somebody took away and that stay all the same, because somebody else
    /// added them: add beats remove, and it is said.
    pub kept: BTreeSet<T>,
    /// What GitHub has once `add` and `remove` are done.
    pub result: BTreeSet<T>,
    /// For each voice: what to add to and remove from its own list, and its new base.
    pub voices: Vec<SetFollow<T>>,
}

/// What one occurrence does to follow the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFollow<T> {
    /// To add to its list.
    pub add: BTreeSet<T>,
    /// To take out of its list.
    pub remove: BTreeSet<T>,
    /// Its base once everything is done.
    pub base: BTreeSet<T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Nothing,
    Add,
    Remove,
}

impl<T> Default for SetVoice<T> {
    fn default() -> Self {
        Self { base: None, local: None, once: BTreeSet::new(), touched: BTreeSet::new() }
    }
}

impl<T: Ord + Clone> SetVoice<T> {
    fn in_base(&self, element: &T) -> bool {
        self.base.as_ref().is_some_and(|b| b.contains(element))
    }

    fn in_local(&self, element: &T) -> bool {
        self.local.as_ref().is_some_and(|l| l.contains(element))
    }

    /// Per element the one law of a scalar: changed since the base, and how. On a first
    /// link sets unite (rule 15), so what is missing here is no wish to remove it there.
    fn wish(&self, element: &T) -> Wish {
        let (base, here) = (self.in_base(element), self.in_local(element));
        match (here, base) {
            (true, false) => Wish::Add,
            // Added once for the worklog and never again: in the base means it was done.
            (false, false) if self.once.contains(element) => Wish::Add,
            (false, true) if sabotaged!(RepeatWorklogLabels) && self.once.contains(element) => Wish::Add,
            (false, true) if self.local.is_some() && !self.once.contains(element) => Wish::Remove,
            _ => Wish::Nothing,
        }
    }
}

/// Merges the voices with GitHub's set.
pub fn merge_sets<T: Ord + Clone>(voices: &[SetVoice<T>], remote: &BTreeSet<T>) -> Sets<T> {
    let mut elements = remote.clone();
    for voice in voices {
        elements.extend(voice.base.iter().flatten().cloned());
        elements.extend(voice.local.iter().flatten().cloned());
        elements.extend(voice.once.iter().cloned());
    }
    let mut sets = Sets {
        add: BTreeSet::new(),
        remove: BTreeSet::new(),
        kept: BTreeSet::new(),
        result: BTreeSet::new(),
        voices: Vec::new(),
    };
    for element in elements {
        let there = remote.contains(&element);
        let wishes = |w: Wish| voices.iter().filter(|v| v.wish(&element) == w).count();
        let (adds, removes) = (wishes(Wish::Add), wishes(Wish::Remove));
        let added_again =
            there && voices.iter().any(|v| v.wish(&element) == Wish::Remove && v.touched.contains(&element));
        let stays = match (adds > 0, removes > 0) {
            (true, false) => true,
            (true, true) => !sabotaged!(RemoveBeatsAdd),
            (false, true) => added_again && !sabotaged!(RemoveBeatsAdd),
            (false, false) => there,
        };
        if stays && removes > 0 {
            sets.kept.insert(element.clone());
        }
        match (there, stays) {
            (false, true) => sets.add.insert(element.clone()),
            (true, false) => sets.remove.insert(element.clone()),
            _ => false,
        };
        if stays {
            sets.result.insert(element);
        }
    }
    sets.voices = voices.iter().map(|v| follow(v, &sets.result)).collect();
    sets
}

fn follow<T: Ord + Clone>(voice: &SetVoice<T>, result: &BTreeSet<T>) -> SetFollow<T> {
    let missing = |e: &&T| !voice.in_local(e) && !voice.once.contains(*e);
    // Without the key nothing is written while nothing is new since the base: whoever took
    // the key out did not ask for it back. Once it is written it speaks for every element,
    // so then it gets all of them.
    let is_new = |e: &T| !voice.in_base(e) && !voice.once.contains(e);
    let writes = voice.local.is_some() || result.iter().any(is_new);
    let add = result.iter().filter(missing).filter(|_| writes).cloned().collect();
    let remove = voice.local.iter().flatten().filter(|e| !result.contains(*e)).cloned().collect();
    let base = result.union(&voice.once).cloned().collect();
    SetFollow { add, remove, base }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> BTreeSet<char> {
        text.chars().collect()
    }

    fn voice(base: Option<&str>, local: Option<&str>) -> SetVoice<char> {
        SetVoice { base: base.map(set), local: local.map(set), ..SetVoice::default() }
    }

    #[test]
    fn each_element_follows_the_law() {
        // a: removed there, b: removed here, c: added there, d: added here, e: untouched.
        let merged = merge_sets(&[voice(Some("abe"), Some("ade"))], &set("bce"));
        assert_eq!((merged.add, merged.remove), (set("d"), set("b")));
        assert_eq!((merged.voices[0].add.clone(), merged.voices[0].remove.clone()), (set("c"), set("a")));
        assert_eq!(merged.voices[0].base, set("cde"));
    }

    #[test]
    fn a_first_link_unites() {
        let merged = merge_sets(&[voice(None, Some("a"))], &set("b"));
        assert_eq!((merged.add, merged.remove, merged.result), (set("a"), set(""), set("ab")));
    }

    #[test]
    fn add_beats_remove_and_it_is_said() {
        let merged = merge_sets(&[voice(Some("a"), Some("")), voice(None, Some("a"))], &set("a"));
        assert_eq!((merged.remove, merged.kept), (set(""), set("a")));
        let mut again = voice(Some("a"), Some(""));
        again.touched = set("a");
        let merged = merge_sets(&[again], &set("a"));
        assert_eq!((merged.remove, merged.kept, merged.voices[0].add.clone()), (set(""), set("a"), set("a")));
    }

    #[test]
    fn the_worklogs_own_labels_are_added_once() {
        let mut first = voice(None, None);
        first.once = set("w");
        let merged = merge_sets(&[first], &set(""));
        assert_eq!((merged.add, merged.voices[0].base.clone()), (set("w"), set("w")));
        assert_eq!(merged.voices[0].add, set(""), "not repeated in the entry");
        let mut later = voice(Some("w"), None);
        later.once = set("w");
        let merged = merge_sets(&[later], &set(""));
        assert_eq!((merged.add, merged.voices[0].base.clone()), (set(""), set("w")), "stays removed");
    }

    #[test]
    fn an_absent_list_has_no_opinion() {
        let merged = merge_sets(&[voice(Some("a"), None)], &set("a"));
        assert_eq!((merged.add, merged.remove), (set(""), set("")));
        assert_eq!(merged.voices[0].add, set(""), "not asked for back");
        let merged = merge_sets(&[voice(Some("a"), None)], &set("ab"));
        assert_eq!(merged.voices[0].add, set("ab"), "a list speaks for every element");
    }
}

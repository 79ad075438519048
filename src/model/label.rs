//! A label: a name that GitHub compares without case.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A label's name as somebody spelled it; equal to any other spelling in another case,
/// as on GitHub. Never empty, one line, without surrounding blanks.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label {
    name: String,
    folded: String,
}

/// A set of labels in a fixed order, compared without case.
pub type Labels = BTreeSet<Label>;

impl Label {
    /// The most characters GitHub takes in a label's name.
    pub const MAX_CHARS: usize = 50;

    /// A label of this name, or `None` when no issue could carry it: empty, blank at an
    /// end, or with a control character.
    pub fn new(name: &str) -> Option<Self> {
        let blank = name.trim() != name || name.is_empty();
        if blank || name.chars().any(char::is_control) {
            return None;
        }
        Some(Self { name: name.to_owned(), folded: name.to_lowercase() })
    }

    /// The name as it was spelled.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name with case folded away: equal for equal labels.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(&name).ok_or("not a label")
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.name
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_kept_and_case_is_not_compared() {
        let (a, b) = (Label::new("Bug").expect("valid"), Label::new("bug").expect("valid"));
        assert_eq!(a, b);
        assert_eq!(a.name(), "Bug");
        assert_eq!(Label::new(" bug"), None);
        assert_eq!(Label::new(""), None);
        assert_eq!(Label::new("a\nb"), None);
    }
}

//! The single writes that GitHub can be asked for, and whether an answer echoes one.

use crate::model::{Comment, Label, Labels, RemoteIssue, State};

/// One write, as plain data: no write depends on the answer to another one of the same
/// batch, so that several can travel in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Make a label in the repository.
    CreateLabel {
        /// Its name.
        label: Label,
        /// Six hexadecimal digits.
        color: String,
        /// At most 100 characters.
        description: String,
    },
    /// Make an issue. Never sent twice on a doubtful answer.
    CreateIssue {
        /// At most 256 characters.
        title: String,
        /// With marker and managed block.
        body: String,
        /// Labels that exist in the repository.
        labels: Labels,
    },
    /// Comment on an issue. Never sent twice on a doubtful answer.
    CreateComment {
        /// The issue.
        number: u64,
        /// The text, with its marker.
        body: String,
    },
    /// Replace the text of gardener's own comment.
    EditComment {
        /// The issue.
        number: u64,
        /// The comment.
        id: u64,
        /// The whole new text.
        body: String,
    },
    /// Add labels; those already there stay.
    AddLabels {
        /// The issue.
        number: u64,
        /// Only the new ones.
        labels: Labels,
    },
    /// Take one label off.
    RemoveLabel {
        /// The issue.
        number: u64,
        /// The label.
        label: Label,
    },
    /// Close, close for another reason, or reopen.
    SetState {
        /// The issue.
        number: u64,
        /// What to do.
        to: StateChange,
    },
    /// Replace the text of an issue that gardener made (its managed block changed).
    EditBody {
        /// The issue.
        number: u64,
        /// The whole new text.
        body: String,
    },
}

/// A state to set, in GitHub's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateChange {
    /// Open it again.
    Reopen,
    /// Close it as completed.
    Completed,
    /// Close it as not planned.
    NotPlanned,
    /// Close it as a duplicate.
    Duplicate,
}

/// What GitHub answered to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Echo {
    /// The whole issue as it is now.
    Issue(Box<RemoteIssue>),
    /// The issue's labels as they are now.
    Labels(Vec<Label>),
    /// The comment.
    Comment(Comment),
    /// The repository's label.
    Label(Label),
}

/// An answer that does not echo what was asked: the write did not, or not wholly, happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// These labels are not in the answer. GitHub drops labels silently where the token
    /// may not set them.
    LabelsMissing(Labels),
    /// This label is still there.
    LabelStays(Label),
    /// The state is this one; GitHub ignores a reason it does not want.
    State(State),
    /// The text is not the one that was sent. An over-long body is answered with 200 and
    /// the old text.
    Text,
    /// The answer is about something else.
    Other,
}

impl Mismatch {
    /// The state that the issue has instead of the one that was sent.
    pub fn state(&self) -> Option<&State> {
        match self {
            Self::State(state) => Some(state),
            _ => None,
        }
    }
}

impl StateChange {
    /// The state the issue is in once this happened.
    pub fn state(self) -> State {
        match self {
            Self::Reopen => State::Open,
            Self::Completed => State::Completed,
            Self::NotPlanned => State::NotPlanned,
            Self::Duplicate => State::Duplicate,
        }
    }
}

impl Write {
    /// The issue it is about, when it has a number already.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::CreateLabel { .. } | Self::CreateIssue { .. } => None,
            Self::CreateComment { number, .. }
            | Self::EditComment { number, .. }
            | Self::AddLabels { number, .. }
            | Self::RemoveLabel { number, .. }
            | Self::SetState { number, .. }
            | Self::EditBody { number, .. } => Some(*number),
        }
    }

    /// Whether sending it a second time would make a second thing.
    pub fn creates(&self) -> bool {
        matches!(self, Self::CreateIssue { .. } | Self::CreateComment { .. })
    }

    /// Compares an answer with what was asked (promise P16: a write counts only when the
    /// answer echoes it).
    ///
    /// # Errors
    /// The first difference found.
    pub fn confirmed_by(&self, echo: &Echo) -> Result<(), Mismatch> {
        if sabotaged!(BelieveStatus) {
            return Ok(());
        }
        match (self, echo) {
            (Self::CreateLabel { label, .. }, Echo::Label(got)) if got == label => Ok(()),
            (Self::CreateIssue { title, body, labels }, Echo::Issue(issue)) => {
                if issue.title != *title || !same_text(&issue.body, body) {
                    return Err(Mismatch::Text);
                }
                all_there(labels, &issue.labels)
            }
            (Self::CreateComment { body, .. } | Self::EditComment { body, .. }, Echo::Comment(comment)) => {
                if same_text(&comment.body, body) {
                    Ok(())
                } else {
                    Err(Mismatch::Text)
                }
            }
            (Self::EditBody { body, .. }, Echo::Issue(issue)) => {
                if same_text(&issue.body, body) {
                    Ok(())
                } else {
                    Err(Mismatch::Text)
                }
            }
            (Self::AddLabels { labels, .. }, Echo::Labels(got)) => all_there(labels, got),
            (Self::AddLabels { labels, .. }, Echo::Issue(issue)) => all_there(labels, &issue.labels),
            (Self::RemoveLabel { label, .. }, Echo::Labels(got)) => gone(label, got),
            (Self::RemoveLabel { label, .. }, Echo::Issue(issue)) => gone(label, &issue.labels),
            (Self::SetState { to, .. }, Echo::Issue(issue)) => {
                if issue.state == to.state() {
                    Ok(())
                } else {
                    Err(Mismatch::State(issue.state.clone()))
                }
            }
            _ => Err(Mismatch::Other),
        }
    }
}

/// GitHub may answer with other line endings and without blanks at the end.
fn same_text(a: &str, b: &str) -> bool {
    let lines = |t: &str| t.trim_end().replace("\r\n", "\n");
    lines(a) == lines(b)
}

fn all_there(wanted: &Labels, got: &[Label]) -> Result<(), Mismatch> {
    let missing: Labels = wanted.iter().filter(|l| !got.contains(l)).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Mismatch::LabelsMissing(missing)) }
}

fn gone(label: &Label, got: &[Label]) -> Result<(), Mismatch> {
    if got.contains(label) { Err(Mismatch::LabelStays(label.clone())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Association, Author, Timestamp};

    fn label(name: &str) -> Label {
        Label::new(name).expect("a label")
    }

    fn issue(state: State, labels: &[&str], body: &str) -> Echo {
        let at = Timestamp::from_second(0);
        Echo::Issue(Box::new(RemoteIssue {
            number: 5,
            node_id: "I_5".to_owned(),
            title: "t".to_owned(),
            body: body.to_owned(),
            state,
            labels: labels.iter().map(|l| label(l)).collect(),
            author: Author { login: "ann".to_owned(), association: Association::Member },
            locked: false,
            created_at: at,
            updated_at: at,
        }))
    }

    #[test]
    fn only_an_echo_confirms() {
        let labels = |names: &[&str]| names.iter().map(|n| label(n)).collect::<Labels>();
        let create = Write::CreateIssue { title: "t".into(), body: "a\nb".into(), labels: labels(&["bug"]) };
        let close = Write::SetState { number: 5, to: StateChange::NotPlanned };
        let add = Write::AddLabels { number: 5, labels: labels(&["bug", "P1"]) };
        let remove = Write::RemoveLabel { number: 5, label: label("bug") };
        let body = Write::EditBody { number: 5, body: "new".into() };
        let cases = [
            (&create, issue(State::Open, &["Bug"], "a\r\nb\n"), Ok(())),
            (&create, issue(State::Open, &[], "a\nb"), Err(Mismatch::LabelsMissing(labels(&["bug"])))),
            (&create, issue(State::Open, &["bug"], "a"), Err(Mismatch::Text)),
            (&close, issue(State::NotPlanned, &[], ""), Ok(())),
            (&close, issue(State::Completed, &[], ""), Err(Mismatch::State(State::Completed))),
            (&add, Echo::Labels(vec![label("p1"), label("bug")]), Ok(())),
            (&add, Echo::Labels(vec![label("bug")]), Err(Mismatch::LabelsMissing(labels(&["P1"])))),
            (&remove, Echo::Labels(vec![label("other")]), Ok(())),
            (&remove, Echo::Labels(vec![label("BUG")]), Err(Mismatch::LabelStays(label("bug")))),
            (&body, issue(State::Open, &[], "new"), Ok(())),
            // An over-long text is answered with 200 and the old one.
            (&body, issue(State::Open, &[], "old"), Err(Mismatch::Text)),
            (&body, Echo::Labels(vec![]), Err(Mismatch::Other)),
        ];
        for (write, echo, want) in cases {
            assert_eq!(write.confirmed_by(&echo), want, "{write:?} {echo:?}");
        }
    }
}

//! The writes by REST: one request each, in order, believed only by what the answer echoes.
//!
//! Whether an echo is what was asked for is `Write::confirmed_by`'s to say. Nothing is sent
//! again here: what is doubtful is left to the next sync, which looks first. Labels go as
//! additions and removals, never as the whole set, so that an edit made meanwhile stays.

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::forge::github::segment;
use crate::forge::send::Call;
use crate::forge::together::Outcomes;
use crate::forge::transport::Answer;
use crate::forge::wire::{self, RestComment, RestIssue, RestLabel};
use crate::forge::{Certainty, ForgeError, GitHub, WriteError, classify};
use crate::model::{Label, Labels};
use crate::plan::{Echo, StateChange, Write};

impl GitHub {
    /// Sends writes in order, several together where they fit. After an error that the next one
    /// would meet too, or a doubtful outcome of whatever kind, the rest is not sent.
    pub(super) fn send_writes(&mut self, writes: &[Write]) -> Outcomes {
        match writes.len() {
            0 | 1 => self.send_each(writes),
            _ if self.ids.fitting(writes) == writes.len() && self.graphql => self.send_together(writes),
            _ => self.send_each(writes),
        }
    }

    /// Sends writes by REST, one by one.
    pub(super) fn send_each(&mut self, writes: &[Write]) -> Outcomes {
        let mut stop: Option<ForgeError> = None;
        writes.iter().map(|write| self.send_unless(write, &mut stop)).collect()
    }

    /// Sends one write by REST unless something stops that, and notes what stops the next one.
    pub(super) fn send_unless(
        &mut self,
        write: &Write,
        stop: &mut Option<ForgeError>,
    ) -> Result<Echo, WriteError> {
        if let Some(error) = stop {
            return Err(WriteError { error: error.clone(), certainty: Certainty::NotSent });
        }
        let outcome = self.send_write(write);
        if let Err(failed) = &outcome
            && (failed.error.stops_everything() || failed.certainty == Certainty::Doubtful)
        {
            *stop = Some(failed.error.clone());
        }
        outcome
    }

    fn send_write(&mut self, write: &Write) -> Result<Echo, WriteError> {
        let call = self.call(write);
        let answer = self.deliver(&call, usize::from(write.creates()))?;
        match write {
            Write::CreateLabel { label, .. } if classify::says_already_exists(&answer) => {
                self.existing_label(label)
            }
            Write::RemoveLabel { number, .. } if classify::says_no_such_label(&answer) => {
                self.labels_of(*number)
            }
            _ if !answer.is_success() => Err(self.rejected(&call, &answer)),
            Write::CreateLabel { .. } => {
                let label: RestLabel = done(&call, &answer)?;
                label.into_model().map(Echo::Label).ok_or_else(|| nameless(&call))
            }
            Write::AddLabels { .. } | Write::RemoveLabel { .. } => {
                let labels: Vec<RestLabel> = done(&call, &answer)?;
                Ok(Echo::Labels(wire::labels(labels)))
            }
            Write::CreateComment { .. } | Write::EditComment { .. } => {
                let comment: RestComment = done(&call, &answer)?;
                Ok(Echo::Comment(comment.into_model()))
            }
            Write::CreateIssue { .. } | Write::SetState { .. } | Write::EditBody { .. } => {
                let issue: RestIssue = done(&call, &answer)?;
                if write.number().is_some_and(|number| number != issue.number) {
                    let error = classify::unreadable(&call.what(), "it is about another issue");
                    return Err(WriteError { error, certainty: Certainty::Doubtful });
                }
                Ok(Echo::Issue(Box::new(issue.into_model())))
            }
        }
    }

    /// The request of a write.
    fn call(&self, write: &Write) -> Call {
        let names = |labels: &Labels| labels.iter().map(|l| l.name().to_owned()).collect::<Vec<_>>();
        let (method, below, body) = match write {
            Write::CreateLabel { label, color, description } => {
                let body = json!({ "name": label.name(), "color": color, "description": description });
                (Method::POST, "/labels".to_owned(), Some(body))
            }
            Write::CreateIssue { title, body, labels } => {
                let mut whole = json!({ "title": title, "body": body });
                if !labels.is_empty() {
                    whole["labels"] = json!(names(labels));
                }
                (Method::POST, "/issues".to_owned(), Some(whole))
            }
            Write::CreateComment { number, body } => {
                (Method::POST, format!("/issues/{number}/comments"), Some(json!({ "body": body })))
            }
            Write::EditComment { id, body, .. } => {
                (Method::PATCH, format!("/issues/comments/{id}"), Some(json!({ "body": body })))
            }
            Write::AddLabels { number, labels } => {
                let method = if sabotaged!(PatchLabelSet) { Method::PUT } else { Method::POST };
                (method, format!("/issues/{number}/labels"), Some(json!({ "labels": names(labels) })))
            }
            Write::RemoveLabel { number, label } => {
                (Method::DELETE, format!("/issues/{number}/labels/{}", segment(label.name())), None)
            }
            Write::SetState { number, to } => {
                let (state, reason) = match to {
                    StateChange::Reopen => ("open", "reopened"),
                    StateChange::Completed => ("closed", "completed"),
                    StateChange::NotPlanned => ("closed", "not_planned"),
                    StateChange::Duplicate => ("closed", "duplicate"),
                };
                let body = json!({ "state": state, "state_reason": reason });
                (Method::PATCH, format!("/issues/{number}"), Some(body))
            }
            Write::EditBody { number, body } => {
                (Method::PATCH, format!("/issues/{number}"), Some(json!({ "body": body })))
            }
        };
        Call::write(method, self.path(&below), body.map(|b| b.to_string())).about(write.number())
    }

    /// The repository has the label, perhaps in another spelling, which is the answer.
    fn existing_label(&mut self, label: &Label) -> Result<Echo, WriteError> {
        let call = Call::get(self.path(&format!("/labels/{}", segment(label.name()))));
        let found: RestLabel = self.follow_up(&call)?;
        found.into_model().map(Echo::Label).ok_or_else(|| nameless(&call))
    }

    /// The label was not on the issue, so what was asked for holds already.
    fn labels_of(&mut self, number: u64) -> Result<Echo, WriteError> {
        let call = Call::get(self.path(&format!("/issues/{number}"))).about(number);
        let issue: RestIssue = self.follow_up(&call)?;
        Ok(Echo::Labels(issue.into_model().labels))
    }

    /// A look after a write that was refused for being done already.
    fn follow_up<T: DeserializeOwned>(&mut self, call: &Call) -> Result<T, WriteError> {
        let rejected = |error| WriteError { error, certainty: Certainty::Rejected };
        let answer = self.sender.read(call).map_err(rejected)?;
        if answer.status != 200 {
            return Err(self.rejected(call, &answer));
        }
        classify::decode(&answer, &call.what()).map_err(rejected)
    }

    fn rejected(&mut self, call: &Call, answer: &Answer) -> WriteError {
        let mut error = self.sender.refusal(call, answer);
        // GitHub also says "not found" to those who may look but not write, and that is no
        // reason to give up on the repository.
        if matches!(error, ForgeError::NoRepository { .. }) && self.read_repository().is_ok() {
            let message =
                format!("{} was not found for this token, which may look but not write", call.what());
            error = ForgeError::Forbidden { message, needed: None };
        }
        WriteError { error, certainty: Certainty::Rejected }
    }
}

/// Reads the answer to a write that GitHub says it did. One that can't be read leaves open
/// what was done.
fn done<T: DeserializeOwned>(call: &Call, answer: &Answer) -> Result<T, WriteError> {
    let doubtful = |error| WriteError { error, certainty: Certainty::Doubtful };
    classify::decode(answer, &call.what()).map_err(doubtful)
}

fn nameless(call: &Call) -> WriteError {
    let error = classify::unreadable(&call.what(), "it is a label without a name");
    WriteError { error, certainty: Certainty::Doubtful }
}

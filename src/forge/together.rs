//! Sending several writes in one request, where that is worth it and safe.
//!
//! Fewer than [`Options::together_from`](crate::forge::Options) go one by one by REST, whose
//! answers are known best; so do those that GraphQL refused for certain. The words of the request
//! and the reading of its answer are in `batch`. Who may depend on whom is the caller's to know.

use std::collections::{BTreeMap, BTreeSet};

use crate::forge::batch::{Outcome, Reading};
use crate::forge::graphql;
use crate::forge::send::Call;
use crate::forge::{Certainty, ForgeError, GitHub, WriteError, batch, classify};
use crate::model::{Labels, Look};
use crate::plan::{Echo, Write};

/// What came of each write, in their order.
pub(super) type Outcomes = Vec<Result<Echo, WriteError>>;

impl GitHub {
    /// Looks at issues that are about to be written to, and learns the ids of labels with them.
    pub(super) fn look_before(
        &mut self,
        numbers: &BTreeSet<u64>,
        labels: &Labels,
    ) -> Result<BTreeMap<u64, Look>, ForgeError> {
        self.ids = batch::Ids::default();
        self.went_together = false;
        self.asked_labels = labels.clone();
        let looks = self.read_issues(numbers);
        self.asked_labels = Labels::new();
        looks
    }

    /// How many of the first writes would travel in one request; 1 where they go one by one. Asks
    /// for the ids that new issues take, once.
    pub(super) fn fitting(&mut self, writes: &[Write]) -> usize {
        // What follows on writes that went together goes as they did.
        let least = if self.went_together { self.together_from.min(2) } else { self.together_from };
        let may = self.graphql && self.sender.token.is_some() && writes.len() >= least;
        if !may || sabotaged!(PatchLabelSet) {
            return 1;
        }
        let labels: Labels = writes
            .iter()
            .filter_map(|write| match write {
                Write::CreateIssue { labels, .. } => Some(labels),
                _ => None,
            })
            .flatten()
            .cloned()
            .collect();
        let lacks_labels = labels.iter().any(|label| !self.ids.labels.contains_key(label));
        let creates = writes.first().is_some_and(Write::creates);
        if creates && (self.ids.repository.is_none() || lacks_labels) {
            self.learn(&labels);
        }
        let fitting = self.ids.fitting(writes);
        fitting.max(1)
    }

    /// Asks for the ids of the repository and of labels. Without an answer they are not known.
    fn learn(&mut self, labels: &Labels) {
        let call = Call::question(graphql::question(&self.sender.slug, &[], labels)).or_rest();
        let answer = self.sender.read(&call).ok().filter(|answer| answer.status == 200);
        match answer {
            Some(answer) => self.learned(&answer.body, labels),
            None => self.graphql = false,
        }
    }

    /// Takes note of ids in an answer.
    pub(super) fn learned(&mut self, body: &[u8], labels: &Labels) {
        let (repository, labels) = batch::ids(body, labels);
        self.ids.repository = repository.or(self.ids.repository.take());
        self.ids.labels.extend(labels);
    }

    /// Sends writes that fit together in one request, once.
    pub(super) fn send_together(&mut self, writes: &[Write]) -> Outcomes {
        self.batches += 1;
        self.went_together = true;
        let Some(batch) = self.ids.batch(writes, self.batches) else { return self.send_each(writes) };
        let call = Call::mutation(batch.body.clone());
        let creations = writes.iter().filter(|write| write.creates()).count();
        let all = |error: WriteError| writes.iter().map(|_| Err(error.clone())).collect();
        let answer = match self.sender.write(&call, creations) {
            Ok(answer) => answer,
            Err(error) => return all(error),
        };
        let doubtful = |reason: &str| WriteError {
            error: classify::unreadable(&call.what(), reason),
            certainty: Certainty::Doubtful,
        };
        let reading = match answer.status {
            200 => batch.read(&answer.body, writes),
            // It was turned away at the door.
            300..=399 | 400 | 401 | 404 | 405 | 410 | 413 | 415 | 422 => Reading::NotUnderstood,
            _ => {
                let error = self.sender.refusal(&call, &answer);
                return all(WriteError { error, certainty: Certainty::Doubtful });
            }
        };
        match reading {
            Reading::NotUnderstood => {
                self.graphql = false;
                self.send_each(writes)
            }
            Reading::Nothing => all(doubtful("it does not say what was done")),
            Reading::Each(outcomes) => self.each(outcomes, writes, &doubtful("it is silent about a write")),
        }
    }

    /// The outcomes of single writes; those that were refused are sent by REST, unless something
    /// came up that ends the sending.
    fn each(&mut self, outcomes: Vec<Outcome>, writes: &[Write], doubtful: &WriteError) -> Outcomes {
        let limited = ForgeError::RateLimited {
            host: self.sender.address.host().to_owned(),
            wait: None,
            until: None,
            secondary: true,
        };
        let ends = |outcome: &Outcome| match outcome {
            Outcome::Done(_) | Outcome::Refused => None,
            Outcome::Limited => Some(limited.clone()),
            Outcome::Doubtful => Some(doubtful.error.clone()),
        };
        let mut stop = outcomes.iter().find_map(ends);
        let mut results = Vec::new();
        for (outcome, write) in outcomes.into_iter().zip(writes) {
            results.push(match outcome {
                Outcome::Done(issue) => {
                    self.ids.saw(&issue);
                    Ok(Echo::Issue(issue))
                }
                Outcome::Limited => {
                    Err(WriteError { error: limited.clone(), certainty: Certainty::Rejected })
                }
                Outcome::Doubtful => Err(doubtful.clone()),
                Outcome::Refused => self.send_unless(write, &mut stop),
            });
        }
        results
    }
}

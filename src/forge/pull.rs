//! Offering a branch as a pull request: one that is open for it stays the only one.
//!
//! GitHub itself takes no second one for the same two branches, so that an answer that is lost
//! does no harm: the next run finds the pull request by its branch.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::forge::github::segment;
use crate::forge::send::Call;
use crate::forge::{Certainty, ForgeError, GitHub, GitHubWriter, WriteError, classify};

/// A branch to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The branch with the commits.
    pub head: String,
    /// The branch that is to get them.
    pub base: String,
    /// The title of a new pull request.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// What came of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It was opened.
    New(u64),
    /// It was open already, and has what the branch has.
    Known(u64),
}

#[derive(Deserialize)]
struct RestPull {
    number: u64,
}

impl GitHubWriter {
    /// Opens a pull request, unless one is open for these branches.
    ///
    /// # Errors
    /// When GitHub can't be asked, or does not take it.
    pub fn offer(&mut self, offer: &Offer) -> Result<Offered, WriteError> {
        let reader = self.reader();
        let rejected = |error| WriteError { error, certainty: Certainty::Rejected };
        if let Some(number) = reader.open_pull(offer).map_err(rejected)? {
            return Ok(Offered::Known(number));
        }
        let body = json!({
            "title": offer.title, "head": offer.head, "base": offer.base, "body": offer.body,
        });
        let call = Call::write(Method::POST, reader.path("/pulls"), Some(body.to_string()));
        let answer = reader.deliver(&call, 1)?;
        if !answer.is_success() {
            return Err(rejected(reader.sender.refusal(&call, &answer)));
        }
        let pull: RestPull = classify::decode(&answer, &call.what())
            .map_err(|error| WriteError { error, certainty: Certainty::Doubtful })?;
        Ok(Offered::New(pull.number))
    }
}

impl GitHub {
    /// The pull request that is open for these branches.
    fn open_pull(&mut self, offer: &Offer) -> Result<Option<u64>, ForgeError> {
        let owner = segment(self.sender.slug.owner());
        let (head, base) = (segment(&offer.head), segment(&offer.base));
        let below = format!("/pulls?state=open&head={owner}:{head}&base={base}&per_page=1");
        let call = Call::get(self.path(&below));
        let answer = self.sender.read(&call)?;
        if answer.status != 200 {
            return Err(self.sender.refusal(&call, &answer));
        }
        let pulls: Vec<RestPull> = classify::decode(&answer, &call.what())?;
        Ok(pulls.first().map(|pull| pull.number))
    }
}

//! What GitHub tells of a token, its limits and the repository before anything is synced: what
//! `gardener doctor` and `gardener init` ask. One request each, by REST.
//!
//! What of it is good or bad is not known here. A fine-grained token tells nothing of what it may:
//! `permissions` of a repository are its user's.

use serde::Deserialize;

use crate::forge::github::segment;
use crate::forge::redirect::Fetched;
use crate::forge::send::Call;
use crate::forge::transport::Answer;
use crate::forge::wire::{RestLabel, RestRepository, User};
use crate::forge::{ForgeError, GitHub, classify};
use crate::model::{Labels, RepoSlug, Repository, Timestamp};

/// A token, as GitHub sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user; `None` where a token has none (a workflow's).
    pub login: Option<String>,
    /// What a classic token may do; `None` for tokens of which GitHub does not say it.
    pub scopes: Option<Vec<String>>,
    /// When the token ends, where GitHub says it.
    pub expires: Option<Timestamp>,
}

/// A repository, as its own page tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Who it is, and the user's rights there.
    pub repository: Repository,
    /// The repository that it is a fork of.
    pub parent: Option<RepoSlug>,
    /// Whether only some may see it.
    pub is_private: bool,
}

/// One of GitHub's limits by the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many requests or points an hour.
    pub limit: u64,
    /// How many are left.
    pub left: u64,
    /// When all are there again.
    pub reset: Timestamp,
}

/// The limits by the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Of REST.
    pub rest: Budget,
    /// Of GraphQL, where it is told.
    pub graphql: Option<Budget>,
}

#[derive(Deserialize)]
struct Limits {
    resources: Resources,
}

#[derive(Deserialize)]
struct Resources {
    core: RestBudget,
    #[serde(default)]
    graphql: Option<RestBudget>,
}

#[derive(Deserialize)]
struct RestBudget {
    limit: u64,
    remaining: u64,
    reset: i64,
}

#[derive(Deserialize)]
struct Kin {
    #[serde(default)]
    private: bool,
    #[serde(default)]
    parent: Option<Parent>,
}

#[derive(Deserialize)]
struct Parent {
    full_name: String,
}

#[derive(Deserialize)]
struct RestBranch {
    #[serde(default)]
    protected: bool,
}

impl GitHub {
    /// The limits, and for nothing: this request counts towards none. `None` where a server has no
    /// limits.
    ///
    /// # Errors
    /// When GitHub can't be reached or does not take the token.
    pub fn budgets(&mut self) -> Result<Option<Budgets>, ForgeError> {
        let call = Call::get("/rate_limit");
        let answer = self.here(&call)?;
        match answer.status {
            200 => {
                let limits: Limits = classify::decode(&answer, &call.what())?;
                let Resources { core, graphql } = limits.resources;
                Ok(Some(Budgets { rest: core.into(), graphql: graphql.map(Into::into) }))
            }
            404 => Ok(None),
            _ => Err(self.sender.refusal(&call, &answer)),
        }
    }

    /// Whose the token is, and what GitHub tells of it.
    ///
    /// # Errors
    /// When GitHub can't be reached or does not take the token.
    pub fn account(&mut self) -> Result<Account, ForgeError> {
        let call = Call::get("/user");
        let answer = self.here(&call)?;
        let login = match answer.status {
            200 => Some(classify::decode::<User>(&answer, &call.what())?.login).filter(|l| !l.is_empty()),
            // A workflow's token, or an app's, has no user.
            403 if answer.header("x-github-sso").is_none() => None,
            _ => return Err(self.sender.refusal(&call, &answer)),
        };
        let scopes = answer.header("x-oauth-scopes").map(|list| {
            let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(|word| self.sender.clean(word)).collect()
        });
        let expires = answer.header("github-authentication-token-expiration").and_then(ending);
        Ok(Account { login, scopes, expires })
    }

    /// The repository with more than a sync needs of it.
    ///
    /// # Errors
    /// When GitHub can't be reached, or the token may not see it.
    pub fn place(&mut self) -> Result<Place, ForgeError> {
        let call = Call::get(self.path(""));
        let answer = self.here(&call)?;
        if answer.status != 200 {
            return Err(self.sender.refusal(&call, &answer));
        }
        let what = call.what();
        let repository = classify::decode::<RestRepository>(&answer, &what)?.into_model();
        let repository = repository.ok_or_else(|| classify::unreadable(&what, "it names no repository"))?;
        let kin: Kin = classify::decode(&answer, &what)?;
        self.sender.slug = repository.slug.clone();
        self.repository = Some(repository.clone());
        let parent = kin.parent.and_then(|parent| RepoSlug::parse(&parent.full_name).ok());
        Ok(Place { repository, parent, is_private: kin.private })
    }

    /// Whether a branch is protected; `None` where it is not there or the token may not know.
    ///
    /// # Errors
    /// When GitHub can't be reached.
    pub fn is_protected(&mut self, branch: &str) -> Result<Option<bool>, ForgeError> {
        let call = Call::get(self.path(&format!("/branches/{}", segment(branch))));
        let answer = self.here(&call)?;
        match answer.status {
            200 => classify::decode::<RestBranch>(&answer, &call.what()).map(|branch| Some(branch.protected)),
            403 | 404 => Ok(None),
            _ => Err(self.sender.refusal(&call, &answer)),
        }
    }

    /// The first hundred labels, by one request.
    ///
    /// # Errors
    /// When it fails.
    pub fn some_labels(&mut self) -> Result<Labels, ForgeError> {
        let call = Call::get(self.path("/labels?per_page=100"));
        let answer = self.here(&call)?;
        if answer.status != 200 {
            return Err(self.sender.refusal(&call, &answer));
        }
        let labels: Vec<RestLabel> = classify::decode(&answer, &call.what())?;
        Ok(labels.into_iter().filter_map(RestLabel::into_model).collect())
    }

    /// The answer, wherever our repository is today.
    fn here(&mut self, call: &Call) -> Result<Answer, ForgeError> {
        match self.fetch(call)? {
            Fetched::Here(answer) => Ok(answer),
            Fetched::Moved(to) => Err(ForgeError::RedirectRefused { from: call.what(), to }),
        }
    }
}

impl From<RestBudget> for Budget {
    fn from(told: RestBudget) -> Self {
        Self { limit: told.limit, left: told.remaining, reset: Timestamp::from_second(told.reset) }
    }
}

/// The moment in `2026-03-02 12:00:00 UTC`, or with `+0100` at its end.
fn ending(text: &str) -> Option<Timestamp> {
    let mut words = text.split_ascii_whitespace();
    let (day, time, zone) = (words.next()?, words.next()?, words.next().unwrap_or("UTC"));
    let zone = match zone {
        "UTC" | "Z" => "Z".to_owned(),
        other if other.len() == 5 && other.is_ascii() => format!("{}:{}", &other[..3], &other[3..]),
        _ => return None,
    };
    format!("{day}T{time}{zone}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_read_in_both_forms() {
        let read = |text: &str| ending(text).map(|at| at.to_string());
        assert_eq!(read("2026-03-02 12:00:00 UTC").as_deref(), Some("2026-03-02T12:00:00Z"));
        assert_eq!(read("2026-03-02 12:00:00 +0100").as_deref(), Some("2026-03-02T11:00:00Z"));
        for odd in ["", "soon", "2026-03-02", "2026-03-02 12:00:00 CET", "2026-13-02 12:00:00 UTC"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}

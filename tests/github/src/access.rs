//! Who asks, and what they may see and do. Shared by REST and GraphQL.
//!
//! Someone without read access is told "not found", never "forbidden": a 404 says nothing
//! about whether a thing exists.

use std::collections::BTreeSet;

use crate::clock::iso;
use crate::http::{Request, Response};
use crate::refusal::Refusal;
use crate::state::{GitHub, Issue, Permission, RepoId, Repository};

/// Who asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Viewer {
    /// The login behind the token; absent without one.
    pub(crate) login: Option<String>,
    pub(crate) read_only: bool,
    /// Whether it is an app or a workflow.
    pub(crate) bot: bool,
    only: Option<BTreeSet<RepoId>>,
    scopes: Option<String>,
    expires: Option<i64>,
    /// ETags differ from token to token, so the token itself is kept.
    pub(crate) token: String,
}

impl Viewer {
    pub(crate) fn is(&self, login: &str) -> bool {
        (self.login.as_deref()).is_some_and(|own| own.eq_ignore_ascii_case(login))
    }

    /// Whose budget of requests this draws on: the user's, or for a workflow's token that of
    /// the repository it is made for.
    pub(crate) fn payer(&self) -> String {
        match &self.only {
            Some(only) if self.bot => format!("{only:?}"),
            _ => self.name().to_lowercase(),
        }
    }

    /// What every answer says of the token: a classic one's scopes, and when one ends that does.
    pub(crate) fn described(&self, response: Response) -> Response {
        let response = match &self.scopes {
            Some(scopes) => response.header("x-oauth-scopes", scopes),
            None => response,
        };
        match self.expires {
            Some(end) => {
                let end = iso(end).replace('T', " ").replace('Z', " UTC");
                response.header("github-authentication-token-expiration", &end)
            }
            None => response,
        }
    }

    /// The login to act as. Only reached after the check for a login.
    pub(crate) fn name(&self) -> String {
        self.login.clone().unwrap_or_default()
    }
}

/// How a repository was found.
pub(crate) enum Found {
    /// Under its own name.
    Here(RepoId),
    /// Under a name it had before.
    Renamed(RepoId),
}

impl GitHub {
    /// Whose token this is. One that is unknown or expired is not the same as none.
    pub(crate) fn viewer(&self, request: &Request) -> Result<Viewer, Refusal> {
        let Some((scheme, token)) = request.authorization() else {
            return Ok(Viewer::default());
        };
        if !["bearer", "token"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return Err(Refusal::bad_credentials());
        }
        let known =
            (self.tokens.get(token)).filter(|token| !token.expired).ok_or_else(Refusal::bad_credentials)?;
        // An organization protects what is its own; the account and its limits are the user's.
        if known.needs_sso && !["/user", "/rate_limit"].contains(&request.path.as_str()) {
            return Err(Refusal::new(
                403,
                "Resource protected by organization SAML enforcement. You must grant your \
                 Personal Access token access to this organization.",
            )
            .with("x-github-sso", "required; url=https://github.com/orgs/acme/sso"));
        }
        let bot = (self.user(&known.login)).is_some_and(|user| user.kind == "Bot");
        Ok(Viewer {
            login: Some(known.login.clone()),
            read_only: known.read_only,
            bot,
            only: known.only.clone(),
            scopes: known.scopes.clone().filter(|_| !bot),
            expires: known.expires,
            token: token.to_owned(),
        })
    }

    pub(crate) fn permission(&self, viewer: &Viewer, repo: &Repository) -> Permission {
        let public = if repo.private { Permission::None } else { Permission::Read };
        match &viewer.login {
            Some(_) if (viewer.only.as_ref()).is_some_and(|only| !only.contains(&repo.id)) => public,
            Some(login) => self.permission_of(login, repo).max(public),
            None => public,
        }
    }

    pub(crate) fn permission_of(&self, login: &str, repo: &Repository) -> Permission {
        if repo.owner.eq_ignore_ascii_case(login) {
            return Permission::Admin;
        }
        (repo.permissions.get(&login.to_lowercase())).copied().unwrap_or(Permission::None)
    }

    pub(crate) fn may(&self, viewer: &Viewer, repo: RepoId, wanted: Permission) -> bool {
        (self.repos.get(&repo)).is_some_and(|repo| self.permission(viewer, repo) >= wanted)
    }

    /// Whether the token can write there at all. One made for other repositories, or for
    /// reading, is refused before anything else is looked at.
    pub(crate) fn may_write_with(&self, viewer: &Viewer, repo: RepoId) -> bool {
        !viewer.read_only && (viewer.only.as_ref()).is_none_or(|only| only.contains(&repo))
    }

    /// Its author and those with triage may edit an issue.
    pub(crate) fn may_edit(&self, viewer: &Viewer, repo: RepoId, issue: &Issue) -> bool {
        viewer.is(&issue.author) || self.may(viewer, repo, Permission::Triage)
    }

    pub(crate) fn may_comment(&self, viewer: &Viewer, repo: RepoId, issue: &Issue) -> bool {
        !issue.facts.locked
            || (self.settings.writers_comment_on_locked && self.may(viewer, repo, Permission::Write))
    }

    /// A repository by name, as far as the viewer may see it.
    pub(crate) fn find_repo(&self, viewer: &Viewer, owner: &str, name: &str) -> Option<Found> {
        let wanted = format!("{owner}/{name}").to_lowercase();
        let visible = |repo: &&Repository| self.permission(viewer, repo) >= Permission::Read;
        let mut repos = self.repos.values().filter(visible);
        if let Some(repo) = repos.find(|repo| repo.full_name().to_lowercase() == wanted) {
            return Some(Found::Here(repo.id));
        }
        (self.repos.values().filter(visible))
            .find(|repo| repo.aliases.contains(&wanted))
            .map(|repo| Found::Renamed(repo.id))
    }

    /// What somebody is to a repository, in GitHub's words.
    pub(crate) fn association(&self, repo: &Repository, login: &str) -> &'static str {
        if self.user(login).is_some_and(|user| user.kind == "Bot") {
            // An app may write and still is nobody's collaborator.
            "NONE"
        } else if repo.owner.eq_ignore_ascii_case(login) {
            "OWNER"
        } else if repo.members.contains(&login.to_lowercase()) {
            "MEMBER"
        } else if self.permission_of(login, repo) >= Permission::Read {
            "COLLABORATOR"
        } else {
            "NONE"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_repository_is_invisible_to_strangers() {
        let mut gh = GitHub::at("2026-03-01T12:00:00Z");
        gh.add_user("alice");
        gh.add_user("mallory");
        gh.add_repo("alice/app");
        gh.repo_mut("alice/app").unwrap().private = true;
        gh.add_token("t-alice", "alice");
        gh.add_token("t-mallory", "mallory");
        let ask = |token: &str| {
            let viewer = gh.viewer(&Request::new("GET", "/").token(token)).unwrap();
            gh.find_repo(&viewer, "Alice", "APP").is_some()
        };
        assert!(ask("t-alice"));
        assert!(!ask("t-mallory"));
    }
}

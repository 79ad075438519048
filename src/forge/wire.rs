//! GitHub's JSON, and what it means in the model's words.
//!
//! Only the fields that are used, so that a lean server, an older GitHub Enterprise Server
//! and fields of tomorrow all pass. What is unknown is kept as it is and never normalised
//! (fault matrix, row 42). octocrab's own models are not used: they fail on lean JSON and
//! on reasons they don't know. Reading bytes and sending them is done elsewhere.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::{
    Association, Author, Comment, Event, EventKind, Label, RemoteIssue, RepoSlug, Repository, State,
    Timestamp,
};

/// An issue of the REST interface; also a pull request, which has `pull_request`.
#[derive(Debug, Deserialize)]
pub(super) struct RestIssue {
    pub(super) number: u64,
    #[serde(default)]
    pub(super) pull_request: Option<IgnoredAny>,
    #[serde(default)]
    node_id: String,
    title: String,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    #[serde(default)]
    labels: Vec<RestLabel>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    author_association: Option<String>,
    #[serde(default)]
    locked: bool,
    #[serde(default)]
    created_at: Option<Timestamp>,
    updated_at: Timestamp,
}

/// A label of the REST interface: an object, or only its name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RestLabel {
    Object { name: Option<String> },
    Name(String),
}

/// A comment of the REST interface.
#[derive(Debug, Deserialize)]
pub(super) struct RestComment {
    id: u64,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    author_association: Option<String>,
    #[serde(default)]
    body: Option<String>,
    created_at: Timestamp,
    #[serde(default)]
    updated_at: Option<Timestamp>,
}

/// An event of the REST interface.
#[derive(Debug, Deserialize)]
pub(super) struct RestEvent {
    event: String,
    #[serde(default)]
    label: Option<RestLabel>,
    /// Nobody, where the account was deleted.
    #[serde(default)]
    actor: Option<User>,
    created_at: Timestamp,
}

/// A repository of the REST interface.
#[derive(Debug, Deserialize)]
pub(super) struct RestRepository {
    id: u64,
    full_name: String,
    #[serde(default)]
    default_branch: Option<String>,
    #[serde(default = "yes")]
    has_issues: bool,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    permissions: Permissions,
}

/// An account, of the REST interface or GraphQL.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    #[serde(default)]
    pub(super) login: String,
    /// Only GraphQL says it: there a bot's login lacks the `[bot]` that REST gives it, and
    /// a person could have taken the bare name.
    #[serde(default, rename = "__typename")]
    kind: Option<String>,
}

/// An issue of GraphQL, as `graphql::question` asks for it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GraphIssue {
    pub(super) number: u64,
    id: String,
    title: String,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    state_reason: Option<String>,
    labels: Option<GraphLabels>,
    #[serde(default)]
    author: Option<User>,
    #[serde(default)]
    author_association: Option<String>,
    #[serde(default)]
    locked: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GraphLabels {
    nodes: Vec<Option<RestLabel>>,
    page_info: PageInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Permissions {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
}

impl RestIssue {
    /// The issue in the model's words.
    pub(super) fn into_model(self) -> RemoteIssue {
        RemoteIssue {
            number: self.number,
            node_id: self.node_id,
            title: self.title,
            body: self.body.unwrap_or_default(),
            state: state(&self.state, self.state_reason.as_deref()),
            labels: labels(self.labels),
            author: author(self.user, self.author_association.as_deref()),
            locked: self.locked,
            created_at: self.created_at.unwrap_or(self.updated_at),
            updated_at: self.updated_at,
        }
    }
}

impl GraphIssue {
    /// The issue in the model's words, or `None` when it has more labels than were asked
    /// for: half a set of labels must not be taken for all of them (promise P4).
    pub(super) fn into_model(self) -> Option<RemoteIssue> {
        let names =
            self.labels.filter(|l| !l.page_info.has_next_page && l.nodes.iter().all(Option::is_some))?;
        Some(RemoteIssue {
            number: self.number,
            node_id: self.id,
            title: self.title,
            body: self.body.unwrap_or_default(),
            state: state(&self.state, self.state_reason.as_deref()),
            labels: labels(names.nodes.into_iter().flatten().collect()),
            author: author(self.author, self.author_association.as_deref()),
            locked: self.locked,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl RestLabel {
    /// The label, or `None` for a name that no issue could carry.
    pub(super) fn into_model(self) -> Option<Label> {
        match self {
            Self::Object { name } => Label::new(&name?),
            Self::Name(name) => Label::new(&name),
        }
    }
}

impl RestComment {
    /// The comment in the model's words.
    pub(super) fn into_model(self) -> Comment {
        Comment {
            id: self.id,
            author: author(self.user, self.author_association.as_deref()),
            body: self.body.unwrap_or_default(),
            created_at: self.created_at,
            updated_at: self.updated_at.unwrap_or(self.created_at),
        }
    }
}

impl RestEvent {
    /// The event, or `None` when it touched nothing that is synced.
    pub(super) fn into_model(self) -> Option<Event> {
        let what = match self.event.as_str() {
            "closed" => EventKind::Closed,
            "reopened" => EventKind::Reopened,
            "labeled" => EventKind::Labeled(self.label?.into_model()?),
            "unlabeled" => EventKind::Unlabeled(self.label?.into_model()?),
            _ => return None,
        };
        let by = self.actor.map(|actor| actor.login).unwrap_or_default();
        Some(Event { what, at: self.created_at, by })
    }
}

impl RestRepository {
    /// The repository in the model's words, or `None` when its name is not one.
    pub(super) fn into_model(self) -> Option<Repository> {
        let Permissions { admin, maintain, push, triage } = self.permissions;
        let can_push = admin || maintain || push;
        Some(Repository {
            id: self.id,
            slug: RepoSlug::parse(&self.full_name).ok()?,
            default_branch: self.default_branch.unwrap_or_default(),
            has_issues: self.has_issues,
            archived: self.archived,
            can_triage: can_push || triage,
            can_push,
        })
    }
}

/// Every label that an issue could carry; others are of no use to anybody.
pub(super) fn labels(labels: Vec<RestLabel>) -> Vec<Label> {
    labels.into_iter().filter_map(RestLabel::into_model).collect()
}

/// REST writes states in lower case, GraphQL in upper.
fn state(state: &str, reason: Option<&str>) -> State {
    let lower = |text: &str| text.to_ascii_lowercase();
    match (lower(state).as_str(), reason.map(lower).as_deref()) {
        ("open", _) => State::Open,
        ("closed", None | Some("completed")) => State::Completed,
        ("closed", Some("not_planned")) => State::NotPlanned,
        ("closed", Some("duplicate")) => State::Duplicate,
        ("closed", Some(_)) => State::Unknown(reason.unwrap_or_default().to_owned()),
        _ => State::Unknown(state.to_owned()),
    }
}

impl User {
    /// The login as REST writes it.
    pub(super) fn full_login(self) -> String {
        let is_bot = self.kind.as_deref() == Some("Bot") && !self.login.ends_with("[bot]");
        if is_bot { format!("{}[bot]", self.login) } else { self.login }
    }
}

fn author(user: Option<User>, association: Option<&str>) -> Author {
    let association = match association {
        Some("OWNER") => Association::Owner,
        Some("MEMBER") => Association::Member,
        Some("COLLABORATOR") => Association::Collaborator,
        _ => Association::Other,
    };
    Author { login: user.map(User::full_login).unwrap_or_default(), association }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(json: &str) -> RemoteIssue {
        serde_json::from_str::<RestIssue>(json).expect(json).into_model()
    }

    #[test]
    fn lean_and_odd_issues_are_read() {
        let lean =
            issue(r#"{"number":1,"title":"t","state":"open","updated_at":"2026-01-01T00:00:00.123Z"}"#);
        assert_eq!((lean.number, lean.body.as_str(), &lean.state), (1, "", &State::Open));
        assert_eq!(lean.created_at.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(lean.author, Author { login: String::new(), association: Association::Other });
        let odd = issue(
            r#"{"number":2,"title":"t","state":"closed","state_reason":"eaten","user":null,"body":null,
                "author_association":"MEMBER","locked":true,"new_field":{"a":[1]},
                "labels":["bug",{"id":7,"name":"P1","color":"fff"},{"name":null},{"name":" blank "},{"name":""}],
                "created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00+02:00"}"#,
        );
        assert_eq!(odd.state, State::Unknown("eaten".into()));
        assert_eq!(odd.labels.iter().map(Label::name).collect::<Vec<_>>(), ["bug", "P1"]);
        assert!(odd.locked && odd.author.association.is_trusted());
        assert_eq!(odd.updated_at.to_string(), "2026-01-01T22:00:00Z");
    }

    #[test]
    fn states_and_reasons() {
        for (given, reason, want) in [
            ("open", None, State::Open),
            ("OPEN", Some("REOPENED"), State::Open),
            ("closed", None, State::Completed),
            ("CLOSED", Some("NOT_PLANNED"), State::NotPlanned),
            ("closed", Some("duplicate"), State::Duplicate),
            ("CLOSED", Some("New_One"), State::Unknown("New_One".into())),
            ("frozen", None, State::Unknown("frozen".into())),
        ] {
            assert_eq!(state(given, reason), want, "{given} {reason:?}");
        }
    }

    #[test]
    fn events_that_touch_nothing_synced_are_left_out() {
        let event = |json: &str| serde_json::from_str::<RestEvent>(json).expect(json).into_model();
        let at = r#""created_at":"2026-01-01T00:00:00Z""#;
        assert!(event(&format!(r#"{{"event":"subscribed",{at}}}"#)).is_none());
        assert!(event(&format!(r#"{{"event":"labeled","label":{{"name":""}},{at}}}"#)).is_none());
        let labeled = event(&format!(r#"{{"event":"labeled","label":{{"name":"bug"}},{at}}}"#));
        assert_eq!(labeled.map(|e| e.what), Label::new("bug").map(EventKind::Labeled));
    }

    #[test]
    fn a_repository_without_permissions_grants_none() {
        let json = r#"{"id":5,"full_name":"acme/app"}"#;
        let repository: RestRepository = serde_json::from_str(json).expect(json);
        let repository = repository.into_model().expect("a slug");
        assert!(repository.has_issues && !repository.can_triage && !repository.can_push);
        let bad = r#"{"id":5,"full_name":"../app"}"#;
        assert!(serde_json::from_str::<RestRepository>(bad).expect(bad).into_model().is_none());
    }
}

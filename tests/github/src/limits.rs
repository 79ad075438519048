//! GitHub's limits: what is counted, for whom, and what is said when it is used up.
//!
//! The primary limit is announced in headers and belongs to a user, or to a repository for a
//! workflow's token. The secondary ones are announced nowhere and count requests a minute and
//! content. Left out: processor time, and the ban of those who do not stop.

use serde_json::{Value, json};

use crate::access::Viewer;
use crate::http::{Request, Response};
use crate::refusal::Refusal;
use crate::state::{Budget, GitHub};

/// The message of all secondary limits.
pub(crate) const SECONDARY: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

impl GitHub {
    pub(crate) fn limit(&self, viewer: &Viewer, resource: &str) -> u64 {
        match resource {
            "search" => self.settings.search_limit,
            _ if viewer.bot => self.settings.workflow_limit,
            "graphql" => self.settings.graphql_limit,
            _ if viewer.login.is_none() => self.settings.anonymous_limit,
            _ => self.settings.core_limit,
        }
    }

    /// The limit belongs to the user: all their tokens draw on one budget.
    pub(crate) fn budget(&mut self, viewer: &Viewer, resource: &'static str) -> &mut Budget {
        let now = self.clock.now();
        let window = if resource == "search" { 60 } else { 3_600 };
        let fresh = Budget { used: 0, reset: now + window };
        let key = (viewer.payer(), resource);
        let budget = self.budgets.entry(key).or_insert(fresh);
        if now >= budget.reset {
            *budget = fresh;
        }
        budget
    }

    pub(crate) fn spent(&mut self, viewer: &Viewer, resource: &'static str) -> bool {
        self.settings.limited && self.budget(viewer, resource).used >= self.limit(viewer, resource)
    }

    pub(crate) fn spend(&mut self, viewer: &Viewer, resource: &'static str, points: u64) {
        let limit = self.limit(viewer, resource);
        let budget = self.budget(viewer, resource);
        budget.used = budget.used.saturating_add(points).min(limit);
    }

    /// Uses up a user's limit until `seconds` from now.
    pub fn exhaust(&mut self, login: &str, resource: &'static str, seconds: i64) {
        let reset = self.clock.now() + seconds;
        let used = u64::MAX;
        let key = (login.to_lowercase(), resource);
        self.budgets.insert(key, Budget { used, reset });
    }

    pub(crate) fn limit_refusal(&self, viewer: &Viewer) -> Refusal {
        let whose = match viewer.login.as_deref().and_then(|login| self.user(login)) {
            Some(user) => format!("user ID {}", user.id),
            None => "127.0.0.1".to_owned(),
        };
        Refusal::new(self.settings.limit_status, format!("API rate limit exceeded for {whose}."))
    }

    pub(crate) fn with_limits(
        &mut self,
        viewer: &Viewer,
        resource: &'static str,
        response: Response,
    ) -> Response {
        if !self.settings.limited {
            return response;
        }
        let limit = self.limit(viewer, resource);
        let budget = *self.budget(viewer, resource);
        let used = budget.used.min(limit);
        let remaining = match self.settings.graphql_limit_remaining {
            Some(told) if resource == "graphql" && used == limit => told,
            _ => limit - used,
        };
        response
            .header("x-ratelimit-limit", &limit.to_string())
            .header("x-ratelimit-remaining", &remaining.to_string())
            .header("x-ratelimit-used", &used.to_string())
            .header("x-ratelimit-reset", &budget.reset.to_string())
            .header("x-ratelimit-resource", resource)
    }

    pub(crate) fn limits_json(&mut self, viewer: &Viewer) -> Value {
        let mut show = |resource| {
            let limit = self.limit(viewer, resource);
            let budget = *self.budget(viewer, resource);
            let used = budget.used.min(limit);
            json!({ "limit": limit, "used": used, "remaining": limit - used, "reset": budget.reset })
        };
        let (core, search, graphql) = (show("core"), show("search"), show("graphql"));
        json!({
            "resources": { "core": core, "search": search, "graphql": graphql },
            "rate": core,
        })
    }

    /// Counts a request's points: a read costs 1 and a write 5, for each endpoint and minute;
    /// all of GraphQL is one endpoint.
    pub(crate) fn count_points(&mut self, viewer: &Viewer, request: &Request) -> Result<(), Refusal> {
        let cost = if request.method == "GET" { 1 } else { 5 };
        match self.settings.points_per_minute {
            Some(most) => self.charge(viewer, format!("{} {}", request.method, request.route()), cost, most),
            None => Ok(()),
        }
    }

    /// The same for GraphQL, where a query costs 1 and a mutation 5.
    pub(crate) fn count_graphql_points(&mut self, viewer: &Viewer, mutates: bool) -> Result<(), Refusal> {
        let cost = if mutates { 5 } else { 1 };
        match self.settings.graphql_points_per_minute {
            Some(most) => self.charge(viewer, "graphql".to_owned(), cost, most),
            None => Ok(()),
        }
    }

    fn charge(&mut self, viewer: &Viewer, endpoint: String, cost: u64, most: u64) -> Result<(), Refusal> {
        let now = self.clock.now();
        let paid = self.points.entry((viewer.payer(), endpoint)).or_default();
        paid.retain(|(at, _)| *at > now - 60);
        let sum: u64 = paid.iter().map(|(_, cost)| cost).sum();
        if sum + cost > most {
            return Err(self.secondary());
        }
        paid.push((now, cost));
        Ok(())
    }

    /// Counts something that makes content. There is no way to ask how much is left of this
    /// limit, and no header announces it.
    pub(crate) fn count_content(&mut self, viewer: &Viewer) -> Result<(), Refusal> {
        let now = self.clock.now();
        let times = self.content.entry(viewer.name().to_lowercase()).or_default();
        let within = |seconds: i64| times.iter().filter(|at| **at > now - seconds).count();
        let struck = self.settings.content_per_minute.is_some_and(|most| within(60) >= most)
            || self.settings.content_per_hour.is_some_and(|most| within(3_600) >= most);
        if struck {
            return Err(self.secondary());
        }
        self.made_content(&viewer.name());
        Ok(())
    }

    /// Content that somebody made, also on the web, which counts as well.
    pub(crate) fn made_content(&mut self, login: &str) {
        if self.settings.content_per_minute.is_none() && self.settings.content_per_hour.is_none() {
            return;
        }
        let now = self.clock.now();
        let times = self.content.entry(login.to_lowercase()).or_default();
        times.retain(|at| *at > now - 3_600);
        times.push(now);
    }

    /// The answer when a secondary limit strikes, as the settings have it.
    pub(crate) fn secondary(&self) -> Refusal {
        self.secondary_at(self.settings.limit_status)
    }

    pub(crate) fn secondary_at(&self, status: u16) -> Refusal {
        let refusal = secondary(status, self.settings.secondary_retry_after);
        if self.settings.secondary_retry_after_blank { refusal.with("retry-after", "") } else { refusal }
    }
}

/// The answer when the secondary limit strikes: `remaining` is not 0, and `retry-after` is
/// often missing.
pub(crate) fn secondary(status: u16, retry_after: Option<u64>) -> Refusal {
    let refusal = Refusal::new(status, SECONDARY);
    match retry_after {
        Some(seconds) => refusal.with("retry-after", seconds.to_string()),
        None => refusal,
    }
}

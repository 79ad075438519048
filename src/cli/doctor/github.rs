//! GitHub: the token and where it was found, whose it is, what it may, what is left of the limits.
//!
//! Four requests, one of which counts towards nothing. After an answer that every other would be
//! like (no network, a token that is not taken) nothing more is asked.

use std::time::Duration;

use crate::cli::context::{self, Ground};
use crate::cli::doctor::Check;
use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::forge::{Account, Budget, Budgets, ForgeError, ForgeRead as _, GitHub, Place, Token};
use crate::model::{RepoSlug, Timestamp, Untrusted};
use crate::repo::Home;

/// All requests together.
const DEADLINE: Duration = Duration::from_secs(20);

/// A clock that is off by more than these seconds is told.
const SKEW: i64 = 120;

/// A token that ends within these seconds is told.
const SOON: i64 = 14 * 86_400;

/// All of it; without a repository, what can be told of the token.
pub(super) fn checks(
    ground: &Ground,
    home: Option<&Home>,
    is_offline: bool,
    terminal: &Terminal,
) -> Vec<Check> {
    let host = home.map_or_else(|| ground.host(), |home| home.host.clone());
    let (address, token) = match ground.address_and_token(&host) {
        Ok(found) => found,
        Err(error) => return vec![Check::of_error("address", &error)],
    };
    let host = address.host().to_owned();
    let Some(token) = token else {
        let (found, fix) = CliError::no_token(&address).words();
        let fix = match fix {
            Some(fix) if !address.is_loopback() => fix,
            _ => "export GH_TOKEN=...".to_owned(),
        };
        return vec![if is_offline {
            Check::note("token", found, fix)
        } else {
            Check::fault("token", found, fix)
        }];
    };
    let mut checks = vec![Check::ok("token", format!("for {host}, from {}", token.origin()))];
    let nowhere = || RepoSlug::parse("no/repository");
    let Some(slug) = home.map(|home| home.slug.clone()).or_else(|| nowhere().ok()).filter(|_| !is_offline)
    else {
        return checks;
    };
    let origin = token.clone();
    let mut github = ground.github(address, token, slug, DEADLINE, terminal);
    let mut asked = Asked { host: &host, token: &origin, checks: &mut checks };
    if asked.all(&mut github, home).is_ok() {
        checks.extend(github.now().and_then(clock));
    }
    checks
}

/// What was asked of GitHub so far, and for whom.
struct Asked<'a> {
    host: &'a str,
    token: &'a Token,
    checks: &'a mut Vec<Check>,
}

/// It makes no sense to go on.
struct Stop;

impl Asked<'_> {
    fn all(&mut self, github: &mut GitHub, home: Option<&Home>) -> Result<(), Stop> {
        let budgets = self.answer("github", github.budgets())?;
        self.checks.push(Check::ok("github", format!("{} answers", self.host)));
        match budgets {
            Some(Some(budgets)) => self.rate(&budgets)?,
            Some(None) => self.checks.push(Check::ok("rate", "this server has no limits")),
            None => {}
        }
        let account = self.answer("account", github.account())?;
        if let Some(account) = &account {
            self.account(account);
        }
        let Some(home) = home else { return Ok(()) };
        let Some(place) = self.answer("access", github.place())? else { return Ok(()) };
        self.place(&place, home, account.as_ref());
        let branch = place.repository.default_branch.clone();
        match self.answer("protection", github.is_protected(&branch))? {
            Some(Some(true)) => {
                let found =
                    format!("{} is protected: commits of a sync may not be pushed to it", Untrusted(&branch));
                self.checks.push(Check::note(
                    "protection",
                    found,
                    "gardener sync --branch worklogs --pull-request",
                ));
            }
            Some(Some(false)) => {
                let found = format!("{} is not protected", Untrusted(&branch));
                self.checks.push(Check::ok("protection", found));
            }
            Some(None) => {
                let found = format!("the token may not know whether {} is protected", Untrusted(&branch));
                self.checks.push(Check::ok("protection", found));
            }
            None => {}
        }
        Ok(())
    }

    /// The answer to a question, or its error as a check.
    fn answer<T>(&mut self, name: &'static str, answer: Result<T, ForgeError>) -> Result<Option<T>, Stop> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        let stops = error.stops_everything();
        let (name, fix) = match &error {
            ForgeError::BadToken { .. } => ("token", self.renew()),
            ForgeError::Forbidden { needed, .. } => (name, sign_on(needed.as_deref().unwrap_or_default())),
            ForgeError::NoRepository { slug, .. } => {
                let fix = format!(
                    "check the remote, and that the token may see it: `gh repo view {slug}` as its user"
                );
                (name, fix)
            }
            ForgeError::Offline { .. } | ForgeError::TimedOut { .. } | ForgeError::Broken { .. } => {
                (name, "mend the network; `gardener doctor --offline` leaves it out".to_owned())
            }
            _ => (name, CliError::from(error.clone()).words().1.unwrap_or_default()),
        };
        self.checks.retain(|check| check.name != name);
        self.checks.push(Check::fault(name, error.to_string(), fix));
        if stops { Err(Stop) } else { Ok(None) }
    }

    /// How to get another token to the place where this one was.
    fn renew(&self) -> String {
        match self.token.origin() {
            "gh auth token" => format!("gh auth login --hostname {}", self.host),
            "git credential" => format!(
                "printf 'protocol=https\\nhost={}\\n\\n' | git credential reject && gh auth login --hostname {}",
                self.host, self.host
            ),
            variable => format!("make a new one and set {variable} to it, or `unset {variable}` to ask gh"),
        }
    }

    fn rate(&mut self, budgets: &Budgets) -> Result<(), Stop> {
        let shown = |name: &str, budget: &Budget| format!("{name}: {} of {} left", budget.left, budget.limit);
        let both = [Some(("REST", budgets.rest)), budgets.graphql.map(|budget| ("GraphQL", budget))];
        let both: Vec<_> = both.into_iter().flatten().collect();
        let found: Vec<_> = both.iter().map(|(name, budget)| shown(name, budget)).collect();
        let found = found.join(", ");
        let later = both.iter().map(|(_, budget)| budget.reset).max();
        let wait = later.map_or_else(String::new, |at| format!("wait until {at}, when all are there again"));
        if budgets.rest.left == 0 {
            self.checks.push(Check::fault("rate", found, wait));
            // Every other question would be refused.
            return Err(Stop);
        }
        let is_low = both.iter().any(|(_, budget)| budget.left.saturating_mul(10) < budget.limit);
        self.checks.push(if is_low { Check::note("rate", found, wait) } else { Check::ok("rate", found) });
        Ok(())
    }

    fn account(&mut self, account: &Account) {
        self.checks.push(match &account.login {
            Some(login) => Check::ok("account", format!("the token is {}'s", Untrusted(login))),
            None => Check::ok("account", "the token has no user: a workflow's or an app's"),
        });
        let now = context::now().map_or(0, Timestamp::as_second);
        if let Some(end) = account.expires {
            self.checks.push(if end.as_second() - now < SOON {
                Check::note("expiry", format!("the token ends at {end}"), self.renew())
            } else {
                Check::ok("expiry", format!("the token ends at {end}"))
            });
        }
    }

    fn place(&mut self, place: &Place, home: &Home, account: Option<&Account>) {
        let (there, slug) = (&place.repository, &place.repository.slug);
        if *slug != home.slug {
            let remote = home.remote.as_deref().unwrap_or("origin");
            let fix = format!("git remote set-url {} https://{}/{slug}.git", Untrusted(remote), home.host);
            self.checks.push(Check::note("name", format!("{} is {slug} today", home.slug), fix));
        }
        if let Some(parent) = &place.parent {
            let found = format!("{slug} is a fork of {parent}, and the issues kept are the fork's");
            let fix = format!("git remote add upstream https://{}/{parent}.git", home.host);
            self.checks.push(Check::note("fork", found, fix));
        }
        self.rights(place);
        if there.archived {
            let fix = format!("gh repo unarchive {slug}");
            self.checks.push(Check::fault("archived", format!("{slug} is archived and read-only"), fix));
        }
        self.checks.push(if there.has_issues {
            Check::ok("issues", "issues are switched on")
        } else {
            let fix = format!("gh repo edit {slug} --enable-issues");
            Check::fault("issues", format!("{slug} has issues switched off"), fix)
        });
        if let Some(account) = account {
            self.scopes(account, place);
        }
    }

    fn rights(&mut self, place: &Place) {
        let (there, slug) = (&place.repository, &place.repository.slug);
        self.checks.push(if there.can_push {
            Check::ok("access", format!("may write to {slug}"))
        } else if there.can_triage {
            let found = format!("may triage {slug}: set labels that are there, and make none");
            Check::note(
                "access",
                found,
                "have somebody with write access make the labels, or give you that role",
            )
        } else {
            let found = format!("may only read {slug}: no labels, no closing of others' issues");
            Check::fault(
                "access",
                found,
                "have an owner give you the role triage or write, or use such a token",
            )
        });
    }

    fn scopes(&mut self, account: &Account, place: &Place) {
        let Some(scopes) = &account.scopes else {
            let found = "GitHub does not tell them of this kind of token; it needs Issues: read and write";
            return self.checks.push(Check::ok("scopes", found));
        };
        let has = |wanted: &str| scopes.iter().any(|scope| scope == wanted);
        let listed = if scopes.is_empty() { "none".to_owned() } else { scopes.join(", ") };
        let needed = if place.is_private { "repo" } else { "public_repo" };
        self.checks.push(if has("repo") || has(needed) {
            Check::ok("scopes", listed)
        } else {
            let fix = match self.token.origin() {
                "gh auth token" => format!("gh auth refresh --hostname {} --scopes repo", self.host),
                origin => format!("make a token with the scope {needed}, for {origin}"),
            };
            Check::fault("scopes", format!("{listed}: writing needs {needed}"), fix)
        });
    }
}

/// What to do where something is forbidden: single sign-on names its own address.
fn sign_on(needed: &str) -> String {
    match needed.split_whitespace().find(|word| word.starts_with("https://")) {
        Some(url) => format!("open {url} as the token's user, and authorise it"),
        None => "give the token that right, or use one that has it".to_owned(),
    }
}

/// This machine's clock beside GitHub's. gardener decides nothing about issues by it.
fn clock(theirs: Timestamp) -> Option<Check> {
    let ours = context::now().ok()?;
    let skew = ours.as_second() - theirs.as_second();
    Some(if skew.abs() <= SKEW {
        Check::ok("clock", "as GitHub's")
    } else {
        let way = if skew > 0 { "ahead of" } else { "behind" };
        let found = format!("{} s {way} GitHub's", skew.abs());
        let fix = if context::is_clock_fixed() {
            "unset SOURCE_DATE_EPOCH"
        } else {
            "sudo timedatectl set-ntp true"
        };
        Check::note("clock", found, fix)
    })
}

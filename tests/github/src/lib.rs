//! A stand-in for GitHub over loopback HTTP, as unkind as the real one.
//!
//! Tests start it, play the people on GitHub's side, let gardener talk to it, break requests
//! on the way, and look at what is left. It knows issues, labels, comments and what happens
//! to them, over REST and GraphQL. It has no git, no pull requests beyond their numbers, no
//! web pages and no events API.
//!
//! ```no_run
//! use github_stand_in::{GitHub, How, Permission, Rule, StandIn, When};
//!
//! let mut github = GitHub::at("2026-03-01T12:00:00Z");
//! github.add_repo("acme/app");
//! github.add_token("t-ann", "ann");
//! github.grant("ann", "acme/app", Permission::Write);
//! github.settings.list_lag_new = 90;
//!
//! let server = StandIn::start(github);
//! // The issue is created and the answer is lost.
//! server.fail(Rule::new(When::After, How::Drop).method("POST").path("/issues"));
//! // … run the client against `server.url()` …
//! assert_eq!(server.with(|github| github.issue_numbers("acme/app")), [1]);
//! ```

mod access;
mod answer;
mod change;
pub mod clock;
mod fault;
mod graphql;
mod http;
mod limits;
mod log;
mod people;
mod record;
mod refusal;
mod rest;
mod server;
mod settings;
mod state;

pub use answer::handle;
pub use clock::Clock;
pub use fault::{How, Rule, When};
pub use http::{Request, Response};
pub use log::{Kind, Logged, Operation};
pub use server::{Moment, Phase, StandIn};
pub use settings::Settings;
pub use state::{
    Comment, Event, Facts, Fate, GitHub, Issue, Label, Permission, Reason, RepoId, Repository, Token, User,
    What,
};

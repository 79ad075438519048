//! gardener: worklogs in git and issues on GitHub, kept as one.
//!
//! In reading order, from the ground floor up; imports only point down:
//!
//! * [`model`]: the nouns; [`wording`]: what machines say anew in every run.
//! * [`worklog`], [`block`], [`config`]: texts to values and back.
//! * [`redact`]: secrets left out of texts.
//! * [`report`]: what test runners write, read to values; [`matching`]: failures grouped by cause.
//! * [`likeness`]: which issue an entry is about, by what is written of both.
//! * [`rule`]: which tests and errors are an issue's, as people write into its text.
//! * [`logs`]: lines of logs grouped by message.
//! * [`picture`]: pages and charts as text, in which foreign text can only be text.
//! * [`offer`]: plans that are shown first and carried out by their name.
//! * [`merge`]: the laws by which base, local and remote become one.
//! * [`plan`]: what to change, as plain data.
//! * [`driver`], [`review`]: versions of a worklog merged, and told apart for people.
//! * [`chronicle`]: what happened to every problem over time, for people.
//! * [`editor`]: what an editor asks about a worklog while it is typed.
//! * [`legacy`]: old worklogs without front matter, read as entries.
//! * [`effect`]: the primitive effects, counted.
//! * [`repo`], [`forge`], [`journal`], [`runner`]: git, GitHub, gardener's own files, test suites.
//! * [`sync`], [`run`], [`import`](mod@import): the flows.
//! * [`cli`]: words in, words out.
//!
//! `ARCHITECTURE.md` follows one value all the way through.

#[cfg(not(feature = "sabotage"))]
macro_rules! sabotaged {
    ($defect:ident) => {
        false
    };
}
#[cfg(feature = "sabotage")]
macro_rules! sabotaged {
    ($defect:ident) => {
        $crate::sabotage::is($crate::sabotage::Defect::$defect)
    };
}

pub mod block;
pub mod chronicle;
pub mod cli;
pub mod config;
pub mod driver;
pub mod editor;
pub mod effect;
pub mod forge;
pub mod import;
pub mod journal;
pub mod legacy;
pub mod likeness;
pub mod logs;
pub mod matching;
pub mod merge;
pub mod model;
pub mod offer;
pub mod picture;
pub mod plan;
pub mod redact;
pub mod repo;
pub mod report;
pub mod review;
pub mod rule;
pub mod run;
pub mod runner;
#[cfg(feature = "sabotage")]
pub mod sabotage;
pub mod schema;
pub mod sync;
pub mod wording;
pub mod worklog;

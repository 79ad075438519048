//! The page: one file that needs nothing else, without a script.
//!
//! What a reader asks first comes first: how it goes, then what is open, then how it went, and last
//! what the figures are made of. It is laid out for a phone, and grows; colours follow the reader's
//! scheme. Lists have an end, because a page that nobody can load says nothing.

use crate::chronicle::calendar::{long, minute};
use crate::chronicle::words::{change, headline, many};
use crate::chronicle::{Paper, entries, sections};
use crate::model::Severity;
use crate::picture::Attribute::{Own, Says, To};
use crate::picture::chart::brief;
use crate::picture::{Address, Markup, Said};

/// How the page looks.
const STYLE: &str = include_str!("style.css");
/// By this line a file is known as made by gardener, and may be made again.
pub const MARK: &str = "<meta name=\"generator\" content=\"gardener report\">";

/// The parts of the page: their ids and names.
const PARTS: [(&str, &str); 6] = [
    ("open", "Open"),
    ("time", "Over time"),
    ("tests", "Tests"),
    ("closing", "Time to close"),
    ("closed", "Closed"),
    ("worklogs", "Worklogs"),
];

impl Paper<'_> {
    /// The page. `clean` takes out of every text what must not be shown.
    pub fn page(&self, clean: &dyn Fn(&str) -> String) -> String {
        let mut markup = Markup::new(clean);
        markup.own("<!DOCTYPE html>\n");
        markup.within("html", &[Own("lang", "en")], |markup| {
            markup.within("head", &[], |markup| {
                markup.void("meta", &[Own("charset", "utf-8")]);
                markup.line();
                markup.own(MARK);
                markup.line();
                markup.style(STYLE);
                markup.line();
                markup.void(
                    "meta",
                    &[Own("name", "viewport"), Own("content", "width=device-width, initial-scale=1")],
                );
                markup.void("meta", &[Own("name", "color-scheme"), Own("content", "light dark")]);
                markup.void("meta", &[Own("name", "referrer"), Own("content", "no-referrer")]);
                markup.line();
                markup.element("title", &[], &format!("{}: worklogs", self.name));
            });
            markup.line();
            markup.within("body", &[], |markup| self.body(markup));
        });
        markup.line();
        markup.into_text()
    }

    fn body(&self, markup: &mut Markup<'_>) {
        markup.within("header", &[], |markup| {
            markup.within("h1", &[], |markup| {
                markup.foreign(self.name);
                markup.text(" worklogs");
            });
            markup.element("p", &[Own("class", "lead")], &headline(self));
            self.of_what(markup);
        });
        markup.line();
        markup.within("main", &[], |markup| {
            cards(self, markup);
            for note in self.notes {
                markup.within("p", &[Own("class", "note")], |markup| {
                    markup.element("strong", &[], "Note");
                    markup.text(" ");
                    markup.foreign(note);
                });
            }
            if !self.chronicle.worklogs.is_empty() {
                contents(markup);
                entries::open(self, markup);
                sections::over_time(self, markup);
                sections::tests(self, markup);
                sections::closing(self, markup);
                entries::closed(self, markup);
                sections::worklogs(self, markup);
            } else {
                markup.within("p", &[], |markup| {
                    markup.text("A worklog is started with ");
                    markup.element("code", &[], "gardener new");
                    markup.text(", or written by ");
                    markup.element("code", &[], "gardener run");
                    markup.text(".");
                });
            }
        });
        markup.line();
        markup.within("footer", &[], |markup| self.footer(markup));
    }

    /// What the page is about: the moment, the commit, and what it leaves out.
    fn of_what(&self, markup: &mut Markup<'_>) {
        markup.within("p", &[Own("class", "quiet")], |markup| {
            let now = self.figures.now.to_string();
            markup.text("As of ");
            markup.element(
                "time",
                &[Says(Said::DateTime, &now)],
                &format!("{} UTC", minute(self.figures.now)),
            );
            if let Some((commit, branch)) = self.head {
                markup.text(", commit ");
                let short = &commit[..commit.len().min(7)];
                match self.commit(commit) {
                    Some(address) => markup.element("a", &[To(&address)], short),
                    None => markup.element("code", &[], short),
                }
                if let Some(branch) = branch {
                    markup.text(" on ");
                    markup.foreign(branch);
                }
            }
            if let Some(since) = self.figures.since {
                let day = crate::chronicle::day(since);
                markup.text(&format!(". What is open now, and of all else what happened since {day}"));
            }
            if !self.only.is_empty() {
                markup.text(". Only the worklogs ");
                markup.foreign(&self.only.join(", "));
            }
            markup.text(".");
        });
    }

    fn footer(&self, markup: &mut Markup<'_>) {
        markup.element("h2", &[], "How it is counted");
        markup.element(
            "p",
            &[],
            "Entries of several worklogs that name one issue, or have one fingerprint, are one problem. It \
             is open from when the first of its worklogs was started until a commit closes it. What \
             was closed before the history at hand, or in a merge, is closed, but does not count in \
             the time that closing takes. A run in which nothing failed writes no worklog, so that a \
             gap between runs is nothing bad. All times are UTC.",
        );
        let sums = format!(
            "{} in {}. Made by gardener {}.",
            many(self.chronicle.problems.len(), "problem"),
            many(self.chronicle.worklogs.len(), "worklog"),
            env!("CARGO_PKG_VERSION")
        );
        markup.element("p", &[Own("class", "quiet")], &sums);
    }
}

/// The figures that say how it goes.
fn cards(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    let figures = paper.figures;
    let urgent = figures.open_of(Severity::P0) + figures.open_of(Severity::P1);
    let (came, closed) = figures.month;
    let mut cards = vec![
        ("Open", figures.open.to_string(), change(paper).unwrap_or_default()),
        ("P0 and P1", urgent.to_string(), "open, of the worst kind".to_owned()),
        ("Last 30 days", format!("+{came} −{closed}"), format!("{came} came, {closed} closed")),
    ];
    if let Some(median) = figures.closing.median {
        let count = format!("median of {}", figures.closing.count);
        cards.push(("Time to close", long(median), count));
    }
    let counts = |place: usize| figures.suites.iter().filter_map(move |suite| suite.counts[place]);
    if !figures.suites.is_empty() {
        let passed = counts(0).fold(0, u64::saturating_add);
        let failed = counts(1).fold(0, u64::saturating_add);
        let bad = figures.suites.iter().filter(|suite| suite.outcome.as_deref() != Some("passed")).count();
        let text =
            format!("{} pass; {bad} of {} not green", brief(passed), many(figures.suites.len(), "suite"));
        cards.push(("Failing tests", brief(failed), text));
    }
    let flaky = figures.flaky.iter().filter(|at| paper.chronicle.problems[**at].is_open()).count();
    cards.push(("Flaky", flaky.to_string(), "open, pass and fail at one commit".to_owned()));
    markup.within("dl", &[Own("class", "cards")], |markup| {
        for (name, figure, more) in cards {
            markup.within("div", &[], |markup| {
                markup.element("dt", &[], name);
                markup.element("dd", &[Own("class", "figure")], &figure);
                markup.element("dd", &[Own("class", "quiet")], &more);
            });
        }
    });
    markup.line();
}

fn contents(markup: &mut Markup<'_>) {
    markup.within("nav", &[Own("aria-label", "On this page")], |markup| {
        markup.within("ul", &[], |markup| {
            for (id, name) in PARTS {
                markup.within("li", &[], |markup| markup.element("a", &[To(&Address::here(id))], name));
            }
        });
    });
    markup.line();
}

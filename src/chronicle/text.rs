//! The short text for a terminal: what somebody wants to know in a few seconds.

use std::fmt::Write as _;

use crate::chronicle::Paper;
use crate::chronicle::calendar::{between, long};
use crate::chronicle::figures::AGE_NAMES;
use crate::chronicle::words::{closing, counts, headline, severity, since};
use crate::model::Untrusted;

/// The most problems and suites that are named.
const MOST: usize = 5;

impl Paper<'_> {
    /// The text. Foreign words in it are made harmless for a terminal.
    pub fn text(&self) -> String {
        let (figures, problems) = (self.figures, &self.chronicle.problems);
        let mut text = format!("{}\n", headline(self));
        // Writing to a string works, here and below.
        if !figures.ages.is_empty() {
            let _ = writeln!(text, "\nopen      {}", AGE_NAMES.map(|name| format!("{name:>15}")).concat());
        }
        for (level, ages) in &figures.ages {
            let amounts = ages.map(|n| if n == 0 { format!("{:>15}", "-") } else { format!("{n:>15}") });
            let _ = writeln!(text, "  {:6}  {}", severity(*level), amounts.concat());
        }
        let open: Vec<_> = problems.iter().filter(|p| p.is_open()).take(MOST).collect();
        if !open.is_empty() {
            let issue = |p: &crate::chronicle::Problem| {
                p.issue.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
            };
            let wide = open.iter().map(|p| issue(p).len()).max().unwrap_or(0);
            let _ = writeln!(text, "\nthe worst");
            for problem in open {
                let (level, issue) = (problem.severity.map_or("-", |s| s.word()), issue(problem));
                let (title, since) = (Untrusted(&problem.title), since(problem, self));
                let _ = writeln!(text, "  {level:2}  {issue:wide$}  {title}  ({since})");
            }
        }
        if !figures.suites.is_empty() {
            let _ = writeln!(text, "\nsuites, by their latest worklog");
            let wide = figures.suites.iter().take(MOST).map(|s| s.name.chars().count()).max().unwrap_or(0);
            for suite in figures.suites.iter().take(MOST) {
                let (name, counts) = (Untrusted(&suite.name), counts(suite));
                let outcome = Untrusted(suite.outcome.as_deref().unwrap_or("-")).to_string();
                let age = long(between(suite.at, figures.now));
                let told = [counts, format!("{age} ago")].into_iter().filter(|t| !t.is_empty());
                let told = told.collect::<Vec<_>>().join(", ");
                let _ = writeln!(text, "  {:wide$}  {outcome:9}  {told}", name.to_string());
            }
            more(&mut text, figures.suites.len());
        }
        if !figures.flaky.is_empty() {
            let _ = writeln!(text, "\nflaky");
            for problem in figures.flaky.iter().take(MOST).map(|at| &problems[*at]) {
                let title = Untrusted(&problem.title);
                let _ = writeln!(text, "  {title}  ({}, seen {} x)", problem.word(), problem.count);
            }
            more(&mut text, figures.flaky.len());
        }
        if figures.closing.count + figures.closing.unknown > 0 {
            let _ = writeln!(text, "\n{}", closing(&figures.closing));
        }
        for note in self.notes {
            let _ = writeln!(text, "\nnote: {}", Untrusted(note));
        }
        text
    }
}

fn more(text: &mut String, count: usize) {
    if count > MOST {
        let _ = writeln!(text, "  and {} more", count - MOST);
    }
}

//! The problems on the page, each with its history behind a line that can be opened.

use crate::chronicle::calendar::{day, minute};
use crate::chronicle::figures::AGE_NAMES;
use crate::chronicle::sections::{Cell, grid, legend, part};
use crate::chronicle::words::{happenings, many, severity, since};
use crate::chronicle::{Event, Paper, Problem, Standing};
use crate::model::{Link, LinkTarget, Severity};
use crate::picture::Attribute::{Id, Own, Says, To};
use crate::picture::chart::{Caption, rows};
use crate::picture::{Address, Markup, Said};

/// The most problems of a list.
const PROBLEMS: usize = 1000;
/// The most events, worklogs and tests of a problem.
const MOST: usize = 30;

/// The classes of ages, and of amounts on them.
const AGES: [(&str, &str); 4] =
    [("age1", "on-age1"), ("age2", "on-age2"), ("age3", "on-age3"), ("age4", "on-age4")];

/// What is open: how bad, since when, and each of it.
pub(super) fn open(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    part(markup, "open", "Open", |markup| {
        let open: Vec<_> = paper.chronicle.problems.iter().filter(|p| p.is_open()).collect();
        if open.is_empty() {
            markup.element("p", &[], "Nothing is open.");
            return;
        }
        let ages = &paper.figures.ages;
        let amounts: Vec<_> = ages.iter().map(|(s, ages)| (severity(*s).to_owned(), ages.to_vec())).collect();
        let worst = ages.first().map_or_else(String::new, |(s, ages)| {
            format!("{} with severity {}", ages.iter().sum::<u64>(), severity(*s))
        });
        let description = format!(
            "{} open in all, {worst}. The table beside it has every amount.",
            many(open.len(), "problem")
        );
        markup.within("figure", &[], |markup| {
            markup.element("figcaption", &[], "By severity and age");
            legend(markup, &AGES.map(|(class, _)| class), &AGE_NAMES);
            let caption =
                Caption { id: "ages", title: "Open problems by severity and age", description: &description };
            markup.within("div", &[Own("class", "pair")], |markup| {
                markup.within("div", &[], |markup| rows(markup, caption, &amounts, &AGES));
                let head: Vec<_> = ["Severity"].into_iter().chain(AGE_NAMES).chain(["All"]).collect();
                let lines = ages.iter().map(|(s, ages)| {
                    let counts = ages.iter().map(|n| Cell::Count(*n)).chain([Cell::Count(ages.iter().sum())]);
                    std::iter::once(Cell::Said(severity(*s).to_owned())).chain(counts).collect()
                });
                grid(markup, "Open problems by severity and age", &head, lines.collect());
            });
        });
        list(paper, markup, &open);
    });
}

/// What is not open any more, the latest first.
pub(super) fn closed(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    part(markup, "closed", "Closed", |markup| {
        let from = paper.figures.since;
        let recent = |p: &&Problem| {
            let ended = p.spans.last().and_then(|span| span.to);
            !p.is_open() && from.is_none_or(|from| ended.is_some_and(|ended| ended >= from))
        };
        let closed: Vec<_> = paper.chronicle.problems.iter().filter(recent).collect();
        if closed.is_empty() {
            markup.element("p", &[], "Nothing was closed.");
        }
        let of = |standing: Standing| closed.iter().filter(|p| p.standing == standing).count();
        let (archived, removed) = (of(Standing::Archived), of(Standing::Removed));
        if archived + removed > 0 {
            let text = format!(
                "Among them {archived} that archived worklogs left open, and {removed} that were taken out \
                 of the worklogs."
            );
            markup.element("p", &[Own("class", "quiet")], &text);
        }
        list(paper, markup, &closed);
    });
}

fn list(paper: &Paper<'_>, markup: &mut Markup<'_>, problems: &[&Problem]) {
    if problems.is_empty() {
        return;
    }
    markup.within("ol", &[Own("class", "problems")], |markup| {
        for problem in problems.iter().take(PROBLEMS) {
            let id = anchor(problem);
            markup.within("li", &[Id(&id)], |markup| {
                markup.within("details", &[], |markup| {
                    markup.within("summary", &[], |markup| line(paper, markup, problem));
                    markup.within("div", &[Own("class", "inside")], |markup| inside(paper, markup, problem));
                });
            });
            markup.line();
        }
    });
    if problems.len() > PROBLEMS {
        let text = format!("and {} more, which `gardener list` has", problems.len() - PROBLEMS);
        markup.element("p", &[Own("class", "quiet")], &text);
    }
}

/// The name of a problem's place on the page.
fn anchor(problem: &Problem) -> String {
    format!("entry.{}", problem.key.replace('/', "."))
}

/// A link to where a problem is on the page.
pub(super) fn reference(markup: &mut Markup<'_>, problem: &Problem) {
    let address = Address::here(&anchor(problem));
    markup.within("a", &[To(&address)], |markup| markup.foreign(&problem.title));
}

/// How bad it is: the word, in a shape of its own.
fn badge(markup: &mut Markup<'_>, level: Option<Severity>) {
    let class = match level {
        Some(Severity::P0) => "badge p0",
        Some(Severity::P1) => "badge p1",
        Some(Severity::P2) => "badge p2",
        Some(Severity::P3) => "badge p3",
        None => "badge",
    };
    let word = level.map_or("–", Severity::word);
    match level {
        Some(_) => markup.element("span", &[Own("class", class)], word),
        None => markup.within("span", &[Own("class", class)], |markup| {
            markup.element("span", &[Own("class", "unseen")], "no severity");
            markup.element("span", &[Own("aria-hidden", "true")], word);
        }),
    }
}

fn line(paper: &Paper<'_>, markup: &mut Markup<'_>, problem: &Problem) {
    badge(markup, problem.severity);
    markup.text(" ");
    markup.within("span", &[Own("class", "title")], |markup| markup.foreign(&problem.title));
    markup.text(" ");
    markup.within("span", &[Own("class", "quiet")], |markup| {
        let mut words = vec![since(problem, paper)];
        words.extend(problem.is_open().then(|| problem.status.word().to_owned()).filter(|w| w != "open"));
        words.extend(problem.issue.as_ref().map(ToString::to_string));
        words.extend((problem.count > 1).then(|| format!("seen {} times", problem.count)));
        words.extend(problem.is_flaky.then(|| "flaky".to_owned()));
        words.extend(problem.hold.is_some().then(|| "on hold".to_owned()));
        let candidates = problem.candidates.len();
        words.extend((candidates > 0).then(|| many(candidates, "candidate")));
        // A piece of it is not broken over lines.
        let words: Vec<_> = words.iter().map(|word| word.replace(' ', "\u{a0}")).collect();
        markup.text(&words.join(" · "));
    });
}

/// What is known of a problem, and what happened to it.
fn inside(paper: &Paper<'_>, markup: &mut Markup<'_>, problem: &Problem) {
    markup.within("dl", &[Own("class", "facts")], |markup| {
        let fact = |markup: &mut Markup<'_>, name: &'static str, write: &dyn Fn(&mut Markup<'_>)| {
            markup.within("div", &[], |markup| {
                markup.element("dt", &[], name);
                markup.within("dd", &[], |markup| write(markup));
            });
        };
        if let Some(issue) = &problem.issue {
            fact(markup, "Issue", &|markup| match paper.issue(issue) {
                Some(address) => markup.element("a", &[To(&address)], &issue.to_string()),
                None => markup.text(&issue.to_string()),
            });
        }
        fact(markup, "Where", &|markup| places(paper, markup, problem));
        let mut said = vec![("Why not filed", problem.hold.clone()), ("Impact", problem.impact.clone())];
        said.push(("Owner", problem.owner.clone()));
        said.push(("Labels", Some(problem.labels.join(", ")).filter(|labels| !labels.is_empty())));
        for (name, text) in said {
            if let Some(text) = text {
                fact(markup, name, &|markup| markup.foreign(&text));
            }
        }
        if !problem.links.is_empty() {
            fact(markup, "Links", &|markup| links(paper, markup, &problem.links));
        }
        if !problem.candidates.is_empty() {
            fact(markup, "May be", &|markup| {
                for (at, candidate) in problem.candidates.iter().enumerate() {
                    markup.text(if at > 0 { ", " } else { "" });
                    let issue = candidate.issue.to_string();
                    match paper.issue(&candidate.issue) {
                        Some(address) => markup.element("a", &[To(&address)], &issue),
                        None => markup.text(&issue),
                    }
                }
            });
        }
        let tests = problem.tests();
        if !tests.is_empty() {
            fact(markup, "Tests", &|markup| {
                markup.within("ul", &[Own("class", "plain")], |markup| {
                    for test in tests.iter().take(MOST) {
                        markup.within("li", &[], |markup| {
                            markup.within("code", &[], |markup| markup.foreign(test));
                        });
                    }
                });
                more(markup, tests.len());
            });
        }
    });
    markup.element("h3", &[], "History");
    // One commit may do the same in many worklogs.
    let mut events: Vec<(&Event, usize)> = Vec::new();
    for event in problem.events.iter().rev() {
        match events.last_mut() {
            Some((last, count)) if is_same(last, event) => *count += 1,
            _ => events.push((event, 1)),
        }
    }
    markup.within("ol", &[Own("class", "history")], |markup| {
        for (event, count) in events.iter().take(MOST) {
            let is_first = problem.events.first() == Some(event);
            markup.within("li", &[], |markup| history(paper, markup, event, is_first, *count));
        }
    });
    more(markup, events.len());
}

fn is_same(one: &Event, other: &Event) -> bool {
    one.commit.is_some() && one.commit == other.commit && one.what == other.what
}

/// Says that a list was longer.
fn more(markup: &mut Markup<'_>, count: usize) {
    if count > MOST {
        markup.element("p", &[Own("class", "quiet")], &format!("and {} more", count - MOST));
    }
}

/// The worklogs that have it, the latest first.
fn places(paper: &Paper<'_>, markup: &mut Markup<'_>, problem: &Problem) {
    if problem.occurrences.is_empty() {
        markup.text("in no worklog any more");
        return;
    }
    markup.within("ul", &[Own("class", "plain")], |markup| {
        for occurrence in problem.occurrences.iter().rev().take(MOST) {
            let log = &paper.chronicle.worklogs[occurrence.worklog];
            markup.within("li", &[], |markup| {
                markup.text(&day(occurrence.at));
                markup.text(" ");
                match paper.worklog(log) {
                    Some(address) => {
                        markup.within("a", &[To(&address)], |markup| markup.foreign(&log.path));
                    }
                    None => markup.foreign(&log.path),
                }
                markup.text(" ");
                markup.element("code", &[], occurrence.entry.as_str());
            });
        }
    });
    more(markup, problem.occurrences.len());
}

fn links(paper: &Paper<'_>, markup: &mut Markup<'_>, links: &[Link]) {
    markup.within("ul", &[Own("class", "plain")], |markup| {
        for link in links.iter().take(MOST) {
            let address = match &link.target {
                LinkTarget::Issue(issue) => paper.issue(issue),
                LinkTarget::Url(text) => Address::written(text),
                LinkTarget::Path(_) => None,
            };
            let text = link.to_string();
            markup.within("li", &[], |markup| match &address {
                Some(address) => markup.within("a", &[To(address)], |markup| markup.foreign(&text)),
                None => markup.foreign(&text),
            });
        }
    });
}

/// What happened, in so many worklogs.
fn history(paper: &Paper<'_>, markup: &mut Markup<'_>, event: &Event, is_first: bool, count: usize) {
    match event.at {
        Some(at) => markup.element("time", &[Says(Said::DateTime, &at.to_string())], &minute(at)),
        None => markup.element("span", &[Own("class", "quiet")], "by a merge"),
    }
    markup.text(" ");
    markup.within("span", &[], |markup| markup.foreign(&happenings(event, is_first).join("; ")));
    markup.text(" ");
    markup.within("span", &[Own("class", "quiet")], |markup| {
        match &event.commit {
            Some(commit) => {
                let short = &commit.id[..commit.id.len().min(7)];
                match paper.commit(&commit.id) {
                    Some(address) => markup.element("a", &[To(&address)], short),
                    None => markup.element("code", &[], short),
                }
                markup.text(" ");
                markup.foreign(&commit.author);
                markup.text(", ");
            }
            None if event.at.is_some() => markup.text("not committed yet, "),
            None => {}
        }
        markup.text("in ");
        match count {
            1 => markup.text(event.worklog.as_str()),
            _ => markup.text(&many(count, "worklog")),
        }
    });
}

//! The sections of the page that are figures: charts with a table for each, and lists of tests, suites
//! and worklogs.

use crate::chronicle::calendar::{day, long};
use crate::chronicle::figures::WAIT_NAMES;
use crate::chronicle::words::{closing as closing_words, counts, many, severity};
use crate::chronicle::{Paper, entries};
use crate::picture::Attribute::{Id, Own, Says, To};
use crate::picture::chart::{Caption, Series, columns, steps};
use crate::picture::{Address, Markup, Said};

/// The most worklogs that are listed.
const WORKLOGS: usize = 500;
/// The most problems that are listed as flaky.
const FLAKY: usize = 50;

/// A cell of a table.
pub(super) enum Cell<'a> {
    /// A few words, on one line.
    Said(String),
    /// A number.
    Count(u64),
    /// A link with its text.
    Link(Option<Address>, String),
    /// Whatever is written.
    Written(Box<dyn Fn(&mut Markup<'_>) + 'a>),
}

/// A part of the page with its heading.
pub(super) fn part(
    markup: &mut Markup<'_>,
    id: &'static str,
    name: &str,
    inside: impl FnOnce(&mut Markup<'_>),
) {
    let heading = format!("{id}-heading");
    markup.within("section", &[Id(id), Says(Said::LabelledBy, &heading)], |markup| {
        markup.element("h2", &[Id(&heading)], name);
        inside(markup);
    });
    markup.line();
}

/// What the classes of a chart mean.
pub(super) fn legend(markup: &mut Markup<'_>, classes: &[&'static str], names: &[&str]) {
    markup.within("ul", &[Own("class", "legend")], |markup| {
        for (class, name) in classes.iter().zip(names) {
            markup.within("li", &[], |markup| {
                markup.within("svg", &[Own("viewBox", "0 0 12 12"), Own("aria-hidden", "true")], |markup| {
                    let square = [("x", "1"), ("y", "1"), ("width", "10"), ("height", "10")];
                    let square = square.map(|(name, value)| Own(name, value));
                    markup.shape(
                        "rect",
                        &std::iter::once(Own("class", class)).chain(square).collect::<Vec<_>>(),
                    );
                });
                markup.text(name);
            });
        }
    });
}

/// The table that a chart stands for, behind a line that can be opened.
pub(super) fn table(markup: &mut Markup<'_>, caption: &str, head: &[&str], lines: Vec<Vec<Cell<'_>>>) {
    markup.within("details", &[Own("class", "table")], |markup| {
        markup.element("summary", &[], "As a table");
        grid(markup, caption, head, lines);
    });
}

/// A table: wide ones are moved sideways in their own frame, which a keyboard can do, too.
pub(super) fn grid(markup: &mut Markup<'_>, caption: &str, head: &[&str], lines: Vec<Vec<Cell<'_>>>) {
    let frame =
        [Own("class", "wide"), Own("tabindex", "0"), Own("role", "region"), Says(Said::Label, caption)];
    let numbers: Vec<bool> = (0..head.len())
        .map(|at| lines.iter().any(|line| matches!(line.get(at), Some(Cell::Count(_)))))
        .collect();
    markup.within("div", &frame, |markup| {
        markup.within("table", &[], |markup| {
            markup.element("caption", &[], caption);
            markup.within("thead", &[], |markup| {
                markup.within("tr", &[], |markup| {
                    for (name, is_number) in head.iter().zip(&numbers) {
                        let class = if *is_number { "number" } else { "" };
                        markup.element("th", &[Own("scope", "col"), Own("class", class)], name);
                    }
                });
            });
            markup.within("tbody", &[], |markup| {
                for line in lines {
                    markup.within("tr", &[], |markup| {
                        for (place, cell) in line.into_iter().enumerate() {
                            put(markup, place == 0, numbers.get(place) == Some(&true), cell);
                        }
                    });
                    markup.line();
                }
            });
        });
    });
}

fn put(markup: &mut Markup<'_>, is_first: bool, is_number: bool, cell: Cell<'_>) {
    let name = if is_first { "th" } else { "td" };
    let class = match &cell {
        _ if is_number => "number",
        // A day is one word, a title is not.
        Cell::Link(_, text) if text.chars().count() <= 10 => "",
        Cell::Written(_) | Cell::Link(..) => "prose",
        Cell::Said(_) | Cell::Count(_) => "",
    };
    let scope = is_first.then_some(Own("scope", "row"));
    let class = (!class.is_empty()).then_some(Own("class", class));
    let attributes: Vec<_> = scope.into_iter().chain(class).collect();
    markup.within(name, &attributes, |markup| match cell {
        Cell::Said(text) => markup.foreign(&text),
        Cell::Count(count) => markup.text(&count.to_string()),
        Cell::Link(Some(address), text) => {
            markup.within("a", &[To(&address)], |markup| markup.foreign(&text));
        }
        Cell::Link(None, text) => markup.foreign(&text),
        Cell::Written(write) => write(markup),
    });
}

/// How it went.
pub(super) fn over_time(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    let flow = &paper.figures.flow;
    let labels: Vec<_> = flow.steps.iter().map(|step| step.label.clone()).collect();
    let all = |values: &[u64]| values.iter().map(|v| Some(*v)).collect::<Vec<_>>();
    part(markup, "time", "Over time", |markup| {
        markup.within("div", &[Own("class", "charts")], |markup| {
            markup.within("figure", &[], |markup| {
                markup.element("figcaption", &[], &format!("Open at the end of each {}", flow.unit));
                let (first, last) = (flow.open.first().unwrap_or(&0), flow.open.last().unwrap_or(&0));
                let most = flow.open.iter().max().unwrap_or(&0);
                let description = format!("From {first} to {last} open problems, {most} at most.");
                let caption =
                    Caption { id: "stock", title: "Open problems over time", description: &description };
                steps(markup, caption, &labels, &flow.open);
            });
            markup.within("figure", &[], |markup| {
                markup.element("figcaption", &[], &format!("Came and closed, each {}", flow.unit));
                legend(markup, &["came", "gone"], &["came", "closed"]);
                let (came, closed): (u64, u64) = (flow.came.iter().sum(), flow.closed.iter().sum());
                let description = format!("{came} came and {closed} were closed in all.");
                let caption = Caption {
                    id: "flow",
                    title: "Problems that came and were closed",
                    description: &description,
                };
                let (came, closed) = (all(&flow.came), all(&flow.closed));
                let series =
                    [Series { class: "came", values: &came }, Series { class: "gone", values: &closed }];
                columns(markup, caption, &labels, &series);
            });
            if flow.runs.iter().any(|runs| *runs > 0) {
                markup.within("figure", &[], |markup| {
                    let text = format!("Failed tests: the worst worklog of each {}", flow.unit);
                    markup.element("figcaption", &[], &text);
                    let most = flow.failed.iter().flatten().max().unwrap_or(&0);
                    let runs: u64 = flow.runs.iter().sum();
                    let description =
                        format!("{runs} worklogs with runs; at most {most} tests failed in one.");
                    let caption =
                        Caption { id: "failed", title: "Failed tests over time", description: &description };
                    columns(markup, caption, &labels, &[Series { class: "failed", values: &flow.failed }]);
                });
            }
        });
        let heading = [flow.unit, "Open at its end", "Came", "Closed", "Runs", "Failed tests"];
        let lines = flow.steps.iter().enumerate().map(|(at, step)| {
            let failed = flow.failed[at].map_or(Cell::Said("–".to_owned()), Cell::Count);
            vec![
                Cell::Said(day(step.from)),
                Cell::Count(flow.open[at]),
                Cell::Count(flow.came[at]),
                Cell::Count(flow.closed[at]),
                Cell::Count(flow.runs[at]),
                failed,
            ]
        });
        table(markup, "What came and went over time", &heading, lines.collect());
    });
}

/// Suites, what is flaky, and the tests that fail most.
pub(super) fn tests(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    let (figures, chronicle) = (paper.figures, paper.chronicle);
    part(markup, "tests", "Tests", |markup| {
        if figures.suites.is_empty() && figures.failed_tests == 0 && figures.flaky.is_empty() {
            markup.element("p", &[], "No worklog tells of tests.");
            return;
        }
        if !figures.suites.is_empty() {
            markup.element("h3", &[], "Suites, by their latest worklog");
            let head = ["Suite", "Outcome", "Counts", "Worklog", "Not green"];
            let lines = figures.suites.iter().map(|suite| {
                let log = &chronicle.worklogs[suite.worklog];
                let outcome = suite.outcome.clone().unwrap_or_else(|| "not said".to_owned());
                vec![
                    Cell::Said(suite.name.clone()),
                    Cell::Said(outcome),
                    Cell::Said(counts(suite)),
                    Cell::Link(paper.worklog(log), day(suite.at)),
                    Cell::Said(format!("{} of {}", suite.bad, suite.runs)),
                ]
            });
            grid(markup, "Suites", &head, lines.collect());
        }
        markup.element("h3", &[], "Flaky");
        if figures.flaky.is_empty() {
            markup.element("p", &[], "Nothing is known to pass and fail at one commit.");
        }
        if !figures.flaky.is_empty() {
            markup.within("ul", &[Own("class", "flaky")], |markup| {
                for problem in figures.flaky.iter().take(FLAKY).map(|at| &chronicle.problems[*at]) {
                    markup.within("li", &[], |markup| {
                        entries::reference(markup, problem);
                        let text = format!(
                            " {}, seen {}",
                            problem.word(),
                            if problem.count == 1 {
                                "once".to_owned()
                            } else {
                                format!("{} times", problem.count)
                            },
                        );
                        markup.element("span", &[Own("class", "quiet")], &text);
                    });
                }
            });
            if figures.flaky.len() > FLAKY {
                let text = format!("and {} more", figures.flaky.len() - FLAKY);
                markup.element("p", &[Own("class", "quiet")], &text);
            }
        }
        if !figures.tests.is_empty() {
            markup.element("h3", &[], "Failed most");
            let text = format!(
                "{} failed at all; these in several worklogs, or now and then.",
                many(figures.failed_tests, "test")
            );
            markup.element("p", &[Own("class", "quiet")], &text);
            let head = ["Test", "Worklogs", "First", "Last", "Problem"];
            let lines = figures.tests.iter().map(|test| {
                let problem = &chronicle.problems[test.problem];
                let name = test.name.clone();
                let is_flaky = test.is_flaky;
                vec![
                    Cell::Written(Box::new(move |markup: &mut Markup<'_>| {
                        markup.within("code", &[], |markup| markup.foreign(&name));
                        if is_flaky {
                            markup.text(" ");
                            markup.element("span", &[Own("class", "badge")], "flaky");
                        }
                    })),
                    Cell::Count(test.worklogs),
                    Cell::Said(day(test.at.0)),
                    Cell::Said(day(test.at.1)),
                    Cell::Written(Box::new(move |markup: &mut Markup<'_>| {
                        entries::reference(markup, problem)
                    })),
                ]
            });
            grid(markup, "Tests that failed most", &head, lines.collect());
        }
    });
}

/// How long closing takes.
pub(super) fn closing(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    let all = &paper.figures.closing;
    part(markup, "closing", "Time to close", |markup| {
        markup.element("p", &[], &format!("{}.", closing_words(all)));
        if all.count == 0 {
            return;
        }
        markup.within("div", &[Own("class", "charts")], |markup| {
            markup.within("figure", &[], |markup| {
                markup.element("figcaption", &[], "Closed within");
                let waits: Vec<_> = all.waits.iter().map(|count| Some(*count)).collect();
                let labels = ["1 d", "3 d", "7 d", "30 d", "90 d", "more"].map(str::to_owned);
                let description = closing_words(all);
                let caption =
                    Caption { id: "waits", title: "How long closing took", description: &description };
                columns(markup, caption, &labels, &[Series { class: "gone", values: &waits }]);
                let lines = all
                    .waits
                    .iter()
                    .zip(WAIT_NAMES)
                    .map(|(count, name)| vec![Cell::Said(name.to_owned()), Cell::Count(*count)]);
                table(markup, "How long closing took", &["Up to", "Closed"], lines.collect());
            });
            markup.within("figure", &[], |markup| {
                markup.element("figcaption", &[], "By severity");
                let head = ["Severity", "Closed", "Half within", "Nine of ten within"];
                let time = |time: Option<i64>| Cell::Said(time.map_or_else(|| "–".to_owned(), long));
                let lines = paper.figures.closing_by.iter().map(|(level, closing)| {
                    vec![
                        Cell::Said(severity(*level).to_owned()),
                        Cell::Count(closing.count as u64),
                        time(closing.median),
                        time(closing.most),
                    ]
                });
                grid(markup, "Time to close by severity", &head, lines.collect());
            });
        });
    });
}

/// The worklogs, the latest first.
pub(super) fn worklogs(paper: &Paper<'_>, markup: &mut Markup<'_>) {
    let from = paper.figures.since;
    let logs = paper.chronicle.worklogs.iter().rev();
    let logs: Vec<_> = logs.filter(|log| from.is_none_or(|from| log.at >= from)).collect();
    part(markup, "worklogs", "Worklogs", |markup| {
        if logs.is_empty() {
            markup.element("p", &[], "None in this time.");
            return;
        }
        let head = ["Started", "Worklog", "Entries", "Passed", "Failed"];
        let lines = logs.iter().take(WORKLOGS).map(|log| {
            let count = |of: fn(&crate::model::Run) -> Option<u64>| {
                let told = log.runs.iter().filter_map(of).reduce(u64::saturating_add);
                told.map_or(Cell::Said("–".to_owned()), Cell::Count)
            };
            let title = log.title.clone().unwrap_or_else(|| log.path.clone());
            let title = if log.is_archived { format!("{title} (archived)") } else { title };
            vec![
                Cell::Said(day(log.at)),
                Cell::Link(paper.worklog(log), title),
                Cell::Count(log.entries as u64),
                count(|run| run.passed),
                count(|run| run.failed),
            ]
        });
        grid(markup, "Worklogs, the latest first", &head, lines.collect());
        if logs.len() > WORKLOGS {
            let text = format!("and {} more", logs.len() - WORKLOGS);
            markup.element("p", &[Own("class", "quiet")], &text);
        }
    });
}

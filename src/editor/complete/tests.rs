//! Completion in worklogs that are whole, half written and broken.

use super::*;
use crate::editor::{KnownIssue, Page, Text};
use crate::model::{Label, RepoSlug, State, Timestamp, Vocabulary};

fn garden() -> Garden {
    let issue = |title: &str, state: State, at: i64| KnownIssue {
        title: title.to_owned(),
        state,
        labels: vec![Label::new("websocket").expect("a label"), Label::new("P1").expect("a label")],
        updated_at: Timestamp::from_second(at),
    };
    let other = "---\ngardener: 1\nid: o\nlabels: [\"two words\"]\nentries:\n  - id: lost-events\n    title: Lost\n    issue: 1021\n---\n";
    let mut garden = Garden {
        home: RepoSlug::parse("acme/app").ok(),
        issues: [
            (1021, issue("Events are lost", State::Open, 10)),
            (1022, issue("Images do not build", State::Completed, 30)),
            (7, issue("Old \u{1b}[31mred", State::Open, 5)),
        ]
        .into(),
        files: ["docs/a b.md", "docs/events.md", "src/main.rs"].map(str::to_owned).into(),
        ..Garden::default()
    };
    garden.pages.insert("worklogs/o.md".to_owned(), page(other));
    garden
}

fn page(text: &str) -> Page {
    Page::read(Text::new(text.to_owned()), &Vocabulary::default())
}

/// What is offered at `|`, and the text after taking the offer with this label.
fn offered(text: &str) -> (Vec<String>, impl Fn(&str) -> String + use<>) {
    let cursor = text.find('|').expect("a cursor");
    let text = text.replace('|', "");
    let mut garden = garden();
    garden.pages.insert("worklogs/x.md".to_owned(), page(&text));
    let found = complete(&garden, "worklogs/x.md", cursor);
    let labels = found.items.iter().map(|item| item.label.clone()).collect();
    let taken = move |label: &str| {
        let item = found.items.iter().find(|item| item.label == label);
        let item = item.unwrap_or_else(|| panic!("{label}: {:?}", found.items));
        assert!(item.span.start <= cursor && cursor <= item.span.end, "{item:?}");
        format!("{}{}{}", &text[..item.span.start], item.insert, &text[item.span.end..])
    };
    (labels, taken)
}

/// The same in an entry that has an id and goes on below.
fn in_entry(lines: &str) -> (Vec<String>, impl Fn(&str) -> String + use<>) {
    let (labels, taken) =
        offered(&format!("---\ngardener: 1\nid: x\nentries:\n  - id: one\n{lines}    title: t\n---\n"));
    let lines = move |label: &str| {
        let text = taken(label);
        let (start, end) = (text.find("one\n").expect("it") + 4, text.find("    title: t").expect("it"));
        text[start..end].to_owned()
    };
    (labels, lines)
}

#[test]
fn keys_come_where_a_key_may_stand() {
    let (labels, taken) = in_entry("    sta|\n");
    assert!(labels.contains(&"status".to_owned()) && !labels.contains(&"id".to_owned()), "{labels:?}");
    assert_eq!(taken("status"), "    status: \n");
    assert_eq!(in_entry("    |\n").1("severity"), "    severity: \n");
    assert_eq!(in_entry("    st|atus: open\n").1("status"), "    status: open\n", "the colon is there");
    assert!(in_entry("    note: |\n").0.is_empty(), "nothing is known of keys of one's own");
    let (labels, taken) = offered("---\ngardener: 1\n|\n---\n");
    assert!(labels.contains(&"entries".to_owned()) && !labels.contains(&"gardener".to_owned()), "{labels:?}");
    assert_eq!(taken("entries"), "---\ngardener: 1\nentries:\n---\n");
    assert_eq!(offered("---\n|\n---\n").1("gardener"), "---\ngardener: \n---\n");
    let (labels, _) = offered("---\nentries:\n  - |\n---\n");
    assert_eq!(&labels[..2], ["id", "title"]);
    assert_eq!(offered("---\nentries:\n  -|\n---\n").1("id"), "---\nentries:\n  - id: \n---\n");
    assert!(in_entry("    candidates:\n      - {is|}\n").0.contains(&"score".to_owned()));
}

#[test]
fn words_come_where_a_word_may_stand() {
    let (labels, taken) = in_entry("    status: |\n");
    assert_eq!(labels, ["open", "in-progress", "completed", "not-planned", "duplicate"]);
    assert_eq!(taken("completed"), "    status: completed\n");
    assert_eq!(in_entry("    status:|\n").1("open"), "    status: open\n");
    assert_eq!(in_entry("    status: clo|sed # why\n").1("completed"), "    status: completed # why\n");
    assert_eq!(in_entry("    severity: |\n").0, ["P0", "P1", "P2", "P3"]);
    assert_eq!(in_entry("    flaky: |\n").0, ["true", "false"]);
    let (labels, taken) = in_entry("    labels: [we|\n");
    assert!(!labels.contains(&"P1".to_owned()), "a severity is written otherwise: {labels:?}");
    assert_eq!(taken("websocket"), "    labels: [websocket\n");
    assert_eq!(in_entry("    labels: [a, |]\n").1("two words"), "    labels: [a, two words]\n");
    assert_eq!(in_entry("    labels:\n      - |\n").1("websocket"), "    labels:\n      - websocket\n");
    assert_eq!(in_entry("    labels: |\n").1("flaky"), "    labels: [flaky]\n");
}

#[test]
fn issues_come_by_number_and_by_title() {
    let (labels, taken) = in_entry("    issue: |\n");
    assert_eq!(labels, ["#1021", "#7", "#1022"], "open ones first, then the newest");
    assert_eq!(taken("#1021"), "    issue: 1021\n");
    assert_eq!(in_entry("    issue: 102|\n").0, ["#1021", "#1022"]);
    assert_eq!(in_entry("    issue: \"#10|\"\n").1("#1022"), "    issue: \"#1022\"\n");
    assert_eq!(in_entry("    issue: ima|\n").0, ["#1022"]);
    let (labels, taken) = in_entry("    links: [\"#1060\", blocked-by: 10|]\n");
    assert_eq!(labels, ["#1021", "#1022", "#1060"], "one that only a worklog names, too");
    assert_eq!(taken("#1021"), "    links: [\"#1060\", blocked-by: \"#1021\"]\n");
    let (labels, taken) = in_entry("    links:\n      - lost|\n");
    assert_eq!(labels, ["#1021", "lost-events"], "by title, and by the id of an entry");
    assert_eq!(taken("lost-events"), "    links:\n      - \"#1021\"\n");
    assert_eq!(complete(&garden(), "worklogs/none.md", 0), Completion::default());
}

#[test]
fn link_words_and_paths_come_in_links() {
    let (labels, taken) = in_entry("    links: [|]\n");
    assert!(["blocked-by", "#7", "docs/"].iter().all(|l| labels.contains(&(*l).to_owned())), "{labels:?}");
    assert_eq!(taken("blocked-by"), "    links: [blocked-by: ]\n");
    assert_eq!(taken("docs/"), "    links: [docs/]\n");
    let (labels, taken) = in_entry("    files:\n      - docs/|\n");
    assert_eq!(labels, ["docs/a b.md", "docs/events.md"]);
    assert_eq!(taken("docs/events.md"), "    files:\n      - docs/events.md\n");
}

#[test]
fn markers_come_in_the_body() {
    let front =
        "---\ngardener: 1\nid: x\nentries:\n  - id: one\n    title: t\n  - id: two\n    title: u\n---\n";
    let body = |body: &str| {
        let (labels, taken) = offered(&format!("{front}{body}"));
        (labels, move |label: &str| taken(label)[front.len()..].to_owned())
    };
    let (labels, taken) = body("<!-- gardener:entry one -->\n<!-- gardener:entry |");
    assert_eq!(labels, ["two", "one"], "one has its marker");
    assert_eq!(taken("two"), "<!-- gardener:entry one -->\n<!-- gardener:entry two -->");
    assert_eq!(body("<!--|").1("one"), "<!-- gardener:entry one -->");
    assert_eq!(body("<!-- gard| -->\n").1("one"), "<!-- gardener:entry one -->\n");
    assert_eq!(body("<!-- gardener:entry o|ld -->\n").1("two"), "<!-- gardener:entry two -->\n");
    assert_eq!(body("see #10|\n").1("#1021"), "see #1021\n");
    assert!(body("plain |\n").0.is_empty());
}

#[test]
fn broken_text_and_other_files_get_what_is_sure() {
    let (labels, _) =
        offered("---\ngardener: 1\nentries:\n  - id: [\n  - id: two\n    status: |\n    \"x: {\n");
    assert_eq!(labels.len(), 5, "{labels:?}");
    let mut garden = garden();
    garden.pages.insert("README.md".to_owned(), page("---\ntitle: x\nsta\n---\n"));
    assert_eq!(complete(&garden, "README.md", 16), Completion::default(), "it is none of ours");
    let text = "---\r\ngardener: 1\r\nentries:\r\n  - id: é🌱\r\n    title: \"x\r\n    labels: [a, {b\r\n---\r\n<!-- ";
    garden.pages.insert("worklogs/x.md".to_owned(), page(text));
    for at in 0..=text.len() + 1 {
        drop(complete(&garden, "worklogs/x.md", at.min(text.len())));
    }
}

/// Pieces that mean something, put together without sense.
const PIECES: [&str; 34] = [
    "---\n",
    "entries:\n",
    "  - id: ",
    "one",
    "\n",
    "\r\n",
    "    ",
    "links: ",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "'",
    "#12",
    "é",
    "🌱",
    " ",
    "\t",
    "- ",
    "-",
    "|\n",
    "candidates:\n",
    "issue: ",
    "<!-- ",
    "gardener:entry ",
    "-->",
    "\\",
    "\r",
    "# ",
    "gardener: 1\n",
    "labels: ",
];

#[test]
fn no_text_and_no_place_in_it_is_too_odd() {
    use crate::editor::{Request, actions, definition, hover, links, references, symbols};
    let mut state = 7_u64;
    let mut garden = garden();
    for _ in 0..400 {
        let mut text = "---\ngardener: 1\nentries:\n".to_owned();
        for _ in 0..24 {
            // A fixed row of numbers that look like chance (Knuth's).
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
        }
        garden.pages.insert("worklogs/x.md".to_owned(), page(&text));
        let path = "worklogs/x.md";
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            for item in complete(&garden, path, at).items {
                assert!(
                    text.get(item.span.clone()).is_some() && item.span.start <= at && at <= item.span.end,
                    "{text:?}"
                );
            }
            drop(hover(&garden, path, at, true));
            drop(definition(&garden, path, at));
        }
        drop(references(&garden, path, text.len() / 2, true));
        drop(actions(&garden, path, &Request { span: 0..text.len(), can_show: true }));
        drop((links(&garden, path), symbols(&garden.pages[path])));
    }
}

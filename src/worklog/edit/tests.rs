//! Whole worklogs before and after an edit, to the byte, in every frame a file may have.

use super::*;
use crate::model::{Issue, LinkTarget, Timestamp, Vocabulary};

fn id(text: &str) -> EntryId {
    EntryId::new(text).expect("an id")
}

/// An edit of the entry `a`, in words: `status open`, `severity -`, `issue 7`, `+label x`.
fn word(text: &str) -> Edit {
    let (what, value) = text.split_once(' ').expect("two words");
    let entry = id("a");
    let label = || Label::new(value).expect("a label");
    let link = || Link::parse(value).expect("a link");
    match what {
        "status" => Edit::SetStatus { entry, to: Vocabulary::default().status(value).expect("a status") },
        "severity" => Edit::SetSeverity { entry, to: value.parse().ok() },
        "issue" => Edit::SetIssue { entry, to: IssueRef::parse(value).expect("an issue") },
        "+label" => Edit::AddLabel { entry, label: label() },
        "-label" => Edit::RemoveLabel { entry, label: label() },
        "+link" => Edit::AddLink { entry, link: link() },
        "-link" => Edit::RemoveLink { entry, link: link() },
        "passed" => Edit::AddPassed { entry, commit: value.to_owned() },
        "flaky" => Edit::SetFlaky { entry },
        "reason" => Edit::SetReason { entry, to: (value != "-").then(|| value.to_owned()) },
        "candidates" => {
            let candidate = |text: &str| Candidate {
                issue: IssueRef::parse(text).expect("an issue"),
                score: Some(61),
                reason: Some("one line: \"x\"".to_owned()),
            };
            let list = |words: &str| words.split(' ').filter(|w| *w != "none").map(candidate).collect();
            Edit::SetCandidates { entry, to: (value != "-").then(|| list(value)) }
        }
        _ => panic!("{text}"),
    }
}

fn worklog(text: &str) -> Worklog {
    match parse(text, &Vocabulary::default()) {
        Parsed::Worklog(worklog, _) => *worklog,
        other => panic!("{other:#?}\n{text}"),
    }
}

/// Every way in which the rest of a file may look.
fn frames(entries: &str) -> Vec<String> {
    let lf =
        format!("---\ngardener: 1\nid: w\nentries:\n{entries}---\n\n# Body\n\n<!-- gardener:entry a -->\n");
    let bare = format!("---\ngardener: 1\nid: w\nentries:\n{entries}---");
    let more = format!("---\ngardener: 1 # v\nentries: # e\n{entries}# end\nid: w\n---\n---\n");
    let crlf = lf.replace('\n', "\r\n");
    vec![lf.clone(), format!("\u{feff}{lf}"), format!("\u{feff}{crlf}"), crlf, bare, more]
}

/// In every frame, `edits` turn the entries `before` into `after` and change nothing else.
#[track_caller]
fn check(before: &str, edits: &[&str], after: &str) {
    for (old, new) in frames(before).into_iter().zip(frames(after)) {
        let edits: Vec<Edit> = edits.iter().map(|text| word(text)).collect();
        let made = edit(&worklog(&old), &edits);
        assert_eq!(made.as_deref(), Ok(&*new), "{edits:?}\n{old}");
        let again = edit(&worklog(&new), &edits);
        assert_eq!(again.as_deref(), Ok(&*new), "a second time: {edits:?}");
    }
}

#[test]
fn what_a_run_finds_out_later_is_noted() {
    check(
        "- id: a # one\n  title: t\n  tests:\n  - x\n  z: 1\n",
        &["passed 12e4567", "flaky true"],
        "- id: a # one\n  title: t\n  tests:\n  - x\n  flaky: true\n  passed_at: [\"12e4567\"]\n  z: 1\n",
    );
    check(
        "- {id: a, title: t, flaky: false, passed_at: [abc]}\n",
        &["passed def", "passed abc", "flaky true"],
        "- {id: a, title: t, flaky: true, passed_at: [abc, def]}\n",
    );
}

#[test]
fn candidates_have_a_line_each_and_go_when_somebody_decided() {
    let item = |issue: &str| format!("{{issue: {issue}, score: 0.61, reason: \"one line: \\\"x\\\"\"}}");
    let two = format!(
        "- id: a\n  title: t\n  labels: [x]\n  candidates:\n    - {}\n    - {}\n  z: 1 # c\n",
        item("7"),
        item("\"acme/app#3\"")
    );
    let plain = "- id: a\n  title: t\n  labels: [x]\n  z: 1 # c\n";
    check(plain, &["candidates 7 acme/app#3"], &two);
    check(&two, &["candidates -"], plain);
    let none = "- id: a\n  title: t\n  labels: [x]\n  candidates: []\n  z: 1 # c\n";
    check(&two, &["candidates none"], none);
    check(
        none,
        &["candidates 7 acme/app#3"],
        &two.replace("candidates:\n    - ", "candidates: [")
            .replace("}\n    - ", "}, ")
            .replace("}\n  z", "}]\n  z"),
    );
    let one = format!("- id: a\n  title: t\n  candidates:\n  - {} # mine\n  - {{issue: 8}}\n", item("9"));
    let other = "- id: a\n  title: t\n  issue: 7\n  reason: \"it's #7\"\n";
    check(&one, &["candidates -", "issue 7", "reason it's #7"], other);
    check(
        "- {id: a, title: t}\n",
        &["candidates 7"],
        &format!("- {{id: a, title: t, candidates: [{}]}}\n", item("7")),
    );
    check("- {id: a, title: t, reason: x}\n", &["reason -"], "- {id: a, title: t}\n");
}

#[test]
fn a_status_is_replaced_and_nothing_else() {
    for (before, after) in [
        ("- {id: a, title: t, status: open}\n", "- {id: a, title: t, status: completed}\n"),
        ("- {id: a, status: \"open\", title: t} # c\n", "- {id: a, status: \"completed\", title: t} # c\n"),
        ("- id: a\n  status: open # c\n  title: t\n", "- id: a\n  status: completed # c\n  title: t\n"),
        ("- id: a\n  'status' : 'open'\n  title: t\n", "- id: a\n  'status' : 'completed'\n  title: t\n"),
        ("- id: a\n  status:\topen\t# c\n  title: t\n", "- id: a\n  status:\tcompleted\t# c\n  title: t\n"),
        ("- id: a\n  status:\n  title: t\n", "- id: a\n  status: completed\n  title: t\n"),
        ("- id: a\n  status: # c\n  title: t\n", "- id: a\n  status: completed # c\n  title: t\n"),
        ("- id: a\n  status: ~\n  title: t\n", "- id: a\n  status: completed\n  title: t\n"),
        ("- id: a\n  title: t\n  status:\n    open\n", "- id: a\n  title: t\n  status:\n    completed\n"),
        (
            "- id: a\n  title: t\n  status: |-\n    open\n",
            "- id: a\n  title: t\n  status: |-\n    completed\n",
        ),
        ("- id: a\n  title: t\n", "- id: a\n  title: t\n  status: completed\n"),
        ("- {id: a, title: t}\n", "- {id: a, title: t, status: completed}\n"),
        (
            "- {\"id\": \"a\", \"title\": \"t\"}\n",
            "- {\"id\": \"a\", \"title\": \"t\", \"status\": completed}\n",
        ),
        (
            "- {\n    id: a, # c\n    title: t # d\n  }\n",
            "- {\n    id: a, # c\n    title: t, # d\n    status: completed\n  }\n",
        ),
        (
            "  - id: b\n    title: 🌱 # not this\n    status: open\n\n  # about a\n  -   id: a\n      title: >\n        folded\n        text\n\n      severity: P1   # one\n                     # two\n      # about labels\n      labels: [x]\n",
            "  - id: b\n    title: 🌱 # not this\n    status: open\n\n  # about a\n  -   id: a\n      title: >\n        folded\n        text\n\n      severity: P1   # one\n                     # two\n      status: completed\n      # about labels\n      labels: [x]\n",
        ),
        (
            "  - id: a\n    title: t\n    # about b\n  - id: b\n    title: t\n",
            "  - id: a\n    title: t\n    status: completed\n    # about b\n  - id: b\n    title: t\n",
        ),
        (
            "  -\n    title: |+\n      t\n\n    id: a\n",
            "  -\n    title: |+\n      t\n\n    status: completed\n    id: a\n",
        ),
    ] {
        check(before, &["status completed"], after);
    }
}

#[test]
fn a_severity_comes_and_goes() {
    let without = "- id: a\n  title: t\n  labels: [x]\n";
    let with = "- id: a\n  title: t\n  severity: P0\n  labels: [x]\n";
    check(without, &["severity P0"], with);
    check(with, &["severity -"], without);
    check("- {id: a, title: t, severity: P1}\n", &["severity -"], "- {id: a, title: t}\n");
    check("- {severity: P1, id: a, title: t}\n", &["severity -"], "- {id: a, title: t}\n");
    check("- severity: P1\n  id: a\n  title: t\n", &["severity -"], "- id: a\n  title: t\n");
    check(
        "- severity: P1 # c\n  # d\n  id: a\n  title: t\n",
        &["severity -"],
        "-\n  # d\n  id: a\n  title: t\n",
    );
    check("- id: a\n  severity: ~\n  title: t\n", &["severity -"], "- id: a\n  severity: ~\n  title: t\n");
    check(
        "- id: a\n  title: t\n  severity: 'P1'\n",
        &["severity P2"],
        "- id: a\n  title: t\n  severity: 'P2'\n",
    );
}

#[test]
fn an_issue_is_a_number_at_home_and_quoted_abroad() {
    check(
        "- id: a\n  title: t\n  labels: []\n",
        &["issue 7"],
        "- id: a\n  title: t\n  issue: 7\n  labels: []\n",
    );
    check("- id: a\n  title: t\n", &["issue a/b#7"], "- id: a\n  title: t\n  issue: \"a/b#7\"\n");
    check("- id: a\n  issue: 6 # c\n  title: t\n", &["issue 7"], "- id: a\n  issue: 7 # c\n  title: t\n");
    check("- id: a\n  issue: '#6'\n  title: t\n", &["issue 7"], "- id: a\n  issue: '#7'\n  title: t\n");
    check("- id: a\n  issue: a/b#6\n  title: t\n", &["issue a/b#7"], "- id: a\n  issue: a/b#7\n  title: t\n");
    check("- id: a\n  issue: '#7'\n  title: t\n", &["issue 7"], "- id: a\n  issue: '#7'\n  title: t\n");
    check(
        "- id: a\n  issue: >-\n    #6\n  title: t\n",
        &["issue 7"],
        "- id: a\n  issue: >-\n    #7\n  title: t\n",
    );
}

#[test]
fn labels_come_and_go_in_the_style_of_the_list() {
    for (without, with) in [
        ("- {id: a, title: t, labels: [x]}\n", "- {id: a, title: t, labels: [x, \"area: y\"]}\n"),
        ("- id: a\n  title: t\n  labels: []\n", "- id: a\n  title: t\n  labels: [\"area: y\"]\n"),
        (
            "- id: a\n  title: t\n  labels: [x , 'z', ] # c\n",
            "- id: a\n  title: t\n  labels: [x , 'z', \"area: y\", ] # c\n",
        ),
        (
            "- id: a\n  title: t\n  labels:\n  - x # c\n  # d\n",
            "- id: a\n  title: t\n  labels:\n  - x # c\n  - \"area: y\"\n  # d\n",
        ),
        (
            "- id: a\n  labels:\n      -  'x'\n\n  title: t\n",
            "- id: a\n  labels:\n      -  'x'\n      -  \"area: y\"\n\n  title: t\n",
        ),
        (
            "- id: a\n  title: t\n  labels: [\n    x, # c\n    z # d\n  ]\n",
            "- id: a\n  title: t\n  labels: [\n    x, # c\n    z, # d\n    \"area: y\"\n  ]\n",
        ),
    ] {
        check(without, &["+label area: y"], with);
        check(with, &["-label AREA: Y"], without);
    }
    let none = "- id: a\n  title: t\n";
    check(none, &["+label x"], "- id: a\n  title: t\n  labels: [x]\n");
    check(none, &["-label x"], none);
    check("- id: a\n  title: t\n  labels: [X]\n", &["+label x"], "- id: a\n  title: t\n  labels: [X]\n");
    check(
        "- id: a\n  title: t\n  labels: [X, y, x]\n",
        &["-label x"],
        "- id: a\n  title: t\n  labels: [y]\n",
    );
    check(
        "- id: a\n  title: t\n  labels: # c\n  - x # d\n  # e\n",
        &["-label x"],
        "- id: a\n  title: t\n  labels: [] # c\n  # e\n",
    );
    check(
        "- id: b\n  title: t\n  links:\n    - a.md\n- id: a\n  title: t\n  tests: [x]\n",
        &["+label x", "+label z"],
        "- id: b\n  title: t\n  links:\n    - a.md\n- id: a\n  title: t\n  labels:\n    - x\n    - z\n  tests: [x]\n",
    );
}

#[test]
fn labels_that_others_would_misread_are_quoted() {
    let labels = ["+label yes", "+label 1_000", "+label 12:30:00", "+label ~", "+label #1", "+label it's"];
    check(
        "- id: a\n  title: t\n",
        &labels,
        "- id: a\n  title: t\n  labels: [\"yes\", \"1_000\", \"12:30:00\", \"~\", \"#1\", \"it's\"]\n",
    );
}

#[test]
fn links_come_and_go_plain_and_typed() {
    let none = "- id: a\n  title: t\n";
    check(none, &["+link #7"], "- id: a\n  title: t\n  links: [\"#7\"]\n");
    check(none, &["+link blocked-by a/b#7"], "- id: a\n  title: t\n  links: [{blocked-by: \"a/b#7\"}]\n");
    let list = "- id: a\n  title: t\n  links:\n  - docs/a.md\n";
    let more = "- id: a\n  title: t\n  links:\n  - docs/a.md\n  - blocks: \"https://x.example/y\"\n";
    check(list, &["+link blocks https://x.example/y"], more);
    check(more, &["-link blocks https://x.example/y"], list);
    check(more, &["-link https://x.example/y"], more);
    check(
        "- id: a\n  title: t\n  links: [{blocks: '#7'}, '#7']\n",
        &["-link #7"],
        "- id: a\n  title: t\n  links: [{blocks: '#7'}]\n",
    );
}

#[test]
fn edits_compose() {
    check(
        "- id: a # c\n  title: t\n\n",
        &["status open", "severity P1", "issue 7", "+label x", "+link #8", "-label x", "status duplicate"],
        "- id: a # c\n  title: t\n  severity: P1\n  status: duplicate\n  issue: 7\n  labels: []\n  links: [\"#8\"]\n\n",
    );
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let log = worklog("---\ngardener: 1\nid: w\nentries:\n- id: a\n  title: t\n---\n");
    let gone = Edit::SetStatus { entry: id("b"), to: Status::Open };
    assert_eq!(edit(&log, &[word("status open"), gone]), Err(EditError::NoEntry(id("b"))));
    let unwritable = |edit: &Edit, value: &str| {
        Err(EditError::Unwritable { entry: id("a"), key: edit.key(), value: value.to_owned() })
    };
    let unknown = Edit::SetStatus { entry: id("a"), to: Status::Marked("blocked".to_owned()) };
    assert_eq!(edit(&log, std::slice::from_ref(&unknown)), unwritable(&unknown, "blocked"));
    let long = word(&format!("+label {}", "x".repeat(51)));
    assert_eq!(edit(&log, std::slice::from_ref(&long)), unwritable(&long, &"x".repeat(51)));
    let target = LinkTarget::Path("blocks x".to_owned());
    let link = Edit::AddLink { entry: id("a"), link: Link::related(target) };
    assert_eq!(edit(&log, std::slice::from_ref(&link)), unwritable(&link, "blocks x"));
    let full = format!(
        "---\ngardener: 1\nid: w\nentries:\n- id: a\n  title: t\n  impact: {}\n---\n",
        "x".repeat(MAX_FRONT_MATTER - 62)
    );
    assert_eq!(edit(&worklog(&full), &[word("issue 1234567")]), Err(EditError::TooLarge));
}

fn base(number: u64) -> Base {
    let issue = IssueRef::parse(&format!("acme/app#{number}")).expect("an issue");
    Base { issue, agreed: Issue::default(), seen: Timestamp::from_second(0) }
}

#[test]
fn a_base_line_comes_moves_and_goes_and_leaves_the_rest() {
    let line = |id: &str, number: u64| {
        format!("{id} {{\"issue\":\"acme/app#{number}\",\"seen\":\"1970-01-01T00:00:00Z\"}}\n-\n")
    };
    let set = |entry: &str, to: Option<Base>| Edit::SetBase { entry: id(entry), to };
    for plain in frames("- id: a\n  title: t\n") {
        let crlf = plain.contains('\r');
        let tail = if plain.ends_with('\n') { ("\n", "\n") } else { ("\n\n", "") };
        let block = |lines: &str| {
            let block = format!("{}<!-- gardener:base 1\n{lines}-->{}", tail.0, tail.1);
            if crlf { block.replace('\n', "\r\n") } else { block }
        };
        let one = format!("{plain}{}", block(&line("a", 1)));
        let two = format!("{plain}{}", block(&(line("a", 1) + &line("b", 2))));
        for (old, edits, new) in [
            (&plain, vec![set("a", Some(base(1)))], &one),
            (&one, vec![set("b", Some(base(2)))], &two),
            (&plain, vec![set("b", Some(base(2))), set("a", Some(base(1)))], &two),
            (&two, vec![set("a", Some(base(1)))], &two),
            (&two, vec![set("b", None)], &one),
            (&two, vec![set("b", None), set("a", None), set("c", None)], &plain),
        ] {
            assert_eq!(edit(&worklog(old), &edits).as_deref(), Ok(&**new), "{old:?}");
        }
    }
    let odd = worklog("---\ngardener: 1\nid: w\n---\ntext\r");
    assert!(edit(&odd, &[set("a", Some(base(1)))]).is_ok_and(|text| text.starts_with(odd.text())));
    let here = Base { issue: IssueRef::here(1), ..base(1) };
    let log = worklog("---\ngardener: 1\nid: w\n---\n");
    let refused = EditError::Unwritable { entry: id("a"), key: "base", value: "#1".to_owned() };
    assert_eq!(edit(&log, &[set("a", Some(here))]), Err(refused), "a base names its repository");
}

#[test]
fn a_block_in_the_middle_stays_there() {
    let text = "---\ngardener: 1\nid: w\n---\nx\n\n<!-- gardener:base 1\n\
        a {\"issue\":\"acme/app#1\",\"seen\":\"1970-01-01T00:00:00Z\"}\n-\n-->\n\nlater\n";
    let to = Some(base(2));
    let made = edit(&worklog(text), &[Edit::SetBase { entry: id("a"), to }]);
    assert_eq!(made, Ok(text.replace("app#1", "app#2")));
    let made = edit(&worklog(text), &[Edit::SetBase { entry: id("a"), to: None }]);
    assert_eq!(made.as_deref(), Ok("---\ngardener: 1\nid: w\n---\nx\n\nlater\n"));
}

#[test]
fn a_base_that_says_what_is_there_only_settles_double_lines() {
    let odd = "a {\"seen\":\"1970-01-01T00:00:00Z\", \"issue\":\"acme/app#1\"}\n";
    let block = |lines: &str| format!("---\ngardener: 1\nid: w\n---\n<!-- gardener:base 1\n{lines}-->");
    let set = |id_: &str, to: Option<Base>| [Edit::SetBase { entry: id(id_), to }];
    let one = worklog(&block(odd));
    assert_eq!(edit(&one, &set("a", Some(base(1)))), Ok(block(odd)));
    let two = worklog(&block(&odd.repeat(2)));
    assert_eq!(two.doubled_bases().len(), 1);
    assert_eq!(edit(&two, &set("b", None)), Ok(block(&odd.repeat(2))));
    let line = "a {\"issue\":\"acme/app#1\",\"seen\":\"1970-01-01T00:00:00Z\"}\n-\n";
    assert_eq!(edit(&two, &set("a", Some(base(1)))), Ok(block(line)));
    let torn = worklog(&block(&format!("{odd}{}", odd.replace("#1", "#2"))));
    assert_eq!((torn.bases().len(), torn.doubled_bases().len()), (0, 1));
    assert_eq!(edit(&torn, &set("a", None)).as_deref(), Ok("---\ngardener: 1\nid: w\n---"));
}

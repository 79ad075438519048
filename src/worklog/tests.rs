//! What is found in worklogs, with code, place and help: right ones, odd ones, broken ones.

use super::*;

/// The code, level, line, column and help of everything that is found in `text`.
fn found(text: &str) -> Vec<String> {
    let list = match parse(text, &Vocabulary::default()) {
        Parsed::NotAWorklog(why) => return vec![format!("not a worklog: {why}")],
        Parsed::Broken(list) => {
            assert!(list.iter().any(|d| d.level == Level::Error), "{list:?}");
            list
        }
        Parsed::Worklog(worklog, list) => {
            assert!(list.iter().all(|d| d.level == Level::Warning), "{list:?}");
            assert_eq!(worklog.text(), text);
            list
        }
    };
    list.iter()
        .map(|d| {
            assert!(text.get(d.span.clone()).is_some(), "{d:?} in {text:?}");
            assert!(d.also.iter().all(|(span, _)| text.get(span.clone()).is_some()), "{d:?}");
            let (line, column) = d.position(text);
            format!("{} {line}:{column} {:?} | {} | {}", d.code, &text[d.span.clone()], d.message, d.help)
        })
        .collect()
}

/// One finding, given as `code line:column "text"` and parts of its message or help.
#[track_caller]
fn check(text: &str, place: &str, parts: &[&str]) {
    for text in [text.to_owned(), format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
        let found = found(&text);
        assert_eq!(found.len(), 1, "{found:#?}\n{text}");
        assert!(found[0].starts_with(&format!("{place} |")), "{} is not {place}\n{text}", found[0]);
        for part in parts {
            assert!(found[0].contains(part), "{part:?} is not in {}", found[0]);
        }
    }
}

/// A worklog with these lines in its only entry, the first of which is line 7.
fn entry(lines: &str) -> String {
    format!("---\ngardener: 1\nid: w\nentries:\n  - id: one\n    title: One\n{lines}---\n\n# Body\n")
}

fn worklog(text: &str) -> Worklog {
    match parse(text, &Vocabulary::default()) {
        Parsed::Worklog(worklog, _) => *worklog,
        other => panic!("{other:#?}\n{text}"),
    }
}

#[test]
fn the_worklog_of_the_design_is_read() {
    let text = include_str!("tests/full.md");
    assert_eq!(found(text), Vec::<String>::new());
    let worklog = worklog(text);
    let header = worklog.header();
    assert_eq!(header.id.as_str(), "critical-20250914T115930Z");
    assert_eq!((header.focus.as_deref(), header.archived), (Some("critical"), false));
    assert_eq!(header.started.as_deref(), Some("2025-09-14T11:59:30Z"));
    assert_eq!((header.runs[0].passed, header.runs[0].outcome.as_deref()), (Some(39), Some("failed")));
    let [entry, bare] = worklog.entries() else { panic!("two entries") };
    assert_eq!(entry.title, "Agent events arrive without their required fields");
    assert_eq!(entry.severity.map(|s| s.word()), Some("P1"));
    assert_eq!(entry.status.as_ref().map(|s| s.word()), Some("in-progress"));
    assert_eq!(entry.issue.as_ref().map(ToString::to_string).as_deref(), Some("#1021"));
    assert_eq!(format!("{:?}", entry.labels), "Some([\"websocket\"])");
    let links: Vec<String> = entry.links.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(links, ["#1060", "docs/events.md", "blocked-by acme/lib#3"]);
    assert_eq!(entry.tests.len(), 1);
    assert_eq!((bare.severity, &bare.status, &bare.labels, &bare.links), (None, &None, &None, &None));
    assert_eq!(worklog.bases().len(), 1);
    assert_eq!(worklog.prose(&entry.id).as_deref(), Some("Errors, impact, causes."));
    assert!(worklog.section(&entry.id).is_some_and(|s| s.starts_with("## Agent events")));
    assert_eq!(worklog.section(&bare.id), None);
    let place = worklog.place(&bare.id).expect("there");
    assert_eq!(&text[place], "id: bare\n    title: Only what is needed");
}

#[test]
fn other_files_are_not_worklogs() {
    for (text, why) in [
        ("# Title\n", "no front matter"),
        ("", "no front matter"),
        ("---\ntitle: x\n", "no front matter"),
        ("---\ntitle: x\n---\n", "front matter without `gardener:`"),
        ("---\n---\n", "front matter without `gardener:`"),
        ("---\n- a\n---\n", "front matter without `gardener:`"),
        ("---\n{{ template }}: [\n---\n", "front matter without `gardener:`"),
        ("---\nx: &a 1\ny: *a\n---\n", "front matter without `gardener:`"),
    ] {
        assert_eq!(found(text), [format!("not a worklog: {why}")], "{text:?}");
    }
    let large = "x".repeat(MAX_FILE + 1);
    assert_eq!(found(&large), ["not a worklog: larger than 1 MiB"]);
}

#[test]
fn the_header_is_checked() {
    check("---\ngardener: 1\n---\n", "missing-id 2:1 \"gardener\"", &["add a line `id: …`"]);
    check("---\ngardener: 1\nid:\n---\n", "missing-id 3:1 \"id\"", &["the worklog has no `id`"]);
    check("---\ngardener: 1\nid: a b\n---\n", "bad-id 3:5 \"a b\"", &["1 to 64", "docker-build"]);
    check("---\ngardener: 1\nid: 2025\n---\n", "wrong-type 3:5 \"2025\"", &["`\"2025\"`"]);
    check("---\ngardener: 2\nid: [\n]\n---\n", "newer-format 2:11 \"2\"", &["format 2", "upgrade gardener"]);
    check("---\ngardener: \"1\"\nid: w\n---\n", "wrong-type 2:11 \"\\\"1\\\"\"", &["write `gardener: 1`"]);
    check("---\ngardener:\nid: w\n---\n", "wrong-type 2:1 \"gardener:\"", &["write `gardener: 1`"]);
    check("---\ngardener: 0\nid: w\n---\n", "wrong-type 2:11 \"0\"", &["not a version"]);
    check("---\ngardener: 1\nid: w\narchived: yes\n---\n", "wrong-type 4:11 \"yes\"", &["`true` or `false`"]);
    check("---\ngardener: 1\nid: w\nlabels: bug\n---\n", "wrong-type 4:9 \"bug\"", &["`labels: [bug]`"]);
    check("---\ngardener: 1\nid: w\nentries: {}\n---\n", "wrong-type 4:10 \"{}\"", &["`id` and `title`"]);
    check("---\ngardener: 1\nid: w\nentries: [x]\n---\n", "wrong-type 4:11 \"x\"", &["not a map"]);
    check("---\ngardener: 1\nid: w\nruns: [{passed: many}]\n---\n", "wrong-type 4:17 \"many\"", &["digits"]);
    check("---\ngardener: 1\nid: w\nentrys: []\n---\n", "unknown-key 4:1 \"entrys\"", &["mean `entries`?"]);
}

#[test]
fn an_entry_is_checked() {
    for (lines, place, parts) in [
        (
            "    status: dun\n",
            "unknown-status 7:13 \"dun\"",
            &["the words are open, in-progress, completed"][..],
        ),
        ("    status: 'Closed'\n", "unknown-status 7:13 \"'Closed'\"", &["did you mean `completed`?"]),
        ("    status: in_progress\n", "unknown-status 7:13 \"in_progress\"", &["mean `in-progress`?"]),
        ("    status: true # c\n", "unknown-status 7:13 \"true\"", &["`true` is not a status"]),
        ("    severity: p1\n", "unknown-severity 7:15 \"p1\"", &["did you mean `P1`?", "P0, P1, P2, P3"]),
        ("    severity: 2\n", "unknown-severity 7:15 \"2\"", &["did you mean `P2`?"]),
        ("    severity: high\n", "unknown-severity 7:15 \"high\"", &["the words are"]),
        ("    issue: [1]\n", "wrong-type 7:12 \"[1]\"", &["not a list"]),
        ("    issue: 0\n", "bad-issue 7:12 \"0\"", &["leave the key out"]),
        ("    issue: 0x10\n", "bad-issue 7:12 \"0x10\"", &["not an issue"]),
        ("    issue: 1_000\n", "bad-issue 7:12 \"1_000\"", &["not an issue"]),
        ("    issue: acme#1\n", "bad-issue 7:12 \"acme#1\"", &["owner/repo#12"]),
        ("    labels: bug\n", "wrong-type 7:13 \"bug\"", &["`labels: [bug]`"]),
        ("    labels: [404]\n", "wrong-type 7:14 \"404\"", &["write it in quotes: `\"404\"`"]),
        ("    labels:\n      - #12\n", "wrong-type 8:7 \"- #12\"", &["`#` starts a comment"]),
        ("    labels: [' x']\n", "bad-label 7:14 \"' x'\"", &["1 to 50 characters"]),
        ("    links: '#12'\n", "wrong-type 7:12 \"'#12'\"", &["links: [\"#12\"]"]),
        ("    links: [12]\n", "wrong-type 7:13 \"12\"", &["`\"#12\"`"]),
        ("    links: [../x]\n", "bad-link 7:13 \"../x\"", &["stays inside the repository"]),
        (
            "    links:\n      - needs: '#1'\n",
            "bad-link 8:9 \"needs: '#1'\"",
            &["blocked-by", "duplicate-of"],
        ),
        ("    links: [{blocks: 7}]\n", "wrong-type 7:22 \"7\"", &["`\"#7\"`"]),
        ("    tests: all\n", "wrong-type 7:12 \"all\"", &["write a list"]),
        ("    impact: [a]\n", "wrong-type 7:13 \"[a]\"", &["not a list"]),
        ("    owner: {a: b}\n", "wrong-type 7:12 \"{a: b}\"", &["not a map"]),
        ("    severty: P1\n", "unknown-key 7:5 \"severty\"", &["did you mean `severity`?"]),
        ("  - title: T\n", "missing-id 7:5 \"title\"", &["the entry has no `id`"]),
        ("  - id: two\n", "missing-title 7:5 \"id\"", &["add a line `title: …`"]),
        ("  - id: two\n    title: ''\n", "missing-title 8:12 \"''\"", &["write something"]),
        ("  - id: zwei ü\n    title: T\n", "bad-id 7:9 \"zwei ü\"", &["letters, digits"]),
        ("  - id: one\n    title: T\n", "duplicate-id 7:9 \"one\"", &["another id"]),
        ("  - id: two\n    title: 404\n", "wrong-type 8:12 \"404\"", &["`\"404\"`"]),
        ("  - [x]\n", "wrong-type 7:5 \"[x]\"", &["not a map"]),
        ("    issue: #1\n", "wrong-type 7:5 \"issue: #1\"", &["starts a comment", "without `#`"]),
        ("    state: closed\n", "unknown-key 7:5 \"state\"", &["did you mean `status`?"]),
        ("    priority: P1\n", "unknown-key 7:5 \"priority\"", &["did you mean `severity`?"]),
        ("    labels: [P0]\n", "mapped-label 7:14 \"P0\"", &["write `severity: P0`"]),
        ("    note: `x` y\n  - title: T\n", "yaml-syntax 7:11 \"`x`\"", &["quotes"]),
    ] {
        check(&entry(lines), place, parts);
    }
    let long = "x".repeat(51);
    check(&entry(&format!("    labels: [{long}]\n")), &format!("bad-label 7:14 \"{long}\""), &["50"]);
}

#[test]
fn nothing_is_said_about_what_is_fine() {
    for lines in [
        "    status:\n    severity: ~\n    issue: null\n    labels:\n    links: ~\n",
        "    issue: \"#12\"\n",
        "    issue: acme/app#12\n",
        "    issue: ~ # none, see\n",
        "    labels: []\n    links: [\"#1\", 'https://x.example/a#b', {related: a.md}]\n",
        "    note: {a: [1, {b: c}], 'on': yes}\n    plan: |\n      <<<\n      text\n",
        "    status: 'open'   # c\n    severity: >-\n      P1\n",
        "    count: 3\n    candidates: [{issue: 3, score: 0.5, reason: x}]\n    flaky: true\n",
        "    x: |\n      a\n      \tb\n    y: [a,\n\tb]\n",
    ] {
        assert_eq!(found(&entry(lines)), Vec::<String>::new(), "{lines}");
    }
    let flow = "---\n{gardener: 1, id: w, entries: [{issue: ~, id: a, title: 'as #7', status: open}]}\n---\n";
    assert_eq!(found(flow), Vec::<String>::new());
}

#[test]
fn yaml_that_could_be_read_in_two_ways_is_refused() {
    for (lines, place, parts) in [
        ("    status: open\n    status: open\n", "duplicate-key 8:5 \"status\"", &["keep one"][..]),
        ("    x: {a: 1, a: 2}\n", "duplicate-key 7:15 \"a\"", &["there twice"]),
        ("    x: &a 1\n", "anchor 7:8 \"&a\"", &["write the value out"]),
        ("    x: !t 1\n", "anchor 7:8 \"!t\"", &["tags"]),
        ("    x: *bold* words\n", "anchor 7:8 \"*bold*\"", &["in quotes"]),
        ("    ? x\n    : y\n", "complex-key 7:5 \"?\"", &["key: value"]),
        ("    x: a: b\n", "yaml-syntax 7:9 \":\"", &["quotes"]),
        ("    x: @a\n", "yaml-syntax 7:8 \"@a\"", &["leading symbol"]),
        ("\tx: 1\n", "tab 7:1 \"\\t\"", &["write spaces"]),
        ("  -\tid: two\n", "tab 7:4 \"\\t\"", &["write spaces"]),
        ("\t\n", "tab 7:1 \"\\t\"", &["write spaces"]),
        ("    x:\n    \ty: 1\n", "tab 8:5 \"\\t\"", &["write spaces"]),
        ("--- x\n", "multi-document 7:1 \"--- x\"", &["several documents"]),
    ] {
        check(&entry(lines), place, parts);
    }
    let deep = format!("    x: {}1{}\n", "[".repeat(17), "]".repeat(17));
    check(&entry(&deep), "too-deep 7:22 \"[[[1\"", &["16 levels"]);
    for start in ["[", "{a: ", "- ", "? "] {
        let deep = entry(&format!("    {}\n", start.repeat(15_000)));
        assert!(found(&deep)[0].starts_with("too-deep 7:"), "{start}");
    }
}

#[test]
fn damaged_files_are_named() {
    check("---\ngardener: 1\nid: w\n", "unclosed-front-matter 1:1 \"---\"", &["close it with a line `---`"]);
    check(
        "---\ngardener: 1\n<<<<<<< HEAD\nid: w\n=======\nid: v\n>>>>>>> x\n---\n",
        "conflict-markers 3:1 \"<<<<<<< HEAD\"",
        &["settle the conflict"],
    );
    check(
        &entry("").replace("# Body", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x"),
        "conflict-markers 9:1 \"<<<<<<< HEAD\"",
        &["merge conflict"],
    );
    assert_eq!(found(&entry("").replace("# Body", "Title\n=======")), Vec::<String>::new());
    check(
        "<<<<<<< HEAD\n---\ngardener: 1\n=======\n>>>>>>> x\n",
        "conflict-markers 1:1 \"<<<<<<< HEAD\"",
        &["merge conflict"],
    );
    let long = entry(&format!("    impact: {}\n", "x".repeat(MAX_FRONT_MATTER)));
    check(&long, "oversize 1:1 \"---\"", &["64 KiB"]);
    let long = entry("") + &"x".repeat(MAX_FILE);
    check(&long, "oversize 1:1 \"---\"", &["1 MiB"]);
}

#[test]
fn markers_only_warn() {
    let body = |body: &str| entry("").replace("# Body", body);
    check(
        &body("<!-- gardener:entry two -->"),
        "marker-without-entry 9:1 \"<!-- gardener:entry two -->\"",
        &["delete the marker"],
    );
    check(
        &body("<!-- gardener:entry one -->\n\nx\n\n<!-- gardener:entry one -->"),
        "duplicate-marker 13:1 \"<!-- gardener:entry one -->\"",
        &["keep the right one"],
    );
    for wrong in ["gardner:entry one", "gardener:entyr one", "gardener one"] {
        let marker = format!("<!-- {wrong} -->");
        check(
            &body(&marker),
            &format!("mistyped-marker 9:1 {marker:?}"),
            &["is no marker", "write `<!-- gardener:entry ID -->`"],
        );
    }
    // A comment of two words that are nothing like it, and one that is in a code block.
    for fine in ["<!-- todo one -->", "```\n<!-- gardner:entry one -->\n```"] {
        assert_eq!(found(&body(fine)), Vec::<String>::new(), "{fine}");
    }
    assert_eq!(found(&body("```\n<!-- gardener:entry two -->\n```")), Vec::<String>::new());
}

#[test]
fn the_base_block_is_checked_in_place() {
    let block = |lines: &str| format!("{}\n<!-- gardener:base 1\n{lines}-->\n", entry(""));
    let line = "one {\"issue\":\"a/b#1\",\"seen\":\"2025-01-01T00:00:00Z\"}\n-\n";
    check(&block("one {\n-\n"), "broken-base 12:1 \"one {\"", &["restore the block"]);
    check(
        &block("<<<<<<< HEAD\none {}\n=======\none {}\n>>>>>>> x\n"),
        "conflict-markers 12:1 \"<<<<<<< HEAD\"",
        &["all lines of both sides"],
    );
    check(&block("<<<<<<< HEAD\n"), "conflict-markers 12:1 \"<<<<<<< HEAD\"", &["all lines of both sides"]);
    check(
        &block(&line.repeat(2)),
        &format!("double-base 14:1 {:?}", line.lines().next().expect("one")),
        &["nothing to do"],
    );
    let gone = block(&line.replace("one", "gone"));
    assert_eq!(found(&gone), Vec::<String>::new(), "an entry that is gone keeps its base");
    assert_eq!(worklog(&gone).bases().len(), 1);
    check(
        &block(line).replace("\n<!-- gardener:base", "\n<!-- gardener:base 1\n-->\n\n<!-- gardener:base"),
        "stray-base 11:1 \"<!-- gardener:base 1\"",
        &["delete it"],
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_in_order() {
    let text = entry("    status: x\n    severity: y\n    labels: z\n").replace("id: w", "id: ''\nfocsu: a");
    let codes: Vec<String> =
        found(&text).iter().map(|f| f.split(' ').next().unwrap_or("").to_owned()).collect();
    assert_eq!(codes, ["missing-id", "unknown-key", "unknown-status", "unknown-severity", "wrong-type"]);
}

#[test]
fn a_flood_of_warnings_hides_no_error() {
    let markers = "<!-- gardener:entry gone -->\n".repeat(300);
    let text = entry("").replace("# Body", &markers) + "<!-- gardener:base x\n-->\n";
    let found = found(&text);
    assert_eq!(found.len(), 100);
    assert!(found[99].starts_with("broken-base"), "{}", found[99]);
    let anchors: String = (0..300).map(|i| format!("k{i}: &a 1\n")).collect();
    assert_eq!(self::found(&format!("---\ngardener: 1\nid: w\n{anchors}---\n")).len(), 100);
}

#[test]
fn worklogs_with_one_id_name_each_other() {
    let text = "---\ngardener: 1\nid: w\n---\n";
    let (a, b, c) = (worklog(text), worklog(text), worklog(&text.replace("id: w", "id: v")));
    let found = clashes(&[("a.md", &a), ("c.md", &c), ("b.md", &b)]);
    assert_eq!(found.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [0, 2]);
    for (_, d) in &found {
        assert_eq!((d.code, d.position(text)), ("clashing-id", (3, 5)));
        assert!(d.message.contains("a.md") && d.message.contains("b.md"), "{}", d.message);
    }
    assert_eq!(clashes(&[("a.md", &a), ("c.md", &c)]), []);
}

#[test]
fn arbitrary_text_is_never_a_panic() {
    for text in
        ["---\ngardener: 1\nid: \u{2028}\n---\n", "---\n\u{feff}gardener: 1\n---", "---\ngardener: 1\r---\r"]
    {
        found(text);
    }
}

//! `gardener report`: the real program over histories of some length, and over odd ones.
#![expect(clippy::disallowed_methods, reason = "pages are written for a browser, where one is")]

mod garden;

use serde_json::Value;

use crate::report::garden::{DAY, NOW, commit_at, garden, moment};
use crate::sandbox::{Answer, Sandbox, Start};

const README: &str = include_str!("../../README.md");

/// The program at the moment of the report.
fn report<'a>(sandbox: &Sandbox, words: impl IntoIterator<Item = &'a str>) -> Start {
    let words = ["report"].into_iter().chain(words);
    sandbox.gardener(words).env("SOURCE_DATE_EPOCH", NOW.to_string())
}

fn said(answer: &Answer) -> &str {
    assert_eq!(answer.code, 0, "{answer:?}");
    &answer.out
}

fn json(sandbox: &Sandbox, words: &[&str]) -> Value {
    let answer = report(sandbox, words.iter().copied().chain(["--json"])).run();
    serde_json::from_str(said(&answer)).expect("JSON")
}

fn page(sandbox: &Sandbox) -> String {
    said(&report(sandbox, ["--html", "-"]).run()).to_owned()
}

/// A worklog of these entries, started so many days before the report.
fn log(id: &str, days: i64, entries: &str) -> String {
    let started = moment(NOW - days * DAY);
    format!("---\ngardener: 1\nid: {id}\nstarted: \"{started}\"\nentries:\n{entries}---\n\n# W\n")
}

/// The problem of this entry in the JSON.
fn problem<'a>(report: &'a Value, entry: &str) -> &'a Value {
    let all = report["problems"].as_array().expect("a list");
    all.iter().find(|p| p["entry"] == entry).unwrap_or_else(|| panic!("no {entry} in {all:#?}"))
}

/// What a page links to.
fn targets(page: &str) -> Vec<&str> {
    page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect()
}

/// What must be true of every page.
fn check(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{}", &page[..200]);
    for word in ["<script", "<img", "<link", "<iframe", " onclick", " style=", "@import", "url("] {
        assert!(!page.contains(word), "{word}");
    }
    for target in targets(page) {
        let is_good = ["https://", "http://", "#", "./", "../"].iter().any(|start| target.starts_with(start));
        assert!(is_good, "{target}");
    }
    // Places that are linked to are there, once.
    for target in targets(page).iter().filter_map(|target| target.strip_prefix('#')) {
        assert_eq!(page.matches(&format!(" id=\"{target}\"")).count(), 1, "{target}");
    }
    for drawing in page.split("<svg").skip(1) {
        let drawing = format!("<svg{}</svg>", drawing.split("</svg>").next().expect("an end"));
        let mut reader = quick_xml::Reader::from_str(&drawing);
        while !matches!(reader.read_event().expect(&drawing), quick_xml::events::Event::Eof) {}
    }
    let open = page.matches("<details").count();
    assert_eq!((open, open), (page.matches("</details>").count(), page.matches("<summary>").count()));
}

#[test]
fn in_a_few_lines() {
    let answer = report(&garden(), []).run();
    let expected = "\
11 problems are open (1 P0, 2 P1), 3 more than 30 days ago. In the last 30 days 9 came and 6 were closed. \
Half of what is closed takes up to 7 days.

open             0–7 days      8–30 days     31–90 days          older
  P0                    1              -              -              -
  P1                    -              1              1              -
  P2                    2              -              2              -
  P3                    -              1              2              1

the worst
  P0  #1093  Two writers lose each other's updates  (open for 3 days)
  P1  #1021  Agent events arrive without their required fields  (open for 38 days)
  P1  #1080  Shutting down waits for ever if a worker died  (open for 17 days)
  P2  #1040  A port is taken now and then  (open for 2 months)
  P2  #1023  Two caches answer differently for the same key  (open for 2 months)

suites, by their latest worklog
  e2e   timed-out  38 passed, 0 failed, 3 days ago
  unit  failed     632 passed, 8 failed, 4 skipped, 3 days ago

flaky
  A port is taken now and then  (open, seen 10 x)
  Tests of the clock fail around midnight  (open, seen 8 x)

14 closed: half of them within 7 days, nine of ten within 33 days
";
    assert_eq!(said(&answer), expected);
    let shown = README.split("$ gardener report\n").nth(1).expect("an excerpt");
    let shown = shown.split("…\n").next().expect("it is cut");
    assert!(expected.starts_with(shown), "the README has not what is said:\n{shown}");
}

#[test]
fn the_pages_hold_what_they_promise_and_are_the_same_each_time() {
    let sandbox = garden();
    let text = page(&sandbox);
    check(&text);
    assert_eq!(text, page(&sandbox));
    let head = sandbox.head();
    for target in [
        "https://github.com/acme/app/issues/1093".to_owned(),
        format!("https://github.com/acme/app/blob/{head}/worklogs/nightly-2025-09-11.md"),
        format!("https://github.com/acme/app/commit/{head}"),
        "https://example.org/runbook".to_owned(),
    ] {
        assert!(targets(&text).contains(&target.as_str()), "{target}");
    }
    assert!(text.contains("<li id=\"entry.nightly-2025-09-11.lost-updates\">"));
    let policy = "default-src &#39;none&#39;; style-src &#39;sha256-";
    assert!(text.contains(policy) && text.find(policy) < text.find("<style>"), "a rule before the style");
    assert_eq!(text.matches("role=\"img\"").count(), 5, "five charts");
    assert_eq!(text.matches("<svg").count() - text.matches("aria-hidden=\"true\"><rect").count(), 5);
    assert!(text.contains(">status open → completed</bdi>"), "a history");

    // For a browser, which looks at the same pages in `.ci/page`.
    let Some(folder) = std::env::var_os("GARDENER_PAGES").map(std::path::PathBuf::from) else { return };
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
    std::fs::create_dir_all(&folder).expect("a folder");
    write("example.html", &text);
    write("hostile.html", &page(&hostile()));
    let empty = Sandbox::new();
    write("empty.html", &page(&empty));
    empty.write("worklogs/one.md", log("one", 1, "  - {id: e, title: A first problem}\n"));
    write("first.html", &page(&empty));
}

#[test]
fn the_history_of_a_problem_goes_over_worklogs_names_and_branches() {
    let sandbox = Sandbox::new();
    let entry = "  - {id: e, title: Old title, issue: 7, severity: P2, status: open, tests: [a, b]}\n";
    let other =
        "  - {id: f, title: Closed from the start, status: completed}\n  - {id: g, title: Taken out}\n";
    sandbox.write("worklogs/one.md", log("one", 20, &format!("{entry}{other}")));
    commit_at(&sandbox, NOW - 19 * DAY, "start");
    sandbox.git(["mv", "worklogs/one.md", "worklogs/moved.md"]);
    let moved = entry.replace("P2", "P0").replace("Old", "New");
    sandbox.write("worklogs/moved.md", log("one", 20, &format!("{moved}{other}")));
    commit_at(&sandbox, NOW - 18 * DAY, "another name");
    // Closed on one branch, while another does something else: that is no reopening.
    sandbox.git(["switch", "-q", "-c", "side"]);
    sandbox.write("worklogs/side.md", log("side", 17, "  - {id: s, title: Of a branch}\n"));
    commit_at(&sandbox, NOW - 17 * DAY, "side");
    sandbox.git(["switch", "-q", "main"]);
    let closed = moved.replace("status: open", "status: completed");
    let rest = other.lines().next().expect("a line").to_owned() + "\n";
    sandbox.write("worklogs/moved.md", log("one", 20, &format!("{closed}{rest}")));
    commit_at(&sandbox, NOW - 10 * DAY, "closed, and one taken out");
    sandbox.git(["merge", "-q", "--no-edit", "side"]);
    // It fails again in a later worklog, with the same issue.
    let again = "  - {id: again, title: It is back, issue: acme/app#7, status: open, tests: [b]}\n";
    sandbox.write("worklogs/two.md", log("two", 2, again));
    commit_at(&sandbox, NOW - 2 * DAY, "again");
    sandbox.git(["remote", "add", "origin", "git@github.com:acme/app.git"]);

    let report = json(&sandbox, &[]);
    let it = problem(&report, "two/again");
    assert_eq!(
        (&it["issue"], &it["standing"], &it["severity"]),
        (&"#7".into(), &"open".into(), &"P0".into())
    );
    assert_eq!(it["opened"], moment(NOW - 20 * DAY).as_str());
    let spans = it["spans"].as_array().expect("spans");
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert_eq!(
        (&spans[0]["to"], &spans[0]["known"]),
        (&moment(NOW - 10 * DAY).as_str().into(), &true.into())
    );
    assert_eq!((&spans[1]["from"], &spans[1]["to"]), (&moment(NOW - 2 * DAY).as_str().into(), &Value::Null));
    let what: Vec<_> = it["history"]
        .as_array()
        .expect("events")
        .iter()
        .flat_map(|event| {
            event["what"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|w| w["field"].as_str().expect("a field").to_owned())
        })
        .collect();
    assert_eq!(what, ["came", "severity", "title", "status", "came"]);
    assert_eq!(report["closing"]["median"], 10 * DAY);
    let (closing, flow) = (&report["closing"], report["time"].as_array().expect("steps"));
    assert_eq!((&closing["count"], &closing["unknown"]), (&1.into(), &1.into()), "one came closed");
    assert_eq!(
        (problem(&report, "one/g")["standing"].as_str(), report["open"].as_u64()),
        (Some("removed"), Some(2))
    );
    assert_eq!((flow.len(), flow[0]["came"].as_u64(), flow[20]["open"].as_u64()), (21, Some(3), Some(2)));
    let tests = report["tests"].as_array().expect("tests");
    assert_eq!((tests.len(), &tests[0]["test"], &tests[0]["worklogs"]), (1, &"b".into(), &2.into()));
}

#[test]
fn since_and_names_narrow_what_is_told() {
    let sandbox = garden();
    let all = json(&sandbox, &[]);
    let recent = json(&sandbox, &["--since", "2025-08-31"]);
    assert_eq!(all["open"], recent["open"], "what is open is open");
    assert_eq!(recent["since"], "2025-08-31T00:00:00Z");
    let count = |report: &Value| report["closing"]["count"].as_u64().expect("a count");
    assert!((count(&all), count(&recent)) == (14, 4), "{all} {recent}");
    assert_eq!((all["unit"].as_str(), recent["unit"].as_str()), (Some("week"), Some("day")));
    assert_eq!(recent["time"].as_array().map(Vec::len), Some(15));
    let ago = json(&sandbox, &["--since", "2w"]);
    assert_eq!((&ago["since"], count(&ago)), (&"2025-08-31T12:00:00Z".into(), 4));
    let page = report(&sandbox, ["--since", "2w", "--html", "-"]).run();
    check(said(&page));
    assert!(
        page.out.contains("what happened since 2025-08-31")
            && !page.out.contains("A cache that nobody reads")
    );

    let one = json(&sandbox, &["nightly-2025-09-11"]);
    assert_eq!(one["worklogs"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["open"], json(&sandbox, &["worklogs/*-09-11.md"])["open"]);
    for (words, what) in [
        (&["nothing-*"][..], "nothing-*: no worklog is called so"),
        (&["--since", "yesterday"], "yesterday"),
        (&["--markdown", "--json"], "--json"),
        (&["--force"], "--html"),
        (&["[", "--json"], "["),
    ] {
        let answer = report(&sandbox, words.iter().copied()).run();
        assert!(answer.code == 2 && answer.err.contains(what), "{words:?}: {answer:?}");
    }
}

#[test]
fn a_file_that_gardener_did_not_make_is_left_alone() {
    let sandbox = garden();
    let write = |words: &[&str]| report(&sandbox, words.iter().copied()).run();
    let first = write(&["--html", "report.html"]);
    assert!(said(&first).starts_with("report.html  "), "{first:?}");
    check(&sandbox.read("report.html"));
    assert_eq!(write(&["--html", "report.html", "--since", "90d"]).code, 0, "its own file it makes again");
    sandbox.write("mine.html", "<!DOCTYPE html>\n<p>mine\n");
    let refused = write(&["--html", "mine.html"]);
    assert!(refused.code == 1 && refused.err.contains("gardener did not make this file"), "{refused:?}");
    assert_eq!(sandbox.read("mine.html"), "<!DOCTYPE html>\n<p>mine\n");
    assert_eq!(write(&["--html", "mine.html", "--force"]).code, 0);
    assert!(sandbox.read("mine.html").contains("gardener report"));
    let nowhere = write(&["--html", "no/where.html"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("no/where.html can't be written"), "{nowhere:?}");
    assert_eq!(write(&["--html", "worklogs"]).code, 1, "a folder");
    #[cfg(unix)]
    {
        sandbox.link("mine.html", "link.html");
        let link = write(&["--html", "link.html", "--force"]);
        assert!(link.code == 1 && link.err.contains("symbolic link"), "{link:?}");
    }
    let names = sandbox.names(".");
    assert!(names.iter().all(|name| !name.contains("tmp")), "nothing is left behind: {names:?}");
}

/// A repository in which every text is out to do harm.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let title = r#""</bdi></li><script>alert(1)</script><img src=x onerror=alert(1)> \u202Egnp.exe \e[2J ' & `y` | @everyone fixes #1""#;
    let long = "x".repeat(180);
    let entries = format!(
        "  - id: e\n    title: {title}\n    status: open\n    severity: P0\n    owner: \"' onmouseover='alert(1)\"\n    \
         labels: ['\"><svg onload=alert(1)>']\n    links: ['javascript:alert(1)', 'https://example.org/?a=1&b=<c>']\n    \
         tests: ['</code><script>alert(2)</script>']\n  - id: long\n    title: \"{long}\"\n    tests: [\"{long}\"]\n    flaky: true\n"
    );
    // Addresses with angle brackets are no links at all, so that one is left out.
    let entries = entries.replace(", 'https://example.org/?a=1&b=<c>'", ", 'https://example.org/?a=1&b=2'");
    let text = log("w", 4, &entries).replace(
        "---\n\n#",
        "runs:\n  - {suite: '<b>s</b>', outcome: '<i>', passed: 1, failed: 18446744073709551615}\n---\n\n#",
    );
    let text = text.replace("id: w\n", "id: w\ntitle: \"<title>&amp;</title>\"\n");
    sandbox.write("worklogs/a b'\"<c>.md", text);
    sandbox.git(["config", "user.name", "<Eve onload=x>"]);
    commit_at(&sandbox, NOW - 3 * DAY, "<script>");
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox
}

#[test]
fn hostile_text_is_only_text() {
    let sandbox = hostile();
    let text = page(&sandbox);
    check(&text);
    assert!(
        text.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && text.contains("\\u{202e}gnp.exe"),
        "{text}"
    );
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'));
    assert!(text.contains("/worklogs/a%20b%27%22%3Cc%3E.md\""), "{:#?}", targets(&text));
    assert!(targets(&text).iter().all(|target| !target.contains("javascript")), "{:#?}", targets(&text));
    let markdown = report(&sandbox, ["--markdown"]).run();
    let markdown = said(&markdown);
    for word in ["<script", "<img", "@everyone", "fixes #1", "\u{202e}", "\u{1b}"] {
        assert!(!markdown.contains(word), "{word} in {markdown}");
    }
    let text = report(&sandbox, []).run();
    assert!(!said(&text).contains(['\u{1b}', '\u{202e}']), "{text:?}");
}

#[test]
fn secrets_are_left_out_of_every_form() {
    let sandbox = Sandbox::new();
    let secret = ["s3cr", "et-", "value'", "&1"].concat();
    let entries = format!(
        "  - id: e\n    title: \"it is {secret}\"\n    tests: [\"t[{secret}]\"]\n    flaky: true\n    impact: \"{secret}\"\n"
    );
    sandbox.write("worklogs/w.md", log("w", 1, &entries));
    // In a name, which can't be replaced, it takes the link with it.
    sandbox.write(&format!("worklogs/{secret}.md"), log("x", 1, "  - {id: e, title: T}\n"));
    sandbox.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
    sandbox.commit_all("start");
    for words in [&["--html", "-"][..], &["--markdown"], &["--json"], &[]] {
        let answer = report(&sandbox, words.iter().copied()).env("DATABASE_PASSWORD", &secret).run();
        let out = said(&answer);
        assert!(out.contains("env:DATABASE_PASSWORD"), "{words:?}: {out}");
        assert!(!out.contains("s3cret-value") && !out.contains("s3cret%2Dvalue"), "{words:?}: {out}");
    }
}

#[test]
fn odd_histories_are_told_of_and_not_guessed() {
    let sandbox = Sandbox::new();
    // Nothing at all, and nothing committed.
    assert_eq!(said(&report(&sandbox, []).run()), "There is no worklog yet.\n");
    check(&page(&sandbox));
    sandbox.write("worklogs/w.md", log("w", 3, "  - {id: e, title: A problem, status: open}\n"));
    let fresh = report(&sandbox, []).run();
    assert!(said(&fresh).starts_with("1 problem is open. In the last 30 days 1 came"), "{fresh:?}");
    let local = page(&sandbox);
    check(&local);
    assert!(
        targets(&local).iter().all(|target| target.starts_with('#')),
        "no remote, and no place for a file"
    );
    sandbox.commit_all("start");
    sandbox.git(["switch", "-q", "--detach"]);

    // A clock that is behind, and one that is ahead.
    let path = "worklogs/w.md";
    sandbox.write(path, sandbox.read(path).replace("status: open", "status: completed"));
    commit_at(&sandbox, NOW - 90 * DAY, "a clock that is behind");
    sandbox.write(path, sandbox.read(path).replace("status: completed", "status: open"));
    commit_at(&sandbox, NOW + 90 * DAY, "and one that is ahead");
    let odd = json(&sandbox, &[]);
    let notes = odd["notes"].to_string();
    assert!(notes.contains("2 times are before what they follow, or in the future"), "{notes}");
    for span in problem(&odd, "w/e")["spans"].as_array().expect("spans") {
        let (from, to) = (span["from"].as_str().expect("a time"), span["to"].as_str().unwrap_or("9999"));
        assert!(from <= to && from <= moment(NOW).as_str(), "{span}");
    }

    // What is not committed, what can't be read, and a second worklog with the same id.
    sandbox.write(path, sandbox.read(path).replace("status: open", "status: not-planned"));
    sandbox.write("worklogs/broken.md", "---\ngardener: 1\nid: broken\nentries: 5\n---\n");
    sandbox.write("worklogs/x.md", sandbox.read(path));
    sandbox.write("worklogs/README.md", "# no worklog\n");
    let now = json(&sandbox, &[]);
    let notes = now["notes"].to_string();
    assert!(
        notes.contains("worklogs/broken.md and 1 more") && notes.contains("1 worklog is not committed"),
        "{notes}"
    );
    let last = problem(&now, "w/e")["history"].as_array().and_then(|all| all.last()).expect("events");
    assert!(last["commit"].is_null() && last["at"] == moment(NOW).as_str(), "{last}");
    let beside = report(&sandbox, ["--html", "report.html"]).run();
    said(&beside);
    assert!(targets(&sandbox.read("report.html")).contains(&"./worklogs/w.md"));

    // A shallow clone says that it is one.
    let garden = garden();
    let from = format!("file://{}", garden.top().display());
    garden.git(["clone", "-q", "--depth", "3", &from, "../shallow"]);
    let shallow =
        garden.at("shallow").gardener(["report", "--json"]).env("SOURCE_DATE_EPOCH", NOW.to_string()).run();
    let shallow: Value = serde_json::from_str(said(&shallow)).expect("JSON");
    assert!(shallow["notes"].to_string().contains("this clone is shallow"), "{}", shallow["notes"]);
    assert_eq!(shallow["open"], json(&garden, &[])["open"]);
    let closing = &shallow["closing"];
    assert_eq!(
        closing["count"].as_u64().zip(closing["unknown"].as_u64()).map(|(a, b)| (a < 14, a + b)),
        Some((true, 14))
    );
}

#[test]
fn markdown_is_a_summary_of_a_job() {
    let answer = report(&garden(), ["--markdown"]).run();
    let text = said(&answer);
    assert!(text.starts_with("**11 problems are open (1 P0, 2 P1), 3 more than 30 days ago."), "{text}");
    assert!(
        text.contains("| P0 | #1093 | Two writers lose each other's updates | open for 3 days |"),
        "{text}"
    );
    assert!(text.contains("| e2e | timed-out | 38 passed, 0 failed |"), "{text}");
    assert!(text.contains("| P1 | 6 | 7 days | 33 days |"), "{text}");
    for block in text.split("\n\n").filter(|block| block.starts_with('|')) {
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        let first = columns(block.lines().next().expect("a line"));
        assert!(block.lines().all(|line| columns(line) == first), "{block}");
    }
}

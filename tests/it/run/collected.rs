//! `gardener collect`: results made elsewhere, as files and on standard input.

use crate::run::{Place, results, tap};

fn place() -> Place {
    Place::new(&tap("unit", "severity = \"P1\""))
}

#[test]
fn files_are_suites_and_what_the_config_says_of_them_counts() {
    let place = place();
    place.sandbox.write("../unit.tap", results(&["a"], &[("b", "TypeError: no field 'x' in reader")]));
    place.sandbox.write(
        "../web.xml",
        "<testsuites><testsuite name='w' tests='2' failures='1'><testcase classname='w' name='p'/>\
         <testcase classname='w' name='q'><failure type='E' message='the page is empty'/></testcase></testsuite></testsuites>",
    );
    let answer = place.gardener(["collect", "../unit.tap", "../web.xml"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    let text = place.worklog("");
    assert!(text.contains("suite: unit\n") && text.contains("suite: web\n"), "{text}");
    assert_eq!(text.matches("severity: P1").count(), 1, "{text}");
    assert!(text.contains("the page is empty"), "{text}");
}

#[test]
fn standard_input_is_read_and_a_cut_stream_is_never_clean() {
    let place = place();
    let whole = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"TestA\"}\n\
                 {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n";
    let collect = |text: &str| place.start(["collect", "--suite", "go", "-"]).input(text).run();
    let answer = collect(whole);
    assert_eq!((answer.code, place.worklogs().len()), (0, 0), "{}", answer.out);
    for end in [whole.len() - 30, whole.len() - 5, 70] {
        let answer = collect(&whole[..end]);
        assert_eq!(answer.code, 3, "{end}: {}{}", answer.out, answer.err);
        assert!(answer.out.contains("end too early"), "{end}: {}", answer.out);
    }
}

#[test]
fn what_can_not_be_told_is_asked_for() {
    let place = place();
    place.sandbox.write("x.bin", [0, 1, 2, 3]);
    let answer = place.gardener(["collect", "x.bin"]);
    assert!(answer.code == 2 && answer.err.contains("name it with --format"), "{}", answer.err);
    let missing = place.gardener(["collect", "nowhere.xml"]);
    assert!(missing.code == 2 && missing.err.contains("nowhere.xml can't be read"), "{}", missing.err);
    assert_eq!(place.gardener(["collect", "--suite", " ", "x.bin"]).code, 2);
    assert_eq!(place.gardener(["collect", "--format", "tap", "x.bin"]).code, 3, "no test in it");
}

#[test]
fn counts_that_do_not_fit_are_no_success() {
    let place = place();
    for text in [
        "<testsuites><testsuite name='a' tests='5' failures='3'><testcase name='x'/></testsuite></testsuites>",
        "<testsuite name='a' tests='5'><testcase name='x'/></testsuite>",
        "<testsuite name='a' tests='1'><testcase name='x'/>",
        "<testsuites/>",
        "",
        "\n",
    ] {
        place.sandbox.write("r.xml", text);
        let answer = place.gardener(["collect", "-n", "r.xml"]);
        assert_eq!(answer.code, 3, "{text}\n{}", answer.out);
    }
}

#[test]
fn one_failure_on_fifty_shards_is_one_issue() {
    let place = place();
    for shard in 0..50 {
        let message =
            format!("TypeError: no field 'x' in reader at 10.0.0.{shard}:40{shard:02} after {shard} ms");
        place.sandbox.write(&format!("../shard-{shard}.tap"), results(&["a"], &[("b", &message)]));
    }
    let files: Vec<String> = (0..50).map(|shard| format!("../shard-{shard}.tap")).collect();
    let words = ["collect", "--suite", "unit"].into_iter().chain(files.iter().map(String::as_str));
    let answer = place.gardener(words);
    assert!(answer.code == 1 && answer.out.ends_with("\n1 new\n"), "{}", answer.out);
    crate::matrix::fired("one failure on fifty shards");
    place.sandbox.commit_all("a worklog");
    let created = |writes: &[String]| writes.iter().filter(|w| *w == "POST /repos/acme/app/issues").count();
    assert_eq!(created(&place.sync().writes), 1);
    // The same fifty files again are nothing new; as results of another commit, which bytes without a
    // time may be, they are the same issue, and within days no other comment.
    let words = ["collect", "--suite", "unit", "--commit", "HEAD~2"].into_iter();
    let answer = place.gardener(words.chain(files.iter().map(String::as_str)));
    assert!(
        answer.code == 1 && answer.out.ends_with("\nnothing that is new; nothing was written\n"),
        "{}",
        answer.out
    );
    let words = ["collect", "--suite", "unit"].into_iter().chain(files.iter().map(String::as_str));
    assert!(place.gardener(words).out.ends_with("\n1 known\n"));
    place.sandbox.commit_all("another worklog");
    place.minutes(60);
    let writes = place.sync().writes;
    assert_eq!(created(&writes), 0, "{writes:?}");
    assert!(writes.iter().filter(|w| w.ends_with("/comments")).count() <= 1, "{writes:?}");
}

#[test]
fn logs_become_entries_by_message() {
    let place = place();
    let text = "2025-09-14T10:00:00Z ERROR [api] payment 1001 refused: card expired\n\
                2025-09-14T10:05:00Z ERROR [api] payment 1002 refused: card expired\n\
                2025-09-14T10:06:00Z INFO [api] payment 1003 taken\n\
                2025-09-14T10:07:00Z WARN [api] slow query, 2301 ms\n";
    place.sandbox.write("../api.log", text);
    let answer = place.gardener(["collect", "--format", "text", "--level", "error", "../api.log"]);
    assert_eq!(answer.code, 1, "{}{}", answer.out, answer.err);
    let worklog = place.worklog("");
    for part in [
        "kind: logs\n",
        "    count: 2\n",
        "    first_seen: \"2025-09-14T10:00:00Z\"\n    last_seen: \"2025-09-14T10:05:00Z\"\n",
        "2 times in `api` at level error",
        "card expired",
    ] {
        assert!(worklog.contains(part), "{part}\n{worklog}");
    }
    assert_eq!(worklog.matches("  - id: ").count(), 1, "{worklog}");
    let lines = "{\"level\":\"error\",\"msg\":\"no route to 10.0.0.7:99\",\"service\":\"web\",\"time\":1757851170}\n\
                 {\"level\":\"error\"}\n{\"level\":\"info\",\"msg\":\"fine\"}\n";
    let answer = place.start(["collect", "--format", "jsonl", "--suite", "web", "-"]).input(lines).run();
    assert!(answer.code == 1 && answer.out.ends_with("2 new\n"), "{}", answer.out);
}

#[test]
fn what_is_no_log_is_no_success() {
    let place = place();
    let collect = |format: &str, bytes: &[u8]| {
        place.sandbox.write("../api.log", bytes);
        place.gardener(["collect", "-n", "--format", format, "../api.log"])
    };
    for (format, text) in
        [("text", ""), ("jsonl", ""), ("text", "hello\nworld\n"), ("jsonl", "{\"level\":\"er")]
    {
        let answer = collect(format, text.as_bytes());
        assert_eq!(answer.code, 3, "{text}: {}{}", answer.out, answer.err);
        assert!(answer.out.contains("api  error"), "{}", answer.out);
        assert!(!answer.out.contains("of its tests"), "{}", answer.out);
    }
    let monolog = "[2026-01-01T10:00:00.123456+00:00] app.ERROR: no route to the bank [] []\n";
    let answer = collect("text", monolog.as_bytes());
    assert!(answer.code == 1 && answer.out.contains("app: no route to the bank"), "{}", answer.out);
    let mut wide = vec![0xff, 0xfe];
    wide.extend(monolog.encode_utf16().flat_map(u16::to_le_bytes));
    let answer = collect("text", &wide);
    assert!(answer.code == 1 && answer.out.contains("app: no route to the bank"), "{}", answer.out);
    let half = "{\"level\":\"info\",\"msg\":\"fine\"}\n{\"level\":\"error\",\"ms";
    let answer = collect("jsonl", half.as_bytes());
    assert!(answer.code == 0 && answer.out.contains("1 is no JSON"), "{}{}", answer.code, answer.out);
}

const FAILS: &str = "<testsuite name='s' tests='1' failures='1'><testcase classname='s' name='b'>\
                     <failure type='E' message='the page is empty'/></testcase></testsuite>";
const PASSES: &str = "<testsuite name='s' tests='1'><testcase classname='s' name='b'/></testsuite>";

/// As of a moment before the commits of these tests.
fn dated(text: &str) -> String {
    text.replace("name='s'", "name='s' timestamp='2025-09-12T10:00:00'")
}

#[test]
fn the_same_results_are_collected_once() {
    let place = place();
    place.sandbox.write("../web.xml", FAILS);
    let head = place.sandbox.head();
    let first = place.gardener(["collect", "../web.xml"]);
    assert_eq!(first.code, 1, "{}", first.err);
    let checked_out = format!("results of {}, which is checked out\n", &head[..10]);
    assert!(first.out.starts_with(&checked_out), "{}", first.out);
    let text = place.worklog("");
    assert!(
        text.contains(&format!("commit: {head}")) || text.contains(&format!("commit: \"{head}\"")),
        "{text}"
    );
    assert!(text.contains("    digest: "), "{text}");
    let again = place.gardener(["collect", "../web.xml"]);
    assert_eq!((again.code, place.worklogs().len()), (1, 1), "{}{}", again.out, again.err);
    let said = format!("web  already collected in worklogs/{}\n", place.worklogs()[0]);
    assert!(again.out.contains(&said), "{}", again.out);
    let json = place.gardener(["collect", "--json", "--always", "../web.xml"]);
    assert!(json.out.contains("\"already_collected\"") && json.code == 1, "{}", json.out);
    assert_eq!((place.worklogs().len(), place.worklog("")), (1, text));
    // Of another suite they are other results, and so are other bytes.
    assert!(
        place.gardener(["collect", "-n", "--suite", "other", "../web.xml"]).out.contains("would be written")
    );
    place.sandbox.write("../web.xml", format!("{FAILS}\n"));
    assert!(place.gardener(["collect", "../web.xml"]).out.ends_with("1 known\n"));
}

#[test]
fn results_that_are_older_than_the_commit_prove_nothing_of_it() {
    let place = Place::new(&(tap("unit", "") + "[run]\ncomplete-after = 1\ncompleted = \"set\"\n"));
    // An hour after the commits of these tests.
    let collect = |words: &[&str]| {
        let words = ["collect"].iter().chain(words).copied();
        place.start(words).env("SOURCE_DATE_EPOCH", "1757854800").run()
    };
    place.sandbox.write("../web.xml", FAILS);
    assert_eq!(collect(&["../web.xml"]).code, 1);
    place.sandbox.commit_all("a worklog");
    let before = place.worklog("");
    place.sandbox.write("../web.xml", dated(PASSES));
    let answer = collect(&["../web.xml"]);
    assert_eq!(answer.code, 0, "{}{}", answer.out, answer.err);
    assert!(
        answer.out.starts_with("results of no known commit: ../web.xml is older than "),
        "{}",
        answer.out
    );
    assert!(answer.out.contains("not counted: nobody knows which commit it is of"), "{}", answer.out);
    assert!(answer.err.contains("--commit"), "{}", answer.err);
    assert_eq!(place.worklog(""), before);
    // By the disk alone as well.
    place.sandbox.write("../web.xml", PASSES);
    let file =
        std::fs::File::options().append(true).open(place.sandbox.top().join("../web.xml")).expect("open");
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_757_800_000);
    file.set_modified(old).expect("older");
    let answer = collect(&["../web.xml"]);
    assert!(answer.out.starts_with("results of no known commit"), "{}", answer.out);
    // What fails is written all the same, without a commit.
    place.sandbox.write("../web.xml", dated(FAILS));
    let answer = collect(&["../web.xml"]);
    assert!(answer.code == 1 && answer.out.ends_with("1 known\n"), "{}", answer.out);
    let text = place.worklog("Z-2");
    assert!(!text.contains("\ncommit: ") && text.contains("of which one they are nobody said"), "{text}");
    // Once more it is the same; that it is of a commit is news, and of which it is then known for good.
    assert!(collect(&["../web.xml"]).out.contains("already collected in"));
    let answer = collect(&["--commit", "HEAD", "../web.xml"]);
    assert!(answer.code == 1 && answer.out.ends_with("1 known\n"), "{}", answer.out);
    let head = place.sandbox.head();
    assert!(place.worklog("Z-3").contains(&head), "{}", place.worklog("Z-3"));
    for words in [&["../web.xml"][..], &["--commit", "HEAD", "../web.xml"]] {
        assert!(collect(words).out.contains("already collected in"), "{words:?}");
    }
    // Somebody who knows says so, of a later commit.
    place.sandbox.commit_all("the mending");
    place.sandbox.write("../web.xml", dated(PASSES));
    let answer = collect(&["--commit", "HEAD", "../web.xml"]);
    assert!(
        answer.out.contains(", as --commit says\n") && answer.out.contains("set to completed"),
        "{}",
        answer.out
    );
    let missing = collect(&["--commit", "nowhere", "../web.xml"]);
    assert!(missing.code == 2 && missing.err.contains("there is no commit `nowhere`"), "{}", missing.err);
}

#[test]
fn collected_files_in_the_work_tree_are_no_change_of_it() {
    let place = place();
    place.sandbox.write("artifacts/web.xml", FAILS);
    assert_eq!(place.gardener(["collect", "artifacts/web.xml"]).code, 1);
    assert!(!place.worklog("").contains("dirty"), "{}", place.worklog(""));
}

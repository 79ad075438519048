//! `gardener show`.

use snapbox::{assert_data_eq, str};

use super::{entries, garden, gardener, json};

#[test]
fn an_entry_is_shown_with_all_that_is_known() {
    let sandbox = garden();
    let answer = gardener(&sandbox, "show critical-20250914T115930Z/event-structure");
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert_data_eq!(
        answer.out,
        str![[r#"
critical-20250914T115930Z/event-structure  #1021
Agent events arrive without their required fields
  --> worklogs/critical.md:15:5

  status       in-progress
  severity     P1
  labels       websocket
               failing-test  (of the worklog)
  links        #1060
               docs/events.md
               blocked-by acme/lib#3
  impact       Nobody sees what an agent does
  tests        tests/critical/test_events.py::TestEvents::test_agent_started
               tests/critical/test_events.py::TestEvents::test_agent_done
  owner        ann
  last sync    acme/app#1021; open; P1; labels failing-test, websocket; links #1060, blocked-by acme/lib#3; seen 2025-09-14T12:03:11Z
  edited       status  (since the last sync)

  | Line 1 of what people wrote.
  |
  | * line 3
  | * line 4
  | * line 5
  | * line 6
  | * line 7
  | * line 8
  | * line 9
  | * line 10
  | * line 11
  | * line 12
  | and 2 more lines

"#]]
    );
    assert_data_eq!(
        gardener(&sandbox, "show quiet").out,
        str![[r#"
critical-20250914T115930Z/quiet  #885
Says nothing itself and follows the last sync
  --> worklogs/critical.md:27:5

  status       completed  (of the last sync)
  severity     P2  (of the last sync)
  labels       failing-test  (of the worklog)
  last sync    acme/app#885; completed; P2; labels failing-test; seen 2025-09-14T12:03:11Z

"#]]
    );
    assert_data_eq!(
        gardener(&sandbox, "show docker-build").out,
        str![[r#"
critical-20250914T115930Z/docker-build  not filed
The image does not build
  --> worklogs/critical.md:30:5

  status       open
  severity     P0
  labels       failing-test  (of the worklog)
  last sync    never

"#]]
    );
}

#[test]
fn a_worklog_is_shown_by_its_path_or_id() {
    let sandbox = garden();
    let answer = gardener(&sandbox, "show worklogs/critical.md");
    assert_eq!(answer.code, 0);
    assert_data_eq!(
        &answer.out,
        str![[r#"
worklogs/critical.md
  id           critical-20250914T115930Z
  title        Critical tests
  kind         failing-tests
  focus        critical
  started      2025-09-14T11:59:30Z
  labels       failing-test
  runs         python3 tests/critical/test_events.py, failed, 39 passed, 3 failed

event-structure  in-progress  P1  #1021         Agent events arrive without their required fields
quiet            completed    P2  #885          Says nothing itself and follows the last sync
docker-build     open         P0  -             The image does not build
handmade         -            -   acme/app#960  Linked by hand, not synced yet

4 entries

"#]]
    );
    assert_eq!(gardener(&sandbox, "show critical-20250914T115930Z"), answer);
    assert_eq!(sandbox.at("repo/worklogs").gardener(["show", "critical.md"]).run(), answer);
}

#[test]
fn an_issue_is_shown_wherever_it_turned_up() {
    let sandbox = garden();
    let everywhere =
        ["critical-20250914T115930Z/event-structure", "logs-20250915/event-structure", "old/gone"];
    for name in ["#1021", "1021", "acme/app#1021"] {
        assert_eq!(entries(&gardener(&sandbox, &format!("show --json {name}"))), everywhere, "{name}");
    }
    // An entry's short name may be that of several.
    assert_eq!(entries(&gardener(&sandbox, "show --json event-structure")), everywhere[..2]);
    assert!(gardener(&sandbox, "show #1021").out.ends_with("\n3 entries\n"));
}

#[test]
fn scripts_get_the_values_and_the_text() {
    let shown = json(&gardener(&garden(), "show --json worklogs/critical.md"));
    assert_eq!(shown["worklog"]["runs"][0]["failed"], 3);
    let (events, quiet, hand) = (&shown["entries"][0], &shown["entries"][1], &shown["entries"][3]);
    assert_eq!((&events["line"], &events["column"]), (&15.into(), &5.into()));
    assert_eq!((&events["edited"][0], &events["base"]["status"]), (&"status".into(), &"open".into()));
    assert!(events["text"].as_str().expect("text").starts_with("Line 1 of"));
    assert_eq!(events["links"], serde_json::json!(["#1060", "docs/events.md", "blocked-by acme/lib#3"]));
    assert_eq!(
        (&quiet["status"], &quiet["written"]["status"]),
        (&"completed".into(), &serde_json::Value::Null)
    );
    assert_eq!((&hand["status"], &hand["base"]), (&serde_json::Value::Null, &serde_json::Value::Null));
}

#[test]
fn the_only_entry_that_may_be_meant_is_shown() {
    let sandbox = garden();
    sandbox.write(
        "worklogs/new.md",
        "---\ngardener: 1\nid: new\nentries:\n  - id: fresh\n    title: Fresh paint\n---\n",
    );
    let (docker, quiet) = ("critical-20250914T115930Z/docker-build", "critical-20250914T115930Z/quiet");
    for (name, key) in
        [("docker", docker), ("the image does NOT build", docker), ("qui", quiet), ("#885", quiet)]
    {
        let shown = sandbox.gardener(["show", name]).run();
        assert!(shown.code == 0 && shown.out.contains(key), "{name}: {}{}", shown.out, shown.err);
        let note = format!("note: no entry is called {name}; this is {key}\n");
        assert_eq!(shown.err == note, !name.starts_with('#'), "{name}: {}", shown.err);
        let log = sandbox.gardener(["log", name]).run();
        let id = key.split('/').nth(1).expect("an id");
        assert!(log.code == 0 && log.out.contains(id), "{name}: {}{}", log.out, log.err);
    }
    let open = sandbox.gardener(["open", "says nothing itself", "--print"]).run();
    assert_eq!(
        (open.code, open.out.as_str()),
        (0, "https://github.com/acme/app/issues/885\n"),
        "{}",
        open.err
    );
    // What writes takes the number of one entry, and asks where it is a guess.
    let edit = |name: &str| sandbox.gardener(["edit", name, "-p", "P3", "-n"]).run();
    assert!(edit("#885").out.contains("quiet"), "{}", edit("#885").err);
    for (name, next) in [("docker", format!("did you mean {docker}?")), ("#1021", "did you mean ".to_owned())]
    {
        let answer = edit(name);
        assert!(answer.code == 2 && answer.err.contains(&next), "{name}: {}", answer.err);
    }
    // Several that fit are named, and none is shown.
    let two = sandbox.gardener(["show", "critical-2025"]).run();
    assert!(two.code == 2 && two.err.contains(&format!("{docker} or ")), "{}", two.err);
    let nobody = sandbox.gardener(["log", "nope", "--json"]).run();
    assert!(
        nobody.code == 2 && nobody.err.contains("error: no commit says anything of nope\n"),
        "{}",
        nobody.err
    );
    assert_eq!(super::json(&nobody)["exit"], 2);
    assert_eq!(sandbox.gardener(["log", "#99"]).run().code, 2);
    // What was never committed is there all the same.
    let fresh = sandbox.gardener(["log", "fresh"]).run();
    assert!(fresh.code == 0 && fresh.out.contains("no commit says anything of it"), "{}", fresh.err);
}

#[test]
fn what_is_not_there_or_broken_is_said() {
    let sandbox = garden();
    sandbox.write("worklogs/broken.md", "---\ngardener: 1\n---\n");
    for name in ["nowhere", "#4711", "worklogs/nowhere.md", "/"] {
        let answer = gardener(&sandbox, &format!("show {name}"));
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{name}");
        assert!(answer.err.contains("next: `gardener list` shows the entries"), "{}", answer.err);
    }
    let broken = gardener(&sandbox, "show worklogs/broken.md");
    assert_eq!((broken.code, broken.out.as_str()), (1, ""));
    assert!(broken.err.contains("error[missing-id]"), "{}", broken.err);
}

//! Two clones that file one entry in the same moment: what they come to, in whatever order
//! they sync, push and pull, whatever people did in between, and wherever one of them dies.
//!
//! Lists lag, so that neither sees what the other made. The lowest number stays, what was
//! changed on the other one is merged into it first, and it is closed once.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests act on the real world")]

use std::path::Path;
use std::process::Command;

use github_stand_in::{Logged, Reason, StandIn};

use crate::both::{Both, REPO, SECRET};
use crate::sandbox::Answer;

const PATH: &str = "worklogs/w.md";

/// Clones of one repository that share commits over a bare one.
struct Clones {
    both: Both,
}

/// What a sync of one clone did.
#[derive(Debug)]
struct Did {
    answer: Answer,
    writes: Vec<String>,
    commits: usize,
}

impl Clones {
    /// `count` clones with one worklog of one entry `e` that is not filed yet.
    fn new(count: usize, entry: &str) -> Self {
        let both = Both::new();
        both.github(|g| g.skip_to_number(REPO, 5));
        both.sandbox.git(["clone", "-q", "--bare", ".", "../share.git"]);
        both.sandbox.git(["remote", "add", "share", "../share.git"]);
        both.worklog("w", &format!("  - id: e\n    title: It is broken\n{entry}"));
        both.sandbox.git(["push", "-q", "share", "main"]);
        for i in 1..count {
            let folder = format!("../clone{i}");
            both.sandbox.git(["clone", "-q", "-o", "share", "../share.git", &folder]);
            Self::point_at_github(&both, i);
        }
        Self { both }
    }

    /// A clone of the shared commits whose issues are at GitHub.
    fn point_at_github(both: &Both, i: usize) {
        let at = both.sandbox.at(&Self::folder(i));
        at.git(["remote", "add", "origin", "https://github.com/acme/app.git"]);
        at.git(["branch", "--unset-upstream"]);
    }

    /// All clones have filed the entry without seeing the others' issues: #5, #6, ...
    fn raced(count: usize, entry: &str) -> Self {
        let clones = Self::new(count, entry);
        clones.both.github(|g| g.settings.list_lag_new = 600);
        for i in 0..count {
            let did = clones.sync(i);
            assert_eq!((did.answer.code, did.commits), (0, 1), "{did:?}");
            clones.both.github(|g| g.clock.advance(5));
        }
        let numbers: Vec<u64> = (5..5 + count as u64).collect();
        assert_eq!(clones.both.github(|g| g.issue_numbers(REPO)), numbers, "a race");
        crate::matrix::fired("one entry filed twice");
        clones.both.minutes(12);
        clones
    }

    /// The same once more.
    fn copy(&self) -> Self {
        let server = StandIn::start(self.both.github(|g| g.clone()));
        Self { both: Both { sandbox: self.both.sandbox.copy(), server } }
    }

    fn folder(i: usize) -> String {
        if i == 0 { "repo".to_owned() } else { format!("clone{i}") }
    }

    fn git(&self, i: usize, arguments: &[&str]) -> String {
        self.both.sandbox.at(&Self::folder(i)).git(arguments)
    }

    fn text(&self, i: usize) -> String {
        self.both.sandbox.at(&Self::folder(i)).read(PATH)
    }

    fn edit(&self, i: usize, from: &str, to: &str) {
        let text = self.text(i);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        self.both.sandbox.at(&Self::folder(i)).write(PATH, text.replace(from, to));
    }

    fn gardener(&self, i: usize, arguments: &[&str], kill: Option<usize>, effects: Option<&Path>) -> Did {
        let at = self.both.sandbox.at(&Self::folder(i));
        let count = || at.git(["rev-list", "--count", "HEAD"]).parse::<usize>().expect("a number");
        let before = count();
        self.both.server.clear_log();
        let mut start = at.gardener(arguments);
        start = start.env("GITHUB_API_URL", self.both.server.url()).env("GH_TOKEN", SECRET);
        if let Some(kill) = kill {
            start = start.env("GARDENER_TEST_KILL", kill.to_string());
        }
        if let Some(effects) = effects {
            start = start.env("GARDENER_TEST_EFFECTS", effects);
        }
        let answer = start.run();
        let line = |l: &Logged| format!("{} {}", l.method, l.target);
        let writes = self.both.server.writes().iter().map(line).collect();
        Did { answer, writes, commits: count() - before }
    }

    fn sync(&self, i: usize) -> Did {
        self.gardener(i, &["sync"], None, None)
    }

    /// Every clone in this order, until one round has nothing to do; at most three rounds do
    /// something.
    fn settle(&self, order: &[usize]) {
        let mut said = String::new();
        for _ in 0..4 {
            let mut quiet = true;
            for i in order {
                let did = self.sync(*i);
                quiet &= did.answer.code == 0 && did.writes.is_empty() && did.commits == 0;
                said.push_str(&format!("clone {i}: {did:?}\n"));
                self.both.minutes(1);
            }
            if quiet {
                return;
            }
        }
        panic!("not settled:\n{said}");
    }

    fn open(&self) -> Vec<u64> {
        let numbers = self.both.github(|g| g.issue_numbers(REPO));
        numbers.into_iter().filter(|n| self.both.issue(*n).0).collect()
    }

    fn comments(&self, number: u64) -> Vec<String> {
        self.both.github(|g| g.comments_of(REPO, number))
    }

    /// #5 is the one, the others gave way, and every text says so.
    fn assert_converged(&self, count: usize) {
        assert_eq!(self.open(), [5]);
        for i in 0..count {
            let text = self.text(i);
            assert!(text.contains("    issue: 5\n") && text.contains("\"issue\":\"acme/app#5\""), "{text}");
            assert_eq!(self.git(i, &["status", "--porcelain"]), "");
        }
        for loser in 6..5 + count as u64 {
            assert_eq!(self.both.issue(loser).1, "Duplicate");
            self.assert_told_once(loser);
        }
        assert_eq!(self.comments(5), Vec::<String>::new(), "the winner is not talked to");
    }

    fn assert_told_once(&self, loser: u64) {
        let comments = self.comments(loser);
        let told = comments.iter().filter(|c| c.contains("#5 stays")).count();
        assert_eq!(told, 1, "{comments:?}");
    }
}

#[test]
fn two_clones_that_file_at_once_come_to_the_lowest_number_in_either_order() {
    let raced = Clones::raced(2, "    severity: P1\n    labels: [bug]\n");
    for order in [[0, 1], [1, 0]] {
        let clones = raced.copy();
        let first = clones.sync(order[0]);
        assert_eq!(first.answer.code, 0, "{first:?}");
        assert!(first.answer.out.contains("#6 -> closed as its duplicate"), "{}", first.answer.out);
        assert_eq!(clones.open(), [5], "the first one that sees both ends it: {first:?}");
        clones.settle(&order);
        clones.assert_converged(2);
        assert_eq!(clones.both.issue(5).2, ["P1", "bug"]);
    }
}

#[test]
fn a_lost_cache_hides_no_race() {
    let raced = Clones::raced(2, "    labels: [bug]\n");
    for i in 0..2 {
        let cache = raced.both.sandbox.root().join(Clones::folder(i)).join(".git/gardener/cache.json");
        std::fs::remove_file(&cache).expect("there was a cache");
    }
    // Nothing of it is on the way any more by then.
    raced.both.minutes(26 * 60);
    raced.settle(&[1, 0]);
    raced.assert_converged(2);
}

#[test]
fn three_clones_come_to_the_lowest_number_in_every_order() {
    let raced = Clones::raced(3, "    labels: [bug]\n");
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let clones = raced.copy();
        clones.settle(&order);
        clones.assert_converged(3);
    }
}

#[test]
fn what_people_did_on_the_loser_is_merged_before_it_is_closed() {
    let raced = Clones::raced(2, "    severity: P2\n    labels: [bug]\n    links: [\"#3\"]\n");
    raced.both.github(|g| {
        g.add_label(REPO, "theirs", "ededed");
        g.label_as("bob", REPO, 6, "theirs");
        g.unlabel_as("bob", REPO, 6, "bug");
        g.unlabel_as("bob", REPO, 6, "P2");
        g.label_as("bob", REPO, 6, "P0");
        g.comment_as("bob", REPO, 6, "Look at the log.");
        let body = g.issue(REPO, 6).and_then(|i| i.facts.body.clone()).expect("a body");
        let body = body.replace("  * related: #3\n", "  * related: #3\n  * related: #4\n");
        assert!(body.contains("#4"), "{body}");
        g.edit_body_as("bob", REPO, 6, &body);
    });
    raced.both.minutes(1);
    for order in [[0, 1], [1, 0]] {
        let clones = raced.copy();
        clones.settle(&order);
        clones.assert_converged(2);
        assert_eq!(clones.both.issue(5).2, ["P0", "theirs"], "{order:?}");
        let text = clones.text(order[0]);
        assert!(text.contains("severity: P0") && text.contains("labels: [theirs]"), "{order:?} {text}");
        assert!(text.contains("#4"), "{text}");
        let body = clones.both.github(|g| g.issue(REPO, 5).and_then(|i| i.facts.body.clone()));
        assert!(body.expect("a body").contains("related: #4"));
        assert!(clones.comments(6).iter().any(|c| c.contains("Look at the log.")), "comments stay there");
    }
}

#[test]
fn a_status_that_somebody_gave_the_loser_is_the_winners() {
    let raced = Clones::raced(2, "    status: open\n");
    raced.both.github(|g| g.close_as("bob", REPO, 6, Reason::Completed));
    raced.both.minutes(1);
    for order in [[0, 1], [1, 0]] {
        let clones = raced.copy();
        clones.settle(&order);
        assert_eq!(clones.open(), Vec::<u64>::new());
        assert_eq!(
            (clones.both.issue(5).1.as_str(), clones.both.issue(6).1.as_str()),
            ("Completed", "Completed")
        );
        clones.assert_told_once(6);
        assert!(clones.text(0).contains("status: completed") && clones.text(1).contains("status: completed"));
    }
}

#[test]
fn not_planned_on_the_loser_may_mean_duplicate_and_is_asked() {
    let raced = Clones::raced(2, "    status: open\n");
    raced.both.github(|g| g.close_as("bob", REPO, 6, Reason::NotPlanned));
    raced.both.minutes(1);
    for i in [0, 1] {
        for (side, open, comments) in [("remote", vec![], 1), ("local", vec![5], 1)] {
            let clones = raced.copy();
            for _ in 0..2 {
                let did = clones.sync(i);
                assert_eq!(did.answer.code, 4, "{did:?}");
                assert!(did.answer.out.contains("conflict: open here, not-planned on #6 there"), "{did:?}");
                assert_eq!((clones.open(), clones.comments(6).len()), (vec![5], 0));
            }
            let did = clones.gardener(i, &["sync", "--prefer", side, "e"], None, None);
            assert_eq!(did.answer.code, 0, "{did:?}");
            clones.settle(&[i, 1 - i]);
            assert_eq!((clones.open(), clones.comments(6).len()), (open, comments), "{side} of {i}");
        }
    }
}

#[test]
fn two_different_severities_are_a_conflict_that_is_said() {
    let raced = Clones::raced(2, "    severity: P2\n");
    raced.both.github(|g| {
        for (number, label) in [(5, "P1"), (6, "P0")] {
            g.unlabel_as("bob", REPO, number, "P2");
            g.label_as("bob", REPO, number, label);
        }
    });
    raced.both.minutes(1);
    for i in [0, 1] {
        let clones = raced.copy();
        let did = clones.sync(i);
        assert_eq!(did.answer.code, 4, "{did:?}");
        assert_eq!(clones.open(), [5, 6], "not before it is decided");
        let did = clones.gardener(i, &["sync", "--prefer", "local", "e"], None, None);
        assert_eq!(did.answer.code, 0, "{did:?}");
        assert_eq!(clones.open(), [5]);
        clones.settle(&[i, 1 - i]);
        clones.assert_converged(2);
    }
}

#[test]
fn a_winner_that_somebody_closed_still_wins() {
    let raced = Clones::raced(2, "    status: open\n");
    raced.both.github(|g| g.close_as("bob", REPO, 5, Reason::Completed));
    raced.both.minutes(1);
    for order in [[0, 1], [1, 0]] {
        let clones = raced.copy();
        clones.settle(&order);
        assert_eq!(clones.open(), Vec::<u64>::new());
        assert_eq!(
            (clones.both.issue(5).1.as_str(), clones.both.issue(6).1.as_str()),
            ("Completed", "Duplicate")
        );
        assert!(clones.text(1).contains("issue: 5") && clones.text(1).contains("status: completed"));
    }
}

#[test]
fn what_is_deleted_or_moved_away_cannot_win() {
    for moved in [false, true] {
        let raced = Clones::raced(3, "    status: open\n");
        raced.both.github(|g| {
            if moved {
                g.add_repo("acme/other");
                g.transfer_as("ann", REPO, 5, "acme/other");
            } else {
                g.delete_issue_as("ann", REPO, 5);
            }
        });
        raced.both.minutes(1);
        for i in [1, 2] {
            let did = raced.sync(i);
            assert_eq!(did.answer.code, 0, "{did:?}");
            assert!(raced.text(i).contains("issue: 6\n"), "{did:?}");
        }
        assert!(raced.both.issue(6).0 && !raced.both.issue(7).0);
    }
}

#[test]
fn clones_that_push_and_pull_come_to_the_same() {
    // The winner's clone pushes first, or the loser's, and the other merges either side.
    for (first, second, side) in [(0, 1, "ours"), (0, 1, "theirs"), (1, 0, "ours"), (1, 0, "theirs")] {
        let clones = Clones::raced(2, "    labels: [bug]\n");
        clones.git(first, &["push", "-q", "share", "main"]);
        let option = format!("-X{side}");
        clones.git(second, &["pull", "-q", "--no-rebase", "--no-edit", &option, "share", "main"]);
        clones.settle(&[second, first]);
        clones.git(second, &["push", "-q", "share", "main"]);
        clones.git(first, &["pull", "-q", "--no-rebase", "--no-edit", "-Xtheirs", "share", "main"]);
        clones.settle(&[first, second]);
        clones.assert_converged(2);
        assert_eq!(clones.both.issue(5).2, ["bug"]);
    }
}

#[test]
fn a_loser_that_somebody_opens_again_stays() {
    let raced = Clones::raced(2, "    status: open\n");
    let ended = raced.sync(0);
    assert_eq!(ended.answer.code, 0, "{ended:?}");
    raced.both.minutes(1);
    raced.both.github(|g| g.reopen_as("bob", REPO, 6));
    raced.both.minutes(1);
    // One remembers it, one reads it on GitHub, and one has nothing but the text.
    raced.settle(&[0, 1]);
    raced.both.sandbox.git(["clone", "-q", "-o", "share", "../share.git", "../clone2"]);
    Clones::point_at_github(&raced.both, 2);
    let fresh = raced.sync(2);
    assert!(!fresh.writes.iter().any(|w| w.contains("/issues/6")), "{fresh:?}");
    assert_eq!(raced.open(), [5, 6]);
    raced.assert_told_once(6);
    let said = raced.sync(1).answer;
    assert!(said.out.contains("its duplicate #6 was opened again"), "{}", said.out);
    // Whoever opened it may want it for the entry: that is their say, too.
    raced.edit(1, "issue: 5", "issue: 6");
    let did = raced.sync(1);
    assert!(raced.text(1).contains("issue: 6\n") && raced.both.issue(6).0, "{did:?}");
    raced.both.minutes(1);
    raced.settle(&[1, 0, 2]);
    assert!(raced.text(1).contains("issue: 6\n") && raced.text(0).contains("issue: 5\n"));
    assert_eq!(raced.open(), [5, 6]);
}

#[test]
fn a_copied_text_is_no_race() {
    let clones = Clones::new(2, "    labels: [bug]\n");
    assert_eq!(clones.sync(0).answer.code, 0);
    let (title, body) = clones.both.github(|g| {
        let facts = g.issue(REPO, 5).expect("made").facts.clone();
        (facts.title, facts.body.expect("a text"))
    });
    clones.both.minutes(1);
    clones.both.github(|g| {
        g.settings.web_crlf = false;
        // At once: with another title, by another account, with a word more, as a form sends it.
        g.create_issue_as("ann", REPO, "A part of it", &body, &["bug"]);
        g.create_issue_as("bob", REPO, &title, &body, &["bug"]);
        g.create_issue_as("ann", REPO, &title, &format!("More.\n\n{body}"), &["bug"]);
        g.create_issue_as("ann", REPO, &title, &body.replace('\n', "\r\n"), &["bug"]);
        // Later: everything the same.
        g.clock.advance(16 * 60);
        g.create_issue_as("ann", REPO, &title, &body, &["bug"]);
    });
    clones.both.minutes(1);
    clones.git(0, &["push", "-q", "share", "main"]);
    clones.git(1, &["pull", "-q", "share", "main"]);
    for i in [0, 1] {
        let did = clones.sync(i);
        assert_eq!((did.answer.code, did.writes.len()), (0, 0), "{did:?}");
        for copy in 6..=10 {
            assert!(clones.both.issue(copy).0, "#{copy} stays open");
        }
        assert!(i == 1 || did.answer.out.contains("#6 carries this entry's marker too"), "{did:?}");
    }
}

#[test]
fn nothing_is_closed_by_a_list_that_failed() {
    use github_stand_in::{How, Rule, When};
    let raced = Clones::raced(2, "    status: open\n");
    raced
        .both
        .server
        .fail(Rule::new(When::Before, How::Status(502, String::new())).path("/issues?").always());
    raced
        .both
        .server
        .fail(Rule::new(When::Before, How::Status(502, String::new())).path("/graphql").always());
    for i in [0, 1] {
        let did = raced.sync(i);
        assert_ne!(did.answer.code, 0);
        assert_eq!((did.writes.len(), did.commits), (0, 0), "{did:?}");
    }
    raced.both.server.clear_faults();
    raced.settle(&[0, 1]);
    raced.assert_converged(2);
}

#[test]
fn ending_a_race_counts_for_the_brakes() {
    let clones = Clones::new(2, "  - id: f\n    title: Something else\n");
    clones.both.github(|g| g.settings.list_lag_new = 600);
    assert_eq!((clones.sync(0).answer.code, clones.sync(1).answer.code), (0, 0));
    clones.both.minutes(12);
    for i in [0, 1] {
        clones.both.sandbox.at(&Clones::folder(i)).write("gardener.toml", "[sync]\nclose-limit = 1\n");
        let did = clones.sync(i);
        assert_eq!((did.answer.code, did.writes.len(), did.commits), (5, 0, 0), "{did:?}");
        assert!(
            did.answer.err.contains("2 closed issues") || did.answer.out.contains("2 closed issues"),
            "{did:?}"
        );
    }
    assert_eq!(clones.gardener(1, &["sync", "--yes"], None, None).answer.code, 0);
    assert_eq!(clones.open(), [5, 6]);
}

#[test]
fn killed_before_any_effect_of_ending_a_race_it_is_ended_once() {
    let raced = Clones::raced(2, "    severity: P2\n    labels: [bug]\n");
    raced.both.github(|g| {
        g.label_as("bob", REPO, 6, "failing-test");
        g.unlabel_as("bob", REPO, 6, "P2");
        g.label_as("bob", REPO, 6, "P1");
    });
    raced.both.minutes(1);
    let (mut points, mut tries) = (0, 0);
    for i in [0, 1] {
        let whole = raced.copy();
        let list = whole.both.sandbox.root().join("effects");
        let did = whole.gardener(i, &["sync"], None, Some(&list));
        assert_eq!(did.answer.code, 0, "{did:?}");
        let effects = std::fs::read_to_string(list).expect("a list").lines().count();
        let all = crate::kill::is_whole();
        let tried: Vec<usize> = (1..=effects).filter(|k| all || k % 3 == i).collect();
        (points, tries) = (points + effects, tries + tried.len());
        let failed = crate::kill::each(tried.len(), |nth| {
            let k = tried[nth - 1];
            let clones = raced.copy();
            let died = clones.gardener(i, &["sync"], Some(k), None);
            assert_eq!(died.answer.code, -1, "{died:?}");
            crate::matrix::fired("kill -9 while a race is ended");
            clones.both.minutes(16);
            clones.settle(&[i, 1 - i]);
            clones.assert_converged(2);
            assert_eq!(clones.both.issue(5).2, ["P1", "bug", "failing-test"], "before {k} in {i}");
            Ok(())
        });
        assert_eq!(failed, Vec::<String>::new());
    }
    println!("kill points: {points}, tried and recovered: {tries}, duplicates: 0");
    assert!(points > 20, "{points} points");
    assert!(tries * 3 >= points - 2, "{tries} of {points} points");
}

/// Both requests are on their way before either has an answer, in two real processes.
#[test]
fn two_processes_post_at_the_same_time() {
    use github_stand_in::{How, Rule, When};
    let clones = Clones::new(2, "    labels: [bug]\n");
    let hold = Rule::new(When::Before, How::Hold)
        .method("POST")
        .path("/repos/acme/app/issues")
        .body("gardener:issue");
    clones.both.server.fail(hold.times(2));
    std::thread::scope(|scope| {
        let running: Vec<_> = [0, 1]
            .map(|i| {
                let at = clones.both.sandbox.at(&Clones::folder(i));
                let url = clones.both.server.url();
                let start = at.gardener(["sync"]).env("GITHUB_API_URL", url).env("GH_TOKEN", SECRET);
                scope.spawn(move || start.run())
            })
            .into();
        let patience = std::time::Instant::now();
        while clones.both.server.held() < 2 && patience.elapsed().as_secs() < 20 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(clones.both.server.held(), 2, "both are on their way");
        crate::matrix::fired("two creations on their way at once");
        clones.both.server.release();
        for run in running {
            assert_eq!(run.join().expect("ran").code, 0);
        }
    });
    assert_eq!(clones.open(), [5, 6]);
    clones.both.minutes(1);
    clones.settle(&[1, 0]);
    clones.assert_converged(2);
    // A command that proves nothing else is left: the shared history is whole.
    let fsck = Command::new("git").current_dir(clones.both.sandbox.top()).arg("fsck").output().expect("git");
    assert!(fsck.status.success());
}

//! The story: what a person does on either side, what `gardener` says, and whether it is so.

use std::path::Path;

use github_stand_in::{GitHub, Permission, Reason, StandIn};

use super::scratch::{Answer, Scratch, TOKEN, Told};
use super::screen::Screen;

const REPO: &str = "harbour/tides";
const WORKLOG: &str = include_str!("worklog.md");
const PATH: &str = "worklogs/nightly-20250914T024500Z.md";

/// A step of the demo: the repository, the other side, and where it is told.
struct Demo<'a> {
    scratch: Scratch,
    server: StandIn,
    screen: &'a mut Screen<'a>,
}

/// Tells it all. An error says what came out other than it should.
pub(crate) fn tell<'a>(screen: &'a mut Screen<'a>, gardener: &Path) -> Told<()> {
    let server = StandIn::start(github());
    let scratch = Scratch::new(gardener, &server, REPO, screen.color)?;
    scratch.write("README.md", "Tide tables for small harbours.\n")?;
    scratch.write(PATH, WORKLOG)?;
    scratch.git(&["add", "--all"])?;
    scratch.git(&["commit", "--quiet", "-m", "What the nightly tests found"])?;
    let mut demo = Demo { scratch, server, screen };
    demo.first()?;
    demo.second()?;
    demo.both_sides()?;
    demo.conflict()?;
    demo.end()
}

/// GitHub as it is before the first sync: Ines has opened #1021.
fn github() -> GitHub {
    let mut github = GitHub::at("2025-09-14T06:00:00Z");
    github.add_repo(REPO);
    github.add_token(TOKEN, "ada");
    github.grant("ada", REPO, Permission::Write);
    github.grant("ines", REPO, Permission::Write);
    for label in ["P0", "P1", "P2", "P3", "in-progress", "failing-test"] {
        github.add_label(REPO, label, "ededed");
    }
    github.skip_to_number(REPO, 1021);
    let body = "The charts show heights, but not where. Three tests fail.";
    github.create_issue_as("ines", REPO, "No station in readings", body, &["P1", "data"]);
    github.clock.advance(3600);
    github
}

impl Demo<'_> {
    fn first(&mut self) -> Told<()> {
        self.screen.text(&format!(
            "A worklog lists the problems of one test run. This one was written by hand, with three\n\
             entries, in {PATH}.\n\
             Ines has an issue for the first on GitHub, #1021; the other two are new. (GitHub is a\n\
             stand-in on this machine, gardener is the real one.)"
        ))?;
        self.screen.step(
            "The first sync",
            "New entries become issues, the known one gets a comment, and the numbers come back.",
        )?;
        let answer = self.gardener("gardener sync", 0)?;
        ensure(answer.text.contains("created"), "it says that issues were created", &answer.text)?;
        self.diff(&["+    issue: 1022", "+    issue: 1023", "+    labels: [data]"])?;
        let (numbers, comments, body) = self.server.with(|g| {
            let body = g.issue(REPO, 1021).and_then(|i| i.facts.body.clone());
            (g.issue_numbers(REPO), g.comments_of(REPO, 1021).len(), body.unwrap_or_default())
        });
        ensure(numbers == [1021, 1022, 1023], "two issues were filed", &format!("{numbers:?}"))?;
        ensure(comments == 1, "#1021 has one comment", &comments.to_string())?;
        ensure(!body.contains("gardener"), "Ines's text is as she wrote it", &body)
    }

    fn second(&mut self) -> Told<()> {
        self.screen.step("The second sync", "Nothing has changed, so nothing is written, here or there.")?;
        self.nothing_to_do()
    }

    fn both_sides(&mut self) -> Told<()> {
        self.screen.step(
            "Both sides move",
            "Ines closes #1022 and puts a label on #1023. Meanwhile a severity is raised here by hand.",
        )?;
        self.server.with(|g| {
            g.clock.advance(3600);
            g.close_as("ines", REPO, 1022, Reason::Completed);
            g.label_as("ines", REPO, 1023, "caching");
        });
        self.scratch.edit(PATH, "severity: P1        # every", "severity: P0        # every")?;
        self.gardener("gardener status", 0)?;
        self.gardener("gardener sync", 0)?;
        self.diff(&[
            "+    severity: P0        # every chart",
            "+    status: completed",
            "+    labels: [caching]",
        ])?;
        let labels = self.server.with(|g| g.labels_of(REPO, 1021));
        let raised = labels.iter().any(|l| l == "P0") && !labels.iter().any(|l| l == "P1");
        ensure(raised, "#1021 is P0 and no longer P1", &format!("{labels:?}"))
    }

    fn conflict(&mut self) -> Told<()> {
        self.screen.step(
            "A conflict",
            "Work on two-caches starts here, and Ines closes #1023 as not planned. Neither is undone.",
        )?;
        self.server.with(|g| {
            g.clock.advance(3600);
            g.close_as("ines", REPO, 1023, Reason::NotPlanned);
        });
        let status = "status: open\n    issue: 1023";
        self.scratch.edit(PATH, status, &status.replace("open", "in-progress"))?;
        let answer = self.gardener("gardener sync", 4)?;
        let hint = "gardener sync --prefer local two-caches (or: --prefer remote two-caches)";
        ensure(answer.text.contains(hint), "it says how to settle it", &answer.text)?;
        let text = self.scratch.read(PATH)?;
        ensure(text.contains("status: in-progress"), "the edit here stays", &text)?;
        let open = self.server.with(|g| g.issue(REPO, 1023).is_some_and(|i| i.facts.open));
        ensure(!open, "the closing there stays", "it is open")?;
        self.screen.text("(exit code 4: conflicts remain)")?;

        self.screen.text("\nWe are at it already, so ours it is: #1023 is opened again.")?;
        self.gardener("gardener sync --prefer local two-caches", 0)?;
        self.diff(&["+    status: in-progress"])?;
        self.nothing_to_do()
    }

    fn end(&mut self) -> Told<()> {
        self.screen.step("What is left", "The issues on GitHub, and the history here.")?;
        let issues = self.server.with(|g| issues(g));
        self.screen.text(&format!("\n{issues}"))?;
        let expected = [
            "#1021  open                   P0, data, failing-test         No station in readings",
            "#1022  closed as completed    P1, failing-test               The test image cannot be built",
            "#1023  open                   P2, caching, failing-test, in-progress  Two caches answer for one station",
        ];
        ensure(same_words(&issues, &expected.join("\n")), "GitHub has what was agreed", &issues)?;
        self.screen.command("git log --oneline")?;
        let log = self.scratch.git(&["log", "--oneline"])?;
        self.screen.text(&log)?;
        ensure(log.lines().count() == 4, "there are four commits", &log)?;
        let status = self.scratch.git(&["status", "--porcelain"])?;
        ensure(status.is_empty(), "the work tree is clean", &status)
    }

    /// Runs and shows `gardener …`, which must exit with `code`.
    fn gardener(&mut self, words: &str, code: i32) -> Told<Answer> {
        self.screen.command(words)?;
        let arguments: Vec<_> = words.split(' ').skip(1).collect();
        let mut answer = self.scratch.gardener(&arguments)?;
        self.screen.text(&answer.text)?;
        answer.text = anstream::adapter::strip_str(&answer.text).to_string();
        ensure(answer.code == code, &format!("`{words}` exits with {code}"), &answer.code.to_string())?;
        Ok(answer)
    }

    /// Shows what the last commit changed, which must include these lines.
    fn diff(&mut self, lines: &[&str]) -> Told<()> {
        self.screen.command("git show -U0 --format=")?;
        let patch = self.scratch.git(&["show", "-U0", "--format="])?;
        self.screen.patch(&patch)?;
        for line in lines {
            let there = patch.lines().any(|l| l.starts_with(line));
            ensure(there, &format!("the commit has the line {line:?}"), &patch)?;
        }
        Ok(())
    }

    fn nothing_to_do(&mut self) -> Told<()> {
        let head = self.scratch.git(&["rev-parse", "HEAD"])?;
        self.server.clear_log();
        self.gardener("gardener sync", 0)?;
        let writes = self.server.writes();
        ensure(writes.is_empty(), "nothing is sent", &format!("{writes:?}"))?;
        ensure(self.scratch.git(&["rev-parse", "HEAD"])? == head, "nothing is committed", "there is a commit")
    }
}

/// The issues as a table.
fn issues(github: &GitHub) -> String {
    let mut rows = String::new();
    for number in github.issue_numbers(REPO) {
        let Some(issue) = github.issue(REPO, number) else { continue };
        let mut labels = github.labels_of(REPO, number);
        labels.sort();
        let state = match (issue.facts.open, issue.facts.reason) {
            (true, _) => "open".to_owned(),
            (false, reason) => format!("closed as {}", reason.map_or("completed", Reason::word)),
        };
        let labels = labels.join(", ");
        rows.push_str(&format!("#{number}  {state:19}  {labels:38}  {}\n", issue.facts.title));
    }
    rows
}

fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

fn ensure(holds: bool, what: &str, found: &str) -> Told<()> {
    if holds { Ok(()) } else { Err(format!("expected that {what}; found:\n{found}").into()) }
}

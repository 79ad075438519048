//! What can be wrong on this machine and in the clone.

use super::*;
use gardener::effect::{Disk, Steps};
use gardener::journal::{FileStore, Journal, Record};
use gardener::model::Timestamp;

#[test]
fn a_driver_attribute_or_hook_that_is_missing() {
    mended("merge-driver", "note", |b| {
        b.sandbox.git(["config", "--unset", "merge.gardener.driver"]);
    });
    mended("attributes", "note", |b| {
        b.sandbox.git(["rm", "-q", "worklogs/.gitattributes"]);
    });
    mended("attributes", "note", |b| b.sandbox.write("worklogs/.gitattributes", "*.md merge=union\n"));
    mended("hook", "note", |b| b.sandbox.remove(".git/hooks/pre-push"));
    let foreign = mended("hook", "note", |b| {
        b.sandbox.remove(".git/hooks/pre-push");
        b.sandbox.hook("pre-push", "exit 0");
    });
    assert!(foreign.found.contains("somebody else's"), "{foreign:?}");
    mended("hook", "fault", |b| b.sandbox.mode(".git/hooks/pre-push", 0o644));
}

#[test]
fn half_of_the_settings_for_diffs() {
    mended("diff", "note", |b| b.sandbox.write(".gitattributes", "worklogs/*.md diff=worklog\n"));
    mended("diff", "note", |b| b.sandbox.config("diff.worklog.xfuncname", "^ *- (id: .*)"));
}

#[test]
fn hooks_that_are_kept_elsewhere() {
    let both = healthy();
    both.sandbox.config("core.hooksPath", "hooks");
    let found = finding(&look(&both), "note", "hook");
    assert!(found.found.contains("a folder of the project (core.hooksPath)"), "{found:?}");
}

#[test]
fn worklogs_that_git_overlooks() {
    for rule in ["worklogs/\n", "worklogs\n", "*.md\n", "/worklogs/*\n"] {
        let found = mended("ignored", "fault", |b| b.sandbox.write(".gitignore", rule));
        assert!(found.found.contains(&format!("`{}` in .gitignore:1", rule.trim())), "{found:?}");
    }
    mended("ignored", "fault", |b| b.sandbox.write(".git/info/exclude", "worklogs/\n"));
    let both = healthy();
    both.sandbox.write("gardener.toml", "worklogs = \"docs/logs\"\n");
    both.sandbox.write(".gitignore", "docs/\n");
    assert!(finding(&look(&both), "fault", "ignored").fix.starts_with("take that line out"));
}

/// A process that ends with the test, however that ends.
struct Child(std::process::Child);

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn locks_that_the_dead_have_left() {
    mended("index", "fault", |b| {
        b.sandbox.write(".git/index.lock", "");
        b.sandbox.program("touch", ["-d", "2026-02-28T12:00:00Z", ".git/index.lock"]).output();
    });
    let both = healthy();
    both.sandbox.write(".git/index.lock", "");
    both.sandbox.program("touch", ["-d", "2026-03-01T11:59:50Z", ".git/index.lock"]).output();
    finding(&look(&both), "note", "index");
    both.sandbox.remove(".git/index.lock");
    // A child of a gardener that was killed holds its lock.
    let path = both.sandbox.top().join(".git/gardener/lock");
    let file = fs::File::options().write(true).open(path).expect("a lock");
    file.lock().expect("free");
    let mut command = both.sandbox.program("sleep", ["600"]).command();
    command.stdin(Stdio::from(file)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = Child(command.spawn().expect("started"));
    drop(command);
    let checks = look(&both);
    let found = finding(&checks, "fault", "lock");
    assert_eq!(found.fix, format!("kill {}", child.0.id()));
    assert!(found.found.contains(&format!("sleep ({})", child.0.id())), "{found:?}");
    assert_eq!(shell(&both, &found.fix).code, 0);
    child.0.wait().expect("ended");
    assert_eq!(ill(&look(&both)), Vec::<&str>::new());
}

#[test]
fn in_the_middle_of_something() {
    let diverged = |b: &Both| {
        b.sandbox.git(["switch", "-q", "-c", "topic"]);
        b.sandbox.write("README.md", "theirs\n");
        b.sandbox.commit_all("theirs");
        b.sandbox.git(["switch", "-q", "main"]);
        b.sandbox.write("README.md", "ours\n");
        b.sandbox.commit_all("ours");
    };
    for command in ["merge", "rebase", "cherry-pick"] {
        let found = mended("head", "fault", |b| {
            diverged(b);
            assert_ne!(b.sandbox.try_git([command, "topic"]).code, 0);
        });
        assert_eq!(found.fix, format!("git {command} --abort"));
    }
    mended("head", "note", |b| {
        b.sandbox.git(["switch", "-q", "--detach"]);
    });
}

#[test]
fn a_branch_that_may_not_sync() {
    let both = healthy();
    both.sandbox.write("gardener.toml", "[sync]\nbranches = [\"release/*\"]\n");
    let found = finding(&look(&both), "note", "head");
    assert!(found.found.contains("on main, which `sync.branches`"), "{found:?}");
}

#[test]
fn nobody_who_commits() {
    mended("identity", "fault", |b| {
        b.sandbox.write("../home/.gitconfig", "[user]\n\tuseConfigOnly = true\n");
    });
}

#[test]
fn no_remote_and_no_default_branch() {
    let both = healthy();
    both.sandbox.git(["remote", "remove", "origin"]);
    let checks = look(&both);
    let found = finding(&checks, "fault", "remote");
    assert!(!checks.iter().any(|check| check.name == "access"), "another's repository was asked for");
    assert_eq!(shell(&both, &found.fix.replace("OWNER/NAME", REPO)).code, 0);
    assert_eq!(ill(&look(&both)), Vec::<&str>::new());
    both.sandbox.git(["branch", "-m", "main", "trunk"]);
    finding(&look(&both), "note", "branch");
}

#[test]
fn a_clone_that_lacks_something() {
    let both = healthy();
    both.sandbox.write("docs/a.md", "text\n");
    both.sandbox.commit_all("docs");
    both.sandbox.git(["sparse-checkout", "set", "docs"]);
    let found = finding(&look(&both), "fault", "checkout");
    assert!(found.found.contains("leaves out 2 files of worklogs"), "{found:?}");
    assert_eq!(shell(&both, &found.fix).code, 0);
    assert_eq!(ill(&look(&both)), Vec::<&str>::new());
    both.sandbox.git(["sparse-checkout", "disable"]);
    let (from, there) = (format!("file://{}", both.sandbox.top().display()), both.sandbox.at("shallow"));
    both.sandbox.git(["clone", "-q", "--depth", "1", &from, "../shallow"]);
    let check = || read(&there.gardener(["doctor", "--offline", "--json"]).run());
    let found = finding(&check(), "note", "history");
    let words: Vec<_> = found.fix.split(' ').skip(1).collect();
    there.git(words);
    assert!(!check().iter().any(|check| check.name == "history"));
}

#[test]
fn repositories_of_other_kinds() {
    let both = healthy();
    let look_in =
        |folder: &str| read(&both.sandbox.at(folder).gardener(["doctor", "--offline", "--json"]).run());
    both.sandbox.git(["clone", "-q", "--bare", ".", "../bare"]);
    let found = finding(&look_in("bare"), "fault", "repository");
    let words: Vec<_> = found.fix.split(' ').skip(1).collect();
    both.sandbox.at("bare").git(words);
    let there = look_in("with-a-work-tree");
    assert!(finding(&there, "ok", "repository").found.ends_with(", a linked work tree"), "{there:?}");
    both.sandbox.git(["init", "-q", "--object-format=sha256", "../sha256"]);
    assert!(finding(&look_in("sha256"), "fault", "repository").found.contains("SHA-256"));
    if both.sandbox.try_git(["init", "-q", "--ref-format=reftable", "../reftable"]).code == 0 {
        assert!(finding(&look_in("reftable"), "fault", "repository").found.contains("reftable"));
    }
    let from = both.sandbox.top().display().to_string();
    let words = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "inner"];
    both.sandbox.git(words);
    assert!(finding(&look_in("repo/inner"), "ok", "repository").found.contains("a submodule"));
}

#[test]
fn a_config_that_is_wrong_keeps_nothing_else_from_being_looked_at() {
    let both = healthy();
    both.sandbox.write("gardener.toml", "gardener = 1\n[sync]\ncrate-limit = 5\nlimit = 2\n");
    let checks = look(&both);
    let found: Vec<_> = checks.iter().filter(|check| check.name == "config").collect();
    assert_eq!(found.len(), 2, "{checks:#?}");
    assert!(found[0].found.starts_with("line 3 of gardener.toml: `crate-limit`"), "{found:?}");
    assert_eq!(found[0].fix, "did you mean `create-limit`?");
    finding(&checks, "ok", "protection");
    both.sandbox.write("gardener.toml", "gardener = \n");
    assert_eq!(finding(&look(&both), "fault", "config").name, "config");
    both.sandbox.remove("gardener.toml");
    assert_eq!(finding(&look(&both), "note", "config").fix, "gardener init");
}

#[test]
fn worklogs_with_findings() {
    let both = healthy();
    both.sandbox.write("worklogs/v.md", "---\ngardener: 1\nid: v\nentries:\n  - id: e\n---\n");
    let found = finding(&look(&both), "fault", "worklogs");
    assert_eq!(
        (found.fix.as_str(), found.found.as_str()),
        ("gardener check", "2 worklogs, 1 error, 0 warnings")
    );
    both.sandbox.remove("worklogs/v.md");
    both.sandbox.remove("worklogs/w.md");
    finding(&look(&both), "note", "worklogs");
}

#[test]
fn suites_that_are_not_trusted() {
    let suite = "[suites.unit]\ncommand = [\"true\"]\n";
    mended("suites", "note", |b| b.sandbox.write("gardener.toml", suite));
    let both = healthy();
    both.sandbox.write("gardener.toml", suite);
    assert_eq!(shell(&both, "gardener trust").code, 0);
    both.sandbox.write("gardener.toml", suite.replace("true", "false"));
    assert!(finding(&look(&both), "note", "suites").found.contains("changed since"));
    let list = "../home/.state/gardener/trust";
    both.sandbox.mode(list, 0o666);
    let found = finding(&look(&both), "fault", "suites");
    let command = found.fix.split(" after ").next().expect("a command");
    assert_eq!(shell(&both, command).code, 0);
    finding(&look(&both), "note", "suites");
}

#[test]
fn no_place_for_what_is_trusted() {
    let both = healthy();
    let nowhere = start(&both, &["--json"]).env("HOME", "").env("XDG_STATE_HOME", "").run();
    assert!(finding(&read(&nowhere), "fault", "home").fix.starts_with("export HOME="));
    let odd = start(&both, &["--json"]).env("XDG_STATE_HOME", "state").run();
    assert!(finding(&read(&odd), "note", "home").fix.starts_with("export XDG_STATE_HOME="));
}

#[test]
fn a_git_that_is_old_or_missing() {
    let both = healthy();
    let real = both.sandbox.program("sh", ["-c", "command -v git"]).output();
    let script = |version: &str| {
        format!("[ \"$1\" = version ] && {{ echo git version {version}; exit; }}\nexec {real} \"$@\"")
    };
    let path = format!("{}/bin:{}", both.sandbox.root().display(), std::env::var("PATH").expect("set"));
    for (version, standing) in [("1.8.3.1", "fault"), ("2.20.1", "note"), ("2.47.1.windows.2", "ok")] {
        both.sandbox.trick("git", &script(version));
        let checks = read(&start(&both, &["--json"]).env("PATH", &path).run());
        assert!(finding(&checks, standing, "git").found.starts_with(version), "{checks:?}");
    }
    let checks = read(&start(&both, &["--json"]).env("PATH", "/nonexistent").run());
    finding(&checks, "fault", "git");
    finding(&checks, "fault", "repository");
}

#[test]
fn a_journal_that_can_not_be_used_or_is_not_at_its_end() {
    let both = healthy();
    let path = ".git/gardener/journal";
    let whole = both.sandbox.read(path);
    both.sandbox.remove(path);
    both.sandbox.link("../../README.md", path);
    let found = finding(&look(&both), "fault", "journal");
    assert!(found.found.contains("symbolic link"), "{found:?}");
    assert_eq!(shell(&both, &found.fix).code, 0);
    finding(&look(&both), "ok", "journal");

    both.sandbox.write(path, format!("{whole}torn"));
    assert_eq!(finding(&look(&both), "note", "journal").fix, "gardener sync");
    both.sandbox.write(path, &whole);
    let mut store = FileStore::new(&both.sandbox.top().join(".git"), Disk::new(Steps::default()));
    let mut journal = Journal::open(&mut store).expect("opened");
    let at = Timestamp::from_second(0);
    let intent = Record::Intent { id: 99, repository: 1, keys: vec!["w/x".into()], comment_on: None, at };
    journal.append(vec![intent]).expect("written");
    assert!(finding(&look(&both), "note", "journal").found.starts_with("1 creations were begun"));

    let line = br#"{"record":"later","x":1}"#;
    let later = format!("{:08x} {}\n", crc32fast::hash(line), String::from_utf8_lossy(line));
    both.sandbox.write(path, later);
    assert!(finding(&look(&both), "fault", "journal").fix.contains("newer gardener"));
}

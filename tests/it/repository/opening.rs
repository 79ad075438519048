//! Opening: what is refused and how, linked worktrees, the lock, the home on GitHub.

use std::time::Duration;

use gardener::config::{self, Config};
use gardener::effect::Steps;
use gardener::repo::{Operation, Repo, RepoError, Standing, Worktree as _};

use crate::sandbox::Sandbox;

fn refusal(opened: Result<Repo, RepoError>) -> String {
    opened.expect_err("refused").to_string()
}

#[test]
fn what_is_no_repository_or_has_no_work_tree_is_refused() {
    let sandbox = Sandbox::new();
    let home = Repo::open(&sandbox.home(), Steps::default(), sandbox.processes(Steps::default()));
    assert!(matches!(&home, Err(RepoError::NotARepository(path)) if path.ends_with("home")), "{home:?}");
    sandbox.git(["init", "--quiet", "--bare", "../bare"]);
    assert!(matches!(sandbox.at("bare").try_open(), Err(RepoError::Bare)));
}

#[test]
fn formats_that_can_not_be_read_are_named() {
    let sandbox = Sandbox::new();
    sandbox.git(["init", "--quiet", "--ref-format=reftable", "../tables"]);
    let message = refusal(sandbox.at("tables").try_open());
    assert!(message.contains("reftable") && message.contains("extensions.refstorage"), "{message}");
    sandbox.git(["init", "--quiet", "--object-format=sha256", "../long"]);
    let message = refusal(sandbox.at("long").try_open());
    assert!(message.contains("SHA-256"), "{message}");
}

#[cfg(unix)]
#[test]
fn another_users_repository_is_not_trusted() {
    let sandbox = Sandbox::new();
    // Only root can give a folder away; elsewhere there is nothing to see.
    if std::os::unix::fs::chown(sandbox.top(), Some(12345), None).is_ok() {
        let opened = sandbox.try_open();
        assert!(matches!(opened, Err(RepoError::NotTrusted)), "{opened:?}");
    }
}

#[test]
fn a_repository_is_found_from_below_and_in_linked_worktrees() {
    let sandbox = Sandbox::new();
    sandbox.write("deep/er/a.txt", "a");
    sandbox.commit_all("start");
    sandbox.git(["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let below = sandbox.at("repo/deep/er").open();
    assert_eq!(below.top(), sandbox.top());
    let side = sandbox.at("side").open();
    assert_eq!(side.top(), sandbox.at("side").top());
    assert_eq!(side.common_dir(), below.common_dir());
    assert_eq!(side.branch().expect("read").as_deref(), Some("side"));
}

#[test]
fn a_submodule_and_a_worktree_of_a_bare_repository_are_repositories_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox.commit_all("start");
    sandbox.git(["clone", "--quiet", ".", "../part"]);
    sandbox.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../part", "part"]);
    let part = sandbox.at("repo/part").open();
    assert_eq!(part.top(), sandbox.top().join("part"));
    assert!(part.common_dir().ends_with(".git/modules/part"));
    sandbox.git(["clone", "--quiet", "--bare", ".", "../bare"]);
    sandbox.at("bare").git(["worktree", "add", "--quiet", "../side", "-b", "side"]);
    let side = sandbox.at("side");
    assert_eq!(side.open().top(), side.top());
    assert!(side.open().common_dir().ends_with("bare"));
    assert_eq!(side.worktree().standing().expect("read"), Standing::Branch("side".into()));
}

#[cfg(unix)]
#[test]
fn the_host_of_an_ssh_address_is_what_the_users_ssh_makes_of_it() {
    let sandbox = Sandbox::new();
    sandbox.git(["remote", "add", "origin", "git@work:acme/app.git"]);
    sandbox.trick("ssh", "[ \"$*\" = '-G -- work' ] && echo hostname ssh.github.com");
    let repo = sandbox.tricked();
    assert_eq!(repo.home(&Config::default(), None).expect("a home").host, "github.com");
    assert_eq!(repo.home(&Config::default(), Some("ghe.example")).expect("a home").host, "ghe.example");
}

#[test]
fn one_lock_is_shared_by_all_worktrees() {
    let sandbox = Sandbox::new();
    sandbox.commit_all("start");
    sandbox.git(["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let (here, there) = (sandbox.open(), sandbox.at("side").open());
    let held = here.lock(Duration::from_secs(5)).expect("locked");
    assert!(matches!(there.lock(Duration::from_millis(50)), Err(RepoError::Busy)));
    drop(held);
    // A process that another test starts in this instant has the lock's file until it runs.
    there.lock(Duration::from_secs(5)).expect("free again");
}

#[test]
fn a_sweep_removes_what_a_killed_run_left_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/deep/.gardener-tmp-abc", "half");
    sandbox.write("worklogs/a.md", "a");
    sandbox.write(".git/gardener/.gardener-tmp-index-1", "half");
    sandbox.write("elsewhere/.gardener-tmp-abc", "not ours");
    let repo = sandbox.open();
    repo.sweep("worklogs", &repo.lock(Duration::from_secs(5)).expect("locked")).expect("swept");
    assert_eq!(sandbox.names("worklogs/deep"), [""; 0]);
    assert_eq!(sandbox.names("worklogs"), ["a.md", "deep"]);
    assert_eq!(sandbox.names(".git/gardener"), ["lock"]);
    assert_eq!(sandbox.names("elsewhere"), [".gardener-tmp-abc"]);
}

#[test]
fn the_standing_names_what_is_under_way() {
    let sandbox = Sandbox::new();
    let standing = || sandbox.worktree().standing().expect("read");
    assert_eq!(standing(), Standing::Branch("main".into()), "a branch without a commit");
    sandbox.write("a.txt", "1\n");
    let first = sandbox.commit_all("one");
    sandbox.git(["switch", "--quiet", "-c", "topic/x"]);
    sandbox.write("a.txt", "2\n");
    let topic = sandbox.commit_all("two");
    assert_eq!(standing(), Standing::Branch("topic/x".into()));
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.write("a.txt", "3\n");
    sandbox.commit_all("three");

    let conflict = |words: &[&str], operation, end: &[&str]| {
        assert_ne!(sandbox.try_git(words).code, 0, "{words:?}");
        assert_eq!(standing(), Standing::Busy(operation), "{words:?}");
        sandbox.git(end);
        assert_eq!(standing(), Standing::Branch("main".into()), "{end:?}");
    };
    conflict(&["merge", "topic/x"], Operation::Merge, &["merge", "--abort"]);
    conflict(&["rebase", "topic/x"], Operation::Rebase, &["rebase", "--abort"]);
    conflict(&["rebase", "--apply", "topic/x"], Operation::Rebase, &["rebase", "--abort"]);
    conflict(&["cherry-pick", &topic], Operation::CherryPick, &["cherry-pick", "--abort"]);
    conflict(&["revert", &first], Operation::Revert, &["revert", "--abort"]);
    sandbox.git(["format-patch", "--quiet", "-1", &topic, "-o", ".git/patches"]);
    let patch = format!(".git/patches/{}", sandbox.names(".git/patches")[0]);
    conflict(&["am", &patch], Operation::ApplyMailbox, &["am", "--abort"]);

    sandbox.git(["bisect", "start"]);
    assert_eq!(standing(), Standing::Busy(Operation::Bisect));
    sandbox.git(["bisect", "reset"]);
    sandbox.git(["switch", "--quiet", "--detach"]);
    assert_eq!(standing(), Standing::Detached);
}

#[test]
fn a_pick_of_several_is_under_way_between_two_of_them() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "1\n");
    sandbox.commit_all("one");
    sandbox.git(["switch", "--quiet", "-c", "topic"]);
    for text in ["2\n", "3\n"] {
        sandbox.write("a.txt", text);
        sandbox.commit_all(text);
    }
    sandbox.git(["switch", "--quiet", "main"]);
    sandbox.write("a.txt", "0\n");
    sandbox.commit_all("zero");
    assert_ne!(sandbox.try_git(["cherry-pick", "main..topic"]).code, 0);
    sandbox.write("a.txt", "2\n");
    sandbox.commit_all("picked by hand");
    assert_eq!(sandbox.worktree().standing().expect("read"), Standing::Busy(Operation::CherryPick));
}

#[test]
fn a_linked_worktree_has_its_own_standing() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "1\n");
    sandbox.commit_all("one");
    sandbox.git(["worktree", "add", "--quiet", "-b", "side", "../side"]);
    sandbox.write("a.txt", "2\n");
    sandbox.commit_all("two");
    let side = sandbox.at("side");
    side.write("a.txt", "3\n");
    side.git(["commit", "--quiet", "-am", "three"]);
    assert_ne!(sandbox.try_git(["merge", "side"]).code, 0);
    assert_eq!(side.worktree().standing().expect("read"), Standing::Branch("side".into()));
    assert_eq!(sandbox.worktree().standing().expect("read"), Standing::Busy(Operation::Merge));
}

#[test]
fn the_home_comes_from_gits_own_config() {
    let sandbox = Sandbox::new();
    let home = |config: &Config| sandbox.open().home(config, None);
    let message = home(&Config::default()).expect_err("no remote").to_string();
    assert!(message.contains("this clone has no remote"), "{message}");
    sandbox.git(["remote", "add", "origin", "gh:me/app"]);
    sandbox.git(["config", "--global", "url.git@github.com:.insteadOf", "gh:"]);
    let origin = home(&Config::default()).expect("a home");
    assert_eq!((origin.host.as_str(), origin.slug.to_string()), ("github.com", "me/app".to_owned()));
    assert_eq!(origin.note, None);

    sandbox.git(["remote", "add", "upstream", "https://github.com/acme/app.git"]);
    let fork = home(&Config::default()).expect("a home");
    assert_eq!((fork.slug.to_string(), fork.remote.as_deref()), ("acme/app".to_owned(), Some("upstream")));
    assert!(fork.note.is_some_and(|note| note.contains("acme/app") && note.contains("me/app")));

    let named = config::parse("repository = \"me/other\"").expect("a config");
    let named = home(&named).expect("a home");
    assert_eq!((named.slug.to_string(), named.note), ("me/other".to_owned(), None));
}

#[test]
fn texts_are_read_from_the_work_tree_and_from_commits() {
    let sandbox = Sandbox::new();
    sandbox.write("gardener.toml", "worklogs = \"a\"\n");
    let first = sandbox.commit_all("one");
    sandbox.write("gardener.toml", "worklogs = \"b\"\n");
    let second = sandbox.commit_all("two");
    sandbox.git(["switch", "--quiet", "-c", "logs"]);
    sandbox.write("worklogs/a.md", "a");
    sandbox.write("worklogs/deep/b.md", "b");
    sandbox.write("worklogs/c.txt", "c");
    sandbox.commit_all("logs");
    sandbox.write("gardener.toml", "worklogs = \"c\"\n");
    let repo = sandbox.open();
    let text = |revision: &str| repo.text_at(revision, "gardener.toml").expect("read");
    assert_eq!(repo.text("gardener.toml").expect("read").as_deref(), Some("worklogs = \"c\"\n"));
    assert_eq!(repo.text("missing.toml").expect("read"), None);
    assert_eq!(text("main").as_deref(), Some("worklogs = \"b\"\n"));
    assert_eq!(text(&first).as_deref(), Some("worklogs = \"a\"\n"));
    assert_eq!(text("nowhere"), None);
    assert_eq!(repo.is_ancestor(&first, &second), Some(true));
    assert_eq!(repo.is_ancestor(&second, &first), Some(false));
    assert_eq!(repo.is_ancestor(&second, "nowhere"), None);
    let logs = repo.worklogs_at("logs", "worklogs").expect("read").expect("it is here");
    assert_eq!(Vec::from_iter(logs), ["worklogs/a.md", "worklogs/deep/b.md"]);
    assert_eq!(repo.worklogs_at("nowhere", "worklogs").expect("read"), None);
    assert_eq!(repo.worklogs_at("main", "worklogs").expect("read"), Some([].into()));
    let paths = repo.paths_between(&first, &second).expect("read").expect("both are here");
    assert_eq!(Vec::from_iter(paths), ["gardener.toml"]);
}

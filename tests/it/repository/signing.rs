//! Signing: the commit is signed as the user's own are, or not made at all.
#![cfg(unix)]

use gardener::repo::{Committed, RepoError, Staged, Worktree as _};

use crate::sandbox::Sandbox;

fn file(text: &str) -> Vec<Committed> {
    let (path, text) = ("worklogs/a.md".to_owned(), text.to_owned());
    vec![Committed { path, work: text.clone(), text, staged: Staged::No }]
}

#[test]
fn a_commit_is_signed_with_the_users_ssh_key() {
    let sandbox = Sandbox::new();
    let key = sandbox.home().join("key").display().to_string();
    let made = sandbox.program("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", &key]).run();
    if made.code != 0 {
        return; // There is no ssh here.
    }
    let public = sandbox.read("../home/key.pub");
    sandbox.write("../home/signers", format!("ada@example.org {public}"));
    sandbox.config("gpg.format", "ssh");
    sandbox.config("user.signingKey", &key);
    sandbox.config("commit.gpgSign", "true");
    sandbox.config("gpg.ssh.allowedSignersFile", "../home/signers");
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.write("worklogs/a.md", "2\n");
    let made = sandbox.worktree().commit(&file("2\n"), "signed\n").expect("committed").expect("a commit");
    let checked = sandbox.try_git(["verify-commit", &made.id]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.err.contains("Good \"git\" signature for ada@example.org"), "{}", checked.err);
}

#[test]
fn a_commit_is_signed_with_the_users_gpg_key() {
    let sandbox = Sandbox::new();
    let keys = sandbox.home().join(".gnupg");
    sandbox.write("../home/.gnupg/gpg.conf", "batch\nno-tty\n");
    sandbox.mode(&keys.to_string_lossy(), 0o700);
    if sandbox.program("sh", ["-c", "command -v gpg"]).run().code != 0 {
        return; // There is no gpg here.
    }
    let who = "Ada Tester <ada@example.org>";
    let words =
        ["--quiet", "--batch", "--passphrase", "", "--quick-gen-key", who, "ed25519", "sign", "never"];
    let made = sandbox.program("gpg", words).run();
    assert_eq!(made.code, 0, "{}", made.err);
    sandbox.config("commit.gpgSign", "true");
    sandbox.config("user.signingKey", "ada@example.org");
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.git(["add", "--all"]);
    sandbox.git(["commit", "--quiet", "--no-gpg-sign", "-m", "start"]);
    sandbox.write("worklogs/a.md", "2\n");
    let made = sandbox.worktree().commit(&file("2\n"), "signed\n");
    let checked =
        made.as_ref().ok().and_then(Option::as_ref).map(|m| sandbox.try_git(["verify-commit", &m.id]));
    sandbox.program("gpgconf", ["--kill", "gpg-agent"]).run();
    let checked = checked.unwrap_or_else(|| panic!("no commit: {made:?}"));
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.err.contains("Good signature from \"Ada Tester <ada@example.org>\""), "{}", checked.err);
}

#[test]
fn without_a_signature_there_is_no_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.config("commit.gpgSign", "true");
    sandbox.config("gpg.program", "false");
    sandbox.write("worklogs/a.md", "2\n");
    let before = (sandbox.snapshot(), sandbox.head());
    let refused = sandbox.worktree().commit(&file("2\n"), "unsigned\n");
    let message = refused.expect_err("refused").to_string();
    assert!(message.contains("git commit") && message.contains("sign"), "{message}");
    crate::matrix::fired("no commit: no signature");
    assert_eq!((sandbox.snapshot(), sandbox.head()), before);
    assert_eq!(sandbox.names(".git/gardener"), [""; 0]);
}

#[test]
fn without_an_identity_there_is_no_commit() {
    let sandbox = Sandbox::new();
    sandbox.write("worklogs/a.md", "1\n");
    sandbox.commit_all("start");
    sandbox.git(["config", "--global", "--remove-section", "user"]);
    sandbox.config("user.useConfigOnly", "true");
    let head = sandbox.head();
    let refused = sandbox.worktree().commit(&file("2\n"), "by nobody\n");
    assert!(
        matches!(&refused, Err(RepoError::Git { command, .. }) if command == "git commit"),
        "{refused:?}"
    );
    assert!(refused.expect_err("refused").to_string().contains("tell me who you are"));
    assert_eq!(sandbox.head(), head);
}

//! What a suite sees of this program's environment, by the names of the variables.
//!
//! Pure. Nothing of git's own comes through: in a hook git says by variables which repository and
//! index it means, and every git that a test starts would take them for its own. Nothing that
//! holds a credential comes through: by its name (`NPM_TOKEN`, `DB_PASSWORD`, whatever the value),
//! or by its value, which is an address with a password in it or has the published shape of a
//! token, a key or the like (`ghp_…`, `AKIA…`), whatever it is called. A suite that needs one lists it under
//! `pass`, and so is trusted with it; what it sets itself is its own affair.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};

use crate::redact;
use crate::runner::Job;

/// An environment, by name.
pub type Variables = BTreeMap<OsString, OsString>;

/// The environment of a job.
pub fn of(job: &Job, inherited: &Variables) -> Variables {
    let kept: BTreeSet<OsString> = kept(inherited, &job.pass).into_iter().map(Into::into).collect();
    let passing = inherited.iter().filter(|(name, _)| !kept.contains(*name) && name.to_str().is_some());
    let set = job.environment.iter().map(|(name, value)| (name.into(), value.into()));
    passing.map(|(name, value)| (name.clone(), value.clone())).chain(set).collect()
}

/// The names of those that are kept from a job that may see the ones in `pass`, in order. Names
/// that are no text are kept as well, and not listed.
pub fn kept(inherited: &Variables, pass: &[String]) -> Vec<String> {
    let text = |name: &OsStr| name.to_str().map(str::to_owned);
    let is_kept = |name: &str, value: &OsStr| {
        !pass.iter().any(|p| p == name)
            && (is_of_git(name)
                || redact::is_secret_name(name)
                || redact::is_address_with_password(value)
                || redact::holds_a_secret(value))
    };
    let names = inherited.iter().filter_map(|(name, value)| Some((text(name)?, value)));
    names.filter(|(name, value)| is_kept(name, value)).map(|(name, _)| name).collect()
}

fn is_of_git(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("GIT_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::time::Duration;

    #[test]
    fn credentials_and_what_is_gits_stay_here_unless_they_are_listed() {
        // In parts, so that no scanner takes this file for a leak.
        let token = ["gh", "p_", "a8Kq02mZ31Lk94XcV7bN", "5tYu6RpQ1wEd3SfG"].concat();
        let header = format!("Authorization: Bearer {token}");
        let inherited: Variables = [
            ("DEPLOY", token.as_str()),
            ("EXTRA_HEADER", header.as_str()),
            ("PASSED", token.as_str()),
            ("PATH", "/usr/bin"),
            ("HOME", "/home/ada"),
            ("PWD", "/home/ada/app"),
            ("SSH_AUTH_SOCK", "/tmp/agent"),
            ("GIT_DIR", "/home/ada/app/.git"),
            ("GIT_INDEX_FILE", ".git/index"),
            ("GITHUB_TOKEN", "short"),
            ("GITHUB_SHA", "c0ffee"),
            ("NPM_TOKEN", ""),
            ("DB_PASSWORD", "postgres"),
            ("DATABASE_URL", "postgres://app:pw@db/x"),
            ("REDIS_URL", "redis://db/x"),
            ("RUST_BACKTRACE", "0"),
            ("LS_COLORS", "rs=0:di=01;34:ln=01;36:*.tar=01;31:"),
            ("RUSTFLAGS", "-C target-cpu=native --cfg=token_bucket"),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
        let job = Job {
            name: "unit".to_owned(),
            command: vec!["true".into()],
            folder: PathBuf::from("/"),
            environment: [("RUST_BACKTRACE", "1"), ("API_KEY", "of a test")]
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .into(),
            pass: vec!["DATABASE_URL".to_owned(), "PASSED".to_owned()],
            timeout: Duration::from_secs(1),
            results: None,
            top: PathBuf::from("/"),
        };
        let seen = of(&job, &inherited);
        let names: Vec<&str> = seen.keys().filter_map(|name| name.to_str()).collect();
        assert_eq!(
            names,
            [
                "API_KEY",
                "DATABASE_URL",
                "GITHUB_SHA",
                "HOME",
                "LS_COLORS",
                "PASSED",
                "PATH",
                "PWD",
                "REDIS_URL",
                "RUSTFLAGS",
                "RUST_BACKTRACE",
                "SSH_AUTH_SOCK"
            ]
        );
        assert_eq!(seen[OsStr::new("RUST_BACKTRACE")], "1");
        let kept = kept(&inherited, &job.pass);
        assert_eq!(
            kept,
            [
                "DB_PASSWORD",
                "DEPLOY",
                "EXTRA_HEADER",
                "GITHUB_TOKEN",
                "GIT_DIR",
                "GIT_INDEX_FILE",
                "NPM_TOKEN"
            ]
        );
    }
}

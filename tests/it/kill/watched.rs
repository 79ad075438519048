//! Every effect is announced: what independent observers saw of a sync is held against the
//! list that the sync made itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::both::{Both, REPO};
use crate::kill::scene::{copy, scene};

/// A run and what was announced in it, with temporary names made equal.
fn announced(both: &Both, program: &str, arguments: &[&str]) -> Vec<String> {
    let list = both.sandbox.root().join("effects");
    let start = both.sandbox.program(program, arguments);
    let start = start.env("GITHUB_API_URL", both.server.url()).env("GH_TOKEN", crate::both::SECRET);
    let synced = both.run_in(start.env("GARDENER_TEST_EFFECTS", &list));
    assert_eq!(synced.answer.code, 0, "{}{}", synced.answer.out, synced.answer.err);
    fs::read_to_string(list).expect("a list").lines().map(str::to_owned).collect()
}

fn count(effects: &[String], start: &str) -> usize {
    effects.iter().filter(|e| e.starts_with(start)).count()
}

#[test]
fn what_github_git_and_the_disk_saw_was_announced() {
    let both = copy(&scene());
    let (before, commits) = (listing(both.sandbox.top()), both.commits());
    let effects = announced(&both, env!("CARGO_BIN_EXE_gardener"), &["sync"]);

    let sent: Vec<_> = effects.iter().filter_map(|e| e.strip_prefix("http ").map(str::to_owned)).collect();
    let arrived: Vec<_> = both.server.writes().iter().map(|l| format!("{} {}", l.method, l.target)).collect();
    assert_eq!(sent, arrived);
    assert!(sent.iter().any(|s| *s == format!("POST /repos/{REPO}/issues")), "{sent:?}");
    assert_eq!(both.commits() - commits, count(&effects, "run git commit"));

    // Whatever is new, gone or different on disk has an effect that explains it.
    let after = listing(both.sandbox.top());
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed: Vec<_> = paths.into_iter().filter(|p| before.get(*p) != after.get(*p)).collect();
    let has = |effect: &str| effects.iter().any(|e| e == effect);
    let git = count(&effects, "run git ") > 0;
    let unexplained: Vec<_> = changed
        .iter()
        .filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let ours = has(&format!("rename onto {name}")) || has(&format!("append to {name}"));
            let gits = path.starts_with(".git/") && !path.contains("/gardener/");
            !(ours || (git && gits))
        })
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:?}\nannounced: {effects:#?}");
    for path in [".git/gardener/journal", "worklogs/earlier.md", "worklogs/later.md"] {
        assert!(changed.iter().any(|c| *c == path), "{path} was to change");
    }
}

/// Path to what tells one version of a file from another.
fn listing(top: &Path) -> BTreeMap<String, (u64, u64, i64, i64)> {
    fn walk(top: &Path, folder: &Path, found: &mut BTreeMap<String, (u64, u64, i64, i64)>) {
        for item in fs::read_dir(folder).expect("listed") {
            let path = item.expect("listed").path();
            let facts = fs::symlink_metadata(&path).expect("there");
            if facts.is_dir() {
                walk(top, &path, found);
            } else {
                let name = path.strip_prefix(top).expect("below").to_string_lossy().into_owned();
                found.insert(name, (facts.ino(), facts.size(), facts.ctime(), facts.ctime_nsec()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(top, top, &mut found);
    found
}

/// Whether `strace` can be used. Where it cannot, a developer's machine is let off, and told so;
/// where `GARDENER_CI` is set, that is a failure: a proof nobody runs proves nothing.
fn has_strace() -> bool {
    let probe = std::process::Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    let usable = probe.as_ref().is_ok_and(|s| s.success());
    let demanded = std::env::var_os("GARDENER_CI").is_some_and(|v| !v.is_empty());
    assert!(usable || !demanded, "GARDENER_CI is set and strace cannot be used: {probe:?}");
    if !usable {
        println!("skipped: no usable strace here ({probe:?})");
    }
    usable
}

/// One thread's or process's calls, as strace wrote them.
struct Traced {
    lines: Vec<String>,
    /// Whether it is another program that gardener started.
    is_foreign: bool,
}

/// The kernel's own view, where `strace` is there to give it.
#[test]
fn every_system_call_that_changes_something_was_announced() {
    let both = copy(&scene());
    let prefix = both.sandbox.root().join("trace/t");
    fs::create_dir_all(prefix.parent().expect("a folder")).expect("made");
    if !has_strace() {
        return;
    }
    let calls = "trace=execve,openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,\
                 symlink,symlinkat,truncate,ftruncate,chmod,fchmod,fchmodat,rmdir,copy_file_range,sendfile,\
                 fsync,fdatasync,connect,clone,clone3,fork,vfork,sendto,sendmsg,write,writev";
    let prefix = prefix.to_string_lossy().into_owned();
    let gardener = env!("CARGO_BIN_EXE_gardener");
    let effects =
        announced(&both, "strace", &["-ff", "-y", "-s", "300", "-o", &prefix, "-e", calls, gardener, "sync"]);
    let traced = read_traces(Path::new(&prefix));
    let own: Vec<&String> = traced.values().filter(|t| !t.is_foreign).flat_map(|t| &t.lines).collect();
    let root = both.sandbox.root().to_string_lossy().into_owned();

    // Files: each kind of call as often as it was announced.
    let done =
        |line: &&&String, name: &str| line.starts_with(&format!("{name}(")) && !line.contains(" = -1 ");
    let touching = |names: &[&str]| -> Vec<&&String> {
        own.iter().filter(|l| names.iter().any(|n| done(l, n)) && l.contains(&root)).collect()
    };
    let only_synced = opened_to_be_synced(traced.values().filter(|t| !t.is_foreign));
    let opened: Vec<_> = touching(&["openat", "open", "creat"])
        .into_iter()
        .filter(|l| ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| l.contains(flag)))
        .filter(|l| !l.contains("/effects\"") && !l.contains("/gardener/lock\""))
        .filter(|l| !only_synced.contains(&l.as_str()))
        .collect();
    let of = |part: &str| opened.iter().filter(|l| l.contains(part)).count();
    let index = of("/.gardener-tmp-index-");
    assert_eq!(of("/.gardener-tmp-") - index, count(&effects, "write a temporary file"), "{opened:#?}");
    assert_eq!(index, count(&effects, "copy index"), "{opened:#?}");
    assert_eq!(of("/gardener/journal\""), count(&effects, "append to journal"), "{opened:#?}");
    assert_eq!(of("/gardener/issues.jsonl\""), count(&effects, "append to issues.jsonl"), "{opened:#?}");
    let appended = of("/gardener/journal\"") + of("/gardener/issues.jsonl\"");
    assert_eq!(opened.len(), of("/.gardener-tmp-") + appended, "{opened:#?}");
    let renamed = touching(&["rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"]);
    assert_eq!(renamed.len(), count(&effects, "rename onto") + count(&effects, "create "), "{renamed:#?}");
    let removed = touching(&["unlink", "unlinkat", "rmdir"]);
    assert_eq!(removed.len(), count(&effects, "remove "), "{removed:#?}");
    let folders = touching(&["mkdir", "mkdirat"]);
    assert_eq!(folders.len(), count(&effects, "make the folder"), "{folders:#?}");

    // Programs: git, each call that may write announced; all others known to read.
    let asked: Vec<String> = traced.values().filter(|t| t.is_foreign).filter_map(started_by_us).collect();
    let mut told: Vec<_> = effects.iter().filter_map(|e| e.strip_prefix("run ").map(str::to_owned)).collect();
    let reading = [
        "git ls-files",
        "git config --list",
        "git check-attr",
        "git cat-file",
        "git hash-object --stdin-paths",
    ];
    for call in &asked {
        let place = told.iter().position(|t| call.starts_with(t.as_str()));
        match place {
            Some(place) => drop(told.remove(place)),
            None => assert!(
                reading.iter().any(|r| call.replace("--literal-pathspecs ", "").starts_with(r)),
                "not announced: {call}"
            ),
        }
    }
    assert!(told.is_empty(), "announced and not done: {told:?}");

    // The network: nobody but the stand-in was called.
    let port = format!("sin_port=htons({})", both.server.port());
    let called: Vec<_> = own.iter().filter(|l| l.starts_with("connect(") && !l.contains(&port)).collect();
    assert!(called.iter().all(|l| !l.contains("AF_INET")), "{called:#?}");
    println!(
        "{} effects announced, {} programs and {} files opened for writing seen",
        effects.len(),
        asked.len(),
        opened.len()
    );
}

/// What is appended to the journal is on the disk before the request that it announces.
#[test]
fn the_journal_is_synced_before_the_request_that_it_announces() {
    /// What is never worth waiting for, as a rename names it.
    const SPARE: [&str; 3] = ["/gardener/looked\"", "/gardener/cache.json\"", "/gardener/answers.json\""];

    let both = copy(&scene());
    let prefix = both.sandbox.root().join("trace/t");
    fs::create_dir_all(prefix.parent().expect("a folder")).expect("made");
    if !has_strace() {
        return;
    }
    let prefix = prefix.to_string_lossy().into_owned();
    let calls = "trace=execve,write,writev,sendto,sendmsg,fsync,fdatasync,rename,clone,clone3,fork,vfork";
    announced(
        &both,
        "strace",
        &["-ff", "-y", "-s", "4000", "-o", &prefix, "-e", calls, env!("CARGO_BIN_EXE_gardener"), "sync"],
    );
    let traced = read_traces(Path::new(&prefix));
    let main = traced
        .values()
        .find(|t| t.lines.iter().any(|l| l.contains("gardener/journal>")))
        .expect("the main thread");
    let mut dirty: Option<String> = None;
    let (mut posts, mut syncs) = (0, 0);
    for line in &main.lines {
        // By the file that is written, not by what is written about it.
        let file = line.split('>').next().unwrap_or_default();
        let is_journal = file.ends_with("/gardener/journal") || file.contains("/.gardener-tmp-");
        if line.starts_with("write(") && is_journal {
            dirty = Some(line.clone());
        } else if (line.starts_with("fsync(") || line.starts_with("fdatasync(")) && is_journal {
            dirty = None;
            syncs += 1;
        } else if line.starts_with("rename") && SPARE.iter().any(|name| line.contains(name)) {
            // Made again from nothing where it is torn: nobody waits for it.
            dirty = None;
        } else if line.contains("\"POST /repos/")
            || line.contains("\"PATCH /repos/")
            || line.starts_with("rename")
        {
            assert_eq!(dirty, None, "sent before it was on the disk: {line}");
            posts += 1;
        }
    }
    assert!(posts > 3 && syncs > 3, "{posts} requests and {syncs} syncs seen");
}

/// Openings whose very next call is `fsync`: a file is synced through a handle of its own, and
/// nothing is written through that one.
fn opened_to_be_synced<'t>(traced: impl Iterator<Item = &'t Traced>) -> Vec<&'t str> {
    let pairs = traced.flat_map(|t| t.lines.windows(2));
    let only_synced = pairs.filter(|pair| {
        let opened = pair[0].starts_with("openat(").then(|| pair[0].rsplit(" = ").next()).flatten();
        let synced = pair[1].strip_prefix("fsync(").or_else(|| pair[1].strip_prefix("fdatasync("));
        let is_same =
            |fd: &str| synced.is_some_and(|s| s.strip_prefix(fd).is_some_and(|s| s.starts_with(')')));
        opened.is_some_and(is_same) && !pair[0].contains("O_CREAT") && !pair[0].contains("O_TRUNC")
    });
    only_synced.map(|pair| pair[0].as_str()).collect()
}

fn read_traces(prefix: &Path) -> BTreeMap<u64, Traced> {
    let folder = prefix.parent().expect("a folder");
    let mut traced = BTreeMap::new();
    for item in fs::read_dir(folder).expect("listed") {
        let path = item.expect("listed").path();
        let pid = path.extension().and_then(|e| e.to_str()).and_then(|e| e.parse().ok()).expect("t.PID");
        let text = String::from_utf8_lossy(&fs::read(&path).expect("read")).into_owned();
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        traced.insert(pid, Traced { lines, is_foreign: false });
    }
    let first = *traced.keys().next().expect("one process");
    // A child that became another program is foreign, and so is all that it starts.
    let mut foreign: Vec<u64> = traced
        .iter()
        .filter(|(pid, t)| **pid != first && t.lines.iter().any(|l| l.starts_with("execve(")))
        .map(|(p, _)| *p)
        .collect();
    while let Some(pid) = foreign.pop() {
        let Some(t) = traced.get_mut(&pid).filter(|t| !t.is_foreign) else { continue };
        t.is_foreign = true;
        for line in &t.lines {
            if ["clone(", "clone3(", "fork(", "vfork("].iter().any(|c| line.starts_with(c)) {
                foreign.extend(line.rsplit(" = ").next().and_then(|n| n.trim().parse::<u64>().ok()));
            }
        }
    }
    traced
}

/// `git hash-object -w …` of a process that gardener itself started.
fn started_by_us(traced: &Traced) -> Option<String> {
    let line = traced.lines.iter().find(|l| l.starts_with("execve(") && l.ends_with(" = 0"))?;
    let words = line.split_once('[')?.1.split_once(']')?.0;
    let words: Vec<_> = words.split(", ").map(|w| w.trim_matches('"')).collect();
    // What git starts itself has its folder of helpers in the path.
    let is_helper = line.contains("/git-core/") || words.first().is_some_and(|w| *w != "git");
    (!is_helper).then(|| words.join(" "))
}

//! Nothing in the source acts on the world but through `effect`: what goes around it is
//! not announced, and no run was ever killed before it.

use std::fs;
use std::path::{Path, PathBuf};

/// Words that act on files, processes or the network.
const ACTS: [&str; 19] = [
    "std::fs",
    "fs::",
    "File::",
    "OpenOptions",
    "tempfile",
    "temp_dir",
    "memmap",
    "rustix",
    "libc::",
    "nix::",
    "std::os::unix::fs",
    "std::os::unix::net",
    "Command::new",
    "process::Command",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "set_current_dir",
];

/// Words that connect to a server, for one file only.
const CONNECTS: [&str; 4] = ["octocrab::", "hyper_util::client", "hyper_rustls", "reqwest"];

/// Methods of git2 that write.
const GIT_WRITES: [&str; 60] = [
    "add_all",
    "add_frombuffer",
    "add_path",
    "amend",
    "apply",
    "blob",
    "blob_path",
    "blob_writer",
    "branch",
    "branch_rename",
    "checkout_head",
    "checkout_index",
    "checkout_tree",
    "cherrypick",
    "cleanup_state",
    "commit",
    "commit_create_buffer",
    "commit_signed",
    "find_remote_mut",
    "index",
    "mempack",
    "merge",
    "note",
    "note_delete",
    "odb",
    "packbuilder",
    "rebase",
    "reference",
    "reference_matching",
    "reference_symbolic",
    "reference_symbolic_matching",
    "remote",
    "remote_add_fetch",
    "remote_add_push",
    "remote_delete",
    "remote_rename",
    "remote_set_url",
    "remove_all",
    "remove_path",
    "reset",
    "reset_default",
    "revert",
    "revert_commit",
    "set_bool",
    "set_head",
    "set_head_detached",
    "set_i32",
    "set_index",
    "set_multivar",
    "set_namespace",
    "set_str",
    "set_target",
    "set_workdir",
    "stash_apply",
    "stash_pop",
    "stash_save",
    "submodule",
    "tag",
    "treebuilder",
    "update_all",
];

/// Methods that only git2's objects have in this code, wherever they are called.
const GIT_WRITES_ANYWHERE: [&str; 4] =
    [".write_tree(", ".write_tree_to(", ".tag_lightweight(", ".symbolic_set_target("];

#[test]
fn no_source_file_acts_around_the_announced_effects() {
    let mut found = Vec::new();
    for path in sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path()) {
        let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below").display().to_string();
        let is_test = shown.ends_with("tests.rs");
        if shown.starts_with("src/effect") || is_test {
            continue;
        }
        let text = fs::read_to_string(&path).expect("read");
        for (number, line) in without_tests(&text) {
            found.extend(
                acts(&shown, line)
                    .into_iter()
                    .map(|what| format!("{shown}:{number}: {what}: {}", line.trim())),
            );
        }
    }
    assert!(found.is_empty(), "an effect that no test can kill a run before:\n{}", found.join("\n"));
}

fn acts(path: &str, line: &str) -> Vec<&'static str> {
    let code = line.split("//").next().unwrap_or_default();
    let mut found: Vec<_> = ACTS.into_iter().filter(|word| has_word(code, word)).collect();
    if path != "src/forge/transport.rs" {
        found.extend(CONNECTS.into_iter().filter(|word| has_word(code, word)));
    }
    if path.starts_with("src/repo") {
        found.extend(GIT_WRITES.into_iter().filter(|name| code.contains(&format!("git2.{name}("))));
        found.extend(GIT_WRITES_ANYWHERE.into_iter().filter(|name| code.contains(name)));
    }
    // The transport sends whatever it is given; who announces is the sender.
    if path.starts_with("src/forge") && !["src/forge/send.rs", "src/forge/transport.rs"].contains(&path) {
        found.extend(["transport.send(", ".exchange("].into_iter().filter(|name| code.contains(name)));
    }
    found
}

/// Whether `word` stands there and is not the end of a longer one.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// The lines before the file's own tests, with their numbers.
fn without_tests(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(i, line)| (i + 1, line));
    numbered.take_while(|(_, line)| *line != "#[cfg(test)]")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).expect("listed") {
        let path = item.expect("listed").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_fence_sees_what_it_is_for() {
    for (path, line, seen) in [
        ("src/sync/settle.rs", "    std::fs::write(path, text)?;", true),
        ("src/cli/list.rs", "let file = File::create(path);", true),
        ("src/repo/commit.rs", "self.git2.commit(Some(\"HEAD\"), &a, &a, m, &tree, &[])", true),
        ("src/repo/commit.rs", "let id = self.git2.blob(bytes)?;", true),
        ("src/forge/read.rs", "self.sender.exchange(&call, timeout)", true),
        ("src/run/suite.rs", "std::process::Command::new(\"sh\")", true),
        ("src/repo/history.rs", "delta.old_file(); DiffFile::x; // std::fs is elsewhere", false),
        ("src/repo/commit.rs", "worktree.commit(&files, &message)", false),
        ("src/cli.rs", "use clap::{Parser, Subcommand};", false),
    ] {
        assert_eq!(!acts(path, line).is_empty(), seen, "{line}");
    }
}

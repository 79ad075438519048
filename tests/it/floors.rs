//! The house: imports point down, rooms on one floor do not know each other, the lower
//! floors touch nothing, and the architecture page names only what is there.
#![expect(clippy::disallowed_methods, reason = "it reads the sources")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors from below. A room may import rooms on lower floors only.
const FLOORS: [&[&str]; 7] = [
    &["model", "sabotage", "wording"],
    &[
        "block", "config", "likeness", "logs", "matching", "merge", "offer", "picture", "redact", "report",
        "rule", "worklog",
    ],
    &["chronicle", "driver", "editor", "legacy", "plan", "review", "schema"],
    &["effect"],
    &["forge", "journal", "repo", "runner"],
    &["import", "run", "sync"],
    &["cli"],
];

/// What the pure floors (0 to 2) never mention in code.
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::process",
    "std::env",
    "std::net",
    "std::thread",
    "git2::",
    "octocrab",
    "tokio",
    "Instant",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file, with the room it belongs to.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).expect("listed") {
            let path = item.expect("an item").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(root().join("src")).expect("inside");
                let room = inside.iter().next().expect("a name").to_string_lossy().replace(".rs", "");
                found.push((room, path.clone(), fs::read_to_string(&path).expect("read")));
            }
        }
    }
    found.sort();
    found
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Code without comments and without the tests at its foot.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|l| l.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names through `crate::`.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word = |t: &str| t.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            // `use crate::{effect, model::Label}`: the words that begin an item.
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                rooms.extend(list.split(',').map(|item| word(item.trim())));
            }
            None => rooms.push(word(rest)),
        }
    }
    rooms.retain(|r| !r.is_empty());
    rooms
}

#[test]
fn imports_point_down() {
    let mut edges: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    for (room, path, text) in sources() {
        if room == "main" || room == "lib" {
            continue;
        }
        assert!(
            floor(&room).is_some(),
            "{room} is on no floor; give it one in tests/it/floors.rs and ARCHITECTURE.md"
        );
        for import in imports(&code(&text)) {
            if import != room {
                edges.insert((room.clone(), import), path.clone());
            }
        }
    }
    for ((room, import), path) in &edges {
        let (from, to) = (floor(room), floor(import));
        assert!(to.is_some() && to < from, "{}: {room} must not import {import}", path.display());
    }
    assert!(edges.len() > 15, "the test reads the imports at all: {edges:?}");
}

#[test]
fn the_pure_floors_touch_nothing() {
    for (room, path, text) in sources() {
        if floor(&room).is_some_and(|f| f <= 2) {
            for word in IMPURE {
                assert!(!code(&text).contains(word), "{}: {word} in a pure room", path.display());
            }
        }
    }
}

#[test]
fn files_say_what_they_are_for_and_stay_readable() {
    for (_, path, text) in sources() {
        assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
        let lines = text.lines().count();
        assert!(lines <= 520, "{} has {lines} lines; split it", path.display());
    }
}

#[test]
fn the_architecture_page_names_only_what_is_there() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let names = page.split('`').skip(1).step_by(2);
    let is_path =
        |n: &&str| n.contains('/') && !n.contains([' ', '<', '*', '{', ':', '#', '(']) && !n.starts_with('/');
    let starts = ["src/", "tests/", "examples/", "templates/", ".ci/"];
    let paths: Vec<_> = names.filter(is_path).filter(|n| starts.iter().any(|s| n.starts_with(s))).collect();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}, which is not there");
    }
    for rooms in FLOORS {
        for room in rooms {
            assert!(page.contains(&format!("`{room}`")), "ARCHITECTURE.md does not name the room {room}");
        }
    }
}

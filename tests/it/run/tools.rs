//! Real tools on small projects: pytest, `go test`, node's runner, cargo test and cargo-nextest. Where a
//! tool is absent the test says so; CI demands pytest and node.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "it looks for tools on this machine"
)]

use std::path::PathBuf;

use crate::run::Place;

/// The program of a tool, if it is here.
fn tool(name: &str, variable: &str, is_demanded: bool) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        named.or_else(|| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_file()));
    if found.is_none() {
        assert!(!is_demanded || std::env::var_os("GARDENER_CI").is_none(), "CI needs {name}");
        println!("{name} is absent: not tried with it");
    }
    found
}

/// Runs a suite of files in a repository and gives what was said and the worklog.
fn ran(files: &[(&str, &str)], suite: &str, environment: &[(&str, &str)], code: i32) -> (String, String) {
    let place = Place::with(files, &format!("[suites.it]\n{suite}\n"));
    let mut start = place.start(["run"]);
    for (name, value) in environment {
        start = start.env(name, value);
    }
    let answer = start.run();
    assert_eq!(answer.code, code, "{}{}", answer.out, answer.err);
    let text = if code == 0 { String::new() } else { place.worklog("") };
    (answer.out, text)
}

#[test]
fn pytest() {
    let Some(python) = tool("python3", "GARDENER_PYTHON", true) else { return };
    let python = python.display().to_string();
    let has = std::process::Command::new(&python).args(["-m", "pytest", "--version"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("GARDENER_CI").is_none(),
            "CI needs pytest: GARDENER_PYTHON names a python with it"
        );
        return println!("pytest is absent: not tried with it");
    }
    let files = [(
        "test_events.py",
        "import pytest\n\nREQUIRED = ['agent_id']\n\n\ndef check(event):\n    for field in REQUIRED:\n        \
         assert field in event, f'missing required field {field}'\n\n\n@pytest.fixture\ndef service():\n    \
         raise ConnectionError('nobody listens at 127.0.0.1:5999')\n\n\ndef test_fine():\n    check({'agent_id': 1})\n\n\n\
         def test_started():\n    check({})\n\n\ndef test_completed():\n    check({'x': 1})\n\n\n\
         def test_service(service):\n    pass\n\n\n@pytest.mark.skip\ndef test_later():\n    pass\n",
    )];
    let suite = format!(
        "command = [{python:?}, \"-m\", \"pytest\", \"-q\", \"-p\", \"no:cacheprovider\", \"--junitxml=out/junit.xml\"]\n\
         results = \"out/junit.xml\""
    );
    let (out, text) = ran(&files, &suite, &[], 1);
    assert!(out.contains("1 passed, 3 failed, 1 skipped"), "{out}");
    assert_eq!(text.matches("  - id: ").count(), 2, "{text}");
    assert!(text.contains("missing required field agent_id"), "{text}");
    assert!(
        text.contains("test_events.py::test_started") && text.contains("test_events.py::test_completed"),
        "{text}"
    );
    assert!(
        text.contains("nobody listens at 127.0.0.1:5999") && text.contains("files:\n      - test_events.py"),
        "{text}"
    );
    // A module that can't be imported is one problem, not as many as it has tests.
    let broken = [("test_events.py", "import nowhere_to_be_found\n\ndef test_a():\n    pass\n")];
    let (out, text) = ran(&broken, &suite, &[], 3);
    assert!(out.contains("error"), "{out}");
    assert!(text.contains("nowhere_to_be_found") && text.matches("  - id: ").count() == 1, "{text}");
}

#[test]
fn node() {
    let Some(node) = tool("node", "GARDENER_NODE", true) else { return };
    let files = [(
        "a.test.js",
        "const test = require('node:test');\nconst assert = require('node:assert');\n\
         function load() { return undefined; }\n\
         test('adds', () => assert.strictEqual(1 + 1, 2));\n\
         test('reads the first user', () => load().name);\n\
         test('reads the second user', () => load().name);\n\
         test('says hello', () => assert.strictEqual('hello', 'hallo'));\n",
    )];
    let suite = format!(
        "command = [{:?}, \"--test\", \"--test-reporter=tap\"]\nformat = \"tap\"",
        node.display().to_string()
    );
    let (out, text) = ran(&files, &suite, &[], 1);
    assert!(out.contains("1 passed, 3 failed"), "{out}");
    assert!(text.contains("Cannot read properties of undefined"), "{text}");
    assert_eq!(text.matches("  - id: ").count(), 2, "{text}");
    let junit = format!(
        "command = [{:?}, \"--test\", \"--test-reporter=junit\", \"--test-reporter-destination=out.xml\"]\nresults = \"out.xml\"",
        node.display().to_string()
    );
    let (out, text) = ran(&files, &junit, &[], 1);
    assert!(out.contains("1 passed, 3 failed"), "{out}");
    assert_eq!(text.matches("  - id: ").count(), 2, "{text}");
}

const LIB: &str = "mod price;\n\npub fn first(list: &[u32]) -> u32 {\n    list.first().copied().expect(\"the list has a first one\")\n}\n\
    #[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn fine() { assert_eq!(first(&[1]), 1); }\n    \
    #[test]\n    fn empty() { first(&[]); }\n    #[test]\n    fn also_empty() { first(&Vec::new()); }\n}\n";
const PRICE: &str = "pub fn with_tax(net: u32) -> u32 {\n    net + net / 10\n}\n\
    #[cfg(test)]\nmod tests {\n    #[test]\n    fn a_price_has_its_tax() { assert_eq!(super::with_tax(100), 119); }\n}\n";

/// cargo needs its own home, which the sandbox hides.
fn cargo_home() -> Vec<(&'static str, String)> {
    let home = std::env::var("HOME").unwrap_or_default();
    let from = |name: &str, folder: &str| std::env::var(name).unwrap_or_else(|_| format!("{home}/{folder}"));
    vec![("CARGO_HOME", from("CARGO_HOME", ".cargo")), ("RUSTUP_HOME", from("RUSTUP_HOME", ".rustup"))]
}

fn rust(command: &str) {
    let homes = cargo_home();
    let homes: Vec<_> = homes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let manifest = "[package]\nname = \"fixture\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n";
    let files = [
        ("Cargo.toml", manifest),
        ("src/lib.rs", LIB),
        ("src/price.rs", PRICE),
        (".gitignore", "target\nCargo.lock\n"),
    ];
    let suite = format!("command = [{command}]\nformat = \"libtest\"\ntimeout = \"5m\"");
    let (out, text) = ran(&files, &suite, &homes, 1);
    assert!(out.contains("1 passed, 3 failed"), "{out}");
    assert_eq!(text.matches("  - id: ").count(), 2, "{text}");
    assert!(text.contains("the list has a first one") && text.contains("tests::also_empty"), "{text}");
    // What can't be built is one problem.
    let broken = [
        ("Cargo.toml", manifest),
        ("src/lib.rs", "fn f() -> u32 { missing }\n"),
        (".gitignore", "target\nCargo.lock\n"),
    ];
    let (out, text) = ran(&broken, &suite, &homes, 3);
    assert!(out.contains("error"), "{out}");
    assert!(text.contains("cannot find value `missing`"), "{text}");
}

#[test]
fn cargo_test() {
    rust("\"cargo\", \"test\", \"--offline\", \"--no-fail-fast\"");
}

#[test]
fn cargo_nextest() {
    if tool("cargo-nextest", "GARDENER_NEXTEST", false).is_some() {
        rust("\"cargo\", \"nextest\", \"run\", \"--offline\", \"--no-fail-fast\"");
    }
}

#[test]
fn go() {
    let Some(go) = tool("go", "GARDENER_GO", false) else { return };
    let files = [
        ("go.mod", "module example.org/fixture\n\ngo 1.18\n"),
        (
            "a_test.go",
            "package fixture\n\nimport \"testing\"\n\nfunc load(name string) map[string]int { return nil }\n\n\
             func TestFine(t *testing.T) {}\n\nfunc TestFirst(t *testing.T) { check(t, \"a\") }\n\n\
             func TestSecond(t *testing.T) { check(t, \"b\") }\n\n\
             func check(t *testing.T, name string) {\n\tt.Helper()\n\tload(name)[name] = 1\n}\n",
        ),
    ];
    let suite = format!(
        "command = [{:?}, \"test\", \"-json\", \"./...\"]\nformat = \"go-json\"\ntimeout = \"5m\"",
        go.display().to_string()
    );
    let cache = std::env::temp_dir().join("gardener-go-cache");
    let cache = cache.display().to_string();
    let environment = [("GOCACHE", cache.as_str()), ("GOFLAGS", "-mod=mod"), ("GOTOOLCHAIN", "local")];
    let (out, text) = ran(&files, &suite, &environment, 1);
    assert!(text.contains("assignment to entry in nil map") && text.contains("TestFirst"), "{out}\n{text}");
}

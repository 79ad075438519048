//! Suites that a repository's files speak of, for `gardener init` to propose.
//!
//! A proposal is what somebody of that language would type, with the results that the tool can give
//! without anything being installed for it. It runs only after it was trusted, like any other suite.

use std::collections::{BTreeMap, BTreeSet};

/// A suite as it could stand in `gardener.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its name.
    pub name: String,
    /// The lines of its table, without the heading.
    pub lines: Vec<String>,
    /// What spoke of it.
    pub because: String,
}

/// The folder for results of tools that write them wherever they are told to. Nothing in it is
/// committed.
pub const RESULTS: &str = ".gardener/results";

/// The most proposals: a repository of many packages is for its people to sort out.
const MOST: usize = 8;

/// Folders whose files are material and no project of their own.
const MATERIAL: [&str; 10] = [
    "examples",
    "fixtures",
    "node_modules",
    "target",
    "testdata",
    "test-data",
    "third_party",
    "tests",
    "test",
    "vendor",
];

/// The most tests whose text is read to see what they are written for.
const MOST_READ: usize = 50;

/// Where a Python project names what it needs.
const REQUIREMENTS: [&str; 8] = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "pyproject.toml",
    "setup.py",
    "Pipfile",
];

/// What is known of one folder.
struct Folder<'a> {
    /// From the top; empty is the top.
    path: &'a str,
    names: BTreeSet<&'a str>,
    all: &'a BTreeSet<String>,
    read: &'a dyn Fn(&str) -> Option<String>,
}

/// What the command, format and results of a suite are.
struct Suite {
    name: &'static str,
    command: Vec<&'static str>,
    format: Option<&'static str>,
    results: Option<&'static str>,
    because: &'static str,
}

/// Proposes suites for a repository with these files, whose text `read` gives: for its top, and where
/// that speaks of none, for the folders in it.
pub fn propose(files: &BTreeSet<String>, read: &dyn Fn(&str) -> Option<String>) -> Vec<Proposal> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::from([("", BTreeSet::new())]);
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        folders.entry(folder).or_default().insert(name);
    }
    let is_material =
        |path: &str| path.split('/').any(|part| MATERIAL.contains(&part) || part.starts_with('.'));
    let deep = |path: &str| path.split('/').count() > 2;
    let mut proposals: Vec<Proposal> = Vec::new();
    let mut done: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for (path, names) in &folders {
        if !path.is_empty() && (is_material(path) || deep(path)) {
            continue;
        }
        let folder = Folder { path, names: names.clone(), all: files, read };
        for suite in folder.suites() {
            // A workspace's top runs the tests of what is below it.
            let above = done.entry(suite.name).or_default();
            if above.iter().any(|above| above.is_empty() || path.starts_with(&format!("{above}/"))) {
                continue;
            }
            above.push(path);
            proposals.push(folder.proposal(&suite, &proposals));
        }
    }
    proposals.truncate(MOST);
    proposals
}

impl Folder<'_> {
    fn suites(&self) -> Vec<Suite> {
        [self.rust(), self.python(), self.go(), self.javascript(), self.java(), self.cmake(), self.bats()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn rust(&self) -> Option<Suite> {
        self.has("Cargo.toml").then_some(())?;
        let nextest = self.is_there(".config/nextest.toml");
        let command = match nextest {
            true => vec!["cargo", "nextest", "run", "--no-fail-fast"],
            false => vec!["cargo", "test", "--no-fail-fast"],
        };
        Some(Suite { name: "cargo", command, format: Some("libtest"), results: None, because: "Cargo.toml" })
    }

    fn python(&self) -> Option<Suite> {
        let says = |file: &str, words: &str| self.text(file).is_some_and(|text| text.contains(words));
        let because = if self.has("pytest.ini") {
            "pytest.ini"
        } else if says("pyproject.toml", "pytest") {
            "pyproject.toml"
        } else if says("setup.cfg", "[tool:pytest]") {
            "setup.cfg"
        } else if says("tox.ini", "pytest") {
            "tox.ini"
        } else if self.has("conftest.py") || self.any_below("tests/", |name| name == "conftest.py") {
            "conftest.py"
        } else if REQUIREMENTS.iter().any(|file| self.names_a_program(file, "pytest")) {
            "its requirements"
        } else if let Some(suite) = self.unittest() {
            return Some(suite);
        } else if self.any_below("tests/", |name| name.starts_with("test_") && name.ends_with(".py")) {
            "tests/test_*.py"
        } else {
            return None;
        };
        let command = vec!["python3", "-m", "pytest", "--junitxml={results}"];
        Some(Suite { name: "pytest", command, format: None, results: Some("{results}"), because })
    }

    /// Tests of Python's own library. Without a package that writes XML only the exit status tells.
    fn unittest(&self) -> Option<Suite> {
        let places = ["tests/test*.py", "test/test*.py", "test*.py"];
        let (because, arguments): (_, &[&str]) = places.into_iter().find_map(|because| {
            let folder = because.rsplit_once('/').map_or("", |(folder, _)| folder);
            let is_package = self.is_there(&format!("{folder}/__init__.py"));
            let arguments: &[&str] = match (folder, is_package) {
                ("", _) => &[],
                ("tests", true) => &["-s", "tests", "-t", "."],
                ("tests", false) => &["-s", "tests"],
                (_, true) => &["-s", "test", "-t", "."],
                (_, false) => &["-s", "test"],
            };
            self.uses_unittest(folder).then_some((because, arguments))
        })?;
        let writes_xml = REQUIREMENTS.iter().any(|file| {
            ["unittest-xml-reporting", "xmlrunner"].iter().any(|name| self.names_a_program(file, name))
        });
        let (module, end): (_, &[&str]) = match writes_xml {
            true => ("xmlrunner", &["--output-file", "{results}"]),
            false => ("unittest", &[]),
        };
        let command = [&["python3", "-m", module, "discover"], arguments, end].concat();
        Some(Suite {
            name: "unittest",
            command,
            format: (!writes_xml).then_some("exit-status"),
            results: writes_xml.then_some("{results}"),
            because,
        })
    }

    /// Whether tests right in a folder are written for Python's own library, and none for pytest.
    fn uses_unittest(&self, folder: &str) -> bool {
        let start = self.at(&if folder.is_empty() { String::new() } else { format!("{folder}/") });
        let here = self.all.range(start.clone()..).take_while(|path| path.starts_with(&start));
        let tests = here.filter(|path| is_python_test(&path[start.len()..]));
        let texts: Vec<String> = tests.take(MOST_READ).filter_map(|path| (self.read)(path)).collect();
        let imports = |text: &String, module: &str| {
            text.lines().any(|line| {
                let mut words = line.split_whitespace();
                matches!(words.next(), Some("import" | "from"))
                    && words.next().is_some_and(|word| word.split('.').next() == Some(module))
            })
        };
        texts.iter().any(|text| imports(text, "unittest"))
            && !texts.iter().any(|text| imports(text, "pytest"))
    }

    /// Whether a list of requirements names a program.
    fn names_a_program(&self, file: &str, name: &str) -> bool {
        self.text(file).is_some_and(|text| {
            text.lines().any(|line| line.trim_start_matches([' ', '"', '\'', '[']).starts_with(name))
        })
    }

    fn go(&self) -> Option<Suite> {
        self.has("go.mod").then_some(())?;
        let command = vec!["go", "test", "-json", "./..."];
        Some(Suite { name: "go", command, format: Some("go-json"), results: None, because: "go.mod" })
    }

    fn javascript(&self) -> Option<Suite> {
        let text = self.text("package.json")?;
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        let script = value["scripts"]["test"].as_str().unwrap_or_default();
        let uses = |name: &str| {
            ["dependencies", "devDependencies"].iter().any(|kind| value[kind].get(name).is_some())
        };
        let tap = |name: &'static str, command: Vec<&'static str>| Suite {
            name,
            command,
            format: Some("tap"),
            results: None,
            because: "package.json",
        };
        Some(if uses("vitest") {
            tap("vitest", vec!["npx", "vitest", "run", "--reporter=tap-flat"])
        } else if uses("jest") && uses("jest-junit") {
            let command = vec!["npx", "jest", "--ci", "--reporters=default", "--reporters=jest-junit"];
            Suite { name: "jest", command, format: None, results: Some("junit.xml"), because: "package.json" }
        } else if uses("mocha") {
            tap("mocha", vec!["npx", "mocha", "--reporter", "tap"])
        } else if script.contains("node --test") {
            tap("node", vec!["node", "--test", "--test-reporter=tap"])
        } else if script.is_empty() || script.contains("no test specified") {
            return None;
        } else {
            let command = vec!["npm", "test"];
            Suite {
                name: "npm",
                command,
                format: Some("exit-status"),
                results: None,
                because: "package.json",
            }
        })
    }

    fn java(&self) -> Option<Suite> {
        if self.has("pom.xml") {
            let command = vec!["mvn", "-B", "--fail-at-end", "test"];
            let results = Some("target/surefire-reports/TEST-*.xml");
            return Some(Suite { name: "maven", command, format: None, results, because: "pom.xml" });
        }
        let because = ["build.gradle.kts", "build.gradle"].into_iter().find(|name| self.has(name))?;
        let program = if self.has("gradlew") { "./gradlew" } else { "gradle" };
        let results = Some("build/test-results/test/TEST-*.xml");
        let command = vec![program, "test", "--continue"];
        Some(Suite { name: "gradle", command, format: None, results, because })
    }

    fn cmake(&self) -> Option<Suite> {
        let text = self.text("CMakeLists.txt")?;
        (text.contains("enable_testing") || text.contains("include(CTest)")).then_some(())?;
        // ctest puts a file without a folder into the folder of the build.
        let command = vec!["ctest", "--test-dir", "build", "--output-junit", "junit.xml"];
        let results = Some("build/junit.xml");
        Some(Suite { name: "ctest", command, format: None, results, because: "CMakeLists.txt" })
    }

    fn bats(&self) -> Option<Suite> {
        let folder = ["test", "tests"]
            .into_iter()
            .find(|folder| self.any_below(&format!("{folder}/"), |name| name.ends_with(".bats")))?;
        let command = vec!["bats", "--formatter", "tap", folder];
        Some(Suite { name: "bats", command, format: Some("tap"), results: None, because: "*.bats" })
    }

    fn proposal(&self, suite: &Suite, before: &[Proposal]) -> Proposal {
        let place = self.path.replace('/', "-");
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let mut name = suite.name.to_owned();
        if !place.is_empty() {
            name = format!("{name}-{}", place.chars().map(plain).take(40).collect::<String>());
        }
        let wish = name.clone();
        let mut number = 2;
        while before.iter().any(|other| other.name == name) {
            name = format!("{wish}-{number}");
            number += 1;
        }
        // From the folder in which it runs, up to the top.
        let up = "../".repeat(if self.path.is_empty() { 0 } else { self.path.split('/').count() });
        let results = format!("{RESULTS}/{name}.xml");
        let word = |word: &&str| quoted(&word.replace("{results}", &format!("{up}{results}")));
        let words: Vec<_> = suite.command.iter().map(word).collect();
        let mut lines = vec![format!("command = [{}]", words.join(", "))];
        if !self.path.is_empty() {
            lines.push(format!("folder = {}", quoted(self.path)));
        }
        lines.extend(suite.format.map(|format| format!("format = {}", quoted(format))));
        let at =
            |path: &str| if self.path.is_empty() { path.to_owned() } else { format!("{}/{path}", self.path) };
        lines.extend(suite.results.map(|path| match path {
            "{results}" => format!("results = {}", quoted(&results)),
            path => format!("results = {}", quoted(&at(path))),
        }));
        Proposal { name, lines, because: at(suite.because) }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn at(&self, path: &str) -> String {
        if self.path.is_empty() { path.to_owned() } else { format!("{}/{path}", self.path) }
    }

    fn is_there(&self, path: &str) -> bool {
        self.all.contains(&self.at(path))
    }

    fn text(&self, name: &str) -> Option<String> {
        if self.has(name) { (self.read)(&self.at(name)) } else { None }
    }

    fn any_below(&self, folder: &str, fits: impl Fn(&str) -> bool) -> bool {
        let start = self.at(folder);
        let below = self.all.range(start.clone()..).take_while(|path| path.starts_with(&start));
        below.into_iter().any(|path| fits(path.rsplit('/').next().unwrap_or_default()))
    }
}

/// `test_cart.py`, right in a folder.
fn is_python_test(name: &str) -> bool {
    name.starts_with("test") && name.ends_with(".py") && !name.contains('/')
}

/// A string of JSON is one of TOML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    /// The proposals for files with these texts, a line each.
    fn proposed(files: &[(&str, &str)]) -> Vec<String> {
        let names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        let read =
            |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
        let proposals = propose(&names, &read);
        let text: String =
            proposals.iter().map(|p| format!("[suites.{}]\n{}\n", p.name, p.lines.join("\n"))).collect();
        let config = parse(&text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        let told = |p: &Proposal| {
            let suite = config.suites.iter().find(|s| s.name == p.name).expect("it is there");
            let results = suite.results.as_deref().unwrap_or("-");
            let folder = if suite.folder.is_empty() { "." } else { &suite.folder };
            let format = suite.format().word();
            format!("{} {} in {folder}, {format} {results}, for {}", p.name, suite.command_line(), p.because)
        };
        proposals.iter().map(told).collect()
    }

    #[test]
    fn each_language_is_known_by_its_files() {
        let rows = [
            (vec![("Cargo.toml", "")], "cargo cargo test --no-fail-fast in ., libtest -, for Cargo.toml"),
            (
                vec![("Cargo.toml", ""), (".config/nextest.toml", "")],
                "cargo cargo nextest run --no-fail-fast in ., libtest -, for Cargo.toml",
            ),
            (
                vec![("pyproject.toml", "[tool.pytest.ini_options]")],
                "pytest python3 -m pytest --junitxml=.gardener/results/pytest.xml in ., \
                 junit .gardener/results/pytest.xml, for pyproject.toml",
            ),
            (vec![("go.mod", "")], "go go test -json ./... in ., go-json -, for go.mod"),
            (
                vec![("package.json", r#"{"devDependencies": {"mocha": "1"}}"#)],
                "mocha npx mocha --reporter tap in ., tap -, for package.json",
            ),
            (
                vec![("package.json", r#"{"scripts": {"test": "node --test"}}"#)],
                "node node --test --test-reporter=tap in ., tap -, for package.json",
            ),
            (
                vec![("package.json", r#"{"scripts": {"test": "./check"}}"#)],
                "npm npm test in ., exit-status -, for package.json",
            ),
            (
                vec![("pom.xml", "")],
                "maven mvn -B --fail-at-end test in ., junit target/surefire-reports/TEST-*.xml, for pom.xml",
            ),
            (
                vec![("CMakeLists.txt", "enable_testing()")],
                "ctest ctest --test-dir build --output-junit junit.xml in ., junit build/junit.xml, for CMakeLists.txt",
            ),
            (vec![("test/a.bats", "")], "bats bats --formatter tap test in ., tap -, for *.bats"),
        ];
        for (files, expected) in rows {
            assert_eq!(proposed(&files), [expected.replace("                 ", "")], "{files:?}");
        }
        assert!(proposed(&[("README.md", ""), ("CMakeLists.txt", ""), ("package.json", "{}")]).is_empty());
    }

    #[test]
    fn tests_of_pythons_own_library_are_run_by_it() {
        let case = "import unittest\n\nclass T(unittest.TestCase):\n    pass\n";
        let unittest = |arguments: &str, because: &str| {
            vec![format!(
                "unittest python3 -m unittest discover{arguments} in ., exit-status -, for {because}"
            )]
        };
        assert_eq!(proposed(&[("tests/test_a.py", case)]), unittest(" -s tests", "tests/test*.py"));
        let package = [("tests/__init__.py", ""), ("tests/test_a.py", case)];
        assert_eq!(proposed(&package), unittest(" -s tests -t .", "tests/test*.py"));
        assert_eq!(proposed(&[("cart.py", ""), ("test_a.py", case)]), unittest("", "test*.py"));
        let mock = [("test/test_a.py", "from unittest.mock import Mock\n")];
        assert_eq!(proposed(&mock), unittest(" -s test", "test/test*.py"));
        let results = ".gardener/results/unittest.xml";
        assert_eq!(
            proposed(&[("tests/test_a.py", case), ("requirements-dev.txt", "unittest-xml-reporting>=3\n")]),
            [format!(
                "unittest python3 -m xmlrunner discover -s tests --output-file {results} in ., junit {results}, \
                 for tests/test*.py"
            )]
        );
        // pytest runs both sorts, and functions need it.
        for (file, text) in [("tests/test_b.py", "import pytest\n"), ("requirements.txt", "pytest==8\n")] {
            let all = proposed(&[("tests/test_a.py", case), (file, text)]);
            assert!(all.len() == 1 && all[0].starts_with("pytest python3"), "{file}: {all:?}");
        }
        assert!(proposed(&[("tests/test_a.py", "def test_a(): pass\n")])[0].starts_with("pytest "));
        assert!(proposed(&[("test_data.py", "X = 1\n")]).is_empty());
    }

    #[test]
    fn folders_count_where_nothing_above_runs_them() {
        let all = proposed(&[
            ("api/pytest.ini", ""),
            ("web/package.json", r#"{"devDependencies": {"vitest": "1"}}"#),
            ("Cargo.toml", "[workspace]"),
            ("crates/core/Cargo.toml", ""),
            ("tests/data/go.mod", ""),
            ("a/b/c/go.mod", ""),
        ]);
        assert_eq!(all.len(), 3, "{all:?}");
        assert!(all[0].starts_with("cargo ") && all[1].starts_with("pytest-api python3"));
        let results = ".gardener/results/pytest-api.xml";
        assert!(
            all[1].contains(&format!("--junitxml=../{results} in api, junit {results}, for api/pytest.ini"))
        );
        assert!(all[2].starts_with("vitest-web npx vitest"));
    }
}

//! Whose dialect a file is in, and names of tests as the user of that tool would write them.

use std::borrow::Cow;

use super::super::words::is_script;
use super::case::Case;

/// Who wrote a file, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Not told yet, or nobody in particular.
    #[default]
    Any,
    Pytest,
    Unittest,
    Nextest,
    Jest,
    Vitest,
    Mocha,
    Node,
    Ctest,
    Java,
    Php,
    Go,
}

impl Dialect {
    /// Looks at a suite that begins.
    pub(super) fn suite(&mut self, is_root: bool, name: &str, schema: Option<&str>) {
        if *self != Self::Any {
            return;
        }
        let stamp = name.rsplit_once('-').map_or("", |(_, stamp)| stamp);
        *self = match name {
            "pytest" | "pytest tests" => Self::Pytest,
            "nextest-run" => Self::Nextest,
            "jest tests" => Self::Jest,
            "vitest tests" => Self::Vitest,
            "Mocha Tests" | "Root Suite" => Self::Mocha,
            _ if schema.is_some_and(|s| s.contains("surefire")) => Self::Java,
            _ if !is_root && stamp.len() == 14 && stamp.bytes().all(|b| b.is_ascii_digit()) => Self::Unittest,
            _ => Self::Any,
        };
    }

    /// Looks at a test.
    pub(super) fn case(&mut self, case: &Case, depth: usize) {
        if *self != Self::Any {
            return;
        }
        let starts = ["Test", "Example", "Fuzz", "Benchmark"];
        let class = &case.classname;
        *self = if case.is_php {
            Self::Php
        } else if matches!(class.as_str(), "test" | "suite") && depth > 0 {
            Self::Node
        } else if !class.is_empty() && *class == case.name && case.file.is_none() {
            Self::Ctest
        } else if (class.contains('/') || class.is_empty())
            && starts.iter().any(|s| case.name.starts_with(s))
            && !case.name.contains(' ')
            && !is_script(class)
        {
            Self::Go
        } else {
            Self::Any
        };
    }

    /// The test's name and its file or class.
    pub(super) fn name(self, case: &Case, path: &[&str]) -> (String, Option<String>) {
        let (name, class) = (case.name.as_str(), case.classname.as_str());
        let own = case.file.clone().or_else(|| case.suite_file.clone());
        let suite = path.last().copied().unwrap_or_default();
        let python = || python(class, name, case.file.as_deref());
        match self {
            Self::Pytest => python(),
            Self::Unittest => (joined(class, ".", name), own),
            Self::Nextest => (joined(class, " ", name), None),
            Self::Ctest => (name.to_owned(), None),
            Self::Java => java(class, name),
            Self::Php => {
                let name = name.split_once(" with data set ").map_or(name.to_owned(), |(n, set)| {
                    // `--filter 'CartTest::testPrice with data set "zero"'`
                    format!("{n} with data set {set}")
                });
                (joined(class, "::", &name), own)
            }
            Self::Go => {
                let package = if class.is_empty() { suite } else { class };
                (joined(package, ".", name), None)
            }
            Self::Node => {
                let path: Vec<&str> = path.iter().copied().filter(|p| !p.is_empty()).chain([name]).collect();
                (path.join(" > "), own)
            }
            // Mocha's own reporter has the path of the test in the class, in one suite for all.
            Self::Mocha if suite == "Mocha Tests" => (joined(class, " ", name), own),
            // Here the name has the whole path, and the class is the last part of it.
            Self::Mocha => (name.to_owned(), own),
            Self::Jest | Self::Vitest => script(class, name, own),
            Self::Any => {
                let is_python = own.as_deref().is_some_and(|f| f.ends_with(".py"))
                    || (name.starts_with("test_") && class.split('.').any(|s| s.starts_with("test")));
                let last = class.rsplit(['.', '$']).next().unwrap_or_default();
                let is_java = class.contains('.') && last.chars().next().is_some_and(char::is_uppercase);
                if is_python {
                    python()
                } else if own.as_deref().is_some_and(is_script) || is_script(class) {
                    script(class, name, own)
                } else if is_java && !class.contains([' ', '/']) {
                    java(class, name)
                } else if class.is_empty() && suite.is_empty() {
                    (name.to_owned(), own)
                } else {
                    let class = if class.is_empty() { suite } else { class };
                    (joined(class, "::", name), own)
                }
            }
        }
    }

    /// Where a test is, for tests whose names alone may be those of others; `None` where the name
    /// has all that the tool knows of it.
    pub(super) fn place(self, case: &Case, path: &[&str]) -> Option<String> {
        match self {
            Self::Pytest | Self::Unittest | Self::Nextest | Self::Ctest | Self::Java | Self::Go => None,
            Self::Any | Self::Jest | Self::Vitest | Self::Mocha | Self::Node | Self::Php => {
                let file = case.file.clone().or_else(|| case.suite_file.clone());
                let suites =
                    || path.iter().copied().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" > ");
                Some(match self {
                    // Their suites are in the name.
                    Self::Node | Self::Php => file.unwrap_or_default(),
                    _ => file.unwrap_or_else(suites),
                })
            }
        }
    }

    /// The name of the part that could not run, where a test stands for one.
    pub(super) fn part(self, case: &Case, suite: &str) -> Option<String> {
        if case.was_not_run() {
            return Some(case.name.clone());
        }
        if !case.is_bad() {
            return None;
        }
        let (name, class) = (case.name.as_str(), case.classname.as_str());
        let collected =
            case.first_message() == "collection failure" || case.first_message() == "collection skipped";
        match self {
            _ if class.is_empty() && collected => Some(format!("{}.py", name.replace('.', "/"))),
            _ if class == "Test suite failed to run" => Some(name.to_owned()),
            _ if class.ends_with("unittest.loader._FailedTest") => Some(name.to_owned()),
            _ if class.is_empty() && name.starts_with("setUpClass (")
                || name.starts_with("setUpModule (") =>
            {
                Some(name.to_owned())
            }
            // A hook of the class, told as a test that has the name of the class or none.
            Self::Java if class == name || name.is_empty() => {
                Some(if class.is_empty() { suite } else { class }.to_owned()).filter(|n| !n.is_empty())
            }
            Self::Any if (class == name || name.is_empty()) && !class.is_empty() => Some(class.to_owned()),
            Self::Java if name == "initializationError" => Some(class.to_owned()),
            Self::Vitest | Self::Jest if class == name && is_script(name) => Some(name.to_owned()),
            Self::Node if is_script(name) && case.first_message() == "test failed" => Some(name.to_owned()),
            Self::Go if class.is_empty() && name == "TestMain" => Some(suite.to_owned()),
            _ => None,
        }
    }
}

fn joined(class: &str, between: &str, name: &str) -> String {
    if class.is_empty() { name.to_owned() } else { format!("{class}{between}{name}") }
}

/// As pytest's node ids: `tests/test_a.py::TestX::test_y[param]`.
fn python(class: &str, name: &str, file: Option<&str>) -> (String, Option<String>) {
    let segments: Vec<&str> = class.split('.').filter(|s| !s.is_empty()).collect();
    let by_file = file.filter(|f| f.ends_with(".py")).map(|f| {
        let module: Vec<&str> = f.trim_end_matches(".py").split(['/', '\\']).collect();
        // An absolute file still ends with the module.
        let same = (0..=segments.len()).rev().find(|n| module.ends_with(&segments[..*n])).unwrap_or(0);
        (f.to_owned(), same)
    });
    let (file, classes) = by_file.unwrap_or_else(|| {
        let is_class = |s: &&str| s.chars().next().is_some_and(char::is_uppercase);
        let first_class = segments.iter().position(is_class).unwrap_or(segments.len());
        let is_module = |s: &&str| s.starts_with("test_") || s.ends_with("_test");
        let module = segments[..first_class].iter().rposition(is_module).map_or(first_class, |m| m + 1);
        (if module == 0 { String::new() } else { format!("{}.py", segments[..module].join("/")) }, module)
    });
    let mut parts = vec![file.as_str()];
    parts.retain(|f| !f.is_empty());
    parts.extend(&segments[classes.min(segments.len())..]);
    parts.push(name);
    (parts.join("::"), Some(file.clone()).filter(|f| !f.is_empty()))
}

/// As Maven's `-Dtest=` and JUnit's own tools take it: `com.acme.FooTest#bar`.
fn java(class: &str, name: &str) -> (String, Option<String>) {
    let name = name.strip_suffix("()").unwrap_or(name);
    (joined(class, "#", name), Some(class.to_owned()).filter(|c| !c.is_empty()))
}

/// The file, the path of descriptions and the test, with ` > ` between.
fn script(class: &str, name: &str, file: Option<String>) -> (String, Option<String>) {
    let file = file.or_else(|| Some(class.to_owned()).filter(|c| is_script(c)));
    let mut parts: Vec<&str> = file.as_deref().into_iter().collect();
    // Jest's own form has the whole path in both.
    if !class.is_empty() && class != name && !is_script(class) {
        parts.push(class);
    }
    parts.push(name);
    (parts.join(" > "), file)
}

/// The character that `&name;` stands for; what is not known stays as it is.
pub(super) fn entity(name: &str) -> Cow<'static, str> {
    match name {
        "lt" => "<".into(),
        "gt" => ">".into(),
        "amp" => "&".into(),
        "quot" => "\"".into(),
        "apos" => "'".into(),
        "nbsp" => "\u{a0}".into(),
        _ => {
            let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            });
            match number.map(char::from_u32) {
                Some(c) => c.unwrap_or(char::REPLACEMENT_CHARACTER).to_string().into(),
                None => format!("&{name};").into(),
            }
        }
    }
}

/// The value of an attribute, with its references resolved and its line ends kept.
pub(super) fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.find(';').filter(|end| *end <= 12) {
            Some(end) => {
                out.push_str(&entity(&rest[..end]));
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn py(class: &str, name: &str, file: Option<&str>) -> String {
        python(class, name, file).0
    }

    #[test]
    fn names_of_python_are_node_ids() {
        assert_eq!(py("tests.test_a.TestX", "test_y[a.b]", None), "tests/test_a.py::TestX::test_y[a.b]");
        assert_eq!(py("tests.test_a.describe_x", "test_y", None), "tests/test_a.py::describe_x::test_y");
        assert_eq!(py("pkg.checks", "test_y", None), "pkg/checks.py::test_y");
        assert_eq!(
            py("tests.test_a.TestX", "test_y", Some("tests/test_a.py")),
            "tests/test_a.py::TestX::test_y"
        );
        assert_eq!(py("test_a.TestX", "test_y", Some("/src/test_a.py")), "/src/test_a.py::TestX::test_y");
        assert_eq!(py("", "test_y", None), "test_y");
    }

    #[test]
    fn references_are_resolved() {
        assert_eq!(
            unescape("a &lt;b&gt; &#10;&#x20AC; &amp;lt; &unknown; & 1"),
            "a <b> \n€ &lt; &unknown; & 1"
        );
    }
}

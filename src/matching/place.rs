//! What a file of a trace belongs to.

/// What a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The project's own code.
    Project,
    /// Its tests.
    Test,
    /// A library, a language or a runner.
    Library,
}

/// Parts of paths that are no project's own.
const LIBRARIES: [&str; 24] = [
    "site-packages/",
    "dist-packages/",
    "/lib/python3",
    "/lib64/python3",
    "<frozen",
    "_pytest/",
    "node_modules/",
    "node:",
    "internal/",
    "/rustc/",
    ".cargo/registry",
    ".cargo/git",
    "library/std/",
    "library/core/",
    "/usr/local/go/",
    "/go/src/",
    "/pkg/mod/",
    "/usr/lib/",
    "/usr/share/perl",
    "/usr/include/",
    "java.base/",
    ".gem/",
    "/gems/",
    "_testmain.go",
];

/// Packages of Java that are no project's own.
const PACKAGES: [&str; 24] = [
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "org.junit.",
    "junit.",
    "org.opentest4j.",
    "org.apache.maven.",
    "org.gradle.",
    "kotlin.",
    "scala.",
    "groovy.",
    "org.mockito.",
    "org.assertj.",
    "org.hamcrest.",
    "org.testng.",
    "com.google.common.",
    "org.springframework.",
    "org.hibernate.",
    "io.netty.",
    "reactor.",
    "worker.org.gradle.",
    "com.intellij.",
];

/// Functions of Rust, Go and others that are no project's own.
const FUNCTIONS: [&str; 14] = [
    "core::",
    "std::",
    "alloc::",
    "<core::",
    "<std::",
    "<alloc::",
    "rust_begin_unwind",
    "__rust",
    "test::run_test",
    "testing.",
    "runtime.",
    "reflect.",
    "panic",
    "test::__rust",
];

/// Names of files so common that they tell nothing without their folder.
const COMMON: [&str; 20] = [
    "__init__.py",
    "__main__.py",
    "mod.rs",
    "lib.rs",
    "main.rs",
    "index.js",
    "index.ts",
    "index.mjs",
    "main.go",
    "utils.py",
    "util.py",
    "util.go",
    "utils.js",
    "utils.ts",
    "helpers.py",
    "base.py",
    "core.py",
    "models.py",
    "conftest.py",
    "main.py",
];

const SOURCES: [&str; 27] = [
    "py", "rs", "go", "java", "kt", "scala", "groovy", "js", "mjs", "cjs", "ts", "mts", "jsx", "tsx", "c",
    "cc", "cpp", "cxx", "h", "hpp", "rb", "pl", "pm", "t", "php", "cs", "swift",
];

/// Whether a file's name ends as that of source code.
pub(super) fn is_source(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && SOURCES.contains(&end))
}

/// What the file belongs to; the function may tell more, as of Rust's tests inside of modules.
pub(super) fn place_of(file: &str, function: &str) -> Place {
    let file = file.replace('\\', "/");
    if LIBRARIES.iter().any(|l| file.contains(l)) || FUNCTIONS.iter().any(|f| function.starts_with(f)) {
        return Place::Library;
    }
    let is_module = function.contains("::tests::") || function.contains("::test::");
    if is_module || is_test_file(&file) { Place::Test } else { Place::Project }
}

/// The same of a Java method with its class.
pub(super) fn place_of_class(method: &str) -> Place {
    // `java.base/java.util.…`, `app//com.x.…`
    let method = method.rsplit('/').next().unwrap_or(method);
    if PACKAGES.iter().any(|p| method.starts_with(p)) {
        return Place::Library;
    }
    let class = method.rsplit_once('.').map_or(method, |(class, _)| class);
    let class = class.rsplit('.').next().unwrap_or(class).split('$').next().unwrap_or_default();
    let is_test = class.ends_with("Test")
        || class.ends_with("Tests")
        || class.ends_with("IT")
        || class.ends_with("Spec");
    if is_test || class.starts_with("Test") && class.len() > 4 { Place::Test } else { Place::Project }
}

/// Whether a file holds tests, by its name or its folder.
pub(super) fn is_test_file(file: &str) -> bool {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let stem = name.split('.').next().unwrap_or(name);
    let by_name = matches!(stem, "test" | "tests")
        || name.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || stem.ends_with("_spec")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name == "conftest.py"
        || name.ends_with(".t")
        || stem.ends_with("Test")
        || stem.ends_with("Tests");
    // Only the folders next to the file: the whole project may stand in a folder named `test`.
    by_name || folder.rsplit('/').take(3).any(|f| matches!(f, "tests" | "test" | "__tests__" | "spec" | "t"))
}

/// The file's name, with its folder where the name alone is common.
pub(super) fn file_key(file: &str) -> String {
    let file = file.replace('\\', "/");
    let mut parts = file.rsplit('/').filter(|p| !p.is_empty() && *p != ".");
    let name = parts.next().unwrap_or_default();
    let name = match parts.next() {
        Some(folder) if COMMON.contains(&name) => format!("{folder}/{name}"),
        _ => name.to_owned(),
    };
    crate::wording::normalise(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (file, function, wanted) in [
            ("/w/src/cart.py", "f", Place::Project),
            ("/w/tests/cart.py", "f", Place::Test),
            ("cart_test.go", "", Place::Test),
            ("/x/lib/python3.11/json/decoder.py", "f", Place::Library),
            ("src/a.rs", "demo::a::tests::b", Place::Test),
            ("src/a.rs", "core::option::unwrap_failed", Place::Library),
        ] {
            assert_eq!(place_of(file, function), wanted, "{file}");
        }
        assert_eq!(place_of_class("com.x.CartTest.adds"), Place::Test);
        assert_eq!(place_of_class("com.x.Cart.add"), Place::Project);
        assert_eq!(place_of_class("java.base/java.util.List.of"), Place::Library);
    }

    #[test]
    fn keys() {
        assert_eq!(file_key("/a/b/src/cart.py"), "cart.py");
        assert_eq!(file_key("/a/b/src/mod.rs"), "src/mod.rs");
        assert_eq!(file_key("./x.rs"), "x.rs");
    }
}

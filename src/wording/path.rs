//! Where a path on a machine ends, and what of it counts.

/// Folders at the top of a machine; a text that begins with one of them is a path there.
const TOPS: [&str; 34] = [
    "home",
    "Users",
    "root",
    "tmp",
    "var",
    "usr",
    "opt",
    "work",
    "workspace",
    "workspaces",
    "builds",
    "build",
    "mnt",
    "private",
    "srv",
    "app",
    "github",
    "etc",
    "data",
    "proc",
    "dev",
    "nix",
    "Applications",
    "System",
    "Library",
    "runner",
    "__w",
    "go",
    "code",
    "project",
    "ci",
    "jenkins",
    "rustc",
    "sys",
];

/// Endings of the names of files; longer and other ones are no evidence of a path.
const ENDINGS: [&str; 58] = [
    "py", "pyc", "rs", "go", "java", "kt", "scala", "js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx",
    "c", "cc", "cpp", "cxx", "h", "hh", "hpp", "rb", "pl", "pm", "t", "php", "cs", "swift", "sh", "bash",
    "bats", "sql", "json", "yaml", "yml", "toml", "xml", "html", "css", "txt", "md", "log", "csv", "ini",
    "cfg", "conf", "lock", "db", "sqlite", "sock", "so", "zip", "tar", "gz", "vue", "ex", "exs",
];

/// A path that was found.
pub(super) struct Path<'t> {
    pub(super) end: usize,
    /// It is below a folder for temporary files.
    pub(super) is_temporary: bool,
    /// Its last part.
    pub(super) name: &'t str,
}

/// Whether a name ends as the name of a file does.
pub(super) fn has_ending(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDINGS.contains(&end))
}

/// The absolute path that begins at `at`: `/home/…`, `~/…`, `C:\…`, `file:///…`.
pub(super) fn path(text: &str, at: usize) -> Option<Path<'_>> {
    let bytes = text.as_bytes();
    let rest = &text[at..];
    let drive = bytes[at].is_ascii_alphabetic()
        && bytes.get(at + 1) == Some(&b':')
        && matches!(bytes.get(at + 2), Some(b'\\' | b'/'))
        && bytes.get(at + 3).is_some_and(|b| *b != b'/');
    let start = if drive {
        at + 2
    } else if rest.starts_with("file:///") {
        at + 7
    } else if rest.starts_with("~/") {
        at + 1
    } else if rest.starts_with('/') && !rest.starts_with("//") {
        at
    } else {
        return None;
    };
    let end = start + text[start..].find(|c: char| !is_part(c, drive)).unwrap_or(text.len() - start);
    // A full stop at the end belongs to the sentence.
    let end = start + text[start..end].trim_end_matches('.').len();
    let parts: Vec<&str> = text[start..end].split(['/', '\\']).filter(|p| !p.is_empty()).collect();
    let name = *parts.last()?;
    let known = drive || start != at || TOPS.contains(&parts[0]);
    if !(known && (parts.len() > 1 || drive || start != at) || parts.len() > 1 && has_ending(name)) {
        return None;
    }
    let is_temporary = match parts[0] {
        "tmp" => true,
        "var" | "private" => parts.iter().take(3).any(|p| *p == "tmp" || *p == "folders"),
        "dev" => parts.get(1) == Some(&"shm"),
        _ => parts.iter().any(|p| matches!(*p, "Temp" | "tmp" | "temp") || p.starts_with("pytest-of-")),
    };
    Some(Path { end, is_temporary, name })
}

fn is_part(c: char, drive: bool) -> bool {
    c.is_alphanumeric()
        || matches!(c, '/' | '_' | '-' | '.' | '+' | '@' | '~' | '%' | '=' | '#' | '$')
        || drive && c == '\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<(&str, bool)> {
        path(text, 0).map(|p| (p.name, p.is_temporary))
    }

    #[test]
    fn paths_and_what_is_none() {
        assert_eq!(name("/home/a/x.py:3"), Some(("x.py", false)));
        assert_eq!(name("/odd/place/x.py."), Some(("x.py", false)));
        assert_eq!(name("~/x"), Some(("x", false)));
        assert_eq!(name("/private/var/folders/q/x"), Some(("x", true)));
        assert_eq!(name(r"C:\a\Temp\x.txt"), Some(("x.txt", true)));
        for text in ["/api/users", "//x/y.py", "/", "a/b", "/x.py", "http://x", "/tmp"] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}

//! Who owns a file, by the repository's CODEOWNERS.
//!
//! The rules are GitHub's: patterns as in `.gitignore` without negation, classes or escapes of `#`,
//! the last one that matches counts, and one without owners takes them away.

/// Where GitHub looks for the file, in this order.
pub const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// The rules of a CODEOWNERS file.
#[derive(Clone, Debug, Default)]
pub struct CodeOwners(Vec<(Vec<glob::Pattern>, Vec<String>)>);

impl CodeOwners {
    /// Reads the file; a line that is no rule is left out, as GitHub does.
    pub fn parse(text: &str) -> Self {
        let rule = |line: &str| {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with('!') {
                return None;
            }
            let mut words = line.split_whitespace();
            let patterns = patterns(words.next()?)?;
            Some((patterns, words.map(str::to_owned).collect()))
        };
        Self(text.lines().filter_map(rule).collect())
    }

    /// The owners of a file, from the top of the repository.
    pub fn of(&self, path: &str) -> &[String] {
        let options = glob::MatchOptions {
            require_literal_separator: true,
            require_literal_leading_dot: false,
            case_sensitive: true,
        };
        let matches = |patterns: &[glob::Pattern]| patterns.iter().any(|p| p.matches_with(path, options));
        self.0.iter().rev().find(|(patterns, _)| matches(patterns)).map_or(&[], |(_, owners)| owners)
    }
}

/// A pattern as globs over whole paths.
fn patterns(written: &str) -> Option<Vec<glob::Pattern>> {
    if written.contains(['[', ']', '\\']) {
        return None;
    }
    let body = written.trim_matches('/');
    if body.is_empty() {
        return None;
    }
    // One with a slash at its beginning or in its middle is meant from the top.
    let at_top = written.starts_with('/') || body.contains('/');
    let start = if at_top { String::new() } else { "**/".to_owned() };
    let below = format!("{start}{body}/**");
    // `docs/*` is the files in it, and nothing deeper.
    let only_here = body.ends_with("/*");
    let globs = match (written.ends_with('/'), only_here) {
        (true, _) => vec![below],
        (false, true) => vec![format!("{start}{body}")],
        (false, false) => vec![format!("{start}{body}"), below],
    };
    globs.iter().map(|glob| glob::Pattern::new(glob).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_matches_counts() {
        let owners = CodeOwners::parse(
            "# all\n*  @acme/all @bo # and more\n*.js @js\n/build/ @ops\ndocs/* docs@example.com\napps/ @apps\n\
             /src/**/api @api\n/apps/free\n!/no @x\n[x] @y\n\n",
        );
        for (path, expected) in [
            ("README.md", "@acme/all @bo"),
            ("a/b.js", "@js"),
            ("build/x/y.txt", "@ops"),
            ("sub/build/x", "@acme/all @bo"),
            ("docs/a.md", "docs@example.com"),
            ("docs/deep/a.md", "@acme/all @bo"),
            ("deep/apps/x.rs", "@apps"),
            ("apps/free/x", ""),
            ("src/a/b/api/x.rs", "@api"),
            ("src/api", "@api"),
        ] {
            assert_eq!(owners.of(path).join(" "), expected, "{path}");
        }
        assert!(CodeOwners::default().of("x").is_empty());
    }
}

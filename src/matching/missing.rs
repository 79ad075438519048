//! What a failure says is not there: a module, a file, a name, a service.
//!
//! Two failures that miss the same thing have one cause, wherever they were raised, and two
//! that miss different things of one sort have not.

use std::collections::BTreeSet;

/// Where the name of the missing thing is.
#[derive(Clone, Copy)]
enum Where {
    After,
    Before,
    /// A host with a port, anywhere in the line.
    Host,
    /// The words alone.
    Alone,
}

/// Words in lower case, the sort of thing, and where its name is.
const SIGNS: [(&str, &str, Where); 77] = [
    ("no module named ", "module", Where::After),
    ("cannot find module ", "module", Where::After),
    ("cannot import name ", "import", Where::After),
    ("does not provide an export named ", "import", Where::After),
    ("unresolved import ", "module", Where::After),
    ("cannot find package ", "module", Where::After),
    ("can't locate ", "module", Where::After),
    ("noclassdeffounderror: ", "class", Where::After),
    ("classnotfoundexception: ", "class", Where::After),
    ("nosuchmethoderror: ", "name", Where::After),
    ("no such file or directory: ", "file", Where::After),
    ("no such file or directory, ", "file", Where::After),
    (": no such file or directory", "file", Where::Before),
    ("(no such file or directory)", "file", Where::Before),
    ("nosuchfileexception: ", "file", Where::After),
    ("file not found: ", "file", Where::After),
    ("has no attribute ", "attribute", Where::After),
    ("keyerror: ", "key", Where::After),
    ("is not defined", "name", Where::Before),
    ("is not a function", "function", Where::Before),
    ("undefined: ", "name", Where::After),
    ("cannot read properties of undefined (reading ", "property", Where::After),
    ("cannot read properties of null (reading ", "property", Where::After),
    ("cannot set properties of undefined (setting ", "property", Where::After),
    ("cannot set properties of null (setting ", "property", Where::After),
    ("cannot find value ", "name", Where::After),
    ("command not found: ", "command", Where::After),
    (": command not found", "command", Where::Before),
    (": executable file not found", "command", Where::Before),
    ("relation ", "table", Where::After),
    ("no such table: ", "table", Where::After),
    ("no such column: ", "column", Where::After),
    ("unknown column ", "column", Where::After),
    ("unexpected keyword argument ", "argument", Where::After),
    ("required positional argument: ", "argument", Where::After),
    ("() missing ", "callable", Where::Before),
    ("() takes ", "callable", Where::Before),
    ("() got an unexpected keyword", "callable", Where::Before),
    ("() got multiple values", "callable", Where::Before),
    ("fixture ", "fixture", Where::After),
    ("environment variable ", "variable", Where::After),
    ("no time zone found with key ", "zone", Where::After),
    ("unknown time zone ", "zone", Where::After),
    ("is not set", "variable", Where::Before),
    ("not set", "variable", Where::Before),
    ("must be set", "variable", Where::Before),
    ("is required", "variable", Where::Before),
    ("is missing", "variable", Where::Before),
    ("is unset", "variable", Where::Before),
    ("required positional arguments: ", "argument", Where::After),
    ("required keyword-only argument: ", "argument", Where::After),
    ("required keyword-only arguments: ", "argument", Where::After),
    ("spawn ", "command", Where::After),
    ("spawnsync ", "command", Where::After),
    (": not found", "command", Where::Before),
    ("enoent: no such file or directory, ", "file", Where::After),
    ("connection refused", "service", Where::Host),
    ("econnrefused", "service", Where::Host),
    ("connectionrefused", "service", Where::Host),
    ("failed to connect", "service", Where::Host),
    ("could not connect", "service", Where::Host),
    ("connection error", "service", Where::Host),
    ("connecterror", "service", Where::Host),
    ("connection timed out", "service", Where::Host),
    ("connection reset", "service", Where::Host),
    ("refused the connection", "service", Where::Host),
    ("enotfound ", "host", Where::After),
    ("could not resolve host: ", "host", Where::After),
    ("no such host", "host", Where::Before),
    ("no space left on device", "disk", Where::Alone),
    ("permission denied: ", "permission", Where::After),
    (": permission denied", "permission", Where::Before),
    ("operation not permitted", "permission", Where::Alone),
    ("too many open files", "files", Where::Alone),
    ("out of memory", "memory", Where::Alone),
    ("read-only file system", "disk", Where::Alone),
    ("address already in use", "port", Where::Host),
];

/// Methods that JavaScript's own types have.
const METHODS: [&str; 46] = [
    "apply",
    "at",
    "bind",
    "call",
    "catch",
    "charAt",
    "charCodeAt",
    "concat",
    "delete",
    "endsWith",
    "entries",
    "every",
    "filter",
    "find",
    "findIndex",
    "flat",
    "flatMap",
    "forEach",
    "has",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "map",
    "match",
    "pop",
    "push",
    "reduce",
    "replace",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "splice",
    "split",
    "startsWith",
    "substring",
    "then",
    "toFixed",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
];

/// The missing things in a normalised text, as `sort name`.
pub(super) fn missing(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().take(40) {
        let low = line.to_ascii_lowercase();
        for (sign, sort, place) in SIGNS {
            let Some(at) = low.find(sign) else { continue };
            let (before, after) = (&line[..at], &line[at + sign.len()..]);
            let name = match place {
                Where::After => name_after(after),
                Where::Before => name_before(before),
                Where::Host => host(line),
                Where::Alone => Some(sign.to_owned()),
            };
            let confirmed = match sort {
                "table" if sign == "relation " => low.contains("does not exist"),
                "fixture" => low.contains("not found"),
                "variable" if sign != "environment variable " => name.as_deref().is_some_and(is_variable),
                "command" if sign.starts_with("spawn") => low.contains("enoent"),
                "command" if sign == ": not found" => low.contains("sh: "),
                "variable" => ["not set", "missing", "required", "not found", "unset", "undefined"]
                    .iter()
                    .any(|w| low.contains(w)),
                _ => true,
            };
            if let Some(name) = name.filter(|_| confirmed) {
                // `os.environ["HOME"]` is a key of a mapping to Python.
                let sort = if sort == "key" && is_variable(&name) { "variable" } else { sort };
                if sort == "function"
                    && let Some((owner, name)) = name.rsplit_once('.')
                {
                    // What every list or text has is missing because the thing is another one.
                    let owner = owner.rsplit('.').next().unwrap_or(owner);
                    found.push(match METHODS.contains(&name) {
                        true => format!("owner {owner}"),
                        false => format!("{sort} {name}"),
                    });
                    continue;
                }
                found.push(format!("{sort} {name}"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Statuses by which services refuse or fail; those that tests of a service ask for themselves, as 404
/// or 500, tell nothing.
const STATUSES: [&str; 8] = ["401", "403", "407", "429", "502", "503", "504", "511"];

/// The statuses of refusing or failing services that a message speaks of, or an answer in the trace.
///
/// Only what was got counts, not what a test asked for: `assert 503 == 200` and `<Response [503]>`.
pub(super) fn statuses(text: &str, detail: &str) -> BTreeSet<String> {
    let told = ["http error", "status", "code", "response [", "http/1.1", "http/2", "assert"];
    let speaks = |line: &str, status: &str| {
        line.match_indices(status).any(|(at, _)| {
            let (before, after) = (line[..at].to_ascii_lowercase(), &line[at + status.len()..]);
            let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '.')
                && !after.starts_with(|c: char| c.is_alphanumeric() || c == '.');
            let before = before.trim_end_matches([':', '=', ' ', '(']);
            is_whole && told.iter().any(|w| before.ends_with(w))
        })
    };
    let lines = text.lines().take(12).chain(detail.lines().filter(|l| l.contains("<Response [")));
    let mut found = BTreeSet::new();
    for line in lines {
        found.extend(STATUSES.iter().filter(|s| speaks(line, s)).map(|s| (*s).to_owned()));
    }
    found
}

/// The locale that a call in the trace asked for: Python does not say which it does not have.
pub(super) fn locale(detail: &str) -> Option<String> {
    let lines =
        detail.lines().filter(|l| l.contains("setlocale(") || l.trim_start().starts_with("locale = "));
    let mut names = lines.filter_map(|l| l.split(['\'', '"']).nth(1));
    let fits = |name: &&str| name.len() > 1 && name.len() < 40 && name.chars().all(|c| c.is_ascii_graphic());
    names.rfind(fits).map(|name| format!("locale {name}"))
}

/// Whether what is missing is a thing of the world, which has one name for everybody; an attribute or
/// a key of some name may be missing at several places for several causes.
pub(super) fn is_of_world(missing: &str) -> bool {
    let (sort, name) = missing.split_once(' ').unwrap_or((missing, ""));
    matches!(
        sort,
        "module"
            | "import"
            | "file"
            | "command"
            | "table"
            | "column"
            | "fixture"
            | "variable"
            | "service"
            | "host"
            | "zone"
            | "locale"
    ) && !name.contains("<tmp>")
        && name.chars().any(char::is_alphanumeric)
}

/// Whether a name is written as those of variables of the environment are.
fn is_variable(name: &str) -> bool {
    name.len() > 2
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && (name.contains('_') || name.len() > 3)
}

fn name_after(text: &str) -> Option<String> {
    let text = text.trim_start_matches("open ").trim_start_matches("package ").trim_start();
    let first = text.chars().next()?;
    if matches!(first, '\'' | '"' | '`') {
        let inner = &text[1..];
        return inner.find(first).map(|end| inner[..end].to_owned()).filter(|n| !n.is_empty());
    }
    let end =
        text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '(')).unwrap_or(text.len());
    let name = text[..end].trim_matches(['.', ':', '"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

fn name_before(text: &str) -> Option<String> {
    let word = text.trim_end().rsplit([' ', '(']).next()?;
    let name = word.trim_matches(['\'', '"', '`', ':', '-', '+']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The first host with a port, else the host that an address names.
fn host(line: &str) -> Option<String> {
    if let Some((_, rest)) = line.split_once("host='")
        && let Some((host, rest)) = rest.split_once('\'')
    {
        let port =
            rest.split_once("port=").map_or("", |(_, p)| p.split([')', ',', ' ']).next().unwrap_or_default());
        // A port that the system handed out tells no service.
        let known = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        let host = if host == "127.0.0.1" { "localhost" } else { host };
        return known.then(|| format!("{host}:{port}"));
    }
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '(' | ')' | ','));
    for word in words {
        let word = word.trim_end_matches(['.', ':', ';']);
        let Some((host, port)) = word.rsplit_once(':') else { continue };
        let is_port = port.len() >= 2 && port.bytes().all(|b| b.is_ascii_digit());
        if is_port && !host.is_empty() {
            return Some(format!("{}:{port}", host.rsplit('@').next().unwrap_or(host)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_are_not_there() {
        for (text, wanted) in [
            ("ModuleNotFoundError: No module named 'yaml'", "module yaml"),
            ("KeyError: 'price'", "key price"),
            ("[Errno 2] No such file or directory: '<tmp>/a.json'", "file <tmp>/a.json"),
            ("open testdata/a.txt: no such file or directory", "file testdata/a.txt"),
            ("connect ECONNREFUSED localhost:5432", "service localhost:5432"),
            ("HTTPConnectionPool(host='localhost', port=9): Connection refused", "service localhost:9"),
            ("dial tcp localhost:6379: connect: connection refused", "service localhost:6379"),
            ("'Cart' object has no attribute 'total'", "attribute total"),
            ("ReferenceError: total is not defined", "name total"),
            ("Cannot set properties of undefined (setting 'depth')", "property depth"),
            ("relation \"users\" does not exist", "table users"),
            (
                "failed to create a/0: Operation not permitted (os error 1)",
                "permission operation not permitted",
            ),
            ("OSError: [Errno 28] No space left on device", "disk no space left on device"),
        ] {
            assert_eq!(missing(text), [wanted], "{text}");
        }
        assert!(missing("the relation of a and b").is_empty());
        assert!(missing("connect to localhost:<port>: connection refused").is_empty());
    }
}

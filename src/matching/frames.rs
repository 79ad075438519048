//! Where a failure was raised: the frames of a trace, in whatever language it is written.
//!
//! Every line is tried against the forms of Python (its own, and pytest's long and short ones),
//! Rust, Go, Java, JavaScript, Perl, C++ test programs, Ruby and C#. What no form fits is no
//! frame. Frames are told apart by what they belong to: the project, its tests, or a library
//! or runner, because only the first says much about a cause.

use super::place::{Place, file_key, place_of};

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The file, as short as still tells it from others.
    pub(super) file: String,
    /// The function without arguments; empty if the trace does not tell.
    pub(super) function: String,
    /// The line; 0 if the trace does not tell.
    pub(super) line: u32,
    /// The source there, if the trace shows it.
    pub(super) code: String,
    /// What it belongs to.
    pub(super) place: Place,
}

/// The frames of a trace and the exceptions of its chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// Innermost first; of a chain those of the first exception come first.
    pub(super) frames: Vec<Frame>,
    /// `Kind: message` of what was raised first, where another one was raised because of it.
    pub(super) root: Option<String>,
    /// Lines of source that the tool marks as failing, the innermost last.
    pub(super) marked: Vec<String>,
    /// The source of tests that the tool shows, up to the line that failed.
    pub(super) body: Vec<String>,
}

impl Frame {
    /// The file and the function, without the line.
    pub(super) fn key(&self) -> String {
        if self.function.is_empty() { self.file.clone() } else { format!("{}::{}", self.file, self.function) }
    }
}

/// How many lines of a trace are read, from its beginning and from its end.
const LINES: usize = 600;

/// Reads the trace in a text without terminal escapes.
pub(super) fn trace(text: &str) -> Trace {
    let all: Vec<&str> = text.lines().collect();
    let lines: Vec<&str> = if all.len() > 2 * LINES {
        all[..LINES].iter().chain(&all[all.len() - LINES..]).copied().collect()
    } else {
        all
    };
    let mut reading = Reading::default();
    for (i, line) in lines.iter().enumerate() {
        reading.line(line, lines.get(i + 1).copied().unwrap_or_default());
    }
    reading.finish()
}

#[derive(Default)]
struct Reading {
    /// Frames that a language writes with the outermost first.
    down: Vec<Frame>,
    /// Frames that a language writes with the innermost first.
    up: Vec<Frame>,
    /// Traces of a chain that are complete.
    parts: Vec<Vec<Frame>>,
    root: Option<String>,
    /// The function whose source pytest shows, and the line it marks with `>`.
    shown: (String, String),
    /// The function that a line of its own names, as Go and Rust do.
    function: String,
    marked: Vec<String>,
    body: Vec<String>,
    /// The source shown since the last frame.
    block: Vec<String>,
    /// The last line that reads `Kind: message` in pytest's or Python's manner.
    raised: Option<String>,
    /// The line before.
    last: String,
}

impl Reading {
    fn line(&mut self, line: &str, next: &str) {
        let text = line.trim();
        if text.is_empty() {
            return;
        }
        if text.starts_with("The above exception was the direct cause")
            || text.starts_with("During handling of the above exception")
        {
            self.part();
            // Without frames a tool shows no more of it than its message.
            let said = self.raised.take().or_else(|| self.down.is_empty().then(|| self.last.clone()));
            if self.root.is_none() {
                self.root = said.filter(|s| !s.is_empty());
            }
            return;
        }
        text.clone_into(&mut self.last);
        if let Some(cause) = text.strip_prefix("Caused by: ").or_else(|| text.strip_prefix("[cause]: ")) {
            // Java writes the cause after what it caused: the last one is the root.
            let outer = std::mem::take(&mut self.up);
            self.parts.insert(0, outer);
            self.root = Some(cause.to_owned());
            return;
        }
        if let Some(raised) = line.strip_prefix("E   ") {
            if self.raised.is_none() || !raised.starts_with(' ') && super::kind::leading(raised).is_some() {
                self.raised = Some(raised.trim().to_owned());
            }
            return;
        }
        if !line.starts_with(' ') && super::kind::leading(text).is_some() {
            self.raised = Some(text.to_owned());
        }
        if let Some(code) = line.strip_prefix('>') {
            code.trim().clone_into(&mut self.shown.1);
            self.block.push(code.trim().to_owned());
            self.marked.push(code.trim().to_owned());
            return;
        }
        // Jest and Vitest: `  > 12 |   expect(…)`.
        if let Some((_, code)) = text.strip_prefix("> ").and_then(|t| t.split_once('|')) {
            self.marked.push(code.trim().to_owned());
            return;
        }
        if let Some(def) = text.strip_prefix("async def ").or_else(|| text.strip_prefix("def "))
            && let Some((name, _)) = def.split_once('(')
        {
            name.clone_into(&mut self.shown.0);
            return;
        }
        if line.starts_with("    ") && self.block.len() < 60 {
            self.block.push(text.to_owned());
        }
        let _ = self.python(line, text, next)
            || self.at_form(text)
            || self.rust(text)
            || self.go(line, text)
            || self.file_first(text)
            || self.perl(text);
    }

    /// Ends one trace of a chain.
    fn part(&mut self) {
        let mut frames = std::mem::take(&mut self.up);
        frames.extend(std::mem::take(&mut self.down).into_iter().rev());
        if !frames.is_empty() {
            self.parts.push(frames);
        }
    }

    fn finish(mut self) -> Trace {
        if self.root.is_some() && !self.up.is_empty() && self.down.is_empty() {
            let root = std::mem::take(&mut self.up);
            self.parts.insert(0, root);
        } else {
            self.part();
        }
        let mut frames: Vec<Frame> = Vec::new();
        for frame in self.parts.into_iter().flatten() {
            // Rust tells the place of a panic and then, in the backtrace, its function as well.
            let known = frames.iter_mut().find(|f| {
                f.file == frame.file
                    && f.line == frame.line
                    && (f.function.is_empty() || frame.function.is_empty())
            });
            match known {
                Some(known) if known.function.is_empty() => {
                    known.function = frame.function;
                    known.place = frame.place;
                }
                Some(_) => {}
                None => frames.push(frame),
            }
        }
        frames.truncate(60);
        Trace { frames, root: self.root, marked: self.marked, body: self.body }
    }

    fn frame(file: &str, line: u32, function: &str, code: &str) -> Frame {
        let function = function_name(function);
        let place = place_of(file, &function);
        Frame { file: file_key(file), function, line, code: code.trim().to_owned(), place }
    }

    /// Python: `File "x.py", line 3, in f`; pytest: `x.py:3: in f` and `x.py:3: Kind`.
    fn python(&mut self, line: &str, text: &str, next: &str) -> bool {
        if let Some(rest) = text.strip_prefix("File \"") {
            let Some((file, rest)) = rest.split_once("\", line ") else { return false };
            let (number, function) = rest.split_once(", in ").unwrap_or((rest, ""));
            let code = if next.trim_start().starts_with("File \"") { "" } else { next };
            self.down.push(Self::frame(file, leading_number(number), function, code));
            return true;
        }
        let Some((file, rest)) = text.split_once(".py:") else { return false };
        let (digits, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let Some(after) = after.strip_prefix(':') else { return false };
        if digits.is_empty() || line.starts_with(' ') || file.contains(' ') {
            return false;
        }
        let file = format!("{file}.py");
        let (function, code) = match after.strip_prefix(" in ") {
            Some(function) => (function.to_owned(), next.to_owned()),
            None => std::mem::take(&mut self.shown),
        };
        self.shown = Default::default();
        let frame = Self::frame(&file, leading_number(digits), &function, &code);
        let block = std::mem::take(&mut self.block);
        // The test itself comes first; what its helpers look like says nothing of the test.
        if frame.place == Place::Test && self.body.is_empty() {
            self.body = block;
        }
        self.down.push(frame);
        true
    }

    /// Java, JavaScript, C# and the second line of a Rust frame: `at …`.
    fn at_form(&mut self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix("at ") else { return false };
        let rest = rest.strip_prefix("async ").unwrap_or(rest);
        if let Some((function, place)) = rest.rsplit_once(") in ").filter(|(_, p)| p.contains(":line ")) {
            let (file, line) = place.rsplit_once(":line ").unwrap_or((place, ""));
            self.up.push(Self::frame(file, leading_number(line), function, ""));
            return true;
        }
        let (function, place) = match rest.strip_suffix(')').and_then(|r| r.rsplit_once('(')) {
            Some((function, place)) => (function.trim(), place),
            None if self.function.is_empty() => ("", rest),
            None => {
                let function = std::mem::take(&mut self.function);
                let Some((file, line)) = located(rest) else { return false };
                self.up.push(Self::frame(file, line, &function, ""));
                return true;
            }
        };
        let jvm = [".java", ".kt", ".scala", ".groovy"];
        let (file, line) = match located(place) {
            Some(found) => found,
            None if place == "Native Method" || place == "Unknown Source" => ("java.base/Native.java", 0),
            None => return false,
        };
        let mut frame = Self::frame(file, line, function, "");
        if jvm.iter().any(|e| file.ends_with(e)) {
            frame.place = super::place::place_of_class(function);
        }
        self.up.push(frame);
        true
    }

    /// `thread 'x' panicked at src/x.rs:1:2:` and `  3: path::to::function`.
    fn rust(&mut self, text: &str) -> bool {
        if let Some((_, place)) = text.split_once("panicked at ") {
            let place = place.rsplit_once("', ").map_or(place, |(_, place)| place);
            if let Some((file, line)) = located(place.trim_end_matches(':')) {
                self.up.push(Self::frame(file, line, "", ""));
                return true;
            }
            return false;
        }
        let Some((number, function)) = text.split_once(": ") else { return false };
        let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if numbered && !function.contains(' ') | function.starts_with('<') {
            function.clone_into(&mut self.function);
            return true;
        }
        false
    }

    /// `pkg.Func(0x1, 0x2)` followed by a tab and `/path/x.go:12 +0x1d`.
    fn go(&mut self, line: &str, text: &str) -> bool {
        if line.starts_with('\t')
            && let Some((file, rest)) = text.split_once(".go:")
            && !file.contains(' ')
            && (rest.contains(" +0x") || rest.bytes().all(|b| b.is_ascii_digit()))
            && !self.function.is_empty()
        {
            let function = std::mem::take(&mut self.function);
            // A goroutine's trace begins with the runtime, and the test's own frames follow.
            self.up.push(Self::frame(&format!("{file}.go"), leading_number(rest), &function, ""));
            return true;
        }
        let call = text.strip_prefix("created by ").map(|t| t.split(" in goroutine").next().unwrap_or(t));
        if let Some(call) = call {
            call.clone_into(&mut self.function);
            return true;
        }
        if !line.starts_with([' ', '\t'])
            && text.ends_with(')')
            && let Some((function, _)) = text.rsplit_once('(')
            && function.contains('.')
            && !function.contains(": ")
            && !function.contains(' ')
        {
            function.clone_into(&mut self.function);
            return true;
        }
        false
    }

    /// `x_test.go:12: message`, `x.cc:12: Failure`, `x.rb:3:in 'f'`, `Error Trace: x_test.go:5`.
    fn file_first(&mut self, text: &str) -> bool {
        let text = text.strip_prefix("Error Trace:").map_or(text, str::trim);
        let text = text.strip_prefix("# ").unwrap_or(text);
        let text = text.strip_prefix("❯ ").unwrap_or(text);
        let token = text.split([' ', '\t']).next().unwrap_or_default();
        let (function, token) = match token.split_once(":in") {
            Some((place, _)) => (text.split_once(":in ").map_or("", |(_, f)| f), place),
            None => ("", token),
        };
        let Some((file, line)) = located(token.trim_end_matches(':')) else { return false };
        if line == 0 || !super::place::is_source(file) || file.starts_with("http") {
            return false;
        }
        self.up.push(Self::frame(file, line, function.trim_matches(['\'', '`', '"']), ""));
        true
    }

    /// `… at t/x.t line 5.`, `Foo::bar("x") called at lib/Foo.pm line 9`.
    fn perl(&mut self, text: &str) -> bool {
        let Some((before, place)) = text.rsplit_once("at ") else { return false };
        let Some((file, line)) = place.split_once(" line ") else { return false };
        if file.contains(' ') || !line.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let function =
            before.trim_end().strip_suffix("called").map_or("", |f| f.split('(').next().unwrap_or(f));
        self.up.push(Self::frame(file, leading_number(line), function.trim(), ""));
        true
    }
}

/// The file and line of `x.js:3:7`, `x.rs:3` or `x.cc(3)`.
fn located(text: &str) -> Option<(&str, u32)> {
    let text = text.trim().trim_start_matches("file://").trim_end_matches(',');
    if let Some((file, line)) = text.strip_suffix(')').and_then(|t| t.rsplit_once('(')) {
        return line.parse().ok().map(|line| (file, line));
    }
    let (rest, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => Some((file, line)),
        None => Some((rest, last)),
    }
    .filter(|(file, _)| !file.is_empty() && !file.contains(' '))
}

fn leading_number(text: &str) -> u32 {
    text.bytes().take_while(u8::is_ascii_digit).take(8).fold(0, |n, b| n * 10 + u32::from(b - b'0'))
}

/// A function's name without what changes between builds: hashes, closures, generics, receivers.
fn function_name(text: &str) -> String {
    let text = text.trim().trim_start_matches("new ");
    let text = text.split("::{{closure}}").next().unwrap_or(text);
    let text = text.split(['(', '$']).next().filter(|t| !t.is_empty()).unwrap_or(text);
    let text = match text.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => name,
        _ => text,
    };
    let text = text.split(" [as ").next().unwrap_or(text);
    let text = text.strip_suffix("<anonymous>").map_or(text, |t| t.trim_end_matches('.'));
    let text = text.strip_prefix("Object.").or_else(|| text.strip_prefix("Module.")).unwrap_or(text);
    if matches!(text, "Object" | "Context" | "Module" | "<module>" | "<lambda>" | "TestContext" | "Test") {
        return String::new();
    }
    crate::wording::normalise(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frames of a text: place, file, function, line.
    fn frames(text: &str) -> Vec<String> {
        let show = |f: &Frame| format!("{:?} {} {} {}", f.place, f.file, f.function, f.line);
        trace(text).frames.iter().map(show).collect()
    }

    #[test]
    fn python_and_its_chain() {
        let text = "Traceback (most recent call last):\n  File \"/a/b/tests/test_x.py\", line 3, in test_a\n    f(1)\n  File \"/a/b/lib.py\", line 9, in f\n    return d['k']\nKeyError: 'k'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/a/b/other.py\", line 1, in g\n    raise X from e\nValueError: no";
        assert_eq!(frames(text), ["Project lib.py f 9", "Test test_x.py test_a 3", "Project other.py g 1"]);
        assert_eq!(trace(text).root.as_deref(), Some("KeyError: 'k'"));
        assert_eq!(trace(text).frames[0].code, "return d['k']");
    }

    #[test]
    fn pytest_long_and_short() {
        let long = "    def test_a():\n>       assert total([1]) == 2\n\ntests/test_x.py:4: \n_ _ _\n\n    def total(xs):\n>       return xs.n\nE       AttributeError: 'list' object has no attribute 'n'\n\nsrc/shop/cart.py:12: AttributeError";
        assert_eq!(frames(long), ["Project cart.py total 12", "Test test_x.py test_a 4"]);
        assert_eq!(trace(long).frames[1].code, "assert total([1]) == 2");
        let short = "tests/test_x.py:4: in test_a\n    assert total([1]) == 2\nsrc/cart.py:12: in total\n    return xs.n\nE   AttributeError: x";
        assert_eq!(frames(short), ["Project cart.py total 12", "Test test_x.py test_a 4"]);
    }

    #[test]
    fn rust_panic_and_backtrace() {
        let text = "thread 'a::tests::b' (77) panicked at src/a.rs:5:9:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/abc/library/std/src/panicking.rs:689:5\n   1: demo::a::inner\n             at ./src/a.rs:5:9\n   2: demo::a::tests::b::{{closure}}\n             at ./src/a.rs:20:5";
        let found = frames(text);
        assert_eq!(found[0], "Project a.rs demo::a::inner 5");
        assert!(found.contains(&"Test a.rs demo::a::tests::b 20".to_owned()), "{found:?}");
        assert!(found.iter().any(|f| f.starts_with("Library")));
    }

    #[test]
    fn go_java_javascript() {
        let go = "panic: boom\n\ngoroutine 7 [running]:\ntesting.tRunner.func1.2({0x1, 0x2})\n\t/usr/local/go/src/testing/testing.go:1545 +0x1d\nexample.com/shop.(*Cart).Total(0xc000)\n\t/w/shop/cart.go:12 +0x1d\nexample.com/shop.TestTotal(0xc000)\n\t/w/shop/cart_test.go:8 +0x1d";
        let found = frames(go);
        assert!(found[0].starts_with("Library") && found[1].starts_with("Project cart.go"), "{found:?}");
        assert!(found[2].starts_with("Test cart_test.go"), "{found:?}");
        let java = "java.lang.RuntimeException: outer\n\tat com.x.Shop.open(Shop.java:10)\n\tat com.x.ShopTest.opens(ShopTest.java:5)\nCaused by: java.io.IOException: inner\n\tat com.x.Disk.read(Disk.java:3)\n\t... 2 more";
        assert_eq!(frames(java)[0], "Project Disk.java com.x.Disk.read 3");
        assert_eq!(trace(java).root.as_deref(), Some("java.io.IOException: inner"));
        let js = "TypeError: x\n    at total (/w/src/cart.js:3:7)\n    at Object.<anonymous> (/w/test/cart.test.js:9:1)\n    at run (/w/node_modules/jest/x.js:1:1)\n    at node:internal/x:5:1";
        let found = frames(js);
        assert_eq!(found[..2], ["Project cart.js total 3", "Test cart.test.js  9"]);
        assert!(found[2..].iter().all(|f| f.starts_with("Library")), "{found:?}");
    }

    #[test]
    fn others() {
        assert_eq!(frames("not ok\n#   at t/x.t line 5."), ["Test x.t  5"]);
        assert_eq!(
            frames("died at lib/Foo.pm line 9.\n\tFoo::bar(1) called at t/x.t line 3")[0],
            "Project Foo.pm  9"
        );
        assert_eq!(frames("/w/test/cart_test.cc:12: Failure\nExpected"), ["Test cart_test.cc  12"]);
        assert_eq!(frames("    cart_test.go:12: got 1"), ["Test cart_test.go  12"]);
        assert!(frames("a: b\n12: 3 of 4\nat noon").is_empty());
    }
}

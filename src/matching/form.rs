//! Readings with their texts as numbers, so that many pairs of them can be compared fast.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::is_assertion;
use super::missing::is_of_world;
use super::reading::Reading;
use crate::model::Fault;

/// Names of types that messages about a wrong one have in them, in lower case.
const TYPES: [&str; 16] = [
    "bool",
    "bytearray",
    "bytes",
    "coroutine",
    "dict",
    "float",
    "function",
    "generator",
    "int",
    "list",
    "module",
    "nonetype",
    "set",
    "str",
    "tuple",
    "undefined",
];

/// A reading with its texts as numbers, so that two can be compared fast.
pub(super) struct Form {
    pub(super) suite: u32,
    pub(super) test: u32,
    pub(super) class: u32,
    pub(super) file: u32,
    pub(super) fault: Fault,
    pub(super) kind: u32,
    /// Other than assertions.
    pub(super) kinds: Vec<u32>,
    pub(super) is_nothing: bool,
    pub(super) is_topical: bool,
    pub(super) is_assertion: bool,
    pub(super) is_informative: bool,
    pub(super) message: u32,
    pub(super) skeleton: u32,
    pub(super) tokens: Vec<u32>,
    pub(super) quoted: Vec<u32>,
    pub(super) values: Vec<u32>,
    pub(super) missing: Vec<u32>,
    /// Those of them that have one name for everybody, and their sorts.
    pub(super) world: Vec<u32>,
    pub(super) world_sorts: Vec<u32>,
    pub(super) origin: u32,
    pub(super) is_named: bool,
    pub(super) is_of_runner: bool,
    pub(super) is_plain: bool,
    /// The types that the message speaks of.
    pub(super) types: Vec<u32>,
    /// Nothing but a key of a mapping is missing.
    pub(super) is_key: bool,
    pub(super) statuses: Vec<u32>,
    /// What is quoted or was given.
    pub(super) given: Vec<u32>,
    /// What the machine, and no one thing, has too little of.
    pub(super) troubles: Vec<u32>,
    /// The sorts of the missing things.
    pub(super) sorts: Vec<u32>,
    /// The functions that were called the wrong way, by their names.
    pub(super) called: Vec<u32>,
    pub(super) inner: u32,
    pub(super) line: u32,
    /// The trace tells no function, only a line; and what was raised there is no error of the project's
    /// own, which comes from a function that Rust does not name without a backtrace.
    pub(super) is_nameless: bool,
    pub(super) project: Vec<u32>,
    pub(super) library: u32,
    pub(super) code: u32,
    pub(super) code_words: Vec<u32>,
    pub(super) name_words: Vec<u32>,
    pub(super) body_words: Vec<u32>,
    pub(super) ways: Vec<u32>,
    pub(super) form_words: Vec<u32>,
    pub(super) asserted: u32,
    pub(super) functions: Vec<u32>,
    pub(super) source: Vec<u32>,
    pub(super) difference: u32,
    pub(super) fixture: u32,
    /// Which fixture or hook it is is known, and not only that it was one.
    pub(super) is_fixture_known: bool,
    /// It failed in a function that sets up or tidies up a class of tests.
    pub(super) sets_up_class: bool,
    pub(super) inner_file: u32,
    pub(super) spot: u32,
    /// A filter: two forms whose filters share no bit share nothing that is compared.
    pub(super) filter: [u64; 8],
}

impl Form {
    /// The form of a reading; its texts get numbers, and those count in which tests they are.
    pub(super) fn new(r: &Reading, numbers: &mut Numbers) -> Self {
        let sorts = r.missing.iter().filter_map(|m| m.split(' ').next()).map(str::to_owned).collect();
        let optional = |o: &Option<String>| o.clone().unwrap_or_default();
        let is_code = r.code.len() > 4;
        let of_sort = |sort: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            let is = |m: &&String| sort(m.split(' ').next().unwrap_or_default());
            r.missing.iter().filter(is).cloned().collect()
        };
        let is_trouble = |sort: &str| matches!(sort, "disk" | "files" | "memory");
        let named = of_sort(&|sort| !is_trouble(sort));
        let given: BTreeSet<String> =
            r.quoted.union(&r.given).filter(|q| q.chars().any(char::is_alphabetic)).cloned().collect();
        let world: BTreeSet<String> = r.missing.iter().filter(|m| is_of_world(m)).cloned().collect();
        let world_sorts =
            world.iter().filter_map(|m| m.split(' ').next()).map(str::to_owned).collect::<BTreeSet<_>>();
        Form {
            suite: numbers.one('s', &r.suite),
            test: numbers.one('t', &format!("{} {} {}", r.file, r.class, r.test)),
            class: numbers.one('c', &r.class),
            file: numbers.one('f', &r.file),
            fault: r.fault,
            kind: numbers.one('k', &optional(&r.kind)),
            kinds: numbers.all('k', &r.kinds.iter().filter(|k| !is_assertion(k)).cloned().collect()),
            is_nothing: r.is_nothing,
            is_topical: r.is_topical,
            is_assertion: r.is_assertion,
            is_informative: r.is_informative,
            message: numbers.one('m', &r.message),
            skeleton: numbers.one('o', &r.skeleton),
            tokens: numbers.all('w', &r.tokens),
            quoted: numbers.all('q', &r.quoted),
            values: numbers.all('v', &r.values),
            missing: numbers.all('x', &named),
            sorts: numbers.all('y', &sorts),
            called: numbers.all('x', &of_sort(&|sort| sort == "callable")),
            world: numbers.all('x', &world),
            world_sorts: numbers.all('y', &world_sorts),
            origin: numbers.one('p', &optional(&r.origin)),
            is_named: r.origin.as_deref().is_some_and(|o| o.contains("::")),
            is_of_runner: r.is_of_runner,
            is_plain: r.is_plain,
            types: numbers
                .all('T', &r.form_words.iter().filter(|w| TYPES.contains(&w.as_str())).cloned().collect()),
            is_key: !r.missing.is_empty() && r.missing.iter().all(|m| m.starts_with("key ")),
            statuses: numbers.all('u', &r.statuses),
            given: numbers.all('q', &given),
            troubles: numbers.all('x', &of_sort(&is_trouble)),
            inner: numbers.one('p', &optional(&r.inner)),
            line: numbers.one('l', &optional(&r.line)),
            is_nameless: r.line.is_some()
                && !r.inner.iter().chain(&r.origin).any(|place| place.contains("::"))
                && !r.kinds.iter().any(|kind| is_own_error(kind)),
            project: numbers.all('p', &r.project),
            library: numbers.one('b', &optional(&r.library)),
            code: if is_code { numbers.counted('d', &r.code) } else { 0 },
            code_words: numbers.all('w', &r.code_words),
            name_words: numbers.all('n', &r.name_words),
            body_words: numbers.all('e', &r.body_words),
            ways: numbers.all('i', &r.ways),
            form_words: numbers.all('j', &r.form_words),
            asserted: numbers.one('a', &r.asserted),
            functions: numbers.all('z', &r.functions),
            source: numbers.all('z', &r.body_words.union(&r.code_words).cloned().collect()),
            difference: numbers.one('g', &optional(&r.difference)),
            fixture: numbers.one('h', &optional(&r.fixture)),
            is_fixture_known: r.fixture.as_deref().is_some_and(|f| f.contains([' ', ':'])),
            sets_up_class: r.fixture.as_deref().is_some_and(|f| f.contains("::")),
            inner_file: numbers.one('r', &optional(&r.inner_file)),
            spot: r.spot.unwrap_or(0),
            filter: [0; 8],
        }
    }
}

/// Whether a panic was about an error of a type that is not the language's: `unwrap of ParseError`.
fn is_own_error(kind: &str) -> bool {
    kind.strip_prefix("unwrap of ").is_some_and(|of| !matches!(of, "None" | "NotPresent" | "Err"))
}

/// Numbers for texts; 0 is the absent one.
pub(super) struct Numbers {
    pub(super) known: BTreeMap<String, u32>,
    /// In how many tests each is; a test with many parameters is one.
    pub(super) seen: Vec<u32>,
    /// The last test that had it.
    pub(super) last: Vec<u32>,
    /// The test that is read.
    pub(super) unit: u32,
}

impl Numbers {
    pub(super) fn one(&mut self, sort: char, text: &str) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let next = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(format!("{sort}{text}")).or_insert(next);
        if number == next {
            self.seen.push(0);
            self.last.push(u32::MAX);
        }
        number
    }

    /// As [`Numbers::one`], and it counts in how many tests it is.
    pub(super) fn counted(&mut self, sort: char, text: &str) -> u32 {
        let number = self.one(sort, text);
        self.count(number);
        number
    }

    fn count(&mut self, number: u32) {
        let last = &mut self.last[number as usize];
        if *last != self.unit {
            *last = self.unit;
            self.seen[number as usize] += 1;
        }
    }

    pub(super) fn all(&mut self, sort: char, texts: &BTreeSet<String>) -> Vec<u32> {
        let mut numbers: Vec<u32> = texts.iter().map(|t| self.one(sort, t)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in &numbers {
            self.count(*number);
        }
        numbers
    }
}

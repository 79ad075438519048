//! Front matter in the many ways in which people write the same values.
//!
//! Every line is noted with what it is about, so that a law can say which lines an edit may
//! touch.

use std::collections::BTreeSet;

use gardener::model::{IssueRef, Label, Link, LinkKind};

use super::written::{Line, Owner, Said, Tape};

/// A text in double quotes.
fn double(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text in single quotes.
fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether every reader takes the bare text for itself.
fn bare(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["yes", "404"].contains(&text)
        && !text.contains([':', ',', '[', '"', '\''])
        && !text.contains(" #")
}

/// Writes the lines of a front matter.
pub(crate) struct Writer<'a, 't> {
    pub(crate) tape: &'a mut Tape<'t>,
    pub(crate) lines: Vec<Line>,
    pub(crate) comments: Vec<(String, Option<Owner>)>,
    pub(crate) shape: BTreeSet<&'static str>,
}

impl Writer<'_, '_> {
    pub(crate) fn line(&mut self, text: String, owner: Option<&Owner>) {
        self.lines.push(Line { text, owner: owner.cloned() });
    }

    /// A comment that is unique in the text.
    fn comment(&mut self, owner: Option<&Owner>) -> String {
        self.shape.insert("comments");
        let word = self.tape.pick(&["keep: this", "[not, a list]", "🌱", "it's \"x\"", "- no: item", "#"]);
        let comment = format!("# c{}. {word}", self.comments.len());
        self.comments.push((comment.clone(), owner.cloned()));
        comment
    }

    /// What may stand behind a value on its line.
    pub(crate) fn tail(&mut self, owner: Option<&Owner>) -> String {
        match self.tape.below(20) {
            0..14 => String::new(),
            14 => "  ".to_owned(),
            15 => format!("\t{}", self.comment(owner)),
            16 => format!("      {}", self.comment(owner)),
            _ => format!(" {}", self.comment(owner)),
        }
    }

    /// Blank lines and comment lines, which belong to nobody. Deeper than `most` they
    /// might belong to a block scalar.
    pub(crate) fn noise(&mut self, most: usize) {
        if self.tape.chance(12) {
            self.shape.insert("blank lines");
            self.line(String::new(), None);
        }
        if self.tape.chance(12) {
            let indent = if self.tape.chance(70) { most } else { self.tape.below(most + 1) };
            let comment = self.comment(None);
            self.line(format!("{}{comment}", " ".repeat(indent)), None);
        }
    }

    fn key(&mut self, key: &str) -> String {
        let blank = if self.tape.chance(4) { " " } else { "" };
        match self.tape.below(20) {
            18 => format!("\"{key}\"{blank}:"),
            19 => format!("'{key}'{blank}:"),
            _ => format!("{key}{blank}:"),
        }
    }

    fn scalar(&mut self, text: &str) -> String {
        match self.tape.below(4) {
            2 => single(text),
            3 => double(text),
            _ if bare(text) => text.to_owned(),
            _ => double(text),
        }
    }

    /// A key with one line of text, in one of the ways to write that.
    fn text(&mut self, indent: usize, owner: &Owner, text: &str, exact: bool) {
        let start = format!("{}{}", " ".repeat(indent), self.key(owner.key));
        let deeper = " ".repeat(indent + 1 + self.tape.below(3));
        match self.tape.below(14) {
            11 => {
                self.shape.insert("value on the next line");
                let tail = self.tail(Some(owner));
                self.line(format!("{start}{tail}"), Some(owner));
                let (value, tail) = (self.scalar(text), self.tail(Some(owner)));
                self.line(format!("{deeper}{value}{tail}"), Some(owner));
            }
            12 if !text.starts_with(' ') => {
                self.shape.insert("block scalars");
                let header = self.tape.pick(&[">-", "|-"]);
                let tail = self.tail(Some(owner));
                self.line(format!("{start} {header}{tail}"), Some(owner));
                self.line(format!("{deeper}{text}"), Some(owner));
            }
            13 if !exact && text.contains(' ') && bare(text) => {
                self.shape.insert("values on several lines");
                let (first, rest) = text.split_once(' ').expect("checked");
                self.line(format!("{start} {first}"), Some(owner));
                let tail = self.tail(Some(owner));
                self.line(format!("{deeper}{rest}{tail}"), Some(owner));
            }
            _ => {
                let gap = self.tape.pick(&[" ", " ", " ", " ", "   ", "\t"]);
                let (value, tail) = (self.scalar(text), self.tail(Some(owner)));
                self.line(format!("{start}{gap}{value}{tail}"), Some(owner));
            }
        }
    }

    /// A key without a value.
    fn null(&mut self, indent: usize, owner: &Owner) {
        self.shape.insert("null values");
        let value = self.tape.pick(&["", " ~", " null"]);
        let (key, tail) = (self.key(owner.key), self.tail(Some(owner)));
        self.line(format!("{}{key}{value}{tail}", " ".repeat(indent)), Some(owner));
    }

    /// An item in flow style and in block style.
    fn item(&mut self, text: &str, is_link: bool) -> (String, String) {
        let typed = text.split_once(' ').filter(|(word, _)| is_link && LinkKind::from_word(word).is_some());
        match typed {
            None => {
                let item = self.scalar(text);
                (item.clone(), item)
            }
            Some((word, target)) => {
                let pair = format!("{word}: {}", self.scalar(target));
                (format!("{{{pair}}}"), pair)
            }
        }
    }

    fn list(&mut self, indent: usize, owner: &Owner, items: &[String], is_link: bool) {
        let start = format!("{}{}", " ".repeat(indent), self.key(owner.key));
        let tail = self.tail(Some(owner));
        let written: Vec<(String, String)> = items.iter().map(|item| self.item(item, is_link)).collect();
        let flow: Vec<&str> = written.iter().map(|(flow, _)| flow.as_str()).collect();
        match self.tape.below(10) {
            _ if items.is_empty() => {
                self.shape.insert("empty lists");
                let list = self.tape.pick(&["[]", "[ ]"]);
                self.line(format!("{start} {list}{tail}"), Some(owner));
            }
            0..4 => {
                self.shape.insert("flow lists");
                let comma = self.tape.pick(&[", ", ", ", ",  ", " , "]);
                let (open, close) = self.tape.pick(&[("[", "]"), ("[", "]"), ("[ ", " ]"), ("[", ", ]")]);
                self.line(format!("{start} {open}{}{close}{tail}", flow.join(comma)), Some(owner));
            }
            4..8 => {
                self.shape.insert("block lists");
                self.line(format!("{start}{tail}"), Some(owner));
                let dash = format!("{}-", " ".repeat(indent + self.tape.pick(&[2, 0, 2, 4])));
                let gap = self.tape.pick(&[" ", " ", "   "]);
                for (item, (_, block)) in items.iter().zip(&written) {
                    self.noise(dash.len() - 1);
                    let own = Owner { item: Some(item.to_lowercase()), ..owner.clone() };
                    let tail = self.tail(Some(&own));
                    self.line(format!("{dash}{gap}{block}{tail}"), Some(&own));
                }
            }
            style => {
                self.shape.insert("flow lists on several lines");
                self.line(format!("{start} [{tail}"), Some(owner));
                let deeper = " ".repeat(indent + 2);
                let last = items.len() - 1;
                let trailing = self.tape.chance(30);
                for (at, (item, value)) in items.iter().zip(flow).enumerate() {
                    let own = Owner { item: Some(item.to_lowercase()), ..owner.clone() };
                    let tail = self.tail(Some(&own));
                    let comma = if at < last || trailing { "," } else { "" };
                    let close = if style == 9 && at == last { "]" } else { "" };
                    // Every line of a flow list may get or lose a comma.
                    self.line(format!("{deeper}{value}{comma}{close}{tail}"), Some(owner));
                }
                if style != 9 {
                    let tail = self.tail(Some(owner));
                    self.line(format!("{deeper}]{tail}"), Some(owner));
                }
            }
        }
    }

    /// A key that gardener does not know, with what people put there.
    fn unknown(&mut self, indent: usize, owner: &Owner) {
        self.shape.insert("unknown keys");
        let (start, deeper) = (format!("{}{}:", " ".repeat(indent), owner.key), " ".repeat(indent + 2));
        let lines: &[&str] = match self.tape.below(6) {
            0 => &[" text"],
            1 => &[" |", "status: open", "  deeper # not a comment", "labels: [x]"],
            2 => &[" |+", "- id: a", "", ""],
            3 => &["", "a: {b: [1, ~, {c: d}]}", "status: nothing", "list:", "- id: a", "- 'on'"],
            4 => &[" [a, {status: x},", "b]"],
            _ => &[" plain text", "on two lines"],
        };
        self.line(format!("{start}{}", lines[0]), Some(owner));
        for line in &lines[1..] {
            let line = if line.is_empty() { String::new() } else { format!("{deeper}{line}") };
            self.line(line, Some(owner));
        }
    }

    fn pair(&mut self, indent: usize, entry: usize, key: &'static str, said: &Said) {
        let owner = Owner { entry, key, item: None };
        let issue = |issue: &IssueRef| issue.to_string();
        let text = match key {
            "id" => Some(said.id.to_string()),
            "title" => Some(said.title.clone()),
            "severity" => said.severity.map(|s| s.to_string()),
            "status" => said.status.as_ref().map(ToString::to_string),
            "issue" => said.issue.as_ref().map(issue),
            _ => None,
        };
        let names = |labels: &Vec<Label>| labels.iter().map(|l| l.name().to_owned()).collect::<Vec<_>>();
        let links = |links: &Vec<Link>| links.iter().map(ToString::to_string).collect::<Vec<_>>();
        match (key, text) {
            ("issue", Some(issue)) if issue.starts_with('#') && self.tape.chance(60) => {
                let (start, tail) = (self.key("issue"), self.tail(Some(&owner)));
                self.line(format!("{}{start} {}{tail}", " ".repeat(indent), &issue[1..]), Some(&owner));
            }
            (_, Some(text)) => self.text(indent, &owner, &text, key != "title"),
            ("labels", None) if said.labels.is_some() => {
                let items = said.labels.as_ref().map(names).unwrap_or_default();
                self.list(indent, &owner, &items, false);
            }
            ("links", None) if said.links.is_some() => {
                let items = said.links.as_ref().map(links).unwrap_or_default();
                self.list(indent, &owner, &items, true);
            }
            ("tests", None) => self.list(indent, &owner, &["a::b".into(), "c [d]".into()], false),
            ("plan" | "x-more", None) => self.unknown(indent, &owner),
            (_, None) => self.null(indent, &owner),
        }
    }

    /// An entry as a flow map, whole or a pair a line.
    fn flow_entry(&mut self, dash: usize, entry: usize, said: &Said) {
        self.shape.insert("flow maps");
        let all = Owner { entry, key: "*", item: None };
        let mut pairs = Vec::new();
        for key in &said.order {
            let value = match *key {
                "id" => said.id.to_string(),
                "title" => double(&said.title),
                "severity" => said.severity.map_or("~".to_owned(), |s| s.to_string()),
                "status" => said.status.as_ref().map_or("null".to_owned(), |s| single(s.word())),
                "issue" => said.issue.as_ref().map_or("~".to_owned(), |i| double(&i.to_string())),
                "labels" => said.labels.as_ref().map_or("~".to_owned(), |labels| {
                    let labels: Vec<String> = labels.iter().map(|l| double(l.name())).collect();
                    format!("[{}]", labels.join(", "))
                }),
                "links" => said.links.as_ref().map_or("null".to_owned(), |links| {
                    let links: Vec<String> =
                        links.iter().map(|l| self.item(&l.to_string(), true).0).collect();
                    format!("[{}]", links.join(", "))
                }),
                "tests" => "['a::b', \"c [d]\"]".to_owned(),
                _ => "{a: [b, 'c']}".to_owned(),
            };
            let value = if value == "~" || value == "null" {
                self.tape.pick(&["~", "null"]).to_owned()
            } else {
                value
            };
            pairs.push(format!("{} {value}", self.key(key)));
        }
        let dash = format!("{}-", " ".repeat(dash));
        if self.tape.chance(50) {
            let tail = self.tail(Some(&all));
            let close = self.tape.pick(&["}", "}", " }"]);
            return self.line(format!("{dash} {{{}{close}{tail}", pairs.join(", ")), Some(&all));
        }
        let tail = self.tail(Some(&all));
        self.line(format!("{dash} {{{tail}"), Some(&all));
        let trailing = self.tape.chance(30);
        for (at, (pair, key)) in pairs.iter().zip(&said.order).enumerate() {
            let comma = if at + 1 < pairs.len() || trailing { "," } else { "" };
            let own = Owner { entry, key, item: None };
            let tail = self.tail(Some(&own));
            self.line(format!("{}    {pair}{comma}{tail}", " ".repeat(dash.len())), Some(&all));
        }
        self.line(format!("{}  }}", " ".repeat(dash.len())), Some(&all));
    }

    pub(crate) fn entry(&mut self, dash: usize, entry: usize, said: &Said) {
        if self.tape.chance(20) {
            return self.flow_entry(dash, entry, said);
        }
        let gap = self.tape.pick(&[1, 1, 1, 3]);
        let indent = dash + 1 + gap;
        let start = self.lines.len();
        let own_line = self.tape.chance(8);
        if own_line {
            // A tab behind a dash is no YAML.
            let tail = if self.tape.chance(30) { self.comment(None) } else { String::new() };
            self.line(format!("{}- {tail}", " ".repeat(dash)), None);
        }
        for (at, key) in said.order.iter().enumerate() {
            if at > 0 {
                self.noise(indent);
            }
            self.pair(indent, entry, key, said);
        }
        if !own_line {
            let first = &mut self.lines[start].text;
            first.replace_range(dash..=dash, "-");
        }
    }
}

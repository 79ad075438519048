//! When the work was done, from the name of the file and what its head says; and whether that can be.

use jiff::civil::{Date, DateTime, Time};

use crate::legacy::fields;
use crate::legacy::outline::Outline;

/// A moment as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) date: Date,
    pub(super) time: Option<Time>,
    /// Whether the text says that it is UTC. Without that it is the writer's own time.
    pub(super) is_utc: bool,
}

impl When {
    /// In the form of ISO 8601.
    pub(super) fn text(self) -> String {
        match self.time {
            None => self.date.to_string(),
            Some(time) => {
                let zone = if self.is_utc { "Z" } else { "" };
                format!("{}{zone}", DateTime::from_parts(self.date, time).strftime("%Y-%m-%dT%H:%M:%S"))
            }
        }
    }
}

/// What is known of it, and what makes it doubtful: the line and the words. The head of the file ends at
/// `head`.
pub(super) fn started(
    outline: &Outline<'_>,
    head: usize,
    name: &str,
    today: Option<Date>,
) -> (Option<When>, Vec<(usize, String)>) {
    let named = moments(name).next();
    let told = fields::fields(outline, 0..head).into_iter().filter(|field| is_date(&field.key));
    let mut said: Vec<(usize, When)> =
        told.filter_map(|field| Some((outline.line(field.at), moments(field.value).next()?))).collect();
    let titles = outline.headings.iter().take_while(|h| h.span.start < head);
    said.extend(titles.filter_map(|h| Some((outline.line(h.span.start), moments(&h.plain).next()?))));
    said.sort_by_key(|(line, _)| *line);
    let first = said.first().copied();
    // The text knows best; a time may be in the name only.
    let when = match (first.map(|(_, when)| when), named) {
        (Some(said), Some(named)) if said.time.is_none() && said.date == named.date => Some(named),
        (said, named) => said.or(named),
    };
    let mut doubts = Vec::new();
    let mut doubt = |line: usize, words: String| doubts.push((line, words));
    if let (Some((line, said)), Some(named)) = (first, named)
        && days(said.date, named.date) > 1
    {
        doubt(line, format!("the text says {}, the name of the file {}", said.date, named.date));
    }
    if let Some(when) = when {
        let line = first.map_or(1, |(line, _)| line);
        if let Some(today) = today.filter(|today| when.date > *today && days(when.date, *today) > 1) {
            doubt(line, format!("{} is after today, {today}", when.date));
        }
        // What a log or a test said has the date of its own clock.
        let others: Vec<Date> =
            moments(&outline.text[head..]).filter(|m| m.time.is_some()).map(|m| m.date).collect();
        let nearest = others.iter().copied().min_by_key(|date| days(*date, when.date));
        if let Some(nearest) = nearest.filter(|date| days(*date, when.date) > 7) {
            doubt(line, format!("it says {}, but the nearest time in its text is of {nearest}", when.date));
        }
    }
    if when.is_none() {
        let digits = moments_written(name).chain(moments_written(&outline.text[..head]));
        if let Some(wrong) = digits.into_iter().next() {
            doubt(1, format!("{wrong} is no date"));
        }
    }
    (when, doubts)
}

fn is_date(key: &str) -> bool {
    let last = key.split(' ').next_back().unwrap_or_default();
    matches!(last, "date" | "generated" | "started" | "timestamp" | "time" | "created" | "executed" | "run")
        || key.starts_with("generated")
        || key.starts_with("date")
}

fn days(a: Date, b: Date) -> i32 {
    (a - b).get_days().abs()
}

/// The moments in a text: `2025-09-14`, `20250914`, each with a time behind it or without one.
fn moments(text: &str) -> impl Iterator<Item = When> {
    places(text).filter_map(|(year, month, day, rest)| {
        let date = Date::new(i16::try_from(year).ok()?, month, day).ok()?;
        let time = time(rest);
        let after = time.map_or(rest, |(_, after)| after).trim_start();
        let is_utc = after.starts_with("UTC")
            || after.starts_with('Z')
            || after.starts_with("GMT")
            || after.starts_with("+00:00");
        Some(When { date, time: time.map(|(time, _)| time), is_utc })
    })
}

/// What has the form of a date and is none.
fn moments_written(text: &str) -> impl Iterator<Item = String> {
    let is_none = |year: i32, month: i8, day: i8| {
        i16::try_from(year).ok().and_then(|y| Date::new(y, month, day).ok()).is_none()
    };
    places(text)
        .filter(move |(year, month, day, _)| is_none(*year, *month, *day))
        .map(|(year, month, day, _)| format!("{year:04}-{month:02}-{day:02}"))
}

/// Where eight digits of a date of this age stand, in a row or parted by `-` or `/`.
fn places(text: &str) -> impl Iterator<Item = (i32, i8, i8, &str)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter_map(move |at| {
        let starts = at == 0 || !bytes[at - 1].is_ascii_digit();
        let century = bytes.get(at..at + 2)?;
        if !starts || !matches!(century, b"19" | b"20") {
            return None;
        }
        let rest = &text[at..];
        let year = digits(rest, 4)?;
        let mark = rest[4..].chars().next().filter(|c| matches!(c, '-' | '/' | '_'));
        let rest = &rest[4 + mark.map_or(0, char::len_utf8)..];
        let month = digits(rest, 2)?;
        let rest = match mark {
            None => &rest[2..],
            Some(mark) => rest[2..].strip_prefix(mark)?,
        };
        let day = digits(rest, 2)?;
        let rest = &rest[2..];
        // Eight digits in a row may begin a longer number.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        Some((year, i8::try_from(month).ok()?, i8::try_from(day).ok()?, rest))
    })
}

/// A time right behind a date: `T11:59:30`, ` 11:59`, `-115930`, `_1159`.
fn time(rest: &str) -> Option<(Time, &str)> {
    let mut rest = rest.strip_prefix(['T', 't', ' ', '-', '_'])?;
    let part = |rest: &mut &str, is_first: bool| -> Option<i8> {
        let inner = if is_first { *rest } else { rest.strip_prefix([':', '-']).unwrap_or(rest) };
        let value = digits(inner, 2)?;
        *rest = &inner[2..];
        i8::try_from(value).ok()
    };
    let hour = part(&mut rest, true)?;
    let minute = part(&mut rest, false)?;
    let mut after = rest;
    let second = part(&mut after, false);
    if second.is_some() {
        rest = after;
    }
    // Digits that go on are another number.
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let fraction = rest.strip_prefix('.').map(|r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    Some((Time::new(hour, minute, second.unwrap_or(0), 0).ok()?, fraction.unwrap_or(rest)))
}

fn digits(text: &str, count: usize) -> Option<i32> {
    let part = text.get(..count)?;
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_many_forms() {
        for (text, want) in [
            ("LOG-critical-2025-09-14-115930.md", "2025-09-14T11:59:30"),
            ("log-20250914_120000.md", "2025-09-14T12:00:00"),
            ("log-20250914.md", "2025-09-14"),
            ("2025-09-14-1210", "2025-09-14T12:10:00"),
            ("2025-09-18 05:37 UTC", "2025-09-18T05:37:00Z"),
            ("2025-09-11T15-00-00", "2025-09-11T15:00:00"),
            ("2025-09-15 14:38:47 PDT", "2025-09-15T14:38:47"),
            ("2025-09-14T21:37:17.707244+00:00", "2025-09-14T21:37:17Z"),
            ("2025/09/14", "2025-09-14"),
            ("20250914123", ""),
            ("2025-13-45", ""),
            ("port 2025", ""),
        ] {
            assert_eq!(moments(text).next().map(When::text).unwrap_or_default(), want, "{text}");
        }
    }

    #[test]
    fn dates_that_cannot_be_are_said() {
        let doubts = |name: &str, text: &str| {
            let today = Date::new(2025, 10, 1).ok();
            let (_, doubts) =
                started(&Outline::read(text), text.find("\n## ").unwrap_or(text.len()), name, today);
            doubts.into_iter().map(|(line, words)| format!("{line}: {words}")).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(doubts("a-2025-09-14.md", "# A\n**Date:** 2025-09-14 10:00\n"), "");
        assert_eq!(
            doubts("a-2025-01-09.md", "# A\n\n**Date:** 2025-09-01\n"),
            "3: the text says 2025-09-01, the name of the file 2025-01-09"
        );
        assert_eq!(doubts("a-2025-11-14.md", "# A\n"), "1: 2025-11-14 is after today, 2025-10-01");
        let log = "# A\n**Date:** 2025-01-09\n\n## B\n\n## C\n```\n2025-09-12T10:00:00Z boom\n```\n";
        assert_eq!(
            doubts("a.md", log),
            "2: it says 2025-01-09, but the nearest time in its text is of 2025-09-12"
        );
        assert_eq!(doubts("a-2025-13-45.md", "# A\n"), "1: 2025-13-45 is no date");
    }
}

//! Where a date, a time or a duration ends.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The end of the date or time that begins at `at`, if one does.
pub(super) fn moment(text: &[u8], at: usize) -> Option<usize> {
    let first = *text.get(at)?;
    let end = if first.is_ascii_digit() {
        date(text, at)
            .or_else(|| compact(text, at))
            .or_else(|| clock(text, at))
            .or_else(|| day_first(text, at))
    } else if first.is_ascii_uppercase() {
        named(text, at)
    } else {
        None
    }?;
    let after = text.get(end).copied().unwrap_or(b' ');
    (!after.is_ascii_alphanumeric() && after != b'_').then_some(end)
}

/// The end of the unit of a duration that follows a number: `ms`, or ` seconds`.
pub(super) fn unit(text: &[u8], at: usize) -> Option<usize> {
    let word = |from: usize| {
        let mut end = from;
        while text.get(end).is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80) {
            end += 1;
        }
        end
    };
    let end = word(at);
    if end > at {
        let close = ["ns", "us", "µs", "μs", "ms", "s", "sec", "secs", "m", "min", "mins", "h", "hr", "hrs"];
        let found = close.iter().any(|u| text[at..end] == *u.as_bytes());
        let whole = !text.get(end).is_some_and(|b| *b == b'_' || *b == b'-');
        return (found && whole).then_some(end);
    }
    if text.get(at) != Some(&b' ') {
        return None;
    }
    let end = word(at + 1);
    let apart = [
        "ns",
        "us",
        "µs",
        "ms",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "millisecond",
        "milliseconds",
        "microseconds",
        "nanoseconds",
        "min",
        "mins",
        "minute",
        "minutes",
        "hour",
        "hours",
        "day",
        "days",
    ];
    let whole = !text.get(end).is_some_and(|b| *b == b'_' || b.is_ascii_digit());
    (whole && apart.iter().any(|u| text[at + 1..end] == *u.as_bytes())).then_some(end)
}

/// `count` digits, and their value.
fn digits(text: &[u8], at: usize, count: usize) -> Option<u32> {
    let slice = text.get(at..at + count)?;
    slice.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

fn is_year(year: u32) -> bool {
    (1900..2200).contains(&year)
}

/// `2025-09-14`, with or without a time.
fn date(text: &[u8], at: usize) -> Option<usize> {
    let year = digits(text, at, 4)?;
    let sep = *text.get(at + 4)?;
    let (month, day) = (digits(text, at + 5, 2)?, digits(text, at + 8, 2)?);
    let fits = is_year(year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !fits || !matches!(sep, b'-' | b'/' | b'.') || text.get(at + 7) != Some(&sep) {
        return None;
    }
    let end = at + 10;
    let time = match text.get(end) {
        Some(b'T' | b't' | b' ' | b'_') => clock(text, end + 1).or_else(|| hours(text, end + 1)),
        _ => None,
    };
    Some(time.unwrap_or(end))
}

/// `11:59:30.123+02:00`; also `0:00:05`.
fn clock(text: &[u8], at: usize) -> Option<usize> {
    let wide = digits(text, at, 2).filter(|h| *h < 25).map(|_| 2);
    let width = wide.or_else(|| digits(text, at, 1).map(|_| 1))?;
    let colon = |at: usize| text.get(at) == Some(&b':');
    let at = at + width;
    let (minute, second) = (digits(text, at + 1, 2)?, digits(text, at + 4, 2)?);
    if !colon(at) || !colon(at + 3) || minute > 59 || second > 60 || colon(at + 6) {
        return None;
    }
    let mut end = at + 6;
    if matches!(text.get(end), Some(b'.' | b',')) && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        while text.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
    }
    Some(zone(text, end))
}

/// `11:59` after a date.
fn hours(text: &[u8], at: usize) -> Option<usize> {
    let (hour, minute) = (digits(text, at, 2)?, digits(text, at + 3, 2)?);
    (hour < 25 && minute < 60 && text.get(at + 2) == Some(&b':')).then(|| zone(text, at + 5))
}

fn zone(text: &[u8], at: usize) -> usize {
    let blank = usize::from(text.get(at) == Some(&b' '));
    let rest = &text[at.min(text.len())..];
    if rest.first() == Some(&b'Z') || rest.first() == Some(&b'z') {
        return at + 1;
    }
    for name in ["UTC", "GMT", "CET", "CEST", "EST", "EDT", "PST", "PDT"] {
        if rest[blank..].starts_with(name.as_bytes()) {
            return at + blank + name.len();
        }
    }
    if matches!(rest.get(blank), Some(b'+' | b'-')) {
        let from = at + blank + 1;
        if digits(text, from, 2).is_some_and(|h| h < 15) {
            if text.get(from + 2) == Some(&b':') && digits(text, from + 3, 2).is_some() {
                return from + 5;
            }
            if digits(text, from, 4).is_some() && digits(text, from, 5).is_none() {
                return from + 4;
            }
        }
    }
    at
}

/// `20250914T115930Z`, `20250914-115930`.
fn compact(text: &[u8], at: usize) -> Option<usize> {
    let day = digits(text, at, 8)?;
    let (year, month) = (day / 10_000, day / 100 % 100);
    let sep = matches!(text.get(at + 8), Some(b'T' | b'-' | b'_'));
    let time = digits(text, at + 9, 6)?;
    let fits = is_year(year) && (1..=12).contains(&month) && time / 10_000 < 25 && sep;
    if !fits || digits(text, at + 9, 7).is_some() {
        return None;
    }
    Some(at + 15 + usize::from(text.get(at + 15) == Some(&b'Z')))
}

fn month(text: &[u8], at: usize) -> Option<usize> {
    MONTHS.iter().any(|m| text[at.min(text.len())..].starts_with(m.as_bytes())).then_some(at + 3)
}

fn short_day(text: &[u8], at: usize) -> Option<usize> {
    let at = at + usize::from(text.get(at) == Some(&b' '));
    let wide = digits(text, at, 2).map(|d| (d, 2));
    let (day, width) = wide.or_else(|| digits(text, at, 1).map(|d| (d, 1)))?;
    ((1..=31).contains(&day) && digits(text, at + width, 1).is_none()).then_some(at + width)
}

/// `14 Sep 2025 11:59:30`, `14/Sep/2025:11:59:30 +0000`.
fn day_first(text: &[u8], at: usize) -> Option<usize> {
    let end = short_day(text, at)?;
    let sep = *text.get(end)?;
    let end = month(text, end + 1)?;
    if !matches!(sep, b' ' | b'/' | b'-') || text.get(end) != Some(&sep) {
        return None;
    }
    digits(text, end + 1, 4).filter(|y| is_year(*y))?;
    let end = end + 5;
    let time = matches!(text.get(end), Some(b' ' | b':')).then(|| clock(text, end + 1)).flatten();
    Some(time.unwrap_or(end))
}

/// `Sep 14 11:59:30`, `Sun Sep 14 11:59:30 2025`, `Sun, 14 Sep 2025 11:59:30 GMT`.
fn named(text: &[u8], at: usize) -> Option<usize> {
    if DAYS.iter().any(|d| text[at..].starts_with(d.as_bytes())) {
        return match text.get(at + 3)? {
            b',' if text.get(at + 4) == Some(&b' ') => day_first(text, at + 5),
            b' ' => named(text, at + 4).or_else(|| day_first(text, at + 4)),
            _ => None,
        };
    }
    let end = month(text, at).filter(|end| text.get(*end) == Some(&b' '))?;
    let end = short_day(text, end + 1)?;
    let time = (text.get(end) == Some(&b' ')).then(|| clock(text, end + 1)).flatten()?;
    let year = (text.get(time) == Some(&b' ')).then(|| digits(text, time + 1, 4)).flatten();
    Some(if year.is_some_and(is_year) { time + 5 } else { time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none() {
        for text in ["May I", "2025-13-14", "12:345", "1:2:3", "Sep x", "99:00:00x", "2025-09-14x", "Mon"] {
            assert_eq!(moment(text.as_bytes(), 0), None, "{text}");
        }
    }

    #[test]
    fn whole_moments() {
        for text in
            ["2025-09-14", "11:59:30", "2025-09-14T11:59:30+02:00", "2025-09-14 11:59 UTC", "14 Sep 2025"]
        {
            assert_eq!(moment(text.as_bytes(), 0), Some(text.len()), "{text}");
        }
    }
}

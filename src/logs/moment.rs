//! When a line was written, from the many ways to write that.

use crate::model::Timestamp;

/// A moment at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// `None` where the text tells no year and there is none to go by.
    pub(super) moment: Option<Timestamp>,
    /// How many bytes it takes.
    pub(super) length: usize,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads the moment that a text begins with. Without a zone it is taken as UTC. Where no year is
/// told it is the last such day that is not after `today`.
pub(super) fn leading(text: &str, today: Option<Timestamp>) -> Option<Found> {
    let bytes = text.as_bytes();
    if let Some((year, month, day, at)) = numeric_date(bytes).or_else(|| day_first(text)) {
        let sep = bytes.get(at).copied();
        let clock = matches!(sep, Some(b'T' | b't' | b' ' | b':')).then(|| clock(bytes, at + 1)).flatten();
        let (time, end) = clock?;
        let (offset, end) = zone(bytes, end);
        return Some(Found { moment: moment(year, month, day, time, offset), length: end });
    }
    // `Sep 14 11:59:30`, with the day of the week before it and the year behind it or not.
    let skipped =
        ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "].iter().any(|d| text.starts_with(d));
    let from = if skipped { 4 } else { 0 };
    let month = MONTHS.iter().position(|m| text.get(from..from + 3) == Some(m))?;
    let month = u32::try_from(month + 1).ok()?;
    let mut at = from + 4;
    at += usize::from(bytes.get(at) == Some(&b' '));
    let width = bytes[at.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let day = number(bytes, at, width).filter(|_| (1..=2).contains(&width))?;
    let (time, end) =
        (bytes.get(at + width) == Some(&b' ')).then(|| clock(bytes, at + width + 1)).flatten()?;
    if let Some(year) =
        number(bytes, end + 1, 4).filter(|y| bytes.get(end) == Some(&b' ') && (1970..2200).contains(y))
    {
        return Some(Found { moment: moment(year, month, day, time, 0), length: end + 5 });
    }
    Some(Found { moment: without_year(month, day, time, today), length: end })
}

/// klog's `0914 11:59:30.123456`.
pub(super) fn klog(text: &str, today: Option<Timestamp>) -> Option<Found> {
    let bytes = text.as_bytes();
    let (month, day) = (number(bytes, 0, 2)?, number(bytes, 2, 2)?);
    let (time, end) = (bytes.get(4) == Some(&b' ')).then(|| clock(bytes, 5)).flatten()?;
    Some(Found { moment: without_year(month, day, time, today), length: end })
}

/// A moment as a number since 1970: of seconds, milli-, micro- or nanoseconds, by its size.
pub(super) fn epoch(number: f64) -> Option<Timestamp> {
    let seconds = match number.abs() {
        n if n < 1e8 => return None,
        n if n < 1e11 => number,
        n if n < 1e14 => number / 1e3,
        n if n < 1e17 => number / 1e6,
        n if n < 1e20 => number / 1e9,
        _ => return None,
    };
    Some(Timestamp::from_second(seconds.floor() as i64))
}

/// A whole text that is a moment: RFC 3339 or any of the other forms, or a number.
pub(super) fn whole(text: &str, today: Option<Timestamp>) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    if let Ok(number) = text.parse::<f64>() {
        return epoch(number);
    }
    leading(text, today).and_then(|f| f.moment)
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let slice = bytes.get(at..at + count).filter(|s| !s.is_empty())?;
    slice.iter().try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

fn numeric_date(bytes: &[u8]) -> Option<(u32, u32, u32, usize)> {
    let year = number(bytes, 0, 4).filter(|y| (1970..2200).contains(y))?;
    let sep = *bytes.get(4)?;
    let (month, day) = (number(bytes, 5, 2)?, number(bytes, 8, 2)?);
    (matches!(sep, b'-' | b'/' | b'.') && bytes.get(7) == Some(&sep)).then_some((year, month, day, 10))
}

/// `14/Sep/2025:11:59:30 +0000`, `14 Sep 2025 11:59:30.123`.
fn day_first(text: &str) -> Option<(u32, u32, u32, usize)> {
    let bytes = text.as_bytes();
    let day = number(bytes, 0, 2)?;
    let month = MONTHS.iter().position(|m| text.get(3..6) == Some(m))?;
    let year = number(bytes, 7, 4).filter(|y| (1970..2200).contains(y))?;
    let fits = matches!(bytes[2], b'/' | b' ' | b'-') && bytes[6] == bytes[2];
    fits.then_some((year, u32::try_from(month + 1).ok()?, day, 11))
}

/// Seconds of the day, and where the clock's time ends, its fraction included.
fn clock(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let (hour, minute, second) =
        (number(bytes, at, 2)?, number(bytes, at + 3, 2)?, number(bytes, at + 6, 2)?);
    let colons = bytes.get(at + 2) == Some(&b':') && bytes.get(at + 5) == Some(&b':');
    if !colons || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut end = at + 8;
    if matches!(bytes.get(end), Some(b'.' | b',')) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        end += bytes[end..].iter().take_while(|b| b.is_ascii_digit()).count();
    }
    Some((hour * 3600 + minute * 60 + second, end))
}

/// The zone's offset in seconds, and where it ends.
fn zone(bytes: &[u8], at: usize) -> (i64, usize) {
    let rest = &bytes[at..];
    if matches!(rest.first(), Some(b'Z' | b'z')) {
        return (0, at + 1);
    }
    for name in [" UTC", " GMT", "UTC"] {
        if rest.starts_with(name.as_bytes()) {
            return (0, at + name.len());
        }
    }
    let blank = usize::from(rest.first() == Some(&b' '));
    let sign = match rest.get(blank) {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (0, at),
    };
    let from = at + blank + 1;
    let Some(hours) = number(bytes, from, 2).filter(|h| *h < 15) else { return (0, at) };
    let colon = usize::from(bytes.get(from + 2) == Some(&b':'));
    match number(bytes, from + 2 + colon, 2) {
        Some(minutes) => (sign * i64::from(hours * 3600 + minutes * 60), from + 4 + colon),
        None if blank == 0 => (sign * i64::from(hours * 3600), from + 2),
        None => (0, at),
    }
}

fn moment(year: u32, month: u32, day: u32, time: u32, offset: i64) -> Option<Timestamp> {
    let midnight: Timestamp = format!("{year:04}-{month:02}-{day:02}T00:00:00Z").parse().ok()?;
    Some(midnight.plus(i64::from(time) - offset))
}

/// The last such moment that is not after today, by a day's grace for zones.
fn without_year(month: u32, day: u32, time: u32, today: Option<Timestamp>) -> Option<Timestamp> {
    let today = today?;
    let year: u32 = today.to_string().get(..4)?.parse().ok()?;
    let this = moment(year, month, day, time, 0);
    this.filter(|m| *m <= today.plus(86_400)).or_else(|| moment(year - 1, month, day, time, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(text: &str, wanted: &str, rest: &str) {
        let today = "2025-10-01T00:00:00Z".parse().ok();
        let found = leading(text, today).expect("a moment");
        assert_eq!(found.moment.map(|m| m.to_string()).as_deref(), Some(wanted), "{text}");
        assert_eq!(&text[found.length..], rest);
    }

    #[test]
    fn forms_of_moments() {
        is("2025-09-14T11:59:30.5Z x", "2025-09-14T11:59:30Z", " x");
        is("2025-09-14T13:59:30+02:00 x", "2025-09-14T11:59:30Z", " x");
        is("2025-09-14 11:59:30,123 x", "2025-09-14T11:59:30Z", " x");
        is("2025/09/14 11:59:30 [error]", "2025-09-14T11:59:30Z", " [error]");
        is("14/Sep/2025:13:59:30 +0200] x", "2025-09-14T11:59:30Z", "] x");
        is("Sep 14 11:59:30 host", "2025-09-14T11:59:30Z", " host");
        is("Sep  4 11:59:30 host", "2025-09-04T11:59:30Z", " host");
        is("Dec 24 11:59:30 host", "2024-12-24T11:59:30Z", " host");
        is("Sun Sep 14 11:59:30 2025 x", "2025-09-14T11:59:30Z", " x");
        assert_eq!(leading("Sep 14 11:59:30 x", None).map(|f| f.moment), Some(None));
        assert_eq!(leading("no time", None), None);
        assert_eq!(leading("2025-99-14T11:59:30Z", None).and_then(|f| f.moment), None);
    }

    #[test]
    fn numbers_since_1970() {
        for number in
            [1_757_851_170.0, 1_757_851_170_123.0, 1_757_851_170_123_456.0, 1_757_851_170_123_456_789.0]
        {
            assert_eq!(epoch(number).map(|m| m.to_string()).as_deref(), Some("2025-09-14T11:59:30Z"));
        }
        assert_eq!(epoch(12.0), None);
    }
}

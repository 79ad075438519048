//! Days, weeks and months, in UTC; times in words.

use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::chronicle::version::moment;
use crate::model::Timestamp;

/// A day has so many seconds.
pub(super) const DAY: i64 = 86_400;
/// The most steps of an axis of time.
const STEPS: usize = 26;

/// From when on: a moment, a day, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This moment.
    At(Timestamp),
    /// So many seconds ago.
    Ago(i64),
}

impl Since {
    /// The moment.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(seconds) => now.plus(-seconds),
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(at) = moment(text) {
            return Ok(Self::At(at));
        }
        let wrong = "a day such as 2025-09-14, a moment such as 2025-09-14T12:00:00Z, or 90d, 12w, 6m, 1y";
        let (count, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(wrong)?;
        let days = match unit {
            "d" => 1,
            "w" => 7,
            "m" => 30,
            "y" => 365,
            _ => return Err(wrong),
        };
        let count: i64 = count.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or(wrong)?;
        Ok(Self::Ago(count * days * DAY))
    }
}

/// One step of an axis of time: from a moment to before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its beginning.
    pub from: Timestamp,
    /// The moment after it.
    pub to: Timestamp,
    /// A short name: `14 Sep`, `Sep 25`.
    pub label: String,
}

/// A unit of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// The steps from one moment to another, at most 26 of the smallest unit for which that is enough.
/// Of more years than that only the last ones.
pub(super) fn steps(from: Timestamp, to: Timestamp) -> (Unit, Vec<Step>) {
    let (from, to) = (date(from.min(to)), date(to));
    for unit in [Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year] {
        let mut steps = Vec::new();
        // From the last one back, so that the latest are there whatever happens.
        let mut begin = begin(to, unit);
        let mut end = next(begin, unit);
        while steps.len() <= STEPS && end > from {
            let label = label(begin, unit);
            steps.push(Step { from: instant(begin), to: instant(end), label });
            end = begin;
            begin = self::begin(begin.saturating_sub(1.day()), unit);
        }
        if steps.len() <= STEPS || unit == Unit::Year {
            steps.truncate(STEPS);
            steps.reverse();
            return (unit, steps);
        }
    }
    (Unit::Year, Vec::new())
}

fn date(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_second(at.as_second()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::UTC.to_datetime(at).date()
}

fn instant(date: Date) -> Timestamp {
    let midnight = date.at(0, 0, 0, 0);
    let at = jiff::tz::Offset::UTC.to_timestamp(midnight);
    Timestamp::from_second(at.map_or(0, |at| at.as_second()))
}

fn begin(date: Date, unit: Unit) -> Date {
    let month = |month: i8| Date::new(date.year(), month, 1).unwrap_or(date);
    match unit {
        Unit::Day => date,
        Unit::Week => date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days()),
        Unit::Month => month(date.month()),
        Unit::Quarter => month((date.month() - 1) / 3 * 3 + 1),
        Unit::Year => month(1),
    }
}

fn next(begin: Date, unit: Unit) -> Date {
    match unit {
        Unit::Day => begin.saturating_add(1.day()),
        Unit::Week => begin.saturating_add(7.days()),
        Unit::Month => begin.saturating_add(1.month()),
        Unit::Quarter => begin.saturating_add(3.months()),
        Unit::Year => begin.saturating_add(1.year()),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn label(begin: Date, unit: Unit) -> String {
    let month = MONTHS[usize::from(begin.month().unsigned_abs().clamp(1, 12)) - 1];
    match unit {
        Unit::Day | Unit::Week => format!("{} {month}", begin.day()),
        Unit::Month => format!("{month} {:02}", begin.year().rem_euclid(100)),
        Unit::Quarter => format!("Q{} {:02}", (begin.month() + 2) / 3, begin.year().rem_euclid(100)),
        Unit::Year => begin.year().to_string(),
    }
}

/// The day of a moment: `2025-09-14`.
pub fn day(at: Timestamp) -> String {
    date(at).to_string()
}

/// The minute of a moment: `2025-09-14 12:03`.
pub(super) fn minute(at: Timestamp) -> String {
    at.to_string().replace('T', " ").chars().take(16).collect()
}

/// How long it is from one moment to another, in its largest unit; never negative.
pub(super) fn between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).max(0)
}

/// So many seconds, in words, rounded down: `5 hours`, `12 days`, `3 months`.
pub(super) fn long(seconds: i64) -> String {
    let (count, word) = match seconds {
        ..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        172_800..5_184_000 => (seconds / DAY, "day"),
        5_184_000..63_072_000 => (seconds / (30 * DAY), "month"),
        _ => (seconds / (365 * DAY), "year"),
    };
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        moment(text).expect("a moment")
    }

    #[test]
    fn steps_are_the_smallest_that_fit_and_end_today() {
        for (from, unit, count, first, last) in [
            ("2025-09-14", Unit::Day, 1, "14 Sep", "14 Sep"),
            ("2025-08-20T23:59:59Z", Unit::Day, 26, "20 Aug", "14 Sep"),
            ("2025-08-19", Unit::Week, 4, "18 Aug", "8 Sep"),
            ("2025-01-01", Unit::Month, 9, "Jan 25", "Sep 25"),
            ("2022-02-01", Unit::Quarter, 15, "Q1 22", "Q3 25"),
            ("1970-01-01", Unit::Year, 26, "2000", "2025"),
            ("0001-01-01", Unit::Year, 26, "2000", "2025"),
            ("2030-01-01", Unit::Day, 1, "14 Sep", "14 Sep"),
        ] {
            let (found, steps) = steps(at(from), at("2025-09-14T12:00:00Z"));
            let ends = (&*steps[0].label, &*steps[steps.len() - 1].label);
            assert_eq!((found, steps.len(), ends), (unit, count, (first, last)), "{from}");
            assert!(steps.windows(2).all(|two| two[0].to == two[1].from), "{steps:?}");
        }
    }

    #[test]
    fn times_in_words() {
        let words =
            [0, 59, 61, 3_600, 47 * 3_600, 49 * 3_600, 59 * DAY, 60 * DAY, 729 * DAY, 730 * DAY].map(long);
        assert_eq!(
            words,
            [
                "0 minutes",
                "0 minutes",
                "1 minute",
                "1 hour",
                "47 hours",
                "2 days",
                "59 days",
                "2 months",
                "24 months",
                "2 years"
            ]
        );
        assert_eq!(between(at("2025-09-14"), at("2025-09-13")), 0);
        assert_eq!(minute(at("2025-09-14T12:03:11Z")), "2025-09-14 12:03");
    }

    #[test]
    fn since_is_a_day_a_moment_or_so_long_ago() {
        let now = at("2025-09-14T12:00:00Z");
        for (text, from) in [
            ("2025-09-01", "2025-09-01T00:00:00Z"),
            ("2025-09-01T10:00:00+02:00", "2025-09-01T08:00:00Z"),
            ("2w", "2025-08-31T12:00:00Z"),
            ("1y", "2024-09-14T12:00:00Z"),
        ] {
            let since: Since = text.parse().expect(text);
            assert_eq!(since.before(now).to_string(), from);
        }
        for text in ["", "d", "0d", "-3d", "99999d", "3 d", "yesterday", "5h", "ä"] {
            assert!(text.parse::<Since>().is_err(), "{text}");
        }
    }
}

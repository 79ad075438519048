//! The table, and which limits hold.
//!
//! The limits are those of 1,000 issues at 50 ms an answer. They are told and not enforced.

use std::collections::BTreeMap;
use std::io::Write;

use crate::Told;
use crate::measured::Measure;
use crate::scene::Size;

/// A scenario and what three clients took for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) gardener: Measure,
    pub(crate) floor: Measure,
    pub(crate) naive: Measure,
    /// The sync a minute afterwards, where that was measured.
    pub(crate) after: Option<Measure>,
}

/// All scenarios.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    size: Size,
    pub(crate) rows: Vec<Row>,
    /// Nothing to do, with other numbers of issues.
    pub(crate) others: Vec<(usize, Measure)>,
}

/// What is allowed in a scenario: requests, connections, and times the floor's seconds.
struct Limit {
    scenario: &'static str,
    requests: usize,
    connections: Option<u64>,
    times: f64,
}

/// Two requests at once take two connections.
const LIMITS: [Limit; 5] = [
    Limit { scenario: "first sync", requests: 14, connections: None, times: 1.5 },
    Limit { scenario: "nothing to do", requests: 2, connections: Some(2), times: 1.5 },
    Limit { scenario: "10 changed here", requests: 5, connections: Some(1), times: 2.0 },
    Limit { scenario: "10 changed on GitHub", requests: 5, connections: Some(1), times: 2.0 },
    Limit { scenario: "50 created", requests: 12, connections: Some(1), times: 3.0 },
];

/// Times at 100 and 3,000 issues count as one if they are as near as this.
const SAME: f64 = 1.25;

impl Table {
    pub(crate) fn new(size: Size) -> Self {
        Self { size, rows: Vec::new(), others: Vec::new() }
    }

    /// Prints all of it.
    pub(crate) fn print(&self, out: &mut impl Write) -> Told<()> {
        let Size { worklogs, tracked, .. } = self.size;
        writeln!(out, "\n{tracked} tracked issues in {worklogs} worklogs; GitHub takes 50 ms for an answer")?;
        writeln!(out, "\n{:28}gardener{:40}  floor{:14}  naive{:10}  ratios", "", "", "", "")?;
        writeln!(
            out,
            "{:27} {:>8} {:>5} {:>5} {:>8} {:>8} {:>8}  {:>8} {:>5} {:>6}  {:>6} {:>8}  {:>7} {:>7}",
            "",
            "requests",
            "304s",
            "conns",
            "seconds",
            "+commit",
            "peak MB",
            "requests",
            "conns",
            "s",
            "req",
            "s",
            "g/floor",
            "naive/g"
        )?;
        for row in &self.rows {
            let Row { gardener: g, floor, naive, .. } = row;
            writeln!(
                out,
                "{} {:>8} {:>5} {:>6.3}  {:>6} {:>8.3}  {:>6.1}× {:>6.1}×",
                start(&row.name, g),
                floor.requests,
                floor.connections,
                floor.seconds,
                naive.requests,
                naive.seconds,
                g.seconds / floor.seconds,
                naive.seconds / g.seconds
            )?;
            if let Some(after) = &row.after {
                writeln!(out, "{}", start("  a minute after that", after))?;
            }
        }
        for (issues, measure) in &self.others {
            writeln!(out, "{}", start(&format!("nothing to do, {issues}"), measure))?;
        }
        writeln!(
            out,
            "\nThe naive client's seconds are scaled up from 100 issues, unless --naive-whole says otherwise."
        )?;
        writeln!(out, "Requests:")?;
        for row in &self.rows {
            writeln!(out, "  {}: {}", row.name, kinds(&row.gardener.kinds))?;
            if let Some(after) = &row.after {
                writeln!(out, "    a minute after that: {}", kinds(&after.kinds))?;
            }
            writeln!(out, "    floor: {}", kinds(&row.floor.kinds))?;
        }
        writeln!(out, "\nLimits (of 1,000 issues; without the commit):")?;
        for limit in &LIMITS {
            let row = self.rows.iter().find(|row| row.name == limit.scenario);
            for (holds, words) in row.map(|row| limit.judge(row)).unwrap_or_default() {
                told(out, holds, &format!("{}: {words}", limit.scenario))?;
            }
        }
        if let [(_, few), (_, many)] = &self.others[..] {
            let times = many.seconds / few.seconds;
            let words =
                format!("nothing to do: 3,000 issues take {times:.2} times as long as 100 (at most {SAME})");
            told(out, times <= SAME, &words)?;
        }
        Ok(())
    }
}

impl Limit {
    fn judge(&self, row: &Row) -> Vec<(bool, String)> {
        let Row { gardener: g, floor, .. } = row;
        let times = g.seconds / floor.seconds;
        let mut said = vec![
            (g.requests <= self.requests, format!("{} requests of {}", g.requests, self.requests)),
            (times <= self.times, format!("{times:.1} times the floor's time of {:.1}", self.times)),
        ];
        if let Some(most) = self.connections {
            said.push((g.connections <= most, format!("{} connections of {most}", g.connections)));
        }
        if self.scenario == "nothing to do" {
            said.push((g.unchanged == g.requests, format!("{} of {} answered 304", g.unchanged, g.requests)));
        }
        said
    }
}

/// gardener's part of a line.
fn start(name: &str, g: &Measure) -> String {
    let commit = g.commit.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.3}"));
    format!(
        "{name:27} {:>8} {:>5} {:>5} {:>8.3} {commit:>8} {:>8.1} ",
        g.requests, g.unchanged, g.connections, g.seconds, g.peak
    )
}

fn told(out: &mut impl Write, holds: bool, words: &str) -> Told<()> {
    Ok(writeln!(out, "  {}  {words}", if holds { "holds" } else { "  NOT" })?)
}

fn kinds(kinds: &BTreeMap<String, usize>) -> String {
    let words: Vec<_> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    words.join(", ")
}

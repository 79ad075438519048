//! What became of a suite: how its command ended and what its results say, made into one outcome.
//!
//! A test is only failed where the results name it. Everything else that is wrong (a suite that
//! could not start, build or collect, results that are missing or end too early) is a [`Trouble`] of
//! the suite as a whole: fifty tests that could not run are one problem. Only parts that could not be
//! collected for several causes, as two imports that fail, are several. Nothing is ever passed
//! because nothing was said.

use std::time::Duration;

use super::parts::parts;
use crate::model::{Complaint, Failure, Fault, Format, Results};

/// How a suite ended, in the words of a worklog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It ran to its end, and no test failed.
    Passed,
    /// Tests failed, or a command without results said so by its exit code.
    Failed,
    /// It took longer than it may.
    TimedOut,
    /// It could not run, or not to its end, or its results are not whole.
    Error,
}

/// How the command of a suite ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signal(i32),
    /// It was ended because its time was up.
    TimedOut(Duration),
    /// It was ended because somebody wanted the run to stop.
    Stopped,
    /// It never started, and why.
    NotStarted(String),
    /// There was no command: the results were made elsewhere.
    Elsewhere,
}

/// What is wrong with a suite as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What sort.
    pub what: What,
    /// One line, without the suite's name.
    pub title: String,
    /// Everything that helps to see why.
    pub detail: String,
}

/// A sort of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Its tests did not run, or not all of them, or that is not known.
    Environment,
    /// Its time was up, and no test is known that was running.
    TimedOut,
    /// A command without results failed.
    Failed,
}

/// A suite's command and promises, as far as a verdict needs them.
#[derive(Clone, Copy, Debug)]
pub struct Promised<'a> {
    /// What its results are written in.
    pub format: Format,
    /// The file they were to be in, if not in its output.
    pub file: Option<&'a str>,
}

/// A suite that ran.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How it ended.
    pub outcome: Outcome,
    /// What there is to say of it, in a few words.
    pub note: Option<String>,
    /// What its tests said, with those blamed that were running when it ended.
    pub results: Results,
    /// What is wrong with it as a whole.
    pub trouble: Option<Trouble>,
    /// Where parts could not be collected for several causes, those after the first.
    pub others: Vec<Trouble>,
    /// Whether every test it has was told of: only then is an absent test absent.
    pub is_whole: bool,
    /// Whether it was stopped from outside, which is nobody's fault.
    pub is_stopped: bool,
}

impl Outcome {
    /// The word in a worklog.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::Error => "error",
        }
    }
}

/// Of so many tests that were running when a suite was ended each may be the one that hangs.
const MOST_BLAMED: usize = 4;

/// Judges a suite by how its command ended, what it printed, and its results: `None` where the
/// file it promised is not there.
pub fn judge(promised: Promised<'_>, ended: &Ended, output: &str, results: Option<Results>) -> Verdict {
    let has_results = promised.format != Format::ExitStatus;
    let is_missing = has_results && results.is_none();
    let mut results = results.unwrap_or_default();
    let running = std::mem::take(&mut results.running);
    let cut = results.complaints.iter().find_map(|complaint| match complaint {
        Complaint::CutShort(why) => Some(why.clone()),
        _ => None,
    });
    let nothing = has_results && results.told() == 0 && !says_none(&results);
    let (mut trouble, mut others) = (None, Vec::new());
    let environment =
        |title: String, detail: String| Some(Trouble { what: What::Environment, title, detail });
    let outcome = match ended {
        Ended::NotStarted(why) => {
            trouble = environment(first_line(why), joined(&[why, output]));
            Outcome::Error
        }
        Ended::Stopped => Outcome::Error,
        Ended::TimedOut(after) => {
            let after = words(*after);
            if !blame(&mut results, &running, Fault::TimedOut, &format!("timed out after {after}"), output) {
                let title = match &results.last {
                    Some(last) => format!("timed out after {after}; the last test that ended was {last}"),
                    None => format!("timed out after {after}"),
                };
                trouble = Some(Trouble { what: What::TimedOut, title, detail: output.to_owned() });
            }
            Outcome::TimedOut
        }
        Ended::Signal(number) => {
            let how = format!("killed by {}", signal(*number));
            if !blame(&mut results, &running, Fault::Crashed, &how, output) {
                trouble = environment(how, output.to_owned());
            }
            if results.failed > 0 { Outcome::Failed } else { Outcome::Error }
        }
        Ended::Exited(0) if promised.format == Format::ExitStatus => Outcome::Passed,
        Ended::Exited(code) if promised.format == Format::ExitStatus => {
            let title = format!("exit code {code}");
            trouble = Some(Trouble { what: What::Failed, title, detail: output.to_owned() });
            Outcome::Failed
        }
        Ended::Exited(_) | Ended::Elsewhere => {
            let code = if let Ended::Exited(code) = ended { Some(*code) } else { None };
            // The command ended by itself and a test did not: the test took the process with it.
            // Of results that were made elsewhere only a part may have come.
            let died = code.is_some_and(|code| code != 0 || cut.is_some());
            let how = code.map_or("ended".to_owned(), |code| format!("ended with exit code {code}"));
            let blamed = died
                && running.len() <= MOST_BLAMED
                && blame(
                    &mut results,
                    &running,
                    Fault::Crashed,
                    &format!("the process {how} under it"),
                    output,
                );
            let nothing = nothing && cut.is_none() && running.is_empty();
            let mut causes = parts(&results, output).into_iter();
            trouble = causes
                .next()
                .or_else(|| missing(promised, is_missing, nothing, code, output))
                .or_else(|| incomplete(&results, cut.as_deref(), blamed, &running, output))
                .or_else(|| unexplained(&results, code, output));
            others = causes.collect();
            match (results.failed, &trouble) {
                (1.., _) => Outcome::Failed,
                (0, Some(_)) => Outcome::Error,
                (0, None) => Outcome::Passed,
            }
        }
    };
    let by_itself = matches!(ended, Ended::Exited(_) | Ended::Elsewhere);
    let is_whole = by_itself && trouble.is_none() && running.is_empty() && results.complaints.is_empty();
    let is_stopped = *ended == Ended::Stopped;
    let note = if is_stopped {
        Some("stopped before its end".to_owned())
    } else if results.failed > 0 || outcome == Outcome::TimedOut {
        trouble.as_ref().map(|t| t.title.clone())
    } else {
        None
    };
    Verdict { outcome, note, results, trouble, others, is_whole, is_stopped }
}

/// A plan of no tests at all is an answer, too.
fn says_none(results: &Results) -> bool {
    results.complaints.is_empty()
}

/// Makes failures of tests that were running; `false` if none is known or they are too many.
fn blame(results: &mut Results, running: &[String], fault: Fault, how: &str, output: &str) -> bool {
    if running.is_empty() || running.len() > MOST_BLAMED {
        return false;
    }
    for test in running {
        results.failed += 1;
        results.failures.push(Failure {
            test: test.clone(),
            file: None,
            fault,
            kind: None,
            message: how.to_owned(),
            detail: String::new(),
            output: output.to_owned(),
            is_flaky: false,
        });
    }
    true
}

/// Results where none are.
fn missing(
    promised: Promised<'_>,
    is_missing: bool,
    nothing: bool,
    code: Option<i32>,
    output: &str,
) -> Option<Trouble> {
    if !is_missing && !nothing {
        return None;
    }
    let how = code.map_or(String::new(), |code| format!("exit code {code}, and "));
    let title = match promised.file {
        Some(file) if is_missing => format!("{how}no results in {file}"),
        Some(file) => format!("{how}no test in {file}"),
        None => format!("{how}no test in its output ({})", promised.format.word()),
    };
    Some(Trouble { what: What::Environment, title, detail: output.to_owned() })
}

/// Results that are not whole, unless the tests blamed for it say so.
fn incomplete(
    results: &Results,
    cut: Option<&str>,
    blamed: bool,
    running: &[String],
    output: &str,
) -> Option<Trouble> {
    let counts = results.complaints.iter().find_map(|complaint| match complaint {
        Complaint::Counts { said, told } => Some(format!("its results say {said}, and tell of {told}")),
        _ => None,
    });
    let during = match running {
        [] => String::new(),
        [one] => format!(", while {one} was running"),
        many => format!(", while {} tests were running", many.len()),
    };
    let cut = cut.map(|why| format!("its results end too early{during}: {}", first_line(why)));
    let open = (!running.is_empty()).then(|| format!("{} tests never ended", running.len()));
    let title = cut.or(counts).or(open).filter(|_| !blamed)?;
    Some(Trouble { what: What::Environment, title, detail: joined(&[&running.join("\n"), output]) })
}

/// An exit code that no test explains.
fn unexplained(results: &Results, code: Option<i32>, output: &str) -> Option<Trouble> {
    let code = code.filter(|code| *code != 0 && results.failed == 0)?;
    let tests = results.passed;
    let title = match tests + results.skipped {
        0 => format!("exit code {code}, and no test"),
        1 => format!("exit code {code}, though its only test did not fail"),
        tests => format!("exit code {code}, though none of {tests} tests failed"),
    };
    Some(Trouble { what: What::Environment, title, detail: output.to_owned() })
}

/// A time as people say it: `90 s`, `10 min`.
pub fn words(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds if seconds % 60 == 0 && seconds < 7200 => format!("{} min", seconds / 60),
        seconds if seconds < 7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn signal(number: i32) -> String {
    let name = match number {
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    name.to_owned()
}

pub(super) fn first_line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

pub(super) fn joined(texts: &[&str]) -> String {
    let texts: Vec<_> = texts.iter().filter(|text| !text.trim().is_empty()).copied().collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUNIT: Promised<'static> = Promised { format: Format::Junit, file: Some("out.xml") };
    const GO: Promised<'static> = Promised { format: Format::GoJson, file: None };
    const STATUS: Promised<'static> = Promised { format: Format::ExitStatus, file: None };

    fn results(passed: u64, failed: u64) -> Results {
        let failures = (0..failed).map(|n| Failure {
            test: format!("t{n}"),
            file: None,
            fault: Fault::Failed,
            kind: None,
            message: "no".to_owned(),
            detail: String::new(),
            output: String::new(),
            is_flaky: false,
        });
        Results { passed, failed, failures: failures.collect(), ..Results::default() }
    }

    fn complaining(mut results: Results, complaint: Complaint) -> Results {
        results.complaints.push(complaint);
        results
    }

    /// Outcome, trouble and whether the results are whole.
    fn seen(verdict: &Verdict) -> (Outcome, Option<&str>, bool) {
        (verdict.outcome, verdict.trouble.as_ref().map(|t| t.title.as_str()), verdict.is_whole)
    }

    #[test]
    fn results_and_exit_codes_together_make_the_outcome() {
        use Outcome::{Error, Failed, Passed};
        let exit = Ended::Exited;
        let cut = || Complaint::CutShort("line 7".to_owned());
        let counts = || Complaint::Counts { said: "5 tests".to_owned(), told: "2".to_owned() };
        let rows = [
            (JUNIT, exit(0), Some(results(3, 0)), (Passed, None, true)),
            (JUNIT, exit(1), Some(results(3, 2)), (Failed, None, true)),
            (JUNIT, exit(0), Some(results(3, 2)), (Failed, None, true)),
            (
                JUNIT,
                exit(1),
                Some(results(3, 0)),
                (Error, Some("exit code 1, though none of 3 tests failed"), false),
            ),
            (JUNIT, exit(0), None, (Error, Some("exit code 0, and no results in out.xml"), false)),
            (JUNIT, exit(4), None, (Error, Some("exit code 4, and no results in out.xml"), false)),
            (
                JUNIT,
                exit(0),
                Some(complaining(results(0, 0), Complaint::Nothing)),
                (Error, Some("exit code 0, and no test in out.xml"), false),
            ),
            // A plan of none, said as such.
            (JUNIT, exit(0), Some(results(0, 0)), (Passed, None, true)),
            (
                GO,
                exit(0),
                Some(complaining(results(2, 0), cut())),
                (Error, Some("its results end too early: line 7"), false),
            ),
            (
                GO,
                exit(1),
                Some(complaining(results(2, 1), cut())),
                (Failed, Some("its results end too early: line 7"), false),
            ),
            (
                JUNIT,
                Ended::Elsewhere,
                Some(complaining(results(2, 0), counts())),
                (Error, Some("its results say 5 tests, and tell of 2"), false),
            ),
            (JUNIT, Ended::Elsewhere, Some(results(2, 0)), (Passed, None, true)),
            (STATUS, exit(0), None, (Passed, None, true)),
            (STATUS, exit(3), None, (Failed, Some("exit code 3"), false)),
            (GO, Ended::Stopped, Some(results(2, 0)), (Error, None, false)),
            (
                GO,
                Ended::NotStarted("no program `x`".to_owned()),
                None,
                (Error, Some("no program `x`"), false),
            ),
        ];
        for (promised, ended, results, expected) in rows {
            let verdict = judge(promised, &ended, "printed", results.clone());
            assert_eq!(seen(&verdict), expected, "{ended:?} {results:?}");
        }
    }

    #[test]
    fn what_was_running_is_blamed_and_nobody_else() {
        let mut hanging = results(39, 0);
        hanging.running = vec!["test_slow".to_owned()];
        let limit = Ended::TimedOut(Duration::from_secs(600));
        let verdict = judge(GO, &limit, "waiting", Some(hanging.clone()));
        assert_eq!(seen(&verdict), (Outcome::TimedOut, None, false));
        let [failure] = &verdict.results.failures[..] else { panic!("{verdict:?}") };
        assert_eq!((failure.test.as_str(), failure.fault), ("test_slow", Fault::TimedOut));
        assert_eq!(failure.message, "timed out after 10 min");
        // Where too many were running, nobody can be named.
        hanging.running = (0..5).map(|n| n.to_string()).collect();
        hanging.last = Some("test_first".to_owned());
        let verdict = judge(GO, &limit, "waiting", Some(hanging));
        let title = "timed out after 10 min; the last test that ended was test_first";
        assert_eq!(seen(&verdict), (Outcome::TimedOut, Some(title), false));
        assert!(verdict.results.failures.is_empty());
        let mut dying = results(1, 0);
        dying.running = vec!["test_crash".to_owned()];
        let verdict = judge(GO, &Ended::Signal(11), "", Some(dying.clone()));
        assert_eq!(
            (verdict.outcome, verdict.results.failures[0].message.as_str()),
            (Outcome::Failed, "killed by SIGSEGV")
        );
        let verdict = judge(GO, &Ended::Signal(11), "", None);
        assert_eq!(seen(&verdict), (Outcome::Error, Some("killed by SIGSEGV"), false));
        let verdict =
            judge(GO, &Ended::Exited(2), "", Some(complaining(dying, Complaint::CutShort(String::new()))));
        assert_eq!((seen(&verdict), verdict.results.failed), ((Outcome::Failed, None, false), 1));
    }

    #[test]
    fn parts_that_did_not_run_are_a_trouble_for_each_cause() {
        let part = |name: &str, message: &str| Complaint::Part {
            name: name.to_owned(),
            message: message.to_owned(),
            detail: format!("at {name}"),
        };
        let said = "ModuleNotFoundError: No module named 'x'";
        let two = complaining(complaining(results(1, 0), part("a", said)), part("b", said));
        let three = complaining(two, part("c", "ImportError: cannot import name 'total' from 'shop'"));
        let verdict = judge(JUNIT, &Ended::Exited(2), "", Some(three));
        let title = format!("2 parts did not run, the first: a: {said}");
        assert_eq!(seen(&verdict).1, Some(title.as_str()));
        let others: Vec<&str> = verdict.others.iter().map(|t| t.title.as_str()).collect();
        assert_eq!(others, ["c: ImportError: cannot import name 'total' from 'shop'"]);
        let trouble = verdict.trouble.expect("one");
        assert_eq!(trouble.detail, format!("a\n{said}\nat a\n\nb\n{said}\nat b"));
        let gave_up = complaining(results(1, 0), Complaint::GaveUp("no database".to_owned()));
        let verdict = judge(JUNIT, &Ended::Exited(0), "", Some(gave_up));
        assert_eq!(seen(&verdict), (Outcome::Error, Some("the tool gave up: no database"), false));
        let bare = complaining(
            results(0, 0),
            Complaint::Part { name: "p".into(), message: String::new(), detail: String::new() },
        );
        let verdict = judge(GO, &Ended::Exited(1), "x.go:1: undefined", Some(bare));
        assert!(verdict.trouble.expect("one").detail.ends_with("x.go:1: undefined"));
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (seconds, said) in
            [(0, "0 ms"), (90, "90 s"), (600, "10 min"), (125, "2 min 5 s"), (9000, "2 h 30 min")]
        {
            assert_eq!(words(Duration::from_secs(seconds)), said);
        }
    }
}
